/* core/evidence/leaf_test.c - vectors of LEAF format 1, computed by Python's hashlib and struct from the text of the format. */
#include "core/evidence/leaf.h"

#include <string.h>

#include "base/count.h"
#include "crypto/crypto.h"
#include "test/check.h"

static const struct {
	const char *name;
	struct ht_leaf leaf;
	const char *opening, *commitment, *entry;
} vectors[] = {
	{ "a message",
	  { .kind = HT_EVENT_SENT, .at_us = INT64_C(1764000000999999), .party = { "did:web:a.example:p:north", 25 },
	    .peer = { "did:web:b.example:p:s\xc3\xbc" "d", 24 }, .chain = { "urn:uuid:1", 10 }, .process = { "urn:uuid:1", 10 }, .seq = 0,
	      .previous = -1,
	    .content_type = { "application/json", 16 }, .content = { (const uint8_t *)"{\"a\":1}", 7 },
	    .salt = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
	      31 } },
	  "0100196469643a7765623a612e6578616d706c653a703a6e6f72746800186469643a7765623a622e6578616d706c653a703a73c3bc64000a75726e3a7575"
	  "69643a31000a75726e3a757569643a3100000000000000000000ffffffffffffffff00106170706c69636174696f6e2f6a736f6e"
	  "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862",
	  "18f085fec92a7a97e31474eaf860291522ecf2bd29e41bf56d19a6f4c534b8c4",
	  "010005000000006924810018f085fec92a7a97e31474eaf860291522ecf2bd29e41bf56d19a6f4c534b8c4" },
	{ "nothing in it",
	  { .kind = HT_EVENT_NODE_STARTED, .at_us = 0, .seq = 258, .previous = 257,
	    .salt = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		      255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 } },
	  "0100000000000000000000000000000000010200000000000001010000e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  "5be89a011efbfc671d23d99e48289f551e1101d70a022af311e4918fa05b8f15",
	  "01001000000000000000005be89a011efbfc671d23d99e48289f551e1101d70a022af311e4918fa05b8f15" },
};

static bool is_hex(struct ht_bytes b, const char *hex, struct ht_arena a)
{
	return ht_text_is(ht_hex(&a, b), hex);
}

TEST(opening_commitment_and_entry)
{
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(vectors); i++) {
		struct ht_leaf leaf = vectors[i].leaf;
		uint8_t entry[HT_LEAF_ENTRY];

		ht_leaf_seal(&leaf, a);
		ht_leaf_entry(&leaf, entry);
		CHECK_ROW(vectors[i].name, is_hex(ht_leaf_opening(&leaf, &a), vectors[i].opening, a));
		CHECK_ROW(vectors[i].name, is_hex((struct ht_bytes){ leaf.commitment, sizeof leaf.commitment }, vectors[i].commitment, a));
		CHECK_ROW(vectors[i].name, is_hex((struct ht_bytes){ entry, sizeof entry }, vectors[i].entry, a));
		CHECK_ROW(vectors[i].name, ht_leaf_holds(&leaf, a));
	}
	ht_arena_fini(&a);
}

/* Each field of the opening, the salt and the content: a change of one shows. */
TEST(a_change_shows)
{
	static const char *const names[] = { "party", "peer", "chain", "process", "agreement", "seq", "previous", "content type",
					     "content", "hash of the content", "salt", "commitment", "moved border" };
	struct ht_leaf sealed = vectors[0].leaf;
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	ht_leaf_seal(&sealed, a);
	for (size_t i = 0; i < HT_COUNT(names); i++) {
		struct ht_leaf l = sealed;

		switch (i) {
		case 0: l.party = HT_TEXT("did:web:a.example:p:nortH"); break;
		case 1: l.peer = HT_TEXT(""); break;
		case 2: l.chain = HT_TEXT("urn:uuid:2"); break;
		case 3: l.process = HT_TEXT("urn:uuid:2"); break;
		case 4: l.agreement = HT_TEXT("x"); break;
		case 5: l.seq++; break;
		case 6: l.previous = 0; break;
		case 7: l.content_type = HT_TEXT("text/plain"); break;
		case 8: l.content = ht_text_bytes(HT_TEXT("{\"a\":2}")); break;
		case 9: l.content_sha256[31] ^= 1; break;
		case 10: l.salt[0] ^= 1; break;
		case 11: l.commitment[31] ^= 1; break;
		case 12: l.chain = HT_TEXT("urn:uuid:1urn"), l.process = HT_TEXT(":uuid:1"); break;
		}
		CHECK_ROW(names[i], !ht_leaf_holds(&l, a));
	}
	ht_arena_fini(&a);
}

TEST(an_erased_leaf_passes)
{
	struct ht_leaf l = vectors[0].leaf;
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	ht_leaf_seal(&l, a);
	l.content = (struct ht_bytes){ 0 };
	memset(l.salt, 0, sizeof l.salt);
	CHECK(!ht_leaf_holds(&l, a));
	l.erased = true;
	CHECK(ht_leaf_holds(&l, a));
	ht_arena_fini(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(opening_commitment_and_entry), TEST_ROW(a_change_shows),
						   TEST_ROW(an_erased_leaf_passes) };

	ht_crypto_start();
	return check_main(tests, HT_COUNT(tests));
}
