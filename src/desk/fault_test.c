/* desk/fault_test.c - the disk fails at each statement of each kind of step in turn: nothing is written, nothing leaves, nothing is due
 * that was not, and the same step later works. */
#include "base/count.h"
#include "desk/fixture.h"
#include "test/check.h"

enum { STATEMENTS_MAX = 200 };

static char folder[] = "/tmp/hutong-desk-XXXXXX", path[48], log_path[64], index_path[64];

/* One kind of step, in a scene where it does the most. */
struct row {
	const char *name;
	enum fixture_scene scene;
	enum ht_step_kind kind;
	enum ht_role role;
	int64_t process;
	enum ht_msg msg;        /* of a message that is received, or sent by hand */
	int status;             /* of an answer */
	enum ht_state state;    /* of a look */
};

static const struct row rows[] = {
	{ "node started",            SCENE_EMPTY,      HT_STEP_NODE_STARTED, HT_NOBODY, 0, 0, 0, 0 },
	{ "party added",             SCENE_EMPTY,      HT_STEP_PARTY_ADD, HT_OPERATOR, 0, 0, 0, 0 },
	{ "token made",              SCENE_EMPTY,      HT_STEP_TOKEN_NEW, HT_OPERATOR, 0, 0, 0, 0 },
	{ "token revoked",           SCENE_EMPTY,      HT_STEP_TOKEN_REVOKE, HT_OPERATOR, 0, 0, 0, 0 },
	{ "published",               SCENE_PUBLISHED,  HT_STEP_PUBLISH, HT_PROVIDER, 0, 0, 0, 0 },
	{ "negotiate",               SCENE_EMPTY,      HT_STEP_NEGOTIATE, HT_CONSUMER, 0, 0, 0, 0 },
	{ "transfer",                SCENE_BOUGHT,     HT_STEP_TRANSFER, HT_CONSUMER, 0, 0, 0, 0 },
	{ "complete",                SCENE_STARTED,    HT_STEP_SEND, HT_CONSUMER, 2, HT_MSG_COMPLETE, 0, 0 },
	{ "terminate",               SCENE_VERIFYING,  HT_STEP_SEND, HT_CONSUMER, 1, HT_MSG_TERMINATE, 0, 0 },
	{ "given up",                SCENE_ASKED,      HT_STEP_SEND, HT_CONSUMER, 1, HT_MSG_TERMINATE, 0, 0 },
	{ "sent again by hand",      SCENE_VERIFYING,  HT_STEP_RETRY, HT_CONSUMER, 1, 0, 0, 0 },
	{ "agreement received",      SCENE_REQUESTED,  HT_STEP_RECEIVE, HT_NOBODY, 1, HT_MSG_AGREE, 0, 0 },
	{ "agreement overtakes 201", SCENE_ASKED,      HT_STEP_RECEIVE, HT_NOBODY, 1, HT_MSG_AGREE, 0, 0 },
	{ "finalized received",      SCENE_VERIFYING,  HT_STEP_RECEIVE, HT_NOBODY, 1, HT_MSG_FINALIZE, 0, 0 },
	{ "start received",          SCENE_TRANSFER,   HT_STEP_RECEIVE, HT_NOBODY, 2, HT_MSG_START, 0, 0 },
	{ "request received",        SCENE_PUBLISHED,  HT_STEP_RECEIVE, HT_NOBODY, 0, HT_MSG_REQUEST, 0, 0 },
	{ "verification received",   SCENE_AGREED,     HT_STEP_RECEIVE, HT_NOBODY, 1, HT_MSG_VERIFY, 0, 0 },
	{ "terminate received",      SCENE_AGREEING,   HT_STEP_RECEIVE, HT_NOBODY, 1, HT_MSG_TERMINATE, 0, 0 },
	{ "transfer overtakes 200",  SCENE_FINALIZING, HT_STEP_RECEIVE, HT_NOBODY, 0, HT_MSG_REQUEST, 0, 0 },
	{ "answered 201",            SCENE_ASKED,      HT_STEP_ANSWERED, HT_NOBODY, 1, 0, 201, 0 },
	{ "answered 503",            SCENE_VERIFYING,  HT_STEP_ANSWERED, HT_NOBODY, 1, 0, 503, 0 },
	{ "answered 400",            SCENE_VERIFYING,  HT_STEP_ANSWERED, HT_NOBODY, 1, 0, 400, 0 },
	{ "first answered 400",      SCENE_ASKED,      HT_STEP_ANSWERED, HT_NOBODY, 1, 0, 400, 0 },
	{ "looked, taken",           SCENE_VERIFYING,  HT_STEP_LOOKED, HT_NOBODY, 1, 0, 0, HT_VERIFIED },
	{ "looked, ended",           SCENE_VERIFYING,  HT_STEP_LOOKED, HT_NOBODY, 1, 0, 0, HT_TERMINATED },
	{ "served",                  SCENE_SERVING,    HT_STEP_SERVED, HT_PROVIDER, 2, 0, 0, 0 },
	{ "due",                     SCENE_VERIFYING,  HT_STEP_DUE, HT_NOBODY, 1, 0, 0, 0 },
	{ "read by a regulator",     SCENE_SERVING,    HT_STEP_PROCESSES, HT_REGULATOR, 0, 0, 0, 0 },
};

static struct ht_step *received(struct fixture *f, const struct row *row)
{
	struct ht_message m;

	if (row->process)
		return fixture_says(f, row->process, row->msg);
	m = row->scene == SCENE_PUBLISHED ? fixture_request(f, "urn:gamma:1", fixture_offer(f, PRODUCT), ANYBODY)
					  : fixture_transfer(f, "urn:gamma:2", fixture_process(f, 1).agreement);
	return fixture_receive(f, &m, HT_TEXT(""));
}

static struct ht_step *made(struct fixture *f, const struct row *row)
{
	struct ht_text pid = row->process ? fixture_process(f, row->process).pid : HT_TEXT("");
	struct ht_step *s = fixture_step(f, row->kind, row->role);

	if (row->kind == HT_STEP_RECEIVE)
		return received(f, row);
	if (row->kind == HT_STEP_PARTY_ADD)
		return fixture_party(f, "beta", "did:web:alpha.example:p:beta");
	if (row->kind == HT_STEP_PUBLISH)
		return fixture_publish(f, PRODUCT, ANYBODY, "");
	if (row->kind == HT_STEP_NEGOTIATE)
		return fixture_negotiate(f);
	if (row->kind == HT_STEP_SEND)
		return fixture_send(f, row->process, row->msg);
	if (row->kind == HT_STEP_ANSWERED)
		return fixture_answer(f, row->process, row->status, row->status == 201 ? "urn:gamma:1" : "");
	if (row->kind == HT_STEP_LOOKED)
		return fixture_look(f, row->process, row->state);
	if (row->kind == HT_STEP_TOKEN_NEW) {
		s->in.token_new.role = HT_CONSUMER;
		s->in.token_new.party = HT_TEXT("alpha");
	} else if (row->kind == HT_STEP_TOKEN_REVOKE) {
		s->in.token_revoke.id = 1;
	} else if (row->kind == HT_STEP_TRANSFER) {
		s->in.transfer.agreement = HT_TEXT("urn:agreement:1");
	} else if (row->kind == HT_STEP_RETRY) {
		s->in.retry.pid = pid;
	} else if (row->kind == HT_STEP_SERVED) {
		s->in.served.pid = pid;
	} else if (row->kind == HT_STEP_PROCESSES) {
		s->in.read.page.most = 10;
	}
	return s;
}

static void forget(void)
{
	unlink(path);
	unlink(log_path);
	unlink(index_path);
}

static void begin(struct fixture *f, const struct row *row)
{
	struct ht_step *token;

	forget();
	fixture_scene(f, row->scene);
	if (row->kind == HT_STEP_TOKEN_REVOKE) {
		token = fixture_step(f, HT_STEP_TOKEN_NEW, HT_OPERATOR);
		token->in.token_new.role = HT_REGULATOR;
		fixture_must(f, token);
	}
	if (row->kind != HT_STEP_DUE)
		return;
	fixture_must(f, fixture_answer(f, row->process, 503, ""));
	f->now_us += 2 * HT_DAY_US; /* the letter, and the timer of quiet */
}

/* What is on the disk: the log of the store, which every commit makes longer. */
static struct ht_bytes image(struct fixture *f)
{
	FILE *file = fopen(log_path, "rb");
	char *at;
	long len;

	if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) < 0)
		abort();
	rewind(file);
	at = HT_TAKE(&f->arena, char, (size_t)len);
	if (fread(at, 1, (size_t)len, file) != (size_t)len)
		abort();
	fclose(file);
	return (struct ht_bytes){ (const uint8_t *)at, (size_t)len };
}

/* What must be as it was after a batch that failed. */
struct before {
	struct ht_bytes image;
	int64_t due_us;
};

/* False: the step has fewer statements, and has been done. */
static bool fails_at(struct fixture *f, const struct row *row, struct ht_step *s, const struct before *before, int64_t nth)
{
	enum ht_err fault = nth % 2 ? HT_E_FULL : HT_E_IO, err;
	struct ht_arena mark = f->arena;

	f->effects = (struct ht_effects){ .arena = &f->arena };
	ht_store_fail_at(f->store, nth, fault);
	err = ht_desk_batch(f->desk, &s, 1, f->now_us, &f->effects);
	ht_store_fail_at(f->store, 0, HT_OK);
	if (!err)
		return false;
	CHECK_F(err == fault && s->err == fault, "%s, statement %d", row->name, (int)nth);
	CHECK_F(!ht_store_in_step(f->store), "%s, statement %d", row->name, (int)nth);
	CHECK_F(!f->effects.posts_count && !f->effects.looks_count && !f->effects.moved_count, "%s, statement %d", row->name, (int)nth);
	CHECK_F(ht_desk_due_us(f->desk) == before->due_us, "%s, statement %d", row->name, (int)nth);
	CHECK_F(ht_bytes_same(before->image, image(f)), "%s, statement %d", row->name, (int)nth);
	f->arena = mark;
	return true;
}

/* The step works in the end, on what all the failures have left. */
static void run_row(const struct row *row)
{
	struct fixture f;
	struct before before;
	struct ht_step *s;
	int64_t nth = 1, leaves;

	begin(&f, row);
	s = made(&f, row);
	before = (struct before){ image(&f), ht_desk_due_us(f.desk) };
	leaves = fixture_leaves(&f);
	while (nth < STATEMENTS_MAX && fails_at(&f, row, s, &before, nth))
		nth++;
	CHECK_F(nth > 2 && nth < STATEMENTS_MAX, "%s has %d statements", row->name, (int)nth - 1);
	CHECK_ROW(row->name, !s->err && s->why.code == HT_REFUSE_NONE && !s->out.known);
	CHECK_ROW(row->name, fixture_leaves(&f) > leaves || row->status == 503 || row->kind == HT_STEP_DUE);
	CHECK_ROW(row->name, row->kind != HT_STEP_DUE || f.effects.posts_count == 1);
	fixture_fini(&f);
}

TEST(every_statement_of_every_step)
{
	for (size_t i = 0; i < HT_COUNT(rows); i++)
		run_row(&rows[i]);
}

/* Steps that share a batch fail together, those that were done already too. */
TEST(all_of_a_batch)
{
	struct fixture f;
	struct ht_step *steps[3];
	struct ht_bytes before;

	forget();
	fixture_scene(&f, SCENE_VERIFYING);
	steps[0] = fixture_negotiate(&f);
	steps[1] = fixture_says(&f, 1, HT_MSG_FINALIZE);
	steps[2] = fixture_publish(&f, PRODUCT, ANYBODY, "");
	before = image(&f);
	f.effects = (struct ht_effects){ .arena = &f.arena };
	ht_store_fail_at(f.store, 20, HT_E_FULL); /* in the last step */
	CHECK(ht_desk_batch(f.desk, steps, 3, f.now_us, &f.effects) == HT_E_FULL);
	CHECK(steps[0]->err == HT_E_FULL && steps[1]->err == HT_E_FULL && steps[2]->err == HT_E_FULL);
	CHECK(ht_bytes_same(before, image(&f)));
	f.effects = (struct ht_effects){ .arena = &f.arena };
	CHECK(!ht_desk_batch(f.desk, steps, 3, f.now_us, &f.effects));
	CHECK(!steps[0]->err && fixture_process(&f, 1).state == HT_FINALIZED && fixture_process(&f, 2).pending == HT_MSG_REQUEST);
	fixture_fini(&f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(every_statement_of_every_step), TEST_ROW(all_of_a_batch) };
	int result;

	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof path, "%s/store.db", folder);
	snprintf(log_path, sizeof log_path, "%s-wal", path);
	snprintf(index_path, sizeof index_path, "%s-shm", path);
	fixture_path = path;
	result = check_main(tests, HT_COUNT(tests));
	forget();
	rmdir(folder);
	return result;
}
