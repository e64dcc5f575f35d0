/* os/disk.c - the durable file operations on a real folder.
 *
 * Every path is taken from the descriptor of the folder, so that nothing changes when the folder is renamed. No link is followed on the way:
 * what lies below the folder is ours alone. */
#include "base/disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "os/errno.h"
#include "os/os.h"

struct folder {
	int fd;
};

struct ht_file {
	int fd;
};

/* Opens the folder `name`, len bytes long, of `above`. */
static enum ht_err step_into(int above, const char *name, size_t len, int *fd)
{
	char one[NAME_MAX + 1];

	assert(len < sizeof(one));
	memcpy(one, name, len);
	one[len] = '\0';
	*fd = openat(above, one, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd >= 0)
		return HT_OK;
	return errno == ENOTDIR ? HT_E_DENIED : ht_errno(errno); /* a link is not followed */
}

/* The folder that path is in, to be closed, and the name there. A path that leaves the folder is a bug. */
static enum ht_err enter(const void *self, const char *path, int *fd, const char **name)
{
	const struct folder *f = self;
	const char *slash;
	enum ht_err err = step_into(f->fd, ".", 1, fd);

	assert(path[0] && path[0] != '/' && !strstr(path, ".."));
	while (!err && (slash = strchr(path, '/'))) {
		int above = *fd;

		err = step_into(above, path, (size_t)(slash - path), fd);
		(void)close(above);
		path = slash + 1;
	}
	*name = path;
	return err;
}

/* Opens what path names. */
static enum ht_err open_below(const void *self, const char *path, int flags, unsigned mode, int *fd)
{
	const char *name;
	int above, why;

	HT_TRY(enter(self, path, &above, &name));
	*fd = openat(above, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	why = errno;
	(void)close(above);
	return *fd < 0 ? ht_errno(why) : HT_OK;
}

static enum ht_err disk_create(void *self, const char *path, unsigned mode, struct ht_file **out)
{
	int fd;

	HT_TRY(open_below(self, path, O_WRONLY | O_CREAT | O_EXCL, mode, &fd));
	*out = ht_memory_take(NULL, sizeof(**out));
	(*out)->fd = fd;
	return HT_OK;
}

static enum ht_err disk_write(void *, struct ht_file *f, struct ht_bytes b)
{
	while (b.len) {
		ssize_t n = write(f->fd, b.at, b.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ht_errno(errno) == HT_E_FULL ? HT_E_FULL : HT_E_IO;
		b.at += n;
		b.len -= (size_t)n;
	}
	return HT_OK;
}

static enum ht_err disk_sync(void *, struct ht_file *f)
{
	return fsync(f->fd) ? HT_E_SYNC : HT_OK;
}

static void disk_close(void *, struct ht_file *f)
{
	(void)close(f->fd);
	ht_memory_give(f);
}

static enum ht_err rename_between(int from_fd, const char *from, int to_fd, const char *to)
{
	if (renameat(from_fd, from, to_fd, to)) {
		enum ht_err err = ht_errno(errno);

		return err == HT_E_MISSING || err == HT_E_FULL ? err : HT_E_IO;
	}
	return fsync(to_fd) ? HT_E_SYNC : HT_OK;
}

static enum ht_err disk_rename(void *self, const char *from, const char *to)
{
	int from_fd, to_fd;
	enum ht_err err;

	HT_TRY(enter(self, from, &from_fd, &from));
	err = enter(self, to, &to_fd, &to);
	if (!err) {
		err = rename_between(from_fd, from, to_fd, to);
		(void)close(to_fd);
	}
	(void)close(from_fd);
	return err;
}

static enum ht_err disk_remove(void *self, const char *path)
{
	enum ht_err err;
	int above;

	err = enter(self, path, &above, &path);
	if (err)
		return err == HT_E_MISSING ? HT_OK : err;
	err = unlinkat(above, path, 0) && errno != ENOENT ? ht_errno(errno) : HT_OK;
	(void)close(above);
	return err;
}

/* size bytes of fd, or fewer when it ends before. */
static enum ht_err read_whole(int fd, size_t size, struct ht_arena *a, struct ht_bytes *out)
{
	uint8_t *at = ht_arena_take(a, size);
	size_t have = 0;

	while (have < size) {
		ssize_t n = read(fd, at + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return HT_E_IO;
		if (!n)
			break;
		have += (size_t)n;
	}
	*out = (struct ht_bytes){ at, have };
	return HT_OK;
}

/* A plain file for reading. Without waiting: a pipe of this name would else wait for a writer. */
static enum ht_err open_plain(const void *self, const char *path, int *fd, int64_t *size)
{
	enum ht_err err = HT_OK;
	struct stat is;

	HT_TRY(open_below(self, path, O_RDONLY | O_NONBLOCK, 0, fd));
	if (fstat(*fd, &is))
		err = HT_E_IO;
	else if (!S_ISREG(is.st_mode))
		err = HT_E_DENIED;
	if (err)
		(void)close(*fd);
	else
		*size = is.st_size;
	return err;
}

static enum ht_err disk_read(void *self, const char *path, size_t max, struct ht_arena *a, struct ht_bytes *out)
{
	enum ht_err err;
	int64_t size;
	int fd;

	HT_TRY(open_plain(self, path, &fd, &size));
	err = (uint64_t)size > max ? HT_E_TOO_BIG : read_whole(fd, (size_t)size, a, out);
	(void)close(fd);
	return err;
}

enum ht_err ht_disk_file(const struct ht_disk *d, const char *path, int *fd, int64_t *size)
{
	int opened;

	HT_TRY(open_plain(d->self, path, &opened, size));
	*fd = opened;
	return HT_OK;
}

enum ht_err ht_disk_folder(const struct ht_disk *d, const char *path, unsigned mode)
{
	const char *name;
	enum ht_err err;
	int above, fd;

	HT_TRY(enter(d->self, path, &above, &name));
	if (!mkdirat(above, name, mode)) {
		err = fsync(above) ? HT_E_SYNC : HT_OK;
	} else if (errno != EEXIST) {
		err = ht_errno(errno);
	} else {
		err = step_into(above, name, strlen(name), &fd);
		if (!err)
			(void)close(fd);
	}
	(void)close(above);
	return err;
}

enum ht_err ht_disk_open(const char *path, struct ht_disk *out)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct folder *f;

	*out = (struct ht_disk){ .self = NULL };
	if (fd < 0)
		return ht_errno(errno);
	f = ht_memory_take(NULL, sizeof(*f));
	f->fd = fd;
	*out = (struct ht_disk){
		.self = f, .create = disk_create, .write = disk_write, .sync = disk_sync, .close = disk_close,
		.rename = disk_rename, .remove = disk_remove, .read = disk_read,
	};
	return HT_OK;
}

void ht_disk_close(struct ht_disk *d)
{
	struct folder *f = d->self;

	if (!f)
		return;
	(void)close(f->fd);
	ht_memory_give(f);
	*d = (struct ht_disk){ .self = NULL };
}
