/* base/disk.h - the few durable file operations as a table, so that a test can lose power or fill the disk.
 * os/os.h gives the real one. Paths are below the data folder, without ".."; a link on the way, or in the file's place, is HT_E_DENIED.
 *
 * Order of a file that must last: create, write..., sync, rename (which syncs the folder). */
#ifndef HT_BASE_DISK_H
#define HT_BASE_DISK_H

#include "base/err.h"

struct ht_file; /* opaque to everybody but the table that made it */

struct ht_disk {
	void *self;
	/* A new file that did not exist. HT_E_FULL, HT_E_IO, HT_E_DENIED. */
	enum ht_err (*create)(void *self, const char *path, unsigned mode, struct ht_file **out);
	/* All of it. HT_E_FULL, HT_E_IO. */
	enum ht_err (*write)(void *self, struct ht_file *f, struct ht_bytes b);
	/* HT_E_SYNC: what was written may be lost; the process must end. */
	enum ht_err (*sync)(void *self, struct ht_file *f);
	/* Always closes. */
	void (*close)(void *self, struct ht_file *f);
	/* Replaces `to`; the folder is synced. HT_E_MISSING, HT_E_FULL, HT_E_IO, HT_E_SYNC. */
	enum ht_err (*rename)(void *self, const char *from, const char *to);
	/* No error when it is not there. */
	enum ht_err (*remove)(void *self, const char *path);
	/* The whole plain file, at most max bytes. HT_E_MISSING, HT_E_TOO_BIG, HT_E_IO, HT_E_DENIED. */
	enum ht_err (*read)(void *self, const char *path, size_t max, struct ht_arena *a, struct ht_bytes *out);
};

/* A small file that is there whole or not at all: written beside as `temporary`, synced, renamed to name. On an error nothing of it stays.
 * Errors of the operations above. */
enum ht_err ht_disk_put(struct ht_disk *d, const char *name, const char *temporary, unsigned mode, struct ht_text content);

#endif
