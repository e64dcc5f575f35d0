/* fuzz/token_fuzz.c - what strangers say of themselves: an Authorization header, and the peers file.
 * The document that is checked against has one key under whatever kid the token names, so that every input that opens
 * comes to the signature. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/time.h"
#include "identity/bearer.h"
#include "identity/peers.h"
#include "identity/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void token(struct ht_text header, struct ht_arena *a)
{
	static const uint8_t pub[HT_PUBLIC] = { 0x03, 0xa1, 0x07, 0xbf, 0xf3, 0xce, 0x10, 0xbe, 0x1d, 0x70, 0xdd, 0x18, 0xe7, 0x4b, 0xc0,
	  0x99,
						0x67, 0xe4, 0xd6, 0x30, 0x9b, 0xa5, 0x0d, 0x5f, 0x1d, 0xdc, 0x86, 0x64, 0x12, 0x55, 0x31,
						  0xb8 };
	const struct ht_text party = HT_TEXT("did:web:b.example:p:south");
	const struct ht_trust web = { .kind = HT_TRUST_WEB };
	const int64_t now_us = INT64_C(1764000000) * HT_SECOND_US;
	struct ht_did_doc doc = { .keys_count = 1 };
	struct ht_refusal why = { 0 };
	struct ht_claim c;
	bool unknown;

	if (!ht_token_open(header, party, &web, now_us, a, &c, &why)) {
		assert(why.code >= HT_REFUSE_TOKEN_MISSING && why.code <= HT_REFUSE_TOKEN_UNTRUSTED);
		return;
	}
	assert(c.jti.len && c.until_s >= now_us / HT_SECOND_US && ht_text_starts(c.kid, c.did) && c.token.len <= HT_TOKEN_MAX);
	doc.did = c.did;
	doc.keys[0].id = c.kid;
	memcpy(doc.keys[0].pub, pub, sizeof pub);
	if (ht_token_verify(&c, &doc, ht_text_bytes(HT_TEXT("{\"a\":1}")), &unknown, &why))
		assert(memcmp(c.pub, pub, sizeof pub) == 0);
	else
		assert(!unknown && (why.code == HT_REFUSE_TOKEN_SIGNATURE || why.code == HT_REFUSE_TOKEN_BODY));
}

/* Who sends what this peer is known by is taken for this peer, but for a fixed value of the same bytes. */
static void mock(const struct ht_peers *peers, const struct ht_peer *p, struct ht_arena *a)
{
	struct ht_peer twin = { .base = p->base, .send = HT_PEER_EDC_MOCK, .send_value = p->accept_value };
	struct ht_text header = ht_peer_authorization(&twin, a);
	const struct ht_peer *found = ht_peers_accept(peers, header);

	assert(p->accept != HT_PEER_EDC_MOCK || header.len > 4 << 10 || found == p || (found && found->accept == HT_PEER_HEADER));
}

/* A header of any form beside a peer that is known by such a one. */
static void mock_header(struct ht_text header)
{
	static struct ht_peers peers = { .count = 1 };
	struct ht_peer *p = &peers.at[0];

	p->accept = HT_PEER_EDC_MOCK;
	p->accept_value = HT_TEXT("edc");
	assert(!ht_peers_accept(&peers, header) || header.len >= sizeof("{\"clientId\":\"edc\"}") - 1);
}

static void file(struct ht_bytes b, struct ht_arena *a)
{
	static struct ht_peers peers;
	struct ht_refusal why = { 0 };

	if (!ht_peers_read(b, a, &peers, &why)) {
		assert(why.code != HT_REFUSE_NONE);
		return;
	}
	for (size_t i = 0; i < peers.count; i++) {
		const struct ht_peer *p = &peers.at[i];

		assert(ht_peers_by_id(&peers, p->id) == p && ht_peers_by_base(&peers, p->base) == p);
		assert(p->accept != HT_PEER_HEADER || ht_peers_accept(&peers, p->accept_value) == p);
		mock(&peers, p, a);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct ht_arena a;
	struct ht_text header = { (const char *)at, len };
	uint8_t hash[HT_SHA256];

	if (!a.base) {
		ht_crypto_start();
		ht_arena_init(&a, 16 << 20);
	}
	token(header, &a);
	(void)ht_bearer_hash(header, hash);
	mock_header(header);
	file((struct ht_bytes){ at, len }, &a);
	ht_arena_reset(&a);
	return 0;
}
