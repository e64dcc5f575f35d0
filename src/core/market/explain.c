/* core/market/explain.c - policies in words: one row for each left operand and operator, with both languages. */
#include "core/market/explain.h"

#include <assert.h>

#include "base/count.h"
#include "base/out.h"
#include "base/time.h"

enum { LANGS = 2, LINES_MAX = 2 * HT_RULES_MAX + HT_NODES_MAX + 1 };

static const char *const verdict_words[HT_VERDICT_COUNT] = {
	[HT_VERDICT_HOLDS] = "holds",
	[HT_VERDICT_FAILS] = "fails",
	[HT_VERDICT_ODD]   = "odd",
};

static const char *const verdict_texts[HT_VERDICT_COUNT][LANGS] = {
	[HT_VERDICT_HOLDS] = { "holds",          "成立"     },
	[HT_VERDICT_FAILS] = { "does not hold",  "不成立"   },
	[HT_VERDICT_ODD]   = { "not understood", "无法理解" },
};

/* A constraint in words, % being its right operand: as terms of a permission, and as the case of a prohibition. */
enum { PERMIT, FORBID, MOODS };
static const char *const phrases[HT_LEFT_COUNT][HT_OP_COUNT][MOODS][LANGS] = {
	[HT_LEFT_DATE_TIME] = {
		[HT_OP_EQ]   = { { "exactly at %",         "恰在 %"       }, { "exactly at %",         "恰在 %"       } },
		[HT_OP_NEQ]  = { { "at any time but %",    "除 % 外任何时间" }, { "at any time but %", "除 % 外任何时间" } },
		[HT_OP_LT]   = { { "before %",             "在 % 之前"    }, { "before %",             "在 % 之前"    } },
		[HT_OP_LTEQ] = { { "until %",              "截至 %"       }, { "until %",              "截至 %"       } },
		[HT_OP_GT]   = { { "after %",              "在 % 之后"    }, { "after %",              "在 % 之后"    } },
		[HT_OP_GTEQ] = { { "from % on",            "自 % 起"      }, { "from % on",            "自 % 起"      } },
	},
	[HT_LEFT_TRANSFERS] = {
		[HT_OP_EQ]   = { { "only for transfer number %",  "仅限第 % 次传输"     }, { "for transfer number %",         "第 % 次传输"       } },
		[HT_OP_NEQ]  = { { "not for transfer number %",   "第 % 次传输除外"     }, { "for any transfer but number %", "除第 % 次外的传输" } },
		[HT_OP_LT]   = { { "fewer than % transfers",      "少于 % 次传输"       }, { "before transfer number %",      "第 % 次之前的传输" } },
		[HT_OP_LTEQ] = { { "at most % transfers",         "最多 % 次传输"       }, { "up to transfer number %",       "至第 % 次为止的传输" } },
		[HT_OP_GT]   = { { "only after transfer number %", "仅限第 % 次之后的传输" }, { "after transfer number %",    "第 % 次之后的传输" } },
		[HT_OP_GTEQ] = { { "from transfer number % on",   "自第 % 次传输起"     }, { "from transfer number % on",     "自第 % 次传输起"   } },
	},
	[HT_LEFT_ELAPSED] = {
		[HT_OP_EQ]   = { { "exactly % after the agreement",  "恰在协议后 %"     }, { "exactly % after the agreement",  "恰在协议后 %"     } },
		[HT_OP_NEQ]  = { { "at any time but exactly % after the agreement", "除协议后恰 %外任何时间" },
			         { "at any time but exactly % after the agreement", "除协议后恰 %外任何时间" } },
		[HT_OP_LT]   = { { "less than % after the agreement", "协议后不足 %"    }, { "less than % after the agreement", "协议后不足 %"    } },
		[HT_OP_LTEQ] = { { "within % of the agreement",      "协议后 %内"      }, { "within % of the agreement",      "协议后 %内"      } },
		[HT_OP_GT]   = { { "more than % after the agreement", "协议后超过 %"    }, { "more than % after the agreement", "协议后超过 %"    } },
		[HT_OP_GTEQ] = { { "from % after the agreement on",  "协议后 %起"      }, { "from % after the agreement on",  "协议后 %起"      } },
	},
	[HT_LEFT_RECIPIENT] = {
		[HT_OP_EQ]         = { { "only by %",        "仅限 % 使用"         }, { "by %",             "由 % 使用"           } },
		[HT_OP_NEQ]        = { { "by anybody but %", "除 % 外任何一方可用" }, { "by anybody but %", "由除 % 外任何一方使用" } },
		[HT_OP_IS_ANY_OF]  = { { "only by any of %", "仅限以下各方使用:%"  }, { "by any of %",      "由以下任何一方使用:%" } },
		[HT_OP_IS_NONE_OF] = { { "by none of %",     "以下各方不得使用:%"  }, { "by none of %",     "由以下各方以外的一方使用:%" } },
	},
};

/* What a rule says without its constraints, and before them. */
enum { FIRST, FURTHER, RULE_KINDS };
static const char *const heads[MOODS][RULE_KINDS][2][LANGS] = {
	/*                      bare                                                       with constraints */
	[PERMIT] = {
		[FIRST]   = { { "may be used, without conditions",      "允许使用,无附加条件"   }, { "may be used: ",          "允许使用:"     } },
		[FURTHER] = { { "may also be used, without conditions", "也允许使用,无附加条件" }, { "may also be used: ",     "也允许使用:"   } },
	},
	[FORBID] = {
		[FIRST]   = { { "may not be used at all",               "禁止任何使用"          }, { "may not be used: ",      "禁止使用:"     } },
		[FURTHER] = { { "may not be used at all",               "禁止任何使用"          }, { "nor may it be used: ",   "同时禁止使用:" } },
	},
};

/* A rule and an `and` or `or` over what is in it. */
static const char *const rule_names[MOODS][LANGS] = { [PERMIT] = { "permission", "许可" }, [FORBID] = { "prohibition", "禁止" } };
static const char *const over[HT_JOIN_COUNT][LANGS] = {
	[HT_JOIN_NONE] = { "",                      "" },
	[HT_JOIN_AND]  = { "all of these",          "以下全部" },
	[HT_JOIN_OR]   = { "at least one of these", "以下至少一项" },
};
static const char *const between[HT_JOIN_COUNT][LANGS] = {
	[HT_JOIN_NONE] = { "; ", ";" },
	[HT_JOIN_AND]  = { " and ", " 且 " },
	[HT_JOIN_OR]   = { " or ", " 或 " },
};

enum words { NOTHING, ODD_TERMS, PERMITTED, DENIED, PROHIBITED, WORDS };
static const char *const words[WORDS][LANGS] = {
	[NOTHING]    = { "may not be used: nothing is permitted", "不得使用:没有任何许可" },
	[ODD_TERMS]  = { "not understood, so nobody may rely on it: ", "无法理解,不可依赖:" },
	[PERMITTED]  = { "permitted", "允许" },
	[DENIED]     = { "not permitted: ", "不允许:" },
	[PROHIBITED] = { "not permitted, it ", "不允许," },
};

/* Parts of a duration. */
static const struct {
	int64_t us;
	const char *one, *more, *zh;
} units[] = {
	{ HT_DAY_US,            "day",    "days",    "天"   },
	{ 3600 * HT_SECOND_US,  "hour",   "hours",   "小时" },
	{ 60 * HT_SECOND_US,    "minute", "minutes", "分钟" },
	{ HT_SECOND_US,         "second", "seconds", "秒"   },
};

const char *ht_verdict_word(enum ht_verdict verdict)
{
	assert(verdict < HT_VERDICT_COUNT);
	return verdict_words[verdict];
}

const char *ht_verdict_text(enum ht_verdict verdict, enum ht_lang lang)
{
	assert(verdict < HT_VERDICT_COUNT);
	return verdict_texts[verdict][lang];
}

/* "2026-12-31 00:00 UTC"; seconds where there are some. */
static void put_time(struct ht_out *o, int64_t at_us)
{
	char text[HT_TIME_MAX];
	size_t len = ht_time_put(text, at_us) - 1;

	text[10] = ' ';
	if (at_us % (60 * HT_SECOND_US) == 0)
		len -= 3;
	ht_out_text(o, (struct ht_text){ text, len });
	ht_out_z(o, " UTC");
}

/* So many millionths as a decimal number: "0.5", "12". */
static void put_decimal(struct ht_out *o, int64_t millionths)
{
	char digits[8] = ".";
	int n = 0;

	ht_out_format(o, "%lld", (long long)(millionths / 1000000));
	for (int64_t rest = millionths % 1000000, unit = 100000; rest; rest %= unit, unit /= 10)
		digits[++n] = (char)('0' + rest / unit);
	if (n)
		ht_out_text(o, (struct ht_text){ digits, (size_t)n + 1 });
}

/* "1 day 12 hours"; the last part, seconds, may have a fraction. */
static void put_duration(struct ht_out *o, int64_t us, enum ht_lang lang)
{
	size_t last = HT_COUNT(units) - 1;
	bool any = false;

	for (size_t i = 0; i <= last; i++) {
		int64_t part = i < last ? us / units[i].us * units[i].us : us;

		us -= part;
		if (!part && (any || i < last))
			continue;
		if (any)
			ht_out_char(o, ' ');
		put_decimal(o, part / (units[i].us / HT_SECOND_US));
		ht_out_format(o, " %s", lang == HT_ZH ? units[i].zh : part == units[i].us ? units[i].one : units[i].more);
		any = true;
	}
}

static void put_right(struct ht_out *o, const struct ht_constraint *c, enum ht_lang lang)
{
	switch (c->left) {
	case HT_LEFT_DATE_TIME: put_time(o, c->number); break;
	case HT_LEFT_TRANSFERS: ht_out_format(o, "%lld", (long long)c->number); break;
	case HT_LEFT_ELAPSED: put_duration(o, c->number, lang); break;
	case HT_LEFT_RECIPIENT:
		for (size_t i = 0; i < c->ids_count; i++) {
			ht_out_z(o, i ? ", " : "");
			ht_out_text(o, c->ids[i]);
		}
		break;
	case HT_LEFT_COUNT: break;
	}
}

/* English has another word for one. */
static const char *phrase_of(const struct ht_constraint *c, size_t mood, enum ht_lang lang)
{
	if (c->left == HT_LEFT_TRANSFERS && c->op == HT_OP_LTEQ && c->number == 1 && mood == PERMIT && lang == HT_EN)
		return "at most % transfer";
	return phrases[c->left][c->op][mood][lang];
}

static void put_atom(struct ht_out *o, const struct ht_constraint *c, size_t mood, enum ht_lang lang)
{
	const char *phrase = phrase_of(c, mood, lang);
	struct ht_text head, tail;

	assert(phrase); /* the reader lets no other operator pass */
	ht_text_cut(ht_text_of(phrase), '%', &head, &tail);
	ht_out_text(o, head);
	put_right(o, c, lang);
	ht_out_text(o, tail);
}

static void put_constraint(struct ht_out *o, const struct ht_constraint *c, size_t mood, enum ht_lang lang, bool alone);

static void put_list(struct ht_out *o, const struct ht_constraint *list, size_t n, enum ht_join join, size_t mood, enum ht_lang lang)
{
	for (size_t i = 0; i < n; i++) {
		ht_out_z(o, i ? between[join][lang] : "");
		put_constraint(o, &list[i], mood, lang, n == 1);
	}
}

/* In brackets when it is made of others and stands beside others. Calls itself as deep as the tree is: HT_NODES_DEPTH_MAX. */
static void put_constraint(struct ht_out *o, const struct ht_constraint *c, size_t mood, enum ht_lang lang, bool alone)
{
	bool brackets = c->parts_count > 1 && !alone;

	if (c->join == HT_JOIN_NONE) {
		put_atom(o, c, mood, lang);
		return;
	}
	ht_out_z(o, brackets ? "(" : "");
	put_list(o, c->parts, c->parts_count, c->join, mood, lang);
	ht_out_z(o, brackets ? ")" : "");
}

/* All constraints of a permission are terms, one after the other; those of a prohibition are one case. */
static struct ht_text rule_line(const struct ht_rule *r, size_t mood, size_t kind, enum ht_lang lang, struct ht_arena *a)
{
	struct ht_out o;

	ht_out_init(&o, a);
	ht_out_z(&o, heads[mood][kind][r->count > 0][lang]);
	put_list(&o, r->constraints, r->count, mood == PERMIT ? HT_JOIN_NONE : HT_JOIN_AND, mood, lang);
	return ht_out_done(&o);
}

struct ht_lines ht_explain_terms(const struct ht_policy *p, enum ht_lang lang, struct ht_arena *a)
{
	struct ht_lines out = { HT_TAKE(a, struct ht_text, p->count + p->prohibitions_count + 1), 0 };

	if (p->odd) {
		out.at[out.count++] = ht_text_format(a, "%s" HT_TEXT_FMT, words[ODD_TERMS][lang],
						     p->odd_place.len ? (int)p->odd_place.len : 1,
						     p->odd_place.len ? p->odd_place.at : "/");
		return out;
	}
	for (size_t i = 0; i < p->count; i++)
		out.at[out.count++] = rule_line(&p->permissions[i], PERMIT, i ? FURTHER : FIRST, lang, a);
	if (!p->count)
		out.at[out.count++] = ht_text_of(words[NOTHING][lang]);
	for (size_t i = 0; i < p->prohibitions_count; i++)
		out.at[out.count++] = rule_line(&p->prohibitions[i], FORBID, i ? FURTHER : FIRST, lang, a);
	return out;
}

/* One explanation while it is made. */
struct telling {
	const struct ht_use *use;
	enum ht_lang lang;
	struct ht_arena *arena;
	struct ht_explained *out;
};

static void say(struct telling *t, enum ht_verdict verdict, unsigned depth, struct ht_text place, struct ht_text what)
{
	assert(t->out->count < LINES_MAX);
	t->out->at[t->out->count++] = (struct ht_said){ verdict, depth, place, what };
}

/* Whether all of it is understood. */
static bool tell_constraint(struct telling *t, const struct ht_constraint *c, size_t mood, unsigned depth)
{
	struct ht_said *line = &t->out->at[t->out->count];
	bool plain = !c->part.odd;
	struct ht_out o;

	ht_out_init(&o, t->arena);
	if (c->join != HT_JOIN_NONE)
		ht_out_z(&o, over[c->join][t->lang]);
	else if (plain)
		put_atom(&o, c, mood, t->lang);
	say(t, ht_constraint_holds(c, t->use) ? HT_VERDICT_HOLDS : HT_VERDICT_FAILS, depth, c->part.place, ht_out_done(&o));
	for (size_t i = 0; i < c->parts_count; i++)
		plain = tell_constraint(t, &c->parts[i], mood, depth + 1) && plain;
	if (!plain)
		line->verdict = HT_VERDICT_ODD;
	return plain;
}

static void tell_rule(struct telling *t, const struct ht_rule *r, size_t mood)
{
	struct ht_said *line = &t->out->at[t->out->count];
	bool plain = !r->part.odd, holds = true;

	say(t, HT_VERDICT_HOLDS, 0, r->part.place, ht_text_of(rule_names[mood][t->lang]));
	for (size_t i = 0; i < r->count; i++) {
		holds = ht_constraint_holds(&r->constraints[i], t->use) && holds;
		plain = tell_constraint(t, &r->constraints[i], mood, 1) && plain;
	}
	line->verdict = !plain ? HT_VERDICT_ODD : holds ? HT_VERDICT_HOLDS : HT_VERDICT_FAILS;
}

/* The line about a place; NULL: there is none. */
static const struct ht_said *line_at(const struct ht_explained *e, struct ht_text place)
{
	for (size_t i = 0; i < e->count; i++) {
		if (ht_text_same(e->at[i].place, place))
			return &e->at[i];
	}
	return NULL;
}

/* The constraint that decides, in the words of the terms. */
static const struct ht_constraint *constraint_at(const struct ht_constraint *list, size_t n, struct ht_text place)
{
	for (size_t i = 0; i < n; i++) {
		const struct ht_constraint *inside = constraint_at(list[i].parts, list[i].parts_count, place);

		if (ht_text_same(list[i].part.place, place))
			return &list[i];
		if (inside)
			return inside;
	}
	return NULL;
}

static struct ht_text whole(const struct ht_policy *p, const struct ht_explained *e, enum ht_lang lang, struct ht_arena *a)
{
	struct ht_out o;

	if (e->permitted)
		return ht_text_of(words[PERMITTED][lang]);
	ht_out_init(&o, a);
	if (p->odd) {
		ht_out_format(&o, "%s%s", words[DENIED][lang], verdict_texts[HT_VERDICT_ODD][lang]);
		return ht_out_done(&o);
	}
	for (size_t i = 0; i < p->prohibitions_count; i++) {
		if (ht_text_same(p->prohibitions[i].part.place, e->why.place)) {
			ht_out_z(&o, words[PROHIBITED][lang]);
			ht_out_text(&o, rule_line(&p->prohibitions[i], FORBID, FIRST, lang, a));
			return ht_out_done(&o);
		}
	}
	for (size_t i = 0; i < p->count; i++) {
		const struct ht_constraint *c = constraint_at(p->permissions[i].constraints, p->permissions[i].count, e->why.place);

		if (c) {
			ht_out_z(&o, words[DENIED][lang]);
			put_constraint(&o, c, PERMIT, lang, true);
			return ht_out_done(&o);
		}
	}
	return ht_text_of(words[NOTHING][lang]);
}

struct ht_explained ht_explain_use(const struct ht_policy *p, const struct ht_use *use, enum ht_lang lang, struct ht_arena *a)
{
	struct ht_explained out = { .at = HT_TAKE(a, struct ht_said, LINES_MAX) };
	struct telling t = { use, lang, a, &out };

	for (size_t i = 0; i < p->count; i++)
		tell_rule(&t, &p->permissions[i], PERMIT);
	for (size_t i = 0; i < p->prohibitions_count; i++)
		tell_rule(&t, &p->prohibitions[i], FORBID);
	if (p->odd && !line_at(&out, p->odd_place))
		say(&t, HT_VERDICT_ODD, 0, p->odd_place, HT_TEXT(""));
	out.permitted = ht_policy_permits(p, use, a, &out.why);
	out.whole = whole(p, &out, lang, a);
	return out;
}
