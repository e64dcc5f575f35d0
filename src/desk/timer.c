/* desk/timer.c - what is due: letters to send again, peers to look at, processes that were quiet for a day. */
#include <assert.h>

#include "desk/work.h"

enum { HT_DUE_MAX = 256, HT_DUE_BYTES = 16 << 20 }; /* letters or timers of one step, and the room that each of both takes */

/* One letter whose time has come: an attempt, or a look when it was refused. */
static enum ht_err letter_due(struct ht_work *w, int64_t process)
{
	struct ht_case c;
	struct ht_leaf leaf;
	bool found;

	HT_TRY(ht_case_load_row(w, &c, process, &found));
	if (!found || !c.has_letter || c.letter.due_us == INT64_MAX)
		return HT_OK;
	/* A time beyond every backoff is one of before the clock was set back. */
	if (c.letter.due_us > w->now_us && c.letter.due_us <= w->now_us + ht_work_longest_us(w->settings)) {
		ht_due_set(w->due, (struct ht_due_entry){ .due_us = c.letter.due_us, .process = process });
		return HT_OK;
	}
	ht_due_send(w->due, process);
	if (c.p.mark == HT_MARK_REFUSED || c.p.mark == HT_MARK_REFUSED_AGAIN) {
		ht_effects_look(w, &c);
		return HT_OK;
	}
	HT_TRY(ht_store_leaf(w->store, c.letter.leaf, w->arena, &leaf, &found));
	assert(found);
	ht_effects_post(w, &c, leaf.content);
	if (c.p.peer_pid.len && c.letter.open_us > 0 && w->now_us - c.letter.made_us > w->settings->again_us)
		ht_effects_look(w, &c); /* long without an answer: the peer may have it */
	return HT_OK;
}

/* A process that is not final asks the peer after a long quiet. */
static enum ht_err quiet_due(struct ht_work *w, const struct ht_timer *t)
{
	struct ht_case c;
	struct ht_timer next;
	bool found;

	HT_TRY(ht_store_timer_remove(w->store, *t));
	HT_TRY(ht_case_load_row(w, &c, t->process, &found));
	if (!found || ht_state_final(c.p.machine, c.p.state))
		return HT_OK;
	if (!c.p.pending && c.p.peer_pid.len && w->now_us - c.p.changed_us >= w->settings->quiet_us)
		ht_effects_look(w, &c);
	next = ht_case_quiet_timer(w, &c.p);
	return ht_store_timer_add(w->store, next);
}

static enum ht_err timers_due(struct ht_work *w)
{
	const char *began = w->arena->at;
	struct ht_timer t;
	bool found;

	for (size_t i = 0; i < HT_DUE_MAX && w->arena->at - began < HT_DUE_BYTES; i++) {
		HT_TRY(ht_store_timer_first(w->store, &t, &found));
		if (!found)
			return HT_OK;
		if (t.due_us > w->now_us)
			break;
		HT_TRY(quiet_due(w, &t));
	}
	ht_due_timer(w->due, t.due_us);
	return HT_OK;
}

enum ht_err ht_step_due(struct ht_work *w)
{
	const char *began = w->arena->at;
	struct ht_due_entry e;

	for (size_t i = 0; i < HT_DUE_MAX && w->arena->at - began < HT_DUE_BYTES && ht_due_take(w->due, w->now_us, &e); i++)
		HT_TRY(letter_due(w, e.process));
	return ht_due_timers(w->due, w->now_us) ? timers_due(w) : HT_OK;
}
