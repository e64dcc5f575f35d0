/* app/trade/terms.c - the permissions of a policy, one after the other. */
#include "app/trade/terms.h"

#include "app/trade/plain.h"
#include "model/names.h"
#include "wire/dsp.h"

/* What stands before and after the time of a dateTime constraint. */
static const struct {
	const char *before, *after;
} words[][HT_OP_COUNT] = {
	[HT_EN] = {
		[HT_OP_EQ] = { "at ", "" }, [HT_OP_NEQ] = { "not at ", "" }, [HT_OP_LT] = { "before ", "" },
		[HT_OP_LTEQ] = { "until ", "" }, [HT_OP_GT] = { "after ", "" }, [HT_OP_GTEQ] = { "from ", "" },
	},
	[HT_ZH] = {
		[HT_OP_EQ] = { "仅于 ", "" }, [HT_OP_NEQ] = { "", " 除外" }, [HT_OP_LT] = { "早于 ", "" },
		[HT_OP_LTEQ] = { "截至 ", "" }, [HT_OP_GT] = { "晚于 ", "" }, [HT_OP_GTEQ] = { "自 ", " 起" },
	},
};

static const char *const comma[] = { [HT_EN] = ", ", [HT_ZH] = "," };
static const char *const between[] = { [HT_EN] = "; or ", [HT_ZH] = ";或 " };
static const char *const without_limit[] = { [HT_EN] = " without limit", [HT_ZH] = ",无限制" };
static const char *const odd[] = { [HT_EN] = "terms that are not understood here: ", [HT_ZH] = "含有此处无法理解的条款:" };

static void put_constraint(struct ht_out *out, const struct ht_constraint *c, enum ht_lang lang)
{
	bool time = ht_text_is(c->left, "dateTime");

	ht_out_z(out, comma[lang]);
	if (time) {
		ht_out_z(out, words[lang][c->op].before);
	} else {
		ht_out_text(out, ht_plain(out->arena, c->left));
		ht_out_format(out, " %s ", ht_operator_word(c->op));
	}
	ht_out_text(out, ht_plain(out->arena, c->right));
	if (time)
		ht_out_z(out, words[lang][c->op].after);
}

static void put_rule(struct ht_out *out, const struct ht_rule *rule, enum ht_lang lang)
{
	if (lang == HT_ZH && ht_text_is(rule->action, "use"))
		ht_out_z(out, "使用");
	else
		ht_out_text(out, ht_plain(out->arena, rule->action));
	if (!rule->count)
		ht_out_z(out, without_limit[lang]);
	for (size_t i = 0; i < rule->count; i++)
		put_constraint(out, &rule->constraints[i], lang);
}

struct ht_text ht_terms(struct ht_arena *a, struct ht_text policy, enum ht_lang lang)
{
	struct ht_policy read;
	struct ht_refusal why;
	struct ht_out out;

	if (!policy.len || !ht_odrl_read(policy, a, &read, &why))
		return HT_TEXT("");
	ht_out_init(&out, a);
	if (read.odd) {
		ht_out_z(&out, odd[lang]);
		ht_out_text(&out, ht_plain(a, read.odd_place));
	}
	for (size_t i = 0; i < read.count && !read.odd; i++) {
		if (i)
			ht_out_z(&out, between[lang]);
		put_rule(&out, &read.permissions[i], lang);
	}
	return ht_out_done(&out);
}
