/* os/http_watchdog.c - the thread that cuts slow clients, and those who have gone, and answers for a user who is late.
 *
 * It sleeps until the next deadline. A deadline that is set meanwhile lies at least the shortest of the settings ahead, so that long is the most.
 * Without a connection there is no deadline: the first one wakes it, and so does the first extra one, whose deadline is short.
 * libmicrohttpd, which reads until less comes than it has room for, does not see the end of what comes together with the last bytes. */
#include <limits.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/http_slot.h"
#include "os/os.h"

/* TICK_US: deadlines that lie closer are one. GRACE_US: so long the loop may need from reading a head to knowing it. */
enum { TICK_US = 10000, GRACE_US = 500000, HEARD = 64 };

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void ht_http_wake(struct ht_http_server *s)
{
	const uint64_t one = 1;
	ssize_t n = write(s->bell, &one, sizeof(one));

	(void)n; /* it fails only when it rings already */
}

/* Who sends no more and has no request whose head is complete will have none. Returns when to look again. */
static int64_t part(struct ht_conn *c, int64_t now_us)
{
	char byte;
	ssize_t n;

	if (!c->shut)
		return INT64_MAX;
	n = atomic_load(&c->busy) ? 1 : recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n > 0) {
		c->shut_us = 0;
		return now_us + GRACE_US;
	}
	if (n == 0 && !c->shut_us)
		c->shut_us = now_us;
	if (n == 0 && now_us < c->shut_us + GRACE_US)
		return c->shut_us + GRACE_US;
	c->shut = false; /* n < 0: it was another's */
	if (n == 0)
		(void)shutdown(c->fd, SHUT_RDWR);
	return INT64_MAX;
}

/* With the lock taken, so that no descriptor belongs to another connection meanwhile: a connection takes it before it is closed. */
static int64_t cut(struct ht_http_server *s, int64_t now_us)
{
	int64_t next_us = INT64_MAX;

	for (size_t i = 0; i < s->conns_max; i++) {
		struct ht_conn *c = &s->conns[i];
		int64_t due_us = atomic_load_explicit(&c->due_us, memory_order_relaxed);

		if (due_us > now_us)
			next_us = least(next_us, due_us);
		else if (c->fd >= 0 && atomic_compare_exchange_strong(&c->due_us, &due_us, INT64_MAX))
			(void)shutdown(c->fd, SHUT_RDWR);
		next_us = least(next_us, part(c, now_us));
	}
	return next_us;
}

/* With the lock taken, which is given meanwhile. */
static void sleep_until(struct ht_http_server *s, int64_t until_us)
{
	struct epoll_event heard[HEARD];
	int64_t left_us = until_us - ht_monotonic_us();
	int wait_ms = left_us < 0 ? 0 : (int)least(INT_MAX, left_us / 1000 + 1), n;

	ht_wait_give(&s->wait);
	n = epoll_wait(s->ears, heard, HEARD, until_us == INT64_MAX ? -1 : wait_ms);
	if (n > 0)
		ht_nap(TICK_US); /* most who shut their side are gone by then, and many are one look */
	ht_wait_take(&s->wait);
	for (int i = 0; i < n; i++) {
		struct ht_conn *c = heard[i].data.ptr;
		uint64_t rings;

		if (c)
			c->shut = true;
		else if (read(s->bell, &rings, sizeof(rings)) < 0)
			break;
	}
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
			sleep_until(s, s->conns_open ? next_us : INT64_MAX);
	}
	ht_wait_give(&s->wait);
}
