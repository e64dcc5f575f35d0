/* os/folder.c - folders made, locked and listed, files opened for reading. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "os/errno.h"
#include "os/os.h"

/* A folder that is there, a new one, or why neither. A new one is synced into the one above it. */
static enum ht_err make_one(const char *path, const char *above, unsigned mode)
{
	enum ht_err err = HT_OK;
	struct stat is;
	int fd;

	if (mkdir(path, mode)) {
		if (errno != EEXIST)
			return ht_errno(errno);
		return stat(path, &is) || !S_ISDIR(is.st_mode) ? HT_E_DENIED : HT_OK;
	}
	fd = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		err = HT_E_SYNC;
	if (fd >= 0)
		(void)close(fd);
	return err;
}

enum ht_err ht_folder_make(const char *path, unsigned mode)
{
	char part[PATH_MAX], above[PATH_MAX];
	size_t len = strlen(path), cut = 0;

	if (!len || len >= sizeof(part))
		return HT_E_DENIED;
	above[0] = path[0] == '/' ? '/' : '.';
	above[1] = '\0';
	for (size_t i = 1; i <= len; i++) {
		if ((path[i] != '/' && path[i]) || path[i - 1] == '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		HT_TRY(make_one(part, above, mode));
		memcpy(above, part, i + 1);
		cut = i;
	}
	return cut ? HT_OK : HT_E_DENIED;
}

enum ht_err ht_folder_lock(const char *folder, int *fd)
{
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int lock = -1, why = errno;
	struct stat is;

	if (at >= 0) {
		lock = openat(at, "lock", O_RDWR | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0600);
		why = errno;
		(void)close(at);
	}
	if (lock < 0)
		return ht_errno(why);
	if (fstat(lock, &is) || !S_ISREG(is.st_mode)) {
		(void)close(lock);
		return HT_E_DENIED;
	}
	if (flock(lock, LOCK_EX | LOCK_NB)) {
		why = errno;
		(void)close(lock);
		return why == EWOULDBLOCK ? HT_E_LOCKED : HT_E_IO;
	}
	*fd = lock;
	return HT_OK;
}

enum ht_err ht_folder_each(const char *path, void (*take)(void *self, struct ht_text name, int64_t changed_us), void *self)
{
	DIR *d = opendir(path);
	struct dirent *e;
	struct stat is;
	int why;

	if (!d)
		return ht_errno(errno);
	while (errno = 0, (e = readdir(d))) {
		if (!fstatat(dirfd(d), e->d_name, &is, AT_SYMLINK_NOFOLLOW) && S_ISREG(is.st_mode))
			take(self, ht_text_of(e->d_name), (int64_t)is.st_mtim.tv_sec * 1000000 + is.st_mtim.tv_nsec / 1000);
	}
	why = errno;
	(void)closedir(d);
	return why ? HT_E_IO : HT_OK;
}

enum ht_err ht_folder_room(const char *path, int64_t *bytes)
{
	struct statvfs is;

	if (statvfs(path, &is))
		return ht_errno(errno);
	*bytes = is.f_bavail > (uint64_t)INT64_MAX / is.f_frsize ? INT64_MAX : (int64_t)(is.f_bavail * is.f_frsize);
	return HT_OK;
}

enum ht_err ht_file_open(const char *path, int *fd, int64_t *size)
{
	/* Without waiting: a pipe of this name would else wait for a writer. */
	int opened = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	enum ht_err err = HT_OK;
	struct stat is;

	if (opened < 0)
		return ht_errno(errno);
	if (fstat(opened, &is))
		err = HT_E_IO;
	else if (!S_ISREG(is.st_mode))
		err = HT_E_DENIED;
	if (err) {
		(void)close(opened);
		return err;
	}
	*fd = opened;
	*size = is.st_size;
	return HT_OK;
}
