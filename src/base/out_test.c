/* base/out_test.c - tests of base/out.h. */
#include "base/out.h"

#include <string.h>

#include "base/reader.h"
#include "test/check.h"

TEST(writes_each_kind)
{
	static const uint8_t expected[] = "a\0bcd-7x\x01\x12\x34\x01\x02\x03\x04\x05\x06\x07\x08\0\x03str";
	struct ht_arena a;
	struct ht_out o;

	ht_arena_init(&a, 1 << 20);
	ht_out_init(&o, &a);
	CHECK(ht_out_done(&o).at && !ht_out_done(&o).len);
	ht_out_bytes(&o, (struct ht_bytes){ (const uint8_t *)"a\0", 2 });
	ht_out_bytes(&o, (struct ht_bytes){ NULL, 0 });
	ht_out_text(&o, HT_TEXT("b"));
	ht_out_z(&o, "cd");
	ht_out_format(&o, "-%d", 7);
	ht_out_char(&o, 'x');
	ht_out_u8(&o, 1);
	ht_out_u16(&o, 0x1234);
	ht_out_u64(&o, UINT64_C(0x0102030405060708));
	ht_out_str(&o, HT_TEXT("str"));
	CHECK(ht_bytes_same(ht_out_done_bytes(&o), (struct ht_bytes){ expected, sizeof(expected) - 1 }));
	ht_arena_fini(&a);
}

/* Two pieces grow in turn: each moves, none is mixed with the other. */
TEST(two_pieces_grow_in_turn)
{
	struct ht_arena a;
	struct ht_out odd, even;
	struct ht_text t;
	bool good = true;

	ht_arena_init(&a, 1 << 20);
	ht_out_init(&odd, &a);
	ht_out_init(&even, &a);
	for (unsigned i = 0; i < 20000; i++)
		ht_out_char(i % 2 ? &odd : &even, (char)('a' + i % 26));
	t = ht_out_done(&odd);
	for (unsigned i = 0; i < t.len; i++)
		good = good && t.at[i] == (char)('a' + (2 * i + 1) % 26);
	CHECK(t.len == 10000 && good);
	t = ht_out_done(&even);
	for (unsigned i = 0; i < t.len; i++)
		good = good && t.at[i] == (char)('a' + 2 * i % 26);
	CHECK(t.len == 10000 && good);
	ht_arena_fini(&a);
}

TEST(formats_of_every_length)
{
	struct ht_arena a;
	char x[700];

	ht_arena_init(&a, 1 << 20);
	memset(x, 'x', sizeof(x));
	for (int before = 150; before < 300; before += 7) {
		for (int len = 0; len < (int)sizeof(x); len += 3) {
			struct ht_out o;

			ht_out_init(&o, &a);
			ht_out_text(&o, (struct ht_text){ x, (size_t)before });
			ht_out_format(&o, "%.*s", len, x);
			CHECK_F(o.len == (size_t)(before + len) && !memcmp(o.at + before, x, (size_t)len), "%d and %d", before, len);
			ht_arena_reset(&a);
		}
	}
	ht_arena_fini(&a);
}

TEST(longest_str_is_read_again)
{
	static char x[UINT16_MAX];
	struct ht_arena a;
	struct ht_out o;
	struct ht_reader r;

	ht_arena_init(&a, 1 << 20);
	ht_out_init(&o, &a);
	ht_out_str(&o, (struct ht_text){ x, sizeof(x) });
	ht_reader_init(&r, ht_out_done_bytes(&o));
	CHECK(ht_text_same(ht_reader_str(&r), (struct ht_text){ x, sizeof(x) }) && ht_reader_done(&r));
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(writes_each_kind), TEST_ROW(two_pieces_grow_in_turn), TEST_ROW(formats_of_every_length),
	   TEST_ROW(longest_str_is_read_again))
