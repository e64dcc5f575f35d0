/* base/random.c - numbers and ids from a given source of bytes, and the seeded source. */
#include "base/random.h"

#include <assert.h>
#include <string.h>

static uint64_t left(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

/* Source: Blackman, Vigna, xoshiro256starstar.c (public domain), https://prng.di.unimi.it */
static uint64_t next(uint64_t s[4])
{
	uint64_t result = left(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = left(s[3], 45);
	return result;
}

static void fill(struct ht_random *self, uint8_t *out, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++) {
		v = i % 8 ? v >> 8 : next(self->state);
		out[i] = (uint8_t)v;
	}
}

void ht_random_seed(struct ht_random *r, uint64_t seed)
{
	*r = (struct ht_random){ .fill = fill };
	/* Source: Vigna, splitmix64.c (public domain). */
	for (size_t i = 0; i < 4; i++) {
		uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		r->state[i] = z ^ z >> 31;
	}
}

uint64_t ht_random_u64(struct ht_random *r)
{
	uint8_t bytes[8];
	uint64_t v = 0;

	r->fill(r, bytes, sizeof(bytes));
	for (size_t i = sizeof(bytes); i; i--)
		v = v << 8 | bytes[i - 1];
	return v;
}

uint64_t ht_random_below(struct ht_random *r, uint64_t n)
{
	uint64_t v, unfair;

	assert(n);
	unfair = -n % n; /* 2^64 mod n: so many of the lowest values would come once too often */
	do
		v = ht_random_u64(r);
	while (v < unfair);
	return v % n;
}

struct ht_text ht_uuid7(struct ht_random *r, int64_t now_us, struct ht_arena *a)
{
	static const char digits[] = "0123456789abcdef", before[] = "urn:uuid:";
	enum { BEFORE = sizeof(before) - 1, ALL = BEFORE + 36 };
	char *text = HT_TAKE(a, char, ALL), *to = text + BEFORE;
	uint64_t ms = (uint64_t)(now_us / 1000);
	uint8_t id[16];

	assert(now_us >= 0);
	for (size_t i = 0; i < 6; i++)
		id[i] = (uint8_t)(ms >> 8 * (5 - i));
	r->fill(r, id + 6, 10);
	id[6] = 0x70 | (id[6] & 0x0f); /* version 7 */
	id[8] = 0x80 | (id[8] & 0x3f); /* variant 0b10 */
	memcpy(text, before, BEFORE);
	for (size_t i = 0; i < sizeof(id); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = digits[id[i] >> 4];
		*to++ = digits[id[i] & 15];
	}
	return (struct ht_text){ text, ALL };
}
