/* desk/send.c - a message of a process that is there already: by hand (a step) or by the rules (a reaction). One row for each message. */
#include <assert.h>

#include "base/time.h"
#include "core/market/policy.h"
#include "crypto/crypto.h"
#include "desk/work.h"
#include "wire/dsp.h"
#include "wire/json.h"

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

/* START of a provider: where the data are, and a token that opens them for this transfer. After a suspension it is the same address,
 * which the state had closed: a START of the consumer may cross this one, and brings nothing new. Clause: exchange.md 3.6, an address each time. */
static enum ht_err start(struct ht_work *w, struct ht_case *c)
{
	struct ht_message m = { .msg = HT_MSG_START };

	if (c->p.role == HT_CONSUMER)
		return ht_case_send(w, c, &m);
	if (!c->p.address.len) {
		m.address = ht_work_address(w, c->party.id, "data", &c->p);
		c->p.address = ht_dsp_address(&m.address, w->arena);
	}
	m.has_address = true;
	m.address.text = c->p.address;
	return ht_case_send(w, c, &m);
}

enum ht_err ht_case_react(struct ht_work *w, struct ht_case *c, enum ht_msg msg, const struct ht_refusal *why)
{
	struct ht_message m = { .msg = msg };
	struct ht_text words;

	if (why && why->code) {
		words = ht_text_format(w->arena, "%s%s" HT_TEXT_FMT "%s" HT_TEXT_FMT, ht_refuse_text(why->code, HT_EN),
				       why->place.len || why->detail.len ? ": " : "", HT_TEXT_ARG(why->place),
				       why->place.len && why->detail.len ? " " : "", HT_TEXT_ARG(why->detail));
		return ht_case_terminate(w, c, ht_text_of(ht_refuse_word(why->code)), words);
	}
	if (msg == HT_MSG_NONE)
		return HT_OK;
	if (msg == HT_MSG_AGREE)
		return agree(w, c);
	if (msg == HT_MSG_START)
		return start(w, c);
	return ht_case_send(w, c, &m);
}

/* COMPLETE: what the consumer has checked stands in the chain before it. */
static enum ht_err complete(struct ht_work *w, struct ht_case *c)
{
	const struct ht_step *s = w->step;
	struct ht_message m = { .msg = HT_MSG_COMPLETE };
	struct ht_text hash = ht_hex(w->arena, (struct ht_bytes){ s->in.send.sha256, HT_SHA256 });

	if (s->in.send.checked)
		HT_TRY(ht_case_note(w, c, HT_EVENT_CHECKED,
				    ht_text_format(w->arena, "{\"sha256\":\"" HT_TEXT_FMT "\",\"size\":%lld}", HT_TEXT_ARG(hash),
						   (long long)s->in.send.size)));
	return ht_case_send(w, c, &m);
}

/* The first message was not acknowledged: given up by a person, TERMINATED here without a message. */
static enum ht_err terminate(struct ht_work *w, struct ht_case *c)
{
	struct ht_text reason = w->step->in.send.reason;

	if (c->p.state != HT_NONE)
		return ht_case_terminate(w, c, HT_TEXT(""), reason);
	HT_TRY(ht_case_withdraw(w, c));
	c->p.state = HT_TERMINATED;
	c->p.reason = reason;
	return HT_OK;
}

static enum ht_err suspend(struct ht_work *w, struct ht_case *c)
{
	struct ht_message m = { .msg = HT_MSG_SUSPEND, .reason = ht_work_reasons(w, w->step->in.send.reason) };

	c->p.reason = w->step->in.send.reason;
	return ht_case_send(w, c, &m);
}

/* OFFER of a provider: the product's own terms, or others. */
static enum ht_err offer(struct ht_work *w, struct ht_case *c)
{
	struct ht_message m = { .msg = HT_MSG_OFFER };
	struct ht_product product;
	struct ht_policy terms;
	bool found;

	HT_TRY(ht_store_product(w->store, c->p.party, c->p.product, c->p.version, w->arena, &product, &found));
	assert(found);
	terms = ht_work_offer(w, &product, w->step->in.send.policy);
	m.policy.text = ht_odrl_offer(terms.text, terms.id, c->p.product, w->arena);
	return ht_case_send(w, c, &m);
}

/* REQUEST of a consumer in answer to an offer: its @id with other terms. */
static enum ht_err counter(struct ht_work *w, struct ht_case *c)
{
	struct ht_message m = { .msg = HT_MSG_REQUEST };
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_policy last = { 0 };

	(void)ht_odrl_read(c->p.offer, w->arena, &last, &why);
	m.policy.text = ht_odrl_offer(w->step->in.send.policy, last.id, c->p.product, w->arena);
	return ht_case_send(w, c, &m);
}

/* ACCEPT and AGREE bind: what is not understood, or does not hold now, is not bound by hand either. */
static enum ht_err may_bind(struct ht_work *w, const struct ht_case *c, bool *ok)
{
	const struct ht_use use = ht_work_use(w, c->p.role == HT_PROVIDER ? c->p.peer : c->party.did);
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_policy last;

	*ok = ht_odrl_read(c->p.offer, w->arena, &last, &why) && ht_policy_permits(&last, &use, w->arena, &why);
	return *ok ? HT_OK : ht_work_refuse_why(w, &why);
}

/* `start` begins and `resume` goes on; a provider does both only under an agreement that holds. */
static enum ht_err may_start(struct ht_work *w, const struct ht_case *c, bool *ok)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };

	*ok = w->step->in.send.resume == (c->p.state == HT_SUSPENDED);
	if (!*ok)
		return ht_work_refuse(w, HT_REFUSE_STATE, "");
	if (c->p.role == HT_CONSUMER)
		return HT_OK;
	HT_TRY(ht_work_transfer_holds(w, &c->p, ok, &why));
	return *ok ? HT_OK : ht_work_refuse_why(w, &why);
}

static enum ht_err plain(struct ht_work *w, struct ht_case *c)
{
	struct ht_message m = { .msg = w->step->in.send.msg };

	return ht_case_send(w, c, &m);
}

/* By hand: whether it may be sent beside what the state says, and how it is made. */
static const struct {
	enum ht_err (*may)(struct ht_work *w, const struct ht_case *c, bool *ok);
	enum ht_err (*send)(struct ht_work *w, struct ht_case *c);
} by_hand[HT_MSG_COUNT] = {
	[HT_MSG_REQUEST] = { NULL, counter },
	[HT_MSG_OFFER] = { NULL, offer },
	[HT_MSG_ACCEPT] = { may_bind, plain },
	[HT_MSG_AGREE] = { may_bind, agree },
	[HT_MSG_VERIFY] = { NULL, plain },
	[HT_MSG_FINALIZE] = { NULL, plain },
	[HT_MSG_START] = { may_start, start },
	[HT_MSG_SUSPEND] = { NULL, suspend },
	[HT_MSG_COMPLETE] = { NULL, complete },
	[HT_MSG_TERMINATE] = { NULL, terminate },
};

enum ht_err ht_step_send(struct ht_work *w)
{
	struct ht_step *s = w->step;
	enum ht_msg msg = s->in.send.msg;
	struct ht_case c;
	enum ht_refuse no;
	bool ok;

	assert(by_hand[msg].send);
	HT_TRY(ht_case_load(w, &c, &s->who.party, s->in.send.machine, s->in.send.pid, &ok));
	if (!ok || c.p.role != s->who.role)
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	no = ht_life_may_send(&c.p, msg);
	if (no)
		return ht_work_refuse(w, no, "");
	if (by_hand[msg].may)
		HT_TRY(by_hand[msg].may(w, &c, &ok));
	if (!ok)
		return HT_OK;
	HT_TRY(by_hand[msg].send(w, &c));
	return ht_case_close(w, &c);
}
