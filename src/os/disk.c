/* os/disk.c - the durable file operations on a real folder.
 *
 * Every path is taken from the descriptor of the folder, so that nothing changes when the folder is renamed. */
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

/* The descriptor to take path from. A path that leaves the folder is a bug. */
static int below(void *self, const char *path)
{
	const struct folder *f = self;

	assert(path[0] && path[0] != '/' && !strstr(path, ".."));
	return f->fd;
}

static enum ht_err disk_create(void *self, const char *path, unsigned mode, struct ht_file **out)
{
	int fd = openat(below(self, path), path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return ht_errno(errno);
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

/* Syncs the folder that path is in. */
static enum ht_err sync_above(int root, const char *path)
{
	char above[PATH_MAX] = ".";
	const char *slash = strrchr(path, '/');
	enum ht_err err = HT_OK;
	int fd;

	if (slash) {
		size_t len = (size_t)(slash - path);

		assert(len < sizeof(above));
		memcpy(above, path, len);
		above[len] = '\0';
	}
	fd = openat(root, above, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return HT_E_SYNC;
	if (fsync(fd))
		err = HT_E_SYNC;
	(void)close(fd);
	return err;
}

static enum ht_err disk_rename(void *self, const char *from, const char *to)
{
	int root = below(self, from);

	if (renameat(root, from, below(self, to), to)) {
		enum ht_err err = ht_errno(errno);

		return err == HT_E_MISSING || err == HT_E_FULL ? err : HT_E_IO;
	}
	return sync_above(root, to);
}

static enum ht_err disk_remove(void *self, const char *path)
{
	return unlinkat(below(self, path), path, 0) && errno != ENOENT ? ht_errno(errno) : HT_OK;
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

static enum ht_err disk_read(void *self, const char *path, size_t max, struct ht_arena *a, struct ht_bytes *out)
{
	int fd = openat(below(self, path), path, O_RDONLY | O_CLOEXEC);
	enum ht_err err;
	struct stat is;

	if (fd < 0)
		return ht_errno(errno);
	if (fstat(fd, &is))
		err = HT_E_IO;
	else if (!S_ISREG(is.st_mode))
		err = HT_E_DENIED;
	else if ((uint64_t)is.st_size > max)
		err = HT_E_TOO_BIG;
	else
		err = read_whole(fd, (size_t)is.st_size, a, out);
	(void)close(fd);
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
