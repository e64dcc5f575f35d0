/* desk/due.c - a table by process that says when each letter is due, a binary heap that orders the times, and a journal of one batch.
 *
 * The table decides: an entry of the heap whose time is not that of the table is stale, and passed over when it comes to the top. */
#include "desk/due.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

/* Besides times: no letter, or one that is under way. */
#define NOTHING INT64_MIN
#define UNDER_WAY (INT64_MIN + 1)

enum { FIRST_CAP = 64 };

struct pile {
	struct ht_due_entry *at;
	size_t count, cap;
};

struct ht_due {
	struct pile heap;
	struct pile before; /* of the batch that is open: what was in the table, in the order of the changes */
	struct ht_due_entry *table; /* open addressing; process 0: a free place */
	size_t table_count, table_cap;
	int64_t timer_us, timer_before_us;
};

struct ht_due *ht_due_new(void)
{
	struct ht_due *d = ht_memory_take(NULL, sizeof(*d));

	d->timer_us = d->timer_before_us = INT64_MAX;
	d->table_cap = FIRST_CAP;
	d->table = ht_memory_take(NULL, d->table_cap * sizeof(*d->table));
	return d;
}

void ht_due_free(struct ht_due *d)
{
	if (!d)
		return;
	ht_memory_give(d->heap.at);
	ht_memory_give(d->before.at);
	ht_memory_give(d->table);
	ht_memory_give(d);
}

static void pile_put(struct pile *p, struct ht_due_entry e)
{
	if (p->count == p->cap) {
		p->cap = p->cap ? p->cap * 2 : FIRST_CAP;
		p->at = ht_memory_take(p->at, p->cap * sizeof(*p->at));
	}
	p->at[p->count++] = e;
}

static void heap_put(struct pile *h, struct ht_due_entry e)
{
	size_t i = h->count;

	pile_put(h, e);
	while (i > 0 && h->at[(i - 1) / 2].due_us > e.due_us) {
		h->at[i] = h->at[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->at[i] = e;
}

static struct ht_due_entry heap_take(struct pile *h)
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

static size_t home(const struct ht_due *d, int64_t process)
{
	return (size_t)((uint64_t)process * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (d->table_cap - 1);
}

/* Where the process stands in the table, or the free place where it would. */
static size_t place(const struct ht_due *d, int64_t process)
{
	size_t i = home(d, process);

	while (d->table[i].process != 0 && d->table[i].process != process)
		i = (i + 1) & (d->table_cap - 1);
	return i;
}

static int64_t look_up(const struct ht_due *d, int64_t process)
{
	size_t i = place(d, process);

	return d->table[i].process ? d->table[i].due_us : NOTHING;
}

static void grow(struct ht_due *d)
{
	struct ht_due_entry *old = d->table;
	size_t old_cap = d->table_cap;

	d->table_cap *= 2;
	d->table = ht_memory_take(NULL, d->table_cap * sizeof(*d->table));
	for (size_t i = 0; i < old_cap; i++) {
		if (old[i].process)
			d->table[place(d, old[i].process)] = old[i];
	}
	ht_memory_give(old);
}

/* Frees a place; those behind it that would not be found any more move up. */
static void empty(struct ht_due *d, size_t i)
{
	size_t mask = d->table_cap - 1;

	d->table_count--;
	for (size_t j = (i + 1) & mask; d->table[j].process; j = (j + 1) & mask) {
		if (((j - home(d, d->table[j].process)) & mask) >= ((j - i) & mask)) {
			d->table[i] = d->table[j];
			i = j;
		}
	}
	d->table[i].process = 0;
}

static void put(struct ht_due *d, struct ht_due_entry e)
{
	size_t i = place(d, e.process);

	if (e.due_us == NOTHING) {
		if (d->table[i].process)
			empty(d, i);
		return;
	}
	if (!d->table[i].process && 2 * ++d->table_count > d->table_cap) {
		grow(d);
		i = place(d, e.process);
	}
	d->table[i] = e;
	if (e.due_us != UNDER_WAY)
		heap_put(&d->heap, e);
}

static void change(struct ht_due *d, struct ht_due_entry e)
{
	assert(e.process > 0);
	pile_put(&d->before, (struct ht_due_entry){ .due_us = look_up(d, e.process), .process = e.process });
	put(d, e);
}

void ht_due_set(struct ht_due *d, struct ht_due_entry e)
{
	assert(e.due_us > UNDER_WAY);
	if (e.due_us == INT64_MAX)
		e.due_us = NOTHING;
	change(d, e);
}

void ht_due_send(struct ht_due *d, int64_t process)
{
	change(d, (struct ht_due_entry){ .due_us = UNDER_WAY, .process = process });
}

void ht_due_drop(struct ht_due *d, int64_t process)
{
	change(d, (struct ht_due_entry){ .due_us = NOTHING, .process = process });
}

bool ht_due_under_way(const struct ht_due *d, int64_t process)
{
	return look_up(d, process) == UNDER_WAY;
}

/* Takes stale entries away, so that the first one is true. */
static void settle(struct ht_due *d)
{
	while (d->heap.count && look_up(d, d->heap.at[0].process) != d->heap.at[0].due_us)
		(void)heap_take(&d->heap);
}

bool ht_due_take(struct ht_due *d, int64_t now_us, struct ht_due_entry *out)
{
	settle(d);
	if (d->heap.count == 0 || d->heap.at[0].due_us > now_us)
		return false;
	*out = heap_take(&d->heap);
	ht_due_drop(d, out->process);
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
	d->before.count = 0;
	d->timer_before_us = d->timer_us;
	settle(d);
}

void ht_due_undo(struct ht_due *d)
{
	while (d->before.count)
		put(d, d->before.at[--d->before.count]);
	d->timer_us = d->timer_before_us;
	settle(d);
}

void ht_due_rewind(struct ht_due *d, int64_t latest_us)
{
	for (size_t i = 0; i < d->table_cap; i++) {
		if (d->table[i].process && d->table[i].due_us > latest_us) {
			d->table[i].due_us = latest_us;
			heap_put(&d->heap, d->table[i]);
		}
	}
	ht_due_timer(d, latest_us);
	d->timer_before_us = d->timer_us;
}
