/* node/held_test.c - what waits goes in the order of its time, and not before it; which letters wait. */
#include "node/held.h"

#include "base/count.h"
#include "node/attempt.h"
#include "test/check.h"

TEST(in_order_and_not_before)
{
	static const int64_t at_us[] = { 50, 20, 50, 10, 30 };
	static const size_t order[] = { 3, 1, 4, 0, 2 };
	struct ht_held_row rows[HT_COUNT(at_us)];
	struct ht_held h = { 0 };

	CHECK(!ht_held_take(&h, INT64_MAX) && ht_held_wait(&h, 5, 1000) == 1000);
	for (size_t i = 0; i < HT_COUNT(rows); i++)
		ht_held_put(&h, &rows[i], at_us[i], &rows[i]);
	CHECK(ht_held_wait(&h, 4, 1000) == 6 && ht_held_wait(&h, 4, 5) == 5 && ht_held_wait(&h, 40, 1000) == 0);
	for (size_t i = 0; i < HT_COUNT(order); i++) {
		const struct ht_held_row *want = &rows[order[i]];

		CHECK_F(!ht_held_take(&h, want->at_us - 1), "row %zu before its time", i);
		CHECK_F(ht_held_take(&h, want->at_us) == want, "row %zu at its time", i);
	}
	CHECK(!h.first);
}

/* Letters to EDC that are no first message. */
TEST(which_letters_wait)
{
	static struct ht_peers peers = { .count = 3 };
	static const char *const names[] = { "edc", "fixed", "mixed" };
	struct ht_post post = { 0 };

	for (size_t i = 0; i < HT_COUNT(names); i++)
		peers.at[i].id = ht_text_of(names[i]);
	peers.at[0].send = HT_PEER_EDC_MOCK;
	peers.at[1].send = HT_PEER_HEADER;
	peers.at[2].accept = HT_PEER_EDC_MOCK;
	for (size_t i = 0; i < HT_COUNT(names); i++) {
		post.peer = ht_text_of(names[i]);
		CHECK_F((ht_attempt_hold_us(&peers, &post) > 0) == (i == 0), "%s", names[i]);
	}
	post.peer = HT_TEXT("did:web:x");
	CHECK(!ht_attempt_hold_us(&peers, &post));
	post.peer = HT_TEXT("edc");
	CHECK(ht_attempt_hold_us(&peers, &post) == HT_ATTEMPT_HOLD_MS * 1000);
	post.first = true;
	CHECK(!ht_attempt_hold_us(&peers, &post));
}

CHECK_MAIN(TEST_ROW(in_order_and_not_before), TEST_ROW(which_letters_wait))
