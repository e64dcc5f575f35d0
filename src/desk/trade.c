/* desk/trade.c - what a party decides by itself: negotiate, transfer, complete, terminate, retry; and what the rules answer. */
#include <assert.h>

#include "base/time.h"
#include "core/market/policy.h"
#include "crypto/crypto.h"
#include "desk/work.h"
#include "model/names.h"
#include "wire/dsp.h"
#include "wire/json.h"

enum { HT_ACCESS_BYTES = 32 };

enum ht_err ht_step_negotiate(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_case c;
	struct ht_message m = { .msg = HT_MSG_REQUEST, .callback = ht_work_base(w, s->who.party.id) };

	if (ht_text_same(s->in.negotiate.peer, s->who.party.did))
		return ht_work_refuse(w, HT_REFUSE_VALUE, "/base"); /* nobody contracts with itself */
	ht_case_begin(w, &c, HT_NEGOTIATION, HT_CONSUMER, NULL);
	c.p.peer = s->in.negotiate.peer;
	c.p.base = s->in.negotiate.base;
	c.p.product = s->in.negotiate.product;
	c.p.offer = ht_odrl_offer(s->in.negotiate.offer.text, s->in.negotiate.offer.id, c.p.product, w->arena);
	m.policy.text = c.p.offer;
	HT_TRY(ht_case_send(w, &c, &m));
	s->out.created = true;
	return ht_case_close(w, &c);
}

bool ht_work_agreement_holds(struct ht_work *w, const struct ht_agreement *g, struct ht_refusal *why)
{
	struct ht_policy policy;

	return ht_odrl_read(g->policy, w->arena, &policy, why) && ht_policy_permits(&policy, w->now_us, w->arena, why);
}

/* The agreement of a transfer that we may ask for. False in *found: refused. */
static enum ht_err load_agreement(struct ht_work *w, struct ht_text id, struct ht_agreement *g, struct ht_process *negotiation, bool *found)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };

	HT_TRY(ht_store_agreement(w->store, w->step->who.party.row, id, w->arena, g, found));
	*found = *found && g->role == HT_CONSUMER;
	if (!*found)
		return ht_work_refuse(w, HT_REFUSE_AGREEMENT_UNKNOWN, "/agreement");
	HT_TRY(ht_store_process(w->store, g->negotiation, w->arena, negotiation, found));
	assert(*found);
	*found = negotiation->state == HT_FINALIZED && ht_work_agreement_holds(w, g, &why);
	if (*found)
		return HT_OK;
	why.code = HT_REFUSE_AGREEMENT_OVER;
	return ht_work_refuse_why(w, &why);
}

enum ht_err ht_step_transfer(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_agreement g;
	struct ht_process negotiation;
	struct ht_message m = { .msg = HT_MSG_REQUEST, .callback = ht_work_base(w, s->who.party.id), .format = HT_TEXT(HT_DSP_PULL) };
	struct ht_case c;
	bool found;

	HT_TRY(load_agreement(w, s->in.transfer.agreement, &g, &negotiation, &found));
	if (!found)
		return HT_OK;
	ht_case_begin(w, &c, HT_TRANSFER, HT_CONSUMER, &negotiation);
	c.p.peer = g.peer;
	c.p.base = g.base;
	c.p.product = g.product;
	c.p.agreement = m.agreement = g.id;
	c.p.format = m.format;
	HT_TRY(ht_case_send(w, &c, &m));
	s->out.created = true;
	return ht_case_close(w, &c);
}

/* A process of the asker, in the asker's role. */
static enum ht_err load_own(struct ht_work *w, struct ht_case *c, enum ht_machine machine, struct ht_text pid, bool *found)
{
	HT_TRY(ht_case_load(w, c, &w->step->who.party, machine, pid, found));
	*found = *found && c->p.role == w->step->who.role;
	return *found ? HT_OK : ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
}

enum ht_err ht_step_complete(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_case c;
	struct ht_message m = { .msg = HT_MSG_COMPLETE };
	struct ht_text hash = ht_hex(w->arena, (struct ht_bytes){ s->in.complete.sha256, HT_SHA256 });
	enum ht_refuse no;
	bool found;

	HT_TRY(load_own(w, &c, HT_TRANSFER, s->in.complete.pid, &found));
	if (!found)
		return HT_OK;
	no = ht_life_may_send(&c.p, HT_MSG_COMPLETE);
	if (no)
		return ht_work_refuse(w, no, "");
	HT_TRY(ht_case_note(w, &c, HT_EVENT_CHECKED,
			    ht_text_format(w->arena, "{\"sha256\":\"" HT_TEXT_FMT "\",\"size\":%lld}", HT_TEXT_ARG(hash),
					   (long long)s->in.complete.size)));
	HT_TRY(ht_case_send(w, &c, &m));
	return ht_case_close(w, &c);
}

/* The first message was not acknowledged: given up by a person, TERMINATED here without a message. */
static enum ht_err give_up(struct ht_work *w, struct ht_case *c)
{
	HT_TRY(ht_case_withdraw(w, c));
	c->p.state = HT_TERMINATED;
	c->p.reason = w->step->in.terminate.reason;
	return ht_case_close(w, c);
}

enum ht_err ht_step_terminate(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_case c;
	enum ht_refuse no;
	bool found;

	HT_TRY(load_own(w, &c, s->in.terminate.machine, s->in.terminate.pid, &found));
	if (!found)
		return HT_OK;
	no = ht_life_may_send(&c.p, HT_MSG_TERMINATE);
	if (no)
		return ht_work_refuse(w, no, "");
	if (c.p.state == HT_NONE)
		return give_up(w, &c);
	HT_TRY(ht_case_terminate(w, &c, HT_TEXT("by_hand"), s->in.terminate.reason));
	return ht_case_close(w, &c);
}

/* After a refusal nothing is done while an attempt can still arrive. */
static bool waits_for_open(enum ht_mark mark)
{
	return mark == HT_MARK_REFUSED || mark == HT_MARK_REFUSED_AGAIN || mark == HT_MARK_ONCE_MORE;
}

/* The letter is due now, and its horizon begins anew. One that is under way is waited for. */
enum ht_err ht_step_retry(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_case c;
	bool found;

	HT_TRY(ht_store_process_by_pid(w->store, s->in.retry.pid, w->arena, &c.p, &found));
	if (!found || c.p.party != s->who.party.row)
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	HT_TRY(ht_case_load(w, &c, &s->who.party, c.p.machine, s->in.retry.pid, &found));
	if (!found || !c.has_letter || c.p.role != s->who.role)
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	HT_TRY(ht_case_note(w, &c, HT_EVENT_RETRIED, ht_text_format(w->arena, "{\"message\":\"%s\"}", ht_msg_word(c.letter.msg))));
	c.p.stalled = false;
	c.letter.made_us = w->now_us;
	c.letter.attempts = 0;
	c.letter_do = HT_LETTER_SAVE;
	if (!ht_due_under_way(w->due, c.p.row)) {
		c.letter.due_us = waits_for_open(c.p.mark) && c.letter.open_us > w->now_us ? c.letter.open_us : w->now_us;
		c.letter_do = HT_LETTER_PUT;
	}
	return ht_case_close(w, &c);
}

/* AGREE: the contract is written here, from the last offer. */
static enum ht_err agree(struct ht_work *w, struct ht_case *c)
{
	struct ht_text id = ht_uuid7(w->random, w->now_us, w->arena), now = ht_time_text(w->arena, w->now_us);
	struct ht_message m = { .msg = HT_MSG_AGREE, .callback = ht_work_base(w, c->party.id) };

	m.policy.text = ht_odrl_agreement(c->p.offer, id, c->p.product, c->party.did, c->p.peer, now, w->arena);
	c->p.agreement = id;
	c->agreed = true;
	c->agreement = (struct ht_agreement){
		.id = id, .role = HT_PROVIDER, .peer = c->p.peer, .product = c->p.product, .version = c->p.version, .base = c->p.base,
		.policy = m.policy.text, .made_us = w->now_us,
	};
	return ht_case_send(w, c, &m);
}

/* START: where the data are, and a token that opens them for this transfer. Only its hash is kept beside the message. */
static enum ht_err start(struct ht_work *w, struct ht_case *c)
{
	struct ht_message m = { .msg = HT_MSG_START, .has_address = true };
	uint8_t access[HT_ACCESS_BYTES];

	w->random->fill(w->random, access, sizeof(access));
	m.address.endpoint = ht_text_format(w->arena, HT_TEXT_FMT "/p/" HT_TEXT_FMT "/data/" HT_TEXT_FMT,
					    HT_TEXT_ARG(w->settings->gate_url), HT_TEXT_ARG(c->party.id), HT_TEXT_ARG(c->p.pid));
	m.address.authorization = ht_base64url(w->arena, (struct ht_bytes){ access, sizeof(access) });
	m.address.auth_type = HT_TEXT("bearer");
	ht_sha256(ht_text_bytes(m.address.authorization), c->p.access);
	return ht_case_send(w, c, &m);
}

enum ht_err ht_case_react(struct ht_work *w, struct ht_case *c, enum ht_msg msg, const struct ht_refusal *why)
{
	struct ht_message m = { .msg = msg };
	struct ht_text words;

	if (why && why->code) {
		words = ht_text_format(w->arena, "%s: " HT_TEXT_FMT " " HT_TEXT_FMT, ht_refuse_text(why->code, HT_EN),
				       HT_TEXT_ARG(why->place), HT_TEXT_ARG(why->detail));
		return ht_case_terminate(w, c, ht_text_of(ht_refuse_word(why->code)), ht_text_trim(words));
	}
	if (msg == HT_MSG_NONE)
		return HT_OK;
	if (msg == HT_MSG_AGREE)
		return agree(w, c);
	if (msg == HT_MSG_START)
		return start(w, c);
	return ht_case_send(w, c, &m);
}
