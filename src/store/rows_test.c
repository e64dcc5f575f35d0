/* store/rows_test.c - every noun: what is written comes back, in every field; what is looked for is found for the right party
 * only; lists come in pages. */
#include "store/store.h"

#include "base/count.h"
#include "store/sample.h"
#include "test/check.h"

#define OK(call) CHECK((call) == HT_OK)
#define INT(member) CHECK_ROW(#member, x->member == y->member)
#define TEXT(member) CHECK_ROW(#member, ht_text_same(x->member, y->member))
#define HASH(member) CHECK_ROW(#member, !memcmp(x->member, y->member, 32))

static const struct ht_page all = { -1, HT_LIST_MAX };

static int64_t add_party(struct sample *m, int n)
{
	struct ht_party_row p = sample_party(m, n);
	int64_t row = 0;

	OK(ht_store_party_add(m->s, &p, &row));
	return row;
}

/* A negotiation that has come to this agreement. */
static int64_t add_agreed(struct sample *m, int64_t party, const char *pid, const char *agreement)
{
	struct ht_process p = sample_process(party, pid);
	int64_t row = 0;

	p.machine = HT_NEGOTIATION;
	p.agreement = ht_text_of(agreement);
	p.peer_pid = ht_text_format(&m->a, "peer of %s", pid);
	OK(ht_store_process_add(m->s, &p, &row));
	return row;
}

TEST(meta_is_replaced)
{
	struct sample m;
	struct ht_text value = { 0 };
	bool found;

	sample_open(&m);
	OK(ht_store_meta(m.s, "public_url", &m.a, &value, &found));
	CHECK(!found);
	OK(ht_store_meta_put(m.s, "public_url", HT_TEXT("http://a")));
	OK(ht_store_meta_put(m.s, "public_url", HT_TEXT("http://b")));
	OK(ht_store_meta_put(m.s, "empty", (struct ht_text){ 0 }));
	OK(ht_store_meta(m.s, "public_url", &m.a, &value, &found));
	CHECK(found && ht_text_is(value, "http://b"));
	OK(ht_store_meta(m.s, "empty", &m.a, &value, &found));
	CHECK(found && value.len == 0);
	sample_fini(&m);
}

static void same_party(const struct ht_party_row *x, const struct ht_party_row *y)
{
	TEXT(party.id);
	TEXT(party.name);
	TEXT(party.did);
	INT(chain);
	INT(made_us);
}

TEST(parties)
{
	struct sample m;
	struct ht_party_row p, got, *list;
	int64_t row;
	bool found;
	size_t n;

	sample_open(&m);
	p = sample_party(&m, 1);
	row = add_party(&m, 1);
	CHECK(row == 1 && add_party(&m, 2) == 2 && add_party(&m, 3) == 3);
	OK(ht_store_party(m.s, row, &m.a, &got, &found));
	CHECK(found && got.party.row == row);
	same_party(&p, &got);
	OK(ht_store_party_by_id(m.s, HT_TEXT("party-2"), &m.a, &got, &found));
	CHECK(found && got.party.row == 2);
	OK(ht_store_party_by_did(m.s, HT_TEXT("did:web:example.org:p:3"), &m.a, &got, &found));
	CHECK(found && got.party.row == 3);
	OK(ht_store_party_by_id(m.s, HT_TEXT("did:web:example.org:p:3"), &m.a, &got, &found));
	CHECK(!found);
	OK(ht_store_party(m.s, 4, &m.a, &got, &found));
	CHECK(!found);
	OK(ht_store_parties(m.s, (struct ht_page){ 1, 1 }, &m.a, &list, &n));
	CHECK(n == 1 && list[0].party.row == 2);
	OK(ht_store_parties(m.s, (struct ht_page){ 3, 10 }, &m.a, &list, &n));
	CHECK(n == 0);
	sample_fini(&m);
}

TEST(keys_stay_for_360_s)
{
	static const struct { const char *row; int64_t now_us; size_t n; } rows[] = {
		{ "before it is retired", 1, 2 },
		{ "at the last moment", 1000 + INT64_C(360000000), 2 },
		{ "a microsecond later", 1001 + INT64_C(360000000), 1 },
	};
	struct sample m;
	struct ht_key_row old = { .kid = HT_TEXT("did#old"), .made_us = 500, .retired_us = 1000 },
			  new = { .kid = HT_TEXT("did#new"), .made_us = 900 };
	struct ht_key_row *list;
	size_t n;

	sample_open(&m);
	old.party = new.party = add_party(&m, 1);
	sample_hash(old.pub, 1);
	sample_hash(new.pub, 2);
	OK(ht_store_key_add(m.s, &old));
	OK(ht_store_key_add(m.s, &new));
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		OK(ht_store_keys(m.s, new.party, rows[i].now_us, &m.a, &list, &n));
		CHECK_ROW(rows[i].row, n == rows[i].n && ht_text_is(list[0].kid, "did#new") && list[0].retired_us == 0);
	}
	OK(ht_store_keys(m.s, new.party, 1, &m.a, &list, &n));
	if (CHECK(n == 2)) {
		const struct ht_key_row *x = &old, *y = &list[1];

		INT(party);
		TEXT(kid);
		HASH(pub);
		INT(made_us);
		INT(retired_us);
	}
	OK(ht_store_keys(m.s, new.party + 1, 1, &m.a, &list, &n));
	CHECK(n == 0);
	sample_fini(&m);
}

static void same_token(const struct ht_token_row *x, const struct ht_token_row *y)
{
	INT(id);
	HASH(hash);
	INT(role);
	INT(party);
	INT(made_us);
	INT(revoked_us);
	TEXT(party_id);
}

TEST(tokens)
{
	struct sample m;
	struct ht_token_row of_party = { .role = HT_PROVIDER, .made_us = 5, .party_id = HT_TEXT("party-1") },
			    of_node = { .role = HT_OPERATOR, .made_us = 6 };
	struct ht_token_row got, *list;
	bool found;
	size_t n;

	sample_open(&m);
	of_party.party = add_party(&m, 1);
	sample_hash(of_party.hash, 1);
	sample_hash(of_node.hash, 2);
	OK(ht_store_token_add(m.s, &of_party, &of_party.id));
	OK(ht_store_token_add(m.s, &of_node, &of_node.id));
	OK(ht_store_token_by_hash(m.s, of_party.hash, &m.a, &got, &found));
	CHECK(found);
	same_token(&of_party, &got);
	OK(ht_store_token(m.s, of_node.id, &m.a, &got, &found));
	CHECK(found);
	same_token(&of_node, &got);
	OK(ht_store_token_revoke(m.s, of_party.id, 7));
	OK(ht_store_token_revoke(m.s, of_party.id, 8));
	OK(ht_store_tokens(m.s, all, &m.a, &list, &n));
	of_party.revoked_us = 7; /* the first time counts */
	if (CHECK(n == 2)) {
		same_token(&of_party, &list[0]);
		same_token(&of_node, &list[1]);
	}
	OK(ht_store_tokens(m.s, (struct ht_page){ of_party.id, 5 }, &m.a, &list, &n));
	CHECK(n == 1 && list[0].id == of_node.id);
	sample_hash(got.hash, 3);
	OK(ht_store_token_by_hash(m.s, got.hash, &m.a, &got, &found));
	CHECK(!found);
	sample_fini(&m);
}

static void same_product(const struct ht_product *x, const struct ht_product *y)
{
	INT(party);
	TEXT(id);
	INT(version);
	TEXT(title);
	TEXT(policy);
	TEXT(offer);
	TEXT(audience);
	TEXT(file);
	INT(size);
	HASH(sha256);
	INT(published_us);
	INT(chain);
}

TEST(products_have_versions)
{
	struct sample m;
	struct ht_product first, second, other, got;
	int64_t a, b, row;
	uint8_t hash[32];
	bool found;

	sample_open(&m);
	a = add_party(&m, 1);
	b = add_party(&m, 2);
	first = sample_product(&m, a, "urn:x", 1);
	second = sample_product(&m, a, "urn:x", 2);
	other = sample_product(&m, b, "urn:x", 9);
	OK(ht_store_product_add(m.s, &first, &row));
	OK(ht_store_product_add(m.s, &other, &row));
	OK(ht_store_product_add(m.s, &second, &row));
	OK(ht_store_product(m.s, a, first.id, 0, &m.a, &got, &found));
	CHECK(found && got.row == row);
	same_product(&second, &got);
	OK(ht_store_product(m.s, a, first.id, 1, &m.a, &got, &found));
	CHECK(found);
	same_product(&first, &got);
	OK(ht_store_product(m.s, a, first.id, 3, &m.a, &got, &found));
	CHECK(!found);
	OK(ht_store_product_by_offer(m.s, a, second.offer, &m.a, &got, &found));
	CHECK(found && got.version == 2);
	OK(ht_store_product_by_offer(m.s, a, first.offer, &m.a, &got, &found)); /* no longer offered */
	CHECK(!found);
	OK(ht_store_product_by_offer(m.s, b, second.offer, &m.a, &got, &found));
	CHECK(!found);
	OK(ht_store_product_has(m.s, a, first.sha256, &found));
	CHECK(found);
	OK(ht_store_product_has(m.s, b, first.sha256, &found));
	CHECK(!found);
	sample_hash(hash, 100);
	OK(ht_store_product_has(m.s, a, hash, &found));
	CHECK(!found);
	sample_fini(&m);
}

/* A file that was pushed belongs to its transfer, and to each other one that brought the same, while one of them is not terminated. */
TEST(files_that_were_pushed)
{
	struct sample m;
	struct ht_process first, second;
	int64_t a, b;
	bool found;

	sample_open(&m);
	a = add_party(&m, 1);
	b = add_party(&m, 2);
	first = sample_process(a, "urn:1");
	second = sample_process(a, "urn:2");
	second.peer_pid = HT_TEXT("another peer pid");
	first.state = second.state = HT_COMPLETED;
	sample_hash(first.pushed, 50);
	sample_hash(second.pushed, 50);
	OK(ht_store_process_add(m.s, &first, &first.row));
	OK(ht_store_process_add(m.s, &second, &second.row));
	OK(ht_store_product_has(m.s, a, first.pushed, &found));
	CHECK(found);
	OK(ht_store_product_has(m.s, b, first.pushed, &found));
	CHECK(!found);
	first.state = HT_TERMINATED;
	OK(ht_store_process_save(m.s, &first));
	OK(ht_store_product_has(m.s, a, first.pushed, &found));
	CHECK(found);
	second.state = HT_TERMINATED;
	OK(ht_store_process_save(m.s, &second));
	OK(ht_store_product_has(m.s, a, first.pushed, &found));
	CHECK(!found);
	sample_fini(&m);
}

TEST(products_are_listed_newest_versions_only)
{
	struct sample m;
	struct ht_product p, *list;
	int64_t a, b, row;
	size_t n, seen = 0;

	sample_open(&m);
	a = add_party(&m, 1);
	b = add_party(&m, 2);
	for (int i = 0; i < 30; i++) {
		p = sample_product(&m, i % 3 ? a : b, i < 15 ? ht_text_z(&m.a, ht_text_format(&m.a, "urn:%d", i)) : "urn:same", i + 1);
		OK(ht_store_product_add(m.s, &p, &row));
	}
	OK(ht_store_products(m.s, 0, all, &m.a, &list, &n));
	CHECK(n == 17);
	OK(ht_store_products(m.s, b, all, &m.a, &list, &n));
	CHECK(n == 6 && list[5].version == 28 && list[0].party == b);
	for (struct ht_page page = { 0, 4 };; page.after = list[n - 1].row) {
		OK(ht_store_products(m.s, a, page, &m.a, &list, &n));
		if (!n)
			break;
		for (size_t i = 0; i < n; i++)
			CHECK(list[i].party == a && list[i].row > page.after);
		seen += n;
	}
	CHECK(seen == 11);
	sample_fini(&m);
}

static void same_process(const struct ht_process *x, const struct ht_process *y)
{
	INT(party);
	INT(machine);
	INT(role);
	INT(manual);
	INT(state);
	INT(pending);
	INT(mark);
	INT(unanswered);
	INT(stalled);
	INT(person);
	TEXT(pid);
	TEXT(peer_pid);
	TEXT(peer);
	TEXT(base);
	TEXT(product);
	INT(version);
	TEXT(offer);
	TEXT(agreement);
	TEXT(format);
	TEXT(address);
	HASH(access);
	TEXT(reason);
	HASH(last);
	HASH(pushed);
	INT(pushed_size);
	INT(chain);
	INT(parent);
	INT(made_us);
	INT(changed_us);
}

TEST(a_process_comes_back)
{
	struct sample m;
	struct ht_process p, got;
	int64_t row = 0;
	bool found;

	sample_open(&m);
	p = sample_process(add_party(&m, 1), "urn:uuid:1");
	OK(ht_store_process_add(m.s, &p, &row));
	OK(ht_store_process(m.s, row, &m.a, &got, &found));
	CHECK(found && got.row == row);
	same_process(&p, &got);
	p = (struct ht_process){ .party = p.party, .pid = HT_TEXT("urn:uuid:2"), .stalled = true };
	OK(ht_store_process_add(m.s, &p, &row));
	OK(ht_store_process_by_pid(m.s, p.pid, &m.a, &got, &found));
	CHECK(found && got.row == row);
	same_process(&p, &got);
	OK(ht_store_process_by_pid(m.s, HT_TEXT("urn:uuid:3"), &m.a, &got, &found));
	CHECK(!found);
	sample_fini(&m);
}

/* What was fixed at the beginning stays, the rest is replaced. */
TEST(a_process_is_saved)
{
	struct sample m;
	struct ht_process p, other, got;
	bool found;

	sample_open(&m);
	p = sample_process(add_party(&m, 1), "urn:uuid:1");
	OK(ht_store_process_add(m.s, &p, &p.row));
	other = (struct ht_process){ .row = p.row, .party = 99, .machine = HT_NEGOTIATION, .role = HT_CONSUMER, .state = HT_TERMINATED, .stalled = true,
				     .pid = HT_TEXT("no"), .peer_pid = HT_TEXT("no"), .peer = HT_TEXT("no"), .base = HT_TEXT("b"), .version = 9,
				     .parent = 99, .chain = 99, .made_us = 99, .changed_us = 100 };
	OK(ht_store_process_save(m.s, &other));
	OK(ht_store_process_peer_pid(m.s, p.row, HT_TEXT("late")));
	OK(ht_store_process(m.s, p.row, &m.a, &got, &found));
	CHECK(found);
	other.party = p.party, other.machine = p.machine, other.role = p.role, other.pid = p.pid, other.peer = p.peer;
	other.parent = p.parent, other.chain = p.chain, other.made_us = p.made_us;
	other.peer_pid = HT_TEXT("late");
	same_process(&other, &got);
	sample_fini(&m);
}

TEST(a_process_is_known_by_its_peer)
{
	static const struct { const char *row; int party; const char *peer, *pid; enum ht_machine machine; bool found; } rows[] = {
		{ "itself", 1, "did:web:peer", "urn:uuid:peer", HT_TRANSFER, true },
		{ "another party", 2, "did:web:peer", "urn:uuid:peer", HT_TRANSFER, false },
		{ "another peer", 1, "did:web:other", "urn:uuid:peer", HT_TRANSFER, false },
		{ "another pid", 1, "did:web:peer", "urn:uuid:other", HT_TRANSFER, false },
		{ "the other machine", 1, "did:web:peer", "urn:uuid:peer", HT_NEGOTIATION, false },
		{ "one without a pid", 1, "did:web:peer", "", HT_TRANSFER, false },
	};
	struct sample m;
	struct ht_process p, got;
	int64_t row;
	bool found;

	sample_open(&m);
	p = sample_process(add_party(&m, 1), "urn:uuid:1");
	add_party(&m, 2);
	OK(ht_store_process_add(m.s, &p, &p.row));
	p.pid = HT_TEXT("urn:uuid:2");
	p.peer_pid = (struct ht_text){ 0 };
	OK(ht_store_process_add(m.s, &p, &row));
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		OK(ht_store_process_by_peer(m.s, rows[i].party, ht_text_of(rows[i].peer), ht_text_of(rows[i].pid), rows[i].machine, &m.a,
					    &got, &found));
		CHECK_ROW(rows[i].row, found == rows[i].found && (!found || got.row == p.row));
	}
	sample_fini(&m);
}

TEST(processes_are_listed)
{
	struct sample m;
	struct ht_process p, *list;
	size_t n;
	int64_t row;

	sample_open(&m);
	add_party(&m, 1);
	add_party(&m, 2);
	for (int i = 0; i < 40; i++) {
		p = sample_process(1 + i % 2, ht_text_z(&m.a, ht_text_format(&m.a, "urn:uuid:%d", i)));
		p.peer_pid = p.pid;
		p.machine = i % 4 < 2 ? HT_NEGOTIATION : HT_TRANSFER;
		OK(ht_store_process_add(m.s, &p, &row));
	}
	OK(ht_store_processes(m.s, 0, HT_TRANSFER, all, &m.a, &list, &n));
	CHECK(n == 20 && list[0].row == 3 && list[19].row == 40);
	OK(ht_store_processes(m.s, 2, HT_NEGOTIATION, (struct ht_page){ 2, 3 }, &m.a, &list, &n));
	CHECK(n == 3 && list[0].row == 6 && list[1].row == 10 && list[2].row == 14);
	for (size_t i = 0; i < n; i++)
		CHECK(list[i].party == 2 && list[i].machine == HT_NEGOTIATION);
	OK(ht_store_processes(m.s, 3, HT_NEGOTIATION, all, &m.a, &list, &n));
	CHECK(n == 0);
	sample_fini(&m);
}

static void same_agreement(const struct ht_agreement *x, const struct ht_agreement *y)
{
	INT(party);
	TEXT(id);
	INT(negotiation);
	INT(role);
	TEXT(peer);
	TEXT(product);
	INT(version);
	TEXT(base);
	TEXT(policy);
	INT(made_us);
}

TEST(both_parties_of_a_node_keep_an_agreement)
{
	struct sample m;
	struct ht_agreement ours, theirs, got, *list;
	int64_t a, b;
	bool found;
	size_t n;

	sample_open(&m);
	a = add_party(&m, 1);
	b = add_party(&m, 2);
	ours = sample_agreement(a, "urn:g1", add_agreed(&m, a, "urn:uuid:1", "urn:g1"));
	theirs = sample_agreement(b, "urn:g1", add_agreed(&m, b, "urn:uuid:2", "urn:g1"));
	theirs.role = HT_PROVIDER;
	OK(ht_store_agreement_add(m.s, &ours));
	OK(ht_store_agreement_add(m.s, &theirs));
	ours.id = HT_TEXT("urn:g2");
	ours.negotiation = add_agreed(&m, a, "urn:uuid:3", "urn:g2");
	OK(ht_store_agreement_add(m.s, &ours));
	OK(ht_store_agreement(m.s, a, ours.id, &m.a, &got, &found));
	CHECK(found);
	same_agreement(&ours, &got);
	OK(ht_store_agreement(m.s, b, theirs.id, &m.a, &got, &found));
	CHECK(found);
	same_agreement(&theirs, &got);
	OK(ht_store_agreement(m.s, b, ours.id, &m.a, &got, &found));
	CHECK(!found);
	OK(ht_store_agreements(m.s, a, (struct ht_page){ .most = 1 }, &m.a, &list, &n));
	CHECK(n == 1 && ht_text_is(list[0].id, "urn:g1"));
	OK(ht_store_agreements(m.s, a, (struct ht_page){ .after = list[0].negotiation, .most = 5 }, &m.a, &list, &n));
	CHECK(n == 1 && ht_text_is(list[0].id, "urn:g2"));
	OK(ht_store_agreements(m.s, 0, (struct ht_page){ .most = 5 }, &m.a, &list, &n));
	CHECK(n == 3);
	OK(ht_store_agreement(m.s, 0, ours.id, &m.a, &got, &found));
	CHECK(found && got.party == a);
	sample_fini(&m);
}

TEST(a_list_of_large_rows_is_cut)
{
	enum { LARGE = 300 << 10, ROWS = 20 };
	struct sample m;
	struct ht_process p, *list;
	int64_t party, row;
	size_t n;

	sample_open(&m);
	party = add_party(&m, 1);
	for (int i = 0; i < ROWS; i++) {
		p = sample_process(party, ht_text_z(&m.a, ht_text_format(&m.a, "urn:uuid:%d", i)));
		p.peer_pid = ht_text_format(&m.a, "peer %d", i);
		p.offer = (struct ht_text){ memset(ht_arena_take(&m.a, LARGE), ' ', LARGE), LARGE };
		OK(ht_store_process_add(m.s, &p, &row));
	}
	ht_arena_reset(&m.a);
	OK(ht_store_processes(m.s, party, HT_TRANSFER, (struct ht_page){ .most = ROWS }, &m.a, &list, &n));
	CHECK(ht_store_cut(m.s) && n > 10 && n < 16);
	OK(ht_store_processes(m.s, party, HT_TRANSFER, (struct ht_page){ .after = list[n - 1].row, .most = ROWS }, &m.a, &list, &n));
	CHECK(!ht_store_cut(m.s) && n > 4 && n < 10);
	sample_fini(&m);
}

/* Each row differs in one thing from an agreement that counts. */
TEST(agreements_that_a_consumer_may_use_again)
{
	static const struct { const char *row, *base, *product; enum ht_role role; enum ht_state state; int party; bool counts; } rows[] = {
		{ "the older", "https://peer/dsp", "urn:product", HT_CONSUMER, HT_FINALIZED, 1, true },
		{ "the newer", "https://peer/dsp", "urn:product", HT_CONSUMER, HT_FINALIZED, 1, true },
		{ "base", "https://other/dsp", "urn:product", HT_CONSUMER, HT_FINALIZED, 1, false },
		{ "product", "https://peer/dsp", "urn:other", HT_CONSUMER, HT_FINALIZED, 1, false },
		{ "role", "https://peer/dsp", "urn:product", HT_PROVIDER, HT_FINALIZED, 1, false },
		{ "state", "https://peer/dsp", "urn:product", HT_CONSUMER, HT_VERIFIED, 1, false },
		{ "party", "https://peer/dsp", "urn:product", HT_CONSUMER, HT_FINALIZED, 2, false },
	};
	struct sample m;
	struct ht_agreement *list;
	size_t n;

	sample_open(&m);
	add_party(&m, 1);
	add_party(&m, 2);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_process p = sample_process(rows[i].party, rows[i].row);
		struct ht_agreement g;
		int64_t row;

		p.state = rows[i].state;
		p.peer_pid = p.pid;
		OK(ht_store_process_add(m.s, &p, &row));
		g = sample_agreement(rows[i].party, rows[i].row, row);
		g.base = ht_text_of(rows[i].base);
		g.product = ht_text_of(rows[i].product);
		g.role = rows[i].role;
		g.made_us = (int64_t)i;
		OK(ht_store_agreement_add(m.s, &g));
	}
	OK(ht_store_agreements_for(m.s, 1, HT_TEXT("https://peer/dsp"), HT_TEXT("urn:product"), 10, &m.a, &list, &n));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < HT_COUNT(rows); k++)
			CHECK_ROW(rows[k].row, !ht_text_is(list[i].id, rows[k].row) || rows[k].counts);
	CHECK(n == 2 && ht_text_is(list[0].id, "the newer"));
	OK(ht_store_agreements_for(m.s, 1, HT_TEXT("https://peer/dsp"), HT_TEXT("urn:product"), 1, &m.a, &list, &n));
	CHECK(n == 1 && ht_text_is(list[0].id, "the newer"));
	sample_fini(&m);
}

CHECK_MAIN(TEST_ROW(meta_is_replaced), TEST_ROW(parties), TEST_ROW(keys_stay_for_360_s), TEST_ROW(tokens), TEST_ROW(products_have_versions),
	   TEST_ROW(files_that_were_pushed), TEST_ROW(products_are_listed_newest_versions_only), TEST_ROW(a_process_comes_back),
	   TEST_ROW(a_process_is_saved), TEST_ROW(a_process_is_known_by_its_peer), TEST_ROW(processes_are_listed),
	   TEST_ROW(both_parties_of_a_node_keep_an_agreement), TEST_ROW(a_list_of_large_rows_is_cut),
	   TEST_ROW(agreements_that_a_consumer_may_use_again))
