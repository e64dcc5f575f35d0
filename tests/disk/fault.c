/* tests/disk/fault.c - loaded before libc: makes writes or syncs of files below a folder fail while a control file says so.
 *
 * HT_FAULT_FOLDER  files below it are concerned, sockets and pipes never
 * HT_FAULT         the control file: "full" (ENOSPC of writes), "sync" (EIO of syncs), each with the end of a file's name behind a
 *                  blank for those files only; "rename" (ENOSPC of renames); not there or empty: all is well */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t write(int fd, const void *bytes, size_t len);
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at);
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at);
int fsync(int fd);
int fdatasync(int fd);
int renameat(int from_fd, const char *from, int to_fd, const char *to);

/* The next definition of a function, behind this one, as POSIX shows it for dlsym(). */
static void find(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort();
	memcpy(function, &found, sizeof(found));
}

static ssize_t read_control(char *out, size_t size)
{
	const char *path = getenv("HT_FAULT");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = fd < 0 ? -1 : read(fd, out, size);

	if (fd >= 0)
		close(fd);
	return n;
}

/* Whether an operation of this kind on fd, a file or folder, fails now. Leaves errno alone. */
static bool fails(int fd, const char *kind)
{
	const char *folder = getenv("HT_FAULT_FOLDER");
	char link[64], path[PATH_MAX], control[256];
	size_t len = strlen(kind), end;
	int before = errno;
	ssize_t n = read_control(control, sizeof(control) - 1), path_len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	path_len = n > 0 ? readlink(link, path, sizeof(path) - 1) : -1;
	errno = before;
	if (!folder || path_len < 0)
		return false;
	control[n] = path[path_len] = '\0';
	if (strncmp(path, folder, strlen(folder)) != 0 || strncmp(control, kind, len) != 0)
		return false;
	if (control[len] != ' ')
		return true;
	end = strlen(control + len + 1);
	return (size_t)path_len >= end && strcmp(path + path_len - end, control + len + 1) == 0;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	ssize_t (*next)(int, const void *, size_t);

	if (!fails(fd, "full")) {
		find("write", &next);
		return next(fd, bytes, len);
	}
	errno = ENOSPC;
	return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	ssize_t (*next)(int, const void *, size_t, off_t);

	if (!fails(fd, "full")) {
		find("pwrite", &next);
		return next(fd, bytes, len, at);
	}
	errno = ENOSPC;
	return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	ssize_t (*next)(int, const void *, size_t, off64_t);

	if (!fails(fd, "full")) {
		find("pwrite64", &next);
		return next(fd, bytes, len, at);
	}
	errno = ENOSPC;
	return -1;
}

int fsync(int fd)
{
	int (*next)(int);

	if (!fails(fd, "sync")) {
		find("fsync", &next);
		return next(fd);
	}
	errno = EIO;
	return -1;
}

int fdatasync(int fd)
{
	int (*next)(int);

	if (!fails(fd, "sync")) {
		find("fdatasync", &next);
		return next(fd);
	}
	errno = EIO;
	return -1;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	int (*next)(int, const char *, int, const char *);

	if (!fails(from_fd, "rename")) {
		find("renameat", &next);
		return next(from_fd, from, to_fd, to);
	}
	errno = ENOSPC;
	return -1;
}
