/* desk/answered_test.c - what comes back of a letter, what a look at the peer says, what is due again, and what people do with dead letters. */
#include "base/count.h"
#include "desk/fixture.h"
#include "model/names.h"
#include "test/check.h"

enum { NEVER = -1, AT_ONCE = 0, BACKOFF = 1, WHEN_NONE_IS_OPEN = 2 };

/* One answer to a letter that was attempted once. due: of the letter then; NEVER: it is gone. open: an older attempt is. */
TEST(answers)
{
	static const struct {
		const char *name;
		enum fixture_scene scene;
		bool open;
		int status;
		const char *peer_pid;
		enum ht_state state;
		enum ht_msg pending;
		enum ht_mark mark;
		int due;
		bool unanswered;
	} rows[] = {
		{ "first: acked",              SCENE_ASKED,     0, 201, "urn:p", HT_REQUESTED,  HT_MSG_NONE,    HT_MARK_SENT, NEVER, 0 },
		{ "first: acked, but who?",    SCENE_ASKED,     0, 201, "",      HT_NONE,       HT_MSG_REQUEST, HT_MARK_SENT, BACKOFF, 1 },
		{ "first: no answer",          SCENE_ASKED,     0, 0,   "",      HT_NONE,       HT_MSG_REQUEST, HT_MARK_SENT, BACKOFF, 1 },
		{ "first: refused",            SCENE_ASKED,     0, 400, "",      HT_TERMINATED, HT_MSG_NONE,    HT_MARK_SENT, NEVER, 0 },
		{ "first: refused, one open",  SCENE_ASKED,     1, 400, "",      HT_NONE,       HT_MSG_REQUEST, HT_MARK_ONCE_MORE, WHEN_NONE_IS_OPEN, 0 },
		{ "first: not for sure",       SCENE_ASKED,     0, 404, "",      HT_NONE,       HT_MSG_REQUEST, HT_MARK_ONCE_MORE, WHEN_NONE_IS_OPEN, 0 },
		{ "acked",                     SCENE_VERIFYING, 0, 200, "",      HT_VERIFIED,   HT_MSG_NONE,    HT_MARK_SENT, NEVER, 0 },
		{ "broken",                    SCENE_VERIFYING, 0, 502, "",      HT_AGREED,     HT_MSG_VERIFY,  HT_MARK_SENT, BACKOFF, 0 },
		{ "later",                     SCENE_VERIFYING, 0, 503, "",      HT_AGREED,     HT_MSG_VERIFY,  HT_MARK_SENT, BACKOFF, 0 },
		{ "too many",                  SCENE_VERIFYING, 0, 429, "",      HT_AGREED,     HT_MSG_VERIFY,  HT_MARK_SENT, BACKOFF, 0 },
		{ "404 says nothing",          SCENE_VERIFYING, 0, 404, "",      HT_AGREED,     HT_MSG_VERIFY,  HT_MARK_SENT, BACKOFF, 0 },
		{ "refused",                   SCENE_VERIFYING, 0, 400, "",      HT_AGREED,     HT_MSG_VERIFY,  HT_MARK_REFUSED, AT_ONCE, 0 },
		{ "refused, one open",         SCENE_VERIFYING, 1, 409, "",      HT_AGREED,     HT_MSG_VERIFY,  HT_MARK_REFUSED, WHEN_NONE_IS_OPEN, 0 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_process p;
		struct ht_letter l = { 0 };
		int64_t open_us = 0;
		bool there;

		fixture_scene(&f, rows[i].scene);
		if (rows[i].open) {
			open_us = f.now_us + 100 * HT_SECOND_US;
			fixture_letter(&f, 1, &l);
			l.open_us = open_us;
			if (ht_store_letter_put(f.store, &l))
				abort();
		}
		if (rows[i].status == 404)
			open_us = f.now_us + 360 * HT_SECOND_US;
		fixture_must(&f, fixture_answer(&f, 1, rows[i].status, rows[i].peer_pid));
		p = fixture_process(&f, 1);
		there = fixture_letter(&f, 1, &l);
		CHECK_F(p.state == rows[i].state && p.pending == rows[i].pending && p.mark == rows[i].mark, "%s: %s, pending %s, mark %d",
			rows[i].name, ht_state_word(p.state), ht_msg_word(p.pending), p.mark);
		CHECK_ROW(rows[i].name, p.unanswered == rows[i].unanswered && there == (rows[i].due != NEVER));
		CHECK_ROW(rows[i].name, rows[i].due != AT_ONCE || l.due_us == f.now_us);
		CHECK_ROW(rows[i].name, rows[i].due != BACKOFF || (l.due_us > f.now_us && l.due_us <= f.now_us + HT_SECOND_US / 10));
		CHECK_ROW(rows[i].name, rows[i].due != WHEN_NONE_IS_OPEN || l.due_us == open_us);
		CHECK_ROW(rows[i].name, there ? ht_desk_due_us(f.desk) == l.due_us : ht_desk_due_us(f.desk) > f.now_us + HT_DAY_US / 2);
		fixture_fini(&f);
	}
}

/* A second answer, or one to a letter that was replaced, says nothing. */
TEST(an_answer_to_another_letter)
{
	struct fixture f;
	struct ht_step *late, *s;

	fixture_scene(&f, SCENE_VERIFYING);
	late = fixture_answer(&f, 1, 400, "");
	s = fixture_send(&f, 1, HT_MSG_TERMINATE);
	fixture_must(&f, s);
	CHECK(fixture_process(&f, 1).pending == HT_MSG_TERMINATE);
	fixture_must(&f, late);
	CHECK(fixture_process(&f, 1).pending == HT_MSG_TERMINATE && fixture_process(&f, 1).mark == HT_MARK_SENT);
	fixture_fini(&f);
}

static void put_mark(struct fixture *f, enum ht_mark mark)
{
	struct ht_process p = fixture_process(f, 1);

	p.mark = mark;
	if (ht_store_process_save(f->store, &p))
		abort();
}

/* What the peer's state says about a verification of ours that was refused. */
TEST(looks)
{
	static const struct {
		const char *name;
		enum ht_mark mark;
		enum ht_state peer, state;
		enum ht_msg pending;
		enum ht_mark then;
	} rows[] = {
		{ "nothing heard",            HT_MARK_REFUSED,       HT_NONE,       HT_AGREED,     HT_MSG_VERIFY,    HT_MARK_REFUSED },
		{ "taken after all",          HT_MARK_REFUSED,       HT_VERIFIED,   HT_VERIFIED,   HT_MSG_NONE,      HT_MARK_SENT },
		{ "ended there",              HT_MARK_REFUSED,       HT_TERMINATED, HT_TERMINATED, HT_MSG_NONE,      HT_MARK_SENT },
		{ "the same state: again",    HT_MARK_REFUSED,       HT_AGREED,     HT_AGREED,     HT_MSG_VERIFY,    HT_MARK_AGAIN },
		{ "meant",                    HT_MARK_REFUSED_AGAIN, HT_AGREED,     HT_AGREED,     HT_MSG_TERMINATE, HT_MARK_SENT },
		{ "meant, against the end",   HT_MARK_REFUSED_AGAIN, HT_FINALIZED,  HT_AGREED,     HT_MSG_NONE,      HT_MARK_SENT },
		{ "not refused: goes on",     HT_MARK_SENT,          HT_AGREED,     HT_AGREED,     HT_MSG_VERIFY,    HT_MARK_SENT },
		{ "not refused, but taken",   HT_MARK_SENT,          HT_VERIFIED,   HT_VERIFIED,   HT_MSG_NONE,      HT_MARK_SENT },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct fixture f;
		struct ht_process p;

		fixture_scene(&f, SCENE_VERIFYING);
		put_mark(&f, rows[i].mark);
		fixture_must(&f, fixture_look(&f, 1, rows[i].peer));
		p = fixture_process(&f, 1);
		CHECK_F(p.state == rows[i].state && p.pending == rows[i].pending && p.mark == rows[i].then, "%s: %s, pending %s, mark %d",
			rows[i].name, ht_state_word(p.state), ht_msg_word(p.pending), p.mark);
		CHECK_ROW(rows[i].name, p.person == (rows[i].peer == HT_FINALIZED));
		CHECK_ROW(rows[i].name, f.effects.posts_count == (rows[i].pending == HT_MSG_TERMINATE));
		fixture_fini(&f);
	}
}

static struct ht_step *due(struct fixture *f)
{
	return fixture_step(f, HT_STEP_DUE, HT_NOBODY);
}

/* Again with the same body and @id; refused: a look; then again for a minute, with small steps; then TERMINATE. */
TEST(from_a_refusal_to_the_end)
{
	struct fixture f;
	struct ht_letter first, l;
	int tries = 0;

	fixture_scene(&f, SCENE_VERIFYING);
	fixture_letter(&f, 1, &first);
	fixture_must(&f, fixture_answer(&f, 1, 0, ""));
	f.now_us = ht_desk_due_us(f.desk);
	fixture_must(&f, due(&f));
	CHECK(f.effects.posts_count == 1 && ht_text_same(f.effects.posts[0].id, first.id) && f.effects.posts[0].body.len > 0);
	fixture_must(&f, fixture_answer(&f, 1, 400, ""));
	fixture_letter(&f, 1, &l);
	CHECK(l.due_us == l.open_us);
	fixture_must(&f, due(&f));
	CHECK(f.effects.looks_count == 0);
	f.now_us = l.open_us;
	fixture_must(&f, due(&f));
	CHECK(f.effects.looks_count == 1 && f.effects.posts_count == 0 && f.effects.looks[0].mark == HT_MARK_REFUSED);
	fixture_must(&f, fixture_look(&f, 1, HT_AGREED));
	while (fixture_process(&f, 1).mark == HT_MARK_AGAIN && tries < 100) {
		f.now_us = ht_desk_due_us(f.desk);
		fixture_must(&f, due(&f));
		CHECK(f.effects.posts_count == 1);
		fixture_must(&f, fixture_answer(&f, 1, 400, ""));
		tries++;
	}
	CHECK_F(tries >= 8 && tries <= 14, "%d tries in a minute", tries);
	CHECK(fixture_process(&f, 1).mark == HT_MARK_REFUSED_AGAIN);
	fixture_must(&f, due(&f));
	CHECK(f.effects.looks_count == 1);
	fixture_must(&f, fixture_look(&f, 1, HT_AGREED));
	CHECK(fixture_process(&f, 1).pending == HT_MSG_TERMINATE);
	fixture_fini(&f);
}

/* A clock that jumps ahead by more than the horizon ends no letter that was hardly tried. */
TEST(jump_beyond_horizon)
{
	struct fixture f;

	fixture_scene(&f, SCENE_VERIFYING);
	f.now_us += 2 * f.settings.horizon_us;
	fixture_must(&f, fixture_answer(&f, 1, 0, ""));
	CHECK(!fixture_process(&f, 1).stalled);
	fixture_fini(&f);
}

/* Until the horizon; then it is a dead letter, which a person may send again. */
TEST(dead_letters)
{
	struct fixture f;
	struct ht_letter l;
	struct ht_step *s;
	int tries = 0;

	fixture_scene(&f, SCENE_VERIFYING);
	while (!fixture_process(&f, 1).stalled && ++tries < 1000) {
		fixture_must(&f, fixture_answer(&f, 1, 0, ""));
		if (fixture_process(&f, 1).stalled || !fixture_letter(&f, 1, &l))
			break;
		f.now_us = l.due_us;
		fixture_must(&f, due(&f));
		CHECK(f.effects.posts_count == 1);
	}
	fixture_letter(&f, 1, &l);
	CHECK(l.due_us == INT64_MAX && f.now_us - l.made_us > f.settings.horizon_us);
	CHECK_F(tries > 432 && tries < 1000, "%d tries in 72 h", tries);
	s = fixture_step(&f, HT_STEP_RETRY, HT_PROVIDER);
	s->in.retry.pid = fixture_process(&f, 1).pid;
	CHECK(fixture_run(&f, s) == HT_REFUSE_NOT_FOUND);
	s->who.role = HT_CONSUMER;
	fixture_must(&f, s);
	CHECK(!fixture_process(&f, 1).stalled && ht_desk_due_us(f.desk) == f.now_us);
	fixture_must(&f, due(&f));
	CHECK(f.effects.posts_count == 1);
	fixture_must(&f, fixture_answer(&f, 1, 200, ""));
	CHECK(fixture_process(&f, 1).state == HT_VERIFIED);
	fixture_fini(&f);
}

/* By hand before it is due, while it is under way, and after a refusal while an attempt is open. */
TEST(sent_again_by_hand)
{
	struct fixture f;
	struct ht_letter l;
	struct ht_step *s;

	fixture_scene(&f, SCENE_VERIFYING);
	s = fixture_step(&f, HT_STEP_RETRY, HT_CONSUMER);
	s->in.retry.pid = fixture_process(&f, 1).pid;
	fixture_must(&f, s);
	CHECK(f.effects.posts_count == 0 && ht_desk_due_us(f.desk) > f.now_us + HT_SECOND_US);
	fixture_must(&f, due(&f));
	CHECK(f.effects.posts_count == 0);

	fixture_must(&f, fixture_answer(&f, 1, 503, ""));
	fixture_must(&f, s);
	CHECK(ht_desk_due_us(f.desk) == f.now_us);
	fixture_must(&f, due(&f));
	CHECK(f.effects.posts_count == 1);
	f.now_us += HT_SECOND_US;
	fixture_must(&f, due(&f)); /* when it had been due */
	CHECK(f.effects.posts_count == 0);

	fixture_must(&f, fixture_answer(&f, 1, 400, ""));
	fixture_must(&f, s);
	fixture_letter(&f, 1, &l);
	CHECK(l.open_us > f.now_us && l.due_us == l.open_us);
	fixture_fini(&f);
}

/* TERMINATE takes the place of a letter that waits: only its own attempt is made when that would have been due. */
TEST(replaced_while_it_waits)
{
	struct fixture f;
	struct ht_step *s;
	int64_t due_us;

	fixture_scene(&f, SCENE_VERIFYING);
	fixture_must(&f, fixture_answer(&f, 1, 503, ""));
	due_us = ht_desk_due_us(f.desk);
	s = fixture_send(&f, 1, HT_MSG_TERMINATE);
	fixture_must(&f, s);
	CHECK(f.effects.posts_count == 1);
	f.now_us = due_us;
	fixture_must(&f, due(&f));
	CHECK(f.effects.posts_count == 0);
	fixture_fini(&f);
}

/* After a restart everything pending is due and open, but dead letters stay dead. */
TEST(started_again)
{
	struct fixture f;
	struct ht_letter l;

	fixture_scene(&f, SCENE_ASKED);
	fixture_restart(&f);
	fixture_letter(&f, 1, &l);
	CHECK(l.due_us == f.now_us && l.open_us == f.now_us + f.settings.open_us && ht_desk_due_us(f.desk) == f.now_us);
	fixture_must(&f, due(&f));
	CHECK(f.effects.posts_count == 1);
	fixture_must(&f, fixture_answer(&f, 1, 400, ""));
	CHECK(fixture_process(&f, 1).mark == HT_MARK_ONCE_MORE);
	f.now_us += f.settings.open_us;
	fixture_must(&f, due(&f));
	CHECK(f.effects.posts_count == 1);
	fixture_must(&f, fixture_answer(&f, 1, 400, ""));
	CHECK(fixture_process(&f, 1).state == HT_TERMINATED);
	fixture_fini(&f);
}

/* What the courier could not take is due again then. */
TEST(postponed)
{
	struct fixture f;

	fixture_scene(&f, SCENE_VERIFYING);
	ht_desk_postpone(f.desk, 1, f.now_us + 5);
	CHECK(ht_desk_due_us(f.desk) == f.now_us + 5);
	f.now_us += 5;
	fixture_must(&f, due(&f));
	CHECK(f.effects.posts_count == 1);
	fixture_fini(&f);
}

/* After a day of quiet the peer is asked, each day; what ended there ends here. */
TEST(a_day_of_quiet)
{
	struct fixture f;

	fixture_scene(&f, SCENE_STARTED);
	f.now_us = ht_desk_due_us(f.desk);
	fixture_must(&f, due(&f));
	CHECK(f.effects.looks_count == 1 && f.effects.looks[0].process == 2 && !f.effects.looks[0].letter.len);
	fixture_must(&f, fixture_look(&f, 2, HT_STARTED));
	CHECK(fixture_process(&f, 2).state == HT_STARTED);
	CHECK(ht_desk_due_us(f.desk) == f.now_us + HT_DAY_US);
	f.now_us = ht_desk_due_us(f.desk);
	fixture_must(&f, due(&f));
	CHECK(f.effects.looks_count == 1);
	fixture_must(&f, fixture_look(&f, 2, HT_COMPLETED));
	CHECK(fixture_process(&f, 2).state == HT_COMPLETED);
	fixture_must(&f, due(&f));
	CHECK(ht_desk_due_us(f.desk) == INT64_MAX || f.effects.looks_count == 0);
	fixture_fini(&f);
}

CHECK_MAIN(TEST_ROW(answers), TEST_ROW(an_answer_to_another_letter), TEST_ROW(looks), TEST_ROW(from_a_refusal_to_the_end),
	   TEST_ROW(jump_beyond_horizon), TEST_ROW(dead_letters), TEST_ROW(sent_again_by_hand), TEST_ROW(replaced_while_it_waits),
	   TEST_ROW(started_again), TEST_ROW(postponed), TEST_ROW(a_day_of_quiet))
