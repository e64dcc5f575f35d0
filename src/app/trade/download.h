/* app/trade/download.h - the bytes of a product into a file: hashed while they come, counted, on the disk before it returns.
 *
 * Memory  does not grow with the file. The address is dialled under the ranges of the user's node. */
#ifndef HT_APP_TRADE_DOWNLOAD_H
#define HT_APP_TRADE_DOWNLOAD_H

#include "app/trade/client.h"
#include "base/disk.h"
#include "base/net.h"
#include "crypto/crypto.h"

struct ht_download {
	/* in */
	const struct ht_disk *disk;
	const char *name;               /* of a new file there */
	unsigned mode;                  /* of it */
	const char *path;               /* of what it is to become, for people */
	struct ht_text url, authorization;
	const struct ht_ranges *allow;
	int64_t size;                   /* bytes that are described; more are not taken. -1: not said */
	/* out */
	int64_t got;
	uint8_t sha256[HT_SHA256];
};

/* HT_EXIT_DONE: the file is there, whole as the server sent it, and synced; size and hash are not compared yet, but got > size
 * when there was more. Else it is said and no file is left. */
int ht_download(struct ht_client *c, struct ht_download *d);

#endif
