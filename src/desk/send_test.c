/* desk/send_test.c - messages by hand: from which states, what is in them, and what a refused one leaves behind: nothing. */
#include "base/count.h"
#include "core/market/drawing.h"
#include "core/market/policy.h"
#include "desk/fixture.h"
#include "model/names.h"
#include "test/check.h"
#include "wire/json.h"

/* A scene in which we have this role in process `row` of the machine. */
struct side {
	enum ht_machine machine;
	enum ht_role role;
	enum fixture_scene scene;
	int64_t row;
};
static const struct side sides[] = {
	{ HT_NEGOTIATION, HT_CONSUMER, SCENE_BOUGHT, 1 },
	{ HT_NEGOTIATION, HT_PROVIDER, SCENE_AGREEING, 1 },
	{ HT_TRANSFER, HT_CONSUMER, SCENE_STARTED, 2 },
	{ HT_TRANSFER, HT_PROVIDER, SCENE_SERVING, 2 },
};

static bool allowed(const struct side *x, enum ht_state state, enum ht_msg msg)
{
	return drawing_has(drawing_sent[x->machine][state][msg - 1], x->role);
}

static void one_verb(const struct side *x, enum ht_state state, enum ht_msg msg)
{
	const char *words[] = { ht_machine_word(x->machine), ht_role_word(x->role), ht_state_word(state), ht_msg_word(msg) };
	struct fixture f;
	struct ht_process before, after;
	struct ht_letter letter;
	struct ht_step *s;
	int64_t leaves;
	bool may_be = allowed(x, state, msg);

	fixture_scene(&f, x->scene);
	fixture_force(&f, x->row, state);
	before = fixture_process(&f, x->row);
	leaves = fixture_leaves(&f);
	s = fixture_send(&f, x->row, msg);
	s->in.send.policy = msg == HT_MSG_REQUEST ? HT_TEXT(ANYBODY) : HT_TEXT("");
	CHECK_F(fixture_run(&f, s) == (may_be ? HT_REFUSE_NONE : HT_REFUSE_STATE), "%s %s in %s: %s: %s", words[0], words[1], words[2],
		words[3], ht_refuse_word(s->why.code));
	after = fixture_process(&f, x->row);
	CHECK_F(after.state == state && after.pending == (may_be ? msg : HT_MSG_NONE), "%s %s in %s: %s", words[0], words[1], words[2],
		words[3]);
	CHECK_F(fixture_letter(&f, x->row, &letter) == may_be && f.effects.posts_count == may_be, "%s %s in %s: %s", words[0], words[1],
		words[2], words[3]);
	CHECK_F(may_be ? fixture_leaves(&f) == leaves + 1 :
			 fixture_leaves(&f) == leaves && after.changed_us == before.changed_us &&
				 ht_text_same(after.agreement, before.agreement) && ht_text_same(after.reason, before.reason),
		"%s %s in %s: %s", words[0], words[1], words[2], words[3]);
	fixture_fini(&f);
}

/* All sides, states and messages, also those that must be refused; what is allowed moves no state before it is acknowledged. */
TEST(every_verb_from_every_state)
{
	for (size_t i = 0; i < HT_COUNT(sides); i++)
	for (int state = HT_REQUESTED; state < HT_STATE_COUNT; state++)
	for (int msg = HT_MSG_REQUEST; msg < HT_MSG_COUNT; msg++) {
		bool of_transfer = msg == HT_MSG_START || msg == HT_MSG_SUSPEND || msg == HT_MSG_COMPLETE;

		if (!drawing_sent[sides[i].machine][state] || (msg != HT_MSG_TERMINATE && of_transfer != (sides[i].machine == HT_TRANSFER)))
			continue;
		one_verb(&sides[i], (enum ht_state)state, (enum ht_msg)msg);
	}
}

/* Beside a pending message only TERMINATE is sent; in another role, machine or party nothing is. */
TEST(not_now_and_not_by_everybody)
{
	struct fixture f;
	struct ht_step *s;

	fixture_scene(&f, SCENE_STARTED);
	fixture_must(&f, fixture_send(&f, 2, HT_MSG_SUSPEND));
	CHECK(fixture_run(&f, fixture_send(&f, 2, HT_MSG_COMPLETE)) == HT_REFUSE_PENDING);
	CHECK(fixture_run(&f, fixture_send(&f, 2, HT_MSG_SUSPEND)) == HT_REFUSE_PENDING);
	s = fixture_send(&f, 2, HT_MSG_TERMINATE);
	s->who.role = HT_PROVIDER;
	CHECK(fixture_run(&f, s) == HT_REFUSE_NOT_FOUND);
	s = fixture_send(&f, 2, HT_MSG_TERMINATE);
	s->in.send.machine = HT_NEGOTIATION;
	CHECK(fixture_run(&f, s) == HT_REFUSE_NOT_FOUND);
	fixture_must(&f, fixture_party(&f, "beta", "did:web:alpha.example:p:beta"));
	s = fixture_send(&f, 2, HT_MSG_TERMINATE);
	s->who.party = (struct ht_party){ .row = 2, .id = HT_TEXT("beta"), .did = HT_TEXT("did:web:alpha.example:p:beta") };
	CHECK(fixture_run(&f, s) == HT_REFUSE_NOT_FOUND);
	CHECK(fixture_process(&f, 2).pending == HT_MSG_SUSPEND);
	fixture_must(&f, fixture_send(&f, 2, HT_MSG_TERMINATE));
	CHECK(fixture_process(&f, 2).pending == HT_MSG_TERMINATE && f.effects.posts_count == 1);
	fixture_fini(&f);
}

static struct ht_text sent_offer(struct fixture *f)
{
	return f->effects.posts_count ? ht_json_span(ht_bytes_text(f->effects.posts[0].body), "offer") : HT_TEXT("");
}

static bool is_offer(struct fixture *f, struct ht_text offer, const char *policy, struct ht_text *id)
{
	struct ht_policy got, want;
	struct ht_refusal why;
	bool ok = ht_odrl_read(offer, &f->arena, &got, &why) && ht_odrl_read(ht_text_of(policy), &f->arena, &want, &why);

	*id = got.id;
	return ok && ht_policy_same(&got, &want) && ht_text_is(got.target, PRODUCT);
}

/* A counter-request keeps the @id of the offer; a counter-offer on other terms gets one of its own. The last offer of the process is
 * the new one when it is acknowledged, not before. */
TEST(counter_offers)
{
	struct fixture f;
	struct ht_step *s;
	struct ht_message m;
	struct ht_text id, before;

	fixture_scene(&f, SCENE_REQUESTED);
	m = fixture_message(&f, 1, HT_MSG_OFFER);
	m.policy.text = ht_odrl_offer(HT_TEXT(WITHIN_2030), HT_TEXT("urn:offer:two"), HT_TEXT(PRODUCT), &f.arena);
	fixture_must(&f, fixture_receive(&f, &m, fixture_process(&f, 1).pid));
	CHECK(fixture_process(&f, 1).person && f.effects.posts_count == 0);
	before = fixture_process(&f, 1).offer;
	s = fixture_send(&f, 1, HT_MSG_REQUEST);
	s->in.send.policy = HT_TEXT(ANYBODY);
	fixture_must(&f, s);
	CHECK(is_offer(&f, sent_offer(&f), ANYBODY, &id) && ht_text_is(id, "urn:offer:two") && !fixture_process(&f, 1).person);
	CHECK(ht_text_same(fixture_process(&f, 1).offer, before));
	fixture_must(&f, fixture_answer(&f, 1, 200, ""));
	CHECK(fixture_process(&f, 1).state == HT_REQUESTED && is_offer(&f, fixture_process(&f, 1).offer, ANYBODY, &id));
	fixture_fini(&f);

	fixture_scene(&f, SCENE_AGREEING);
	fixture_force(&f, 1, HT_REQUESTED);
	before = fixture_process(&f, 1).offer;
	s = fixture_send(&f, 1, HT_MSG_OFFER);
	s->in.send.policy = HT_TEXT(WITHIN_2030);
	fixture_must(&f, s);
	CHECK(is_offer(&f, sent_offer(&f), WITHIN_2030, &id) && !ht_text_same(id, fixture_offer(&f, PRODUCT)));
	CHECK(ht_text_same(fixture_process(&f, 1).offer, before));
	fixture_must(&f, fixture_answer(&f, 1, 200, ""));
	CHECK(fixture_process(&f, 1).state == HT_OFFERED && is_offer(&f, fixture_process(&f, 1).offer, WITHIN_2030, &id));
	fixture_force(&f, 1, HT_REQUESTED);
	fixture_must(&f, fixture_send(&f, 1, HT_MSG_OFFER));
	CHECK(is_offer(&f, sent_offer(&f), ANYBODY, &id) && ht_text_same(id, fixture_offer(&f, PRODUCT)));
	fixture_fini(&f);
}

/* A provider begins: its product's terms or others; only for whom the product is, and not for itself. */
TEST(offers_that_a_provider_begins)
{
	static const struct {
		const char *name, *product, *audience, *peer, *policy;
		enum ht_refuse want;
	} rows[] = {
		{ "own terms",          PRODUCT,    "",                GAMMA, "",          HT_REFUSE_NONE },
		{ "other terms",        PRODUCT,    "",                GAMMA, WITHIN_2030, HT_REFUSE_NONE },
		{ "for gamma",          PRODUCT,    GAMMA,             GAMMA, "",          HT_REFUSE_NONE },
		{ "for somebody else",  PRODUCT,    "did:web:x.example", GAMMA, "",        HT_REFUSE_AUDIENCE },
		{ "no such product",    "urn:none", "",                GAMMA, "",          HT_REFUSE_NOT_FOUND },
		{ "to itself",          PRODUCT,    "",                ALPHA, "",          HT_REFUSE_VALUE },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_step *s;
		struct ht_text id;
		bool done = rows[i].want == HT_REFUSE_NONE;

		fixture_init(&f);
		fixture_must(&f, fixture_publish(&f, PRODUCT, ANYBODY, rows[i].audience));
		s = fixture_step(&f, HT_STEP_NEGOTIATE, HT_PROVIDER);
		s->in.negotiate.base = HT_TEXT(GAMMA_BASE);
		s->in.negotiate.peer = ht_text_of(rows[i].peer);
		s->in.negotiate.product = ht_text_of(rows[i].product);
		s->in.negotiate.policy = ht_text_of(rows[i].policy);
		CHECK_ROW(rows[i].name, fixture_run(&f, s) == rows[i].want && f.effects.posts_count == done);
		if (done) {
			CHECK_ROW(rows[i].name, is_offer(&f, sent_offer(&f), rows[i].policy[0] ? rows[i].policy : ANYBODY, &id));
			fixture_must(&f, fixture_answer(&f, 1, 201, "urn:gamma:1"));
			CHECK_ROW(rows[i].name, fixture_process(&f, 1).state == HT_OFFERED && fixture_process(&f, 1).role == HT_PROVIDER);
			fixture_must(&f, fixture_says(&f, 1, HT_MSG_ACCEPT));
			CHECK_ROW(rows[i].name,
				  fixture_process(&f, 1).state == HT_ACCEPTED && fixture_process(&f, 1).pending == HT_MSG_AGREE);
		}
		fixture_fini(&f);
	}
}

/* ACCEPT and AGREE of terms that do not hold are refused by hand too. */
TEST(nothing_binds_that_does_not_hold)
{
	struct fixture f;
	struct ht_message m;
	int64_t leaves;

	fixture_scene(&f, SCENE_REQUESTED);
	m = fixture_message(&f, 1, HT_MSG_OFFER);
	m.policy.text = ht_odrl_offer(HT_TEXT(BEFORE_2020), HT_TEXT("urn:offer:two"), HT_TEXT(PRODUCT), &f.arena);
	fixture_must(&f, fixture_receive(&f, &m, fixture_process(&f, 1).pid));
	leaves = fixture_leaves(&f);
	CHECK(fixture_run(&f, fixture_send(&f, 1, HT_MSG_ACCEPT)) == HT_REFUSE_POLICY_DENIES);
	CHECK(fixture_leaves(&f) == leaves && fixture_process(&f, 1).person && !fixture_process(&f, 1).pending);
	fixture_fini(&f);

	fixture_init(&f);
	fixture_must(&f, fixture_publish(&f, PRODUCT, BEFORE_2020, ""));
	m = fixture_request(&f, "urn:gamma:1", fixture_offer(&f, PRODUCT), BEFORE_2020);
	fixture_must(&f, fixture_receive(&f, &m, HT_TEXT("")));
	fixture_force(&f, 1, HT_REQUESTED);
	leaves = fixture_leaves(&f);
	CHECK(fixture_run(&f, fixture_send(&f, 1, HT_MSG_AGREE)) == HT_REFUSE_POLICY_DENIES);
	CHECK(fixture_leaves(&f) == leaves && !fixture_process(&f, 1).agreement.len);
	fixture_fini(&f);
}

/* A person who gives no reason leaves none; what the rules refuse is said without a colon that nothing follows. */
TEST(reasons_are_for_people)
{
	struct fixture f;
	struct ht_message m;
	struct ht_text body, reason;

	fixture_scene(&f, SCENE_SERVING);
	fixture_must(&f, fixture_send(&f, 2, HT_MSG_TERMINATE));
	body = ht_bytes_text(f.effects.posts[0].body);
	CHECK(!ht_json_span(body, "code").len && !ht_json_span(body, "reason").len && !fixture_process(&f, 2).reason.len);
	fixture_fini(&f);

	fixture_scene(&f, SCENE_SERVING);
	m = fixture_message(&f, 2, HT_MSG_SUSPEND);
	m.code = m.reason = HT_TEXT("");
	fixture_must(&f, fixture_receive(&f, &m, fixture_process(&f, 2).pid));
	CHECK(fixture_process(&f, 2).state == HT_SUSPENDED && !fixture_process(&f, 2).reason.len);
	fixture_fini(&f);

	fixture_scene(&f, SCENE_PUBLISHED);
	m = fixture_request(
		&f, "urn:gamma:1", fixture_offer(&f, PRODUCT),
		"{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"count\",\"operator\":\"eq\",\"rightOperand\":1}]}]}");
	fixture_must(&f, fixture_receive(&f, &m, HT_TEXT("")));
	reason = fixture_process(&f, 1).reason;
	CHECK_F(ht_text_is(reason, "the terms are not those of the offer"), HT_TEXT_FMT, HT_TEXT_ARG(reason));
	fixture_fini(&f);
}

/* Either side suspends and goes on, and then no reason is left. The provider's address stays the same; `start` and `resume` are not each other. */
TEST(suspended_and_resumed)
{
	struct fixture f;
	struct ht_step *s;
	struct ht_text address;

	fixture_scene(&f, SCENE_SERVING);
	address = fixture_process(&f, 2).address;
	s = fixture_send(&f, 2, HT_MSG_SUSPEND);
	s->in.send.reason = HT_TEXT("a pause");
	fixture_must(&f, s);
	CHECK(ht_text_is(ht_json_span(ht_bytes_text(f.effects.posts[0].body), "reason"), "[\"a pause\"]"));
	CHECK(!ht_json_span(ht_bytes_text(f.effects.posts[0].body), "code")
		       .len); /* the peer reads what the person said, and nothing else */
	fixture_must(&f, fixture_answer(&f, 2, 200, ""));
	CHECK(fixture_process(&f, 2).state == HT_SUSPENDED && ht_text_is(fixture_process(&f, 2).reason, "a pause"));
	s = fixture_send(&f, 2, HT_MSG_START);
	s->in.send.resume = false;
	CHECK(fixture_run(&f, s) == HT_REFUSE_STATE && f.effects.posts_count == 0);
	fixture_must(&f, fixture_send(&f, 2, HT_MSG_START));
	CHECK(ht_text_same(ht_json_span(ht_bytes_text(f.effects.posts[0].body), "dataAddress"), address));
	fixture_must(&f, fixture_answer(&f, 2, 200, ""));
	CHECK(!fixture_process(&f, 2).reason.len);
	fixture_must(&f, fixture_says(&f, 2, HT_MSG_SUSPEND));
	fixture_must(&f, fixture_says(&f, 2, HT_MSG_START));
	s = fixture_send(&f, 2, HT_MSG_SUSPEND);
	s->in.send.reason = HT_TEXT("another");
	fixture_must(&f, s);
	fixture_must(&f, fixture_answer(&f, 2, 200, ""));
	fixture_must(&f, fixture_says(&f, 2, HT_MSG_START));
	CHECK(fixture_process(&f, 2).state == HT_STARTED && !fixture_process(&f, 2).reason.len);
	CHECK(ht_text_same(fixture_process(&f, 2).address, address));
	fixture_fini(&f);

	fixture_scene(&f, SCENE_STARTED);
	address = fixture_process(&f, 2).address;
	fixture_must(&f, fixture_send(&f, 2, HT_MSG_SUSPEND));
	fixture_must(&f, fixture_answer(&f, 2, 200, ""));
	fixture_must(&f, fixture_send(&f, 2, HT_MSG_START));
	CHECK(!ht_json_span(ht_bytes_text(f.effects.posts[0].body), "dataAddress").len);
	fixture_must(&f, fixture_answer(&f, 2, 200, ""));
	CHECK(fixture_process(&f, 2).state == HT_STARTED && ht_text_same(fixture_process(&f, 2).address, address));
	fixture_fini(&f);
}

/* Under an agreement that is over the provider goes on with nothing; it may still end it. */
TEST(resumed_too_late)
{
	struct fixture f;
	struct ht_message m;

	fixture_init(&f);
	fixture_must(&f, fixture_publish(&f, PRODUCT, WITHIN_2030, ""));
	m = fixture_request(&f, "urn:gamma:1", fixture_offer(&f, PRODUCT), WITHIN_2030);
	fixture_must(&f, fixture_receive(&f, &m, HT_TEXT("")));
	fixture_must(&f, fixture_says(&f, 1, HT_MSG_VERIFY));
	m = fixture_transfer(&f, "urn:gamma:2", fixture_process(&f, 1).agreement);
	fixture_must(&f, fixture_receive(&f, &m, HT_TEXT("")));
	fixture_must(&f, fixture_says(&f, 2, HT_MSG_SUSPEND));
	f.now_us += 4 * INT64_C(366) * HT_DAY_US;
	CHECK(fixture_run(&f, fixture_send(&f, 2, HT_MSG_START)) == HT_REFUSE_AGREEMENT_OVER && f.effects.posts_count == 0);
	CHECK(fixture_run(&f, fixture_says(&f, 2, HT_MSG_START)) == HT_REFUSE_AGREEMENT_OVER);
	CHECK(fixture_process(&f, 2).state == HT_SUSPENDED);
	fixture_must(&f, fixture_send(&f, 2, HT_MSG_TERMINATE));
	fixture_fini(&f);
}

static void waits(struct fixture *f, int64_t row, enum ht_state state)
{
	struct ht_process p = fixture_process(f, row);

	CHECK_F(p.state == state && p.person && p.manual && !p.pending && f->effects.posts_count == 0, "%s %s, pending %s, person %d",
		ht_machine_word(p.machine), ht_state_word(p.state), ht_msg_word(p.pending), p.person);
}

static void by_hand(struct fixture *f, int64_t row, enum ht_msg msg)
{
	fixture_must(f, fixture_send(f, row, msg));
	CHECK_F(!fixture_process(f, row).person && fixture_process(f, row).pending == msg, "%s", ht_msg_word(msg));
	fixture_must(f, fixture_answer(f, row, 200, ""));
}

/* A product that is negotiated and delivered by hand: no rule answers, each message waits for a person. */
TEST(a_manual_product)
{
	struct fixture f;
	struct ht_step *s;
	struct ht_message m;

	fixture_init(&f);
	s = fixture_publish(&f, PRODUCT, ANYBODY, "");
	s->in.publish.manual = true;
	fixture_must(&f, s);
	m = fixture_request(&f, "urn:gamma:1", fixture_offer(&f, PRODUCT), ANYBODY);
	fixture_must(&f, fixture_receive(&f, &m, HT_TEXT("")));
	waits(&f, 1, HT_REQUESTED);
	by_hand(&f, 1, HT_MSG_AGREE);
	fixture_must(&f, fixture_says(&f, 1, HT_MSG_VERIFY));
	waits(&f, 1, HT_VERIFIED);
	by_hand(&f, 1, HT_MSG_FINALIZE);
	m = fixture_transfer(&f, "urn:gamma:2", fixture_process(&f, 1).agreement);
	fixture_must(&f, fixture_receive(&f, &m, HT_TEXT("")));
	waits(&f, 2, HT_REQUESTED);
	by_hand(&f, 2, HT_MSG_START);
	CHECK(fixture_process(&f, 2).state == HT_STARTED && fixture_process(&f, 2).address.len);
	fixture_fini(&f);
}

/* A request by hand: neither offer nor agreement is answered by a rule, also when they are what was asked for. */
TEST(a_manual_request)
{
	struct fixture f;
	struct ht_step *s;
	struct ht_message m;

	fixture_init(&f);
	s = fixture_negotiate(&f);
	s->in.negotiate.manual = true;
	fixture_must(&f, s);
	fixture_must(&f, fixture_answer(&f, 1, 201, "urn:gamma:1"));
	m = fixture_message(&f, 1, HT_MSG_OFFER);
	m.policy.text = fixture_process(&f, 1).offer;
	fixture_must(&f, fixture_receive(&f, &m, fixture_process(&f, 1).pid));
	waits(&f, 1, HT_OFFERED);
	by_hand(&f, 1, HT_MSG_ACCEPT);
	fixture_must(&f, fixture_says(&f, 1, HT_MSG_AGREE));
	waits(&f, 1, HT_AGREED);
	by_hand(&f, 1, HT_MSG_VERIFY);
	fixture_must(&f, fixture_says(&f, 1, HT_MSG_FINALIZE));
	CHECK(fixture_process(&f, 1).state == HT_FINALIZED && !fixture_process(&f, 1).person);
	s = fixture_step(&f, HT_STEP_TRANSFER, HT_CONSUMER);
	s->in.transfer.agreement = fixture_process(&f, 1).agreement;
	s->in.transfer.manual = true;
	fixture_must(&f, s);
	fixture_must(&f, fixture_answer(&f, 2, 201, "urn:gamma:2"));
	CHECK(fixture_process(&f, 2).manual && fixture_process(&f, 2).state == HT_REQUESTED && !fixture_process(&f, 2).person);
	fixture_fini(&f);
}

CHECK_MAIN(TEST_ROW(every_verb_from_every_state), TEST_ROW(not_now_and_not_by_everybody), TEST_ROW(counter_offers),
	   TEST_ROW(offers_that_a_provider_begins), TEST_ROW(nothing_binds_that_does_not_hold), TEST_ROW(suspended_and_resumed),
	   TEST_ROW(reasons_are_for_people),
	   TEST_ROW(resumed_too_late), TEST_ROW(a_manual_product), TEST_ROW(a_manual_request))
