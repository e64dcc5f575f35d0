/* core/market/lifecycle_test.c - LIFECYCLE sentence by sentence, as tables. lifecycle_all_test.c goes through all cases. */
#include "core/market/lifecycle.h"

#include "base/count.h"
#include "model/names.h"
#include "test/check.h"

#define C HT_CONSUMER
#define P HT_PROVIDER
#define NEG HT_NEGOTIATION
#define TRA HT_TRANSFER

TEST(what_may_be_sent)
{
	static const struct {
		const char *name;
		enum ht_machine machine;
		enum ht_role role;
		enum ht_state state;
		enum ht_msg pending, msg;
		enum ht_refuse want;
	} rows[] = {
		{ "the first message",          NEG, C, HT_NONE,      HT_MSG_NONE,      HT_MSG_REQUEST,   HT_REFUSE_NONE },
		{ "the provider begins",        NEG, P, HT_NONE,      HT_MSG_NONE,      HT_MSG_OFFER,     HT_REFUSE_NONE },
		{ "nothing to terminate",       NEG, C, HT_NONE,      HT_MSG_NONE,      HT_MSG_TERMINATE, HT_REFUSE_STATE },
		{ "legal",                      NEG, P, HT_REQUESTED, HT_MSG_NONE,      HT_MSG_AGREE,     HT_REFUSE_NONE },
		{ "of the other side",          NEG, C, HT_REQUESTED, HT_MSG_NONE,      HT_MSG_AGREE,     HT_REFUSE_STATE },
		{ "after the end",              NEG, P, HT_FINALIZED, HT_MSG_NONE,      HT_MSG_TERMINATE, HT_REFUSE_STATE },
		{ "a second message",           NEG, P, HT_REQUESTED, HT_MSG_OFFER,     HT_MSG_AGREE,     HT_REFUSE_PENDING },
		{ "legal only after the first", NEG, P, HT_ACCEPTED,  HT_MSG_AGREE,     HT_MSG_FINALIZE,  HT_REFUSE_PENDING },
		{ "terminate replaces",         NEG, P, HT_REQUESTED, HT_MSG_AGREE,     HT_MSG_TERMINATE, HT_REFUSE_NONE },
		{ "terminate twice",            NEG, P, HT_REQUESTED, HT_MSG_TERMINATE, HT_MSG_TERMINATE, HT_REFUSE_PENDING },
		{ "terminate against finalize", NEG, P, HT_VERIFIED,  HT_MSG_FINALIZE,  HT_MSG_TERMINATE, HT_REFUSE_IN_DOUBT },
		{ "the provider after AGREED",  NEG, P, HT_AGREED,    HT_MSG_NONE,      HT_MSG_TERMINATE, HT_REFUSE_STATE },
		{ "first message given up",     NEG, C, HT_NONE,      HT_MSG_REQUEST,   HT_MSG_TERMINATE, HT_REFUSE_NONE },
		{ "first offer given up",       NEG, P, HT_NONE,      HT_MSG_OFFER,     HT_MSG_TERMINATE, HT_REFUSE_NONE },
		{ "nothing else before it",     TRA, C, HT_NONE,      HT_MSG_REQUEST,   HT_MSG_REQUEST,   HT_REFUSE_PENDING },
		{ "suspend",                    TRA, C, HT_STARTED,   HT_MSG_NONE,      HT_MSG_SUSPEND,   HT_REFUSE_NONE },
		{ "complete while suspended",   TRA, P, HT_SUSPENDED, HT_MSG_NONE,      HT_MSG_COMPLETE,  HT_REFUSE_STATE },
		{ "terminate for suspend",      TRA, P, HT_STARTED,   HT_MSG_SUSPEND,   HT_MSG_TERMINATE, HT_REFUSE_NONE },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_process p = {
			.machine = rows[i].machine, .role = rows[i].role, .state = rows[i].state, .pending = rows[i].pending
		};

		CHECK_ROW(rows[i].name, ht_life_may_send(&p, rows[i].msg) == rows[i].want);
	}
}

#define TAKEN HT_RECEIPT_TAKEN
#define SAME HT_RECEIPT_SAME
#define LATER HT_RECEIPT_LATER
#define REFUSED HT_RECEIPT_REFUSED

/* last column: a the pending message is acknowledged, w withdrawn, - neither */
static const struct {
	const char *name;
	enum ht_machine machine;
	enum ht_role role;
	enum ht_state state;
	enum ht_msg pending;
	enum ht_mark mark;
	enum ht_msg msg;
	bool open;
	enum ht_receipt receipt;
	char pending_goes;
} received[] = {
	{ "first message",            NEG, P, HT_NONE,       0, 0, HT_MSG_REQUEST, 0, TAKEN, '-' },
	{ "first offer",              NEG, C, HT_NONE,       0, 0, HT_MSG_OFFER, 0, TAKEN, '-' },
	{ "the first is no terminate", NEG, C, HT_NONE,      0, 0, HT_MSG_TERMINATE, 0, REFUSED, '-' },
	{ "by the table",             NEG, C, HT_REQUESTED,  0, 0, HT_MSG_AGREE, 0, TAKEN, '-' },
	{ "against the table",        NEG, C, HT_OFFERED,    0, 0, HT_MSG_AGREE, 0, REFUSED, '-' },
	{ "of the wrong side",        NEG, P, HT_REQUESTED,  0, 0, HT_MSG_AGREE, 0, REFUSED, '-' },
	{ "of the other machine",     NEG, C, HT_REQUESTED,  0, 0, HT_MSG_START, 0, REFUSED, '-' },
	{ "terminate of either side", NEG, C, HT_AGREED,     0, 0, HT_MSG_TERMINATE, 0, TAKEN, '-' },
	{ "terminate after the end",  NEG, C, HT_FINALIZED,  0, 0, HT_MSG_TERMINATE, 0, REFUSED, '-' },
	{ "same final state",         NEG, C, HT_TERMINATED, 0, 0, HT_MSG_TERMINATE, 0, SAME, '-' },
	{ "same final state, done",   TRA, P, HT_COMPLETED,  0, 0, HT_MSG_COMPLETE, 0, SAME, '-' },
	{ "finalized is not the same", NEG, C, HT_FINALIZED, 0, 0, HT_MSG_FINALIZE, 0, REFUSED, '-' },
	{ "other final state",        TRA, P, HT_COMPLETED,  0, 0, HT_MSG_TERMINATE, 0, REFUSED, '-' },

	{ "callback overtakes 201",   NEG, C, HT_NONE, HT_MSG_REQUEST, 0, HT_MSG_AGREE, 0, TAKEN, 'a' },
	{ "an offer overtakes 201",   NEG, C, HT_NONE, HT_MSG_REQUEST, 0, HT_MSG_OFFER, 1, TAKEN, 'a' },
	{ "a request overtakes 201",  NEG, P, HT_NONE, HT_MSG_OFFER, 0, HT_MSG_REQUEST, 0, TAKEN, 'a' },
	{ "terminate overtakes 201",  NEG, C, HT_NONE, HT_MSG_REQUEST, HT_MARK_ONCE_MORE, HT_MSG_TERMINATE, 1, TAKEN, 'a' },
	{ "nonsense overtakes 201",   NEG, C, HT_NONE, HT_MSG_REQUEST, 0, HT_MSG_FINALIZE, 0, REFUSED, '-' },
	{ "verify implies agree",     NEG, P, HT_ACCEPTED, HT_MSG_AGREE, 0, HT_MSG_VERIFY, 1, TAKEN, 'a' },
	{ "refused, yet implied",     NEG, P, HT_ACCEPTED, HT_MSG_AGREE, HT_MARK_REFUSED, HT_MSG_VERIFY, 0, TAKEN, 'a' },
	{ "agree implies accept",     NEG, C, HT_OFFERED, HT_MSG_ACCEPT, 0, HT_MSG_AGREE, 0, TAKEN, 'a' },
	{ "finalize implies verify",  NEG, C, HT_AGREED, HT_MSG_VERIFY, HT_MARK_AGAIN, HT_MSG_FINALIZE, 0, TAKEN, 'a' },
	{ "started anew, as by EDC",  TRA, C, HT_STARTED, 0, 0, HT_MSG_START, 0, TAKEN, '-' },
	{ "not by a consumer",        TRA, P, HT_STARTED, 0, 0, HT_MSG_START, 0, REFUSED, '-' },
	{ "not while we complete",    TRA, C, HT_STARTED, HT_MSG_COMPLETE, 0, HT_MSG_START, 0, REFUSED, '-' },
	{ "start overtakes 201",      TRA, C, HT_NONE, HT_MSG_REQUEST, 0, HT_MSG_START, 0, TAKEN, 'a' },
	{ "suspend implies start",    TRA, P, HT_REQUESTED, HT_MSG_START, 0, HT_MSG_SUSPEND, 0, TAKEN, 'a' },
	{ "start implies suspend",    TRA, P, HT_STARTED, HT_MSG_SUSPEND, 0, HT_MSG_START, 0, TAKEN, 'a' },

	{ "terminate over agree",     NEG, P, HT_REQUESTED, HT_MSG_AGREE, 0, HT_MSG_TERMINATE, 1, TAKEN, 'w' },
	{ "terminate over terminate", NEG, P, HT_REQUESTED, HT_MSG_TERMINATE, 0, HT_MSG_TERMINATE, 1, TAKEN, 'w' },
	{ "terminate over complete",  TRA, C, HT_STARTED, HT_MSG_COMPLETE, 0, HT_MSG_TERMINATE, 0, TAKEN, 'w' },
	{ "complete over suspend",    TRA, C, HT_STARTED, HT_MSG_SUSPEND, 0, HT_MSG_COMPLETE, 0, TAKEN, 'w' },
	{ "suspend under complete",   TRA, C, HT_STARTED, HT_MSG_COMPLETE, 0, HT_MSG_SUSPEND, 0, LATER, '-' },
	{ "suspend under terminate",  TRA, C, HT_STARTED, HT_MSG_TERMINATE, 0, HT_MSG_SUSPEND, 0, LATER, '-' },
	{ "complete under terminate", TRA, C, HT_STARTED, HT_MSG_TERMINATE, 0, HT_MSG_COMPLETE, 0, LATER, '-' },
	{ "request under terminate",  NEG, P, HT_OFFERED, HT_MSG_TERMINATE, 0, HT_MSG_REQUEST, 0, LATER, '-' },
	{ "illegal under terminate",  NEG, P, HT_OFFERED, HT_MSG_TERMINATE, 0, HT_MSG_VERIFY, 0, LATER, '-' },
	{ "the same, sent again",     NEG, P, HT_OFFERED, HT_MSG_TERMINATE, HT_MARK_AGAIN, HT_MSG_VERIFY, 0, LATER, '-' },
	{ "the same, refused",        NEG, P, HT_OFFERED, HT_MSG_TERMINATE, HT_MARK_REFUSED, HT_MSG_VERIFY, 0, REFUSED, '-' },

	{ "suspend and suspend",      TRA, C, HT_STARTED, HT_MSG_SUSPEND, 0, HT_MSG_SUSPEND, 0, TAKEN, 'w' },
	{ "the same, copy open",      TRA, C, HT_STARTED, HT_MSG_SUSPEND, 0, HT_MSG_SUSPEND, 1, LATER, '-' },
	{ "start and start",          TRA, P, HT_SUSPENDED, HT_MSG_START, 0, HT_MSG_START, 0, TAKEN, 'w' },
	{ "the same, copy open",      TRA, P, HT_SUSPENDED, HT_MSG_START, 0, HT_MSG_START, 1, LATER, '-' },
	{ "complete and complete",    TRA, P, HT_STARTED, HT_MSG_COMPLETE, 0, HT_MSG_COMPLETE, 1, TAKEN, 'w' },
	{ "refused outranks nothing", TRA, C, HT_STARTED, HT_MSG_COMPLETE, HT_MARK_REFUSED, HT_MSG_SUSPEND, 0, TAKEN, 'w' },
	{ "refused twice neither",    TRA, C, HT_STARTED, HT_MSG_TERMINATE, HT_MARK_REFUSED_AGAIN, HT_MSG_COMPLETE, 0, TAKEN, 'w' },
	{ "sent again outranks",      TRA, C, HT_STARTED, HT_MSG_COMPLETE, HT_MARK_AGAIN, HT_MSG_SUSPEND, 0, LATER, '-' },
};

TEST(what_is_received)
{
	for (size_t i = 0; i < HT_COUNT(received); i++) {
		struct ht_process p = { .machine = received[i].machine, .role = received[i].role, .state = received[i].state,
		  .pending = received[i].pending,
					.mark = received[i].mark };
		struct ht_received r = ht_life_receive(&p, received[i].msg, received[i].open);

		CHECK_ROW(received[i].name, r.receipt == received[i].receipt);
		CHECK_ROW(received[i].name, r.to == (r.receipt == TAKEN ? ht_msg_to(received[i].msg) : received[i].state));
		CHECK_ROW(received[i].name,
			  r.acks == (received[i].pending_goes == 'a') && r.withdraws == (received[i].pending_goes == 'w'));
	}
}

TEST(classes_of_answers)
{
	static const struct {
		int status;
		enum ht_answer_class want;
	} rows[] = {
		{ 0, HT_ANSWER_NONE },      { 100, HT_ANSWER_NONE },    { 200, HT_ANSWER_OK },      { 201, HT_ANSWER_OK },
		{ 299, HT_ANSWER_OK },      { 302, HT_ANSWER_NONE },    { 400, HT_ANSWER_REFUSED }, { 401, HT_ANSWER_UNSURE },
		{ 403, HT_ANSWER_UNSURE },  { 404, HT_ANSWER_UNSURE },  { 405, HT_ANSWER_REFUSED }, { 408, HT_ANSWER_NONE },
		{ 409, HT_ANSWER_REFUSED }, { 422, HT_ANSWER_REFUSED }, { 429, HT_ANSWER_NONE },    { 499, HT_ANSWER_REFUSED },
		{ 500, HT_ANSWER_NONE },    { 503, HT_ANSWER_NONE },    { 999, HT_ANSWER_NONE },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_F(ht_answer_class(rows[i].status) == rows[i].want, "status %d", rows[i].status);
}

#define OK HT_ANSWER_OK
#define NONE HT_ANSWER_NONE
#define UNSURE HT_ANSWER_UNSURE
#define REFUSAL HT_ANSWER_REFUSED

TEST(what_an_answer_does)
{
	static const struct {
		const char *name;
		enum ht_state state;
		enum ht_mark mark;
		bool unanswered;
		enum ht_answer_class answer;
		bool open, again;
		enum ht_answered what;
		enum ht_mark then;
	} rows[] = {
		{ "acked",                       HT_AGREED, 0, 0, OK, 0, 0, HT_ANSWERED_ACKED, 0 },
		{ "acked late",                  HT_AGREED, HT_MARK_REFUSED, 0, OK, 1, 0, HT_ANSWERED_ACKED, 0 },
		{ "no answer",                   HT_AGREED, 0, 0, NONE, 0, 0, HT_ANSWERED_RETRY, 0 },
		{ "no answer, again",            HT_AGREED, HT_MARK_AGAIN, 0, NONE, 1, 0, HT_ANSWERED_RETRY, HT_MARK_AGAIN },
		{ "404 is no answer",            HT_AGREED, 0, 0, UNSURE, 0, 0, HT_ANSWERED_RETRY, 0 },
		{ "refused",                     HT_AGREED, 0, 0, REFUSAL, 0, 0, HT_ANSWERED_RECONCILE, HT_MARK_REFUSED },
		{ "refused, a copy is open",     HT_AGREED, 0, 0, REFUSAL, 1, 0, HT_ANSWERED_RECONCILE, HT_MARK_REFUSED },
		{ "refused again in the minute", HT_AGREED, HT_MARK_AGAIN, 0, REFUSAL, 0, 1, HT_ANSWERED_RETRY, HT_MARK_AGAIN },
		{ "refused again after it",      HT_AGREED, HT_MARK_AGAIN, 0, REFUSAL, 0, 0, HT_ANSWERED_RECONCILE, HT_MARK_REFUSED_AGAIN },
		{ "first acked",                 HT_NONE, 0, 1, OK, 1, 0, HT_ANSWERED_ACKED, 0 },
		{ "first without answer",        HT_NONE, 0, 0, NONE, 0, 0, HT_ANSWERED_RETRY, 0 },
		{ "first refused",               HT_NONE, 0, 0, REFUSAL, 0, 0, HT_ANSWERED_ENDED, 0 },
		{ "first refused, one without",  HT_NONE, 0, 1, REFUSAL, 0, 0, HT_ANSWERED_ONCE_MORE, HT_MARK_ONCE_MORE },
		{ "first refused, one open",     HT_NONE, 0, 0, REFUSAL, 1, 0, HT_ANSWERED_ONCE_MORE, HT_MARK_ONCE_MORE },
		{ "first 404",                   HT_NONE, 0, 0, UNSURE, 0, 0, HT_ANSWERED_ONCE_MORE, HT_MARK_ONCE_MORE },
		{ "once more, refused",          HT_NONE, HT_MARK_ONCE_MORE, 0, REFUSAL, 0, 0, HT_ANSWERED_ENDED, 0 },
		{ "once more, 404",              HT_NONE, HT_MARK_ONCE_MORE, 0, UNSURE, 0, 0, HT_ANSWERED_ENDED, 0 },
		{ "once more, no answer",        HT_NONE, HT_MARK_ONCE_MORE, 0, NONE, 0, 0, HT_ANSWERED_RETRY, HT_MARK_ONCE_MORE },
		{ "once more, one without",      HT_NONE, HT_MARK_ONCE_MORE, 1, REFUSAL, 0, 0, HT_ANSWERED_ONCE_MORE, HT_MARK_ONCE_MORE },
		{ "once more, acked",            HT_NONE, HT_MARK_ONCE_MORE, 0, OK, 0, 0, HT_ANSWERED_ACKED, 0 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_process p = { .role = C, .state = rows[i].state, .mark = rows[i].mark, .unanswered = rows[i].unanswered,
					.pending = rows[i].state == HT_NONE ? HT_MSG_REQUEST : HT_MSG_VERIFY };
		struct ht_answered_do d = ht_life_answered(&p, rows[i].answer, rows[i].open, rows[i].again);

		CHECK_ROW(rows[i].name, d.what == rows[i].what && d.mark == rows[i].then);
	}
}

#define SENT HT_MARK_SENT
#define NO HT_MARK_REFUSED
#define NO2 HT_MARK_REFUSED_AGAIN
#define AGAIN HT_MARK_AGAIN

TEST(what_a_look_at_the_peer_does)
{
	static const struct {
		const char *name;
		enum ht_machine machine;
		enum ht_role role;
		bool manual;
		enum ht_state state;
		enum ht_msg pending;
		enum ht_mark mark, asked;
		enum ht_state peer;
		enum ht_reconciled want;
	} rows[] = {
		{ "404",                        NEG, P, 0, HT_REQUESTED, HT_MSG_AGREE, NO, NO, HT_NONE, HT_RECONCILED_LATER },
		{ "asked before the refusal",   NEG, P, 0, HT_REQUESTED, HT_MSG_AGREE, NO, SENT, HT_REQUESTED, HT_RECONCILED_LATER },
		{ "in to(M)",                   NEG, P, 0, HT_REQUESTED, HT_MSG_AGREE, NO, NO, HT_AGREED, HT_RECONCILED_ACKED },
		{ "in to(M), not refused",      NEG, P, 0, HT_VERIFIED, HT_MSG_FINALIZE, SENT, SENT, HT_FINALIZED, HT_RECONCILED_ACKED },
		{ "terminated there",           NEG, P, 0, HT_REQUESTED, HT_MSG_AGREE, NO, NO, HT_TERMINATED, HT_RECONCILED_FINAL },
		{ "terminated, not refused",    NEG, P, 0, HT_REQUESTED, HT_MSG_AGREE, SENT, SENT, HT_TERMINATED, HT_RECONCILED_FINAL },
		{ "completed there",            TRA, P, 0, HT_STARTED, HT_MSG_SUSPEND, NO, NO, HT_COMPLETED, HT_RECONCILED_FINAL },
		{ "completed, we terminate",    TRA, P, 0, HT_STARTED, HT_MSG_TERMINATE, NO, NO, HT_COMPLETED, HT_RECONCILED_FINAL },
		{ "both terminate",             TRA, P, 0, HT_STARTED, HT_MSG_TERMINATE, NO, NO, HT_TERMINATED, HT_RECONCILED_ACKED },
		{ "not refused: go on",         NEG, P, 0, HT_REQUESTED, HT_MSG_AGREE, SENT, SENT, HT_REQUESTED, HT_RECONCILED_NOTHING },
		{ "same state",                 NEG, P, 0, HT_REQUESTED, HT_MSG_AGREE, NO, NO, HT_REQUESTED, HT_RECONCILED_AGAIN },
		{ "same state, still refused",  NEG, P, 0, HT_REQUESTED, HT_MSG_AGREE, NO2, NO2, HT_REQUESTED, HT_RECONCILED_TERMINATE },
		{ "the same, manual",           NEG, P, 1, HT_REQUESTED, HT_MSG_AGREE, NO2, NO2, HT_REQUESTED, HT_RECONCILED_PERSON },
		{ "offer may be the one before", NEG, P, 0, HT_REQUESTED, HT_MSG_OFFER, NO, NO, HT_OFFERED, HT_RECONCILED_AGAIN },
		{ "counter-request likewise",   NEG, C, 0, HT_OFFERED, HT_MSG_REQUEST, NO, NO, HT_REQUESTED, HT_RECONCILED_AGAIN },
		{ "start likewise",             TRA, C, 0, HT_SUSPENDED, HT_MSG_START, NO, NO, HT_STARTED, HT_RECONCILED_AGAIN },
		{ "suspend likewise",           TRA, C, 0, HT_STARTED, HT_MSG_SUSPEND, NO, NO, HT_SUSPENDED, HT_RECONCILED_AGAIN },
		{ "suspend, not refused",       TRA, C, 0, HT_STARTED, HT_MSG_SUSPEND, SENT, SENT, HT_SUSPENDED, HT_RECONCILED_NOTHING },
		{ "suspend, being sent again",  TRA, C, 0, HT_STARTED, HT_MSG_SUSPEND, AGAIN, AGAIN, HT_STARTED, HT_RECONCILED_NOTHING },
		{ "suspend, still refused",     TRA, C, 0, HT_STARTED, HT_MSG_SUSPEND, NO2, NO2, HT_SUSPENDED, HT_RECONCILED_TERMINATE },
		{ "another state: it was meant", NEG, C, 0, HT_OFFERED, HT_MSG_ACCEPT, NO, NO, HT_REQUESTED, HT_RECONCILED_TERMINATE },
		{ "the same, manual",           NEG, C, 1, HT_OFFERED, HT_MSG_ACCEPT, NO, NO, HT_REQUESTED, HT_RECONCILED_PERSON },
		{ "finalize, refused still",    NEG, P, 0, HT_VERIFIED, HT_MSG_FINALIZE, NO2, NO2, HT_VERIFIED, HT_RECONCILED_TERMINATE },
		{ "finalized there, not here",  NEG, C, 0, HT_AGREED, HT_MSG_VERIFY, NO, NO, HT_FINALIZED, HT_RECONCILED_PERSON },
		{ "a transfer ends all the same", TRA, P, 0, HT_STARTED, HT_MSG_TERMINATE, NO2, NO2, HT_STARTED, HT_RECONCILED_ENDED },
		{ "a terminate was meant too",  NEG, C, 0, HT_OFFERED, HT_MSG_TERMINATE, NO2, NO2, HT_OFFERED, HT_RECONCILED_PERSON },
		{ "quiet, terminated there",    NEG, C, 0, HT_AGREED, HT_MSG_NONE, SENT, SENT, HT_TERMINATED, HT_RECONCILED_FINAL },
		{ "quiet, completed there",     TRA, C, 0, HT_STARTED, HT_MSG_NONE, SENT, SENT, HT_COMPLETED, HT_RECONCILED_FINAL },
		{ "quiet, the same",            TRA, C, 0, HT_STARTED, HT_MSG_NONE, SENT, SENT, HT_STARTED, HT_RECONCILED_NOTHING },
		{ "quiet, 404",                 TRA, C, 0, HT_STARTED, HT_MSG_NONE, SENT, SENT, HT_NONE, HT_RECONCILED_LATER },
		{ "by hand, both ended",        TRA, C, 0, HT_COMPLETED, HT_MSG_NONE, SENT, SENT, HT_TERMINATED, HT_RECONCILED_NOTHING },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_process p = { .machine = rows[i].machine, .role = rows[i].role, .manual = rows[i].manual, .state = rows[i].state,
					.pending = rows[i].pending, .mark = rows[i].mark };

		CHECK_ROW(rows[i].name, ht_life_reconciled(&p, rows[i].peer, rows[i].asked) == rows[i].want);
	}
}

TEST(what_is_shown)
{
	CHECK(ht_life_shown(&(struct ht_process){ .state = HT_NONE }) == HT_NONE);
	CHECK(ht_life_shown(&(struct ht_process){ .pending = HT_MSG_REQUEST }) == HT_REQUESTED);
	CHECK(ht_life_shown(&(struct ht_process){ .pending = HT_MSG_OFFER }) == HT_OFFERED);
	CHECK(ht_life_shown(&(struct ht_process){ .state = HT_VERIFIED, .pending = HT_MSG_FINALIZE }) == HT_VERIFIED);
}

TEST(backoff)
{
	static const struct {
		const char *name;
		int64_t attempt, first_us, most_us;
		uint32_t draw;
		int64_t want_us;
	} rows[] = {
		{ "first, least",         1,         100000, 600000000, 0,           50000 },
		{ "first, half",          1,         100000, 600000000, 0x80000000u, 75000 },
		{ "first, most",          1,         100000, 600000000, UINT32_MAX,  99999 },
		{ "second",               2,         100000, 600000000, 0,           100000 },
		{ "thirteenth",           13,        100000, 600000000, 0,           204800000 },
		{ "fourteenth: the most", 14,        100000, 600000000, 0,           300000000 },
		{ "very late",            INT64_MAX, 100000, 600000000, 0,           300000000 },
		{ "first over the most",  1,         100,    10,        0,           5 },
		{ "no overflow",          1000,      3,      INT64_C(1) << 62, 0,    INT64_C(1) << 61 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].name,
			  ht_life_backoff_us(rows[i].attempt, rows[i].first_us, rows[i].most_us, rows[i].draw) == rows[i].want_us);
}

/* Consumer and provider answer each other by the rules alone until nobody has anything to say. */
TEST(reactions_lead_to_the_end)
{
	static const struct {
		enum ht_machine machine;
		enum ht_role by;
		enum ht_msg msg;
		enum ht_state end;
	} rows[] = {
		{ NEG, C, HT_MSG_REQUEST, HT_FINALIZED },
		{ NEG, P, HT_MSG_OFFER, HT_FINALIZED },
		{ TRA, C, HT_MSG_REQUEST, HT_STARTED },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		enum ht_state state = HT_NONE;
		enum ht_role by = rows[i].by;

		for (enum ht_msg msg = rows[i].msg; msg != HT_MSG_NONE; msg = ht_life_reaction(rows[i].machine, by, msg)) {
			CHECK_ROW(ht_msg_word(msg), ht_machine_step(rows[i].machine, &state, by, msg));
			by = by == C ? P : C;
		}
		CHECK_ROW(ht_state_word(rows[i].end), state == rows[i].end);
	}
	CHECK(ht_life_reaction(TRA, C, HT_MSG_START) == HT_MSG_NONE);
	CHECK(ht_life_reaction(NEG, C, HT_MSG_REQUEST) == HT_MSG_NONE);
}

CHECK_MAIN(TEST_ROW(what_may_be_sent), TEST_ROW(what_is_received), TEST_ROW(classes_of_answers), TEST_ROW(what_an_answer_does),
	   TEST_ROW(what_a_look_at_the_peer_does), TEST_ROW(what_is_shown), TEST_ROW(backoff), TEST_ROW(reactions_lead_to_the_end))
