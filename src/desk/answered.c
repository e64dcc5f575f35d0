/* desk/answered.c - what comes back: the answer to an attempt, a look at the peer's process, and how far a delivery went. */
#include <string.h>

#include "base/log.h"
#include "crypto/crypto.h"
#include "desk/work.h"
#include "model/names.h"
#include "wire/json.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t backoff(const struct ht_work *w, const struct ht_letter *l)
{
	return ht_life_backoff_us(l->attempts, w->settings->retry_first_us, w->settings->retry_most_us, (uint32_t)ht_random_u64(w->random));
}

static struct ht_text answer_json(struct ht_work *w, const struct ht_case *c)
{
	struct ht_json_out json;

	ht_json_begin(&json, w->arena);
	ht_json_open(&json, NULL, '{');
	ht_json_put_z(&json, "message", ht_msg_word(c->p.pending));
	ht_json_put_int(&json, "status", w->step->in.answered.status);
	ht_json_put_some(&json, "reason", w->step->in.answered.words);
	ht_json_close(&json, '}');
	return ht_json_end(&json);
}

/* The horizon is over, and there were as many attempts in it as its longest waits leave room for: a clock that jumps ahead, or a node
 * that was off, ends no letter that was hardly tried. */
static bool is_dead(const struct ht_work *w, const struct ht_letter *l)
{
	int64_t horizon_us = w->settings->horizon_us;

	return w->now_us - l->made_us > horizon_us && l->attempts >= horizon_us / ht_work_longest_us(w->settings);
}

/* No answer, one that says nothing, or a refusal within its minute: the same letter again, until the horizon. */
static enum ht_err retry(struct ht_work *w, struct ht_case *c)
{
	struct ht_letter *l = &c->letter;

	l->attempts++;
	l->due_us = w->now_us + later(backoff(w, l), w->step->in.answered.retry_after_us);
	if (l->due_us > w->now_us + ht_work_longest_us(w->settings))
		l->due_us = w->now_us + ht_work_longest_us(w->settings);
	c->letter_do = HT_LETTER_PUT;
	if (c->p.mark == HT_MARK_ONCE_MORE)
		l->due_us = later(l->due_us, l->open_us);
	if (!is_dead(w, l))
		return ht_case_close(w, c);
	c->p.stalled = true;
	l->due_us = INT64_MAX;
	HT_TRY(ht_case_note(w, c, HT_EVENT_GAVE_UP, answer_json(w, c)));
	return ht_case_close(w, c);
}

/* A refusal: its leaf, its reason; then the peer is asked, or a first message goes once more, when no attempt is open. */
static enum ht_err refused(struct ht_work *w, struct ht_case *c, const struct ht_answered_do *verdict)
{
	struct ht_letter *l = &c->letter;

	HT_TRY(ht_case_note(w, c, HT_EVENT_REFUSED, answer_json(w, c)));
	c->p.reason = w->step->in.answered.words;
	c->p.mark = verdict->mark;
	if (verdict->what == HT_ANSWERED_ONCE_MORE)
		c->p.unanswered = false;
	l->attempts++;
	l->due_us = later(w->now_us, l->open_us);
	c->letter_do = HT_LETTER_PUT;
	return ht_case_close(w, c);
}

static enum ht_err ended(struct ht_work *w, struct ht_case *c)
{
	HT_TRY(ht_case_note(w, c, HT_EVENT_REFUSED, answer_json(w, c)));
	c->p.reason = w->step->in.answered.words;
	c->p.state = HT_TERMINATED;
	c->p.pending = HT_MSG_NONE;
	c->p.mark = HT_MARK_SENT;
	c->p.unanswered = false;
	c->letter_do = HT_LETTER_DROP;
	return ht_case_close(w, c);
}

static enum ht_err acked(struct ht_work *w, struct ht_case *c)
{
	HT_TRY(ht_case_ack(
		w, c, HT_EVENT_ACKED,
		ht_text_format(w->arena, "{\"message\":\"%s\",\"status\":%d}", ht_msg_word(c->p.pending), w->step->in.answered.status)));
	return ht_case_close(w, c);
}

/* A success that does not say which process it is about, or names that of another one, is no answer. */
static enum ht_err learn_pid(struct ht_work *w, struct ht_case *c, enum ht_answer_class *answer)
{
	struct ht_text peer_pid = w->step->in.answered.peer_pid;
	bool ok = false;

	if (*answer != HT_ANSWER_OK || c->p.peer_pid.len)
		return HT_OK;
	if (peer_pid.len)
		HT_TRY(ht_case_bind(w, c, peer_pid, &ok));
	if (!ok)
		*answer = HT_ANSWER_NONE;
	return HT_OK;
}

enum ht_err ht_step_answered(struct ht_work *w)
{
	struct ht_step *s = w->step;
	enum ht_answer_class answer = ht_answer_class(s->in.answered.status);
	struct ht_answered_do verdict;
	struct ht_case c;
	bool found;

	HT_TRY(ht_case_load_row(w, &c, s->in.answered.process, &found));
	if (!found || !c.has_letter || !ht_text_same(c.letter.id, s->in.answered.letter))
		return HT_OK; /* settled or withdrawn meanwhile: nothing to learn */
	HT_TRY(learn_pid(w, &c, &answer));
	verdict = ht_life_answered(&c.p, answer, c.letter.open_us > w->now_us, c.letter.again_us > w->now_us);
	if (answer == HT_ANSWER_NONE || answer == HT_ANSWER_UNSURE) {
		c.letter.open_us = later(c.letter.open_us, s->in.answered.open_us);
		c.p.unanswered = c.p.unanswered || c.p.state == HT_NONE;
	}
	switch (verdict.what) {
	case HT_ANSWERED_ACKED:
		return acked(w, &c);
	case HT_ANSWERED_RETRY:
		return retry(w, &c);
	case HT_ANSWERED_RECONCILE:
	case HT_ANSWERED_ONCE_MORE:
		return refused(w, &c, &verdict);
	case HT_ANSWERED_ENDED:
		return ended(w, &c);
	}
	return HT_OK;
}

static struct ht_text looked_json(struct ht_work *w, const struct ht_case *c)
{
	return ht_text_format(w->arena, "{\"message\":\"%s\",\"state\":\"%s\"}", ht_msg_word(c->p.pending),
			      ht_state_word(w->step->in.looked.state));
}

/* The letter goes, or the peer is asked, once more later. */
static enum ht_err look_later(struct ht_work *w, struct ht_case *c)
{
	if (!c->has_letter || (c->p.mark != HT_MARK_REFUSED && c->p.mark != HT_MARK_REFUSED_AGAIN))
		return HT_OK;
	c->letter.attempts++;
	c->letter.due_us = w->now_us + backoff(w, &c->letter);
	c->letter_do = HT_LETTER_PUT;
	return ht_case_close(w, c);
}

static enum ht_err send_again(struct ht_work *w, struct ht_case *c)
{
	HT_TRY(ht_case_note(w, c, HT_EVENT_RECONCILED, looked_json(w, c)));
	c->p.mark = HT_MARK_AGAIN;
	c->letter.again_us = w->now_us + w->settings->again_us;
	c->letter.attempts = 0;
	c->letter.due_us = w->now_us;
	c->letter_do = HT_LETTER_PUT;
	return ht_case_close(w, c);
}

/* The peer's state is final, or should be: so is ours. */
static enum ht_err follow(struct ht_work *w, struct ht_case *c, enum ht_state state)
{
	HT_TRY(ht_case_note(w, c, HT_EVENT_RECONCILED, looked_json(w, c)));
	if (c->p.pending)
		HT_TRY(ht_case_withdraw(w, c));
	c->p.state = state;
	return ht_case_close(w, c);
}

/* The refusal was meant: the pending message is gone; a process that answers by itself terminates, another waits for its person. */
static enum ht_err meant(struct ht_work *w, struct ht_case *c, bool terminate)
{
	struct ht_text reason = c->p.reason;

	HT_TRY(ht_case_note(w, c, HT_EVENT_RECONCILED, looked_json(w, c)));
	HT_TRY(ht_case_withdraw(w, c));
	c->p.person = !terminate;
	if (terminate)
		HT_TRY(ht_case_terminate(w, c, HT_TEXT("peer_refused"), reason));
	return ht_case_close(w, c);
}

enum ht_err ht_step_looked(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_case c;
	bool found;

	HT_TRY(ht_case_load_row(w, &c, s->in.looked.process, &found));
	if (!found || !ht_text_same(s->in.looked.letter, c.has_letter ? c.letter.id : (struct ht_text){ 0 }))
		return HT_OK; /* it was about another message */
	switch (ht_life_reconciled(&c.p, s->in.looked.state, s->in.looked.mark)) {
	case HT_RECONCILED_LATER:
		return look_later(w, &c);
	case HT_RECONCILED_NOTHING:
		return HT_OK;
	case HT_RECONCILED_ACKED:
		HT_TRY(ht_case_ack(w, &c, HT_EVENT_RECONCILED, looked_json(w, &c)));
		return ht_case_close(w, &c);
	case HT_RECONCILED_FINAL:
		return follow(w, &c, s->in.looked.state);
	case HT_RECONCILED_AGAIN:
		return send_again(w, &c);
	case HT_RECONCILED_TERMINATE:
		return meant(w, &c, true);
	case HT_RECONCILED_PERSON:
		return meant(w, &c, false);
	case HT_RECONCILED_ENDED:
		return follow(w, &c, HT_TERMINATED);
	}
	return HT_OK;
}

enum ht_err ht_step_served(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_case c;
	bool found;

	HT_TRY(ht_case_load(w, &c, &s->who.party, HT_TRANSFER, s->in.served.pid, &found));
	if (!found)
		return HT_OK;
	HT_TRY(ht_case_note(w, &c, HT_EVENT_SERVED,
			    s->in.served.whole ?
				    ht_text_format(w->arena, "{\"bytes\":%lld,\"whole\":true}", (long long)s->in.served.bytes) :
				    HT_TEXT("{\"whole\":false}")));
	return ht_case_close(w, &c);
}

/* A file that nothing names any more goes after the commit. */
static enum ht_err forget_file(struct ht_work *w, const uint8_t sha256[32])
{
	bool named;

	HT_TRY(ht_store_product_has(w->store, w->step->who.party.row, sha256, &named));
	if (!named)
		ht_effects_drop(w, sha256);
	return HT_OK;
}

/* A file that was pushed to us: it takes the place of one before. It may come before the START that says so. */
enum ht_err ht_step_pushed(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_text hash = ht_hex(w->arena, (struct ht_bytes){ s->in.pushed.sha256, HT_SHA256 });
	struct ht_process before = { 0 };
	struct ht_case c;
	bool found;

	HT_TRY(ht_case_load(w, &c, &s->who.party, HT_TRANSFER, s->in.pushed.pid, &found));
	if (!found || !ht_desk_takes_push(&c.p, s->in.pushed.access)) {
		HT_TRY(forget_file(w, s->in.pushed.sha256));
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	}
	if (ht_work_has_pushed(&c.p) && memcmp(c.p.pushed, s->in.pushed.sha256, sizeof(c.p.pushed)) != 0)
		before = c.p;
	memcpy(c.p.pushed, s->in.pushed.sha256, sizeof(c.p.pushed));
	c.p.pushed_size = s->in.pushed.size;
	HT_TRY(ht_case_note(w, &c, HT_EVENT_PUSHED,
			    ht_text_format(w->arena, "{\"sha256\":\"" HT_TEXT_FMT "\",\"size\":%lld}", HT_TEXT_ARG(hash),
					   (long long)s->in.pushed.size)));
	HT_TRY(ht_case_close(w, &c));
	return before.row ? forget_file(w, before.pushed) : HT_OK;
}
