/* identity/token.c - the self-issued token: made and checked. Source: RFC 7515, 7519, 8037; DCP 1.0 self-issued ID token. */
#include "identity/token.h"

#include <string.h>

#include "base/time.h"
#include "identity/bearer.h"
#include "wire/did.h"

enum { JTI_TIME = 6, JTI_RANDOM = 16 };

struct ht_text ht_identity_kid(struct ht_text did, const uint8_t pub[HT_PUBLIC], struct ht_arena *a)
{
	uint8_t hash[HT_SHA256];
	struct ht_text thumbprint;

	ht_sha256(ht_text_bytes(ht_jwk_members(pub, a)), hash);
	thumbprint = ht_jwk_thumbprint(hash, a);
	return ht_text_format(a, HT_TEXT_FMT "#" HT_TEXT_FMT, HT_TEXT_ARG(did), HT_TEXT_ARG(thumbprint));
}

static struct ht_text make_jti(int64_t now_us, struct ht_random *r, struct ht_arena *a)
{
	uint64_t ms = (uint64_t)(now_us / 1000);
	uint8_t jti[JTI_TIME + JTI_RANDOM];

	for (size_t i = JTI_TIME; i-- > 0; ms >>= 8)
		jti[i] = (uint8_t)ms;
	r->fill(r, jti + JTI_TIME, JTI_RANDOM);
	return ht_base64url(a, (struct ht_bytes){ jti, sizeof jti });
}

struct ht_text ht_token_make(const struct ht_signer *by, struct ht_text audience, struct ht_bytes body, int64_t now_us, struct ht_random *r,
			     struct ht_arena *a)
{
	uint8_t hash[HT_SHA256], signature[HT_SIGNATURE];
	struct ht_jwt t = { .alg = HT_TEXT("EdDSA"), .kid = by->kid, .iss = by->did, .sub = by->did, .aud = audience };
	struct ht_text input;

	ht_sha256(body, hash);
	t.jti = make_jti(now_us, r, a);
	t.iat_s = now_us / HT_SECOND_US;
	t.exp_s = t.iat_s + HT_TOKEN_LIFE_S;
	t.body = ht_base64url(a, (struct ht_bytes){ hash, sizeof hash });
	input = ht_jwt_input(&t, a);
	ht_sign(&by->key, ht_text_bytes(input), signature);
	return ht_jwt_whole(input, signature, a);
}

/* Three parts in a Bearer header, and a jti among the claims. */
static bool read_shape(struct ht_text header, struct ht_arena *a, struct ht_text *token, struct ht_jwt *t, struct ht_refusal *why)
{
	if (header.len == 0)
		return ht_refuse(why, HT_REFUSE_TOKEN_MISSING, HT_TEXT("Authorization"));
	if (!ht_bearer_read(header, token) || token->len > HT_TOKEN_MAX)
		return ht_refuse(why, HT_REFUSE_TOKEN_SHAPE, HT_TEXT("Authorization"));
	if (!ht_jwt_read(*token, a, t, why))
		return false;
	return (t->jti.len > 0 && t->jti.len <= HT_JTI_MAX) || ht_refuse(why, HT_REFUSE_TOKEN_SHAPE, HT_TEXT("claims/jti"));
}

/* kid is iss and a fragment, and sub is iss. */
static bool one_issuer(const struct ht_jwt *t, struct ht_refusal *why)
{
	struct ht_text did, fragment;

	if (!ht_text_cut(t->kid, '#', &did, &fragment) || fragment.len == 0 || !ht_text_same(did, t->iss))
		return ht_refuse(why, HT_REFUSE_TOKEN_ISSUER, HT_TEXT("header/kid"));
	return ht_text_same(t->sub, t->iss) || ht_refuse(why, HT_REFUSE_TOKEN_ISSUER, HT_TEXT("claims/sub"));
}

/* The difference is taken last: by then both are near now and it cannot overflow. */
static bool in_time(const struct ht_jwt *t, int64_t now_s, struct ht_refusal *why)
{
	if (t->iat_s > now_s + HT_TOKEN_SKEW_S || t->iat_s < now_s - HT_TOKEN_SKEW_S - HT_TOKEN_LIFE_S)
		return ht_refuse(why, HT_REFUSE_TOKEN_TIME, HT_TEXT("claims/iat"));
	if (t->exp_s < now_s - HT_TOKEN_SKEW_S || t->exp_s > now_s + HT_TOKEN_SKEW_S + HT_TOKEN_LIFE_S)
		return ht_refuse(why, HT_REFUSE_TOKEN_TIME, HT_TEXT("claims/exp"));
	return t->exp_s - t->iat_s <= HT_TOKEN_LIFE_S || ht_refuse(why, HT_REFUSE_TOKEN_TIME, HT_TEXT("claims/exp"));
}

bool ht_token_open(struct ht_text header, struct ht_text party_did, const struct ht_trust *trust, int64_t now_us, struct ht_arena *a,
		   struct ht_claim *out, struct ht_refusal *why)
{
	struct ht_text token;
	struct ht_jwt t;

	if (!read_shape(header, a, &token, &t, why))
		return false;
	if (!ht_text_is(t.alg, "EdDSA"))
		return ht_refuse(why, HT_REFUSE_TOKEN_ALG, HT_TEXT("header/alg"));
	if (t.odd_header)
		return ht_refuse(why, HT_REFUSE_TOKEN_ALG, HT_TEXT("header"));
	if (!one_issuer(&t, why))
		return false;
	if (!ht_text_same(t.aud, party_did))
		return ht_refuse(why, HT_REFUSE_TOKEN_AUDIENCE, HT_TEXT("claims/aud"));
	if (!in_time(&t, now_us / HT_SECOND_US, why))
		return false;
	if (!ht_trusts(trust, t.iss))
		return ht_refuse(why, HT_REFUSE_TOKEN_UNTRUSTED, HT_TEXT("claims/iss"));
	*out = (struct ht_claim){
		.token = token, .did = t.iss, .kid = t.kid, .jti = t.jti, .until_s = t.exp_s + HT_TOKEN_SKEW_S, .input = t.input
	};
	if (!ht_base64url_read(a, t.body, &out->body_hash))
		out->body_hash = (struct ht_bytes){ 0 };
	memcpy(out->signature, t.signature, sizeof out->signature);
	return true;
}

static const struct ht_did_key *key_of(const struct ht_did_doc *doc, struct ht_text kid)
{
	for (size_t i = 0; i < doc->keys_count; i++)
		if (ht_text_same(doc->keys[i].id, kid))
			return &doc->keys[i];
	return NULL;
}

bool ht_token_verify(struct ht_claim *c, const struct ht_did_doc *doc, struct ht_bytes body, bool *unknown_kid, struct ht_refusal *why)
{
	const struct ht_did_key *key = key_of(doc, c->kid);
	uint8_t hash[HT_SHA256];

	*unknown_kid = false;
	if (!ht_text_same(doc->did, c->did))
		return ht_refuse(why, HT_REFUSE_DOCUMENT_BAD, HT_TEXT("id"));
	if (!key) {
		*unknown_kid = true;
		return ht_refuse(why, HT_REFUSE_TOKEN_KEY, HT_TEXT("header/kid"));
	}
	if (!ht_verify(key->pub, ht_text_bytes(c->input), c->signature))
		return ht_refuse(why, HT_REFUSE_TOKEN_SIGNATURE, HT_TEXT("signature"));
	ht_sha256(body, hash);
	if (!ht_bytes_same(c->body_hash, (struct ht_bytes){ hash, sizeof hash }))
		return ht_refuse(why, HT_REFUSE_TOKEN_BODY, HT_TEXT("claims/body"));
	memcpy(c->pub, key->pub, sizeof c->pub);
	return true;
}
