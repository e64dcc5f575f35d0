/* desk/push_test.c - a file that the provider pushes to us: when it may, what is kept of it, and who reads it. */
#include "base/count.h"
#include "desk/fixture.h"
#include "model/names.h"
#include "test/check.h"

#define BETA "did:web:alpha.example:p:beta"

enum { SIZE = 5 };

/* Our transfer by push (process 2), requested and acknowledged; its token. */
static void asked_for(struct fixture *f, uint8_t access[32])
{
	struct ht_step *s;
	struct ht_message m;
	struct ht_refusal why;

	fixture_scene(f, SCENE_BOUGHT);
	s = fixture_step(f, HT_STEP_TRANSFER, HT_CONSUMER);
	s->in.transfer.agreement = HT_TEXT("urn:agreement:1");
	s->in.transfer.push = true;
	fixture_must(f, s);
	CHECK(ht_dsp_read(f->effects.posts[0].body, HT_TRANSFER, HT_MSG_REQUEST, &f->arena, &m, &why) && m.has_address);
	CHECK(ht_text_is(m.format, HT_DSP_PUSH) &&
	      ht_text_starts(m.address.endpoint, HT_TEXT("http://alpha.example/p/alpha/push/urn:uuid:")));
	ht_sha256(ht_text_bytes(m.address.authorization), access);
	fixture_must(f, fixture_answer(f, 2, 201, "urn:gamma:2"));
}

/* A file of this content for a transfer of alpha's. */
static struct ht_step *pushed(struct fixture *f, int64_t row, const uint8_t access[32], const char *content)
{
	struct ht_step *s = fixture_step(f, HT_STEP_PUSHED, HT_NOBODY);

	s->in.pushed.pid = fixture_process(f, row).pid;
	memcpy(s->in.pushed.access, access, sizeof(s->in.pushed.access));
	ht_sha256(ht_text_bytes(ht_text_of(content)), s->in.pushed.sha256);
	s->in.pushed.size = SIZE;
	return s;
}

static struct ht_step *read_by(struct fixture *f, const struct ht_party *party, enum ht_role role)
{
	struct ht_step *s = fixture_step(f, HT_STEP_PUSHED_FILE, role);

	s->who.party = *party;
	s->in.read.machine = HT_TRANSFER;
	s->in.read.id = fixture_process(f, 2).pid;
	CHECK(!ht_desk_read(f->store, &f->settings, s, f->now_us));
	return s;
}

static bool same_file(const struct ht_process *p, const char *content)
{
	uint8_t hash[HT_SHA256];

	ht_sha256(ht_text_bytes(ht_text_of(content)), hash);
	return memcmp(p->pushed, hash, sizeof(hash)) == 0 && p->pushed_size == SIZE;
}

/* From the request on until it is suspended or over; START may come later than the file. */
TEST(in_each_state)
{
	static const struct {
		enum ht_state state;
		bool taken;
	} rows[] = {
		{ HT_REQUESTED, true }, { HT_STARTED, true }, { HT_SUSPENDED, false }, { HT_COMPLETED, false }, { HT_TERMINATED, false },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		const char *word = ht_state_word(rows[i].state);
		struct fixture f;
		struct ht_process p;
		uint8_t access[32];
		int64_t leaves;

		asked_for(&f, access);
		fixture_force(&f, 2, rows[i].state);
		leaves = fixture_leaves(&f);
		CHECK_ROW(word, fixture_run(&f, pushed(&f, 2, access, "bytes")) == (rows[i].taken ? HT_REFUSE_NONE : HT_REFUSE_NOT_FOUND));
		p = fixture_process(&f, 2);
		CHECK_ROW(word, p.state == rows[i].state && same_file(&p, "bytes") == rows[i].taken);
		CHECK_ROW(word, fixture_leaves(&f) == leaves + rows[i].taken && f.effects.posts_count == 0);
		CHECK_ROW(word, ht_desk_takes_push(&p, access) == rows[i].taken);
		fixture_fini(&f);
	}
}

/* Who holds or ends a transfer takes no more files from then on, whatever the peer answers to it. */
TEST(not_while_we_hold_or_end_it)
{
	static const enum ht_msg rows[] = { HT_MSG_SUSPEND, HT_MSG_COMPLETE, HT_MSG_TERMINATE };

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		const char *word = ht_msg_word(rows[i]);
		struct fixture f;
		uint8_t access[32];

		asked_for(&f, access);
		fixture_force(&f, 2, HT_STARTED);
		fixture_must(&f, fixture_send(&f, 2, rows[i]));
		CHECK_ROW(word, fixture_run(&f, pushed(&f, 2, access, "bytes")) == HT_REFUSE_NOT_FOUND);
		fixture_must(&f, fixture_answer(&f, 2, 503, ""));
		CHECK_ROW(word, fixture_run(&f, pushed(&f, 2, access, "bytes")) == HT_REFUSE_NOT_FOUND);
		fixture_fini(&f);
	}
}

TEST(before_the_request_is_answered)
{
	struct fixture f;
	struct ht_step *s;
	uint8_t access[32];

	asked_for(&f, access);
	s = fixture_step(&f, HT_STEP_TRANSFER, HT_CONSUMER);
	s->in.transfer.agreement = HT_TEXT("urn:agreement:1");
	s->in.transfer.push = true;
	fixture_must(&f, s);
	CHECK(fixture_run(&f, pushed(&f, 3, access, "bytes")) == HT_REFUSE_NOT_FOUND); /* the token of another transfer */
	CHECK(memcmp(fixture_process(&f, 3).access, access, sizeof(access)) != 0);
	memcpy(access, fixture_process(&f, 3).access, sizeof(access));
	CHECK(fixture_process(&f, 3).pending == HT_MSG_REQUEST && fixture_run(&f, pushed(&f, 3, access, "bytes")) == HT_REFUSE_NONE);
	fixture_fini(&f);
}

TEST(whose_it_is_not)
{
	static const uint8_t none[32];
	struct fixture f;
	struct ht_process p;
	struct ht_step *s;
	uint8_t access[32], other[32];
	int64_t leaves;

	asked_for(&f, access);
	fixture_must(&f, fixture_party(&f, "beta", BETA));
	leaves = fixture_leaves(&f);
	memcpy(other, access, sizeof(other));
	other[31] ^= 1;
	CHECK(fixture_run(&f, pushed(&f, 2, other, "bytes")) == HT_REFUSE_NOT_FOUND);
	CHECK(fixture_run(&f, pushed(&f, 2, none, "bytes")) == HT_REFUSE_NOT_FOUND);
	CHECK(fixture_run(&f, pushed(&f, 1, access, "bytes")) == HT_REFUSE_NOT_FOUND); /* its negotiation */
	s = pushed(&f, 2, access, "bytes");
	s->in.pushed.pid = HT_TEXT("urn:none");
	CHECK(fixture_run(&f, s) == HT_REFUSE_NOT_FOUND);
	s = pushed(&f, 2, access, "bytes");
	s->who.party = (struct ht_party){ .row = 2, .id = HT_TEXT("beta"), .did = HT_TEXT(BETA) };
	CHECK(fixture_run(&f, s) == HT_REFUSE_NOT_FOUND && fixture_leaves(&f) == leaves);
	fixture_fini(&f);

	fixture_scene(&f, SCENE_STARTED); /* a transfer that is fetched, which gave no token */
	CHECK(fixture_run(&f, pushed(&f, 2, none, "bytes")) == HT_REFUSE_NOT_FOUND);
	fixture_fini(&f);
	fixture_scene(&f, SCENE_SERVING); /* one of ours as provider: its token is for fetching */
	p = fixture_process(&f, 2);
	CHECK(fixture_run(&f, pushed(&f, 2, p.access, "bytes")) == HT_REFUSE_NOT_FOUND);
	fixture_fini(&f);
}

/* Who waits for the transfer waits for the file: that it has started says nothing. */
TEST(it_settles)
{
	struct fixture f;
	struct ht_process p;
	uint8_t access[32];

	asked_for(&f, access);
	fixture_must(&f, fixture_says(&f, 2, HT_MSG_START));
	p = fixture_process(&f, 2);
	CHECK(p.state == HT_STARTED && !ht_desk_settled(&p));
	fixture_must(&f, pushed(&f, 2, access, "bytes"));
	p = fixture_process(&f, 2);
	CHECK(ht_desk_settled(&p));
	fixture_fini(&f);
	asked_for(&f, access); /* the other way round: nothing can be completed before START */
	fixture_must(&f, pushed(&f, 2, access, "bytes"));
	p = fixture_process(&f, 2);
	CHECK(!ht_desk_settled(&p));
	fixture_must(&f, fixture_says(&f, 2, HT_MSG_START));
	p = fixture_process(&f, 2);
	CHECK(ht_desk_settled(&p));
	fixture_fini(&f);
}

/* What the batch says is named by nothing any more. */
static bool drops(const struct fixture *f, const char *content)
{
	uint8_t hash[HT_SHA256];

	ht_sha256(ht_text_bytes(ht_text_of(content)), hash);
	return f->effects.drops_count == 1 && memcmp(f->effects.drops[0].sha256, hash, sizeof(hash)) == 0 &&
	       ht_text_is(f->effects.drops[0].party, "alpha");
}

/* The last one counts; what came before it is in the history, and its file goes unless something else names it. */
TEST(pushed_again)
{
	struct fixture f;
	struct ht_process p;
	uint8_t access[32];
	int64_t leaves;

	asked_for(&f, access);
	leaves = fixture_leaves(&f);
	fixture_must(&f, pushed(&f, 2, access, "bytes"));
	CHECK(!f.effects.drops_count);
	fixture_must(&f, pushed(&f, 2, access, "other"));
	CHECK(drops(&f, "bytes"));
	p = fixture_process(&f, 2);
	CHECK(same_file(&p, "other") && fixture_leaves(&f) == leaves + 2);
	fixture_must(&f, pushed(&f, 2, access, "other"));
	CHECK(!f.effects.drops_count);
	access[0] ^= 1;
	CHECK(fixture_run(&f, pushed(&f, 2, access, "late")) == HT_REFUSE_NOT_FOUND && drops(&f, "late"));
	CHECK(fixture_run(&f, pushed(&f, 2, access, "other")) == HT_REFUSE_NOT_FOUND && !f.effects.drops_count);
	fixture_fini(&f);
}

/* Its consumer alone, until it is terminated; then nobody. */
TEST(who_reads_it)
{
	struct ht_party beta = { .row = 2, .id = HT_TEXT("beta"), .did = HT_TEXT(BETA) };
	struct fixture f;
	struct ht_step *s;
	uint8_t access[32];

	asked_for(&f, access);
	fixture_must(&f, fixture_party(&f, "beta", BETA));
	CHECK(read_by(&f, &f.alpha, HT_CONSUMER)->why.code == HT_REFUSE_NOT_FOUND); /* none yet */
	fixture_must(&f, pushed(&f, 2, access, "bytes"));
	s = read_by(&f, &f.alpha, HT_CONSUMER);
	CHECK(s->why.code == HT_REFUSE_NONE && same_file(&s->out.process, "bytes"));
	CHECK(read_by(&f, &beta, HT_CONSUMER)->why.code == HT_REFUSE_NOT_FOUND);
	s = read_by(&f, &f.alpha, HT_CONSUMER);
	s->in.read.machine = HT_NEGOTIATION;
	CHECK(!ht_desk_read(f.store, &f.settings, s, f.now_us) && s->why.code == HT_REFUSE_NOT_FOUND);
	fixture_force(&f, 2, HT_COMPLETED);
	CHECK(read_by(&f, &f.alpha, HT_CONSUMER)->why.code == HT_REFUSE_NONE);
	fixture_force(&f, 2, HT_TERMINATED);
	CHECK(read_by(&f, &f.alpha, HT_CONSUMER)->why.code == HT_REFUSE_STATE);
	fixture_fini(&f);
}

CHECK_MAIN(TEST_ROW(in_each_state), TEST_ROW(not_while_we_hold_or_end_it), TEST_ROW(before_the_request_is_answered),
	   TEST_ROW(whose_it_is_not), TEST_ROW(it_settles), TEST_ROW(pushed_again), TEST_ROW(who_reads_it))
