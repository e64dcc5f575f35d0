/* base/text_test.c - tests of base/text.h. */
#include "base/text.h"

#include <string.h>

#include "base/count.h"
#include "base/random.h"
#include "test/check.h"

static struct ht_arena arena;

static const struct ht_text none = { NULL, 0 };

/* The first and the last of the tests. */
TEST(arena_begins)
{
	ht_arena_init(&arena, 1 << 22);
	CHECK(arena.at < arena.end);
}

TEST(arena_ends)
{
	ht_arena_fini(&arena);
	CHECK(!arena.base);
}

static struct ht_bytes bytes_of(const char *z)
{
	return ht_text_bytes(ht_text_of(z));
}

TEST(compares)
{
	static const struct {
		const char *a, *b;
		bool same, same_case, starts, ends;
		int order;
	} rows[] = {
		/* a        b        same   case   starts ends   order */
		{ "",       "",      true,  true,  true,  true,  0 },
		{ "a",      "",      false, false, true,  true,  1 },
		{ "",       "a",     false, false, false, false, -1 },
		{ "abc",    "abc",   true,  true,  true,  true,  0 },
		{ "abc",    "ABC",   false, true,  false, false, 1 },
		{ "abc",    "ab",    false, false, true,  false, 1 },
		{ "abc",    "bc",    false, false, false, true,  -1 },
		{ "a@",     "a`",    false, false, false, false, -1 },
		{ "\xc3\x84", "z",   false, false, false, false, 1 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_text a = ht_text_of(rows[i].a), b = ht_text_of(rows[i].b);
		int order = ht_text_order(a, b);

		CHECK_ROW(rows[i].a, ht_text_same(a, b) == rows[i].same);
		CHECK_ROW(rows[i].a, ht_text_is(a, rows[i].b) == rows[i].same);
		CHECK_ROW(rows[i].a, ht_bytes_same(ht_text_bytes(a), ht_text_bytes(b)) == rows[i].same);
		CHECK_ROW(rows[i].a, ht_text_same_case(a, rows[i].b) == rows[i].same_case);
		CHECK_ROW(rows[i].a, ht_text_starts(a, b) == rows[i].starts);
		CHECK_ROW(rows[i].a, ht_text_ends(a, b) == rows[i].ends);
		CHECK_ROW(rows[i].a, (order > 0) - (order < 0) == rows[i].order);
	}
	CHECK(ht_text_same(none, HT_TEXT("")) && ht_text_starts(none, none) && !ht_text_order(none, none));
	CHECK(ht_text_of(NULL).at && !ht_text_of(NULL).len);
}

TEST(cuts)
{
	static const struct {
		const char *text, *head, *tail, *last_head, *last_tail;
		bool found;
	} rows[] = {
		{ "",      "",   "",    "",    "",   false },
		{ "a",     "a",  "",    "",    "a",  false },
		{ "/",     "",   "",    "",    "",   true },
		{ "a/b/c", "a",  "b/c", "a/b", "c",  true },
		{ "/a",    "",   "a",   "",    "a",  true },
		{ "a/",    "a",  "",    "a",   "",   true },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_text head, tail;

		CHECK_ROW(rows[i].text, ht_text_cut(ht_text_of(rows[i].text), '/', &head, &tail) == rows[i].found);
		CHECK_ROW(rows[i].text, ht_text_is(head, rows[i].head) && ht_text_is(tail, rows[i].tail));
		CHECK_ROW(rows[i].text, ht_text_cut_last(ht_text_of(rows[i].text), '/', &head, &tail) == rows[i].found);
		CHECK_ROW(rows[i].text, ht_text_is(head, rows[i].last_head) && ht_text_is(tail, rows[i].last_tail));
	}
}

TEST(trims_and_copies)
{
	static const struct {
		const char *from, *to;
	} rows[] = { { "", "" }, { " \t\r\n", "" }, { " a b\r\n", "a b" }, { "a", "a" }, { "\fa", "\fa" } };
	char big[2000];

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].from, ht_text_is(ht_text_trim(ht_text_of(rows[i].from)), rows[i].to));
	CHECK(ht_text_is(ht_text_copy(&arena, HT_TEXT("城市")), "城市"));
	CHECK(ht_text_copy(&arena, none).len == 0);
	CHECK(!strcmp(ht_text_z(&arena, HT_TEXT("abc")), "abc") && !*ht_text_z(&arena, none));
	CHECK(ht_text_is(ht_text_format(&arena, "%s-%d", "a", 7), "a-7"));
	CHECK(ht_text_is(ht_text_format(&arena, "%s", ""), ""));
	memset(big, 'x', sizeof(big));
	for (size_t len = 254; len < 259; len++) {
		struct ht_text t = ht_text_format(&arena, "%.*s", (int)len, big);

		CHECK_F(ht_text_same(t, (struct ht_text){ big, len }), "length %zu", len);
	}
}

TEST(reads_numbers)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool good;
		uint64_t value;
	} rows[] = {
		{ "0", 0, true, 0 },
		{ "1", 0, false, 0 },
		{ "65535", 65535, true, 65535 },
		{ "65536", 65535, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "18446744073709551620", UINT64_MAX, false, 0 },
		{ "99999999999999999999", UINT64_MAX, false, 0 },
		{ "184467440737095516150", UINT64_MAX, false, 0 },
		{ "", 9, false, 0 },
		{ "00", 9, false, 0 },
		{ "01", 9, false, 0 },
		{ "+1", 9, false, 0 },
		{ "-1", 9, false, 0 },
		{ " 1", 9, false, 0 },
		{ "1 ", 9, false, 0 },
		{ "1e0", 9, false, 0 },
		{ "/", 9, false, 0 },
		{ ":", 9, false, 0 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		uint64_t value = 77;
		bool good = ht_text_u64(ht_text_of(rows[i].text), rows[i].max, &value);

		CHECK_ROW(rows[i].text, good == rows[i].good && value == (good ? rows[i].value : 77));
	}
}

TEST(judges_utf8)
{
	static const struct {
		const char *name;
		struct ht_text text;
		bool good;
	} rows[] = {
		{ "empty", { "", 0 }, true },
		{ "ASCII", HT_TEXT_ROW("the quick brown fox"), true },
		{ "Chinese", HT_TEXT_ROW("北京国际大数据交易所 hutong"), true },
		{ "first and last of 2", HT_TEXT_ROW("\xc2\x80\xdf\xbf"), true },
		{ "first and last of 3", HT_TEXT_ROW("\xe0\xa0\x80\xef\xbf\xbf"), true },
		{ "first and last of 4", HT_TEXT_ROW("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), true },
		{ "around the surrogates", HT_TEXT_ROW("\xed\x9f\xbf\xee\x80\x80"), true },
		{ "NUL", HT_TEXT_ROW("a\0b"), false },
		{ "NUL among eight", HT_TEXT_ROW("abcdefg\0ijklmnop"), false },
		{ "byte 0x80", HT_TEXT_ROW("\x80"), false },
		{ "too long 2", HT_TEXT_ROW("\xc1\xbf"), false },
		{ "too long 3", HT_TEXT_ROW("\xe0\x9f\xbf"), false },
		{ "too long 4", HT_TEXT_ROW("\xf0\x8f\xbf\xbf"), false },
		{ "surrogate", HT_TEXT_ROW("\xed\xa0\x80"), false },
		{ "above U+10FFFF", HT_TEXT_ROW("\xf4\x90\x80\x80"), false },
		{ "byte 0xf5", HT_TEXT_ROW("\xf5\x80\x80\x80"), false },
		{ "byte 0xff", HT_TEXT_ROW("abcdefgh\xff"), false },
		{ "cut in 2", HT_TEXT_ROW("abc\xc3"), false },
		{ "cut in 3", HT_TEXT_ROW("\xe5\x9f"), false },
		{ "cut in 4", HT_TEXT_ROW("\xf0\x9f\x98"), false },
		{ "letter in the middle", HT_TEXT_ROW("\xe5\x9f" "abcdef"), false },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].name, ht_text_utf8(ht_text_bytes(rows[i].text)) == rows[i].good);
	CHECK(ht_text_utf8((struct ht_bytes){ NULL, 0 }));
	for (size_t at = 0; at < 32; at++) {
		uint8_t text[32];

		memset(text, 0x7f, sizeof(text));
		CHECK(ht_text_utf8((struct ht_bytes){ text, sizeof(text) }));
		text[at] = 0;
		CHECK_F(!ht_text_utf8((struct ht_bytes){ text, sizeof(text) }), "NUL at %zu", at);
		text[at] = 0xff;
		CHECK_F(!ht_text_utf8((struct ht_bytes){ text, sizeof(text) }), "0xff at %zu", at);
	}
}

/* Each character but the surrogates, encoded by the definition of RFC 3629 section 3; then cut by one byte. */
TEST(knows_each_character)
{
	for (uint32_t c = 1; c < 0x110000; c++) {
		size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
		bool character = c < 0xd800 || c > 0xdfff;
		uint8_t text[4];

		text[0] = (uint8_t)(lead[n] | c >> 6 * (n - 1));
		for (size_t i = 1; i < n; i++)
			text[i] = (uint8_t)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
		if (ht_text_utf8_next((struct ht_bytes){ text, n }) != (character ? n : 0) ||
		    ht_text_utf8_next((struct ht_bytes){ text, n - 1 }))
			CHECK_F(false, "U+%04X", c);
	}
}

TEST(codes_hex)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "000102ff", true }, { "000102FF", true }, { "000102fF", true }, { "000102f", false },  { "000102fff", false }, { "000102", false },
		{ "000102fg", false }, { "000102:f", false }, { "000102f/", false }, { "000102 f", false }, { "0x0102ff", false }, { "", false },
	};
	static const uint8_t expected[] = { 0, 1, 2, 0xff };
	uint8_t out[4];

	CHECK(ht_text_is(ht_hex(&arena, (struct ht_bytes){ expected, 4 }), "000102ff"));
	CHECK(ht_text_is(ht_hex(&arena, (struct ht_bytes){ NULL, 0 }), ""));
	CHECK(ht_hex_read(none, out, 0));
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		bool good = ht_hex_read(ht_text_of(rows[i].text), out, sizeof(out));

		CHECK_ROW(rows[i].text, good == rows[i].good && (!good || !memcmp(out, expected, sizeof(out))));
	}
	for (unsigned c = 0; c < 256; c++) {
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

		CHECK_F(ht_hex_read((struct ht_text){ (const char[]){ (char)c, '0' }, 2 }, out, 1) == digit, "byte %u", c);
	}
}

TEST(codes_base64url)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {
		/* Source: RFC 4648 section 10, without padding. */
		{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xef\xbe", "----" }, { "\xff\xff\xff", "____" },
	};
	static const char *const bad[] = {
		"A", "AAAAA", "Zg==", "Zm8=", "Zh", "Zn", "Zm9", "Zm-", "Zm9vYh", "+++A", "//AA", "AA A", "AA\nA", "AA.A", "A\x80..", "AA\x80Z", "=", "\xff\xff",
	};
	struct ht_bytes back;

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].text, ht_text_is(ht_base64url(&arena, bytes_of(rows[i].bytes)), rows[i].text));
		CHECK_ROW(rows[i].text, ht_base64url_read(&arena, ht_text_of(rows[i].text), &back));
		CHECK_ROW(rows[i].text, ht_bytes_same(back, bytes_of(rows[i].bytes)));
	}
	for (size_t i = 0; i < HT_COUNT(bad); i++)
		CHECK_ROW(bad[i], !ht_base64url_read(&arena, ht_text_of(bad[i]), &back));
	CHECK(ht_base64url_read(&arena, none, &back) && !back.len);
}

TEST(codings_come_back)
{
	struct ht_random r;
	uint8_t bytes[200];

	ht_random_seed(&r, check_seed());
	for (int i = 0; i < 5000; i++) {
		struct ht_bytes b = { bytes, ht_random_below(&r, sizeof(bytes)) }, back;
		uint8_t hex[sizeof(bytes)];
		struct ht_text text;

		r.fill(&r, bytes, b.len);
		CHECK(ht_base64url_read(&arena, ht_base64url(&arena, b), &back) && ht_bytes_same(b, back));
		CHECK(ht_hex_read(ht_hex(&arena, b), hex, b.len) && ht_bytes_same(b, (struct ht_bytes){ hex, b.len }));
		for (size_t k = 0; k < b.len; k++)
			bytes[k] |= !bytes[k];
		CHECK(ht_percent_read(&arena, ht_percent(&arena, ht_bytes_text(b)), &text) && ht_text_same(ht_bytes_text(b), text));
		ht_arena_reset(&arena);
	}
}

TEST(codes_percent)
{
	static const struct {
		const char *plain, *text;
	} rows[] = {
		{ "", "" },
		{ "azAZ09-._~:", "azAZ09-._~:" },
		{ "urn:uuid:0190", "urn:uuid:0190" },
		{ "a/b?c=d&e%20", "a%2Fb%3Fc%3Dd%26e%2520" },
		{ "城", "%E5%9F%8E" },
		{ " +\x7f\x01", "%20%2B%7F%01" },
	};
	static const struct {
		const char *text, *plain; /* NULL: refused */
	} reads[] = {
		{ "%2f%2F", "//" }, { "a+b", "a+b" }, { "%", NULL }, { "%2", NULL }, { "a%2", NULL }, { "%2g", NULL }, { "%g2", NULL },
		{ "%00", NULL }, { "%%41", NULL }, { "%2541", "%41" },
	};
	struct ht_text back;

	for (int c = 1; c < 256; c++) {
		bool kept = c < 0x80 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:", c);

		CHECK_F(ht_percent(&arena, (struct ht_text){ (const char[]){ (char)c }, 1 }).len == (kept ? 1 : 3), "byte %d", c);
	}
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].plain, ht_text_is(ht_percent(&arena, ht_text_of(rows[i].plain)), rows[i].text));
		CHECK_ROW(rows[i].plain, ht_percent_read(&arena, ht_text_of(rows[i].text), &back) && ht_text_is(back, rows[i].plain));
	}
	for (size_t i = 0; i < HT_COUNT(reads); i++) {
		bool good = ht_percent_read(&arena, ht_text_of(reads[i].text), &back);

		CHECK_ROW(reads[i].text, good == !!reads[i].plain && (!good || ht_text_is(back, reads[i].plain)));
	}
	CHECK(!ht_percent_read(&arena, HT_TEXT("a\0b"), &back));
}

CHECK_MAIN(TEST_ROW(arena_begins), TEST_ROW(compares), TEST_ROW(cuts), TEST_ROW(trims_and_copies), TEST_ROW(reads_numbers),
	   TEST_ROW(judges_utf8), TEST_ROW(knows_each_character), TEST_ROW(codes_hex), TEST_ROW(codes_base64url),
	   TEST_ROW(codings_come_back), TEST_ROW(codes_percent), TEST_ROW(arena_ends))
