/* node/facts_test.c - tests of the facts that come of the store: there, not there, and a store that cannot be read. */
#include <string.h>

#include "node/exchange.h"
#include "test/check.h"

enum { READS = 3 }; /* statements of the longest question */

static struct ht_arena arena;
static struct ht_node node;
static struct ht_exchange exchange = { .node = &node };
static struct ht_facts facts;
static char root[64];
static uint8_t hash[32] = { 7 };

static const char *store_path(const char *suffix)
{
	return ht_text_z(&arena, ht_text_format(&arena, "%s/store%s", root, suffix));
}

static bool fresh(void)
{
	const char *tmp = getenv("TMPDIR");
	struct ht_party_row party = { .party = { .id = HT_TEXT("a"), .name = HT_TEXT("A"), .did = HT_TEXT("did:web:localhost:p:a") } };
	struct ht_token_row token = { .role = HT_PROVIDER };

	ht_arena_init(&arena, 4 << 20);
	(void)snprintf(root, sizeof(root), "%.40s/hutong-facts-XXXXXX", tmp ? tmp : "/tmp");
	if (!CHECK(mkdtemp(root)) || !CHECK(!ht_store_open(store_path(""), &node.facts)))
		return false;
	node.facts_lock = ht_lock_new();
	node.documents = ht_documents_new();
	node.did_prefix = HT_TEXT("did:web:localhost:p:");
	node.door.public_url = HT_TEXT("http://localhost");
	memcpy(token.hash, hash, sizeof(hash));
	CHECK(!ht_store_begin(node.facts) && !ht_store_party_add(node.facts, &party, &token.party));
	CHECK(token.party == 1 && !ht_store_token_add(node.facts, &token, &token.id) && !ht_store_commit(node.facts));
	ht_facts_fill(&facts, &exchange);
	return true;
}

static void gone(void)
{
	ht_store_close(node.facts);
	ht_documents_free(node.documents);
	ht_lock_free(node.facts_lock);
	(void)remove(store_path(""));
	(void)remove(store_path("-wal"));
	(void)remove(store_path("-shm"));
	CHECK(!rmdir(root));
	ht_arena_fini(&arena);
}

static enum ht_fact party_by_id(void)
{
	struct ht_party out;

	return facts.party(&exchange, HT_TEXT("a"), 0, &arena, &out);
}

static enum ht_fact party_by_row(void)
{
	struct ht_party out;

	return facts.party(&exchange, HT_TEXT(""), 1, &arena, &out);
}

static enum ht_fact grant(void)
{
	struct ht_grant out;
	enum ht_fact is = facts.grant(&exchange, hash, &arena, &out);

	CHECK(is != HT_FACT_HERE || (out.role == HT_PROVIDER && ht_text_is(out.party.id, "a")));
	return is;
}

static enum ht_fact document(void)
{
	const struct ht_did_doc *out;

	return facts.document(&exchange, HT_TEXT("did:web:localhost:p:a"), false, &arena, &out);
}

TEST(a_store_that_fails_says_neither_yes_nor_no)
{
	static const struct {
		const char *name;
		enum ht_fact (*ask)(void);
	} rows[] = { { "party by id", party_by_id }, { "party by row", party_by_row }, { "grant", grant }, { "document", document } };
	struct ht_party party;
	struct ht_grant none;
	uint8_t other[32] = { 8 };

	if (!fresh())
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int failed = 0;

		CHECK_ROW(rows[i].name, rows[i].ask() == HT_FACT_HERE);
		for (int nth = 1; nth <= READS; nth++) {
			enum ht_fact is;

			ht_store_fail_at(node.facts, nth, HT_E_IO);
			is = rows[i].ask();
			CHECK_F(is == HT_FACT_FAILED || is == HT_FACT_HERE, "%s, statement %d", rows[i].name, nth);
			failed += is == HT_FACT_FAILED;
		}
		ht_store_fail_at(node.facts, 0, HT_OK);
		CHECK_ROW(rows[i].name, failed > 0);
		CHECK_ROW(rows[i].name, rows[i].ask() == HT_FACT_HERE);
	}
	CHECK(facts.party(&exchange, HT_TEXT("b"), 0, &arena, &party) == HT_FACT_ABSENT);
	CHECK(facts.party(&exchange, HT_TEXT(""), 9, &arena, &party) == HT_FACT_ABSENT);
	CHECK(facts.grant(&exchange, other, &arena, &none) == HT_FACT_ABSENT);
	gone();
}

CHECK_MAIN(TEST_ROW(a_store_that_fails_says_neither_yes_nor_no))
