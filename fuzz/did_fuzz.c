/* fuzz/did_fuzz.c - any bytes as a DID document, a did:web and a token; what is taken comes back from the writer the same. */
#include <assert.h>
#include <string.h>

#include "base/net.h"
#include "wire/did.h"

static void document(struct ht_bytes body, struct ht_arena a)
{
	struct ht_refusal why;
	struct ht_did_doc doc, again;
	bool ok;

	if (!ht_did_read(body, &a, &doc, &why)) {
		assert(why.code != HT_REFUSE_NONE);
		return;
	}
	assert(doc.keys_count <= HT_DOC_KEYS_MAX && doc.services_count <= HT_DOC_SERVICES_MAX);
	ok = ht_did_read(ht_text_bytes(ht_did_write(&doc, &a)), &a, &again, &why);
	assert(ok && ht_text_same(again.did, doc.did) && again.keys_count == doc.keys_count && again.services_count == doc.services_count);
	for (size_t i = 0; i < doc.keys_count; i++)
		assert(!memcmp(again.keys[i].pub, doc.keys[i].pub, sizeof doc.keys[i].pub) &&
		       ht_text_same(again.keys[i].id, doc.keys[i].id));
}

/* The URL of a DID is one that the client takes, and its host and path are nothing else. */
static void address(struct ht_text did, struct ht_arena a)
{
	struct ht_text url;
	struct ht_url parts;
	bool ok;

	if (!ht_did_web_url(did, true, &a, &url))
		return;
	ok = ht_url_read(url, &parts);
	assert(ok && parts.tls && !parts.query.len && ht_text_ends(parts.path, HT_TEXT("/did.json")));
}

static void token(struct ht_text text, struct ht_arena a)
{
	struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
	struct ht_jwt t, again;
	bool ok;

	if (!ht_jwt_read(text, &a, &t, &why)) {
		assert(why.code == HT_REFUSE_TOKEN_SHAPE && why.place.len);
		return;
	}
	assert(t.input.len < text.len && !memcmp(t.input.at, text.at, t.input.len));
	ok = ht_jwt_read(ht_jwt_whole(ht_jwt_input(&t, &a), t.signature, &a), &a, &again, &why);
	if (!ok) /* escapes can make it longer than a token part may be */
		return;
	assert(ht_text_same(t.iss, again.iss) && ht_text_same(t.sub, again.sub) && ht_text_same(t.aud, again.aud));
	assert(ht_text_same(t.jti, again.jti) && ht_text_same(t.body, again.body) && ht_text_same(t.kid, again.kid));
	assert(t.iat_s == again.iat_s && t.exp_s == again.exp_s && !memcmp(t.signature, again.signature, sizeof t.signature));
}

/* Bytes that are no base64url would hardly become a token: the two lines of the input are its header and claims. */
static void token_of_lines(struct ht_text text, struct ht_arena a)
{
	static const uint8_t signature[64] = { 1 };
	struct ht_text header, claims, input;

	ht_text_cut(text, '\n', &header, &claims);
	header = ht_base64url(&a, ht_text_bytes(header));
	claims = ht_base64url(&a, ht_text_bytes(claims));
	input = ht_text_format(&a, HT_TEXT_FMT "." HT_TEXT_FMT, HT_TEXT_ARG(header), HT_TEXT_ARG(claims));
	token(ht_jwt_whole(input, signature, &a), a);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct ht_arena arena;
	struct ht_bytes body = { at, len };

	if (!arena.base)
		ht_arena_init(&arena, 64 << 20);
	ht_arena_reset(&arena);
	document(body, arena);
	address(ht_bytes_text(body), arena);
	token(ht_bytes_text(body), arena);
	token_of_lines(ht_bytes_text(body), arena);
	return 0;
}
