/* desk/receive.c - a message of a peer: known already? legal? allowed by the market? Then it is taken, and the rules answer.
 * The order is that of LIFECYCLE, "What is received"; who asks and the shape are the door's. */
#include <assert.h>
#include <string.h>

#include "desk/mail.h"
#include "model/names.h"

/* What the mark of a message without @id begins with: no @id may. */
#define HT_NO_ID "leaf:"

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
static enum ht_err take(struct ht_work *w, struct ht_mail *t)
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

/* The rules answer at once, or a person is waited for. */
static enum ht_err react(struct ht_work *w, struct ht_mail *t)
{
	enum ht_msg answer = ht_life_reaction(t->c.p.machine, t->c.p.role, t->m->msg);

	if (t->c.p.manual || t->person)
		t->c.p.person = answer != HT_MSG_NONE;
	else
		HT_TRY(ht_case_react(w, &t->c, answer, &t->meant));
	return ht_case_close(w, &t->c);
}

static enum ht_err acknowledge_overtaken(struct ht_work *w, struct ht_mail *t)
{
	if (!t->overtakes)
		return HT_OK;
	HT_TRY(ht_case_ack(
		w, &t->overtaken, HT_EVENT_ACKED,
		ht_text_format(w->arena, "{\"by\":\"transfer request\",\"message\":\"%s\"}", ht_msg_word(t->overtaken.p.pending))));
	return ht_case_close(w, &t->overtaken);
}

/* A request makes us the provider, an offer the consumer. The second of the same (peer, peer's pid) is known. */
static enum ht_err receive_first(struct ht_work *w, struct ht_mail *t)
{
	struct ht_step *s = w->step;
	bool offered = t->m->msg == HT_MSG_OFFER;
	enum ht_role role = offered ? HT_CONSUMER : HT_PROVIDER;
	struct ht_text theirs = offered ? t->m->provider_pid : t->m->consumer_pid;
	struct ht_process before;
	bool found, ok, fresh;

	HT_TRY(ht_store_process_by_peer(w->store, s->who.party.row, s->in.receive.peer, theirs, t->m->machine, w->arena, &before, &found));
	if (found && before.role != role)
		return ht_work_refuse(w, HT_REFUSE_PIDS, offered ? "/providerPid" : "/consumerPid");
	if (found)
		return known(w, &before, true);
	ht_case_begin(w, &t->c, t->m->machine, role, NULL);
	t->c.p.peer = s->in.receive.peer;
	t->c.p.peer_pid = theirs;
	t->c.p.base = t->m->callback;
	HT_TRY(ht_mail_judge_first(w, t, &ok));
	if (!ok)
		return HT_OK;
	HT_TRY(take_token(w, &fresh));
	if (!fresh)
		return HT_OK;
	HT_TRY(acknowledge_overtaken(w, t));
	t->c.p.state = ht_msg_to(t->m->msg);
	s->out.created = true;
	HT_TRY(take(w, t));
	return react(w, t);
}

/* Our pid of the message is that of the path; the peer's is the one we know, or becomes it. */
static enum ht_err pids_fit(struct ht_work *w, struct ht_mail *t, bool *ok)
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

static enum ht_err is_duplicate(struct ht_work *w, struct ht_mail *t, bool *yes)
{
	struct ht_message_row row;

	*yes = false;
	if (t->m->id.len)
		return ht_store_message(w->store, t->c.p.row, t->m->id, w->arena, &row, yes);
	*yes = memcmp(t->hash, t->c.p.last, sizeof(t->hash)) == 0;
	return HT_OK;
}

/* The pending message goes, as the verdict says, before the received one counts. */
static enum ht_err settle_pending(struct ht_work *w, struct ht_mail *t)
{
	if (t->verdict.acks)
		return ht_case_ack(w, &t->c, HT_EVENT_ACKED,
				   ht_text_format(w->arena, "{\"by\":\"%s\",\"message\":\"%s\"}", ht_msg_word(t->m->msg),
						  ht_msg_word(t->c.p.pending)));
	if (t->verdict.withdraws)
		return ht_case_withdraw(w, &t->c);
	return HT_OK;
}

/* An attempt of the pending letter can still arrive: one without an answer, or the one that is under way. */
static bool is_open(const struct ht_work *w, const struct ht_case *c)
{
	return c->has_letter && (c->letter.open_us > w->now_us || ht_due_under_way(w->due, c->p.row));
}

/* It passes. A token that is spent here makes the answer final for its attempt, which the peer need not fear any more (doc/adr/0007). */
static enum ht_err later(struct ht_work *w)
{
	bool fresh;

	HT_TRY(take_token(w, &fresh));
	if (!fresh)
		return HT_OK;
	return ht_work_refuse(w, w->step->in.receive.jti.len ? HT_REFUSE_PENDING : HT_REFUSE_BUSY, "");
}

static enum ht_err receive_next(struct ht_work *w, struct ht_mail *t)
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
		return later(w);
	if (t->verdict.receipt == HT_RECEIPT_REFUSED)
		return ht_work_refuse(w, HT_REFUSE_STATE, "");
	HT_TRY(ht_mail_judge(w, t, &ok));
	if (!ok)
		return HT_OK;
	HT_TRY(take_token(w, &fresh));
	if (!fresh)
		return HT_OK;
	HT_TRY(settle_pending(w, t));
	t->c.p.person = false;
	t->c.p.state = t->verdict.to;
	ht_mail_apply(w, t);
	HT_TRY(take(w, t));
	return t->verdict.receipt == HT_RECEIPT_SAME ? ht_case_close(w, &t->c) : react(w, t);
}

enum ht_err ht_step_receive(struct ht_work *w)
{
	struct ht_mail t = { .m = &w->step->in.receive.message };

	if (ht_text_starts(t.m->id, HT_TEXT(HT_NO_ID)))
		return ht_work_refuse(w, HT_REFUSE_MEMBER_VALUE, "/@id");
	ht_sha256(w->step->in.receive.body, t.hash);
	return w->step->in.receive.pid.len ? receive_next(w, &t) : receive_first(w, &t);
}
