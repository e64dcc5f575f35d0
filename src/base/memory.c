/* base/memory.c - realloc and free that cannot fail. */
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

void *ht_memory_take(void *piece, size_t size)
{
	void *got = piece ? realloc(piece, size) : calloc(1, size);

	if (!got) {
		fputs("hutong: no memory\n", stderr);
		abort();
	}
	return got;
}

void ht_memory_give(void *piece)
{
	free(piece);
}
