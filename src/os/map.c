/* os/map.c - whole files as memory, read only. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/errno.h"
#include "os/os.h"

enum ht_err ht_file_map(const char *path, struct ht_bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat about;
	void *at = NULL;
	enum ht_err err = HT_OK;

	*out = (struct ht_bytes){ NULL, 0 };
	if (fd < 0)
		return ht_errno(errno);
	if (fstat(fd, &about))
		err = ht_errno(errno);
	else if (!S_ISREG(about.st_mode))
		err = HT_E_DENIED;
	else if (about.st_size) {
		at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		err = at == MAP_FAILED ? ht_errno(errno) : HT_OK;
	}
	close(fd);
	if (!err && at)
		*out = (struct ht_bytes){ at, (size_t)about.st_size };
	return err;
}

void ht_file_unmap(struct ht_bytes map)
{
	if (map.at)
		munmap((void *)(uintptr_t)map.at, map.len);
}
