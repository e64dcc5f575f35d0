/* app/trade/terms.c - the terms of a policy in plain words. */
#include "app/trade/terms.h"

#include "app/command.h"
#include "app/trade/plain.h"
#include "wire/dsp.h"

static struct ht_lines lines_of(struct ht_arena *a, const struct ht_policy *p, enum ht_lang lang)
{
	struct ht_lines out = ht_explain_terms(p, lang, a);

	for (size_t i = 0; i < out.count; i++)
		out.at[i] = ht_plain(a, out.at[i]);
	return out;
}

struct ht_lines ht_terms_lines(struct ht_arena *a, struct ht_text policy, enum ht_lang lang)
{
	struct ht_refusal why = { 0 };
	struct ht_policy read;
	struct ht_lines out;

	if (ht_odrl_read(policy, a, &read, &why))
		return lines_of(a, &read, lang);
	out = (struct ht_lines){ HT_TAKE(a, struct ht_text, 1), 1 };
	out.at[0] = ht_plain(a, ht_text_format(a, HT_PICK(lang, "not a policy: %s " HT_TEXT_FMT, "不是策略：%s " HT_TEXT_FMT),
					       ht_refuse_text(why.code, lang), HT_TEXT_ARG(why.place)));
	return out;
}

struct ht_text ht_terms(struct ht_arena *a, struct ht_text policy, enum ht_lang lang)
{
	struct ht_refusal why;
	struct ht_policy read;
	struct ht_lines lines;
	struct ht_out out;

	if (!policy.len || !ht_odrl_read(policy, a, &read, &why))
		return HT_TEXT("");
	lines = lines_of(a, &read, lang);
	ht_out_init(&out, a);
	for (size_t i = 0; i < lines.count; i++) {
		ht_out_z(&out, i ? HT_PICK(lang, "; ", ";") : "");
		ht_out_text(&out, lines.at[i]);
	}
	return ht_out_done(&out);
}
