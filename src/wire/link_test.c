/* wire/link_test.c - the Link header: what is written, what is read in which forms, what is no link. */
#include "wire/link.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

static struct ht_arena arena;

TEST(written)
{
	const struct ht_link two[] = { { HT_TEXT("https://a/c?t=1"), HT_TEXT("next") },
				       { HT_TEXT("https://a/c?t=2"), HT_TEXT("previous") } };
	const struct ht_link last[] = { { HT_TEXT(""), HT_TEXT("next") }, two[1] };
	struct ht_text both = ht_link_write(two, 2, &arena);

	CHECK(ht_text_is(both, "<https://a/c?t=1>; rel=\"next\", <https://a/c?t=2>; rel=\"previous\""));
	CHECK(ht_text_is(ht_link_write(last, 2, &arena), "<https://a/c?t=2>; rel=\"previous\""));
	CHECK(ht_link_write(last, 1, &arena).len == 0);
	CHECK(ht_text_is(ht_link_query(both, "next"), "t=1") && ht_text_is(ht_link_query(both, "previous"), "t=2"));
	ht_arena_reset(&arena);
}

/* The query of rel next. */
static const struct {
	const char *header, *next;
} rows[] = {
	{ "<https://a/c?continuationToken=x%3D>; rel=\"next\"", "continuationToken=x%3D" },
	{ "<https://a/c?t=1>;rel=next", "t=1" },
	{ "<https://a/c?t=1> ; REL = Next", "t=1" },
	{ "<https://a/c?t=1>;title=\"a, <b>; rel=x\\\"\";rel=\"next\"", "t=1" },
	{ "<https://a/c?t=0>; rel=prev, <https://a/c?t=1>; rel=next", "t=1" },
	{ ", ,<https://a/c?t=0>; rel=\"prev\",,<?t=1>;rel=\"start next\" ,", "t=1" },
	{ "</c?a=1&b=2#part?x>; rel=next", "a=1&b=2" },
	{ "<c?t=a?b>; rel=next", "t=a?b" },
	{ "<https://a/c?t=1>; rel=other; rel=next", "" },
	{ "<https://a/c?t=1>; rel=next; anchor=\"https://b/\"", "" },
	{ "<https://a/c?t=0>; rel=next; anchor=x, <https://a/c?t=1>; rel=next", "t=1" },
	{ "<https://a/c?t=1>; nofollow; rel=next", "t=1" },
	{ "<https://a/c?t=1>;; rel=next", "t=1" },
	{ "<https://a/c?t=1>; rel=nextt", "" },
	{ "<https://a/c?t=1>; rel=\"ne\\xt\"", "" },
	{ "<https://a/c?t=1>; rel=\"next", "" },
	{ "<https://a/c?t=1>; rel", "" },
	{ "<https://a/c?t=1>", "" },
	{ "<https://a/c>; rel=next", "" },
	{ "<https://a/c?>; rel=next", "" },
	{ "<>; rel=next", "" },
	{ "<https://a/c?t=1; rel=next", "" },
	{ "https://a/c?t=1; rel=next", "" },
	{ "<https://a/c?t=1> rel=next", "" },
	{ "<https://a/c?t=1>; rel=next x", "" },
	{ "<https://a/c?t= 1>; rel=next", "" },
	{ "<https://a/c?t=\x7f>; rel=next", "" },
	{ "<https://a/c?t=\xe4\xb8\x80>; rel=next", "" },
	{ "<https://a/c?t={x}>; rel=next", "" },
	{ "<https://a/c?t=\"1\">; rel=next", "" },
	{ "<<https://a/c?t=1>>; rel=next", "" },
	{ "", "" },
	{ " ", "" },
};

TEST(read)
{
	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].header, ht_text_is(ht_link_query(ht_text_of(rows[i].header), "next"), rows[i].next));
	CHECK(ht_link_query(HT_TEXT("<?a\0b>; rel=next"), "next").len == 0);
}

TEST(a_query_has_a_limit)
{
	char query[HT_LINK_QUERY_MAX + 1];

	memset(query, 'x', sizeof query);
	for (size_t over = 0; over < 2; over++) {
		struct ht_text header = ht_text_format(&arena, "<?%.*s>; rel=next", HT_LINK_QUERY_MAX + (int)over, query);

		CHECK(ht_link_query(header, "next").len == (over ? 0 : HT_LINK_QUERY_MAX));
	}
	ht_arena_reset(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(written), TEST_ROW(read), TEST_ROW(a_query_has_a_limit) };
	int result;

	ht_arena_init(&arena, 1 << 16);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
