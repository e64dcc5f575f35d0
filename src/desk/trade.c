/* desk/trade.c - what a party begins by itself: a request, an offer, a transfer; and a letter sent again. */
#include <assert.h>

#include "core/market/policy.h"
#include "desk/work.h"
#include "model/names.h"
#include "wire/dsp.h"

/* As provider: the newest version, which this peer may see. False in *ok: refused. */
static enum ht_err load_offered(struct ht_work *w, struct ht_product *product, bool *ok)
{
	const struct ht_step *s = w->step;

	HT_TRY(ht_store_product(w->store, s->who.party.row, s->in.negotiate.product, 0, w->arena, product, ok));
	if (!*ok)
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "/product");
	*ok = ht_audience_has(product->audience, s->in.negotiate.peer);
	return *ok ? HT_OK : ht_work_refuse(w, HT_REFUSE_AUDIENCE, "/base");
}

enum ht_err ht_step_negotiate(struct ht_work *w)
{
	struct ht_step *s = w->step;
	bool provider = s->who.role == HT_PROVIDER, ok = true;
	struct ht_policy *offer = &s->in.negotiate.offer;
	struct ht_message m = { .msg = provider ? HT_MSG_OFFER : HT_MSG_REQUEST, .callback = ht_work_base(w, s->who.party.id) };
	struct ht_product product = { 0 };
	struct ht_case c;

	if (ht_text_same(s->in.negotiate.peer, s->who.party.did))
		return ht_work_refuse(w, HT_REFUSE_VALUE, "/base"); /* nobody contracts with itself */
	if (provider)
		HT_TRY(load_offered(w, &product, &ok));
	if (!ok)
		return HT_OK;
	ht_case_begin(w, &c, HT_NEGOTIATION, s->who.role, NULL);
	c.p.peer = s->in.negotiate.peer;
	c.p.base = s->in.negotiate.base;
	c.p.product = s->in.negotiate.product;
	c.p.version = product.version;
	c.p.manual = s->in.negotiate.manual;
	if (provider)
		*offer = ht_work_offer(w, &product, s->in.negotiate.policy);
	c.p.offer = ht_odrl_offer(provider || !s->in.negotiate.policy.len ? offer->text : s->in.negotiate.policy, offer->id, c.p.product,
				  w->arena);
	m.policy.text = c.p.offer;
	HT_TRY(ht_case_send(w, &c, &m));
	s->out.created = true;
	return ht_case_close(w, &c);
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
	*found = negotiation->state == HT_FINALIZED;
	if (!*found)
		return ht_work_refuse(w, HT_REFUSE_AGREEMENT_OVER, "");
	HT_TRY(ht_work_agreement_holds(w, g, 0, found, &why));
	return *found ? HT_OK : ht_work_refuse_why(w, &why);
}

enum ht_err ht_step_transfer(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_agreement g;
	struct ht_process negotiation;
	struct ht_message m = { .msg = HT_MSG_REQUEST,
				.callback = ht_work_base(w, s->who.party.id),
				.format = s->in.transfer.push ? HT_TEXT(HT_DSP_PUSH) : HT_TEXT(HT_DSP_PULL) };
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
	c.p.manual = s->in.transfer.manual;
	m.has_address = s->in.transfer.push;
	if (m.has_address)
		m.address = ht_work_address(w, s->who.party.id, "push", &c.p);
	m.address.sink = m.has_address;
	HT_TRY(ht_case_send(w, &c, &m));
	s->out.created = true;
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
