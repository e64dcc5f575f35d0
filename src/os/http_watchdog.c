/* os/http_watchdog.c - the thread that cuts slow clients and answers for a user who is late.
 *
 * It sleeps until the next deadline. A deadline that is set meanwhile lies at least the shortest of the settings ahead, so that long is the most.
 * Without a connection there is no deadline: the first one wakes it. */
#include <sys/socket.h>

#include "os/http_slot.h"
#include "os/os.h"

enum { TICK_US = 10000 }; /* deadlines that lie closer are one */

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* With the lock taken, so that no descriptor belongs to another connection meanwhile: a connection takes it before it is closed. */
static int64_t cut(struct ht_http_server *s, int64_t now_us)
{
	int64_t next_us = INT64_MAX;

	for (size_t i = 0; i < s->settings.connections_max; i++) {
		struct ht_conn *c = &s->conns[i];
		int64_t due_us = atomic_load_explicit(&c->due_us, memory_order_relaxed);

		if (due_us > now_us)
			next_us = least(next_us, due_us);
		else if (c->fd >= 0 && atomic_compare_exchange_strong(&c->due_us, &due_us, INT64_MAX))
			(void)shutdown(c->fd, SHUT_RDWR);
	}
	return next_us;
}

void ht_http_watch(void *self)
{
	struct ht_http_server *s = self;
	const struct ht_http_settings *set = &s->settings;
	int64_t shortest_us = least(least(set->head_us, set->body_us), least(set->answer_us, set->idle_us));

	ht_wait_take(&s->wait);
	while (!s->ending) {
		int64_t now_us = ht_monotonic_us(), next_us = least(now_us + shortest_us, cut(s, now_us));

		ht_wait_give(&s->wait);
		next_us = least(next_us, ht_slot_expire(s, now_us, false));
		ht_wait_take(&s->wait);
		next_us = next_us < now_us + TICK_US ? now_us + TICK_US : next_us;
		if (!s->ending)
			ht_wait_until(&s->wait, s->conns_open ? next_us : INT64_MAX);
	}
	ht_wait_give(&s->wait);
}
