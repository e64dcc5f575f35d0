/* desk/steps_test.c - what the node, its operator and its parties decide, and what can be read. */
#include "base/count.h"
#include "desk/fixture.h"
#include "model/names.h"
#include "test/check.h"

TEST(every_kind_has_a_word)
{
	for (int i = 0; i < HT_STEP_COUNT; i++) {
		for (int j = 0; j < i; j++)
			CHECK_ROW(ht_step_word((enum ht_step_kind)i),
				  strcmp(ht_step_word((enum ht_step_kind)i), ht_step_word((enum ht_step_kind)j)));
	}
}

TEST(parties_and_tokens)
{
	struct fixture f;
	struct ht_step *s;

	fixture_init(&f);
	CHECK(fixture_run(&f, fixture_party(&f, "alpha", "did:web:other")) == HT_REFUSE_EXISTS);
	s = fixture_party(&f, "beta", "did:web:alpha.example:p:beta");
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE && s->out.party.row == 2);

	s = fixture_step(&f, HT_STEP_TOKEN_NEW, HT_OPERATOR);
	s->in.token_new.role = HT_PROVIDER;
	s->in.token_new.party = HT_TEXT("gamma");
	CHECK(fixture_run(&f, s) == HT_REFUSE_NOT_FOUND);
	s->in.token_new.party = HT_TEXT("alpha");
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE && s->out.token > 0);
	s = fixture_step(&f, HT_STEP_TOKEN_REVOKE, HT_OPERATOR);
	s->in.token_revoke.id = 1;
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE);
	CHECK(fixture_run(&f, s) == HT_REFUSE_NOT_FOUND);
	fixture_fini(&f);
}

TEST(an_operator_stays)
{
	struct fixture f;
	struct ht_step *made, *more, *revoke;

	fixture_init(&f);
	made = fixture_step(&f, HT_STEP_TOKEN_NEW, HT_OPERATOR);
	made->in.token_new.role = HT_OPERATOR;
	CHECK(fixture_run(&f, made) == HT_REFUSE_NONE);
	revoke = fixture_step(&f, HT_STEP_TOKEN_REVOKE, HT_OPERATOR);
	revoke->in.token_revoke.id = made->out.token;
	CHECK(fixture_run(&f, revoke) == HT_REFUSE_LAST_OPERATOR);
	more = fixture_step(&f, HT_STEP_TOKEN_NEW, HT_OPERATOR);
	more->in.token_new.role = HT_OPERATOR;
	more->in.token_new.hash[0] = 1;
	CHECK(fixture_run(&f, more) == HT_REFUSE_NONE);
	CHECK(fixture_run(&f, revoke) == HT_REFUSE_NONE);
	fixture_fini(&f);
}

/* A new version opens nothing by itself: terms that are not named stay. */
TEST(terms_of_a_new_version)
{
	struct fixture f;
	struct ht_step *s;

	fixture_init(&f);
	s = fixture_publish(&f, PRODUCT, "", "");
	s->in.publish.audience = (struct ht_text){ NULL, 0 };
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE);
	CHECK(ht_text_is(s->out.product.policy, ANYBODY) && !s->out.product.audience.len);
	s = fixture_publish(&f, PRODUCT, "{\"permission\":[]}", "did:web:gamma");
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE);
	s = fixture_publish(&f, PRODUCT, "", "");
	s->in.publish.audience = (struct ht_text){ NULL, 0 };
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE);
	CHECK(ht_text_is(s->out.product.policy, "{\"permission\":[]}") && ht_text_is(s->out.product.audience, "did:web:gamma"));
	s = fixture_publish(&f, PRODUCT, ANYBODY, "");
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE);
	CHECK(ht_text_is(s->out.product.policy, ANYBODY) && !s->out.product.audience.len);
	fixture_fini(&f);
}

/* The same offer keeps its @id only as long as its version stands. */
TEST(versions_of_a_product)
{
	struct fixture f;
	struct ht_step *first, *second;

	fixture_init(&f);
	first = fixture_publish(&f, PRODUCT, ANYBODY, "");
	second = fixture_publish(&f, PRODUCT, ANYBODY, "");
	CHECK(fixture_run(&f, first) == HT_REFUSE_NONE && first->out.product.version == 1);
	CHECK(fixture_run(&f, second) == HT_REFUSE_NONE && second->out.product.version == 2);
	CHECK(!ht_text_same(first->out.product.offer, second->out.product.offer));
	CHECK(first->out.product.chain == second->out.product.chain);
	fixture_fini(&f);
}

/* A whole purchase as consumer: what is pending and sent after each step is in the scenes; here, how it ends. */
TEST(a_purchase)
{
	struct fixture f;
	struct ht_step *s;
	struct ht_process p;

	fixture_scene(&f, SCENE_STARTED);
	p = fixture_process(&f, 1);
	CHECK(p.state == HT_FINALIZED && ht_text_is(p.agreement, "urn:agreement:1") && ht_text_is(p.peer_pid, "urn:gamma:1"));
	p = fixture_process(&f, 2);
	CHECK(p.state == HT_STARTED && p.address.len && p.parent == 1 && p.chain == fixture_process(&f, 1).chain);
	s = fixture_send(&f, 2, HT_MSG_COMPLETE);
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE && f.effects.posts_count == 1 && !f.effects.posts[0].first);
	CHECK(fixture_run(&f, s) == HT_REFUSE_PENDING);
	fixture_must(&f, fixture_answer(&f, 2, 200, ""));
	CHECK(fixture_process(&f, 2).state == HT_COMPLETED);
	CHECK(fixture_run(&f, s) == HT_REFUSE_STATE);
	fixture_fini(&f);
}

TEST(a_sale)
{
	struct fixture f;
	struct ht_step *s;
	struct ht_process p;

	fixture_scene(&f, SCENE_SERVING);
	p = fixture_process(&f, 1);
	CHECK(p.state == HT_FINALIZED && p.version == 1 && p.role == HT_PROVIDER);
	p = fixture_process(&f, 2);
	CHECK(p.state == HT_STARTED && ht_text_same(p.agreement, fixture_process(&f, 1).agreement));
	s = fixture_step(&f, HT_STEP_SERVED, HT_PROVIDER);
	s->in.served.pid = p.pid;
	s->in.served.bytes = 3;
	s->in.served.whole = true;
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE);
	s->in.served.pid = HT_TEXT("urn:none");
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE);
	fixture_fini(&f);
}

/* Under which agreements a transfer may be asked for. */
TEST(transfers)
{
	static const struct {
		const char *name;
		enum fixture_scene scene;
		const char *agreement;
		enum ht_refuse want;
	} rows[] = {
		{ "bought",              SCENE_BOUGHT,    "urn:agreement:1", HT_REFUSE_NONE },
		{ "not FINALIZED",       SCENE_VERIFYING, "urn:agreement:1", HT_REFUSE_AGREEMENT_OVER },
		{ "no such agreement",   SCENE_BOUGHT,    "urn:none",        HT_REFUSE_AGREEMENT_UNKNOWN },
		{ "as provider",         SCENE_SOLD,      NULL,              HT_REFUSE_AGREEMENT_UNKNOWN },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_step *s;

		fixture_scene(&f, rows[i].scene);
		s = fixture_step(&f, HT_STEP_TRANSFER, HT_CONSUMER);
		s->in.transfer.agreement = rows[i].agreement ? ht_text_of(rows[i].agreement) : fixture_process(&f, 1).agreement;
		CHECK_ROW(rows[i].name, fixture_run(&f, s) == rows[i].want);
		CHECK_ROW(rows[i].name, f.effects.posts_count == (rows[i].want == HT_REFUSE_NONE));
		fixture_fini(&f);
	}
}

/* What becomes of a process that a person terminates. */
TEST(terminate)
{
	static const struct {
		const char *name;
		enum fixture_scene scene;
		int64_t process;
		enum ht_machine machine;
		enum ht_role role;
		enum ht_refuse want;
		enum ht_state state;
		enum ht_msg pending;
	} rows[] = {
		{ "first message given up", SCENE_ASKED,      1, HT_NEGOTIATION, HT_CONSUMER, HT_REFUSE_NONE,      HT_TERMINATED, HT_MSG_NONE },
		{ "nothing pending",        SCENE_REQUESTED,  1, HT_NEGOTIATION, HT_CONSUMER, HT_REFUSE_NONE,      HT_REQUESTED,  HT_MSG_TERMINATE },
		{ "in place of a letter",   SCENE_VERIFYING,  1, HT_NEGOTIATION, HT_CONSUMER, HT_REFUSE_NONE,      HT_AGREED,     HT_MSG_TERMINATE },
		{ "at the end",             SCENE_BOUGHT,     1, HT_NEGOTIATION, HT_CONSUMER, HT_REFUSE_STATE,     HT_FINALIZED,  HT_MSG_NONE },
		{ "in doubt",               SCENE_FINALIZING, 1, HT_NEGOTIATION, HT_PROVIDER, HT_REFUSE_IN_DOUBT,  HT_VERIFIED,   HT_MSG_FINALIZE },
		{ "in the other role",      SCENE_REQUESTED,  1, HT_NEGOTIATION, HT_PROVIDER, HT_REFUSE_NOT_FOUND, HT_REQUESTED,  HT_MSG_NONE },
		{ "of the other machine",   SCENE_REQUESTED,  1, HT_TRANSFER,    HT_CONSUMER, HT_REFUSE_NOT_FOUND, HT_REQUESTED,  HT_MSG_NONE },
		{ "a transfer",             SCENE_SERVING,    2, HT_TRANSFER,    HT_PROVIDER, HT_REFUSE_NONE,      HT_STARTED,    HT_MSG_TERMINATE },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_step *s;
		struct ht_process p;

		fixture_scene(&f, rows[i].scene);
		s = fixture_step(&f, HT_STEP_SEND, rows[i].role);
		s->in.send.machine = rows[i].machine;
		s->in.send.msg = HT_MSG_TERMINATE;
		s->in.send.pid = fixture_process(&f, rows[i].process).pid;
		s->in.send.reason = HT_TEXT("enough");
		CHECK_ROW(rows[i].name, fixture_run(&f, s) == rows[i].want);
		p = fixture_process(&f, rows[i].process);
		CHECK_F(p.state == rows[i].state && p.pending == rows[i].pending, "%s: %s, pending %s", rows[i].name,
			ht_state_word(p.state), ht_msg_word(p.pending));
		CHECK_ROW(rows[i].name, rows[i].want != HT_REFUSE_NONE || ht_text_is(p.reason, "enough"));
		fixture_fini(&f);
	}
}

/* Reads: how many of each there are, and who may see them. */
TEST(reads)
{
	static const struct {
		const char *name;
		enum fixture_scene scene;
		enum ht_step_kind kind;
		enum ht_machine machine;
		const char *peer;
		enum ht_refuse want;
		size_t count;
	} rows[] = {
		{ "parties",              SCENE_EMPTY,     HT_STEP_PARTIES,      HT_NEGOTIATION, "",    HT_REFUSE_NONE, 1 },
		{ "tokens",               SCENE_EMPTY,     HT_STEP_TOKENS,       HT_NEGOTIATION, "",    HT_REFUSE_NONE, 0 },
		{ "products",             SCENE_PUBLISHED, HT_STEP_PRODUCTS,     HT_NEGOTIATION, "",    HT_REFUSE_NONE, 1 },
		{ "offers",               SCENE_PUBLISHED, HT_STEP_OFFERS,       HT_NEGOTIATION, "",    HT_REFUSE_NONE, 1 },
		{ "no offers",            SCENE_EMPTY,     HT_STEP_OFFERS,       HT_NEGOTIATION, "",    HT_REFUSE_NONE, 0 },
		{ "negotiations",         SCENE_SERVING,   HT_STEP_PROCESSES,    HT_NEGOTIATION, "",    HT_REFUSE_NONE, 1 },
		{ "transfers",            SCENE_SERVING,   HT_STEP_PROCESSES,    HT_TRANSFER,    "",    HT_REFUSE_NONE, 1 },
		{ "a negotiation",        SCENE_SERVING,   HT_STEP_PROCESS,      HT_NEGOTIATION, "",    HT_REFUSE_NONE, 1 },
		{ "it is no transfer",    SCENE_SERVING,   HT_STEP_PROCESS,      HT_TRANSFER,    "",    HT_REFUSE_NOT_FOUND, 0 },
		{ "the peer looks",       SCENE_SERVING,   HT_STEP_PEER_PROCESS, HT_NEGOTIATION, GAMMA, HT_REFUSE_NONE, 1 },
		{ "somebody else looks",  SCENE_SERVING,   HT_STEP_PEER_PROCESS, HT_NEGOTIATION, ALPHA, HT_REFUSE_NOT_FOUND, 1 },
		{ "agreements",           SCENE_BOUGHT,    HT_STEP_AGREEMENTS,   HT_NEGOTIATION, "",    HT_REFUSE_NONE, 1 },
		{ "letters",              SCENE_ASKED,     HT_STEP_LETTERS,      HT_NEGOTIATION, "",    HT_REFUSE_NONE, 1 },
		{ "no letters",           SCENE_BOUGHT,    HT_STEP_LETTERS,      HT_NEGOTIATION, "",    HT_REFUSE_NONE, 0 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_step *s;

		fixture_scene(&f, rows[i].scene);
		s = fixture_step(&f, rows[i].kind, HT_NOBODY);
		if (rows[i].kind == HT_STEP_PROCESS || rows[i].kind == HT_STEP_PEER_PROCESS)
			s->in.read.id = fixture_process(&f, 1).pid;
		s->in.read.machine = rows[i].machine;
		s->in.read.peer = ht_text_of(rows[i].peer);
		s->in.read.page.most = 10;
		CHECK_ROW(rows[i].name, !ht_desk_read(f.store, &f.settings, s, f.now_us));
		CHECK_ROW(rows[i].name, s->why.code == rows[i].want && s->out.count == rows[i].count);
		fixture_fini(&f);
	}
}

/* What the gate says to the token of process 2. */
static enum ht_refuse gate(struct fixture *f)
{
	struct ht_process p = fixture_process(f, 2);
	struct ht_step *s = fixture_step(f, HT_STEP_DELIVERY, HT_NOBODY);

	s->in.read.id = p.pid;
	memcpy(s->in.read.access, p.access, sizeof(p.access));
	CHECK(!ht_desk_read(f->store, &f->settings, s, f->now_us));
	return s->why.code;
}

/* Who holds or ends a transfer closes its gate at once, whatever the peer answers to it. */
TEST(the_gate_does_not_wait_for_the_peer)
{
	static const enum ht_msg rows[] = { HT_MSG_SUSPEND, HT_MSG_COMPLETE, HT_MSG_TERMINATE };

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		const char *word = ht_msg_word(rows[i]);
		struct fixture f;
		struct ht_process p;

		fixture_scene(&f, SCENE_STARTING);
		CHECK_ROW(word, gate(&f) == HT_REFUSE_NONE);
		fixture_must(&f, fixture_answer(&f, 2, 200, ""));
		CHECK_ROW(word, gate(&f) == HT_REFUSE_NONE);
		fixture_must(&f, fixture_send(&f, 2, rows[i]));
		CHECK_ROW(word, gate(&f) == HT_REFUSE_STATE);
		fixture_must(&f, fixture_answer(&f, 2, 503, ""));
		CHECK_ROW(word, gate(&f) == HT_REFUSE_STATE);
		p = fixture_process(&f, 2);
		p.pending = HT_MSG_NONE; /* refused for good: the peer goes on as if nothing had been said */
		p.person = true;
		CHECK_ROW(word, !ht_store_process_save(f.store, &p) && gate(&f) == HT_REFUSE_STATE);
		fixture_fini(&f);
	}
}

/* A regulator sees everything, and each look leaves a leaf in the node's chain. */
TEST(a_regulator_reads)
{
	struct fixture f;
	struct ht_step *s;
	int64_t leaves;

	fixture_scene(&f, SCENE_SERVING);
	leaves = fixture_leaves(&f);
	s = fixture_step(&f, HT_STEP_PROCESSES, HT_REGULATOR);
	s->who.party = (struct ht_party){ 0 };
	s->in.read.page.most = 10;
	CHECK(fixture_run(&f, s) == HT_REFUSE_NONE && s->out.count == 1);
	CHECK(fixture_leaves(&f) == leaves + 1);
	fixture_fini(&f);
}

/* While its first message is pending a process shows what it leads to. */
/* An @id of an offer that was given stands for one product, its terms and its content, also when it is no longer offered. */
TEST(an_offer_id_is_one_offer)
{
	static const struct { const char *row, *id, *offer, *policy, *file; enum ht_refuse want; } rows[] = {
		{ "the first", PRODUCT, "urn:o", ANYBODY, "a", HT_REFUSE_NONE },
		{ "the same again", PRODUCT, "urn:o", ANYBODY, "a", HT_REFUSE_NONE },
		{ "another content", PRODUCT, "urn:o", ANYBODY, "b", HT_REFUSE_EXISTS },
		{ "other terms", PRODUCT, "urn:o", BEFORE_2020, "a", HT_REFUSE_EXISTS },
		{ "another product", "urn:product:two", "urn:o", ANYBODY, "a", HT_REFUSE_EXISTS },
		{ "another id", PRODUCT, "urn:p", ANYBODY, "b", HT_REFUSE_NONE },
		{ "the old one is not free", PRODUCT, "urn:o", ANYBODY, "c", HT_REFUSE_EXISTS },
	};
	struct fixture f;

	fixture_init(&f);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_step *s = fixture_publish(&f, rows[i].id, rows[i].policy, "");

		s->in.publish.offer = ht_text_of(rows[i].offer);
		s->in.publish.sha256[0] = (uint8_t)rows[i].file[0];
		CHECK_ROW(rows[i].row, fixture_run(&f, s) == rows[i].want);
	}
	fixture_fini(&f);
}

TEST(shown_before_it_is_acknowledged)
{
	struct fixture f;
	struct ht_step *s;

	fixture_scene(&f, SCENE_ASKED);
	s = fixture_step(&f, HT_STEP_PEER_PROCESS, HT_NOBODY);
	s->in.read.id = fixture_process(&f, 1).pid;
	s->in.read.peer = HT_TEXT(GAMMA);
	CHECK(!ht_desk_read(f.store, &f.settings, s, f.now_us) && ht_desk_shown(&s->out.process) == HT_REQUESTED);
	fixture_fini(&f);
}

/* Steps that came together: each sees what those before it did, and what is refused leaves the others alone. */
TEST(together)
{
	struct fixture f;
	struct ht_step *steps[4];
	struct ht_message m;

	fixture_scene(&f, SCENE_AGREED);
	m = fixture_message(&f, 1, HT_MSG_VERIFY);
	steps[0] = fixture_receive(&f, &m, fixture_process(&f, 1).pid);
	steps[1] = fixture_again(&f, steps[0]);
	m = fixture_transfer(&f, "urn:gamma:2", fixture_process(&f, 1).agreement);
	steps[2] = fixture_receive(&f, &m, HT_TEXT(""));
	steps[3] = fixture_says(&f, 1, HT_MSG_FINALIZE);
	f.effects = (struct ht_effects){ .arena = &f.arena };
	CHECK(!ht_desk_batch(f.desk, steps, 4, f.now_us, &f.effects));
	CHECK(steps[0]->why.code == HT_REFUSE_NONE && !steps[0]->out.known);
	CHECK(steps[1]->why.code == HT_REFUSE_NONE && steps[1]->out.known);
	CHECK(steps[2]->why.code == HT_REFUSE_NONE && steps[2]->out.created);
	CHECK(steps[3]->why.code == HT_REFUSE_STATE);
	CHECK(fixture_process(&f, 1).state == HT_FINALIZED && fixture_process(&f, 2).pending == HT_MSG_START);
	CHECK(f.effects.parties_count == 1 && f.effects.parties[0] == fixture_process(&f, 1).party); /* whose leaves are new, once */
	fixture_fini(&f);
}

CHECK_MAIN(TEST_ROW(every_kind_has_a_word), TEST_ROW(parties_and_tokens), TEST_ROW(an_operator_stays), TEST_ROW(terms_of_a_new_version),
	   TEST_ROW(versions_of_a_product), TEST_ROW(a_purchase), TEST_ROW(a_sale), TEST_ROW(transfers), TEST_ROW(terminate),
	   TEST_ROW(reads), TEST_ROW(the_gate_does_not_wait_for_the_peer), TEST_ROW(a_regulator_reads), TEST_ROW(an_offer_id_is_one_offer),
	   TEST_ROW(shown_before_it_is_acknowledged), TEST_ROW(together))
