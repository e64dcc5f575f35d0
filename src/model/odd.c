/* model/odd.c - a row for each kind of what is not understood, and for each left operand. */
#include "model/odd.h"

#include <assert.h>

#include "model/names.h"

enum { LANGS = 2 };

#define OP(name) (1u << HT_OP_##name)
#define ORDERED (OP(EQ) | OP(NEQ) | OP(LT) | OP(LTEQ) | OP(GT) | OP(GTEQ))

/* What each left operand may be compared by, and to what. */
static const struct {
	unsigned operators;
	const char *right[LANGS];
} lefts[HT_LEFT_COUNT] = {
	[HT_LEFT_DATE_TIME] = { ORDERED, { "a time as 2027-01-01T00:00:00Z", "时间,如 2027-01-01T00:00:00Z" } },
	[HT_LEFT_TRANSFERS] = { ORDERED, { "a whole number, at least 0", "不小于 0 的整数" } },
	[HT_LEFT_ELAPSED]   = { ORDERED, { "a duration as P30D or PT12H, without years and months", "时长,如 P30D 或 PT12H,不含年与月" } },
	[HT_LEFT_RECIPIENT] = { OP(EQ) | OP(NEQ) | OP(IS_ANY_OF) | OP(IS_NONE_OF),
				{ "a DID or an id of the peers file; with isAnyOf and isNoneOf also an array of 1 to 64",
				  "DID 或对端文件中的标识;用 isAnyOf、isNoneOf 时也可为 1 至 64 个的数组" } },
};

_Static_assert(HT_RULES_MAX == 16 && HT_NODES_MAX == 64 && HT_NODES_DEPTH_MAX == 8 && HT_RECIPIENTS_MAX == 64, "the words say so");
static const char *const texts[HT_ODD_COUNT][LANGS] = {
	[HT_ODD_MEMBER]   = { "not supported here",               "此处不支持" },
	[HT_ODD_TYPE]     = { "allowed: Offer, Agreement, Set, Policy", "可用：Offer、Agreement、Set、Policy" },
	[HT_ODD_ACTION]   = { "allowed: use",                     "可用：use" },
	[HT_ODD_DUTY]     = { "duties are not supported",         "不支持义务" },
	[HT_ODD_JOIN]     = { "allowed: and, or",                 "可用：and、or" },
	[HT_ODD_EMPTY]    = { "needs at least one constraint",    "至少需要一项约束" },
	[HT_ODD_LEFT]     = { "allowed: ",                        "可用：" },
	[HT_ODD_OPERATOR] = { "allowed: ",                        "可用：" },
	[HT_ODD_RIGHT]    = { "wanted: ",                         "应为：" },
	[HT_ODD_MANY]     = { "more than 16 rules of a kind, 64 constraints or 8 levels", "超过 16 条同类规则、64 项约束或 8 层嵌套" },
};
static const char *const comma[LANGS] = { ", ", "、" }, *const colon[LANGS] = { ": ", "：" };

bool ht_left_takes(enum ht_left left, enum ht_operator op)
{
	assert(left < HT_LEFT_COUNT && op < HT_OP_COUNT);
	return lefts[left].operators & 1u << op;
}

static void put_lefts(struct ht_out *o, enum ht_lang lang)
{
	for (int left = 0; left < HT_LEFT_COUNT; left++)
		ht_out_format(o, "%s%s", left ? comma[lang] : "", ht_left_word((enum ht_left)left));
}

static void put_operators(struct ht_out *o, enum ht_left left, enum ht_lang lang)
{
	bool any = false;

	for (int op = 0; op < HT_OP_COUNT; op++) {
		if (!ht_left_takes(left, (enum ht_operator)op))
			continue;
		ht_out_format(o, "%s%s", any ? comma[lang] : "", ht_operator_word((enum ht_operator)op));
		any = true;
	}
}

struct ht_text ht_odd_text(const struct ht_oddity *what, enum ht_lang lang, struct ht_arena *a)
{
	struct ht_out o;

	assert(what->kind < HT_ODD_COUNT);
	ht_out_init(&o, a);
	if (what->value.len)
		ht_out_format(&o, "\"" HT_TEXT_FMT "\"%s", HT_TEXT_ARG(what->value), colon[lang]);
	ht_out_z(&o, texts[what->kind][lang]);
	if (what->kind == HT_ODD_LEFT)
		put_lefts(&o, lang);
	else if (what->kind == HT_ODD_OPERATOR)
		put_operators(&o, what->left, lang);
	else if (what->kind == HT_ODD_RIGHT)
		ht_out_z(&o, lefts[what->left].right[lang]);
	return ht_out_done(&o);
}
