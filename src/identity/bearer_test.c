/* identity/bearer_test.c - the Bearer scheme and the API's tokens. */
#include "identity/bearer.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

#define GOOD "ht_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

TEST(the_scheme)
{
	static const struct {
		const char *header, *token; /* NULL: refused */
	} rows[] = {
		{ "Bearer abc", "abc" }, { "bearer abc", "abc" }, { "BEARER  abc ", "abc" }, { "Bearer", NULL },  { "Bearer ", NULL },
		{ "", NULL },            { "abc", NULL },         { "Basic abc", NULL },     { " Bearer abc", NULL }, { "Bearerabc", NULL },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_text token;
		bool ok = ht_bearer_read(ht_text_of(rows[i].header), &token);

		CHECK_ROW(rows[i].header, ok == (rows[i].token != NULL) && (!ok || ht_text_is(token, rows[i].token)));
	}
}

TEST(form_of_a_token)
{
	static const struct {
		const char *header;
		bool want;
	} rows[] = {
		{ "Bearer " GOOD, true },       { "Bearer " GOOD "A", false },
		{ GOOD, false },                { "Bearer ht_AAAA", false },
		{ "Basic " GOOD, false },       { "Bearer hT_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false },
		{ "Bearer ht_AAAAAAAAAAAAAAAAAAAAA+AAAAAAAAAAAAAAAAAAAAA", false },
		{ "Bearer ht_AAAAAAAAAAAAAAAAAAAAA AAAAAAAAAAAAAAAAAAAAA", false },
		{ "Bearer ht_-_09azAZAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true },
	};
	uint8_t hash[HT_SHA256];

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].header, ht_bearer_hash(ht_text_of(rows[i].header), hash) == rows[i].want);
}

TEST(made_and_known_again)
{
	uint8_t hash[HT_SHA256], want[HT_SHA256];
	struct ht_text token, other;
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	token = ht_bearer_make(&ht_random_os, &a);
	other = ht_bearer_make(&ht_random_os, &a);
	CHECK(token.len == 46 && !ht_text_same(token, other));
	CHECK(ht_bearer_hash(ht_text_format(&a, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token)), hash));
	ht_sha256(ht_text_bytes(token), want);
	CHECK(memcmp(hash, want, sizeof hash) == 0);
	ht_arena_fini(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(the_scheme), TEST_ROW(form_of_a_token), TEST_ROW(made_and_known_again) };

	ht_crypto_start();
	return check_main(tests, HT_COUNT(tests));
}
