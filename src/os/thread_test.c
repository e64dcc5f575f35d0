/* os/thread_test.c - tests of the threads, queues and signals of os/os.h. */
#include <sched.h>
#include <signal.h>
#include <string.h>

#include "os/os.h"
#include "test/check.h"

enum { SENDERS = 3, EACH = 2000, ROOM = 8 };

static char numbers[SENDERS * EACH]; /* addresses to send */

struct sender {
	struct ht_queue *q;
	char *first;
	size_t full;
};

static void send_each(void *self)
{
	struct sender *s = self;

	for (int i = 0; i < EACH; i++) {
		while (!ht_queue_put(s->q, s->first + i)) {
			s->full++;
			sched_yield();
		}
	}
}

/* Everything arrives once, in the order of each sender. */
TEST(many_senders_one_receiver)
{
	struct ht_queue *q = ht_queue_new(ROOM);
	struct sender senders[SENDERS];
	struct ht_thread *threads[SENDERS];
	char *next[SENDERS];
	size_t got = 0;

	for (int i = 0; i < SENDERS; i++) {
		next[i] = numbers + (ptrdiff_t)i * EACH;
		senders[i] = (struct sender){ q, next[i], 0 };
		threads[i] = ht_thread_start("sender with a long name", send_each, &senders[i]);
	}
	while (got < SENDERS * EACH) {
		void *items[5];
		size_t n;

		CHECK(ht_queue_take(q, items, 5, INT64_MAX, &n) && n >= 1 && n <= 5);
		for (size_t i = 0; i < n; i++) {
			ptrdiff_t from = ((char *)items[i] - numbers) / EACH;

			CHECK(items[i] == next[from]);
			next[from]++;
		}
		got += n;
	}
	for (int i = 0; i < SENDERS; i++)
		ht_thread_join(threads[i]);
	ht_queue_free(q);
}

TEST(full_closed_and_empty)
{
	struct ht_queue *q = ht_queue_new(2);
	void *items[4];
	size_t n = 9;

	CHECK(ht_queue_put(q, numbers) && ht_queue_put(q, numbers + 1) && !ht_queue_put(q, numbers + 2));
	CHECK(ht_queue_take(q, items, 1, 0, &n) && n == 1 && items[0] == numbers);
	CHECK(ht_queue_put(q, numbers + 3));
	ht_queue_close(q);
	CHECK(!ht_queue_put(q, numbers + 4));
	CHECK(ht_queue_take(q, items, 4, INT64_MAX, &n) && n == 2 && items[0] == numbers + 1 && items[1] == numbers + 3);
	CHECK(!ht_queue_take(q, items, 4, INT64_MAX, &n) && n == 0);
	ht_queue_free(q);
	ht_queue_free(NULL);
}

static void wake(void *self)
{
	ht_queue_wake(self);
}

TEST(waiting_ends_by_time_or_wake)
{
	struct ht_queue *q = ht_queue_new(2);
	int64_t until = ht_monotonic_us() + 20000;
	struct ht_thread *t;
	void *items[4];
	size_t n = 9;

	CHECK(ht_queue_take(q, items, 4, 0, &n) && n == 0);
	CHECK(ht_queue_take(q, items, 4, until, &n) && n == 0 && ht_monotonic_us() >= until);
	t = ht_thread_start("wake", wake, q);
	CHECK(ht_queue_take(q, items, 4, INT64_MAX, &n) && n == 0);
	ht_thread_join(t);
	ht_thread_join(NULL);
	ht_queue_free(q);
}

struct counter {
	struct ht_lock *lock;
	int count;
};

static void count(void *self)
{
	struct counter *c = self;

	for (int i = 0; i < EACH; i++) {
		ht_lock_take(c->lock);
		c->count++;
		ht_lock_give(c->lock);
	}
}

TEST(a_lock_keeps_others_out)
{
	struct counter c = { ht_lock_new(), 0 };
	struct ht_thread *t = ht_thread_start("count", count, &c);

	count(&c);
	ht_thread_join(t);
	CHECK(c.count == 2 * EACH);
	ht_lock_free(c.lock);
	ht_lock_free(NULL);
}

TEST(signals_are_waited_for)
{
	int ends[2];

	ht_signals_block();
	CHECK(!kill(getpid(), SIGTERM));
	CHECK(ht_signals_wait() == SIGTERM);
	CHECK(!kill(getpid(), SIGINT));
	CHECK(ht_signals_wait() == SIGINT);
	if (CHECK(!pipe(ends))) {
		(void)close(ends[0]);
		CHECK(write(ends[1], "x", 1) < 0);
		(void)close(ends[1]);
	}
}

CHECK_MAIN(TEST_ROW(many_senders_one_receiver), TEST_ROW(full_closed_and_empty), TEST_ROW(waiting_ends_by_time_or_wake),
	   TEST_ROW(a_lock_keeps_others_out), TEST_ROW(signals_are_waited_for))
