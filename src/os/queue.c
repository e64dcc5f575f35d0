/* os/queue.c - a ring of pointers under one mutex; the receiver is told only when it waits. */
#include <assert.h>

#include "base/memory.h"
#include "os/os.h"
#include "os/wait.h"

struct ht_queue {
	struct ht_wait wait;
	size_t most, first, count;
	bool closed, woken, waiting;
	void *items[];
};

struct ht_queue *ht_queue_new(size_t most)
{
	struct ht_queue *q = ht_memory_take(NULL, sizeof(*q) + most * sizeof(q->items[0]));

	assert(most);
	ht_wait_init(&q->wait);
	q->most = most;
	return q;
}

void ht_queue_free(struct ht_queue *q)
{
	if (!q)
		return;
	ht_wait_fini(&q->wait);
	ht_memory_give(q);
}

/* With the mutex taken: lets the receiver go on. */
static void tell(struct ht_queue *q)
{
	if (q->waiting)
		ht_wait_tell(&q->wait);
	q->waiting = false;
}

bool ht_queue_put(struct ht_queue *q, void *item)
{
	bool good;

	ht_wait_take(&q->wait);
	good = !q->closed && q->count < q->most;
	if (good) {
		q->items[(q->first + q->count++) % q->most] = item;
		tell(q);
	}
	ht_wait_give(&q->wait);
	return good;
}

void ht_queue_close(struct ht_queue *q)
{
	ht_wait_take(&q->wait);
	q->closed = true;
	tell(q);
	ht_wait_give(&q->wait);
}

bool ht_queue_take(struct ht_queue *q, void **items, size_t max, int64_t wake_us, size_t *n)
{
	bool more;

	*n = 0;
	ht_wait_take(&q->wait);
	while (!q->count && !q->closed && !q->woken && ht_monotonic_us() < wake_us) {
		q->waiting = true;
		ht_wait_until(&q->wait, wake_us);
	}
	q->waiting = q->woken = false;
	while (*n < max && q->count) {
		items[(*n)++] = q->items[q->first];
		q->first = (q->first + 1) % q->most;
		q->count--;
	}
	more = *n || !q->closed || q->count;
	ht_wait_give(&q->wait);
	return more;
}

void ht_queue_wake(struct ht_queue *q)
{
	ht_wait_take(&q->wait);
	q->woken = true;
	tell(q);
	ht_wait_give(&q->wait);
}
