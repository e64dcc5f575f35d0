/* app/trade/plain_test.c - foreign text on a terminal and as a file name. */
#include "app/trade/plain.h"

#include <string.h>

#include "base/count.h"
#include "base/random.h"
#include "test/check.h"

static const struct {
	const char *in, *out;
	size_t width; /* of out */
} texts[] = {
	{ "plain", "plain", 5 },
	{ "", "", 0 },
	{ "\x1b[2Jx", "?[2Jx", 5 },
	{ "a\nb\rc\td", "a?b?c?d", 7 },
	{ "\x7f", "?", 1 },
	{ "\xc2\x9b" "1m", "?1m", 3 },            /* C1 control sequence introducer */
	{ "ab\xe2\x80\xae" "cd", "ab?cd", 5 },    /* right-to-left override */
	{ "\xff\xfe", "??", 2 },
	{ "\xe4\xba", "??", 2 },                  /* cut short */
	{ "北京", "北京", 4 },
	{ "e\xcc\x81", "e\xcc\x81", 1 },          /* combining acute */
	{ "é", "é", 1 },
	{ "\xef\xbc\x88全角\xef\xbc\x89", "\xef\xbc\x88全角\xef\xbc\x89", 8 },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 2 },
};

TEST(makes_text_harmless)
{
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(texts); i++) {
		struct ht_text out = ht_plain(&a, ht_text_of(texts[i].in));

		CHECK_ROW(texts[i].out, ht_text_is(out, texts[i].out));
		CHECK_ROW(texts[i].out, ht_plain_width(out) == texts[i].width);
	}
	ht_arena_fini(&a);
}

static const struct {
	const char *id, *name;
} names[] = {
	{ "https://a.example/data/air.csv", "air.csv" },
	{ "https://a.example/data/air.csv?x=/etc#y", "air.csv" },
	{ "https://a.example/data/", "data" },
	{ "urn:uuid:019a-1", "urn_uuid_019a-1" },
	{ "air 2026.csv", "air_2026.csv" },
	{ "", "product" },
	{ "/", "product" },
	{ "..", "_." },
	{ "x/..", "_." },
	{ ".bashrc", "_bashrc" },
	{ "-rf", "_rf" },
	{ "a..b", "a._b" },
	{ "x\\..\\y", "x_.__y" },
	{ "空气质量.csv", "空气质量.csv" },
	{ "a\nb", "a_b" },
	{ "a\xe2\x80\xaevsc.exe", "a_vsc.exe" },
	{ "\xff", "_" },
	{ "a%2Fb", "a_2Fb" },
	{ "$(x)`y`", "__x__y_" },
};

TEST(makes_safe_names)
{
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(names); i++)
		CHECK_ROW(names[i].id, ht_text_is(ht_plain_name(&a, ht_text_of(names[i].id)), names[i].name));
	ht_arena_fini(&a);
}

/* Any bytes give a name that is one part of a path, in UTF-8, and not too long. */
TEST(names_of_any_bytes)
{
	struct ht_random random;
	struct ht_arena a;

	ht_random_seed(&random, check_seed());
	ht_arena_init(&a, 1 << 16);
	for (int i = 0; i < 20000; i++) {
		uint8_t bytes[600];
		size_t len = (size_t)ht_random_below(&random, sizeof bytes);
		struct ht_text name;

		ht_arena_reset(&a);
		random.fill(&random, bytes, len);
		name = ht_plain_name(&a, ht_bytes_text((struct ht_bytes){ bytes, len }));
		if (!CHECK(name.len >= 1 && name.len <= HT_PLAIN_NAME_MAX && ht_text_utf8(ht_text_bytes(name))))
			break;
		if (!CHECK(!memchr(name.at, '/', name.len) && name.at[0] != '.' && name.at[0] != '-' &&
			   !memmem(name.at, name.len, "..", 2)))
			break;
		if (!CHECK(ht_text_same(ht_plain(&a, name), name)))
			break;
	}
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(makes_text_harmless), TEST_ROW(makes_safe_names), TEST_ROW(names_of_any_bytes))
