/* desk/receive.c - a message of a peer: known already? legal? allowed by the market? Then it is taken, and the rules answer.
 * The order is that of LIFECYCLE, "What is received"; who asks and the shape are the door's. */
#include <assert.h>
#include <string.h>

#include "core/market/policy.h"
#include "crypto/crypto.h"
#include "desk/work.h"
#include "model/names.h"
#include "wire/dsp.h"
#include "wire/json.h"

/* What the mark of a message without @id begins with: no @id may. */
#define HT_NO_ID "leaf:"

/* A message at work. */
struct mail {
	const struct ht_message *m;
	struct ht_case c;
	struct ht_received verdict;
	struct ht_case overtaken;   /* transfer request: the negotiation whose pending FINALIZED it acknowledges */
	bool overtakes;
	struct ht_refusal meant;    /* the rules answer TERMINATE for this reason */
	uint8_t hash[HT_SHA256];    /* of the body */
};

/* Answers from the present state: nothing moves. */
static enum ht_err known(struct ht_work *w, const struct ht_process *p, bool created)
{
	w->step->out.known = true;
	w->step->out.created = created;
	w->step->out.process = *p;
	return HT_OK;
}

static enum ht_err take_token(struct ht_work *w, bool *fresh)
{
	const struct ht_step *s = w->step;

	*fresh = true;
	if (!s->in.receive.jti.len)
		return HT_OK;
	HT_TRY(ht_store_seen_add(w->store, s->in.receive.jti, s->in.receive.peer, s->in.receive.until_s, fresh));
	return *fresh ? HT_OK : ht_work_refuse(w, HT_REFUSE_TOKEN_REPLAY, "Authorization");
}

/* The message is accepted: leaf, duplicate mark, and the peer's pid when it was unknown. */
static enum ht_err take(struct ht_work *w, struct mail *t)
{
	const struct ht_step *s = w->step;
	int64_t index;

	HT_TRY(ht_case_leaf(w, &t->c, HT_EVENT_RECEIVED, "application/json", ht_bytes_text(s->in.receive.body), &index));
	memcpy(t->c.p.last, t->hash, sizeof(t->hash));
	t->c.marked = true;
	t->c.message = (struct ht_message_row){
		.id = t->m->id.len ? t->m->id : ht_text_format(w->arena, HT_NO_ID "%lld", (long long)index), .leaf = index, .token = s->in.receive.token,
	};
	memcpy(t->c.message.key, s->in.receive.key, sizeof(s->in.receive.key));
	return HT_OK;
}

static enum ht_err react(struct ht_work *w, struct mail *t)
{
	if (!t->c.p.manual)
		HT_TRY(ht_case_react(w, &t->c, ht_life_reaction(t->c.p.machine, t->c.p.role, t->m->msg), &t->meant));
	return ht_case_close(w, &t->c);
}

/* The offer that a request names is ours and made to this peer; whether its terms hold decides the answer, not the receipt. */
static enum ht_err judge_request(struct ht_work *w, struct mail *t, bool *ok)
{
	const struct ht_step *s = w->step;
	const struct ht_policy *asked = &t->m->policy;
	struct ht_policy ours;
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_product product;

	HT_TRY(ht_store_product_by_offer(w->store, s->who.party.row, asked->id, w->arena, &product, ok));
	*ok = *ok && ht_audience_has(product.audience, s->in.receive.peer);
	if (!*ok)
		return ht_work_refuse(w, HT_REFUSE_OFFER_UNKNOWN, "/offer/@id");
	*ok = ht_text_same(product.id, asked->target);
	if (!*ok)
		return ht_work_refuse(w, HT_REFUSE_OFFER_UNKNOWN, "/offer/target");
	if (!ht_odrl_read(product.policy, w->arena, &ours, &why) || !ht_policy_same(&ours, asked))
		t->meant = (struct ht_refusal){ .code = HT_REFUSE_OFFER_DIFFERS };
	else if (!ht_policy_permits(&ours, w->now_us, w->arena, &why))
		t->meant = why;
	t->c.p.product = product.id;
	t->c.p.version = product.version;
	t->c.p.offer = asked->text;
	return HT_OK;
}

/* The agreement that a transfer request names is with this peer and valid. FINALIZED or acknowledged by this very message. */
static enum ht_err judge_transfer(struct ht_work *w, struct mail *t, bool *ok)
{
	const struct ht_step *s = w->step;
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_agreement g;
	struct ht_case *n = &t->overtaken;

	HT_TRY(ht_store_agreement(w->store, s->who.party.row, t->m->agreement, w->arena, &g, ok));
	*ok = *ok && g.role == HT_PROVIDER && ht_text_same(g.peer, s->in.receive.peer);
	if (!*ok)
		return ht_work_refuse(w, HT_REFUSE_AGREEMENT_UNKNOWN, "/agreementId");
	HT_TRY(ht_case_load_row(w, n, g.negotiation, ok));
	assert(*ok);
	t->overtakes = n->p.pending == HT_MSG_FINALIZE;
	*ok = n->p.state == HT_FINALIZED || t->overtakes;
	if (!*ok)
		return ht_work_refuse(w, HT_REFUSE_AGREEMENT_OVER, "/agreementId");
	*ok = ht_text_is(t->m->format, HT_DSP_PULL);
	if (!*ok)
		return ht_work_refuse(w, HT_REFUSE_FORMAT_UNKNOWN, "/format");
	*ok = ht_work_agreement_holds(w, &g, &why);
	if (!*ok) {
		why.code = HT_REFUSE_AGREEMENT_OVER;
		return ht_work_refuse_why(w, &why);
	}
	t->c.p.product = g.product;
	t->c.p.version = g.version;
	t->c.p.agreement = g.id;
	t->c.p.format = t->m->format;
	t->c.p.chain = n->p.chain;
	t->c.p.parent = n->p.row;
	t->c.chain = n->p.pid;
	return HT_OK;
}

static enum ht_err acknowledge_overtaken(struct ht_work *w, struct mail *t)
{
	if (!t->overtakes)
		return HT_OK;
	HT_TRY(ht_case_ack(w, &t->overtaken, HT_EVENT_ACKED, HT_TEXT("{\"by\":\"transfer request\"}")));
	return ht_case_close(w, &t->overtaken);
}

/* An initial request. The second of the same (peer, peer's pid) is known. */
static enum ht_err receive_first(struct ht_work *w, struct mail *t)
{
	struct ht_step *s = w->step;
	struct ht_process before;
	bool found, ok, fresh;

	HT_TRY(ht_store_process_by_peer(w->store, s->who.party.row, s->in.receive.peer, t->m->consumer_pid, t->m->machine, w->arena,
					&before, &found));
	if (found && before.role != HT_PROVIDER)
		return ht_work_refuse(w, HT_REFUSE_PIDS, "/consumerPid");
	if (found)
		return known(w, &before, true);
	ht_case_begin(w, &t->c, t->m->machine, HT_PROVIDER, NULL);
	t->c.p.peer = s->in.receive.peer;
	t->c.p.peer_pid = t->m->consumer_pid;
	t->c.p.base = t->m->callback;
	HT_TRY(t->m->machine == HT_NEGOTIATION ? judge_request(w, t, &ok) : judge_transfer(w, t, &ok));
	if (!ok)
		return HT_OK;
	HT_TRY(take_token(w, &fresh));
	if (!fresh)
		return HT_OK;
	HT_TRY(acknowledge_overtaken(w, t));
	t->c.p.state = HT_REQUESTED;
	s->out.created = true;
	HT_TRY(take(w, t));
	return react(w, t);
}

/* AGREE at the consumer: exactly the last offer, between these two. */
static bool judge_agreement(struct ht_work *w, struct mail *t, struct ht_refusal *why)
{
	const struct ht_policy *got = &t->m->policy;
	struct ht_policy last;

	if (!ht_text_same(got->assigner, t->c.p.peer))
		return ht_refuse(why, HT_REFUSE_ASSIGNER, HT_TEXT("/agreement/assigner"));
	if (!ht_text_same(got->assignee, t->c.party.did))
		return ht_refuse(why, HT_REFUSE_ASSIGNEE, HT_TEXT("/agreement/assignee"));
	if (!ht_text_same(got->target, t->c.p.product))
		return ht_refuse(why, HT_REFUSE_AGREEMENT_DIFFERS, HT_TEXT("/agreement/target"));
	if (!ht_odrl_read(t->c.p.offer, w->arena, &last, why) || !ht_policy_same(&last, got))
		return ht_refuse(why, HT_REFUSE_AGREEMENT_DIFFERS, HT_TEXT("/agreement"));
	return true;
}

static void keep_agreement(struct ht_work *w, struct mail *t)
{
	t->c.p.agreement = t->m->policy.id;
	t->c.agreed = true;
	t->c.agreement = (struct ht_agreement){
		.id = t->m->policy.id, .role = HT_CONSUMER, .peer = t->c.p.peer, .product = t->c.p.product, .base = t->c.p.base,
		.policy = t->m->policy.text, .made_us = w->now_us,
	};
}

/* The rules of the market for one message that is legal. False in *ok: refused. */
static enum ht_err judge(struct ht_work *w, struct mail *t, bool *ok)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_agreement other;
	bool found = false;

	*ok = true;
	if (t->m->msg == HT_MSG_AGREE) {
		HT_TRY(ht_store_agreement(w->store, t->c.p.party, t->m->policy.id, w->arena, &other, &found));
		*ok = !found && judge_agreement(w, t, &why);
		if (found)
			ht_refuse(&why, HT_REFUSE_AGREEMENT_DIFFERS, HT_TEXT("/agreement/@id"));
	} else if (t->m->msg == HT_MSG_START) {
		*ok = t->c.p.role == HT_PROVIDER || (t->m->has_address && t->m->address.endpoint.len);
		if (!*ok)
			ht_refuse(&why, HT_REFUSE_MEMBER_MISSING, HT_TEXT("/dataAddress"));
	}
	return *ok ? HT_OK : ht_work_refuse_why(w, &why);
}

/* What the message brings into the process besides its state. */
static void apply(struct ht_work *w, struct mail *t)
{
	const struct ht_message *m = t->m;

	if (m->msg == HT_MSG_AGREE)
		keep_agreement(w, t);
	if (m->msg == HT_MSG_START && m->has_address)
		t->c.p.address = m->address.text;
	if (m->msg == HT_MSG_TERMINATE)
		t->c.p.reason = ht_dsp_error_words(w->step->in.receive.body, w->arena);
}

/* Our pid of the message is that of the path; the peer's is the one we know, or becomes it. */
static enum ht_err pids_fit(struct ht_work *w, struct mail *t, bool *ok)
{
	bool consumer = t->c.p.role == HT_CONSUMER;
	struct ht_text ours = consumer ? t->m->consumer_pid : t->m->provider_pid;
	struct ht_text theirs = consumer ? t->m->provider_pid : t->m->consumer_pid;

	*ok = ht_text_same(ours, t->c.p.pid) && theirs.len;
	if (!*ok)
		return HT_OK;
	if (!t->c.p.peer_pid.len)
		return ht_case_bind(w, &t->c, theirs, ok);
	*ok = ht_text_same(theirs, t->c.p.peer_pid);
	return HT_OK;
}

static enum ht_err is_duplicate(struct ht_work *w, struct mail *t, bool *yes)
{
	struct ht_message_row row;

	*yes = false;
	if (t->m->id.len)
		return ht_store_message(w->store, t->c.p.row, t->m->id, w->arena, &row, yes);
	*yes = memcmp(t->hash, t->c.p.last, sizeof(t->hash)) == 0;
	return HT_OK;
}

/* The pending message goes, as the verdict says, before the received one counts. */
static enum ht_err settle_pending(struct ht_work *w, struct mail *t)
{
	if (t->verdict.acks)
		return ht_case_ack(w, &t->c, HT_EVENT_ACKED, ht_text_format(w->arena, "{\"by\":\"%s\"}", ht_msg_word(t->m->msg)));
	if (t->verdict.withdraws)
		return ht_case_withdraw(w, &t->c);
	return HT_OK;
}

/* An attempt of the pending letter can still arrive: one without an answer, or the one that is under way. */
static bool is_open(const struct ht_work *w, const struct ht_case *c)
{
	return c->has_letter && (c->letter.open_us > w->now_us || ht_due_under_way(w->due, c->p.row));
}

static enum ht_err receive_next(struct ht_work *w, struct mail *t)
{
	struct ht_step *s = w->step;
	bool found, duplicate, ok, fresh;

	HT_TRY(ht_case_load(w, &t->c, &s->who.party, t->m->machine, s->in.receive.pid, &found));
	if (!found || !ht_text_same(t->c.p.peer, s->in.receive.peer))
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	HT_TRY(is_duplicate(w, t, &duplicate));
	if (duplicate)
		return known(w, &t->c.p, false);
	HT_TRY(pids_fit(w, t, &ok));
	if (!ok)
		return ht_work_refuse(w, HT_REFUSE_PIDS, t->c.p.role == HT_CONSUMER ? "/providerPid" : "/consumerPid");
	t->verdict = ht_life_receive(&t->c.p, t->m->msg, is_open(w, &t->c));
	if (t->verdict.receipt == HT_RECEIPT_LATER)
		return ht_work_refuse(w, HT_REFUSE_PENDING, "");
	if (t->verdict.receipt == HT_RECEIPT_REFUSED)
		return ht_work_refuse(w, HT_REFUSE_STATE, "");
	HT_TRY(judge(w, t, &ok));
	if (!ok)
		return HT_OK;
	HT_TRY(take_token(w, &fresh));
	if (!fresh)
		return HT_OK;
	HT_TRY(settle_pending(w, t));
	t->c.p.person = false;
	t->c.p.state = t->verdict.to;
	apply(w, t);
	HT_TRY(take(w, t));
	return t->verdict.receipt == HT_RECEIPT_SAME ? ht_case_close(w, &t->c) : react(w, t);
}

enum ht_err ht_step_receive(struct ht_work *w)
{
	struct mail t = { .m = &w->step->in.receive.message };

	if (ht_text_starts(t.m->id, HT_TEXT(HT_NO_ID)))
		return ht_work_refuse(w, HT_REFUSE_MEMBER_VALUE, "/@id");
	ht_sha256(w->step->in.receive.body, t.hash);
	return w->step->in.receive.pid.len ? receive_next(w, &t) : receive_first(w, &t);
}
