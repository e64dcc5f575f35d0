/* core/market/explain_test.c - policies in words of both languages, verdicts with their places. */
#include "core/market/explain.h"

#include <string.h>

#include "base/count.h"
#include "base/time.h"
#include "test/check.h"

static struct ht_arena arena;
static struct ht_text ids[] = { HT_TEXT_ROW("did:web:a"), HT_TEXT_ROW("did:web:b") };

#define AT(us_) .left = HT_LEFT_DATE_TIME, .number = (us_)
#define COUNT(n_) .left = HT_LEFT_TRANSFERS, .number = (n_)
#define SPAN(us_) .left = HT_LEFT_ELAPSED, .number = (us_)
#define WHO(n_) .left = HT_LEFT_RECIPIENT, .ids = ids, .ids_count = (n_)
#define NEW_YEAR INT64_C(1798675200000000) /* 2026-12-31 */

/* A permission with this one constraint, and a prohibition, in both languages. */
static const struct {
	struct ht_constraint c;
	const char *permit[2], *forbid[2];
} atoms[] = {
	{ { AT(NEW_YEAR), .op = HT_OP_EQ }, { "exactly at 2026-12-31 00:00 UTC", "恰在 2026-12-31 00:00 UTC" }, { "exactly at 2026-12-31 00:00 UTC", "恰在 2026-12-31 00:00 UTC" } },
	{ { AT(NEW_YEAR), .op = HT_OP_NEQ }, { "at any time but 2026-12-31 00:00 UTC", "除 2026-12-31 00:00 UTC 外任何时间" },
	  { "at any time but 2026-12-31 00:00 UTC", "除 2026-12-31 00:00 UTC 外任何时间" } },
	{ { AT(NEW_YEAR), .op = HT_OP_LT }, { "before 2026-12-31 00:00 UTC", "在 2026-12-31 00:00 UTC 之前" }, { "before 2026-12-31 00:00 UTC", "在 2026-12-31 00:00 UTC 之前" } },
	{ { AT(NEW_YEAR), .op = HT_OP_LTEQ }, { "until 2026-12-31 00:00 UTC", "截至 2026-12-31 00:00 UTC" }, { "until 2026-12-31 00:00 UTC", "截至 2026-12-31 00:00 UTC" } },
	{ { AT(NEW_YEAR + 1500000), .op = HT_OP_GT }, { "after 2026-12-31 00:00:01.5 UTC", "在 2026-12-31 00:00:01.5 UTC 之后" },
	  { "after 2026-12-31 00:00:01.5 UTC", "在 2026-12-31 00:00:01.5 UTC 之后" } },
	{ { AT(0), .op = HT_OP_GTEQ }, { "from 1970-01-01 00:00 UTC on", "自 1970-01-01 00:00 UTC 起" }, { "from 1970-01-01 00:00 UTC on", "自 1970-01-01 00:00 UTC 起" } },
	{ { COUNT(5), .op = HT_OP_EQ }, { "only for transfer number 5 under each agreement", "仅限每份协议的第 5 次传输" }, { "for transfer number 5", "第 5 次传输" } },
	{ { COUNT(5), .op = HT_OP_NEQ }, { "not for transfer number 5 under each agreement", "每份协议的第 5 次传输除外" }, { "for any transfer but number 5", "除第 5 次外的传输" } },
	{ { COUNT(5), .op = HT_OP_LT }, { "fewer than 5 transfers under each agreement", "每份协议少于 5 次" }, { "before transfer number 5", "第 5 次之前的传输" } },
	{ { COUNT(5), .op = HT_OP_LTEQ }, { "at most 5 transfers under each agreement", "每份协议最多 5 次" }, { "up to transfer number 5", "至第 5 次为止的传输" } },
	{ { COUNT(1), .op = HT_OP_LTEQ }, { "at most 1 transfer under each agreement", "每份协议最多 1 次" }, { "up to transfer number 1", "至第 1 次为止的传输" } },
	{ { COUNT(5), .op = HT_OP_GT }, { "only after transfer number 5 under each agreement", "仅限每份协议第 5 次之后的传输" }, { "after transfer number 5", "第 5 次之后的传输" } },
	{ { COUNT(5), .op = HT_OP_GTEQ }, { "from transfer number 5 under each agreement on", "自每份协议的第 5 次传输起" }, { "from transfer number 5 on", "自第 5 次传输起" } },
	{ { SPAN(30 * HT_DAY_US), .op = HT_OP_LTEQ }, { "within 30 days of the agreement", "协议后 30 天内" }, { "within 30 days of the agreement", "协议后 30 天内" } },
	{ { SPAN(HT_DAY_US), .op = HT_OP_LT }, { "less than 1 day after the agreement", "协议后不足 1 天" }, { "less than 1 day after the agreement", "协议后不足 1 天" } },
	{ { SPAN(HT_DAY_US + 5400 * HT_SECOND_US), .op = HT_OP_GT }, { "more than 1 day 1 hour 30 minutes after the agreement", "协议后超过 1 天 1 小时 30 分钟" },
	  { "more than 1 day 1 hour 30 minutes after the agreement", "协议后超过 1 天 1 小时 30 分钟" } },
	{ { SPAN(1000001), .op = HT_OP_GTEQ }, { "from 1.000001 seconds after the agreement on", "协议后 1.000001 秒起" },
	  { "from 1.000001 seconds after the agreement on", "协议后 1.000001 秒起" } },
	{ { SPAN(0), .op = HT_OP_EQ }, { "exactly 0 seconds after the agreement", "恰在协议后 0 秒" }, { "exactly 0 seconds after the agreement", "恰在协议后 0 秒" } },
	{ { SPAN(HT_SECOND_US), .op = HT_OP_NEQ }, { "at any time but exactly 1 second after the agreement", "除协议后恰 1 秒外任何时间" },
	  { "at any time but exactly 1 second after the agreement", "除协议后恰 1 秒外任何时间" } },
	{ { WHO(1), .op = HT_OP_EQ }, { "only by did:web:a", "仅限 did:web:a 使用" }, { "by did:web:a", "由 did:web:a 使用" } },
	{ { WHO(1), .op = HT_OP_NEQ }, { "by anybody but did:web:a", "除 did:web:a 外任何一方可用" }, { "by anybody but did:web:a", "由除 did:web:a 外任何一方使用" } },
	{ { WHO(2), .op = HT_OP_IS_ANY_OF }, { "only by any of did:web:a, did:web:b", "仅限以下各方使用：did:web:a, did:web:b" },
	  { "by any of did:web:a, did:web:b", "由以下任何一方使用：did:web:a, did:web:b" } },
	{ { WHO(2), .op = HT_OP_IS_NONE_OF }, { "by none of did:web:a, did:web:b", "以下各方不得使用：did:web:a, did:web:b" },
	  { "by none of did:web:a, did:web:b", "由以下各方以外的一方使用：did:web:a, did:web:b" } },
};

TEST(atoms_in_words)
{
	static const char *const heads[2][2] = { { "may be used: ", "允许使用：" }, { "may not be used: ", "禁止使用：" } };

	for (size_t i = 0; i < HT_COUNT(atoms); i++) {
		struct ht_constraint c = atoms[i].c;
		struct ht_rule r = { .action = { "use", 3 }, .constraints = &c, .count = 1 };
		struct ht_policy p = { .permissions = &r, .count = 1, .prohibitions = &r, .prohibitions_count = 1 };

		for (int lang = HT_EN; lang <= HT_ZH; lang++) {
			struct ht_lines lines = ht_explain_terms(&p, (enum ht_lang)lang, &arena);

			if (!CHECK_ROW(atoms[i].permit[lang], lines.count == 2))
				continue;
			CHECK_F(ht_text_same(lines.at[0], ht_text_format(&arena, "%s%s", heads[0][lang], atoms[i].permit[lang])),
				HT_TEXT_FMT, HT_TEXT_ARG(lines.at[0]));
			CHECK_F(ht_text_same(lines.at[1], ht_text_format(&arena, "%s%s", heads[1][lang], atoms[i].forbid[lang])),
				HT_TEXT_FMT, HT_TEXT_ARG(lines.at[1]));
		}
	}
	ht_arena_reset(&arena);
}

static struct ht_constraint few[] = {
	{ .part = { .place = HT_TEXT_ROW("/permission/0/constraint/1/or/0") }, COUNT(5), .op = HT_OP_LTEQ },
	{ .part = { .place = HT_TEXT_ROW("/permission/0/constraint/1/or/1") }, SPAN(30 * HT_DAY_US), .op = HT_OP_LTEQ },
};
static struct ht_constraint pair[] = {
	{ .part = { .place = HT_TEXT_ROW("/permission/0/constraint/0") }, AT(NEW_YEAR), .op = HT_OP_LTEQ },
	{ .part = { .place = HT_TEXT_ROW("/permission/0/constraint/1") }, .join = HT_JOIN_OR, .parts = few, .parts_count = 2 },
};
static struct ht_constraint only_or[] = { { .join = HT_JOIN_OR, .parts = few, .parts_count = 2 } };
static struct ht_constraint and_of[] = { { .join = HT_JOIN_AND, .parts = pair, .parts_count = 2 }, { WHO(1), .op = HT_OP_EQ } };
static struct ht_constraint one_of_one[] = { { .join = HT_JOIN_OR, .parts = few, .parts_count = 1 }, { WHO(1), .op = HT_OP_EQ } };
static struct ht_constraint late[] = {
	{ .part = { .place = HT_TEXT_ROW("/prohibition/0/constraint/0") }, AT(NEW_YEAR - 1), .op = HT_OP_GTEQ }
};
#define SPATIAL { .kind = HT_ODD_LEFT, .value = HT_TEXT_ROW("spatial") }
static struct ht_constraint unknown[] = {
	{ .part = { .place = HT_TEXT_ROW("/permission/0/constraint/0") }, COUNT(5), .op = HT_OP_LTEQ },
	{ .part = { .place = HT_TEXT_ROW("/permission/0/constraint/1/leftOperand"), .odd = true, .what = SPATIAL } },
};
static struct ht_constraint two[] = {
	{ .part = { .place = HT_TEXT_ROW("/permission/0/constraint/0") }, WHO(2), .op = HT_OP_IS_ANY_OF },
	{ .part = { .place = HT_TEXT_ROW("/permission/0/constraint/1") }, COUNT(5), .op = HT_OP_LTEQ },
};
static struct ht_constraint him_or_few[] = { { .part = { .place = HT_TEXT_ROW("/permission/0/constraint/0") }, .join = HT_JOIN_OR, .parts = two,
					       .parts_count = 2 } };
static struct ht_constraint all_of_two[] = { { .part = { .place = HT_TEXT_ROW("/permission/0/constraint/0") }, .join = HT_JOIN_AND, .parts = two,
					       .parts_count = 2 } };
static struct ht_constraint him[] = { { .part = { .place = HT_TEXT_ROW("/prohibition/0/constraint/0") }, WHO(1), .op = HT_OP_EQ } };

#define RULE(place_, list_) { .part = { .place = HT_TEXT_ROW(place_) }, .action = { "use", 3 }, .constraints = (list_), .count = HT_COUNT(list_) }
#define BARE(place_) { .part = { .place = HT_TEXT_ROW(place_) }, .action = { "use", 3 } }
static struct ht_rule bare[] = { BARE("/permission/0") }, never[] = { BARE("/prohibition/0") }, bares[] = { BARE("/a"), BARE("/b") };
static struct ht_rule paired[] = { RULE("/permission/0", pair) }, ored[] = { RULE("/permission/0", only_or) };
static struct ht_rule anded[] = { RULE("/permission/0", and_of) }, one[] = { RULE("/permission/0", one_of_one) };
static struct ht_rule further[] = { RULE("/permission/0", few), RULE("/permission/1", pair) };
static struct ht_rule not_late[] = { RULE("/prohibition/0", late) },
		      not_further[] = { RULE("/prohibition/0", late), RULE("/prohibition/1", pair) };
static struct ht_rule odd[] = { RULE("/permission/0", unknown) };
static struct ht_rule for_two[] = { RULE("/permission/0", two) }, for_either[] = { RULE("/permission/0", him_or_few) };
static struct ht_rule for_both[] = { RULE("/permission/0", all_of_two) }, not_him[] = { RULE("/prohibition/0", him) };

#define PERMITS(rules_) { .permissions = (rules_), .count = HT_COUNT(rules_) }
#define BOTH(rules_, not_) \
	{ .permissions = (rules_), .count = HT_COUNT(rules_), .prohibitions = (not_), .prohibitions_count = HT_COUNT(not_) }

/* Lines with | between. */
static const struct {
	struct ht_policy policy;
	const char *lines[2];
} terms[] = {
	{ PERMITS(bare), { "may be used, without conditions", "允许使用,无附加条件" } },
	{ PERMITS(bares), { "may be used, without conditions|may also be used, without conditions", "允许使用,无附加条件|也允许使用,无附加条件" } },
	{ { .count = 0 }, { "may not be used: nothing is permitted", "不得使用：没有任何许可" } },
	{ { .prohibitions = never, .prohibitions_count = 1 }, { "may not be used: nothing is permitted|may not be used at all", "不得使用：没有任何许可|禁止任何使用" } },
	{ PERMITS(paired), { "may be used: until 2026-12-31 00:00 UTC; (at most 5 transfers under each agreement or within 30 days of the agreement)",
			     "允许使用：截至 2026-12-31 00:00 UTC;(每份协议最多 5 次 或 协议后 30 天内)" } },
	{ PERMITS(ored), { "may be used: at most 5 transfers under each agreement or within 30 days of the agreement", "允许使用：每份协议最多 5 次 或 协议后 30 天内" } },
	{ PERMITS(one), { "may be used: at most 5 transfers under each agreement; only by did:web:a", "允许使用：每份协议最多 5 次;仅限 did:web:a 使用" } },
	{ PERMITS(anded), { "may be used: (until 2026-12-31 00:00 UTC and (at most 5 transfers under each agreement or within 30 days of the agreement)); only by did:web:a",
			    "允许使用：(截至 2026-12-31 00:00 UTC 且 (每份协议最多 5 次 或 协议后 30 天内));仅限 did:web:a 使用" } },
	{ PERMITS(further), { "may be used: at most 5 transfers under each agreement; within 30 days of the agreement|may also be used: until 2026-12-31 00:00 UTC; "
			      "(at most 5 transfers under each agreement or within 30 days of the agreement)",
			      "允许使用：每份协议最多 5 次;协议后 30 天内|也允许使用：截至 2026-12-31 00:00 UTC;(每份协议最多 5 次 或 协议后 30 天内)" } },
	{ BOTH(bare, not_further), { "may be used, without conditions|may not be used: from 2026-12-30 23:59:59.999999 UTC on|nor may it be used: until 2026-12-31 00:00 UTC "
				     "and (up to transfer number 5 or within 30 days of the agreement)",
				     "允许使用,无附加条件|禁止使用：自 2026-12-30 23:59:59.999999 UTC 起|同时禁止使用：截至 2026-12-31 00:00 UTC 且 (至第 5 次为止的传输 或 协议后 30 天内)" } },
	{ { .permissions = bare, .count = 1, .odd = true, .odd_place = HT_TEXT_ROW("/obligation"), .odd_what = { .kind = HT_ODD_DUTY } },
	  { "not understood, so nobody may rely on it: /obligation (duties are not supported)", "无法理解,不可依赖：/obligation (不支持义务)" } },
	{ { .odd = true, .odd_what = { .kind = HT_ODD_MANY } },
	  { "not understood, so nobody may rely on it: / (more than 16 rules of a kind, 64 constraints or 8 levels)",
	    "无法理解,不可依赖：/ (超过 16 条同类规则、64 项约束或 8 层嵌套)" } },
};

TEST(terms_in_words)
{
	for (size_t i = 0; i < HT_COUNT(terms); i++) {
		for (int lang = HT_EN; lang <= HT_ZH; lang++) {
			struct ht_lines got = ht_explain_terms(&terms[i].policy, (enum ht_lang)lang, &arena);
			struct ht_text rest = ht_text_of(terms[i].lines[lang]), line;

			for (size_t k = 0; k < got.count; k++) {
				ht_text_cut(rest, '|', &line, &rest);
				CHECK_F(ht_text_same(got.at[k], line), "row %zu line %zu: " HT_TEXT_FMT, i, k, HT_TEXT_ARG(got.at[k]));
			}
			CHECK_F(got.count && !rest.len, "row %zu: %zu lines", i, got.count);
		}
	}
	ht_arena_reset(&arena);
}

#define DEPENDS { "permitted to those whom the terms mean; --as DID judges for one", "允许条款所指的使用方;用 --as DID 判断某一方" }

/* Each line as depth, verdict (+ - ? ~), place and, where there are some, words; | between. */
static const struct {
	struct ht_policy policy;
	struct ht_use use;
	bool permitted;
	const char *lines, *whole[2];
} verdicts[] = {
	{ PERMITS(bare), { .now_us = 0 }, true, "0+/permission/0 permission", { "permitted", "允许" } },
	{ { .count = 0 }, { .now_us = 0 }, false, "", { "may not be used: nothing is permitted", "不得使用：没有任何许可" } },
	{ PERMITS(paired), { .now_us = NEW_YEAR, .count = 6, .since_us = NEW_YEAR - HT_DAY_US }, true,
	  "0+/permission/0 permission|1+/permission/0/constraint/0 until 2026-12-31 00:00 UTC|1+/permission/0/constraint/1 at least one of these|"
	  "2-/permission/0/constraint/1/or/0 at most 5 transfers under each agreement|2+/permission/0/constraint/1/or/1 within 30 days of the agreement", { "permitted", "允许" } },
	{ PERMITS(paired), { .now_us = NEW_YEAR + 1, .count = 5, .since_us = NEW_YEAR }, false,
	  "0-/permission/0 permission|1-/permission/0/constraint/0 until 2026-12-31 00:00 UTC|1+/permission/0/constraint/1 at least one of these|"
	  "2+/permission/0/constraint/1/or/0 at most 5 transfers under each agreement|2+/permission/0/constraint/1/or/1 within 30 days of the agreement",
	  { "not permitted: until 2026-12-31 00:00 UTC", "不允许：截至 2026-12-31 00:00 UTC" } },
	{ PERMITS(paired), { .now_us = NEW_YEAR, .count = 6 }, false,
	  "0-/permission/0 permission|1+/permission/0/constraint/0 until 2026-12-31 00:00 UTC|1-/permission/0/constraint/1 at least one of these|"
	  "2-/permission/0/constraint/1/or/0 at most 5 transfers under each agreement|2-/permission/0/constraint/1/or/1 within 30 days of the agreement",
	  { "not permitted: at most 5 transfers under each agreement or within 30 days of the agreement", "不允许：每份协议最多 5 次 或 协议后 30 天内" } },
	{ BOTH(bare, not_late), { .now_us = NEW_YEAR }, false,
	  "0+/permission/0 permission|0+/prohibition/0 prohibition|1+/prohibition/0/constraint/0 from 2026-12-30 23:59:59.999999 UTC on",
	  { "not permitted, it may not be used: from 2026-12-30 23:59:59.999999 UTC on", "不允许,禁止使用：自 2026-12-30 23:59:59.999999 UTC 起" } },
	{ BOTH(bare, not_late), { .now_us = 0 }, true,
	  "0+/permission/0 permission|0-/prohibition/0 prohibition|1-/prohibition/0/constraint/0 from 2026-12-30 23:59:59.999999 UTC on", { "permitted", "允许" } },
	{ { .permissions = odd, .count = 1, .odd = true, .odd_place = HT_TEXT_ROW("/permission/0/constraint/1/leftOperand"), .odd_what = SPATIAL }, { .now_us = 0 }, false,
	  "0?/permission/0 permission|1+/permission/0/constraint/0 at most 5 transfers under each agreement|1?/permission/0/constraint/1/leftOperand "
	  "\"spatial\": allowed: dateTime, count, elapsedTime, recipient",
	  { "not permitted: not understood: \"spatial\": allowed: dateTime, count, elapsedTime, recipient",
	    "不允许：无法理解：\"spatial\"：可用：dateTime、count、elapsedTime、recipient" } },
	{ { .permissions = bare, .count = 1, .odd = true, .odd_place = HT_TEXT_ROW("/profile") }, { .now_us = 0 }, false,
	  "0+/permission/0 permission|0?/profile not supported here", { "not permitted: not understood: not supported here", "不允许：无法理解：此处不支持" } },
	/* Who asks is not said. */
	{ PERMITS(for_two), { .count = 5 }, true,
	  "0~/permission/0 permission|1~/permission/0/constraint/0 only by any of did:web:a, did:web:b|"
	  "1+/permission/0/constraint/1 at most 5 transfers under each agreement", DEPENDS },
	{ PERMITS(for_two), { .count = 6 }, false,
	  "0-/permission/0 permission|1~/permission/0/constraint/0 only by any of did:web:a, did:web:b|"
	  "1-/permission/0/constraint/1 at most 5 transfers under each agreement",
	  { "not permitted: at most 5 transfers under each agreement", "不允许：每份协议最多 5 次" } },
	{ PERMITS(for_both), { .count = 6 }, false,
	  "0-/permission/0 permission|1-/permission/0/constraint/0 all of these|2~/permission/0/constraint/0 only by any of did:web:a, did:web:b|2-/permission/0/constraint/1 at most 5 transfers under each agreement", { "not permitted: at most 5 transfers under each agreement", "不允许：每份协议最多 5 次" } },
	{ PERMITS(for_either), { .count = 5 }, true,
	  "0+/permission/0 permission|1+/permission/0/constraint/0 at least one of these|2~/permission/0/constraint/0 only by any of did:web:a, did:web:b|2+/permission/0/constraint/1 at most 5 transfers under each agreement", { "permitted", "允许" } },
	{ PERMITS(for_either), { .count = 6 }, true,
	  "0~/permission/0 permission|1~/permission/0/constraint/0 at least one of these|2~/permission/0/constraint/0 only by any of did:web:a, did:web:b|2-/permission/0/constraint/1 at most 5 transfers under each agreement", DEPENDS },
	{ BOTH(bare, not_him), { .count = 1 }, true,
	  "0+/permission/0 permission|0~/prohibition/0 prohibition|1~/prohibition/0/constraint/0 by did:web:a", DEPENDS },
	{ BOTH(bare, not_him), { .count = 1, .who = HT_TEXT_ROW("did:web:a") }, false,
	  "0+/permission/0 permission|0+/prohibition/0 prohibition|1+/prohibition/0/constraint/0 by did:web:a",
	  { "not permitted, it may not be used: by did:web:a", "不允许,禁止使用：由 did:web:a 使用" } },
	{ BOTH(for_two, never), { .count = 5 }, false,
	  "0~/permission/0 permission|1~/permission/0/constraint/0 only by any of did:web:a, did:web:b|"
	  "1+/permission/0/constraint/1 at most 5 transfers under each agreement|0+/prohibition/0 prohibition",
	  { "not permitted, it may not be used at all", "不允许,禁止任何使用" } },
};

TEST(verdicts_of_a_use)
{
	static const char marks[HT_VERDICT_COUNT] = { '+', '-', '?', '~' };

	for (size_t i = 0; i < HT_COUNT(verdicts); i++) {
		struct ht_explained got = ht_explain_use(&verdicts[i].policy, &verdicts[i].use, HT_EN, &arena);
		struct ht_explained zh = ht_explain_use(&verdicts[i].policy, &verdicts[i].use, HT_ZH, &arena);
		struct ht_text rest = ht_text_of(verdicts[i].lines), line;

		for (size_t k = 0; k < got.count; k++) {
			struct ht_text is = ht_text_format(&arena, "%u%c" HT_TEXT_FMT " " HT_TEXT_FMT, got.at[k].depth,
							   marks[got.at[k].verdict], HT_TEXT_ARG(got.at[k].place),
							   HT_TEXT_ARG(got.at[k].words));

			ht_text_cut(rest, '|', &line, &rest);
			CHECK_F(ht_text_same(is, line), "row %zu line %zu: " HT_TEXT_FMT, i, k, HT_TEXT_ARG(is));
		}
		CHECK_F(!rest.len && zh.count == got.count, "row %zu: %zu lines", i, got.count);
		CHECK_F(got.depends == (strstr(verdicts[i].whole[HT_EN], "--as") != NULL) &&
				(got.permitted ||
				 got.why.code == (verdicts[i].policy.odd ? HT_REFUSE_POLICY_UNSUPPORTED : HT_REFUSE_POLICY_DENIES)),
			"row %zu", i);
		CHECK_F(got.permitted == verdicts[i].permitted && zh.permitted == got.permitted, "row %zu", i);
		CHECK_F(ht_text_is(got.whole, verdicts[i].whole[HT_EN]), "row %zu: " HT_TEXT_FMT, i, HT_TEXT_ARG(got.whole));
		CHECK_F(ht_text_is(zh.whole, verdicts[i].whole[HT_ZH]), "row %zu: " HT_TEXT_FMT, i, HT_TEXT_ARG(zh.whole));
	}
	ht_arena_reset(&arena);
}

/* The line of a verdict: a prohibition has words of its own. */
TEST(lines_of_verdicts)
{
	static const struct {
		struct ht_policy policy;
		struct ht_use use;
		size_t at;
		const char *line[2];
	} rows[] = {
		{ PERMITS(paired), { .now_us = NEW_YEAR + 1 }, 1, { "does not hold: until 2026-12-31 00:00 UTC", "不成立：截至 2026-12-31 00:00 UTC" } },
		{ PERMITS(for_two), { .count = 1 }, 0, { "depends on who asks (--as): permission", "取决于由谁使用(--as)：许可" } },
		{ BOTH(bare, not_late), { .now_us = 0 }, 1, { "prohibition does not apply", "禁止条款未触发" } },
		{ BOTH(bare, not_late), { .now_us = NEW_YEAR }, 1, { "prohibition applies", "禁止条款已触发" } },
		{ BOTH(bare, not_him), { .now_us = 0 }, 1,
		  { "whether the prohibition applies depends on who asks (--as)", "禁止条款是否触发取决于由谁使用(--as)" } },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		for (int lang = HT_EN; lang <= HT_ZH; lang++) {
			struct ht_explained got = ht_explain_use(&rows[i].policy, &rows[i].use, (enum ht_lang)lang, &arena);
			struct ht_text line = got.at[rows[i].at].line;

			CHECK_F(ht_text_is(line, rows[i].line[lang]), "row %zu: " HT_TEXT_FMT, i, HT_TEXT_ARG(line));
		}
	}
	ht_arena_reset(&arena);
}

TEST(verdict_words)
{
	for (int i = 0; i < HT_VERDICT_COUNT; i++) {
		CHECK(ht_verdict_word((enum ht_verdict)i)[0]);
		CHECK(ht_verdict_text((enum ht_verdict)i, HT_EN)[0] && ht_verdict_text((enum ht_verdict)i, HT_ZH)[0]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(atoms_in_words), TEST_ROW(terms_in_words), TEST_ROW(verdicts_of_a_use), TEST_ROW(lines_of_verdicts),
						   TEST_ROW(verdict_words) };
	int result;

	ht_arena_init(&arena, 1 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
