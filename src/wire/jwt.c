/* wire/jwt.c - compact JWS of JSON claims (RFC 7515, 7519): taken apart and put together. */
#include <string.h>

#include "base/count.h"
#include "wire/did.h"
#include "wire/shape.h"

static bool refuse(struct ht_refusal *why, const char *place)
{
	return ht_refuse(why, HT_REFUSE_TOKEN_SHAPE, ht_text_of(place));
}

/* A text that may be absent. */
static bool take(const struct ht_json *object, const char *name, struct ht_arena *a, struct ht_text *out)
{
	const struct ht_json *v = ht_json_member(object, name);

	if (v && !ht_json_is_text(v))
		return false;
	*out = ht_text_copy(a, ht_json_text(v));
	return true;
}

static bool take_header(const struct ht_json *root, struct ht_arena *a, struct ht_jwt *out, struct ht_refusal *why)
{
	static const char *const odd[] = { "crit", "jwk", "jku", "x5u", "x5c", "b64" };

	if (!ht_json_is_object(root))
		return refuse(why, "header");
	if (!take(root, "alg", a, &out->alg))
		return refuse(why, "header/alg");
	if (!take(root, "kid", a, &out->kid))
		return refuse(why, "header/kid");
	for (size_t i = 0; i < HT_COUNT(odd); i++)
		out->odd_header |= ht_json_member(root, odd[i]) != NULL;
	return true;
}

static bool take_claims(const struct ht_json *root, struct ht_arena *a, struct ht_jwt *out, struct ht_refusal *why)
{
	const struct ht_json *aud = ht_json_member(root, "aud");
	const struct ht_json *one = ht_json_is_array(aud) && ht_json_count(aud) == 1 ? ht_json_at(aud, 0) : aud;

	if (!ht_json_is_object(root))
		return refuse(why, "claims");
	if (!take(root, "iss", a, &out->iss))
		return refuse(why, "claims/iss");
	if (!take(root, "sub", a, &out->sub))
		return refuse(why, "claims/sub");
	if (!take(root, "jti", a, &out->jti))
		return refuse(why, "claims/jti");
	if (!take(root, "body", a, &out->body))
		return refuse(why, "claims/body");
	if (one && !ht_json_is_text(one))
		return refuse(why, "claims/aud");
	out->aud = ht_text_copy(a, ht_json_text(one));
	if (!ht_json_int(ht_json_member(root, "iat"), &out->iat_s))
		return refuse(why, "claims/iat");
	return ht_json_int(ht_json_member(root, "exp"), &out->exp_s) || refuse(why, "claims/exp");
}

typedef bool take_part(const struct ht_json *root, struct ht_arena *a, struct ht_jwt *out, struct ht_refusal *why);

static bool part(struct ht_text encoded, const char *place, take_part *take_it, struct ht_arena *a, struct ht_jwt *out,
		 struct ht_refusal *why)
{
	struct ht_arena scratch = *a;
	struct ht_json *root;
	struct ht_bytes json;
	bool ok;

	if (!ht_base64url_read(&scratch, encoded, &json))
		return refuse(why, place);
	root = ht_json_read(json, &ht_json_small, why);
	if (!root)
		return refuse(why, place);
	ok = take_it(root, a, out, why);
	ht_json_free(root);
	return ok;
}

/* A signature that is no Ed25519 signature is left zero when the header does not claim EdDSA: the algorithm is what is wrong then. */
static bool signature(struct ht_text encoded, struct ht_arena scratch, struct ht_jwt *out, struct ht_refusal *why)
{
	struct ht_bytes bytes;

	if (!ht_base64url_read(&scratch, encoded, &bytes))
		return refuse(why, "signature");
	if (bytes.len != sizeof out->signature)
		return !ht_text_is(out->alg, "EdDSA") || refuse(why, "signature");
	memcpy(out->signature, bytes.at, sizeof out->signature);
	return true;
}

bool ht_jwt_read(struct ht_text token, struct ht_arena *a, struct ht_jwt *out, struct ht_refusal *why)
{
	struct ht_text input, header, claims, third;

	memset(out, 0, sizeof *out);
	if (!ht_text_cut_last(token, '.', &input, &third) || !ht_text_cut(input, '.', &header, &claims))
		return refuse(why, "token");
	if (memchr(claims.at, '.', claims.len))
		return refuse(why, "token");
	out->input = ht_text_copy(a, input);
	return part(header, "header", take_header, a, out, why) && part(claims, "claims", take_claims, a, out, why) &&
	       signature(third, *a, out, why);
}

static struct ht_text header_text(const struct ht_jwt *t, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	ht_json_put(&w, "alg", t->alg.len ? t->alg : HT_TEXT("EdDSA"));
	ht_json_put_z(&w, "typ", "JWT");
	ht_json_put_some(&w, "kid", t->kid);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

static struct ht_text claims_text(const struct ht_jwt *t, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	ht_json_put_some(&w, "iss", t->iss);
	ht_json_put_some(&w, "sub", t->sub);
	ht_json_put_some(&w, "aud", t->aud);
	ht_json_put_some(&w, "jti", t->jti);
	ht_json_put_int(&w, "iat", t->iat_s);
	ht_json_put_int(&w, "exp", t->exp_s);
	ht_json_put_some(&w, "body", t->body);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

static struct ht_text joined(struct ht_text a, struct ht_text b, struct ht_arena *arena)
{
	char *at = ht_arena_take(arena, a.len + 1 + b.len);

	memcpy(at, a.at, a.len);
	at[a.len] = '.';
	memcpy(at + a.len + 1, b.at, b.len);
	return (struct ht_text){ at, a.len + 1 + b.len };
}

struct ht_text ht_jwt_input(const struct ht_jwt *t, struct ht_arena *a)
{
	struct ht_text header = ht_base64url(a, ht_text_bytes(header_text(t, a)));

	return joined(header, ht_base64url(a, ht_text_bytes(claims_text(t, a))), a);
}

struct ht_text ht_jwt_whole(struct ht_text input, const uint8_t signed_by[64], struct ht_arena *a)
{
	return joined(input, ht_base64url(a, (struct ht_bytes){ signed_by, 64 }), a);
}
