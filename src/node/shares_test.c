/* node/shares_test.c - tests of node/shares.h: what one peer may have, what is left for others, and who is told to come again when. */
#include "node/shares.h"

#include "base/count.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "test/check.h"

enum { MOST = 512 };

static const int64_t begin_us = 1000 * HT_SECOND_US;

static struct ht_share nth(uint64_t peer, uint64_t host)
{
	return (struct ht_share){ .peer = 1000 + peer, .host = 1000000 + host };
}

static enum ht_share_is post(struct ht_shares *s, struct ht_share who)
{
	int64_t again_us;

	return ht_shares_take(s, HT_ERRAND_POST, who, begin_us, &again_us);
}

/* How many letters and looks it gets: many_peers of one host, many_hosts of one peer. */
static size_t fill(struct ht_shares *s, uint64_t first, bool many_peers, bool many_hosts)
{
	size_t n = 0;
	int64_t again_us;

	for (; n <= MOST; n++) {
		struct ht_share who = nth(first + (many_peers ? n : 0), first + (many_hosts ? n : 0));

		if (ht_shares_take(s, n % 2 ? HT_ERRAND_POST : HT_ERRAND_LOOK, who, begin_us, &again_us) != HT_SHARE_TAKEN)
			break;
	}
	return n;
}

TEST(a_quarter_by_peer_and_by_host)
{
	static const struct {
		const char *name;
		bool many_peers, many_hosts;
	} rows[] = { { "one peer on its host", false, false },
		     { "a host with many names", true, false },
		     { "a peer on many hosts", false, true } };

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_shares *s = ht_shares_new(MOST);

		CHECK_ROW(rows[i].name, fill(s, 1, rows[i].many_peers, rows[i].many_hosts) == MOST / 4);
		CHECK_ROW(rows[i].name, post(s, nth(1, 1)) == HT_SHARE_FULL);
		CHECK_ROW(rows[i].name, ht_shares_out(s) == MOST / 4);
		CHECK_ROW(rows[i].name, post(s, nth(9999, 9999)) == HT_SHARE_TAKEN);
		ht_shares_give(s, HT_ERRAND_POST, nth(9999, 9999), false, begin_us);
		ht_shares_give(s, HT_ERRAND_POST, nth(1, 1), false, begin_us);
		CHECK_ROW(rows[i].name, post(s, nth(1, 1)) == HT_SHARE_TAKEN);
		ht_shares_free(s);
	}
}

/* Fifty that do not answer take all that they get: one more has room, and so have documents and what users fetch. */
TEST(room_for_one_more)
{
	struct ht_shares *s = ht_shares_new(MOST);
	int64_t again_us;

	for (uint64_t i = 0; i < 50; i++)
		CHECK_F(fill(s, 10 * i, false, false) > 0, "peer %d", (int)i);
	CHECK(ht_shares_out(s) < MOST - 2);
	CHECK(post(s, nth(9999, 9999)) == HT_SHARE_TAKEN);
	CHECK(ht_shares_take(s, HT_ERRAND_DOCUMENT, (struct ht_share){ 0 }, begin_us, &again_us) == HT_SHARE_TAKEN);
	CHECK(ht_shares_take(s, HT_ERRAND_FETCH, (struct ht_share){ 0 }, begin_us, &again_us) == HT_SHARE_TAKEN);
	ht_shares_free(s);
}

/* What each kind leaves to the next; letters within this process have no share. */
TEST(room_by_kind)
{
	static const struct {
		enum ht_errand_kind kind;
		size_t most;
	} rows[] = { { HT_ERRAND_DOCUMENT, 4 }, { HT_ERRAND_FETCH, 6 }, { HT_ERRAND_POST, 8 }, { HT_ERRAND_REPORT, 8 + 1024 } };
	struct ht_shares *s = ht_shares_new(8);
	const struct ht_share nobody = { 0 };
	int64_t again_us;

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		while (ht_shares_out(s) < rows[i].most && ht_shares_take(s, rows[i].kind, nobody, begin_us, &again_us) == HT_SHARE_TAKEN)
			;
		CHECK_F(ht_shares_out(s) == rows[i].most, "kind %d", (int)rows[i].kind);
		CHECK_F(ht_shares_take(s, rows[i].kind, nobody, begin_us, &again_us) == HT_SHARE_BUSY, "kind %d", (int)rows[i].kind);
		CHECK_F(again_us >= HT_SECOND_US / 10, "kind %d", (int)rows[i].kind);
	}
	ht_shares_free(s);
	s = ht_shares_new(1);
	CHECK(post(s, nth(1, 1)) == HT_SHARE_TAKEN && post(s, nth(2, 2)) == HT_SHARE_BUSY);
	ht_shares_free(s);
}

/* Thousands that wait for one peer come one after the other: soon while it answers, slowly when it does not. */
TEST(when_to_come_again)
{
	struct ht_shares *s = ht_shares_new(MOST);
	int64_t at_us = begin_us, again_us = 0, before_us = 0;

	(void)fill(s, 1, false, false);
	CHECK(post(s, nth(1, 1)) == HT_SHARE_FULL);
	for (int i = 0; i < 1000; i++, before_us = again_us) {
		CHECK(ht_shares_take(s, HT_ERRAND_POST, nth(1, 1), at_us, &again_us) == HT_SHARE_FULL);
		CHECK_F(again_us >= HT_SECOND_US / 50 && again_us > before_us, "number %d", i);
	}
	CHECK_F(again_us < HT_SECOND_US / 2, "%lld", (long long)again_us);
	at_us += 2 * HT_SECOND_US;
	for (int i = 0; i < 1000; i++, before_us = again_us) {
		CHECK(ht_shares_take(s, HT_ERRAND_POST, nth(1, 1), at_us, &again_us) == HT_SHARE_FULL);
		CHECK_F(again_us >= HT_SECOND_US && (!i || again_us > before_us), "number %d", i);
	}
	CHECK_F(again_us > 4 * HT_SECOND_US && again_us < 6 * HT_SECOND_US, "%lld", (long long)again_us);
	ht_shares_give(s, HT_ERRAND_POST, nth(1, 1), false, at_us);
	CHECK(post(s, nth(1, 1)) == HT_SHARE_TAKEN);
	CHECK(ht_shares_take(s, HT_ERRAND_POST, nth(1, 1), at_us, &again_us) == HT_SHARE_FULL && again_us > 4 * HT_SECOND_US);
	ht_shares_give(s, HT_ERRAND_POST, nth(1, 1), true, at_us);
	while (ht_shares_take(s, HT_ERRAND_POST, nth(1, 1), at_us, &again_us) == HT_SHARE_TAKEN)
		;
	CHECK(again_us == HT_SECOND_US / 50);
	ht_shares_free(s);
}

/* A peer that answers has more, until it is silent for a second. */
TEST(half_while_it_answers)
{
	struct ht_shares *s = ht_shares_new(MOST);
	int64_t again_us;

	CHECK(fill(s, 1, false, false) == MOST / 4);
	ht_shares_give(s, HT_ERRAND_POST, nth(1, 1), true, begin_us);
	CHECK(fill(s, 1, false, false) == MOST / 4 + 1 && ht_shares_out(s) == MOST / 2);
	CHECK(fill(s, 2, false, false) == MOST / 8);
	ht_shares_give(s, HT_ERRAND_POST, nth(1, 1), false, begin_us + 2 * HT_SECOND_US);
	CHECK(ht_shares_take(s, HT_ERRAND_POST, nth(1, 1), begin_us + 2 * HT_SECOND_US, &again_us) == HT_SHARE_FULL);
	CHECK(again_us >= HT_SECOND_US);
	ht_shares_free(s);
}

TEST(who_it_is)
{
	static const struct {
		const char *peer, *url;
		bool same_peer, same_host;
	} rows[] = {
		{ "did:web:a", "http://host/other", true, true },
		{ "did:web:a", "HTTP://HOST:80/p", true, true },
		{ "did:web:b", "http://host/p", false, true },
		{ "did:web:a", "http://host:81/p", true, false },
		{ "did:web:a", "http://hostt/p", true, false },
		{ "did:web:A", "https://host/p", false, false },
	};
	struct ht_share of;

	ht_crypto_start();
	of = ht_share_of(HT_TEXT("did:web:a"), HT_TEXT("http://host/p"));
	CHECK(of.peer && of.host);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_share it = ht_share_of(ht_text_of(rows[i].peer), ht_text_of(rows[i].url));

		CHECK_ROW(rows[i].url, (it.peer == of.peer) == rows[i].same_peer);
		CHECK_ROW(rows[i].url, (it.host == of.host) == rows[i].same_host);
	}
}

/* A small table with keys that collide, against plain counts. */
TEST(as_counted)
{
	enum { N = 40, SMALL = 24 };
	static struct ht_share out[SMALL];
	struct ht_shares *s = ht_shares_new(SMALL);
	struct ht_random random;
	size_t count = 0;

	ht_random_seed(&random, check_seed());
	for (int turn = 0; turn < 100000; turn++) {
		uint64_t draw = ht_random_u64(&random);

		if (draw % 2 && count) {
			size_t i = (draw >> 8) % count;

			ht_shares_give(s, HT_ERRAND_POST, out[i], false, begin_us);
			out[i] = out[--count];
		} else {
			struct ht_share who = { .peer = 1 + 128 * ((draw >> 8) % N), .host = 2 + 128 * ((draw >> 16) % N) };
			size_t peer = 0, host = 0, share = SMALL - count > SMALL / 8 ? (SMALL - count) / 3 : 0;
			enum ht_share_is want = HT_SHARE_TAKEN, is = post(s, who);

			for (size_t i = 0; i < count; i++) {
				peer += out[i].peer == who.peer;
				host += out[i].host == who.host;
			}
			share = share ? share : 1;
			want = count == SMALL ? HT_SHARE_BUSY : peer >= share || host >= share ? HT_SHARE_FULL : HT_SHARE_TAKEN;
			CHECK_F(is == want, "turn %d: %d", turn, (int)is);
			if (is == HT_SHARE_TAKEN)
				out[count++] = who;
			if (is != want)
				break;
		}
		CHECK_F(ht_shares_out(s) == count, "turn %d", turn);
	}
	ht_shares_free(s);
}

CHECK_MAIN(TEST_ROW(a_quarter_by_peer_and_by_host), TEST_ROW(room_for_one_more), TEST_ROW(room_by_kind), TEST_ROW(when_to_come_again),
	   TEST_ROW(half_while_it_answers), TEST_ROW(who_it_is), TEST_ROW(as_counted))
