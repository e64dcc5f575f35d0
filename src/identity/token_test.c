/* identity/token_test.c - tokens: one made elsewhere, one made here, and every check with the row that fails only there. */
#include "identity/token.h"

#include <string.h>

#include "base/count.h"
#include "base/time.h"
#include "test/check.h"
#include "wire/did.h"

#define NOW_S INT64_C(1764000000)
#define ME "did:web:a.example:p:north"
#define KID ME "#1IG2tMH7J2wbJZnOf8LJzQitKf7LMvoAElsuDMVM54Y"
#define YOU "did:web:b.example:p:south"
#define BODY "{\"a\":1}"
#define BODY_HASH "AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX-GI"

/* Made by Python's cryptography with the seed 0, 1 ... 31; the claims are those of `preset` below. */
static const char elsewhere[] =
	"Bearer eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImRpZDp3ZWI6YS5leGFtcGxlOnA6bm9ydGgjMUlHMnRNSDdKMndiSlpuT2Y4TEp6UWl0S2Y3TE"
	"12b0FFbHN1RE1WTTU0WSJ9.eyJpc3MiOiJkaWQ6d2ViOmEuZXhhbXBsZTpwOm5vcnRoIiwic3ViIjoiZGlkOndlYjphLmV4YW1wbGU6cDpub3J0aCIsImF1ZCI6Im"
	"RpZDp3ZWI6Yi5leGFtcGxlOnA6c291dGgiLCJqdGkiOiJBWnEySG5nQUFBRUNBd1FGQmdjSUNRb0xEQTBPRHciLCJpYXQiOjE3NjQwMDAwMDAsImV4cCI6MTc2NDA"
	"wMDMwMCwiYm9keSI6IkFWcTlmMXpGZWkzWlMzV1E4RXJZQ0VKemtGN2pQc1hPdnE1aUoycVgtR0kifQ.tZwuz7tfz95jb5VabntiMaWeFkJ97MHHchSgz3NISe1UX"
	"P308e0gHhgLNRZbRjarNVwuzcfJt_u0Z35bdoVJBg";

static struct ht_arena arena;
static struct ht_key key, other_key;

/* What a token says; NULL: as in `preset`. raw: the whole header field instead. */
struct spec {
	const char *name;
	const char *alg, *extra, *kid, *iss, *sub, *aud, *iat, *exp, *body, *jti;
	const char *raw;
	bool other_signs, pad;
	/* the checker's side; NULL: as it should be */
	const char *trust, *document, *sent;
	enum ht_refuse want; /* HT_REFUSE_NONE: it holds */
	const char *place;
};

static const char * or (const char *given, const char *preset)
{
	return given ? given : preset;
}

static struct ht_text encoded(struct ht_text t)
{
	return ht_base64url(&arena, ht_text_bytes(t));
}

static struct ht_text field_of(const struct spec *s)
{
	struct ht_text header, claims, input, whole;
	uint8_t signature[HT_SIGNATURE];

	if (s->raw)
		return ht_text_of(s->raw);
	header = ht_text_format(&arena, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"%s\"%s}", or (s->alg, "EdDSA"), or (s->kid, KID),
				or (s->extra, ""));
	claims = ht_text_format(&arena, "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":%s,\"jti\":\"%s\",\"iat\":%s,\"exp\":%s,\"body\":\"%s\"}",
				or (s->iss, ME), or (s->sub, ME), or (s->aud, "\"" YOU "\""), or (s->jti, "AZq2HngAAAECAwQFBgcICQoLDA0ODw"),
				or (s->iat, "1764000000"), or (s->exp, "1764000300"), or (s->body, BODY_HASH));
	if (s->pad)
		claims = ht_text_format(&arena, HT_TEXT_FMT "%*s", HT_TEXT_ARG(claims), HT_TOKEN_MAX, "");
	header = encoded(header);
	claims = encoded(claims);
	input = ht_text_format(&arena, HT_TEXT_FMT "." HT_TEXT_FMT, HT_TEXT_ARG(header), HT_TEXT_ARG(claims));
	ht_sign(s->other_signs ? &other_key : &key, ht_text_bytes(input), signature);
	whole = ht_jwt_whole(input, signature, &arena);
	return ht_text_format(&arena, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(whole));
}

static struct ht_did_doc document_of(const char *did)
{
	struct ht_did_doc doc = { .did = ht_text_of(did), .keys_count = 2 };

	doc.keys[0].id = HT_TEXT(ME "#next");
	memcpy(doc.keys[0].pub, other_key.pub, HT_PUBLIC);
	doc.keys[1].id = HT_TEXT(KID);
	memcpy(doc.keys[1].pub, key.pub, HT_PUBLIC);
	return doc;
}

/* Both halves. */
static bool check_token(const struct spec *s, struct ht_claim *claim, bool *unknown_kid, struct ht_refusal *why)
{
	struct ht_did_doc doc = document_of(or (s->document, ME));
	struct ht_trust trust;

	*unknown_kid = false;
	return ht_trust_read(ht_text_of(or (s->trust, "web")), &trust, why) &&
	       ht_token_open(field_of(s), HT_TEXT(YOU), &trust, NOW_S * HT_SECOND_US + 999999, &arena, claim, why) &&
	       ht_token_verify(claim, &doc, ht_text_bytes(ht_text_of(or (s->sent, BODY))), unknown_kid, why);
}

static const struct spec checks[] = {
	{ .name = "good" },
	{ .name = "made elsewhere", .raw = elsewhere },
	{ .name = "audience of one in an array", .aud = "[\"" YOU "\"]" },
	{ .name = "of a peer whose clock is ahead", .iat = "1764000060", .exp = "1764000360" },
	{ .name = "of a peer whose clock is behind", .iat = "1763999640", .exp = "1763999940" },
	{ .name = "listed", .trust = "did:web:x," ME },
	{ .name = "no header", .raw = "", .want = HT_REFUSE_TOKEN_MISSING, .place = "Authorization" },
	{ .name = "another scheme", .raw = "Basic eDp5", .want = HT_REFUSE_TOKEN_SHAPE, .place = "Authorization" },
	{ .name = "nothing in it", .raw = "Bearer ", .want = HT_REFUSE_TOKEN_SHAPE, .place = "Authorization" },
	{ .name = "EDC's mock", .raw = "{\"region\": \"any\"}", .want = HT_REFUSE_TOKEN_SHAPE, .place = "Authorization" },
	{ .name = "one part", .raw = "Bearer abc", .want = HT_REFUSE_TOKEN_SHAPE, .place = "token" },
	{ .name = "four parts", .raw = "Bearer e30.e30.e30.e30", .want = HT_REFUSE_TOKEN_SHAPE, .place = "token" },
	{ .name = "over 8 KiB", .pad = true, .want = HT_REFUSE_TOKEN_SHAPE, .place = "Authorization" },
	{ .name = "no jti", .jti = "", .want = HT_REFUSE_TOKEN_SHAPE, .place = "claims/jti" },
	{ .name = "alg none", .alg = "none", .want = HT_REFUSE_TOKEN_ALG, .place = "header/alg" },
	{ .name = "alg ES256", .alg = "ES256", .want = HT_REFUSE_TOKEN_ALG, .place = "header/alg" },
	{ .name = "alg in other letters", .alg = "EDDSA", .want = HT_REFUSE_TOKEN_ALG, .place = "header/alg" },
	{ .name = "crit", .extra = ",\"crit\":[\"exp\"]", .want = HT_REFUSE_TOKEN_ALG, .place = "header" },
	{ .name = "embedded key", .extra = ",\"jwk\":{\"kty\":\"OKP\"}", .want = HT_REFUSE_TOKEN_ALG, .place = "header" },
	{ .name = "key by URL", .extra = ",\"jku\":\"https://x\"", .want = HT_REFUSE_TOKEN_ALG, .place = "header" },
	{ .name = "kid of another", .kid = YOU "#k", .want = HT_REFUSE_TOKEN_ISSUER, .place = "header/kid" },
	{ .name = "kid is only a DID", .kid = ME, .want = HT_REFUSE_TOKEN_ISSUER, .place = "header/kid" },
	{ .name = "kid without fragment", .kid = ME "#", .want = HT_REFUSE_TOKEN_ISSUER, .place = "header/kid" },
	{ .name = "kid is only a fragment", .kid = "#k", .want = HT_REFUSE_TOKEN_ISSUER, .place = "header/kid" },
	{ .name = "another iss", .iss = YOU, .want = HT_REFUSE_TOKEN_ISSUER, .place = "header/kid" },
	{ .name = "another sub", .sub = YOU, .want = HT_REFUSE_TOKEN_ISSUER, .place = "claims/sub" },
	{ .name = "another aud", .aud = "\"" ME "\"", .want = HT_REFUSE_TOKEN_AUDIENCE, .place = "claims/aud" },
	{ .name = "two audiences", .aud = "[\"" YOU "\",\"" ME "\"]", .want = HT_REFUSE_TOKEN_SHAPE, .place = "claims/aud" },
	{ .name = "iat in the future", .iat = "1764000061", .want = HT_REFUSE_TOKEN_TIME, .place = "claims/iat" },
	{ .name = "lives too long", .exp = "1764000301", .want = HT_REFUSE_TOKEN_TIME, .place = "claims/exp" },
	{ .name = "lives too long, early", .iat = "1763999701", .exp = "1764000002", .want = HT_REFUSE_TOKEN_TIME,
	  .place = "claims/exp" },
	{ .name = "expired", .iat = "1763999700", .exp = "1763999939", .want = HT_REFUSE_TOKEN_TIME, .place = "claims/exp" },
	{ .name = "smallest iat", .iat = "-9223372036854775808", .want = HT_REFUSE_TOKEN_TIME, .place = "claims/iat" },
	{ .name = "largest exp", .exp = "9223372036854775807", .want = HT_REFUSE_TOKEN_TIME, .place = "claims/exp" },
	{ .name = "both", .iat = "-9223372036854775808", .exp = "9223372036854775807", .want = HT_REFUSE_TOKEN_TIME,
	  .place = "claims/iat" },
	{ .name = "not listed", .trust = "did:web:x,did:web:y", .want = HT_REFUSE_TOKEN_UNTRUSTED, .place = "claims/iss" },
	{ .name = "not did:web", .iss = "did:key:x", .sub = "did:key:x", .kid = "did:key:x#x", .want = HT_REFUSE_TOKEN_UNTRUSTED,
	  .place = "claims/iss" },
	{ .name = "document of another", .document = YOU, .want = HT_REFUSE_DOCUMENT_BAD, .place = "id" },
	{ .name = "unknown key", .kid = ME "#k", .want = HT_REFUSE_TOKEN_KEY, .place = "header/kid" },
	{ .name = "signed by the other key", .other_signs = true, .want = HT_REFUSE_TOKEN_SIGNATURE, .place = "signature" },
	{ .name = "the other key under its kid", .kid = ME "#next", .other_signs = true },
	{ .name = "another body", .sent = "{\"a\":2}", .want = HT_REFUSE_TOKEN_BODY, .place = "claims/body" },
	{ .name = "no body sent", .sent = "", .want = HT_REFUSE_TOKEN_BODY, .place = "claims/body" },
	{ .name = "no body claim", .body = "", .want = HT_REFUSE_TOKEN_BODY, .place = "claims/body" },
	{ .name = "half a body claim", .body = "AVq9f1zFei3ZS3WQ8ErYCA", .want = HT_REFUSE_TOKEN_BODY, .place = "claims/body" },
	{ .name = "body claim in base64", .body = "AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=", .want = HT_REFUSE_TOKEN_BODY,
	  .place = "claims/body" },
};

TEST(each_check)
{
	for (size_t i = 0; i < HT_COUNT(checks); i++) {
		struct ht_refusal why = { 0 };
		struct ht_claim claim;
		bool unknown, ok = check_token(&checks[i], &claim, &unknown, &why);

		CHECK_F(ok == (checks[i].want == HT_REFUSE_NONE) &&
				(ok || (why.code == checks[i].want && ht_text_is(why.place, checks[i].place))),
			"%s: %s at " HT_TEXT_FMT, checks[i].name, ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
		CHECK_ROW(checks[i].name, unknown == (checks[i].want == HT_REFUSE_TOKEN_KEY));
		ht_arena_reset(&arena);
	}
}

/* With every later fault in it as well, the first fault in IDENTITY's order is the one that is named. */
TEST(the_order_of_checks)
{
	static const enum ht_refuse order[] = { HT_REFUSE_TOKEN_ALG,       HT_REFUSE_TOKEN_ISSUER, HT_REFUSE_TOKEN_AUDIENCE,
	   HT_REFUSE_TOKEN_TIME,
						HT_REFUSE_TOKEN_UNTRUSTED, HT_REFUSE_TOKEN_KEY,    HT_REFUSE_TOKEN_SIGNATURE,
						  HT_REFUSE_TOKEN_BODY };
	struct spec s = { .name = "" };

	for (size_t i = HT_COUNT(order); i-- > 0;) {
		struct ht_refusal why = { 0 };
		struct ht_claim claim;
		bool unknown;

		switch (i) {
		case 7: s.sent = "{\"a\":2}"; break;
		case 6: s.other_signs = true; break;
		case 5: s.kid = ME "#k"; break;
		case 4: s.trust = "did:web:x"; break;
		case 3: s.iat = "1764000061"; break;
		case 2: s.aud = "\"" ME "\""; break;
		case 1: s.sub = YOU; break;
		case 0: s.alg = "none"; break;
		}
		CHECK_ROW(ht_refuse_word(order[i]), !check_token(&s, &claim, &unknown, &why) && why.code == order[i]);
		ht_arena_reset(&arena);
	}
}

TEST(what_is_known_of_a_good_one)
{
	struct ht_refusal why = { 0 };
	struct ht_claim c;
	bool unknown;

	CHECK(check_token(&(struct spec){ .raw = elsewhere }, &c, &unknown, &why));
	CHECK(ht_text_is(c.token, elsewhere + strlen("Bearer ")));
	CHECK(ht_text_is(c.did, ME) && ht_text_is(c.kid, KID) && ht_text_is(c.jti, "AZq2HngAAAECAwQFBgcICQoLDA0ODw"));
	CHECK(c.until_s == NOW_S + HT_TOKEN_LIFE_S + HT_TOKEN_SKEW_S && memcmp(c.pub, key.pub, sizeof c.pub) == 0);
	ht_arena_reset(&arena);
}

TEST(kid)
{
	CHECK(ht_text_is(ht_identity_kid(HT_TEXT(ME), key.pub, &arena), KID));
	ht_arena_reset(&arena);
}

/* 6 bytes of milliseconds, then 16 random ones. */
TEST(jti)
{
	static const uint8_t head[] = { 0x01, 0x9a, 0xb6, 0x1e, 0x78, 0x00 };
	struct ht_signer me = { HT_TEXT(ME), HT_TEXT(KID), key };
	struct ht_bytes before = { 0 };

	for (int i = 0; i < 4; i++) {
		int64_t now_us = (INT64_C(0x019ab61e7800) + i / 2) * 1000 + 999; /* i 0 and 1, 2 and 3: in one millisecond */
		struct ht_text token = ht_token_make(&me, HT_TEXT(YOU), (struct ht_bytes){ 0 }, now_us, &ht_random_os, &arena);
		struct ht_refusal why = { 0 };
		struct ht_bytes bytes;
		struct ht_jwt t;

		if (!CHECK(ht_jwt_read(token, &arena, &t, &why) && ht_base64url_read(&arena, t.jti, &bytes) && t.jti.len == 30 &&
			   bytes.len == 22))
			return;
		CHECK(memcmp(bytes.at, head, 5) == 0 && bytes.at[5] == i / 2);
		CHECK(!before.len || memcmp(before.at + 6, bytes.at + 6, 16) != 0);
		before = bytes;
	}
	ht_arena_reset(&arena);
}

TEST(made_here)
{
	static const char *const bodies[] = { "", BODY };
	struct ht_signer me = { HT_TEXT(ME), HT_TEXT(KID), key };
	struct ht_did_doc doc = document_of(ME);
	struct ht_trust web = { .kind = HT_TRUST_WEB };

	for (size_t i = 0; i < HT_COUNT(bodies); i++) {
		struct ht_bytes body = ht_text_bytes(ht_text_of(bodies[i]));
		struct ht_text token = ht_token_make(&me, HT_TEXT(YOU), body, NOW_S * HT_SECOND_US, &ht_random_os, &arena);
		struct ht_text field = ht_text_format(&arena, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token));
		struct ht_refusal why = { 0 };
		struct ht_claim c;
		bool unknown;

		for (int64_t late_s = -HT_TOKEN_SKEW_S - 1; late_s <= HT_TOKEN_OPEN_S + 1; late_s++) {
			bool ok = ht_token_open(field, HT_TEXT(YOU), &web, (NOW_S + late_s) * HT_SECOND_US, &arena, &c, &why);

			CHECK_F(ok == (late_s >= -HT_TOKEN_SKEW_S && late_s <= HT_TOKEN_LIFE_S + HT_TOKEN_SKEW_S), "%d s later",
				(int)late_s);
		}
		CHECK_ROW(bodies[i], ht_token_open(field, HT_TEXT(YOU), &web, NOW_S * HT_SECOND_US, &arena, &c, &why) &&
					     ht_token_verify(&c, &doc, body, &unknown, &why));
		ht_arena_reset(&arena);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(each_check), TEST_ROW(the_order_of_checks),
	  TEST_ROW(what_is_known_of_a_good_one),
						   TEST_ROW(kid), TEST_ROW(jti), TEST_ROW(made_here) };
	uint8_t seed[HT_SEED];

	ht_crypto_start();
	for (size_t i = 0; i < sizeof seed; i++)
		seed[i] = (uint8_t)i;
	ht_key_of_seed(seed, &key);
	seed[0] = 255;
	ht_key_of_seed(seed, &other_key);
	ht_arena_init(&arena, 1 << 22);
	return check_main(tests, HT_COUNT(tests));
}
