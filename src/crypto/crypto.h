/* crypto/crypto.h - hashes, signatures, random bytes: the only place that sees libsodium and OpenSSL.
 *
 * Threads any, after ht_crypto_start(). Keys are plain bytes; ht_key_wipe() when done. */
#ifndef HT_CRYPTO_CRYPTO_H
#define HT_CRYPTO_CRYPTO_H

#include "base/random.h"
#include "base/text.h"

enum { HT_SHA256 = 32, HT_SEED = 32, HT_PUBLIC = 32, HT_SIGNATURE = 64 };

/* Ed25519 (RFC 8032). */
struct ht_key {
	uint8_t seed[HT_SEED];
	uint8_t pub[HT_PUBLIC];
};

void ht_crypto_start(void);            /* once, before anything else; stops the process when the library cannot start */
extern struct ht_random ht_random_os;  /* the operating system's randomness (getrandom by libsodium) */

void ht_sha256(struct ht_bytes b, uint8_t out[HT_SHA256]);

/* SHA-256 in pieces (OpenSSL, SHA-NI). */
struct ht_sha256_run;
struct ht_sha256_run *ht_sha256_new(void);
void ht_sha256_add(struct ht_sha256_run *run, struct ht_bytes b);
void ht_sha256_end(struct ht_sha256_run *run, uint8_t out[HT_SHA256]); /* and begins anew */
void ht_sha256_free(struct ht_sha256_run *run);

void ht_key_new(struct ht_random *r, struct ht_key *out);
void ht_key_of_seed(const uint8_t seed[HT_SEED], struct ht_key *out);
void ht_key_wipe(struct ht_key *key);
void ht_sign(const struct ht_key *key, struct ht_bytes message, uint8_t out[HT_SIGNATURE]);
bool ht_verify(const uint8_t pub[HT_PUBLIC], struct ht_bytes message, const uint8_t signature[HT_SIGNATURE]);

bool ht_same_secret(struct ht_bytes a, struct ht_bytes b); /* in constant time for equal lengths */

#endif
