/* wire/jwt_test.c - tokens: taken apart, put together, and the shapes that are refused. */
#include <string.h>

#include "base/count.h"
#include "test/check.h"
#include "wire/did.h"

static struct ht_arena arena;

#define CLAIMS "{\"iss\":\"did:a\",\"sub\":\"did:a\",\"aud\":\"did:b\",\"jti\":\"j\",\"iat\":1,\"exp\":301,\"body\":\"h\"}"
#define HEADER "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"did:a#k\"}"

static struct ht_text token_of(const char *header, const char *claims, size_t signature)
{
	static const uint8_t bytes[96] = { 1, 2, 3, 4 };
	struct ht_text h = ht_base64url(&arena, ht_text_bytes(ht_text_of(header)));
	struct ht_text c = ht_base64url(&arena, ht_text_bytes(ht_text_of(claims)));
	struct ht_text s = ht_base64url(&arena, (struct ht_bytes){ bytes, signature });

	return ht_text_format(&arena, HT_TEXT_FMT "." HT_TEXT_FMT "." HT_TEXT_FMT, HT_TEXT_ARG(h), HT_TEXT_ARG(c), HT_TEXT_ARG(s));
}

TEST(comes_back)
{
	struct ht_jwt t = { .kid = HT_TEXT("did:web:x#k"), .iss = HT_TEXT("did:web:x"), .sub = HT_TEXT("did:web:x"), .aud = HT_TEXT("did:web:\"y\""),
			    .jti = HT_TEXT("0123"), .body = HT_TEXT("47DEQpj8"), .iat_s = 1700000000, .exp_s = 1700000300 };
	struct ht_text input = ht_jwt_input(&t, &arena);
	struct ht_refusal why;
	struct ht_jwt back;
	uint8_t signature[64];

	for (size_t i = 0; i < sizeof signature; i++)
		signature[i] = (uint8_t)(3 * i);
	if (!CHECK(ht_jwt_read(ht_jwt_whole(input, signature, &arena), &arena, &back, &why)))
		return;
	CHECK(ht_text_is(back.alg, "EdDSA") && ht_text_same(back.kid, t.kid) && !back.odd_header);
	CHECK(ht_text_same(back.iss, t.iss) && ht_text_same(back.sub, t.sub) && ht_text_same(back.aud, t.aud) &&
	      ht_text_same(back.jti, t.jti));
	CHECK(ht_text_same(back.body, t.body) && back.iat_s == t.iat_s && back.exp_s == t.exp_s);
	CHECK(ht_text_same(back.input, input) && !memcmp(back.signature, signature, sizeof signature));
	ht_arena_reset(&arena);
}

TEST(exact_bytes)
{
	struct ht_jwt t = { .kid = HT_TEXT("did:a#k"), .iss = HT_TEXT("did:a"), .sub = HT_TEXT("did:a"), .aud = HT_TEXT("did:b"), .jti = HT_TEXT("j"),
			    .body = HT_TEXT("h"), .iat_s = 1, .exp_s = 301 };
	struct ht_text header, claims;
	struct ht_bytes bytes;

	ht_text_cut(ht_jwt_input(&t, &arena), '.', &header, &claims);
	CHECK(ht_base64url_read(&arena, header, &bytes) && ht_text_is(ht_bytes_text(bytes), HEADER));
	CHECK(ht_base64url_read(&arena, claims, &bytes) && ht_text_is(ht_bytes_text(bytes), CLAIMS));
	ht_arena_reset(&arena);
}

/* What is read without being judged. */
static const struct {
	const char *header, *claims;
	size_t signature;
	const char *alg, *aud;
	bool odd;
} accepted[] = {
	{ HEADER, CLAIMS, 64, "EdDSA", "did:b", false },
	{ "{\"alg\":\"none\"}", CLAIMS, 0, "none", "did:b", false },
	{ "{\"alg\":\"RS256\",\"kid\":\"k\"}", CLAIMS, 96, "RS256", "did:b", false },
	{ "{}", CLAIMS, 64, "", "did:b", false },
	{ "{\"alg\":\"EdDSA\",\"crit\":[\"x\"]}", CLAIMS, 64, "EdDSA", "did:b", true },
	{ "{\"alg\":\"EdDSA\",\"jwk\":{}}", CLAIMS, 64, "EdDSA", "did:b", true },
	{ "{\"alg\":\"EdDSA\",\"jku\":\"u\"}", CLAIMS, 64, "EdDSA", "did:b", true },
	{ "{\"alg\":\"EdDSA\",\"x5u\":\"u\"}", CLAIMS, 64, "EdDSA", "did:b", true },
	{ "{\"alg\":\"EdDSA\",\"x5c\":[]}", CLAIMS, 64, "EdDSA", "did:b", true },
	{ "{\"alg\":\"EdDSA\",\"b64\":false}", CLAIMS, 64, "EdDSA", "did:b", true },
	{ HEADER, "{\"iat\":1,\"exp\":2}", 64, "EdDSA", "", false },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"aud\":[\"one\"],\"more\":{}}", 64, "EdDSA", "one", false },
};

TEST(is_not_judged)
{
	for (size_t i = 0; i < HT_COUNT(accepted); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_jwt t;

		CHECK_F(ht_jwt_read(token_of(accepted[i].header, accepted[i].claims, accepted[i].signature), &arena, &t, &why),
			"row %zu: " HT_TEXT_FMT, i, HT_TEXT_ARG(why.place));
		CHECK_F(ht_text_is(t.alg, accepted[i].alg) && ht_text_is(t.aud, accepted[i].aud) && t.odd_header == accepted[i].odd,
			"row %zu", i);
		CHECK_F(t.signature[0] == (accepted[i].signature == 64), "row %zu", i);
	}
	ht_arena_reset(&arena);
}

static const struct {
	const char *header, *claims;
	size_t signature;
	const char *place;
} refused[] = {
	{ "[]", CLAIMS, 64, "header" },
	{ "{", CLAIMS, 64, "header" },
	{ "", CLAIMS, 64, "header" },
	{ "{\"alg\":\"EdDSA\",\"alg\":\"none\"}", CLAIMS, 64, "header" },
	{ "{\"alg\":7}", CLAIMS, 64, "header/alg" },
	{ "{\"alg\":\"EdDSA\",\"kid\":{}}", CLAIMS, 64, "header/kid" },
	{ HEADER, "\"x\"", 64, "claims" },
	{ HEADER, "nonsense", 64, "claims" },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"iss\":7}", 64, "claims/iss" },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"sub\":[]}", 64, "claims/sub" },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"jti\":1}", 64, "claims/jti" },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"body\":{}}", 64, "claims/body" },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"aud\":7}", 64, "claims/aud" },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"aud\":[]}", 64, "claims/aud" },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"aud\":[7]}", 64, "claims/aud" },
	{ HEADER, "{\"iat\":1,\"exp\":2,\"aud\":[\"a\",\"b\"]}", 64, "claims/aud" },
	{ HEADER, "{\"exp\":2}", 64, "claims/iat" },
	{ HEADER, "{\"iat\":\"1\",\"exp\":2}", 64, "claims/iat" },
	{ HEADER, "{\"iat\":1.5,\"exp\":2}", 64, "claims/iat" },
	{ HEADER, "{\"iat\":1}", 64, "claims/exp" },
	{ HEADER, CLAIMS, 63, "signature" },
	{ HEADER, CLAIMS, 65, "signature" },
	{ HEADER, CLAIMS, 0, "signature" },
};

/* Not three parts of base64url. */
static const struct {
	const char *token, *place;
} broken[] = {
	{ "", "token" },
	{ ".", "token" },
	{ "a.b", "token" },
	{ "a.b.c.d", "token" },
	{ "..", "header" },
	{ "e30=.e30.", "header" },
	{ "e30.e+0.", "claims" },
	{ "e30.e30.A", "claims/iat" },
	{ "e30.eyJpYXQiOjEsImV4cCI6Mn0.A", "signature" },
};

TEST(shapes_are_refused)
{
	struct ht_refusal why;
	struct ht_jwt t;

	for (size_t i = 0; i < HT_COUNT(refused); i++) {
		CHECK_ROW(refused[i].place,
			  !ht_jwt_read(token_of(refused[i].header, refused[i].claims, refused[i].signature), &arena, &t, &why));
		CHECK_F(why.code == HT_REFUSE_TOKEN_SHAPE && ht_text_is(why.place, refused[i].place), "row %zu: " HT_TEXT_FMT, i,
			HT_TEXT_ARG(why.place));
	}
	for (size_t i = 0; i < HT_COUNT(broken); i++) {
		CHECK_ROW(broken[i].token, !ht_jwt_read(ht_text_of(broken[i].token), &arena, &t, &why));
		CHECK_F(why.code == HT_REFUSE_TOKEN_SHAPE && ht_text_is(why.place, broken[i].place), "%s: " HT_TEXT_FMT, broken[i].token,
			HT_TEXT_ARG(why.place));
	}
	ht_arena_reset(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(comes_back), TEST_ROW(exact_bytes), TEST_ROW(is_not_judged),
						   TEST_ROW(shapes_are_refused) };
	int result;

	ht_arena_init(&arena, 1 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
