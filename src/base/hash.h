/* base/hash.h - a fast hash of bytes for tables in memory. Not for secrets, not for keys that an enemy chooses and we keep without limit. */
#ifndef HT_BASE_HASH_H
#define HT_BASE_HASH_H

#include "base/text.h"

uint64_t ht_hash(struct ht_bytes b); /* FNV-1a, 64 bits */

#endif
