/* desk/judge.c - the rules of the market for a message of a peer: is the offer known and for this peer, does the agreement equal the last
 * offer, is the agreement of a transfer theirs and valid. LIFECYCLE, "What is received", 5. Nothing is written here. */
#include <assert.h>

#include "core/market/policy.h"
#include "desk/mail.h"
#include "wire/dsp.h"

static enum ht_err refuse(struct ht_work *w, enum ht_refuse code, const char *place, bool *ok)
{
	*ok = false;
	return ht_work_refuse(w, code, place);
}

/* Whether the terms that were asked for are those of the product, and hold for this peer now: if not, the rules answer TERMINATE. */
static void judge_terms(struct ht_work *w, struct ht_mail *t, const struct ht_product *product)
{
	const struct ht_use use = ht_work_use(w, w->step->in.receive.peer);
	struct ht_policy ours;
	struct ht_refusal why = { .code = HT_REFUSE_NONE };

	if (!ht_odrl_read(product->policy, w->arena, &ours, &why) || !ht_policy_same(&ours, &t->m->policy))
		t->meant = (struct ht_refusal){ .code = HT_REFUSE_OFFER_DIFFERS };
	else if (!ht_policy_permits(&ours, &use, w->arena, &why))
		t->meant = why;
}

/* The offer that a request names is ours and made to this peer; whether its terms hold decides the answer, not the receipt. */
static enum ht_err judge_request(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	const struct ht_policy *asked = &t->m->policy;
	struct ht_product product;

	HT_TRY(ht_store_product_by_offer(w->store, t->c.p.party, asked->id, w->arena, &product, ok));
	if (!*ok || !ht_audience_has(product.audience, w->step->in.receive.peer))
		return refuse(w, HT_REFUSE_OFFER_UNKNOWN, "/offer/@id", ok);
	if (!ht_text_same(product.id, asked->target))
		return refuse(w, HT_REFUSE_OFFER_UNKNOWN, "/offer/target", ok);
	judge_terms(w, t, &product);
	t->c.p.product = product.id;
	t->c.p.version = product.version;
	t->c.p.manual = product.manual;
	return HT_OK;
}

/* A counter-request is about the same product: it names the last offer, or the one of the product. */
static enum ht_err judge_counter(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	const struct ht_policy *asked = &t->m->policy;
	struct ht_product product;
	struct ht_policy last;
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	bool known = ht_odrl_read(t->asked, w->arena, &last, &why) && ht_text_same(last.id, asked->id);

	if (!ht_text_same(asked->target, t->c.p.product))
		return refuse(w, HT_REFUSE_OFFER_UNKNOWN, "/offer/target", ok);
	HT_TRY(ht_store_product(w->store, t->c.p.party, t->c.p.product, t->c.p.version, w->arena, &product, ok));
	assert(*ok);
	if (!known && !ht_text_same(product.offer, asked->id))
		return refuse(w, HT_REFUSE_OFFER_UNKNOWN, "/offer/@id", ok);
	judge_terms(w, t, &product);
	if (known && ht_policy_same(&last, asked) && t->meant.code == HT_REFUSE_OFFER_DIFFERS)
		t->meant.code = HT_REFUSE_NONE; /* what we offered ourselves is no difference */
	return HT_OK;
}

/* Another offer than the one that was asked for is for a person; the same one is accepted when its terms hold. */
static void judge_answer(struct ht_work *w, struct ht_mail *t)
{
	const struct ht_use use = ht_work_use(w, t->c.party.did);
	struct ht_policy asked;
	struct ht_refusal why = { .code = HT_REFUSE_NONE };

	t->person = !t->asked.len || !ht_odrl_read(t->asked, w->arena, &asked, &why) || !ht_policy_same(&asked, &t->m->policy) ||
		    !ht_policy_permits(&asked, &use, w->arena, &why);
}

static enum ht_err judge_first_offer(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	*ok = true;
	if (!t->m->policy.target.len)
		return refuse(w, HT_REFUSE_MEMBER_MISSING, "/offer/target", ok);
	t->c.p.product = t->m->policy.target;
	t->person = true;
	return HT_OK;
}

static enum ht_err judge_offer(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	if (t->m->policy.target.len && !ht_text_same(t->m->policy.target, t->c.p.product))
		return refuse(w, HT_REFUSE_OFFER_UNKNOWN, "/offer/target", ok);
	judge_answer(w, t);
	return HT_OK;
}

/* The agreement that a transfer request names is with this peer and valid. FINALIZED or acknowledged by this very message. */
static enum ht_err judge_transfer(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_agreement g;
	struct ht_product product;
	struct ht_case *n = &t->overtaken;

	HT_TRY(ht_store_agreement(w->store, t->c.p.party, t->m->agreement, w->arena, &g, ok));
	if (!*ok || g.role != HT_PROVIDER || !ht_text_same(g.peer, w->step->in.receive.peer))
		return refuse(w, HT_REFUSE_AGREEMENT_UNKNOWN, "/agreementId", ok);
	HT_TRY(ht_case_load_row(w, n, g.negotiation, ok));
	assert(*ok);
	t->overtakes = n->p.pending == HT_MSG_FINALIZE;
	if (n->p.state != HT_FINALIZED && !t->overtakes)
		return refuse(w, HT_REFUSE_AGREEMENT_OVER, "/agreementId", ok);
	if (!ht_text_is(t->m->format, HT_DSP_PULL))
		return refuse(w, HT_REFUSE_FORMAT_UNKNOWN, "/format", ok);
	HT_TRY(ht_work_agreement_holds(w, &g, 0, ok, &why));
	if (!*ok)
		return ht_work_refuse_why(w, &why);
	HT_TRY(ht_store_product(w->store, g.party, g.product, g.version, w->arena, &product, ok));
	assert(*ok);
	t->c.p.product = g.product;
	t->c.p.version = g.version;
	t->c.p.manual = product.manual;
	t->c.p.agreement = g.id;
	t->c.p.format = t->m->format;
	t->c.p.chain = n->p.chain;
	t->c.p.parent = n->p.row;
	t->c.chain = n->p.pid;
	return HT_OK;
}

enum ht_err ht_mail_judge_first(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	if (t->m->machine == HT_TRANSFER)
		return judge_transfer(w, t, ok);
	t->c.p.offer = t->m->policy.text;
	return t->m->msg == HT_MSG_OFFER ? judge_first_offer(w, t, ok) : judge_request(w, t, ok);
}

/* AGREE at the consumer: exactly the last offer, between these two, under an id of its own. */
static enum ht_err judge_agreement(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	const struct ht_policy *got = &t->m->policy;
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_agreement other;
	struct ht_policy last;
	bool found;

	HT_TRY(ht_store_agreement(w->store, t->c.p.party, got->id, w->arena, &other, &found));
	if (found)
		return refuse(w, HT_REFUSE_AGREEMENT_DIFFERS, "/agreement/@id", ok);
	if (!ht_text_same(got->assigner, t->c.p.peer))
		return refuse(w, HT_REFUSE_ASSIGNER, "/agreement/assigner", ok);
	if (!ht_text_same(got->assignee, t->c.party.did))
		return refuse(w, HT_REFUSE_ASSIGNEE, "/agreement/assignee", ok);
	if (!ht_text_same(got->target, t->c.p.product))
		return refuse(w, HT_REFUSE_AGREEMENT_DIFFERS, "/agreement/target", ok);
	if (!ht_odrl_read(t->asked, w->arena, &last, &why) || !ht_policy_same(&last, got))
		return refuse(w, HT_REFUSE_AGREEMENT_DIFFERS, "/agreement", ok);
	return HT_OK;
}

/* START at the consumer says where the data are; at the provider it resumes, which the agreement must still allow. */
static enum ht_err judge_start(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	bool has = t->m->has_address && t->m->address.endpoint.len;

	if (t->c.p.role == HT_CONSUMER)
		return has || t->c.p.address.len || !ht_text_is(t->c.p.format, HT_DSP_PULL) ?
			       HT_OK :
			       refuse(w, HT_REFUSE_MEMBER_MISSING, "/dataAddress", ok);
	HT_TRY(ht_work_transfer_holds(w, &t->c.p, ok, &why));
	return *ok ? HT_OK : ht_work_refuse_why(w, &why);
}

enum ht_err ht_mail_judge(struct ht_work *w, struct ht_mail *t, bool *ok)
{
	*ok = true;
	if (t->m->msg == HT_MSG_START)
		return judge_start(w, t, ok);
	if (t->m->msg != HT_MSG_REQUEST && t->m->msg != HT_MSG_OFFER && t->m->msg != HT_MSG_AGREE)
		return HT_OK;
	HT_TRY(ht_case_last_offer(w, &t->c, t->verdict.acks, &t->asked));
	if (t->m->msg == HT_MSG_AGREE)
		return judge_agreement(w, t, ok);
	return t->m->msg == HT_MSG_REQUEST ? judge_counter(w, t, ok) : judge_offer(w, t, ok);
}

static void keep_agreement(struct ht_work *w, struct ht_mail *t)
{
	t->c.p.agreement = t->m->policy.id;
	t->c.agreed = true;
	t->c.agreement = (struct ht_agreement){
		.id = t->m->policy.id, .role = HT_CONSUMER, .peer = t->c.p.peer, .product = t->c.p.product, .base = t->c.p.base,
		.policy = t->m->policy.text, .made_us = w->now_us,
	};
}

void ht_mail_apply(struct ht_work *w, struct ht_mail *t)
{
	const struct ht_message *m = t->m;

	if (m->msg == HT_MSG_REQUEST || m->msg == HT_MSG_OFFER)
		t->c.p.offer = m->policy.text;
	if (m->msg == HT_MSG_AGREE)
		keep_agreement(w, t);
	if (m->msg == HT_MSG_START && m->has_address && t->c.p.role == HT_CONSUMER)
		t->c.p.address = m->address.text;
	t->c.p.reason = ht_case_explains(m->msg) && (m->code.len || m->reason.len) ?
				ht_dsp_error_words(w->step->in.receive.body, w->arena) :
				HT_TEXT("");
}
