/* base/random_test.c - tests of base/random.h. */
#include "base/random.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

/* Source: the states are splitmix64's for seed 1234567, as its author's program gives them; the first outputs follow. */
TEST(seeded_source_is_that_of_the_paper)
{
	static const uint64_t states[] = {
		UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
	};
	/* Source: rand_xoshiro's reference vector for xoshiro256** with the state 1, 2, 3, 4. */
	static const uint64_t outputs[] = {
		11520, 0, UINT64_C(1509978240), UINT64_C(1215971899390074240), UINT64_C(1216172134540287360),
	};
	struct ht_random r;

	ht_random_seed(&r, 1234567);
	CHECK(!memcmp(r.state, states, sizeof(states)));
	for (size_t i = 0; i < 4; i++)
		r.state[i] = i + 1;
	for (size_t i = 0; i < HT_COUNT(outputs); i++)
		CHECK_F(ht_random_u64(&r) == outputs[i], "output %zu", i);
}

TEST(same_seed_same_bytes)
{
	struct ht_random a, b;
	uint8_t x[50], y[50];

	ht_random_seed(&a, 42);
	ht_random_seed(&b, 42);
	a.fill(&a, x, sizeof(x));
	b.fill(&b, y, sizeof(y));
	CHECK(!memcmp(x, y, sizeof(x)));
	ht_random_seed(&b, 43);
	b.fill(&b, y, sizeof(y));
	CHECK(memcmp(x, y, sizeof(x)));
}

/* Each of 7 values has the mean 10,000 and the deviation 93 in 70,000 draws; 560 is 6 deviations: false alarm below 1e-7. */
TEST(below_is_even)
{
	unsigned count[7] = { 0 };
	struct ht_random r;

	ht_random_seed(&r, check_seed());
	for (int i = 0; i < 70000; i++) {
		uint64_t v = ht_random_below(&r, 7);

		if (!CHECK(v < 7))
			return;
		count[v]++;
	}
	for (size_t i = 0; i < 7; i++)
		CHECK_F(count[i] > 9440 && count[i] < 10560, "value %zu: %u", i, count[i]);
	for (int i = 0; i < 1000; i++) {
		CHECK(ht_random_below(&r, 1) == 0);
		CHECK(ht_random_below(&r, UINT64_C(3) << 62) < UINT64_C(3) << 62);
	}
}

TEST(uuid7_shape)
{
	struct ht_arena a;
	struct ht_random r;

	ht_arena_init(&a, 1 << 20);
	ht_random_seed(&r, check_seed());
	for (int i = 0; i < 1000; i++) {
		struct ht_text t = ht_uuid7(&r, INT64_C(1645557742000999), &a);
		static const char form[] = "urn:uuid:017f22e2-79b0-7xxx-vxxx-xxxxxxxxxxxx"; /* Source: RFC 9562 appendix A.6 */
		bool good = t.len == sizeof(form) - 1;

		for (size_t k = 0; good && k < t.len; k++)
			good = strchr(form[k] == 'x' ? "0123456789abcdef" :
				      form[k] == 'v' ? "89ab" :
						       (const char[]){ form[k], 0 },
				      t.at[k]);
		CHECK_F(good, HT_TEXT_FMT, HT_TEXT_ARG(t));
	}
	CHECK(ht_text_starts(ht_uuid7(&r, 0, &a), HT_TEXT("urn:uuid:00000000-0000-7")));
	ht_arena_fini(&a);
}

TEST(uuid7_order_is_that_of_time)
{
	struct ht_arena a;
	struct ht_random r;
	struct ht_text before = HT_TEXT(""), t;
	int64_t now_us = INT64_C(1700000000000000);

	ht_arena_init(&a, 1 << 20);
	ht_random_seed(&r, check_seed());
	for (int i = 0; i < 5000; i++) {
		t = ht_uuid7(&r, now_us, &a);
		CHECK_F(ht_text_order(before, t) < 0, "at %lld us", (long long)now_us);
		before = t;
		now_us += 1000 + (int64_t)ht_random_below(&r, UINT64_C(1) << (i % 34));
	}
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(seeded_source_is_that_of_the_paper), TEST_ROW(same_seed_same_bytes), TEST_ROW(below_is_even),
	   TEST_ROW(uuid7_shape), TEST_ROW(uuid7_order_is_that_of_time))
