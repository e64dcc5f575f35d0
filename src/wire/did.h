/* wire/did.h - DID documents and JWTs: bytes to model and back. Judging them is identity's.
 * Source: W3C did-core 1.0, did:web method, RFC 7515, 7519, 7638, 8037. */
#ifndef HT_WIRE_DID_H
#define HT_WIRE_DID_H

#include "base/refuse.h"
#include "model/market.h"

/* RFC 7638 thumbprint of an Ed25519 key, base64url. */
struct ht_text ht_jwk_thumbprint(const uint8_t sha256_of_members[32], struct ht_arena *a);
/* The text whose SHA-256 that is: {"crv":"Ed25519","kty":"OKP","x":"..."}. */
struct ht_text ht_jwk_members(const uint8_t pub[32], struct ht_arena *a);

/* Keys in the order of the document. */
struct ht_text ht_did_write(const struct ht_did_doc *doc, struct ht_arena *a);
/* Other keys than Ed25519 JWKs are passed over; a key counts only when `authentication` lists it (by reference or embedded).
 * More keys or services than the document struct holds are refused, and so are lists of more than 64 methods.
 * Copies into the arena. HT_REFUSE_DOCUMENT_BAD and the JSON codes. */
bool ht_did_read(struct ht_bytes body, struct ht_arena *a, struct ht_did_doc *out, struct ht_refusal *why);

/* did:web to the URL of its document and back. tls false: http. False: not a did:web, its host is an address, or a part of its path
 * could be read as another path. */
bool ht_did_web_url(struct ht_text did, bool tls, struct ht_arena *a, struct ht_text *url);
/* "http://HOST:PORT/PREFIX" and party to did:web:HOST%3APORT:PREFIX:p:PARTY. public_url is a URL (ht_url_read). */
struct ht_text ht_did_web_of(struct ht_text public_url, struct ht_text party, struct ht_arena *a);

/* A compact JWS of JSON claims, taken apart; nothing is judged. */
struct ht_jwt {
	struct ht_text alg, kid;                 /* header */
	bool odd_header;                         /* crit, jwk, jku, x5u, x5c or b64 is there */
	struct ht_text iss, sub, aud, jti, body; /* claims; aud: the one, or the first of an array of one */
	int64_t iat_s, exp_s;
	struct ht_text input;                    /* what is signed: header.payload */
	uint8_t signature[64];                   /* zero when it has another length and alg is not EdDSA */
};
/* Copies into the arena. Absent texts are empty; iat and exp must be there. HT_REFUSE_TOKEN_SHAPE: place is "token", "header", "claims",
 * "signature" or a member of one of them ("claims/iat"). */
bool ht_jwt_read(struct ht_text token, struct ht_arena *a, struct ht_jwt *out, struct ht_refusal *why);
/* "header.payload" to be signed (alg empty: EdDSA; empty texts are left out), and the whole with its signature. */
struct ht_text ht_jwt_input(const struct ht_jwt *t, struct ht_arena *a);
struct ht_text ht_jwt_whole(struct ht_text input, const uint8_t signature[64], struct ht_arena *a);

#endif
