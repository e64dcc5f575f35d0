/* desk/judge_test.c - what the rules of the market make of a message of a peer, and that a refused one leaves nothing behind. */
#include "base/count.h"
#include "core/market/drawing.h"
#include "core/market/policy.h"
#include "desk/fixture.h"
#include "model/names.h"
#include "test/check.h"

#define BETA "did:web:alpha.example:p:beta"
#define OTHER "urn:product:other"

/* A scene in which the peer has this role in process `row` of the machine. */
struct side {
	enum ht_machine machine;
	enum ht_role peer;
	enum fixture_scene scene;
	int64_t row;
};
static const struct side sides[] = {
	{ HT_NEGOTIATION, HT_PROVIDER, SCENE_REQUESTED, 1 },
	{ HT_NEGOTIATION, HT_CONSUMER, SCENE_AGREEING, 1 },
	{ HT_TRANSFER, HT_PROVIDER, SCENE_STARTED, 2 },
	{ HT_TRANSFER, HT_CONSUMER, SCENE_SERVING, 2 },
};

/* A message of gamma with terms in it where they belong. */
static struct ht_message says(struct fixture *f, int64_t row, enum ht_msg msg, const char *policy, struct ht_text offer)
{
	struct ht_message m = fixture_message(f, row, msg);

	if (msg == HT_MSG_REQUEST || msg == HT_MSG_OFFER)
		m.policy.text = ht_odrl_offer(ht_text_of(policy), offer, HT_TEXT(PRODUCT), &f->arena);
	return m;
}

/* True: nothing of the process, its letter or the log is other than before. */
static bool untouched(struct fixture *f, const struct ht_process *before, int64_t leaves)
{
	struct ht_process after = fixture_process(f, before->row);

	return after.state == before->state && after.pending == before->pending && after.person == before->person &&
	       after.changed_us == before->changed_us && ht_text_same(after.offer, before->offer) &&
	       ht_text_same(after.agreement, before->agreement) && ht_text_same(after.address, before->address) &&
	       ht_text_same(after.reason, before->reason) && memcmp(after.last, before->last, sizeof(after.last)) == 0 &&
	       f->effects.posts_count == 0 && fixture_leaves(f) == leaves;
}

static void one_message(const struct side *x, enum ht_state state, enum ht_msg msg)
{
	const char *words[] = { ht_machine_word(x->machine), ht_role_word(x->peer), ht_state_word(state), ht_msg_word(msg) };
	char who = drawing_taken[x->machine][state][msg - 1];
	bool taken = drawing_has(who, x->peer);
	struct fixture f;
	struct ht_process before, after;
	struct ht_message m;
	struct ht_step *s;
	struct ht_policy last;
	struct ht_refusal why;
	int64_t leaves;

	fixture_scene(&f, x->scene);
	fixture_force(&f, x->row, state);
	before = fixture_process(&f, x->row);
	leaves = fixture_leaves(&f);
	last.id = HT_TEXT("");
	(void)(before.offer.len && ht_odrl_read(before.offer, &f.arena, &last, &why));
	m = says(&f, x->row, msg, ANYBODY, last.id);
	s = fixture_receive(&f, &m, before.pid);
	CHECK_F(fixture_run(&f, s) == (taken || who == '=' ? HT_REFUSE_NONE : HT_REFUSE_STATE), "%s in %s: %s of the %s: %s", words[0],
		words[2], words[3], words[1], ht_refuse_word(s->why.code));
	after = fixture_process(&f, x->row);
	if (taken || who == '=')
		CHECK_F(after.state == (taken ? ht_msg_to(msg) : state) && fixture_leaves(&f) > leaves, "%s in %s: %s of the %s", words[0],
			words[2], words[3], words[1]);
	else
		CHECK_F(untouched(&f, &before, leaves), "%s in %s: %s of the %s", words[0], words[2], words[3], words[1]);
	fixture_fini(&f);
}

/* All states, messages and senders, also the pairs that are illegal: those are refused and change nothing. A transfer knows one REQUEST
 * only, the first. */
TEST(every_message_in_every_state)
{
	for (size_t i = 0; i < HT_COUNT(sides); i++)
	for (int state = HT_REQUESTED; state < HT_STATE_COUNT; state++)
	for (int msg = HT_MSG_REQUEST; msg < HT_MSG_COUNT; msg++) {
		bool of_transfer = msg == HT_MSG_START || msg == HT_MSG_SUSPEND || msg == HT_MSG_COMPLETE;

		if (!drawing_taken[sides[i].machine][state] ||
		    (msg != HT_MSG_TERMINATE && of_transfer != (sides[i].machine == HT_TRANSFER)))
			continue;
		one_message(&sides[i], (enum ht_state)state, (enum ht_msg)msg);
	}
}

/* A provider begins: we are the consumer, and a person decides. */
TEST(a_first_offer)
{
	struct fixture f;
	struct ht_message m = { .machine = HT_NEGOTIATION, .msg = HT_MSG_OFFER, .id = HT_TEXT("urn:gamma:message:1"),
				.provider_pid = HT_TEXT("urn:gamma:1"), .callback = HT_TEXT(GAMMA_BASE) };
	struct ht_process p;
	struct ht_step *s;

	fixture_init(&f);
	m.policy.text = ht_odrl_offer(HT_TEXT(ANYBODY), HT_TEXT("urn:offer:gamma"), HT_TEXT(""), &f.arena);
	s = fixture_receive(&f, &m, HT_TEXT(""));
	CHECK(fixture_run(&f, s) == HT_REFUSE_MEMBER_MISSING && ht_text_is(s->why.place, "/offer/target"));
	m.policy.text = ht_odrl_offer(HT_TEXT(ANYBODY), HT_TEXT("urn:offer:gamma"), HT_TEXT(PRODUCT), &f.arena);
	s = fixture_receive(&f, &m, HT_TEXT(""));
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE && s->out.created && f.effects.posts_count == 0);
	p = fixture_process(&f, 1);
	CHECK(p.role == HT_CONSUMER && p.state == HT_OFFERED && p.person && ht_text_is(p.product, PRODUCT) &&
	      ht_text_is(p.base, GAMMA_BASE));
	s = fixture_receive(&f, &m, HT_TEXT(""));
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE && s->out.known && s->out.process.row == 1);
	fixture_must(&f, fixture_send(&f, 1, HT_MSG_ACCEPT));
	fixture_must(&f, fixture_says(&f, 1, HT_MSG_AGREE));
	CHECK(fixture_process(&f, 1).state == HT_AGREED && fixture_process(&f, 1).pending == HT_MSG_VERIFY);
	fixture_must(&f, fixture_publish(&f, PRODUCT, ANYBODY, ""));
	m = fixture_request(&f, "urn:gamma:1", fixture_offer(&f, PRODUCT), ANYBODY);
	s = fixture_receive(&f, &m, HT_TEXT(""));
	CHECK(fixture_run(&f, s) == HT_REFUSE_PIDS && ht_text_is(s->why.place, "/consumerPid"));
	fixture_fini(&f);
}

/* An offer to our request: the same is accepted, another is for a person, one about something else is refused. */
TEST(offers)
{
	static const struct {
		const char *name, *policy, *target;
		enum ht_refuse want;
		enum ht_msg pending;
		bool person;
	} rows[] = {
		{ "as asked",             ANYBODY,     PRODUCT, HT_REFUSE_NONE,          HT_MSG_ACCEPT, false },
		{ "without a target",     ANYBODY,     "",      HT_REFUSE_NONE,          HT_MSG_ACCEPT, false },
		{ "on other terms",       WITHIN_2030, PRODUCT, HT_REFUSE_NONE,          HT_MSG_NONE,   true },
		{ "of another product",   ANYBODY,     OTHER,   HT_REFUSE_OFFER_UNKNOWN, HT_MSG_NONE,   false },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_process before, p;
		struct ht_message m;
		struct ht_step *s;
		int64_t leaves;

		fixture_scene(&f, SCENE_REQUESTED);
		before = fixture_process(&f, 1);
		leaves = fixture_leaves(&f);
		m = fixture_message(&f, 1, HT_MSG_OFFER);
		m.policy.text = ht_odrl_offer(ht_text_of(rows[i].policy), HT_TEXT("urn:offer:two"), ht_text_of(rows[i].target), &f.arena);
		s = fixture_receive(&f, &m, before.pid);
		CHECK_ROW(rows[i].name, fixture_run(&f, s) == rows[i].want);
		p = fixture_process(&f, 1);
		CHECK_ROW(rows[i].name, p.pending == rows[i].pending && p.person == rows[i].person);
		if (rows[i].want)
			CHECK_ROW(rows[i].name, ht_text_is(s->why.place, "/offer/target") && untouched(&f, &before, leaves));
		else
			CHECK_ROW(rows[i].name, p.state == HT_OFFERED && ht_text_same(p.offer, m.policy.text));
		fixture_fini(&f);
	}
}

/* A counter-request to our offer, which was on other terms than those of the product. */
TEST(counter_requests)
{
	enum { LAST, OF_PRODUCT, OF_OTHER, NONE };
	static const struct {
		const char *name, *policy, *target;
		int offer;
		enum ht_refuse want;
		const char *place;
		enum ht_msg pending;
	} rows[] = {
		{ "what we offered",             WITHIN_2030, PRODUCT, LAST,       HT_REFUSE_NONE, "", HT_MSG_AGREE },
		{ "the terms of the product",    ANYBODY,     PRODUCT, LAST,       HT_REFUSE_NONE, "", HT_MSG_AGREE },
		{ "the offer of the product",    ANYBODY,     PRODUCT, OF_PRODUCT, HT_REFUSE_NONE, "", HT_MSG_AGREE },
		{ "terms of nobody",             BEFORE_2020, PRODUCT, LAST,       HT_REFUSE_NONE, "", HT_MSG_TERMINATE },
		{ "last terms, product's offer", WITHIN_2030, PRODUCT, OF_PRODUCT, HT_REFUSE_NONE, "", HT_MSG_TERMINATE },
		{ "an offer of another product", ANYBODY,     PRODUCT, OF_OTHER,   HT_REFUSE_OFFER_UNKNOWN, "/offer/@id", HT_MSG_NONE },
		{ "an offer of nobody",          ANYBODY,     PRODUCT, NONE,       HT_REFUSE_OFFER_UNKNOWN, "/offer/@id", HT_MSG_NONE },
		{ "another product",             WITHIN_2030, OTHER,   LAST,       HT_REFUSE_OFFER_UNKNOWN, "/offer/target", HT_MSG_NONE },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_process before;
		struct ht_message m;
		struct ht_step *s;
		struct ht_policy last;
		struct ht_refusal why;
		struct ht_text ids[4] = { [NONE] = HT_TEXT("urn:offer:none") };
		int64_t leaves;

		fixture_scene(&f, SCENE_PUBLISHED);
		fixture_must(&f, fixture_publish(&f, OTHER, ANYBODY, ""));
		s = fixture_step(&f, HT_STEP_NEGOTIATE, HT_PROVIDER);
		s->in.negotiate.base = HT_TEXT(GAMMA_BASE);
		s->in.negotiate.peer = HT_TEXT(GAMMA);
		s->in.negotiate.product = HT_TEXT(PRODUCT);
		s->in.negotiate.policy = HT_TEXT(WITHIN_2030);
		fixture_must(&f, s);
		fixture_must(&f, fixture_answer(&f, 1, 201, "urn:gamma:1"));
		before = fixture_process(&f, 1);
		leaves = fixture_leaves(&f);
		if (!CHECK_ROW(rows[i].name, ht_odrl_read(before.offer, &f.arena, &last, &why)))
			continue;
		ids[LAST] = last.id;
		ids[OF_PRODUCT] = fixture_offer(&f, PRODUCT);
		ids[OF_OTHER] = fixture_offer(&f, OTHER);
		m = fixture_message(&f, 1, HT_MSG_REQUEST);
		m.policy.text = ht_odrl_offer(ht_text_of(rows[i].policy), ids[rows[i].offer], ht_text_of(rows[i].target), &f.arena);
		s = fixture_receive(&f, &m, before.pid);
		CHECK_F(fixture_run(&f, s) == rows[i].want && ht_text_is(s->why.place, rows[i].place), "%s: %s", rows[i].name,
			ht_refuse_word(s->why.code));
		CHECK_F(fixture_process(&f, 1).pending == rows[i].pending, "%s: %s", rows[i].name,
			ht_msg_word(fixture_process(&f, 1).pending));
		CHECK_ROW(rows[i].name, !rows[i].want || untouched(&f, &before, leaves));
		fixture_fini(&f);
	}
}

/* An agreement that differs from the last offer, or from the two sides, in one member. */
TEST(agreements)
{
	static const struct {
		const char *name, *id, *policy, *target, *assigner, *assignee;
		enum ht_refuse want;
		const char *place;
	} rows[] = {
		{ "as offered", "urn:agreement:2", ANYBODY, PRODUCT, GAMMA, ALPHA, HT_REFUSE_NONE, "" },
		{ "permission", "urn:agreement:2", WITHIN_2030, PRODUCT, GAMMA, ALPHA, HT_REFUSE_AGREEMENT_DIFFERS, "/agreement" },
		{ "target", "urn:agreement:2", ANYBODY, OTHER, GAMMA, ALPHA, HT_REFUSE_AGREEMENT_DIFFERS, "/agreement/target" },
		{ "assigner", "urn:agreement:2", ANYBODY, PRODUCT, "did:web:x", ALPHA, HT_REFUSE_ASSIGNER, "/agreement/assigner" },
		{ "assignee", "urn:agreement:2", ANYBODY, PRODUCT, GAMMA, BETA, HT_REFUSE_ASSIGNEE, "/agreement/assignee" },
		{ "swapped", "urn:agreement:2", ANYBODY, PRODUCT, ALPHA, GAMMA, HT_REFUSE_ASSIGNER, "/agreement/assigner" },
		{ "id of the one before", "urn:agreement:1", ANYBODY, PRODUCT, GAMMA, ALPHA, HT_REFUSE_AGREEMENT_DIFFERS, "/agreement/@id" },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_process before;
		struct ht_message m;
		struct ht_step *s;
		int64_t leaves;

		fixture_scene(&f, SCENE_BOUGHT);
		fixture_must(&f, fixture_negotiate(&f));
		fixture_must(&f, fixture_answer(&f, 2, 201, "urn:gamma:2"));
		before = fixture_process(&f, 2);
		leaves = fixture_leaves(&f);
		m = fixture_message(&f, 2, HT_MSG_AGREE);
		m.policy.text = ht_odrl_agreement(ht_text_of(rows[i].policy), ht_text_of(rows[i].id), ht_text_of(rows[i].target),
						  ht_text_of(rows[i].assigner), ht_text_of(rows[i].assignee),
						  ht_time_text(&f.arena, f.now_us), &f.arena);
		s = fixture_receive(&f, &m, before.pid);
		CHECK_F(fixture_run(&f, s) == rows[i].want && ht_text_is(s->why.place, rows[i].place), "%s: %s", rows[i].name,
			ht_refuse_word(s->why.code));
		CHECK_ROW(rows[i].name, rows[i].want ? untouched(&f, &before, leaves) : fixture_process(&f, 2).pending == HT_MSG_VERIFY);
		fixture_fini(&f);
	}
}

/* The last offer is what was acknowledged: a counter-request on its way counts only with an answer that shows that it came. */
TEST(an_agreement_beside_a_counter_request)
{
	struct fixture f;
	struct ht_message m;
	struct ht_step *s;

	fixture_scene(&f, SCENE_REQUESTED);
	m = says(&f, 1, HT_MSG_OFFER, WITHIN_2030, HT_TEXT("urn:offer:two"));
	fixture_must(&f, fixture_receive(&f, &m, fixture_process(&f, 1).pid));
	s = fixture_send(&f, 1, HT_MSG_REQUEST);
	s->in.send.policy = HT_TEXT(ANYBODY);
	fixture_must(&f, s);
	m = fixture_message(&f, 1, HT_MSG_AGREE); /* of the offer before it */
	CHECK(fixture_run(&f, fixture_receive(&f, &m, fixture_process(&f, 1).pid)) == HT_REFUSE_AGREEMENT_DIFFERS);
	CHECK(fixture_process(&f, 1).state == HT_OFFERED && fixture_process(&f, 1).pending == HT_MSG_REQUEST);
	m.policy.text = ht_odrl_agreement(HT_TEXT(ANYBODY), HT_TEXT("urn:agreement:1"), HT_TEXT(PRODUCT), HT_TEXT(GAMMA), HT_TEXT(ALPHA),
					  ht_time_text(&f.arena, f.now_us), &f.arena);
	CHECK(fixture_run(&f, fixture_receive(&f, &m, fixture_process(&f, 1).pid)) == HT_REFUSE_NONE);
	CHECK(fixture_process(&f, 1).state == HT_AGREED && fixture_process(&f, 1).pending == HT_MSG_VERIFY);
	fixture_fini(&f);
}

/* A pid of another party's process is none: whatever is sent to it, it is not there. */
TEST(a_process_of_another_party)
{
	static const struct {
		enum fixture_scene scene;
		int64_t row;
		enum ht_msg msg;
	} rows[] = {
		{ SCENE_REQUESTED, 1, HT_MSG_AGREE }, { SCENE_AGREED, 1, HT_MSG_VERIFY }, { SCENE_STARTED, 2, HT_MSG_SUSPEND },
		{ SCENE_SERVING, 2, HT_MSG_TERMINATE },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_process before;
		struct ht_step *s;
		int64_t leaves;

		fixture_scene(&f, rows[i].scene);
		fixture_must(&f, fixture_party(&f, "beta", BETA));
		before = fixture_process(&f, rows[i].row);
		leaves = fixture_leaves(&f);
		s = fixture_says(&f, rows[i].row, rows[i].msg);
		s->who.party = (struct ht_party){ .row = 2, .id = HT_TEXT("beta"), .did = HT_TEXT(BETA) };
		CHECK_ROW(ht_msg_word(rows[i].msg), fixture_run(&f, s) == HT_REFUSE_NOT_FOUND && untouched(&f, &before, leaves));
		s->who.party = f.alpha;
		CHECK_ROW(ht_msg_word(rows[i].msg), fixture_run(&f, s) == HT_REFUSE_NONE);
		fixture_fini(&f);
	}
}

/* Both suspend at once: later, while an attempt of ours can still arrive. The token of the refused one is spent, so that no copy of it
 * is taken afterwards; a peer without tokens is told "busy", which promises nothing. */
TEST(crossing_suspensions)
{
	struct fixture f;
	struct ht_step *s, *copy;

	fixture_scene(&f, SCENE_SERVING);
	fixture_must(&f, fixture_send(&f, 2, HT_MSG_SUSPEND));
	s = fixture_says(&f, 2, HT_MSG_SUSPEND);
	copy = fixture_again(&f, s);
	copy->in.receive.jti = copy->in.receive.token = HT_TEXT("");
	CHECK(fixture_run(&f, copy) == HT_REFUSE_BUSY);
	copy = fixture_again(&f, s);
	copy->in.receive.jti = copy->in.receive.token = s->in.receive.jti;
	CHECK(fixture_run(&f, s) == HT_REFUSE_PENDING && fixture_process(&f, 2).pending == HT_MSG_SUSPEND);
	s = fixture_answer(&f, 2, 503, "");
	s->in.answered.open_us = 0; /* the peer refused it, and spent its token too */
	fixture_must(&f, s);
	fixture_restart(&f);
	f.now_us += f.settings.open_us + 1;
	CHECK(fixture_run(&f, copy) == HT_REFUSE_TOKEN_REPLAY && fixture_process(&f, 2).state == HT_STARTED);
	CHECK(fixture_run(&f, fixture_again(&f, copy)) == HT_REFUSE_NONE);
	CHECK(fixture_process(&f, 2).state == HT_SUSPENDED && !fixture_process(&f, 2).pending);
	fixture_fini(&f);
}

CHECK_MAIN(TEST_ROW(every_message_in_every_state), TEST_ROW(a_first_offer), TEST_ROW(offers), TEST_ROW(counter_requests),
	   TEST_ROW(agreements), TEST_ROW(an_agreement_beside_a_counter_request), TEST_ROW(a_process_of_another_party),
	   TEST_ROW(crossing_suspensions))
