/* identity/token.h - the self-issued token that goes with each request between connectors: made and checked (IDENTITY).
 * Pure: time, documents and randomness are arguments.
 *
 * Checked in two halves, because the issuer's document may have to be fetched between them; whether the jti was seen is
 * the store's to say. Each check has its own code, in the order of enum ht_refuse from TOKEN_MISSING on. */
#ifndef HT_IDENTITY_TOKEN_H
#define HT_IDENTITY_TOKEN_H

#include "base/random.h"
#include "crypto/crypto.h"
#include "identity/trust.h"
#include "model/market.h"

enum {
	HT_TOKEN_LIFE_S = 300,
	HT_TOKEN_SKEW_S = 60,
	HT_TOKEN_OPEN_S = 421, /* how long a copy of a request can still be taken by a clock that is HT_TOKEN_SKEW_S behind: doc/adr/0005 */
	HT_TOKEN_MAX = 8192,   /* bytes */
	HT_JTI_MAX = 256,      /* bytes: the store keeps it in an index */
};

/* A key of ours with its kid, DID#THUMBPRINT. */
struct ht_signer {
	struct ht_text did, kid;
	struct ht_key key;
};
struct ht_text ht_identity_kid(struct ht_text did, const uint8_t pub[HT_PUBLIC], struct ht_arena *a);

/* The token for one attempt, life HT_TOKEN_LIFE_S. body: what is sent, empty for GET.
 * jti: 30 letters of base64url of 22 bytes, 6 of big-endian Unix milliseconds and 16 random ones: all of the 128 random bits
 * that make it unique, and the time before them, so that an index of seen ids grows at its end. */
struct ht_text ht_token_make(const struct ht_signer *by, struct ht_text audience, struct ht_bytes body, int64_t now_us, struct ht_random *r,
			     struct ht_arena *a);

/* A token while it is checked. */
struct ht_claim {
	struct ht_text token; /* the whole; a view of the header */
	struct ht_text did;   /* issuer */
	struct ht_text kid;
	struct ht_text jti;
	int64_t until_s;      /* exp + skew: how long the jti is kept */
	struct ht_text input; /* what is signed */
	struct ht_bytes body_hash; /* claim `body`; empty: absent or not base64url */
	uint8_t signature[HT_SIGNATURE];
	uint8_t pub[HT_PUBLIC]; /* the key that verified it, after the second half */
};

/* First half: shape, algorithm, issuer, audience, time, trust. header: the Authorization value. */
bool ht_token_open(struct ht_text header, struct ht_text party_did, const struct ht_trust *trust, int64_t now_us, struct ht_arena *a,
		   struct ht_claim *out, struct ht_refusal *why);

/* Second half: the document is the issuer's (HT_REFUSE_DOCUMENT_BAD), key by kid, signature, body hash.
 * *unknown_kid tells that another fetch of the document may help. */
bool ht_token_verify(struct ht_claim *c, const struct ht_did_doc *doc, struct ht_bytes body, bool *unknown_kid, struct ht_refusal *why);

#endif
