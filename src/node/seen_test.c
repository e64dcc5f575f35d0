/* node/seen_test.c - tests of node/seen.h: no token twice while it lives, all of them forgotten later. */
#include "node/seen.h"

#include "base/count.h"
#include "crypto/crypto.h"
#include "identity/token.h"
#include "test/check.h"

enum { BEGIN_S = 1700000000 };

static struct ht_text name(struct ht_arena *a, int n)
{
	return ht_text_format(a, "token %d", n);
}

TEST(not_twice_while_a_token_lives)
{
	/* The longest that a token can be shown: made by a clock that is ahead, taken by one that is behind. */
	static const int64_t later_s[] = { 0, 1, HT_TOKEN_LIFE_S, HT_TOKEN_LIFE_S + 2 * HT_TOKEN_SKEW_S };

	for (size_t i = 0; i < HT_COUNT(later_s); i++) {
		struct ht_seen *s = ht_seen_new();

		CHECK(ht_seen_add(s, HT_TEXT("other"), HT_TEXT("did:web:a"), BEGIN_S - 1));
		CHECK(ht_seen_add(s, HT_TEXT("j"), HT_TEXT("did:web:a"), BEGIN_S));
		CHECK_F(!ht_seen_add(s, HT_TEXT("j"), HT_TEXT("did:web:a"), BEGIN_S + later_s[i]), "%d s later", (int)later_s[i]);
		ht_seen_free(s);
	}
	ht_seen_free(NULL);
}

TEST(jti_and_issuer_are_two_things)
{
	static const struct {
		const char *jti, *issuer;
	} rows[] = { { "j", "a" }, { "j", "b" }, { "k", "a" }, { "ja", "" }, { "", "ja" }, { "", "" } };
	struct ht_seen *s = ht_seen_new();

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_F(ht_seen_add(s, ht_text_of(rows[i].jti), ht_text_of(rows[i].issuer), BEGIN_S), "%s of %s", rows[i].jti,
			rows[i].issuer);
	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_F(!ht_seen_add(s, ht_text_of(rows[i].jti), ht_text_of(rows[i].issuer), BEGIN_S), "%s of %s", rows[i].jti,
			rows[i].issuer);
	ht_seen_free(s);
}

/* Many more than the first table has room for, some of them in each of many generations. */
TEST(many_and_over_generations)
{
	enum { EACH = 3000, STEPS = 20, STEP_S = 100 };
	struct ht_seen *s = ht_seen_new();
	struct ht_arena a;

	ht_arena_init(&a, 16 << 20);
	for (int step = 0; step < STEPS; step++) {
		int64_t now_s = BEGIN_S + step * STEP_S, first = step > 2 ? step - 2 : 0;

		for (int n = step * EACH; n < (step + 1) * EACH; n++)
			CHECK_F(ht_seen_add(s, name(&a, n), HT_TEXT("did"), now_s), "%d", n);
		for (int n = (int)first * EACH; n < (step + 1) * EACH; n += 7)
			CHECK_F(!ht_seen_add(s, name(&a, n), HT_TEXT("did"), now_s), "%d again, in step %d", n, step);
		ht_arena_reset(&a);
	}
	/* Two generations later nothing of the first is kept. */
	CHECK(ht_seen_add(s, name(&a, 0), HT_TEXT("did"), BEGIN_S + STEPS * STEP_S));
	ht_arena_fini(&a);
	ht_seen_free(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_ROW(not_twice_while_a_token_lives), TEST_ROW(jti_and_issuer_are_two_things), TEST_ROW(many_and_over_generations),
	};

	ht_crypto_start();
	return check_main(tests, HT_COUNT(tests));
}
