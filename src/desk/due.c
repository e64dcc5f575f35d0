/* desk/due.c - a binary heap with a journal of one batch. */
#include "desk/due.h"

#include <string.h>

#include "base/memory.h"

struct ht_pile {
	struct ht_due_entry *at;
	size_t count, cap;
};

struct ht_due {
	struct ht_pile heap;
	struct ht_pile added, taken; /* by the batch that is open */
	int64_t timer_us, timer_before_us;
};

struct ht_due *ht_due_new(void)
{
	struct ht_due *d = ht_memory_take(NULL, sizeof(*d));

	d->timer_us = d->timer_before_us = INT64_MAX;
	return d;
}

void ht_due_free(struct ht_due *d)
{
	if (!d)
		return;
	ht_memory_give(d->heap.at);
	ht_memory_give(d->added.at);
	ht_memory_give(d->taken.at);
	ht_memory_give(d);
}

static void pile_put(struct ht_pile *p, struct ht_due_entry e)
{
	if (p->count == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 64;
		p->at = ht_memory_take(p->at, p->cap * sizeof(*p->at));
	}
	p->at[p->count++] = e;
}

static void heap_put(struct ht_pile *h, struct ht_due_entry e)
{
	size_t i = h->count;

	pile_put(h, e);
	while (i > 0 && h->at[(i - 1) / 2].due_us > e.due_us) {
		h->at[i] = h->at[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->at[i] = e;
}

static struct ht_due_entry heap_take(struct ht_pile *h)
{
	struct ht_due_entry first = h->at[0], last = h->at[--h->count];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->count)
			break;
		if (child + 1 < h->count && h->at[child + 1].due_us < h->at[child].due_us)
			child++;
		if (h->at[child].due_us >= last.due_us)
			break;
		h->at[i] = h->at[child];
		i = child;
	}
	h->at[i] = last;
	return first;
}

void ht_due_add(struct ht_due *d, struct ht_due_entry e)
{
	pile_put(&d->added, e);
}

bool ht_due_take(struct ht_due *d, int64_t now_us, struct ht_due_entry *out)
{
	if (d->heap.count == 0 || d->heap.at[0].due_us > now_us)
		return false;
	*out = heap_take(&d->heap);
	pile_put(&d->taken, *out);
	return true;
}

void ht_due_timer(struct ht_due *d, int64_t due_us)
{
	if (due_us < d->timer_us)
		d->timer_us = due_us;
}

bool ht_due_timers(struct ht_due *d, int64_t now_us)
{
	if (d->timer_us > now_us)
		return false;
	d->timer_us = INT64_MAX;
	return true;
}

int64_t ht_due_first_us(const struct ht_due *d)
{
	int64_t letter_us = d->heap.count ? d->heap.at[0].due_us : INT64_MAX;

	return letter_us < d->timer_us ? letter_us : d->timer_us;
}

void ht_due_keep(struct ht_due *d)
{
	for (size_t i = 0; i < d->added.count; i++)
		heap_put(&d->heap, d->added.at[i]);
	d->added.count = d->taken.count = 0;
	d->timer_before_us = d->timer_us;
}

void ht_due_undo(struct ht_due *d)
{
	for (size_t i = 0; i < d->taken.count; i++)
		heap_put(&d->heap, d->taken.at[i]);
	d->added.count = d->taken.count = 0;
	d->timer_us = d->timer_before_us;
}
