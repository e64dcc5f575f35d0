/* base/disk.c - what is made of the operations of base/disk.h alone. */
#include "base/disk.h"

static enum ht_err write_synced(struct ht_disk *d, const char *path, unsigned mode, struct ht_text content)
{
	struct ht_file *f;
	enum ht_err err;

	HT_TRY(d->remove(d->self, path));
	HT_TRY(d->create(d->self, path, mode, &f));
	err = d->write(d->self, f, ht_text_bytes(content));
	if (!err)
		err = d->sync(d->self, f);
	d->close(d->self, f);
	return err;
}

enum ht_err ht_disk_put(struct ht_disk *d, const char *name, const char *temporary, unsigned mode, struct ht_text content)
{
	enum ht_err err = write_synced(d, temporary, mode, content), ignored;

	if (!err)
		err = d->rename(d->self, temporary, name);
	if (err) {
		ignored = d->remove(d->self, temporary); /* when it stays, the next put removes it */
		(void)ignored;
	}
	return err;
}
