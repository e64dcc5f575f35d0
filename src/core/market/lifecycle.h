/* core/market/lifecycle.h - LIFECYCLE as pure functions: what a message, an answer or a look at the peer does to a process.
 * No clock, no store: the desk loads a process, asks one of these, and writes what they say.
 * What we may send is the table of machine.c; what we accept is that table, a TERMINATE of either side, and the rules of
 * crossing and implicit acknowledgement below. */
#ifndef HT_CORE_MARKET_LIFECYCLE_H
#define HT_CORE_MARKET_LIFECYCLE_H

#include "base/refuse.h"
#include "model/market.h"

/* Moves *state by one message. False: not legal, *state is as it was. Clause: DSP 2025-1, state machine figures. */
bool ht_machine_step(enum ht_machine machine, enum ht_state *state, enum ht_role by, enum ht_msg msg);
bool ht_state_final(enum ht_machine machine, enum ht_state state);

/* Whether the process may send msg now: legal from its state, nothing pending. TERMINATE may replace a pending message
 * except FINALIZE (HT_REFUSE_IN_DOUBT). Before the first message was acknowledged only TERMINATE by a person (gives up).
 * HT_REFUSE_STATE, HT_REFUSE_PENDING, HT_REFUSE_IN_DOUBT; else HT_REFUSE_NONE. */
enum ht_refuse ht_life_may_send(const struct ht_process *p, enum ht_msg msg);

/* What a received message does. */
enum ht_receipt {
	HT_RECEIPT_TAKEN,    /* state moves to `to` */
	HT_RECEIPT_SAME,     /* already in that final state: a success, nothing moves */
	HT_RECEIPT_LATER,    /* 503 */
	HT_RECEIPT_REFUSED,  /* 400 */
};
struct ht_received {
	enum ht_receipt receipt;
	enum ht_state to; /* the present state when nothing is taken */
	bool acks;      /* the pending message is acknowledged by it (implicit acknowledgement); its leaf comes first */
	bool withdraws; /* the pending message is gone: outranked, satisfied, or it was refused */
};

/* msg by the peer of *p, already known not to be a duplicate. open: an attempt of the pending letter can still arrive. */
struct ht_received ht_life_receive(const struct ht_process *p, enum ht_msg msg, bool open);

/* What an answer to an attempt of the pending message does. */
enum ht_answer_class {
	HT_ANSWER_OK,      /* 2xx */
	HT_ANSWER_NONE,    /* no answer, broken, 3xx, 5xx, 408, 429 */
	HT_ANSWER_UNSURE,  /* 401, 403, 404: nothing about the message */
	HT_ANSWER_REFUSED, /* any other 4xx */
};
enum ht_answer_class ht_answer_class(int status); /* status 0: no answer */

enum ht_answered {
	HT_ANSWERED_ACKED,      /* state := to(M), nothing pending */
	HT_ANSWERED_RETRY,      /* the same letter again, with backoff */
	HT_ANSWERED_RECONCILE,  /* mark := `mark`; ask the peer by GET, now when no attempt is open, else then */
	HT_ANSWERED_ONCE_MORE,  /* mark := HT_MARK_ONCE_MORE (it stays), unanswered := false; the letter again when no attempt is open */
	HT_ANSWERED_ENDED,      /* TERMINATED here without a message */
};
struct ht_answered_do {
	enum ht_answered what;
	enum ht_mark mark;
};
/* open: another attempt of this letter, older than the answered one, went without an answer and can still arrive.
 * again: the minute in which a refused message is sent again (HT_RECONCILED_AGAIN) is not over: refused in it, it is retried. */
struct ht_answered_do ht_life_answered(const struct ht_process *p, enum ht_answer_class answer, bool open, bool again);

/* What a look at the peer's process does. peer: its state; HT_NONE for 404 or no answer.
 * mark_asked: the mark of the pending letter when the question was asked; an answer to an older question says nothing. */
enum ht_reconciled {
	HT_RECONCILED_LATER,      /* says nothing: later again */
	HT_RECONCILED_NOTHING,    /* no pending message and the peer agrees, or go on trying as before */
	HT_RECONCILED_ACKED,      /* the pending message is acknowledged */
	HT_RECONCILED_FINAL,      /* final there: so here (to the peer's state) */
	HT_RECONCILED_AGAIN,      /* mark := HT_MARK_AGAIN, the letter again for a minute */
	HT_RECONCILED_TERMINATE,  /* the refusal was meant: nothing pending, TERMINATE with the peer's reason */
	HT_RECONCILED_PERSON,     /* the refusal was meant: nothing pending, a person decides */
	HT_RECONCILED_ENDED,      /* a transfer whose TERMINATE the peer will not have: TERMINATED here all the same (doc/adr/0009) */
};
enum ht_reconciled ht_life_reconciled(const struct ht_process *p, enum ht_state peer, enum ht_mark mark_asked);

/* The state that a GET of the process shows: its state, or to(M) while the first message M is pending. */
enum ht_state ht_life_shown(const struct ht_process *p);

/* Backoff before attempt number `attempt` (from 1): first_us doubled each time up to most_us, then multiplied by
 * 0.5 + draw / 2^33 (draw: 32 random bits): between half and the whole. */
int64_t ht_life_backoff_us(int64_t attempt, int64_t first_us, int64_t most_us, uint32_t draw);

/* What the rules answer at once when msg has been taken (`auto`), as rows. HT_MSG_NONE: they wait. */
enum ht_msg ht_life_reaction(enum ht_machine machine, enum ht_role role, enum ht_msg msg);

#endif
