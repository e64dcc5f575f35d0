/* base/hash.c - FNV-1a. Source: Fowler, Noll, Vo; draft-eastlake-fnv. */
#include "base/hash.h"

uint64_t ht_hash(struct ht_bytes b)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < b.len; i++)
		h = (h ^ b.at[i]) * UINT64_C(1099511628211);
	return h;
}
