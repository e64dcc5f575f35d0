/* core/market/lifecycle_all_test.c - LIFECYCLE a second time, in other words, and compared with lifecycle.c in every case.
 *
 * The words are those of an explicit-state model of two sides, a bad network and deaths, in which the rules were
 * searched for broken promises. There a state is named by the message that leads to it: 0 none, 1 to 6 REQUEST OFFER
 * ACCEPT AGREE VERIFY FINALIZE, 7 to 9 START SUSPEND COMPLETE, t TERMINATE; with our enums the numbers are the same. */
#include "core/market/lifecycle.h"

#include <string.h>

#include "core/market/drawing.h"
#include "model/names.h"
#include "test/check.h"

enum { REQUEST = 1, OFFER, ACCEPT, AGREE, VERIFY, FINALIZE, START, SUSPEND, COMPLETE, TERMINATE };

/* state, message, who: after the first message */
static const char *const legal_rows[HT_MACHINE_COUNT] = {
	[HT_NEGOTIATION] = "12P 14P 1tC 1tP 21C 23C 2tC 2tP 34P 3tP 45C 4tC 56P 5tP",
	[HT_TRANSFER] = "17P 1tC 1tP 78C 78P 79C 79P 7tC 7tP 87C 87P 8tC 8tP",
};

static bool legal(int m, int state, int kind, char sender)
{
	const char row[4] = { (char)('0' + state), kind == TERMINATE ? 't' : (char)('0' + kind), sender, 0 };

	return strstr(legal_rows[m], row) != NULL;
}

static bool final(int m, int state)
{
	return state == TERMINATE || state == (m == HT_NEGOTIATION ? FINALIZE : COMPLETE);
}

static bool of_machine(int m, int kind)
{
	return strchr(m == HT_NEGOTIATION ? "123456" : "1789", '0' + kind) != NULL || kind == TERMINATE;
}

static bool refused(int mark)
{
	return mark == HT_MARK_REFUSED || mark == HT_MARK_REFUSED_AGAIN;
}

static char other(char role)
{
	return role == 'C' ? 'P' : 'C';
}

/* '2' taken, 's' same final state, '3' later, '4' refused */
static char model_receive(int m, char sender, int state, int pending, int mark, int kind, bool open)
{
	static const int rank[] = { [TERMINATE] = 3, [COMPLETE] = 2, [SUSPEND] = 1, [START] = 1 };
	bool ok = false;

	if (pending) {
		if (kind == TERMINATE && !final(m, state)) {
			ok = true;
		} else if (legal(m, state, kind, sender)) {
			if (kind == pending && !final(m, kind) && open)
				return '3';
			ok = kind == pending || (m == HT_TRANSFER && rank[kind] > rank[pending]) || refused(mark);
			if (!ok)
				return '3';
		} else if (!final(m, pending) && legal(m, pending, kind, sender)) {
			ok = true;
		}
	} else {
		bool anew = m == HT_TRANSFER && state == START && kind == START && sender == 'P'; /* EDC, resumed by the consumer */

		ok = (kind == TERMINATE && !final(m, state) && state) || legal(m, state, kind, sender) || anew;
	}
	if (!ok && !pending && state == kind && final(m, state) && state != FINALIZE)
		return 's';
	if (!ok && pending == TERMINATE && !refused(mark))
		return '3';
	return ok ? '2' : '4';
}

/* 'o' acked, 'r' retry, 'm' once more, 't' terminated here, '1' refused, '2' refused again.
 * unanswered: 0 no attempt went without an answer, 1 one did, 2 sent once more since. */
static char model_answered(int state, int mark, int unanswered, int status)
{
	if (status == 2)
		return 'o';
	if (status == 3)
		return 'r';
	if (status == 5 && state)
		return 'r';
	if (!state)
		return unanswered == 1 || (status == 5 && unanswered != 2) ? 'm' : 't';
	return mark == HT_MARK_AGAIN ? '2' : '1';
}

static bool recurs(int m, int kind)
{
	return m == HT_NEGOTIATION ? kind == REQUEST || kind == OFFER : kind == START || kind == SUSPEND;
}

/* With something pending; 'l' later, 'o' acked, 'f' final, 'n' nothing, 'a' again, 't' terminate, 'p' person. */
static char model_reconciled(int m, char role, bool automatic, int state, int pending, int mark, int peer)
{
	if (!peer)
		return 'l';
	if (peer == pending && recurs(m, pending)) {
		if (!refused(mark))
			return 'n';
		if (mark == HT_MARK_REFUSED)
			return 'a';
	} else if (peer == pending) {
		return 'o';
	}
	if (final(m, peer) && peer != FINALIZE)
		return 'f';
	if (!refused(mark))
		return 'n';
	if (peer == state && mark == HT_MARK_REFUSED)
		return 'a';
	if (m == HT_TRANSFER && pending == TERMINATE)
		return 'e';
	if (peer == FINALIZE)
		return 'p';
	return automatic && pending != TERMINATE && legal(m, state, TERMINATE, role) ? 't' : 'p';
}

/* One case: a process of the model and of ours. */
struct one {
	int m, state, pending, mark;
	char role;
	struct ht_process p;
};
static unsigned cases;

/* Calls f for each process that there can be once the first message is written. */
static void each_process(void (*f)(const struct one *))
{
	cases = 0;
	for (int m = 0; m < HT_MACHINE_COUNT; m++)
	for (int r = 0; r < 2; r++)
	for (int state = 0; state <= TERMINATE; state++)
	for (int pending = 0; pending <= TERMINATE; pending++)
	for (int mark = 0; mark < HT_MARK_COUNT; mark++) {
		char role = "CP"[r];
		bool first = !state && ((pending == REQUEST && role == 'C') || (pending == OFFER && role == 'P' && m == HT_NEGOTIATION));

		if ((state && !of_machine(m, state)) || (!pending && (!state || mark)) ||
		    (pending && !first && !legal(m, state, pending, role)))
			continue;
		f(&(struct one){ m, state, pending, mark, role,
				 { .machine = (enum ht_machine)m, .role = role == 'C' ? HT_CONSUMER : HT_PROVIDER,
				   .state = (enum ht_state)state,
				   .pending = (enum ht_msg)pending, .mark = (enum ht_mark)mark } });
	}
	printf("# %u cases\n", cases);
}

static void compare_receive(const struct one *x)
{
	for (int kind = REQUEST; kind <= TERMINATE; kind++)
	for (int open = 0; open < 2; open++) {
		struct ht_received r = ht_life_receive(&x->p, (enum ht_msg)kind, open);
		char want = model_receive(x->m, other(x->role), x->state, x->pending, x->mark, kind, open);
		bool taken = r.receipt == HT_RECEIPT_TAKEN;

		if (!of_machine(x->m, kind))
			continue;
		cases++;
		CHECK_F("2s34"[r.receipt] == want && (int)r.to == (taken ? kind : x->state) &&
				r.acks + r.withdraws == (taken && x->pending),
			"machine %d %c in %d, %d pending, mark %d, open %d: %d comes: want %c", x->m, x->role, x->state, x->pending,
			x->mark, open, kind, want);
		/* an acknowledgement is what makes the message legal, or shows that the first message arrived */
		CHECK_F(!r.acks || !legal(x->m, x->state, kind, other(x->role)), "machine %d %c in %d: %d", x->m, x->role, x->state, kind);
	}
}

TEST(receive_in_every_case)
{
	each_process(compare_receive);
}

static void compare_answered(const struct one *x)
{
	static const enum ht_answer_class classes[] = { [2] = HT_ANSWER_OK, [3] = HT_ANSWER_NONE, [4] = HT_ANSWER_REFUSED,
	  [5] = HT_ANSWER_UNSURE };

	for (int status = 2; status <= 5 && x->pending; status++)
	for (int without = 0; without < 2; without++) {
		struct ht_process p = x->p;
		struct ht_answered_do d;
		char want = model_answered(x->state, x->mark, without ? 1 : x->mark == HT_MARK_ONCE_MORE ? 2 : 0, status), got;

		p.unanswered = without;
		d = ht_life_answered(&p, classes[status], false, false);
		got = d.what == HT_ANSWERED_RECONCILE ? (d.mark == HT_MARK_REFUSED_AGAIN ? '2' : '1') : "or?mt"[d.what];
		cases++;
		CHECK_F(got == want, "machine %d %c in %d, %d pending, mark %d, without %d, status %d: got %c want %c", x->m, x->role,
			x->state, x->pending, x->mark, without, status, got, want);
		CHECK_F(d.what != HT_ANSWERED_RETRY || d.mark == p.mark, "retry keeps mark %d", x->mark);
	}
}

TEST(answered_in_every_case)
{
	each_process(compare_answered);
}

static void compare_reconciled(const struct one *x)
{
	for (int peer = 0; peer <= TERMINATE && x->pending; peer++)
	for (int manual = 0; manual < 2; manual++) {
		struct ht_process p = x->p;
		char want = model_reconciled(x->m, x->role, !manual, x->state, x->pending, x->mark, peer), got;

		if (peer && !of_machine(x->m, peer))
			continue;
		p.manual = manual;
		got = "lnofatpe"[ht_life_reconciled(&p, (enum ht_state)peer, p.mark)];
		cases++;
		CHECK_F(got == want, "machine %d %c in %d, %d pending, mark %d, peer in %d, manual %d: got %c want %c", x->m, x->role,
			x->state, x->pending, x->mark, peer, manual, got, want);
	}
}

TEST(reconciled_in_every_case)
{
	each_process(compare_reconciled);
}

/* 13 states of 2 machines x 10 messages x 2 senders: all of them, also the ones that must be refused. */
TEST(received_with_nothing_pending)
{
	for (int m = 0; m < HT_MACHINE_COUNT; m++)
	for (int s = 0; s < HT_STATE_COUNT; s++)
	for (int kind = REQUEST; kind <= TERMINATE && drawing_taken[m][s]; kind++)
	for (int by = HT_CONSUMER; by <= HT_PROVIDER; by++) {
		struct ht_process p = { .machine = (enum ht_machine)m, .role = by == HT_CONSUMER ? HT_PROVIDER : HT_CONSUMER,
					.state = (enum ht_state)s };
		struct ht_received r = ht_life_receive(&p, (enum ht_msg)kind, false);
		char who = drawing_taken[m][s][kind - 1];
		bool may = drawing_has(who, (enum ht_role)by);
		enum ht_receipt want = may ? HT_RECEIPT_TAKEN : who == '=' ? HT_RECEIPT_SAME : HT_RECEIPT_REFUSED;

		CHECK_F(r.receipt == want && r.to == (may ? ht_msg_to((enum ht_msg)kind) : p.state) && !r.acks && !r.withdraws,
			"%s in %s: %s by %s: %d", ht_machine_word(p.machine), ht_state_word(p.state), ht_msg_word((enum ht_msg)kind),
			ht_role_word((enum ht_role)by), r.receipt);
	}
}

/* What somebody may send by hand beside a pending message: TERMINATE, but not beside FINALIZE or another TERMINATE. */
static void compare_may_send(const struct one *x)
{
	for (int kind = REQUEST; kind <= TERMINATE && x->pending; kind++) {
		enum ht_refuse no = ht_life_may_send(&x->p, (enum ht_msg)kind);
		bool ends = kind == TERMINATE && x->pending != TERMINATE;
		enum ht_refuse want = !ends					? HT_REFUSE_PENDING :
				      !x->state					? HT_REFUSE_NONE :
				      x->pending == FINALIZE			? HT_REFUSE_IN_DOUBT :
				      legal(x->m, x->state, TERMINATE, x->role) ? HT_REFUSE_NONE :
										  HT_REFUSE_STATE;

		cases++;
		CHECK_F(no == want, "machine %d %c in %d, %d pending, mark %d: sends %d: %s", x->m, x->role, x->state, x->pending, x->mark,
			kind, ht_refuse_word(no));
	}
}

TEST(sent_beside_what_is_pending)
{
	each_process(compare_may_send);
}

CHECK_MAIN(TEST_ROW(received_with_nothing_pending), TEST_ROW(sent_beside_what_is_pending), TEST_ROW(receive_in_every_case),
	   TEST_ROW(answered_in_every_case), TEST_ROW(reconciled_in_every_case))
