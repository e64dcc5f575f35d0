/* crypto/crypto.c - Ed25519 and random bytes of libsodium, SHA-256 of OpenSSL (it uses the processor's instructions). */
#include "crypto/crypto.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <sodium.h>

static_assert(HT_SEED == crypto_sign_SEEDBYTES && HT_PUBLIC == crypto_sign_PUBLICKEYBYTES && HT_SIGNATURE == crypto_sign_BYTES);

static EVP_MD *sha256; /* fetched once: a fetch by each digest would cost more than the digest */

void ht_crypto_start(void)
{
	if (!sha256)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (sodium_init() < 0 || !sha256) {
		fprintf(stderr, "hutong: the cryptographic library does not start\n");
		abort();
	}
}

static void fill(struct ht_random *, uint8_t *out, size_t len)
{
	randombytes_buf(out, len);
}

struct ht_random ht_random_os = { .fill = fill };

/* What only a broken library or no memory for a context of 100 bytes can make false. */
static void must(int done)
{
	if (done != 1) {
		fprintf(stderr, "hutong: SHA-256 failed\n");
		abort();
	}
}

void ht_sha256(struct ht_bytes b, uint8_t out[HT_SHA256])
{
	assert(sha256);
	must(EVP_Digest(b.at, b.len, out, NULL, sha256, NULL));
}

/* An EVP_MD_CTX under our name. */
static EVP_MD_CTX *context(struct ht_sha256_run *run)
{
	return (EVP_MD_CTX *)(void *)run;
}

struct ht_sha256_run *ht_sha256_new(void)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();

	assert(sha256);
	must(c && EVP_DigestInit_ex(c, sha256, NULL));
	return (struct ht_sha256_run *)(void *)c;
}

void ht_sha256_add(struct ht_sha256_run *run, struct ht_bytes b)
{
	must(EVP_DigestUpdate(context(run), b.at, b.len));
}

void ht_sha256_end(struct ht_sha256_run *run, uint8_t out[HT_SHA256])
{
	must(EVP_DigestFinal_ex(context(run), out, NULL));
	must(EVP_DigestInit_ex(context(run), sha256, NULL));
}

void ht_sha256_free(struct ht_sha256_run *run)
{
	EVP_MD_CTX_free(context(run));
}

void ht_key_new(struct ht_random *r, struct ht_key *out)
{
	uint8_t seed[HT_SEED];

	r->fill(r, seed, sizeof(seed));
	ht_key_of_seed(seed, out);
	sodium_memzero(seed, sizeof(seed));
}

void ht_key_of_seed(const uint8_t seed[HT_SEED], struct ht_key *out)
{
	uint8_t pair[HT_SEED + HT_PUBLIC];

	crypto_sign_seed_keypair(out->pub, pair, seed);
	memmove(out->seed, seed, HT_SEED);
	sodium_memzero(pair, sizeof(pair));
}

void ht_key_wipe(struct ht_key *key)
{
	sodium_memzero(key, sizeof(*key));
}

void ht_sign(const struct ht_key *key, struct ht_bytes message, uint8_t out[HT_SIGNATURE])
{
	uint8_t pair[HT_SEED + HT_PUBLIC]; /* as libsodium wants it */

	memcpy(pair, key->seed, HT_SEED);
	memcpy(pair + HT_SEED, key->pub, HT_PUBLIC);
	crypto_sign_detached(out, NULL, message.at, message.len, pair);
	sodium_memzero(pair, sizeof(pair));
}

bool ht_verify(const uint8_t pub[HT_PUBLIC], struct ht_bytes message, const uint8_t signature[HT_SIGNATURE])
{
	return crypto_sign_verify_detached(signature, message.at, message.len, pub) == 0;
}

bool ht_same_secret(struct ht_bytes a, struct ht_bytes b)
{
	return a.len == b.len && (!a.len || sodium_memcmp(a.at, b.at, a.len) == 0);
}
