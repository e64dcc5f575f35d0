/* store/bad_disk.h - for the tests of the store: a layer under SQLite that fails once, at the n-th write or sync.
 *
 * Memory of SQLite's file is behind ours; every call goes through. No xFetch: the store maps nothing. */
#ifndef HT_STORE_BAD_DISK_H
#define HT_STORE_BAD_DISK_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* The disk: SQLite's own, until the fault that is due. */
enum operation { WRITE, SYNC };

static struct {
	enum operation operation;
	int in, code; /* in 1: the next one of that operation fails; 0: none, or it has happened */
} fault;

struct faulty_file {
	sqlite3_file head;
	sqlite3_file *real; /* behind this struct */
};

static sqlite3_file *real(sqlite3_file *f)
{
	return ((struct faulty_file *)f)->real;
}

static bool due(enum operation operation)
{
	return fault.in && fault.operation == operation && --fault.in == 0;
}

static int faulty_close(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}

static int faulty_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), to, n, at);
}

static int faulty_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	return due(WRITE) ? fault.code : real(f)->pMethods->xWrite(real(f), from, n, at);
}

static int faulty_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	return real(f)->pMethods->xTruncate(real(f), size);
}

static int faulty_sync(sqlite3_file *f, int flags)
{
	return due(SYNC) ? fault.code : real(f)->pMethods->xSync(real(f), flags);
}

static int faulty_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real(f)->pMethods->xFileSize(real(f), size);
}

static int faulty_lock(sqlite3_file *f, int lock)
{
	return real(f)->pMethods->xLock(real(f), lock);
}

static int faulty_unlock(sqlite3_file *f, int lock)
{
	return real(f)->pMethods->xUnlock(real(f), lock);
}

static int faulty_reserved(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int faulty_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int faulty_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int faulty_traits(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int faulty_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}

static int faulty_shm_lock(sqlite3_file *f, int from, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), from, n, flags);
}

static void faulty_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int faulty_shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods faulty_methods = {
	.iVersion = 2,
	.xClose = faulty_close,
	.xRead = faulty_read,
	.xWrite = faulty_write,
	.xTruncate = faulty_truncate,
	.xSync = faulty_sync,
	.xFileSize = faulty_size,
	.xLock = faulty_lock,
	.xUnlock = faulty_unlock,
	.xCheckReservedLock = faulty_reserved,
	.xFileControl = faulty_control,
	.xSectorSize = faulty_sector,
	.xDeviceCharacteristics = faulty_traits,
	.xShmMap = faulty_shm_map,
	.xShmLock = faulty_shm_lock,
	.xShmBarrier = faulty_shm_barrier,
	.xShmUnmap = faulty_shm_unmap,
};

static int faulty_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out)
{
	sqlite3_vfs *below = vfs->pAppData;
	struct faulty_file *file = (struct faulty_file *)f;
	int code;

	file->real = (sqlite3_file *)(void *)(file + 1);
	code = below->xOpen(below, path, file->real, flags, out);
	file->head.pMethods = file->real->pMethods ? &faulty_methods : NULL;
	return code;
}

/* Every store that is opened from now on is on that disk. */
static inline void use_faulty_disk(void)
{
	static sqlite3_vfs vfs;

	if (vfs.zName)
		return;
	vfs = *sqlite3_vfs_find(NULL);
	vfs.pAppData = sqlite3_vfs_find(NULL);
	vfs.zName = "faulty";
	vfs.szOsFile += (int)sizeof(struct faulty_file);
	vfs.xOpen = faulty_open;
	sqlite3_vfs_register(&vfs, 1);
}

#endif
