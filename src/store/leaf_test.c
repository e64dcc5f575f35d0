/* store/leaf_test.c - what a step leaves behind and what it has yet to do: leaves, letters, messages, tokens seen, timers. */
#include "store/store.h"

#include "base/count.h"
#include "store/sample.h"
#include "test/check.h"

#define OK(call) CHECK((call) == HT_OK)
#define INT(member) CHECK_ROW(#member, x->member == y->member)
#define TEXT(member) CHECK_ROW(#member, ht_text_same(x->member, y->member))
#define HASH(member) CHECK_ROW(#member, !memcmp(x->member, y->member, 32))

static const struct ht_page all = { -1, HT_LIST_MAX };

/* Two parties, and processes 1 to 4 of them in turn. */
static void open_with_processes(struct sample *m)
{
	struct ht_party_row party;
	struct ht_process p;
	int64_t row;

	sample_open(m);
	for (int i = 1; i <= 2; i++) {
		party = sample_party(m, i);
		OK(ht_store_party_add(m->s, &party, &row));
	}
	for (int i = 1; i <= 4; i++) {
		p = sample_process(2 - i % 2, ht_text_z(&m->a, ht_text_format(&m->a, "urn:uuid:%d", i)));
		p.peer_pid = p.pid;
		p.chain = 100 + i;
		OK(ht_store_process_add(m->s, &p, &row));
		CHECK(row == i);
	}
}

static void same_letter(const struct ht_letter *x, const struct ht_letter *y)
{
	INT(process);
	INT(msg);
	TEXT(id);
	TEXT(url);
	INT(leaf);
	INT(made_us);
	INT(due_us);
	INT(open_us);
	INT(again_us);
	INT(attempts);
}

TEST(a_process_has_one_letter)
{
	struct sample m;
	struct ht_letter l = sample_letter(1), got;
	bool found;

	open_with_processes(&m);
	OK(ht_store_letter(m.s, 1, &m.a, &got, &found));
	CHECK(!found);
	OK(ht_store_letter_put(m.s, &l));
	l.attempts = 57;
	l.id = HT_TEXT("urn:uuid:second");
	OK(ht_store_letter_put(m.s, &l));
	OK(ht_store_letter(m.s, 1, &m.a, &got, &found));
	CHECK(found);
	same_letter(&l, &got);
	OK(ht_store_letter_remove(m.s, 2));
	OK(ht_store_letter(m.s, 1, &m.a, &got, &found));
	CHECK(found);
	OK(ht_store_letter_remove(m.s, 1));
	OK(ht_store_letter(m.s, 1, &m.a, &got, &found));
	CHECK(!found);
	sample_fini(&m);
}

TEST(letters_are_listed)
{
	struct sample m;
	struct ht_letter *list;
	size_t n;

	open_with_processes(&m);
	for (int i = 1; i <= 4; i++) {
		struct ht_letter l = sample_letter(i);

		OK(ht_store_letter_put(m.s, &l));
	}
	OK(ht_store_letters(m.s, 0, (struct ht_page){ 1, 2 }, &m.a, &list, &n));
	CHECK(n == 2 && list[0].process == 2 && list[1].process == 3);
	OK(ht_store_letters(m.s, 2, all, &m.a, &list, &n));
	CHECK(n == 2 && list[0].process == 2 && list[1].process == 4);
	OK(ht_store_letters(m.s, 3, all, &m.a, &list, &n));
	CHECK(n == 0);
	sample_fini(&m);
}

TEST(after_a_restart_letters_are_open)
{
	static const struct { const char *row; int64_t due, open, due_then, open_then; } rows[] = {
		{ "waiting", 5000, 0, 100, 460 },
		{ "dead", INT64_MAX, 7, INT64_MAX, 7 },
		{ "open for longer", 50, 900, 100, 900 },
	};
	struct sample m;
	struct ht_letter l;
	int64_t n;
	bool found;

	open_with_processes(&m);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		l = sample_letter((int64_t)i + 1);
		l.due_us = rows[i].due;
		l.open_us = rows[i].open;
		OK(ht_store_letter_put(m.s, &l));
	}
	OK(ht_store_letters_reopen(m.s, 100, 460, &n));
	CHECK(n == 2);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		OK(ht_store_letter(m.s, (int64_t)i + 1, &m.a, &l, &found));
		CHECK_ROW(rows[i].row, found && l.due_us == rows[i].due_then && l.open_us == rows[i].open_then);
	}
	sample_fini(&m);
}

TEST(messages)
{
	struct sample m;
	struct ht_message_row row = sample_message(1, "urn:uuid:m"), got;
	const struct ht_message_row *x = &row, *y = &got;
	bool found;

	open_with_processes(&m);
	OK(ht_store_message_add(m.s, &row));
	OK(ht_store_message(m.s, 1, row.id, &m.a, &got, &found));
	if (CHECK(found)) {
		INT(process);
		TEXT(id);
		INT(leaf);
		TEXT(token);
		HASH(key);
	}
	OK(ht_store_message(m.s, 2, row.id, &m.a, &got, &found));
	CHECK(!found);
	OK(ht_store_message(m.s, 1, HT_TEXT("urn:uuid:n"), &m.a, &got, &found));
	CHECK(!found);
	sample_fini(&m);
}

TEST(a_token_is_seen_once)
{
	struct sample m;
	bool fresh, found;

	sample_open(&m);
	OK(ht_store_seen_add(m.s, HT_TEXT("j"), HT_TEXT("did:a"), 100, &fresh));
	CHECK(fresh);
	OK(ht_store_seen_add(m.s, HT_TEXT("j"), HT_TEXT("did:a"), 200, &fresh));
	CHECK(!fresh);
	OK(ht_store_seen_add(m.s, HT_TEXT("j"), HT_TEXT("did:b"), 100, &fresh));
	CHECK(fresh);
	OK(ht_store_seen(m.s, HT_TEXT("j"), HT_TEXT("did:a"), &found));
	CHECK(found);
	OK(ht_store_seen(m.s, HT_TEXT("j"), HT_TEXT("did:c"), &found));
	CHECK(!found);
	OK(ht_store_seen_forget(m.s, 99, 10));
	OK(ht_store_seen(m.s, HT_TEXT("j"), HT_TEXT("did:a"), &found));
	CHECK(found);
	OK(ht_store_seen_forget(m.s, 100, 10));
	OK(ht_store_seen(m.s, HT_TEXT("j"), HT_TEXT("did:a"), &found));
	CHECK(!found);
	sample_fini(&m);
}

/* 100 tokens in random order, one of them too long to remember as a place; every third is still valid. */
TEST(tokens_are_forgotten_by_windows)
{
	struct sample m;
	int64_t left = 0, looked = 0;
	bool fresh, found;

	sample_open(&m);
	for (int i = 0; i < 100; i++)
		OK(ht_store_seen_add(m.s, ht_text_format(&m.a, "%0*d", i == 50 ? 300 : 3, i * 37 % 100), HT_TEXT("did:a"), i % 3 ? 10 : 20,
				     &fresh));
	OK(ht_store_seen_forget(m.s, 10, 20));
	for (int i = 0; i < 100; i++) {
		OK(ht_store_seen(m.s, ht_text_format(&m.a, "%0*d", i == 50 ? 300 : 3, i * 37 % 100), HT_TEXT("did:a"), &found));
		left += found;
	}
	CHECK(left < 100 && left >= 79); /* a window of 20 and the row at its end */
	for (; looked < 10; looked++)
		OK(ht_store_seen_forget(m.s, 10, 20));
	for (int i = 0; i < 100; i++) {
		OK(ht_store_seen(m.s, ht_text_format(&m.a, "%0*d", i == 50 ? 300 : 3, i * 37 % 100), HT_TEXT("did:a"), &found));
		CHECK_F(found == (i % 3 == 0), "token %d", i);
	}
	sample_fini(&m);
}

TEST(the_first_timer)
{
	static const struct ht_timer rows[] = { { 30, 1, 1 }, { 20, 2, 1 }, { 20, 2, 0 }, { 20, 9, 0 }, { 20, 2, 0 } };
	static const size_t order[] = { 2, 1, 3, 0 };
	struct sample m;
	struct ht_timer t;
	bool found;

	sample_open(&m);
	for (size_t i = 0; i < HT_COUNT(rows); i++)
		OK(ht_store_timer_add(m.s, rows[i])); /* the last one once more */
	for (size_t i = 0; i < HT_COUNT(order); i++) {
		OK(ht_store_timer_first(m.s, &t, &found));
		CHECK_F(found && t.due_us == rows[order[i]].due_us && t.process == rows[order[i]].process && t.kind == rows[order[i]].kind,
			"%zu", i);
		OK(ht_store_timer_remove(m.s, t));
	}
	OK(ht_store_timer_first(m.s, &t, &found));
	CHECK(!found);
	sample_fini(&m);
}

static void same_leaf(const struct ht_leaf *x, const struct ht_leaf *y)
{
	INT(index);
	INT(kind);
	INT(at_us);
	INT(party_row);
	INT(event);
	INT(chain_index);
	TEXT(party);
	TEXT(peer);
	TEXT(chain);
	TEXT(process);
	TEXT(agreement);
	INT(seq);
	INT(previous);
	TEXT(content_type);
	HASH(content_sha256);
	HASH(salt);
	HASH(commitment);
	INT(erased);
	CHECK_ROW("content", ht_bytes_same(x->content, y->content) && !x->content.at == !y->content.at);
}

TEST(a_leaf_comes_back)
{
	static const char *const names[] = { "whole", "empty content", "erased", "32 KB" };
	static uint8_t large[32768];
	struct sample m;
	struct ht_leaf leaf, got;
	bool found;

	sample_open(&m);
	memset(large, 'x', sizeof large);
	for (size_t i = 0; i < HT_COUNT(names); i++) {
		leaf = sample_leaf(m.s, 1, i ? 0 : -1);
		leaf.content.len = i == 1 ? 0 : leaf.content.len;
		if (i == 2) {
			leaf.erased = true;
			leaf.content = (struct ht_bytes){ 0 };
			memset(leaf.salt, 0, 32);
		}
		if (i == 3)
			leaf.content = (struct ht_bytes){ large, sizeof large };
		OK(ht_store_leaf_add(m.s, &leaf));
		OK(ht_store_leaf(m.s, leaf.index, &m.a, &got, &found));
		CHECK_ROW(names[i], found);
		same_leaf(&leaf, &got);
	}
	OK(ht_store_leaf(m.s, 4, &m.a, &got, &found));
	CHECK(!found);
	sample_fini(&m);
}

TEST(the_head_of_a_chain)
{
	static const struct { const char *row; int64_t party, chain; struct ht_leaf_head head; } rows[] = {
		{ "the first of all",          1, -1, { 0, 1, 0, -1 } },
		{ "the second of it",          1, 0,  { 1, 2, 1, 0 } },
		{ "the first of another",      2, -1, { 2, 1, 0, -1 } },
		{ "a new chain",               1, -1, { 3, 3, 0, -1 } },
		{ "back to the first",         1, 0,  { 4, 4, 2, 1 } },
		{ "of the node",               0, -1, { 5, 1, 0, -1 } },
		{ "of the second, again",      2, 2,  { 6, 2, 1, 2 } },
	};
	struct sample m;
	struct ht_leaf_head head;
	struct ht_leaf leaf;

	sample_open(&m);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		OK(ht_store_leaf_head(m.s, rows[i].party, rows[i].chain, &head));
		CHECK_ROW(rows[i].row, head.index == rows[i].head.index && head.event == rows[i].head.event &&
					       head.seq == rows[i].head.seq && head.previous == rows[i].head.previous);
		leaf = sample_leaf(m.s, rows[i].party, rows[i].chain);
		OK(ht_store_leaf_add(m.s, &leaf));
	}
	sample_fini(&m);
}

/* 60 leaves: the index modulo 3 is the party, 0 is the node; each party has one chain, which begins with its first leaf. */
TEST(leaves_are_listed)
{
	static const struct { const char *row; int64_t party, chain, after; size_t most, n; int64_t first, last; } rows[] = {
		{ "all",                        0, -1, -1, 1000, 60, 0, 59 },
		{ "a page of all",              0, -1, 9, 5, 5, 10, 14 },
		{ "of a party",                 1, -1, -1, 1000, 20, 1, 58 },
		{ "after one of the party",     1, -1, 10, 2, 2, 13, 16 },
		{ "after one of another",       1, -1, 12, 2, 2, 13, 16 },
		{ "after the last",             1, -1, 58, 2, 0, 0, 0 },
		{ "of a chain",                 0, 2, -1, 1000, 20, 2, 59 },
		{ "of a chain and its party",   2, 2, 5, 3, 3, 8, 14 },
		{ "of the chain of another",    1, 2, -1, 1000, 0, 0, 0 },
		{ "of a party without any",     7, -1, -1, 1000, 0, 0, 0 },
		{ "none at all",                0, -1, -1, 0, 0, 0, 0 },
	};
	struct sample m;
	struct ht_leaf leaf, *list;
	size_t n;

	sample_open(&m);
	for (int i = 0; i < 60; i++) {
		leaf = sample_leaf(m.s, i % 3, i < 3 ? -1 : i % 3);
		OK(ht_store_leaf_add(m.s, &leaf));
	}
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		OK(ht_store_leaves(m.s, rows[i].party, rows[i].chain, (struct ht_page){ rows[i].after, rows[i].most }, &m.a, &list, &n));
		if (CHECK_ROW(rows[i].row, n == rows[i].n) && n)
			CHECK_ROW(rows[i].row, list[0].index == rows[i].first && list[n - 1].index == rows[i].last);
	}
	sample_fini(&m);
}

/* By the numbers of the party's events, which are not those of the node. */
TEST(leaves_behind_a_number)
{
	static const struct {
		int64_t party, after;
		size_t most, n;
	} rows[] = {
		{ 1, 0, 10, 3 }, { 1, 1, 10, 2 }, { 1, 1, 1, 1 }, { 1, 3, 10, 0 }, { 1, INT64_MAX, 10, 0 }, { 2, 0, 10, 3 }, { 2, 2, 10, 1 }, { 3, 0, 10, 0 },
	};
	struct sample m;
	struct ht_leaf leaf, *leaves;
	size_t n;

	sample_open(&m);
	for (int i = 0; i < 9; i++) {
		leaf = sample_leaf(m.s, i % 3, i < 3 ? -1 : i % 3);
		OK(ht_store_leaf_add(m.s, &leaf));
	}
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		const struct ht_page page = { rows[i].after, rows[i].most };

		OK(ht_store_leaves_behind(m.s, rows[i].party, page, &m.a, &leaves, &n));
		CHECK_F(n == rows[i].n, "row %zu: %zu", i, n);
		for (size_t k = 0; k < n; k++)
			CHECK_F(leaves[k].party_row == rows[i].party && leaves[k].event == rows[i].after + 1 + (int64_t)k, "row %zu, %zu",
				i, k);
	}
	sample_fini(&m);
}

TEST(the_chain_of_an_id)
{
	static const struct { const char *row; int64_t party; const char *id; int64_t chain; } rows[] = {
		{ "a process", 1, "urn:uuid:1", 101 },          { "a process of any", 0, "urn:uuid:2", 102 },
		{ "a process of another", 1, "urn:uuid:2", -1 }, { "an agreement", 2, "urn:g", 102 },
		{ "an agreement of any", 0, "urn:g", 102 },     { "an agreement of another", 1, "urn:g", -1 },
		{ "a product", 1, "urn:x", 21 },                { "a product of any", 0, "urn:x", 21 },
		{ "a product of another", 2, "urn:x", -1 },     { "nothing", 0, "urn:nothing", -1 },
	};
	struct sample m;
	struct ht_agreement g = sample_agreement(2, "urn:g", 2);
	struct ht_product p;
	int64_t row, chain;
	bool found;

	open_with_processes(&m);
	p = sample_product(&m, 1, "urn:x", 1);
	OK(ht_store_agreement_add(m.s, &g));
	OK(ht_store_product_add(m.s, &p, &row));
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		chain = -1;
		OK(ht_store_chain_of(m.s, rows[i].party, ht_text_of(rows[i].id), &chain, &found));
		CHECK_ROW(rows[i].row, found == (rows[i].chain >= 0) && chain == rows[i].chain);
	}
	sample_fini(&m);
}

CHECK_MAIN(TEST_ROW(a_process_has_one_letter), TEST_ROW(letters_are_listed), TEST_ROW(after_a_restart_letters_are_open), TEST_ROW(messages),
	   TEST_ROW(a_token_is_seen_once), TEST_ROW(tokens_are_forgotten_by_windows), TEST_ROW(the_first_timer),
	   TEST_ROW(a_leaf_comes_back), TEST_ROW(the_head_of_a_chain), TEST_ROW(leaves_are_listed), TEST_ROW(leaves_behind_a_number),
	   TEST_ROW(the_chain_of_an_id))
