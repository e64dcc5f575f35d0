/* base/arena.h - memory by lifetime: taken piece by piece, given back all at once.
 *
 * Memory  one contiguous region, reserved at once and touched only as it is used. A function that returns memory takes
 *         `struct ht_arena *`; one that only needs room takes `struct ht_arena` by value and so forgets it on return.
 * Errors  none. What comes from outside has limits that keep every arena far below its size; a full arena is a bug
 *         and stops the process, and so does a machine without memory (doc/adr/0002). */
#ifndef HT_BASE_ARENA_H
#define HT_BASE_ARENA_H

#include <stddef.h>

struct ht_arena {
	char *base; /* owned by the arena that ht_arena_init() filled; copies borrow */
	char *at;   /* next free byte */
	char *end;
};

/* Reserves size bytes (address space; pages appear when touched). */
void ht_arena_init(struct ht_arena *a, size_t size);

/* Everything taken is void. Of the pages that were touched the first megabyte is kept, the rest is given back. */
void ht_arena_reset(struct ht_arena *a);
/* The same with keep bytes, at least 16, instead of a megabyte. */
void ht_arena_reset_to(struct ht_arena *a, size_t keep);

/* Zeroed memory is accepted. */
void ht_arena_fini(struct ht_arena *a);

/* size zeroed bytes, aligned for any type; never NULL. size 0 gives a valid pointer. */
void *ht_arena_take(struct ht_arena *a, size_t size);

/* Grows the piece `piece` of old bytes to size bytes: in place if it is the last one taken, else a copy.
 * The bytes beyond old are zero. piece may be NULL when old is 0. */
void *ht_arena_grow(struct ht_arena *a, void *piece, size_t old, size_t size);

/* A zeroed array of n elements of a type. */
#define HT_TAKE(arena, type, n) ((type *)ht_arena_take((arena), sizeof(type) * (n)))

#endif
