/* app/trade/terms_test.c - policies in words, in both languages. */
#include "app/trade/terms.h"

#include "base/count.h"
#include "test/check.h"

#define DATED(op, time) "{\"leftOperand\":\"dateTime\",\"operator\":\"" op "\",\"rightOperand\":\"" time "\"}"
#define USE(constraints) "{\"action\":\"use\",\"constraint\":[" constraints "]}"
#define OFFER(rules) "{\"@type\":\"Offer\",\"@id\":\"o\",\"permission\":[" rules "]}"
#define NEW_YEAR "2027-01-01T00:00:00Z"

static const struct {
	const char *row, *policy, *en, *zh;
} policies[] = {
	{ "bare", OFFER("{\"action\":\"use\"}"), "use without limit", "使用,无限制" },
	{ "without type and id", "{\"permission\":{\"action\":\"use\"}}", "use without limit", "使用,无限制" },
	{ "before", OFFER(USE(DATED("lt", NEW_YEAR))), "use, before " NEW_YEAR, "使用,早于 " NEW_YEAR },
	{ "until", OFFER(USE(DATED("lteq", NEW_YEAR))), "use, until " NEW_YEAR, "使用,截至 " NEW_YEAR },
	{ "after and not at", OFFER(USE(DATED("gt", "2026-01-01T00:00:00Z") "," DATED("neq", NEW_YEAR))),
	  "use, after 2026-01-01T00:00:00Z, not at " NEW_YEAR, "使用,晚于 2026-01-01T00:00:00Z," NEW_YEAR " 除外" },
	{ "one of two", OFFER(USE(DATED("gteq", NEW_YEAR)) "," USE(DATED("eq", NEW_YEAR))), "use, from " NEW_YEAR "; or use, at " NEW_YEAR,
	  "使用,自 " NEW_YEAR " 起;或 使用,仅于 " NEW_YEAR },
	{ "odd", OFFER("{\"action\":\"sell\"}"), "terms that are not understood here: /permission/0/action",
	  "含有此处无法理解的条款:/permission/0/action" },
	{ "no policy", "{\"a\":1}", "", "" },
	{ "nothing", "", "", "" },
};

TEST(says_what_is_permitted)
{
	struct ht_arena a;

	ht_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(policies); i++) {
		struct ht_text en = ht_terms(&a, ht_text_of(policies[i].policy), HT_EN),
			       zh = ht_terms(&a, ht_text_of(policies[i].policy), HT_ZH);

		CHECK_F(ht_text_is(en, policies[i].en), "%s: " HT_TEXT_FMT, policies[i].row, HT_TEXT_ARG(en));
		CHECK_F(ht_text_is(zh, policies[i].zh), "%s: " HT_TEXT_FMT, policies[i].row, HT_TEXT_ARG(zh));
	}
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(says_what_is_permitted))
