/* base/arena.c - one malloc of the whole size; the kernel gives pages as they are touched.
 *
 * The first bytes of the region keep how far anybody came, copies included, now and before: a reset knows what to give back. */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ALIGN = 16, HEAD = ALIGN, KEEP = 1 << 20 };

struct head {
	char *high;    /* the first byte that nobody has touched since the last reset */
	char *touched; /* what lies beyond, and beyond high, has no pages */
};

static struct head *head_of(const struct ht_arena *a)
{
	return (struct head *)(void *)a->base;
}

_Noreturn static void stop(const struct ht_arena *a, size_t wanted)
{
	fprintf(stderr, "hutong: an arena of %zu bytes is full: %zu more are wanted\n", (size_t)(a->end - a->base), wanted);
	abort();
}

/* Moves a->at by size. */
static void advance(struct ht_arena *a, size_t size)
{
	struct head *head = head_of(a);

	a->at += size;
	if (a->at > head->high)
		head->high = a->at;
}

void ht_arena_init(struct ht_arena *a, size_t size)
{
	size_t whole = size + HEAD;

	assert(whole > size);
	a->base = malloc(whole);
	if (!a->base) {
		fprintf(stderr, "hutong: the machine has no memory for an arena of %zu bytes\n", size);
		abort();
	}
	a->at = a->base + HEAD;
	a->end = a->base + whole;
	head_of(a)->high = head_of(a)->touched = a->at;
}

void ht_arena_reset_to(struct ht_arena *a, size_t keep)
{
	struct head *head = head_of(a);
	char *touched = head->high > head->touched ? head->high : head->touched;

	assert(keep >= HEAD);
	if ((size_t)(touched - a->base) > keep) {
		uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
		uintptr_t from = ((uintptr_t)a->base + keep + page - 1) / page * page;
		uintptr_t to = (uintptr_t)touched / page * page;

		/* Whole pages of our own: the worst that a refusal does is to keep them. */
		if (to > from)
			(void)madvise(a->base + (from - (uintptr_t)a->base), to - from, MADV_DONTNEED);
		touched = a->base + keep;
	}
	a->at = a->base + HEAD;
	head->high = a->at;
	head->touched = touched;
}

void ht_arena_reset(struct ht_arena *a)
{
	ht_arena_reset_to(a, KEEP);
}

void ht_arena_fini(struct ht_arena *a)
{
	free(a->base);
	*a = (struct ht_arena){ 0 };
}

void *ht_arena_take(struct ht_arena *a, size_t size)
{
	size_t skip = -(uintptr_t)a->at % ALIGN;
	size_t room = (size_t)(a->end - a->at);
	char *piece;

	assert(a->base);
	if (skip > room || size > room - skip)
		stop(a, size);
	piece = a->at + skip;
	advance(a, skip + size);
	return memset(piece, 0, size);
}

void *ht_arena_grow(struct ht_arena *a, void *piece, size_t old, size_t size)
{
	char *at = piece, *copy;

	assert(size >= old && (piece || !old));
	if (at && at + old == a->at) {
		if (size - old > (size_t)(a->end - a->at))
			stop(a, size - old);
		advance(a, size - old);
		memset(at + old, 0, size - old);
		return at;
	}
	copy = ht_arena_take(a, size);
	if (old)
		memcpy(copy, at, old);
	return copy;
}
