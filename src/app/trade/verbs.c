/* app/trade/verbs.c - one runner for all verbs, and what a process waits for in words. */
#include "app/trade/verbs.h"

#include <string.h>

#include "app/trade/by_id.h"
#include "app/trade/consent.h"
#include "app/trade/plain.h"
#include "app/trade/policy_file.h"
#include "app/trade/trade.h"
#include "base/count.h"
#include "core/market/lifecycle.h"
#include "model/names.h"

static const struct ht_verb verbs[] = {
#define X(word, msg, roles, takes, en, zh, may_en, may_zh) \
	{ "negotiations", word, HT_NEGOTIATION, HT_MSG_##msg, roles, HT_VERB_TAKES_##takes, { may_en, may_zh } },
	HT_VERBS_OF_NEGOTIATION(X)
#undef X
#define X(word, msg, roles, takes, en, zh, may_en, may_zh) \
	{ "transfers", word, HT_TRANSFER, HT_MSG_##msg, roles, HT_VERB_TAKES_##takes, { may_en, may_zh } },
	HT_VERBS_OF_TRANSFER(X)
#undef X
};

const struct ht_verb *ht_verbs(size_t *n)
{
	*n = HT_COUNT(verbs);
	return verbs;
}

static const char *const sides[][2] = {
	[HT_EN] = { "the consumer", "the provider" },
	[HT_ZH] = { "消费方", "提供方" },
};

static const char *side(enum ht_role role, enum ht_lang lang)
{
	return sides[lang][role == HT_PROVIDER];
}

/* What the rules look at. The API shows a first message that is on its way as if it had arrived. */
static struct ht_process process_of(enum ht_machine machine, const struct ht_json *json)
{
	struct ht_process p = {
		.machine = machine,
		.role = ht_role_of(ht_json_text(ht_json_member(json, "role"))),
		.state = ht_state_of(ht_json_text(ht_json_member(json, "state"))),
		.pending = ht_msg_of(ht_json_text(ht_json_member(json, "pending"))),
	};

	if (p.state == HT_STATE_COUNT || (p.pending && p.state == ht_msg_to(p.pending)))
		p.state = HT_NONE;
	return p;
}

/* A state of a newer node: the API never shows NONE. */
static bool is_unknown(const struct ht_process *p)
{
	return p->state == HT_NONE && !p->pending;
}

static enum ht_refuse refusal(const struct ht_verb *verb, const struct ht_process *p)
{
	bool resumes = !strcmp(verb->word, "resume");

	if (!(verb->roles & p->role))
		return HT_REFUSE_ROLE;
	if (is_unknown(p) || (verb->msg == HT_MSG_START && !p->pending && resumes != (p->state == HT_SUSPENDED)))
		return HT_REFUSE_STATE;
	return ht_life_may_send(p, verb->msg);
}

enum ht_refuse ht_verb_refusal(const struct ht_verb *verb, const struct ht_json *process)
{
	struct ht_process p = process_of(verb->machine, process);

	return refusal(verb, &p);
}

/* "this side (the consumer) may: accept the offer (accept), ..." Nothing when it may do nothing. */
static void put_may(const struct ht_process *p, bool ours, const char *between, enum ht_lang lang, struct ht_out *out)
{
	size_t n = 0;

	for (size_t i = 0; i < HT_COUNT(verbs); i++) {
		if (verbs[i].machine != p->machine || refusal(&verbs[i], p))
			continue;
		if (!n)
			ht_out_z(out, between);
		if (!n && ours)
			ht_out_format(out, HT_PICK(lang, "this side (%s) may: ", "本方(%s)可以:"), side(p->role, lang));
		else if (!n)
			ht_out_format(out, HT_PICK(lang, "the peer (%s) may: ", "对方(%s)可以:"), side(p->role, lang));
		ht_out_z(out, n++ ? HT_PICK(lang, ", ", "、") : "");
		ht_out_format(out, HT_PICK(lang, "%s (%s)", "%s(%s)"), verbs[i].may[lang], verbs[i].word);
	}
}

static void put_pending(const struct ht_process *p, const struct ht_json *json, enum ht_lang lang, struct ht_out *out)
{
	bool stalled = ht_json_bool(ht_json_member(json, "stalled"), false);
	const char *word = ht_msg_word(p->pending);

	if (stalled)
		ht_out_format(out,
			      HT_PICK(lang, "%s did not arrive, and is not sent any more: hutong letters retry",
				      "%s 未送达,已停止发送:可用 hutong letters retry"),
			      word);
	else
		ht_out_format(out, HT_PICK(lang, "%s is on its way to the peer", "%s 正在发往对方"), word);
}

void ht_verbs_next(const char *of, const struct ht_json *json, const char *between, enum ht_lang lang, struct ht_out *out)
{
	struct ht_process p, peer;
	bool negotiation = !strcmp(of, "negotiations");

	if (!negotiation && strcmp(of, "transfers"))
		return; /* an agreement */
	p = peer = process_of(negotiation ? HT_NEGOTIATION : HT_TRANSFER, json);
	if ((p.role != HT_CONSUMER && p.role != HT_PROVIDER) || is_unknown(&p))
		return;
	if (ht_state_final(p.machine, p.state)) {
		ht_out_z(out, HT_PICK(lang, "nothing more is to be done", "已了结,无需再做"));
		return;
	}
	peer.role = p.role == HT_CONSUMER ? HT_PROVIDER : HT_CONSUMER;
	peer.pending = HT_MSG_NONE;
	if (p.pending) {
		peer.state = ht_msg_to(p.pending);
		put_pending(&p, json, lang, out);
	} else {
		ht_out_z(out, ht_json_bool(ht_json_member(json, "person"), false) ?
				      HT_PICK(lang, "it waits for a decision of this side", "等待本方处理") :
				      HT_PICK(lang, "what comes next", "接下来"));
	}
	put_may(&p, true, between, lang, out);
	put_may(&peer, false, between, lang, out);
}

void ht_verbs_print(struct ht_client *c, const char *of)
{
	struct ht_text id = ht_plain(c->arena, ht_client_text(c, "id")), state = ht_plain(c->arena, ht_client_text(c, "state"));
	struct ht_text agreement = ht_plain(c->arena, ht_client_text(c, "agreement"));
	struct ht_out out;

	ht_out_init(&out, c->arena);
	ht_out_format(&out, HT_TEXT_FMT "  " HT_TEXT_FMT "%s" HT_TEXT_FMT "\n", HT_TEXT_ARG(id), HT_TEXT_ARG(state),
		      agreement.len ? "  " : "", HT_TEXT_ARG(agreement));
	ht_verbs_next(of, c->json, "\n  ", c->lang, &out);
	ht_client_print_answer(c, ht_out_done(&out));
}

static const struct ht_verb *find(const struct ht_command *command)
{
	struct ht_text noun, word;
	size_t i = 0;

	ht_text_cut(ht_text_of(command->words), ' ', &noun, &word);
	while (strcmp(verbs[i].of, command->of) || !ht_text_is(word, verbs[i].word))
		i++; /* a command has its row: both are made of one table */
	return &verbs[i];
}

/* What cannot be sent now is not sent: what can be is said instead. */
static int check(struct ht_client *c, const struct ht_verb *verb)
{
	enum ht_refuse no = ht_verb_refusal(verb, c->json);
	struct ht_text state = ht_client_text(c, "state");
	struct ht_out next;

	if (!no)
		return HT_EXIT_DONE;
	ht_out_init(&next, c->arena);
	if (no == HT_REFUSE_ROLE)
		ht_out_format(&next, HT_PICK(c->lang, "%s is for %s; ", "%s 由%s执行;"), verb->word,
			      side((enum ht_role)verb->roles, c->lang));
	ht_verbs_next(verb->of, c->json, "; ", c->lang, &next);
	return ht_client_wrong(
		c, no == HT_REFUSE_PENDING ? HT_EXIT_ENVIRONMENT : HT_EXIT_REFUSED, ht_refuse_word(no),
		HT_PICK(c->lang, "refused: %s (%s). It is %s " HT_TEXT_FMT ": %s", "被拒绝:%s(%s)。当前为%s " HT_TEXT_FMT ":%s"),
		ht_refuse_text(no, c->lang), ht_refuse_word(no),
		verb->machine == HT_NEGOTIATION ? HT_PICK(c->lang, "a negotiation", "协商") : HT_PICK(c->lang, "a transfer", "传输"),
		HT_TEXT_ARG(state), ht_text_z(c->arena, ht_out_done(&next)));
}

/* The last offer before one is bound by it. */
static int consent(struct ht_client *c, const struct ht_verb *verb)
{
	if (verb->takes != HT_VERB_TAKES_yes)
		return HT_EXIT_DONE;
	return ht_consent(c, ht_text_copy(c->arena, ht_json_span(c->text, "offer")), c->line->values[HT_VERB_OWN].number);
}

static int post(struct ht_client *c, const struct ht_verb *verb, struct ht_text policy)
{
	struct ht_text id = ht_client_text(c, "id"), role = ht_client_text(c, "role");
	const char *word = ht_text_z(c->arena, ht_text_format(c->arena, "/%s", verb->word));
	struct ht_json_out body;
	int status;

	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	if (policy.len)
		ht_json_put_raw(&body, "policy", policy);
	if (verb->takes == HT_VERB_TAKES_reason)
		ht_json_put(&body, "reason", c->line->values[HT_VERB_OWN].text);
	ht_json_close(&body, '}');
	c->may_lack = true;
	status = ht_client_call(c, "POST", ht_client_path(c, verb->of, id, word), ht_json_end(&body));
	c->may_lack = false;
	if (!c->lacks)
		return status;
	return ht_client_wrong(c, HT_EXIT_REFUSED, ht_refuse_word(HT_REFUSE_ROLE),
			       HT_PICK(c->lang, "refused: it is the side of the " HT_TEXT_FMT ": a token of that role is needed",
				       "被拒绝:这是 " HT_TEXT_FMT " 一侧的进程,需要该角色的令牌"),
			       HT_TEXT_ARG(role));
}

/* Until the peer has answered the message. A message that was refused leaves the process where it was, and the reason says why. */
static int wait_taken(struct ht_client *c, const struct ht_verb *verb, struct ht_text before)
{
	struct ht_text state, reason;
	int status = ht_client_settle(c, verb->of);

	if (status)
		return status;
	state = ht_client_text(c, "state");
	reason = ht_client_text(c, "reason");
	if (!ht_text_is(state, ht_state_word(HT_TERMINATED)) && !(ht_text_same(state, before) && reason.len))
		return HT_EXIT_DONE;
	if (verb->msg == HT_MSG_TERMINATE && !ht_text_same(state, before))
		return HT_EXIT_DONE;
	ht_client_say(c, HT_PICK(c->lang, "hutong %s: the peer did not take it: " HT_TEXT_FMT, "hutong %s:对方未接受:" HT_TEXT_FMT),
		      c->line->command->words, HT_TEXT_ARG(reason));
	return HT_EXIT_REFUSED;
}

int ht_trade_verb(const struct ht_line *line)
{
	const struct ht_verb *verb = find(line->command);
	struct ht_text policy = HT_TEXT(""), before;
	struct ht_client c;
	int status = ht_client_init(&c, line);

	c.who = verb->roles == HT_CONSUMER ? "consumer" :
		verb->roles == HT_PROVIDER ? "provider" :
					     HT_PICK(c.lang, "consumer or provider", "consumer 或 provider");
	if (!status && (verb->takes == HT_VERB_TAKES_terms || verb->takes == HT_VERB_TAKES_other))
		status = ht_policy_file(&c, &line->values[HT_VERB_OWN], &policy);
	if (!status)
		status = ht_by_id(&c, verb->of, ht_by_id_get);
	if (!status)
		status = check(&c, verb);
	if (!status)
		status = consent(&c, verb);
	before = ht_client_text(&c, "state");
	if (!status)
		status = post(&c, verb, policy);
	if (!status) {
		if (line->values[HT_VERB_WAIT].number)
			status = wait_taken(&c, verb, before);
		if (ht_client_text(&c, "id").len)
			ht_verbs_print(&c, verb->of);
	}
	ht_client_fini(&c);
	return status;
}
