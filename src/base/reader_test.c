/* base/reader_test.c - tests of base/reader.h. */
#include "base/reader.h"

#include "test/check.h"

static const uint8_t bytes[] = { 7, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8, 0, 2, 'h', 'i', 9 };

/* What a decoder of the bytes above does; the number of good fields. */
static int decode(struct ht_reader *r)
{
	int good = 0;

	good += ht_reader_u8(r) == 7;
	good += ht_reader_u16(r) == 0x1234;
	good += ht_reader_u64(r) == UINT64_C(0x0102030405060708);
	good += ht_text_is(ht_reader_str(r), "hi");
	good += ht_reader_take(r, 1).len == 1;
	return good;
}

TEST(reads_all)
{
	struct ht_reader r;

	ht_reader_init(&r, (struct ht_bytes){ bytes, sizeof(bytes) });
	CHECK(decode(&r) == 5 && ht_reader_done(&r));
	CHECK(ht_reader_u8(&r) == 0 && r.failed && !ht_reader_done(&r));
}

/* Cut anywhere: what lies before the cut is read, what lies behind is zero, and the fault stays. */
TEST(remembers_the_first_fault)
{
	static const int good[sizeof(bytes)] = { 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4 };

	for (size_t len = 0; len < sizeof(bytes); len++) {
		struct ht_reader r;

		ht_reader_init(&r, (struct ht_bytes){ bytes, len });
		CHECK_F(decode(&r) == good[len] && !ht_reader_done(&r), "%zu bytes", len);
	}
}

TEST(empty_and_left_over)
{
	struct ht_reader r;

	ht_reader_init(&r, (struct ht_bytes){ NULL, 0 });
	CHECK(ht_reader_done(&r) && !ht_reader_take(&r, 0).len && ht_reader_done(&r));
	CHECK(!ht_reader_take(&r, SIZE_MAX).len && !ht_reader_done(&r));
	CHECK(!ht_reader_take(&r, 0).len && !ht_reader_done(&r));
	ht_reader_init(&r, (struct ht_bytes){ bytes, 2 });
	CHECK(ht_reader_u8(&r) == 7 && !ht_reader_done(&r) && !r.failed);
}

CHECK_MAIN(TEST_ROW(reads_all), TEST_ROW(remembers_the_first_fault), TEST_ROW(empty_and_left_over))
