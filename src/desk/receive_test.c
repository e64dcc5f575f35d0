/* desk/receive_test.c - messages of a peer: taken, answered by the rules, known again, refused and by which rule. */
#include "base/count.h"
#include "desk/fixture.h"
#include "model/names.h"
#include "test/check.h"

/* What a message does in each scene, when it is right in all but the state. */
TEST(states)
{
	static const struct {
		const char *name;
		enum fixture_scene scene;
		int64_t process;
		enum ht_msg msg;
		enum ht_refuse want;
		enum ht_state state;
		enum ht_msg pending;
	} rows[] = {
		{ "agree overtakes 201",        SCENE_ASKED,      1, HT_MSG_AGREE,     HT_REFUSE_NONE,    HT_AGREED,     HT_MSG_VERIFY },
		{ "terminate overtakes 201",    SCENE_ASKED,      1, HT_MSG_TERMINATE, HT_REFUSE_NONE,    HT_TERMINATED, HT_MSG_NONE },
		{ "finalize too early",         SCENE_ASKED,      1, HT_MSG_FINALIZE,  HT_REFUSE_STATE,   HT_NONE,       HT_MSG_REQUEST },
		{ "agree",                      SCENE_REQUESTED,  1, HT_MSG_AGREE,     HT_REFUSE_NONE,    HT_AGREED,     HT_MSG_VERIFY },
		{ "terminate",                  SCENE_REQUESTED,  1, HT_MSG_TERMINATE, HT_REFUSE_NONE,    HT_TERMINATED, HT_MSG_NONE },
		{ "finalize implies verify",    SCENE_VERIFYING,  1, HT_MSG_FINALIZE,  HT_REFUSE_NONE,    HT_FINALIZED,  HT_MSG_NONE },
		{ "terminate over verify",      SCENE_VERIFYING,  1, HT_MSG_TERMINATE, HT_REFUSE_NONE,    HT_TERMINATED, HT_MSG_NONE },
		{ "terminate after the end",    SCENE_BOUGHT,     1, HT_MSG_TERMINATE, HT_REFUSE_STATE,   HT_FINALIZED,  HT_MSG_NONE },
		{ "start",                      SCENE_TRANSFER,   2, HT_MSG_START,     HT_REFUSE_NONE,    HT_STARTED,    HT_MSG_NONE },
		{ "complete by the provider",   SCENE_STARTED,    2, HT_MSG_COMPLETE,  HT_REFUSE_NONE,    HT_COMPLETED,  HT_MSG_NONE },
		{ "suspend",                    SCENE_STARTED,    2, HT_MSG_SUSPEND,   HT_REFUSE_NONE,    HT_SUSPENDED,  HT_MSG_NONE },
		{ "terminate over agree",       SCENE_AGREEING,   1, HT_MSG_TERMINATE, HT_REFUSE_NONE,    HT_TERMINATED, HT_MSG_NONE },
		{ "verify implies agree",       SCENE_AGREEING,   1, HT_MSG_VERIFY,    HT_REFUSE_NONE,    HT_VERIFIED,   HT_MSG_FINALIZE },
		{ "verify",                     SCENE_AGREED,     1, HT_MSG_VERIFY,    HT_REFUSE_NONE,    HT_VERIFIED,   HT_MSG_FINALIZE },
		{ "finalize by the consumer",   SCENE_AGREED,     1, HT_MSG_FINALIZE,  HT_REFUSE_STATE,   HT_AGREED,     HT_MSG_NONE },
		{ "terminate over finalize",    SCENE_FINALIZING, 1, HT_MSG_TERMINATE, HT_REFUSE_NONE,    HT_TERMINATED, HT_MSG_NONE },
		{ "complete implies start",     SCENE_STARTING,   2, HT_MSG_COMPLETE,  HT_REFUSE_NONE,    HT_COMPLETED,  HT_MSG_NONE },
		{ "start by the consumer",      SCENE_SERVING,    2, HT_MSG_START,     HT_REFUSE_STATE,   HT_STARTED,    HT_MSG_NONE },
		{ "complete by the consumer",   SCENE_SERVING,    2, HT_MSG_COMPLETE,  HT_REFUSE_NONE,    HT_COMPLETED,  HT_MSG_NONE },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_process p;
		int64_t leaves;

		fixture_scene(&f, rows[i].scene);
		leaves = fixture_leaves(&f);
		CHECK_ROW(rows[i].name, fixture_run(&f, fixture_says(&f, rows[i].process, rows[i].msg)) == rows[i].want);
		p = fixture_process(&f, rows[i].process);
		CHECK_F(p.state == rows[i].state && p.pending == rows[i].pending, "%s: %s, pending %s", rows[i].name,
			ht_state_word(p.state), ht_msg_word(p.pending));
		CHECK_ROW(rows[i].name, f.effects.posts_count == (rows[i].want == HT_REFUSE_NONE && rows[i].pending));
		CHECK_ROW(rows[i].name, (fixture_leaves(&f) > leaves) == (rows[i].want == HT_REFUSE_NONE));
		fixture_fini(&f);
	}
}

/* First messages of a consumer. */
TEST(requests)
{
	static const struct {
		const char *name, *product, *policy, *asked, *audience, *offer;
		enum ht_refuse want;
		enum ht_msg pending;
	} rows[] = {
		{ "as offered",             PRODUCT, ANYBODY, ANYBODY, "", NULL, HT_REFUSE_NONE, HT_MSG_AGREE },
		{ "for gamma",              PRODUCT, ANYBODY, ANYBODY, GAMMA, NULL, HT_REFUSE_NONE, HT_MSG_AGREE },
		{ "for somebody else",      PRODUCT, ANYBODY, ANYBODY, "did:web:x.example", NULL, HT_REFUSE_OFFER_UNKNOWN, HT_MSG_NONE },
		{ "no such offer",          PRODUCT, ANYBODY, ANYBODY, "", "urn:offer:none", HT_REFUSE_OFFER_UNKNOWN, HT_MSG_NONE },
		{ "of another product",     "urn:product:other", ANYBODY, ANYBODY, "", NULL, HT_REFUSE_OFFER_UNKNOWN, HT_MSG_NONE },
		{ "on other terms",         PRODUCT, ANYBODY, BEFORE_2020, "", NULL, HT_REFUSE_NONE, HT_MSG_TERMINATE },
		{ "over",                   PRODUCT, BEFORE_2020, BEFORE_2020, "", NULL, HT_REFUSE_NONE, HT_MSG_TERMINATE },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_message m;

		fixture_init(&f);
		fixture_must(&f, fixture_publish(&f, rows[i].product, rows[i].policy, rows[i].audience));
		m = fixture_request(&f, "urn:gamma:1", rows[i].offer ? ht_text_of(rows[i].offer) : fixture_offer(&f, rows[i].product),
				    rows[i].asked);
		CHECK_ROW(rows[i].name, fixture_run(&f, fixture_receive(&f, &m, HT_TEXT(""))) == rows[i].want);
		if (rows[i].want == HT_REFUSE_NONE)
			CHECK_ROW(rows[i].name,
				  fixture_process(&f, 1).pending == rows[i].pending && fixture_process(&f, 1).state == HT_REQUESTED);
		fixture_fini(&f);
	}
}

/* A message that is right but for one member. */
struct bent {
	const char *name;
	enum fixture_scene scene;
	int64_t process;
	enum ht_msg msg;
	enum { OUR_PID, THEIR_PID, ASSIGNER, ASSIGNEE, TARGET, TERMS, AGREEMENT_ID, NO_ADDRESS, ID_OF_OURS, STRANGER } part;
	enum ht_refuse want;
	const char *place;
};

static void bend(struct fixture *f, const struct bent *row, struct ht_message *m)
{
	struct ht_text *pids[] = { &m->consumer_pid, &m->provider_pid };
	struct ht_process p = fixture_process(f, row->process);
	size_t ours = p.role == HT_CONSUMER ? 0 : 1;
	const char *did[] = { row->part == ASSIGNER ? "did:web:x" : GAMMA, row->part == ASSIGNEE ? "did:web:x" : ALPHA };

	if (row->part == OUR_PID)
		*pids[ours] = HT_TEXT("urn:none");
	if (row->part == THEIR_PID)
		*pids[1 - ours] = HT_TEXT("urn:none");
	if (row->part == ID_OF_OURS)
		m->id = HT_TEXT("leaf:7");
	if (row->part == NO_ADDRESS)
		m->has_address = false;
	if (row->msg == HT_MSG_AGREE)
		m->policy.text = ht_odrl_agreement(row->part == TERMS ? HT_TEXT(BEFORE_2020) : p.offer, HT_TEXT("urn:agreement:1"),
						   row->part == TARGET ? HT_TEXT("urn:product:other") : p.product, ht_text_of(did[0]),
						   ht_text_of(did[1]), ht_time_text(&f->arena, f->now_us), &f->arena);
}

TEST(refusals)
{
	static const struct bent rows[] = {
		{ "our pid", SCENE_REQUESTED, 1, HT_MSG_AGREE, OUR_PID, HT_REFUSE_PIDS, "/providerPid" },
		{ "their pid", SCENE_REQUESTED, 1, HT_MSG_AGREE, THEIR_PID, HT_REFUSE_PIDS, "/providerPid" },
		{ "their pid, at the provider", SCENE_AGREED, 1, HT_MSG_VERIFY, THEIR_PID, HT_REFUSE_PIDS, "/consumerPid" },
		{ "assigner", SCENE_REQUESTED, 1, HT_MSG_AGREE, ASSIGNER, HT_REFUSE_ASSIGNER, "/agreement/assigner" },
		{ "assignee", SCENE_REQUESTED, 1, HT_MSG_AGREE, ASSIGNEE, HT_REFUSE_ASSIGNEE, "/agreement/assignee" },
		{ "target", SCENE_REQUESTED, 1, HT_MSG_AGREE, TARGET, HT_REFUSE_AGREEMENT_DIFFERS, "/agreement/target" },
		{ "terms", SCENE_REQUESTED, 1, HT_MSG_AGREE, TERMS, HT_REFUSE_AGREEMENT_DIFFERS, "/agreement" },
		{ "no data address", SCENE_TRANSFER, 2, HT_MSG_START, NO_ADDRESS, HT_REFUSE_MEMBER_MISSING, "/dataAddress" },
		{ "an @id of our own kind", SCENE_REQUESTED, 1, HT_MSG_AGREE, ID_OF_OURS, HT_REFUSE_MEMBER_VALUE, "/@id" },
		{ "of somebody else", SCENE_REQUESTED, 1, HT_MSG_AGREE, STRANGER, HT_REFUSE_NOT_FOUND, "" },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_message m;
		struct ht_step *s;
		int64_t leaves;

		fixture_scene(&f, rows[i].scene);
		m = fixture_message(&f, rows[i].process, rows[i].msg);
		bend(&f, &rows[i], &m);
		s = fixture_receive(&f, &m, fixture_process(&f, rows[i].process).pid);
		if (rows[i].part == STRANGER)
			s->in.receive.peer = HT_TEXT("did:web:x");
		leaves = fixture_leaves(&f);
		CHECK_ROW(rows[i].name, fixture_run(&f, s) == rows[i].want);
		CHECK_F(ht_text_is(s->why.place, rows[i].place), "%s: " HT_TEXT_FMT, rows[i].name, HT_TEXT_ARG(s->why.place));
		CHECK_ROW(rows[i].name, fixture_leaves(&f) == leaves && f.effects.posts_count == 0);
		fixture_fini(&f);
	}
}

/* Transfer requests: under which agreement, and when. */
TEST(transfer_requests)
{
	static const struct {
		const char *name;
		enum fixture_scene scene;
		const char *agreement, *format, *peer;
		enum ht_refuse want;
	} rows[] = {
		{ "as agreed",            SCENE_SOLD,       NULL, HT_DSP_PULL, GAMMA, HT_REFUSE_NONE },
		{ "overtakes finalized",  SCENE_FINALIZING, NULL, HT_DSP_PULL, GAMMA, HT_REFUSE_NONE },
		{ "before it",            SCENE_AGREED,     NULL, HT_DSP_PULL, GAMMA, HT_REFUSE_AGREEMENT_OVER },
		{ "no such agreement",    SCENE_SOLD, "urn:none", HT_DSP_PULL, GAMMA, HT_REFUSE_AGREEMENT_UNKNOWN },
		{ "of somebody else",     SCENE_SOLD,       NULL, HT_DSP_PULL, "did:web:x", HT_REFUSE_AGREEMENT_UNKNOWN },
		{ "another format",       SCENE_SOLD,       NULL, "HttpData-PUSH", GAMMA, HT_REFUSE_FORMAT_UNKNOWN },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_message m;
		struct ht_step *s;

		fixture_scene(&f, rows[i].scene);
		m = fixture_transfer(&f, "urn:gamma:2",
				     rows[i].agreement ? ht_text_of(rows[i].agreement) : fixture_process(&f, 1).agreement);
		m.format = ht_text_of(rows[i].format);
		s = fixture_receive(&f, &m, HT_TEXT(""));
		s->in.receive.peer = ht_text_of(rows[i].peer);
		CHECK_ROW(rows[i].name, fixture_run(&f, s) == rows[i].want);
		if (rows[i].want == HT_REFUSE_NONE) {
			CHECK_ROW(rows[i].name, fixture_process(&f, 1).state == HT_FINALIZED && !fixture_process(&f, 1).pending);
			CHECK_ROW(rows[i].name, fixture_process(&f, 2).pending == HT_MSG_START && fixture_process(&f, 2).parent == 1);
		}
		fixture_fini(&f);
	}
}

/* What was taken is known again: by its @id, or without one by the hash of the last body. Nothing moves. */
TEST(duplicates)
{
	static const struct {
		const char *name;
		enum fixture_scene scene;
		int64_t process;
		enum ht_msg msg;
		bool id;
	} rows[] = {
		{ "agree",            SCENE_REQUESTED, 1, HT_MSG_AGREE,     true },
		{ "agree without id", SCENE_REQUESTED, 1, HT_MSG_AGREE,     false },
		{ "verify",           SCENE_AGREED,    1, HT_MSG_VERIFY,    true },
		{ "start",            SCENE_TRANSFER,  2, HT_MSG_START,     false },
		{ "terminate",        SCENE_SERVING,   2, HT_MSG_TERMINATE, true },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_message m;
		struct ht_step *first, *second;
		struct ht_process before;
		int64_t leaves;

		fixture_scene(&f, rows[i].scene);
		m = fixture_message(&f, rows[i].process, rows[i].msg);
		if (!rows[i].id)
			m.id = HT_TEXT("");
		first = fixture_receive(&f, &m, fixture_process(&f, rows[i].process).pid);
		CHECK_ROW(rows[i].name, fixture_run(&f, first) == HT_REFUSE_NONE && !first->out.known);
		before = fixture_process(&f, rows[i].process);
		leaves = fixture_leaves(&f);
		second = fixture_again(&f, first);
		CHECK_ROW(rows[i].name, fixture_run(&f, second) == HT_REFUSE_NONE && second->out.known);
		CHECK_ROW(rows[i].name, fixture_leaves(&f) == leaves && f.effects.posts_count == 0);
		CHECK_ROW(rows[i].name, fixture_process(&f, rows[i].process).state == before.state);
		fixture_fini(&f);
	}
}

/* Start, suspend, start are three messages, also without an @id. */
TEST(the_last_one_only)
{
	struct fixture f;
	struct ht_message start, suspend;
	struct ht_step *s;

	fixture_scene(&f, SCENE_TRANSFER);
	start = fixture_message(&f, 2, HT_MSG_START);
	suspend = fixture_message(&f, 2, HT_MSG_SUSPEND);
	start.id = suspend.id = HT_TEXT("");
	CHECK(fixture_run(&f, fixture_receive(&f, &start, fixture_process(&f, 2).pid)) == HT_REFUSE_NONE);
	CHECK(fixture_run(&f, fixture_receive(&f, &suspend, fixture_process(&f, 2).pid)) == HT_REFUSE_NONE);
	s = fixture_receive(&f, &start, fixture_process(&f, 2).pid);
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE && !s->out.known);
	CHECK(fixture_process(&f, 2).state == HT_STARTED);
	fixture_fini(&f);
}

TEST(one_process_of_one_request)
{
	struct fixture f;
	struct ht_message m;
	struct ht_step *first, *second;

	fixture_scene(&f, SCENE_PUBLISHED);
	m = fixture_request(&f, "urn:gamma:1", fixture_offer(&f, PRODUCT), ANYBODY);
	first = fixture_receive(&f, &m, HT_TEXT(""));
	CHECK(fixture_run(&f, first) == HT_REFUSE_NONE && first->out.created && !first->out.known);
	second = fixture_again(&f, first);
	CHECK(fixture_run(&f, second) == HT_REFUSE_NONE && second->out.created && second->out.known);
	CHECK(second->out.process.row == 1);
	m.id = HT_TEXT("urn:another:message");
	second = fixture_receive(&f, &m, HT_TEXT(""));
	CHECK(fixture_run(&f, second) == HT_REFUSE_NONE && second->out.known);
	fixture_fini(&f);
}

/* A token that was taken is taken once, also after a restart. */
TEST(a_token_twice)
{
	struct fixture f;
	struct ht_message m;
	struct ht_step *s;

	fixture_scene(&f, SCENE_PUBLISHED);
	m = fixture_request(&f, "urn:gamma:1", fixture_offer(&f, PRODUCT), ANYBODY);
	CHECK(fixture_run(&f, fixture_receive(&f, &m, HT_TEXT(""))) == HT_REFUSE_NONE);
	fixture_restart(&f);
	m.consumer_pid = HT_TEXT("urn:gamma:2");
	s = fixture_receive(&f, &m, HT_TEXT(""));
	s->in.receive.jti = ht_text_format(&f.arena, "token-%d", f.tokens - 1);
	CHECK(fixture_run(&f, s) == HT_REFUSE_TOKEN_REPLAY);
	fixture_fini(&f);
}

/* A pid that the peer gave to one process is not taken for another: it would have two. */
TEST(a_pid_of_another_process)
{
	struct fixture f;
	struct ht_message m;

	fixture_scene(&f, SCENE_REQUESTED);
	fixture_must(&f, fixture_negotiate(&f));
	m = fixture_message(&f, 2, HT_MSG_AGREE);
	CHECK(ht_text_is(m.provider_pid, "urn:gamma:1"));
	CHECK(fixture_run(&f, fixture_receive(&f, &m, fixture_process(&f, 2).pid)) == HT_REFUSE_PIDS);
	fixture_must(&f, fixture_answer(&f, 2, 201, "urn:gamma:1"));
	CHECK(fixture_process(&f, 2).state == HT_NONE && fixture_process(&f, 2).unanswered);
	fixture_must(&f, fixture_answer(&f, 2, 201, "urn:gamma:2"));
	CHECK(fixture_process(&f, 2).state == HT_REQUESTED);

	fixture_must(&f, fixture_publish(&f, PRODUCT, ANYBODY, ""));
	m = fixture_request(&f, "urn:gamma:1", fixture_offer(&f, PRODUCT), ANYBODY);
	CHECK(fixture_run(&f, fixture_receive(&f, &m, HT_TEXT(""))) == HT_REFUSE_PIDS);
	fixture_fini(&f);
}

/* The peer's message of lower rank waits while ours is on its way; of the same end it is a success. */
TEST(crossing)
{
	struct fixture f;
	struct ht_step *s;

	fixture_scene(&f, SCENE_SERVING);
	s = fixture_send(&f, 2, HT_MSG_TERMINATE);
	fixture_must(&f, s);
	CHECK(fixture_run(&f, fixture_says(&f, 2, HT_MSG_COMPLETE)) == HT_REFUSE_PENDING);
	CHECK(fixture_run(&f, fixture_says(&f, 2, HT_MSG_TERMINATE)) == HT_REFUSE_NONE);
	CHECK(fixture_process(&f, 2).state == HT_TERMINATED && !fixture_process(&f, 2).pending);
	CHECK(fixture_run(&f, fixture_says(&f, 2, HT_MSG_TERMINATE)) == HT_REFUSE_NONE);
	CHECK(fixture_run(&f, fixture_says(&f, 2, HT_MSG_COMPLETE)) == HT_REFUSE_STATE);
	fixture_fini(&f);
}

CHECK_MAIN(TEST_ROW(states), TEST_ROW(requests), TEST_ROW(refusals), TEST_ROW(transfer_requests), TEST_ROW(duplicates),
	   TEST_ROW(the_last_one_only), TEST_ROW(one_process_of_one_request), TEST_ROW(a_token_twice), TEST_ROW(a_pid_of_another_process),
	   TEST_ROW(crossing))
