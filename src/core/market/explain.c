/* core/market/explain.c - policies in words: one row for each left operand and operator, with both languages. */
#include "core/market/explain.h"

#include <assert.h>

#include "base/count.h"
#include "base/out.h"
#include "base/time.h"
#include "model/odd.h"

enum { LANGS = 2, LINES_MAX = 2 * HT_RULES_MAX + HT_NODES_MAX + 1 };

static const char *const verdict_words[HT_VERDICT_COUNT] = {
	[HT_VERDICT_HOLDS] = "holds",
	[HT_VERDICT_FAILS] = "fails",
	[HT_VERDICT_ODD]   = "odd",
	[HT_VERDICT_DEPENDS] = "depends",
};

static const char *const verdict_texts[HT_VERDICT_COUNT][LANGS] = {
	[HT_VERDICT_HOLDS] = { "holds",          "成立"     },
	[HT_VERDICT_FAILS] = { "does not hold",  "不成立"   },
	[HT_VERDICT_ODD]   = { "not understood", "无法理解" },
	[HT_VERDICT_DEPENDS] = { "depends on who asks (--as)", "取决于由谁使用(--as)" },
};
/* The same of a prohibition as a whole. */
static const char *const prohibition_texts[HT_VERDICT_COUNT][LANGS] = {
	[HT_VERDICT_HOLDS] = { "prohibition applies",        "禁止条款已触发"   },
	[HT_VERDICT_FAILS] = { "prohibition does not apply", "禁止条款未触发"   },
	[HT_VERDICT_ODD]   = { "prohibition not understood", "禁止条款无法理解" },
	[HT_VERDICT_DEPENDS] = { "whether the prohibition applies depends on who asks (--as)", "禁止条款是否触发取决于由谁使用(--as)" },
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
		[HT_OP_EQ]   = { { "only for transfer number % under each agreement", "仅限每份协议的第 % 次传输" }, { "for transfer number %",         "第 % 次传输"       } },
		[HT_OP_NEQ]  = { { "not for transfer number % under each agreement", "每份协议的第 % 次传输除外" }, { "for any transfer but number %", "除第 % 次外的传输" } },
		[HT_OP_LT]   = { { "fewer than % transfers under each agreement", "每份协议少于 % 次" }, { "before transfer number %",      "第 % 次之前的传输" } },
		[HT_OP_LTEQ] = { { "at most % transfers under each agreement", "每份协议最多 % 次" }, { "up to transfer number %",       "至第 % 次为止的传输" } },
		[HT_OP_GT]   = { { "only after transfer number % under each agreement", "仅限每份协议第 % 次之后的传输" }, { "after transfer number %",    "第 % 次之后的传输" } },
		[HT_OP_GTEQ] = { { "from transfer number % under each agreement on", "自每份协议的第 % 次传输起" }, { "from transfer number % on",     "自第 % 次传输起"   } },
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
		[HT_OP_IS_ANY_OF]  = { { "only by any of %", "仅限以下各方使用：%"  }, { "by any of %",      "由以下任何一方使用：%" } },
		[HT_OP_IS_NONE_OF] = { { "by none of %",     "以下各方不得使用：%"  }, { "by none of %",     "由以下各方以外的一方使用：%" } },
	},
};

/* What a rule says without its constraints, and before them. */
enum { FIRST, FURTHER, RULE_KINDS };
static const char *const heads[MOODS][RULE_KINDS][2][LANGS] = {
	/*                      bare                                                       with constraints */
	[PERMIT] = {
		[FIRST]   = { { "may be used, without conditions",      "允许使用,无附加条件"   }, { "may be used: ",          "允许使用："     } },
		[FURTHER] = { { "may also be used, without conditions", "也允许使用,无附加条件" }, { "may also be used: ",     "也允许使用："   } },
	},
	[FORBID] = {
		[FIRST]   = { { "may not be used at all",               "禁止任何使用"          }, { "may not be used: ",      "禁止使用："     } },
		[FURTHER] = { { "may not be used at all",               "禁止任何使用"          }, { "nor may it be used: ",   "同时禁止使用：" } },
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

static const char *const colon[LANGS] = { ": ", "：" };

enum words { NOTHING, ODD_TERMS, PERMITTED, DENIED, PROHIBITED, DEPENDS, WORDS };
static const char *const words[WORDS][LANGS] = {
	[NOTHING]    = { "may not be used: nothing is permitted", "不得使用：没有任何许可" },
	[ODD_TERMS]  = { "not understood, so nobody may rely on it: ", "无法理解,不可依赖：" },
	[PERMITTED]  = { "permitted", "允许" },
	[DENIED]     = { "not permitted: ", "不允许：" },
	[PROHIBITED] = { "not permitted, it ", "不允许," },
	[DEPENDS]    = { "permitted to those whom the terms mean; --as DID judges for one", "允许条款所指的使用方;用 --as DID 判断某一方" },
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
		return "at most % transfer under each agreement";
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
		struct ht_text place = p->odd_place.len ? p->odd_place : HT_TEXT("/"), what = ht_odd_text(&p->odd_what, lang, a);

		out.at[out.count++] = ht_text_format(a, "%s" HT_TEXT_FMT " (" HT_TEXT_FMT ")", words[ODD_TERMS][lang], HT_TEXT_ARG(place),
						     HT_TEXT_ARG(what));
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

static struct ht_said *say(struct telling *t, enum ht_verdict verdict, unsigned depth, struct ht_text place, struct ht_text what)
{
	struct ht_said *s = &t->out->at[t->out->count];

	assert(t->out->count < LINES_MAX);
	t->out->count++;
	*s = (struct ht_said){ .verdict = verdict, .depth = depth, .place = place, .words = what };
	return s;
}

static void say_line(struct telling *t, struct ht_said *s)
{
	s->line = ht_text_format(t->arena, "%s%s" HT_TEXT_FMT, verdict_texts[s->verdict][t->lang], s->words.len ? colon[t->lang] : "",
				 HT_TEXT_ARG(s->words));
}

/* Of an `and` and an `or`: what decides it wins, then what is not said. */
static enum ht_verdict joined(enum ht_verdict so_far, enum ht_verdict one, bool all)
{
	enum ht_verdict decides = all ? HT_VERDICT_FAILS : HT_VERDICT_HOLDS;

	if (so_far == decides || one == decides)
		return decides;
	return so_far == HT_VERDICT_DEPENDS ? so_far : one;
}

/* Whether it holds; DEPENDS when who asks is not said and it may matter. What is odd fails. Calls itself as deep as the tree is. */
static enum ht_verdict judge(const struct ht_constraint *c, const struct ht_use *use)
{
	bool all = c->join == HT_JOIN_AND;
	enum ht_verdict so_far = all ? HT_VERDICT_HOLDS : HT_VERDICT_FAILS;

	if (c->part.odd)
		return HT_VERDICT_FAILS;
	if (c->join == HT_JOIN_NONE && c->left == HT_LEFT_RECIPIENT && !use->who.len)
		return HT_VERDICT_DEPENDS;
	if (c->join == HT_JOIN_NONE)
		return ht_constraint_holds(c, use) ? HT_VERDICT_HOLDS : HT_VERDICT_FAILS;
	for (size_t i = 0; i < c->parts_count; i++)
		so_far = joined(so_far, judge(&c->parts[i], use), all);
	return so_far;
}

static enum ht_verdict judge_rule(const struct ht_rule *r, const struct ht_use *use)
{
	enum ht_verdict so_far = HT_VERDICT_HOLDS;

	for (size_t i = 0; i < r->count; i++)
		so_far = joined(so_far, judge(&r->constraints[i], use), true);
	return so_far;
}

/* Whether all of it is understood. */
static bool tell_constraint(struct telling *t, const struct ht_constraint *c, size_t mood, unsigned depth)
{
	struct ht_said *line;
	bool plain = !c->part.odd;
	struct ht_out o;

	ht_out_init(&o, t->arena);
	if (!plain)
		ht_out_text(&o, ht_odd_text(&c->part.what, t->lang, t->arena));
	else if (c->join != HT_JOIN_NONE)
		ht_out_z(&o, over[c->join][t->lang]);
	else
		put_atom(&o, c, mood, t->lang);
	line = say(t, judge(c, t->use), depth, c->part.place, ht_out_done(&o));
	for (size_t i = 0; i < c->parts_count; i++)
		plain = tell_constraint(t, &c->parts[i], mood, depth + 1) && plain;
	if (!plain)
		line->verdict = HT_VERDICT_ODD;
	say_line(t, line);
	return plain;
}

static void tell_rule(struct telling *t, const struct ht_rule *r, size_t mood)
{
	struct ht_said *line = say(t, judge_rule(r, t->use), 0, r->part.place, ht_text_of(rule_names[mood][t->lang]));
	bool plain = !r->part.odd;
	struct ht_text what;

	for (size_t i = 0; i < r->count; i++)
		plain = tell_constraint(t, &r->constraints[i], mood, 1) && plain;
	if (!plain)
		line->verdict = HT_VERDICT_ODD;
	say_line(t, line);
	if (mood == FORBID)
		line->line = ht_text_of(prohibition_texts[line->verdict][t->lang]);
	if (!r->part.odd)
		return;
	what = ht_odd_text(&r->part.what, t->lang, t->arena);
	line->line = ht_text_format(t->arena, HT_TEXT_FMT ", " HT_TEXT_FMT, HT_TEXT_ARG(line->line), HT_TEXT_ARG(what));
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
		return ht_text_of(words[e->depends ? DEPENDS : PERMITTED][lang]);
	ht_out_init(&o, a);
	if (p->odd) {
		ht_out_format(&o, "%s%s%s", words[DENIED][lang], verdict_texts[HT_VERDICT_ODD][lang], colon[lang]);
		ht_out_text(&o, ht_odd_text(&p->odd_what, lang, a));
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

/* The first constraint that fails whoever asks, in an `and` the one inside; NULL: none. Only what is not odd. */
static const struct ht_constraint *first_failing(const struct ht_constraint *list, size_t n, const struct ht_use *use)
{
	for (size_t i = 0; i < n; i++) {
		if (judge(&list[i], use) == HT_VERDICT_FAILS)
			return list[i].join == HT_JOIN_AND ? first_failing(list[i].parts, list[i].parts_count, use) : &list[i];
	}
	return NULL;
}

/* ht_policy_permits() for somebody who is not named. */
static bool permits_some(const struct ht_policy *p, const struct ht_use *use, struct ht_explained *out)
{
	const struct ht_constraint *failing = NULL;
	enum ht_verdict may = HT_VERDICT_FAILS;

	for (size_t i = 0; i < p->count; i++) {
		const struct ht_rule *r = &p->permissions[i];

		may = joined(may, judge_rule(r, use), false);
		failing = failing ? failing : first_failing(r->constraints, r->count, use);
	}
	out->depends = may == HT_VERDICT_DEPENDS;
	for (size_t i = 0; i < p->prohibitions_count; i++) {
		enum ht_verdict applies = judge_rule(&p->prohibitions[i], use);

		if (applies == HT_VERDICT_HOLDS)
			return ht_refuse(&out->why, HT_REFUSE_POLICY_DENIES, p->prohibitions[i].part.place);
		out->depends |= applies == HT_VERDICT_DEPENDS;
	}
	if (may == HT_VERDICT_FAILS)
		return ht_refuse(&out->why, HT_REFUSE_POLICY_DENIES, failing ? failing->part.place : HT_TEXT("/permission"));
	return true;
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
		say_line(&t, say(&t, HT_VERDICT_ODD, 0, p->odd_place, ht_odd_text(&p->odd_what, lang, a)));
	out.permitted = use->who.len || p->odd ? ht_policy_permits(p, use, a, &out.why) : permits_some(p, use, &out);
	out.depends = out.depends && out.permitted;
	out.whole = whole(p, &out, lang, a);
	return out;
}
