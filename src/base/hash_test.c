/* base/hash_test.c - tests of base/hash.h. */
#include "base/hash.h"

#include "base/count.h"
#include "test/check.h"

/* Source: the test vectors of draft-eastlake-fnv (FNV-1a, 64 bits). */
TEST(vectors_of_the_draft)
{
	static const struct {
		const char *text;
		uint64_t hash;
	} rows[] = {
		{ "", UINT64_C(0xcbf29ce484222325) },
		{ "a", UINT64_C(0xaf63dc4c8601ec8c) },
		{ "foobar", UINT64_C(0x85944171f73967e8) },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].text, ht_hash(ht_text_bytes(ht_text_of(rows[i].text))) == rows[i].hash);
}

TEST(every_byte_counts)
{
	uint8_t bytes[64] = { 0 };
	uint64_t whole = ht_hash((struct ht_bytes){ bytes, sizeof(bytes) });

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = 0x80;
		CHECK_F(ht_hash((struct ht_bytes){ bytes, sizeof(bytes) }) != whole, "byte %zu", i);
		bytes[i] = 0;
		CHECK_F(ht_hash((struct ht_bytes){ bytes, i }) != whole, "the first %zu", i);
	}
}

CHECK_MAIN(TEST_ROW(vectors_of_the_draft), TEST_ROW(every_byte_counts))
