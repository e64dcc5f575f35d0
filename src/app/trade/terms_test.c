/* app/trade/terms_test.c - from the JSON text of a policy to lines for people. */
#include "app/trade/terms.h"

#include "base/count.h"
#include "test/check.h"

#define OPEN "{\"permission\":[{\"action\":\"use\",\"constraint\":["
#define UNTIL "{\"leftOperand\":\"dateTime\",\"operator\":\"lteq\",\"rightOperand\":\"2026-12-31T08:00:00+08:00\"}"
#define FEW "{\"leftOperand\":\"count\",\"operator\":\"lteq\",\"rightOperand\":5}"
#define SOON "{\"leftOperand\":\"elapsedTime\",\"operator\":\"lteq\",\"rightOperand\":\"P30D\"}"

TEST(lines)
{
	static const struct {
		const char *policy, *en, *zh; /* the first line */
		size_t count;
	} rows[] = {
		{ OPEN UNTIL "," FEW "," SOON "]}]}", "may be used: until 2026-12-31 00:00 UTC; at most 5 transfers under each agreement; within 30 days of the agreement",
		  "允许使用：截至 2026-12-31 00:00 UTC;每份协议最多 5 次;协议后 30 天内", 1 },
		{ OPEN "{\"or\":[" UNTIL "," FEW "]}]}],\"prohibition\":{\"action\":\"use\"}}", "may be used: until 2026-12-31 00:00 UTC or at most 5 transfers under each agreement",
		  "允许使用：截至 2026-12-31 00:00 UTC 或 每份协议最多 5 次", 2 },
		{ OPEN "{\"and\":[" UNTIL ",{\"leftOperand\":\"purpose\",\"operator\":\"eq\",\"rightOperand\":\"x\"}]}]}]}",
		  "not understood, so nobody may rely on it: /permission/0/constraint/0/and/1/leftOperand "
		  "(\"purpose\": allowed: dateTime, count, elapsedTime, recipient)",
		  "无法理解,不可依赖：/permission/0/constraint/0/and/1/leftOperand (\"purpose\"：可用：dateTime、count、elapsedTime、recipient)", 1 },
		/* What would steer a terminal does not. */
		{ "{\"permission\":[],\"\\u001b[31m\":1}", "not understood, so nobody may rely on it: /?[31m (\"?[31m\": not supported here)",
		  "无法理解,不可依赖：/?[31m (\"?[31m\"：此处不支持)", 1 },
		{ "{\"permission\":[{}]}", "not a policy: a required member is missing /permission/0/action", "不是策略：缺少必需成员 /permission/0/action", 1 },
		{ "", NULL, NULL, 1 },
		{ "{", NULL, NULL, 1 },
	};
	struct ht_arena a;

	ht_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_lines en = ht_terms_lines(&a, ht_text_of(rows[i].policy), HT_EN),
				zh = ht_terms_lines(&a, ht_text_of(rows[i].policy), HT_ZH);

		CHECK_ROW(rows[i].policy, en.count == rows[i].count && zh.count == rows[i].count);
		CHECK_F(!rows[i].en || ht_text_is(en.at[0], rows[i].en), HT_TEXT_FMT, HT_TEXT_ARG(en.at[0]));
		CHECK_F(!rows[i].zh || ht_text_is(zh.at[0], rows[i].zh), HT_TEXT_FMT, HT_TEXT_ARG(zh.at[0]));
		CHECK_ROW(rows[i].policy, rows[i].en || ht_text_starts(en.at[0], HT_TEXT("not a policy: ")));
	}
	ht_arena_fini(&a);
}

TEST(one_line)
{
	static const struct {
		const char *policy, *en, *zh;
	} rows[] = {
		{ "{\"@type\":\"Offer\",\"@id\":\"o\",\"permission\":[{\"action\":\"use\"}]}", "may be used, without conditions", "允许使用,无附加条件" },
		{ OPEN UNTIL "]},{\"action\":\"use\",\"constraint\":[" FEW "]}],\"prohibition\":[{\"action\":\"use\",\"constraint\":[" SOON "]}]}",
		  "may be used: until 2026-12-31 00:00 UTC; may also be used: at most 5 transfers under each agreement; may not be used: within 30 days of the agreement",
		  "允许使用：截至 2026-12-31 00:00 UTC;也允许使用：每份协议最多 5 次;禁止使用：协议后 30 天内" },
		{ "{\"permission\":[{\"action\":\"sell\"}]}", "not understood, so nobody may rely on it: /permission/0/action (\"sell\": allowed: use)",
		  "无法理解,不可依赖：/permission/0/action (\"sell\"：可用：use)" },
		{ "{\"a\":1}", "", "" },
		{ "", "", "" },
	};
	struct ht_arena a;

	ht_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_text en = ht_terms(&a, ht_text_of(rows[i].policy), HT_EN), zh = ht_terms(&a, ht_text_of(rows[i].policy), HT_ZH);

		CHECK_F(ht_text_is(en, rows[i].en), "%s: " HT_TEXT_FMT, rows[i].policy, HT_TEXT_ARG(en));
		CHECK_F(ht_text_is(zh, rows[i].zh), "%s: " HT_TEXT_FMT, rows[i].policy, HT_TEXT_ARG(zh));
	}
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(lines), TEST_ROW(one_line))
