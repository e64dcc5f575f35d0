/* app/trade/policy.c - hutong policy explain: a policy file in plain words, each verdict and the whole. It asks no node. */
#include <ctype.h>
#include <string.h>

#include "app/trade/client.h"
#include "app/trade/plain.h"
#include "app/trade/policy_file.h"
#include "app/trade/terms.h"
#include "app/trade/trade.h"
#include "base/time.h"
#include "os/os.h"
#include "wire/dsp.h"

/* The policy of the file; its texts are in the arena. */
static int read_policy(struct ht_client *c, struct ht_policy *out)
{
	const char *name = c->line->args[0];
	struct ht_refusal why = { 0 };
	struct ht_text text;
	int status = ht_policy_file_read(c, name, &text);

	return status || ht_odrl_read(text, c->arena, out, &why) ? status : ht_policy_file_refuse(c, name, &why);
}

/* A DID, or an id without blanks, commas and slashes. */
static bool is_participant(struct ht_text id)
{
	static const char more[] = "._:%@+-";
	struct ht_text scheme, method, rest;

	for (size_t i = 0; i < id.len; i++) {
		if (!isalnum((unsigned char)id.at[i]) && !memchr(more, id.at[i], sizeof(more) - 1))
			return false;
	}
	ht_text_cut(id, ':', &scheme, &rest);
	if (!ht_text_is(scheme, "did"))
		return id.len > 0;
	ht_text_cut(rest, ':', &method, &rest);
	return method.len && rest.len;
}

/* Who asks: by the setting, else the assignee. */
static int read_who(struct ht_client *c, const struct ht_policy *p, struct ht_text *who)
{
	const struct ht_setting_value *v = &c->line->values[HT_EXPLAIN_AS];

	*who = v->set ? v->text : p->assignee;
	return !v->set || is_participant(v->text) ?
		       HT_EXIT_DONE :
		       ht_client_usage(c, "--as",
				       HT_PICK(c->lang, "is neither a DID as did:web:example.org:p:fleet nor an id of the peers file",
					       "既不是 did:web:example.org:p:fleet 形式的 DID,也不是对端文件中的标识"));
}

/* A setting that is a time; not given: *at_us is left alone. */
static int read_time(struct ht_client *c, size_t setting, const char *flag, int64_t *at_us)
{
	const struct ht_setting_value *v = &c->line->values[setting];

	if (!v->set || ht_time_read(v->text, at_us))
		return HT_EXIT_DONE;
	return ht_client_usage(c, flag, HT_PICK(c->lang, "is not a time as 2026-12-31T00:00:00Z", "不是 2026-12-31T00:00:00Z 形式的时间"));
}

/* What is asked: by the settings, else by the policy when it is an agreement, else the first transfer, now. */
static int read_use(struct ht_client *c, const struct ht_policy *p, struct ht_use *use)
{
	const struct ht_setting_value *values = c->line->values;
	int status;

	use->now_us = ht_now_us();
	status = read_time(c, HT_EXPLAIN_AT, "--at", &use->now_us);
	use->since_us = use->now_us;
	(void)ht_policy_since(p, &use->since_us);
	if (!status)
		status = read_time(c, HT_EXPLAIN_AGREED, "--agreed", &use->since_us);
	if (!status)
		status = read_who(c, p, &use->who);
	use->count = values[HT_EXPLAIN_COUNT].set ? (int64_t)values[HT_EXPLAIN_COUNT].number : 1;
	return status;
}

static void put_json(struct ht_json_out *w, const struct ht_lines *terms, const struct ht_use *use, const struct ht_explained *e)
{
	struct ht_arena *a = w->out.arena;

	ht_json_open(w, NULL, '{');
	ht_json_open(w, "terms", '[');
	for (size_t i = 0; i < terms->count; i++)
		ht_json_put(w, NULL, terms->at[i]);
	ht_json_close(w, ']');
	ht_json_open(w, "use", '{');
	ht_json_put_some(w, "as", use->who);
	ht_json_put(w, "at", ht_time_text(a, use->now_us));
	ht_json_put_int(w, "count", use->count);
	ht_json_put(w, "agreed", ht_time_text(a, use->since_us));
	ht_json_close(w, '}');
	ht_json_open(w, "verdicts", '[');
	for (size_t i = 0; i < e->count; i++) {
		ht_json_open(w, NULL, '{');
		ht_json_put(w, "place", e->at[i].place);
		ht_json_put_z(w, "verdict", ht_verdict_word(e->at[i].verdict));
		ht_json_put(w, "words", e->at[i].words);
		ht_json_close(w, '}');
	}
	ht_json_close(w, ']');
	ht_json_put_bool(w, "permitted", e->permitted);
	ht_json_put_bool(w, "depends", e->depends);
	if (!e->permitted) {
		ht_json_put_z(w, "code", ht_refuse_word(e->why.code));
		ht_json_put(w, "place", e->why.place);
	}
	ht_json_put(w, "text", e->whole);
	ht_json_close(w, '}');
}

static void put_lines(struct ht_out *o, const struct ht_lines *terms, const struct ht_use *use, const struct ht_explained *e,
		      enum ht_lang lang)
{
	struct ht_text who = use->who.len ? use->who : ht_text_of(HT_PICK(lang, "somebody (--as)", "某一方(--as)"));
	struct ht_text at = ht_time_text(o->arena, use->now_us), agreed = ht_time_text(o->arena, use->since_us);

	for (size_t i = 0; i < terms->count; i++)
		ht_out_format(o, HT_TEXT_FMT "\n", HT_TEXT_ARG(terms->at[i]));
	ht_out_format(o,
		      HT_PICK(lang,
			      "\nasked by " HT_TEXT_FMT " at " HT_TEXT_FMT " for transfer number %lld; agreement of " HT_TEXT_FMT "\n",
			      "\n使用方 " HT_TEXT_FMT ",时间 " HT_TEXT_FMT ",第 %lld 次传输,协议时间 " HT_TEXT_FMT "\n"),
		      HT_TEXT_ARG(who), HT_TEXT_ARG(at), (long long)use->count, HT_TEXT_ARG(agreed));
	for (size_t i = 0; i < e->count; i++)
		ht_out_format(o, "%*s" HT_TEXT_FMT "  (" HT_TEXT_FMT ")\n", (int)(2 * e->at[i].depth + 2), "", HT_TEXT_ARG(e->at[i].line),
			      HT_TEXT_ARG(e->at[i].place));
	ht_out_text(o, e->whole);
	if (!e->permitted)
		ht_out_format(o, "  (" HT_TEXT_FMT ")", HT_TEXT_ARG(e->why.place));
}

int ht_trade_policy_explain(const struct ht_line *line)
{
	struct ht_client c = { .line = line, .lang = line->lang, .arena = line->arena };
	struct ht_policy policy = { 0 };
	struct ht_use use = { 0 };
	struct ht_explained explained;
	struct ht_lines terms;
	struct ht_json_out json;
	struct ht_out plain;
	int status = read_policy(&c, &policy);

	if (!status)
		status = read_use(&c, &policy, &use);
	if (status)
		return status;
	terms = ht_explain_terms(&policy, c.lang, c.arena);
	explained = ht_explain_use(&policy, &use, c.lang, c.arena);
	if (line->json) {
		ht_json_begin(&json, c.arena);
		put_json(&json, &terms, &use, &explained);
		ht_client_print(ht_json_end(&json));
	} else {
		struct ht_text rest, one;

		ht_out_init(&plain, c.arena);
		put_lines(&plain, &terms, &use, &explained, c.lang);
		for (rest = ht_out_done(&plain); ht_text_cut(rest, '\n', &one, &rest); ht_client_print(HT_TEXT("\n")))
			ht_client_print(ht_plain(c.arena, one));
		ht_client_print(ht_plain(c.arena, one));
	}
	ht_client_print(HT_TEXT("\n"));
	return explained.permitted ? HT_EXIT_DONE : HT_EXIT_REFUSED;
}
