/* core/market/lifecycle.c - what a message, an answer or a look at the peer does to a process (LIFECYCLE). */
#include "core/market/lifecycle.h"

#include <assert.h>

#include "base/count.h"
#include "model/names.h"

static enum ht_role peer_of(enum ht_role role)
{
	assert(role == HT_CONSUMER || role == HT_PROVIDER);
	return role == HT_CONSUMER ? HT_PROVIDER : HT_CONSUMER;
}

static bool legal(enum ht_machine machine, enum ht_state state, enum ht_role by, enum ht_msg msg)
{
	return ht_machine_step(machine, &state, by, msg);
}

/* Receiving, a TERMINATE of either side is legal in every state that is not final. */
static bool acceptable(enum ht_machine machine, enum ht_state state, enum ht_role by, enum ht_msg msg)
{
	if (msg == HT_MSG_TERMINATE && state != HT_NONE && !ht_state_final(machine, state))
		return true;
	return legal(machine, state, by, msg);
}

/* EDC answers a consumer's START, once it has taken it, with a START of its own that brings a new data address. */
static bool started_anew(const struct ht_process *p, enum ht_msg msg)
{
	return p->machine == HT_TRANSFER && p->role == HT_CONSUMER && p->state == HT_STARTED && msg == HT_MSG_START;
}

/* Whether a process can come to to(msg) more than once, so that to(msg) at the peer may be the one before ours. */
static bool recurs(enum ht_machine machine, enum ht_msg msg)
{
	return msg == HT_MSG_OFFER || msg == HT_MSG_START || msg == HT_MSG_SUSPEND || (msg == HT_MSG_REQUEST && machine == HT_NEGOTIATION);
}

static bool marked_refused(enum ht_mark mark)
{
	return mark == HT_MARK_REFUSED || mark == HT_MARK_REFUSED_AGAIN;
}

/* When both sides send at once the higher rank wins. */
static int rank(enum ht_msg msg)
{
	static const int ranks[HT_MSG_COUNT] = {
		[HT_MSG_TERMINATE] = 3, [HT_MSG_COMPLETE] = 2, [HT_MSG_SUSPEND] = 1, [HT_MSG_START] = 1,
	};

	return ranks[msg];
}

enum ht_refuse ht_life_may_send(const struct ht_process *p, enum ht_msg msg)
{
	if (p->pending != HT_MSG_NONE && (msg != HT_MSG_TERMINATE || p->pending == HT_MSG_TERMINATE))
		return HT_REFUSE_PENDING;
	if (p->pending != HT_MSG_NONE && p->state == HT_NONE)
		return HT_REFUSE_NONE;
	if (p->pending == HT_MSG_FINALIZE)
		return HT_REFUSE_IN_DOUBT;
	return legal(p->machine, p->state, p->role, msg) ? HT_REFUSE_NONE : HT_REFUSE_STATE;
}

/* msg is legal from our state, and so is what we are sending. */
static struct ht_received receive_crossing(const struct ht_process *p, enum ht_msg msg, bool open)
{
	const struct ht_received taken = { .receipt = HT_RECEIPT_TAKEN, .to = ht_msg_to(msg), .withdraws = true };
	const struct ht_received later = { .receipt = HT_RECEIPT_LATER, .to = p->state };

	if (msg == p->pending)
		return open && recurs(p->machine, msg) ? later : taken; /* a late copy would undo the next resume */
	if (rank(msg) > rank(p->pending) || marked_refused(p->mark))
		return taken;
	return later; /* it passes; a 400 would end an EDC's process */
}

static struct ht_received receive_while_pending(const struct ht_process *p, enum ht_msg msg, bool open)
{
	enum ht_role by = peer_of(p->role);

	/* From NONE only first messages are legal. Ours is pending then, so that the peer's is never one. */
	if (p->state != HT_NONE && acceptable(p->machine, p->state, by, msg))
		return receive_crossing(p, msg, open);
	if (acceptable(p->machine, ht_msg_to(p->pending), by, msg))
		return (struct ht_received){ .receipt = HT_RECEIPT_TAKEN, .to = ht_msg_to(msg), .acks = true };
	if (p->pending == HT_MSG_TERMINATE && !marked_refused(p->mark))
		return (struct ht_received){ .receipt = HT_RECEIPT_LATER, .to = p->state };
	return (struct ht_received){ .receipt = HT_RECEIPT_REFUSED, .to = p->state };
}

struct ht_received ht_life_receive(const struct ht_process *p, enum ht_msg msg, bool open)
{
	assert(msg > HT_MSG_NONE && msg < HT_MSG_COUNT);
	if (p->pending != HT_MSG_NONE)
		return receive_while_pending(p, msg, open);
	if (acceptable(p->machine, p->state, peer_of(p->role), msg) || started_anew(p, msg))
		return (struct ht_received){ .receipt = HT_RECEIPT_TAKEN, .to = ht_msg_to(msg) };
	if (p->state == ht_msg_to(msg) && (p->state == HT_TERMINATED || p->state == HT_COMPLETED))
		return (struct ht_received){ .receipt = HT_RECEIPT_SAME, .to = p->state };
	return (struct ht_received){ .receipt = HT_RECEIPT_REFUSED, .to = p->state };
}

enum ht_answer_class ht_answer_class(int status)
{
	if (status >= 200 && status < 300)
		return HT_ANSWER_OK;
	if (status < 400 || status >= 500 || status == 408 || status == 429)
		return HT_ANSWER_NONE;
	if (status == 401 || status == 403 || status == 404)
		return HT_ANSWER_UNSURE;
	return HT_ANSWER_REFUSED;
}

/* There is no pid to ask by: only an answer that nothing can overtake any more ends it. */
static struct ht_answered_do answered_first(const struct ht_process *p, enum ht_answer_class answer, bool open)
{
	if (p->unanswered || open || (answer == HT_ANSWER_UNSURE && p->mark != HT_MARK_ONCE_MORE))
		return (struct ht_answered_do){ HT_ANSWERED_ONCE_MORE, HT_MARK_ONCE_MORE };
	return (struct ht_answered_do){ HT_ANSWERED_ENDED, HT_MARK_SENT };
}

struct ht_answered_do ht_life_answered(const struct ht_process *p, enum ht_answer_class answer, bool open, bool again)
{
	const struct ht_answered_do retry = { HT_ANSWERED_RETRY, p->mark };

	assert(p->pending != HT_MSG_NONE);
	if (answer == HT_ANSWER_OK)
		return (struct ht_answered_do){ HT_ANSWERED_ACKED, HT_MARK_SENT };
	if (answer == HT_ANSWER_NONE)
		return retry;
	if (p->state == HT_NONE)
		return answered_first(p, answer, open);
	if (answer == HT_ANSWER_UNSURE || (p->mark == HT_MARK_AGAIN && again))
		return retry;
	return (struct ht_answered_do){ HT_ANSWERED_RECONCILE, p->mark == HT_MARK_AGAIN ? HT_MARK_REFUSED_AGAIN : HT_MARK_REFUSED };
}

enum ht_reconciled ht_life_reconciled(const struct ht_process *p, enum ht_state peer, enum ht_mark mark_asked)
{
	bool ended = peer == HT_TERMINATED || peer == HT_COMPLETED;
	enum ht_state to;

	if (peer == HT_NONE)
		return HT_RECONCILED_LATER;
	if (p->pending == HT_MSG_NONE)
		return ended && !ht_state_final(p->machine, p->state) ? HT_RECONCILED_FINAL : HT_RECONCILED_NOTHING;
	if (p->mark != mark_asked)
		return HT_RECONCILED_LATER;
	to = ht_msg_to(p->pending);
	if (peer == to && !recurs(p->machine, p->pending))
		return HT_RECONCILED_ACKED;
	if (ended)
		return HT_RECONCILED_FINAL;
	if (!marked_refused(p->mark))
		return HT_RECONCILED_NOTHING;
	if (p->mark == HT_MARK_REFUSED && (peer == p->state || peer == to))
		return HT_RECONCILED_AGAIN;
	if (p->machine == HT_TRANSFER && p->pending == HT_MSG_TERMINATE)
		return HT_RECONCILED_ENDED;
	/* The refusal was meant. A TERMINATE that was refused, or one against FINALIZED there, would only be refused. */
	if (p->manual || p->pending == HT_MSG_TERMINATE || peer == HT_FINALIZED || !legal(p->machine, p->state, p->role, HT_MSG_TERMINATE))
		return HT_RECONCILED_PERSON;
	return HT_RECONCILED_TERMINATE;
}

enum ht_state ht_life_shown(const struct ht_process *p)
{
	return p->state == HT_NONE && p->pending != HT_MSG_NONE ? ht_msg_to(p->pending) : p->state;
}

int64_t ht_life_backoff_us(int64_t attempt, int64_t first_us, int64_t most_us, uint32_t draw)
{
	int64_t wait_us = first_us < most_us ? first_us : most_us;

	assert(attempt >= 1 && first_us > 0 && most_us > 0);
	for (int64_t i = 1; i < attempt && wait_us < most_us; i++)
		wait_us = wait_us > most_us / 2 ? most_us : 2 * wait_us;
	return (int64_t)((double)wait_us * (0.5 + (double)draw / 8589934592.0));
}

enum ht_msg ht_life_reaction(enum ht_machine machine, enum ht_role role, enum ht_msg msg)
{
	static const struct {
		enum ht_machine machine;
		enum ht_role role;
		enum ht_msg taken, answer;
	} reactions[] = {
		{ HT_NEGOTIATION, HT_PROVIDER, HT_MSG_REQUEST, HT_MSG_AGREE    },
		{ HT_NEGOTIATION, HT_PROVIDER, HT_MSG_ACCEPT,  HT_MSG_AGREE    },
		{ HT_NEGOTIATION, HT_PROVIDER, HT_MSG_VERIFY,  HT_MSG_FINALIZE },
		{ HT_NEGOTIATION, HT_CONSUMER, HT_MSG_OFFER,   HT_MSG_ACCEPT   },
		{ HT_NEGOTIATION, HT_CONSUMER, HT_MSG_AGREE,   HT_MSG_VERIFY   },
		{ HT_TRANSFER,    HT_PROVIDER, HT_MSG_REQUEST, HT_MSG_START    },
	};

	for (size_t i = 0; i < HT_COUNT(reactions); i++)
		if (reactions[i].machine == machine && reactions[i].role == role && reactions[i].taken == msg)
			return reactions[i].answer;
	return HT_MSG_NONE;
}
