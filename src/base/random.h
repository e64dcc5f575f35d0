/* base/random.h - where random bytes come from, and a repeatable source for tests. The core asks nobody: it is given one. */
#ifndef HT_BASE_RANDOM_H
#define HT_BASE_RANDOM_H

#include "base/text.h"

/* Source of random bytes; crypto/crypto.h gives the real one. */
struct ht_random {
	void (*fill)(struct ht_random *self, uint8_t *out, size_t len);
	uint64_t state[4]; /* of the seeded source */
};

/* xoshiro256** seeded by splitmix64: the same seed gives the same bytes. For tests and jitter, never for secrets.
 * Source: Blackman, Vigna, "Scrambled linear pseudorandom number generators" (2021). */
void ht_random_seed(struct ht_random *r, uint64_t seed);

uint64_t ht_random_u64(struct ht_random *r);
uint64_t ht_random_below(struct ht_random *r, uint64_t n); /* 0 .. n-1 without bias; n > 0 */

/* "urn:uuid:" and a version 7 id (RFC 9562 section 5.7): 48 bits of Unix milliseconds, 74 random bits. */
struct ht_text ht_uuid7(struct ht_random *r, int64_t now_us, struct ht_arena *a);

#endif
