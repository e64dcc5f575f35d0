/* model/odd_test.c - each kind of what is not understood, in both languages. */
#include "model/odd.h"

#include "base/count.h"
#include "test/check.h"

static const struct {
	struct ht_oddity what;
	const char *text[2];
} rows[] = {
	{ { HT_ODD_MEMBER, HT_LEFT_DATE_TIME, HT_TEXT_ROW("unit") }, { "\"unit\": not supported here", "\"unit\"：此处不支持" } },
	{ { HT_ODD_TYPE, HT_LEFT_DATE_TIME, HT_TEXT_ROW("Ticket") },
	  { "\"Ticket\": allowed: Offer, Agreement, Set, Policy", "\"Ticket\"：可用：Offer、Agreement、Set、Policy" } },
	{ { HT_ODD_ACTION, HT_LEFT_DATE_TIME, HT_TEXT_ROW("sell") }, { "\"sell\": allowed: use", "\"sell\"：可用：use" } },
	{ { HT_ODD_DUTY, HT_LEFT_DATE_TIME, HT_TEXT_ROW("duty") }, { "\"duty\": duties are not supported", "\"duty\"：不支持义务" } },
	{ { HT_ODD_JOIN, HT_LEFT_DATE_TIME, HT_TEXT_ROW("xone") }, { "\"xone\": allowed: and, or", "\"xone\"：可用：and、or" } },
	{ { HT_ODD_EMPTY, HT_LEFT_DATE_TIME, HT_TEXT_ROW("or") }, { "\"or\": needs at least one constraint", "\"or\"：至少需要一项约束" } },
	{ { HT_ODD_LEFT, HT_LEFT_COUNT, HT_TEXT_ROW("spatial") },
	  { "\"spatial\": allowed: dateTime, count, elapsedTime, recipient", "\"spatial\"：可用：dateTime、count、elapsedTime、recipient" } },
	{ { HT_ODD_OPERATOR, HT_LEFT_DATE_TIME, HT_TEXT_ROW("<=") },
	  { "\"<=\": allowed: eq, neq, lt, lteq, gt, gteq", "\"<=\"：可用：eq、neq、lt、lteq、gt、gteq" } },
	{ { HT_ODD_OPERATOR, HT_LEFT_RECIPIENT, HT_TEXT_ROW("lt") },
	  { "\"lt\": allowed: eq, neq, isAnyOf, isNoneOf", "\"lt\"：可用：eq、neq、isAnyOf、isNoneOf" } },
	{ { HT_ODD_RIGHT, HT_LEFT_DATE_TIME, HT_TEXT_ROW("tomorrow") },
	  { "\"tomorrow\": wanted: a time as 2027-01-01T00:00:00Z", "\"tomorrow\"：应为：时间,如 2027-01-01T00:00:00Z" } },
	{ { HT_ODD_RIGHT, HT_LEFT_TRANSFERS, HT_TEXT_ROW("-1") }, { "\"-1\": wanted: a whole number, at least 0", "\"-1\"：应为：不小于 0 的整数" } },
	{ { HT_ODD_RIGHT, HT_LEFT_ELAPSED, HT_TEXT_ROW("P1M") },
	  { "\"P1M\": wanted: a duration as P30D or PT12H, without years and months", "\"P1M\"：应为：时长,如 P30D 或 PT12H,不含年与月" } },
	{ { HT_ODD_RIGHT, HT_LEFT_RECIPIENT, { NULL, 0 } },
	  { "wanted: a DID or an id of the peers file; with isAnyOf and isNoneOf also an array of 1 to 64",
	    "应为：DID 或对端文件中的标识;用 isAnyOf、isNoneOf 时也可为 1 至 64 个的数组" } },
	{ { HT_ODD_MANY, HT_LEFT_DATE_TIME, { NULL, 0 } },
	  { "more than 16 rules of a kind, 64 constraints or 8 levels", "超过 16 条同类规则、64 项约束或 8 层嵌套" } },
};

TEST(what_may_stand_there)
{
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		for (int lang = HT_EN; lang <= HT_ZH; lang++) {
			struct ht_text text = ht_odd_text(&rows[i].what, (enum ht_lang)lang, &a);

			CHECK_F(ht_text_is(text, rows[i].text[lang]), HT_TEXT_FMT, HT_TEXT_ARG(text));
		}
	}
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(what_may_stand_there))
