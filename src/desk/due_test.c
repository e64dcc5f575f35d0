/* desk/due_test.c - what is due when, compared with a plain list that is gone through each time. */
#include "desk/due.h"

#include "base/random.h"
#include "test/check.h"

static struct ht_due_entry at(int64_t due_us, int64_t process)
{
	return (struct ht_due_entry){ .due_us = due_us, .process = process };
}

TEST(in_order_of_time)
{
	static const int64_t times[] = { 50, 20, 90, 10, 60, 30, 80, 40, 70 };
	struct ht_due *d = ht_due_new();
	struct ht_due_entry e;

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		ht_due_set(d, at(times[i], (int64_t)i + 1));
	ht_due_keep(d);
	CHECK(ht_due_first_us(d) == 10);
	CHECK(!ht_due_take(d, 9, &e));
	for (int64_t t = 10; t <= 90; t += 10)
		CHECK_F(ht_due_take(d, t, &e) && e.due_us == t && times[e.process - 1] == t, "%d", (int)t);
	CHECK(!ht_due_take(d, INT64_MAX, &e));
	CHECK(ht_due_first_us(d) == INT64_MAX);
	ht_due_free(d);
}

TEST(one_time_for_each_process)
{
	struct ht_due *d = ht_due_new();
	struct ht_due_entry e;

	ht_due_set(d, at(10, 1));
	ht_due_set(d, at(30, 1));
	ht_due_keep(d);
	CHECK(ht_due_first_us(d) == 30);
	ht_due_set(d, at(20, 1));
	ht_due_keep(d);
	CHECK(ht_due_take(d, 100, &e) && e.due_us == 20);
	CHECK(!ht_due_take(d, 100, &e));
	ht_due_set(d, at(INT64_MAX, 1));
	ht_due_keep(d);
	CHECK(ht_due_first_us(d) == INT64_MAX);
	ht_due_free(d);
}

TEST(under_way)
{
	struct ht_due *d = ht_due_new();
	struct ht_due_entry e;

	CHECK(!ht_due_under_way(d, 1));
	ht_due_set(d, at(10, 1));
	CHECK(!ht_due_under_way(d, 1));
	ht_due_send(d, 1);
	ht_due_keep(d);
	CHECK(ht_due_under_way(d, 1));
	CHECK(!ht_due_take(d, 100, &e));
	CHECK(ht_due_first_us(d) == INT64_MAX);
	ht_due_set(d, at(20, 1));
	CHECK(!ht_due_under_way(d, 1));
	ht_due_send(d, 1);
	ht_due_drop(d, 1);
	ht_due_keep(d);
	CHECK(!ht_due_under_way(d, 1));
	ht_due_free(d);
}

TEST(a_batch_that_fails)
{
	struct ht_due *d = ht_due_new();
	struct ht_due_entry e;

	ht_due_set(d, at(10, 1));
	ht_due_set(d, at(20, 2));
	ht_due_send(d, 3);
	ht_due_timer(d, 50);
	ht_due_keep(d);
	CHECK(ht_due_take(d, 15, &e));
	ht_due_set(d, at(5, 2));
	ht_due_set(d, at(1, 3));
	ht_due_send(d, 4);
	ht_due_drop(d, 2);
	CHECK(ht_due_timers(d, 60));
	ht_due_timer(d, 7);
	ht_due_undo(d);
	CHECK(ht_due_first_us(d) == 10);
	CHECK(ht_due_under_way(d, 3) && !ht_due_under_way(d, 4));
	CHECK(ht_due_take(d, 100, &e) && e.process == 1 && e.due_us == 10);
	CHECK(ht_due_take(d, 100, &e) && e.process == 2 && e.due_us == 20);
	CHECK(!ht_due_take(d, 100, &e));
	CHECK(!ht_due_timers(d, 49) && ht_due_timers(d, 50));
	ht_due_free(d);
}

TEST(timers)
{
	struct ht_due *d = ht_due_new();

	ht_due_timer(d, 30);
	ht_due_timer(d, 20);
	ht_due_timer(d, 40);
	ht_due_set(d, at(25, 1));
	ht_due_keep(d);
	CHECK(ht_due_first_us(d) == 20);
	CHECK(!ht_due_timers(d, 19));
	CHECK(ht_due_timers(d, 20));
	CHECK(!ht_due_timers(d, 1000));
	ht_due_keep(d);
	CHECK(ht_due_first_us(d) == 25);
	ht_due_free(d);
}

enum { PROCESSES = 300, STEPS = 200000, FREE = 0, AWAY = -1 };

/* The plain list: a time, FREE or AWAY for each process. */
struct plain {
	int64_t due_us[PROCESSES + 1];
};

static int64_t plain_first(const struct plain *p)
{
	int64_t first = INT64_MAX;

	for (int i = 1; i <= PROCESSES; i++) {
		if (p->due_us[i] > 0 && p->due_us[i] < first)
			first = p->due_us[i];
	}
	return first;
}

static void change_one(struct ht_due *d, struct plain *p, struct ht_random *r)
{
	int64_t process = 1 + (int64_t)ht_random_below(r, PROCESSES), due_us = 1 + (int64_t)ht_random_below(r, 1000);
	struct ht_due_entry e;

	switch (ht_random_below(r, 5)) {
	case 0:
	case 1:
		ht_due_set(d, at(due_us, process));
		p->due_us[process] = due_us;
		break;
	case 2:
		ht_due_send(d, process);
		p->due_us[process] = AWAY;
		break;
	case 3:
		ht_due_drop(d, process);
		p->due_us[process] = FREE;
		break;
	default:
		if (ht_due_take(d, due_us, &e)) {
			CHECK(p->due_us[e.process] == e.due_us && e.due_us == plain_first(p));
			p->due_us[e.process] = FREE;
		} else {
			CHECK(plain_first(p) > due_us);
		}
		break;
	}
}

TEST(as_a_plain_list)
{
	struct ht_due *d = ht_due_new();
	struct plain now = { 0 }, before = { 0 };
	struct ht_random r;

	ht_random_seed(&r, check_seed());
	for (int i = 0; i < STEPS; i++) {
		uint64_t end = ht_random_below(&r, 12);

		change_one(d, &now, &r);
		if (end > 1)
			continue;
		if (end == 0) {
			ht_due_keep(d);
			before = now;
		} else {
			ht_due_undo(d);
			now = before;
		}
		if (!CHECK(ht_due_first_us(d) == plain_first(&now)))
			break;
		for (int64_t p = 1; p <= PROCESSES; p++)
			CHECK(ht_due_under_way(d, p) == (now.due_us[p] == AWAY));
	}
	ht_due_free(d);
}

CHECK_MAIN(TEST_ROW(in_order_of_time), TEST_ROW(one_time_for_each_process), TEST_ROW(under_way), TEST_ROW(a_batch_that_fails),
	   TEST_ROW(timers), TEST_ROW(as_a_plain_list))
