/* store/fault_test.c - every call of the store with each fault: the one that ht_store_fail_at() makes, and real ones of the
 * disk, made by a layer under SQLite. A batch that fails leaves nothing, and the next one works. */
#include "store/store.h"

#include "base/count.h"
#include "store/bad_disk.h"
#include "store/migrate.h"
#include "store/sample.h"
#include "test/check.h"

#define OK(call) CHECK((call) == HT_OK)

static const struct { const char *row; enum operation operation; int code; enum ht_err err; } disk_faults[] = {
	{ "full", WRITE, SQLITE_FULL, HT_E_FULL },
	{ "write", WRITE, SQLITE_IOERR_WRITE, HT_E_IO },
	{ "sync", SYNC, SQLITE_IOERR_FSYNC, HT_E_SYNC },
	{ "sync of the folder", SYNC, SQLITE_IOERR_DIR_FSYNC, HT_E_SYNC },
};

static void set_fault(size_t i, int nth)
{
	fault.operation = disk_faults[i].operation;
	fault.code = disk_faults[i].code;
	fault.in = nth;
}

/* A number for all that is in the file. */
static uint64_t digest(struct ht_store *s)
{
	sqlite3_stmt *tables, *rows;
	uint64_t sum = 14695981039346656037u;
	char sql[256];

	CHECK(sqlite3_prepare_v2(s->db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1, &tables, NULL) ==
	      SQLITE_OK);
	while (sqlite3_step(tables) == SQLITE_ROW) {
		snprintf(sql, sizeof sql, "SELECT * FROM %s", (const char *)sqlite3_column_text(tables, 0));
		CHECK(sqlite3_prepare_v2(s->db, sql, -1, &rows, NULL) == SQLITE_OK);
		while (sqlite3_step(rows) == SQLITE_ROW) {
			for (int c = 0; c < sqlite3_column_count(rows); c++) {
				const uint8_t *at = sqlite3_column_blob(rows, c);
				int len = sqlite3_column_bytes(rows, c);

				for (int i = 0; i <= len; i++)
					sum = (sum ^ (i < len ? at[i] : 255u)) * 1099511628211u;
			}
		}
		sqlite3_finalize(rows);
	}
	sqlite3_finalize(tables);
	return sum;
}

/* Each call once, on a store that has one of everything; those that write change something. */
static struct ht_process process;

static enum ht_err meta_put(struct sample *m)
{
	return ht_store_meta_put(m->s, "more", HT_TEXT("1"));
}

static enum ht_err party_add(struct sample *m)
{
	struct ht_party_row p = sample_party(m, 9);
	int64_t row;

	return ht_store_party_add(m->s, &p, &row);
}

static enum ht_err key_add(struct sample *m)
{
	return ht_store_key_add(m->s, &(struct ht_key_row){ .party = 1, .kid = HT_TEXT("more") });
}

static enum ht_err token_add(struct sample *m)
{
	int64_t id;

	return ht_store_token_add(m->s, &(struct ht_token_row){ .role = HT_OPERATOR, .hash = { 9 } }, &id);
}

static enum ht_err token_revoke(struct sample *m)
{
	return ht_store_token_revoke(m->s, 1, 5);
}

static enum ht_err product_add(struct sample *m)
{
	struct ht_product p = sample_product(m, 1, "urn:x", 2);
	int64_t row;

	return ht_store_product_add(m->s, &p, &row);
}

static enum ht_err process_add(struct sample *m)
{
	struct ht_process p = sample_process(1, "urn:uuid:more");
	int64_t row;

	p.peer_pid = p.pid;
	return ht_store_process_add(m->s, &p, &row);
}

static enum ht_err process_save(struct sample *m)
{
	struct ht_process p = process;

	p.reason = HT_TEXT("another");
	return ht_store_process_save(m->s, &p);
}

static enum ht_err process_peer_pid(struct sample *m)
{
	return ht_store_process_peer_pid(m->s, 1, HT_TEXT("another"));
}

static enum ht_err agreement_add(struct sample *m)
{
	struct ht_agreement g = sample_agreement(1, "urn:more", 1);

	return ht_store_agreement_add(m->s, &g);
}

static enum ht_err letter_put(struct sample *m)
{
	struct ht_letter l = sample_letter(1);

	l.attempts = 99;
	return ht_store_letter_put(m->s, &l);
}

static enum ht_err letter_remove(struct sample *m)
{
	return ht_store_letter_remove(m->s, 1);
}

static enum ht_err letters_reopen(struct sample *m)
{
	int64_t n;

	return ht_store_letters_reopen(m->s, 1000, 1360, &n);
}

static enum ht_err message_add(struct sample *m)
{
	struct ht_message_row row = sample_message(1, "urn:more");

	return ht_store_message_add(m->s, &row);
}

static enum ht_err seen_add(struct sample *m)
{
	bool fresh;

	return ht_store_seen_add(m->s, HT_TEXT("more"), HT_TEXT("did:a"), 5, &fresh);
}

static enum ht_err seen_forget(struct sample *m)
{
	return ht_store_seen_forget(m->s, 100, 10);
}

static enum ht_err timer_add(struct sample *m)
{
	return ht_store_timer_add(m->s, (struct ht_timer){ 9, 9, 9 });
}

static enum ht_err timer_remove(struct sample *m)
{
	return ht_store_timer_remove(m->s, (struct ht_timer){ 1, 1, 1 });
}

static enum ht_err leaf_add(struct sample *m)
{
	struct ht_leaf leaf = { .index = 1, .party_row = 1, .event = 2, .seq = 1, .content = { (const uint8_t *)"x", 1 } };

	return ht_store_leaf_add(m->s, &leaf);
}

static const struct { const char *row; enum ht_err (*run)(struct sample *m); } writes[] = {
	{ "meta_put", meta_put }, { "party_add", party_add }, { "key_add", key_add }, { "token_add", token_add },
	{ "token_revoke", token_revoke }, { "product_add", product_add }, { "process_add", process_add }, { "process_save", process_save },
	{ "process_peer_pid", process_peer_pid }, { "agreement_add", agreement_add }, { "letter_put", letter_put },
	{ "letter_remove", letter_remove }, { "letters_reopen", letters_reopen }, { "message_add", message_add }, { "seen_add", seen_add },
	{ "seen_forget", seen_forget }, { "timer_add", timer_add }, { "timer_remove", timer_remove }, { "leaf_add", leaf_add },
};

static void fill(struct sample *m)
{
	struct ht_party_row party = sample_party(m, 1);
	struct ht_product product = sample_product(m, 1, "urn:x", 1);
	struct ht_agreement g = sample_agreement(1, "urn:g", 1);
	struct ht_letter letter = sample_letter(1);
	struct ht_message_row message = sample_message(1, "urn:uuid:m");
	struct ht_leaf leaf = sample_leaf(m->s, 1, -1);
	int64_t row;
	bool fresh;

	process = sample_process(1, "urn:uuid:1");
	OK(ht_store_begin(m->s));
	OK(ht_store_party_add(m->s, &party, &row));
	OK(ht_store_key_add(m->s, &(struct ht_key_row){ .party = 1, .kid = HT_TEXT("kid") }));
	OK(ht_store_token_add(m->s, &(struct ht_token_row){ .role = HT_OPERATOR }, &row));
	OK(ht_store_product_add(m->s, &product, &row));
	OK(ht_store_process_add(m->s, &process, &process.row));
	OK(ht_store_agreement_add(m->s, &g));
	OK(ht_store_letter_put(m->s, &letter));
	OK(ht_store_message_add(m->s, &message));
	OK(ht_store_seen_add(m->s, HT_TEXT("j"), HT_TEXT("did:a"), 5, &fresh));
	OK(ht_store_timer_add(m->s, (struct ht_timer){ 1, 1, 1 }));
	OK(ht_store_leaf_add(m->s, &leaf));
	OK(ht_store_commit(m->s));
}

/* Begin, all writes, commit. On an error nothing of it is left and no transaction is open. */
static enum ht_err batch(struct sample *m)
{
	enum ht_err err = ht_store_begin(m->s);

	for (size_t i = 0; i < HT_COUNT(writes) && !err; i++)
		err = writes[i].run(m);
	return err ? err : ht_store_commit(m->s);
}

TEST(each_write_fails_at_each_statement)
{
	static const enum ht_err errs[] = { HT_E_FULL, HT_E_IO, HT_E_SYNC };
	struct sample m;
	uint64_t before;

	sample_open(&m);
	fill(&m);
	before = digest(m.s);
	for (size_t i = 0; i < HT_COUNT(writes); i++)
	for (size_t e = 0; e < HT_COUNT(errs); e++) {
		enum ht_err err = errs[e];

		for (int n = 1; err; n++) {
			OK(ht_store_begin(m.s));
			OK(meta_put(&m)); /* written before, in the same transaction */
			ht_store_fail_at(m.s, n, errs[e]);
			err = i ? writes[i].run(&m) : ht_store_meta_put(m.s, "again", HT_TEXT("1"));
			CHECK_ROW(writes[i].row, err == HT_OK || (err == errs[e] && !ht_store_in_step(m.s)));
			CHECK_ROW(writes[i].row, (n == 1) <= (err != HT_OK));
			CHECK_ROW(writes[i].row, !err || digest(m.s) == before);
			CHECK_ROW(writes[i].row, err || digest(m.s) != before);
			ht_store_fail_at(m.s, 0, HT_OK);
			ht_store_rollback(m.s);
			CHECK_ROW(writes[i].row, digest(m.s) == before);
		}
	}
	sample_fini(&m);
}

TEST(a_batch_fails_at_each_statement)
{
	struct sample m;
	enum ht_err err = HT_E_FULL;
	uint64_t before;
	int n;

	sample_open(&m);
	fill(&m);
	before = digest(m.s);
	for (n = 1; err; n++) {
		ht_store_fail_at(m.s, n, HT_E_FULL);
		err = batch(&m);
		CHECK_F(!ht_store_in_step(m.s) && (!err || (err == HT_E_FULL && digest(m.s) == before)), "statement %d", n);
	}
	CHECK(n > (int)HT_COUNT(writes) + 2 && digest(m.s) != before); /* also BEGIN and COMMIT have failed */
	ht_store_fail_at(m.s, 1, HT_E_SYNC);
	CHECK(ht_store_checkpoint(m.s, 0) == HT_E_SYNC);
	OK(ht_store_checkpoint(m.s, 0));
	sample_fini(&m);
}

TEST(each_read_fails)
{
	struct sample m;
	struct ht_text t, id = HT_TEXT("x");
	struct ht_page page = { 0, 10 };
	struct ht_party_row party, *parties;
	struct ht_key_row *keys;
	struct ht_token_row token, *tokens;
	struct ht_product product, *products;
	struct ht_process p, *processes;
	struct ht_agreement g, *agreements;
	struct ht_letter letter, *letters;
	struct ht_message_row message;
	struct ht_timer timer;
	struct ht_leaf leaf, *leaves;
	struct ht_leaf_head head;
	uint8_t hash[32] = { 0 };
	int64_t chain;
	size_t n;
	bool found;

	sample_open(&m);
	fill(&m);
#define FAILS(...) (ht_store_fail_at(m.s, 1, HT_E_IO), CHECK(__VA_ARGS__ == HT_E_IO), OK(__VA_ARGS__))
	FAILS(ht_store_meta(m.s, "x", &m.a, &t, &found));
	FAILS(ht_store_party(m.s, 1, &m.a, &party, &found));
	FAILS(ht_store_party_by_id(m.s, id, &m.a, &party, &found));
	FAILS(ht_store_party_by_did(m.s, id, &m.a, &party, &found));
	FAILS(ht_store_parties(m.s, page, &m.a, &parties, &n));
	FAILS(ht_store_keys(m.s, 1, 1, &m.a, &keys, &n));
	FAILS(ht_store_token_by_hash(m.s, hash, &m.a, &token, &found));
	FAILS(ht_store_token(m.s, 1, &m.a, &token, &found));
	FAILS(ht_store_tokens(m.s, page, &m.a, &tokens, &n));
	FAILS(ht_store_product(m.s, 1, id, 0, &m.a, &product, &found));
	FAILS(ht_store_product_by_offer(m.s, 1, id, &m.a, &product, &found));
	FAILS(ht_store_product_next(m.s, 1, 0, false, &m.a, &product, &found));
	FAILS(ht_store_products(m.s, 0, page, &m.a, &products, &n));
	FAILS(ht_store_product_has(m.s, 1, hash, &found));
	FAILS(ht_store_process(m.s, 1, &m.a, &p, &found));
	FAILS(ht_store_process_by_pid(m.s, id, &m.a, &p, &found));
	FAILS(ht_store_process_by_peer(m.s, 1, id, id, HT_TRANSFER, &m.a, &p, &found));
	FAILS(ht_store_processes(m.s, 0, HT_TRANSFER, page, &m.a, &processes, &n));
	FAILS(ht_store_agreement(m.s, 1, id, &m.a, &g, &found));
	FAILS(ht_store_agreements(m.s, 1, (struct ht_page){ .most = 5 }, &m.a, &agreements, &n));
	FAILS(ht_store_agreements_for(m.s, 1, id, id, 5, &m.a, &agreements, &n));
	FAILS(ht_store_letter(m.s, 1, &m.a, &letter, &found));
	FAILS(ht_store_letters(m.s, 1, page, &m.a, &letters, &n));
	FAILS(ht_store_message(m.s, 1, id, &m.a, &message, &found));
	FAILS(ht_store_seen(m.s, id, id, &found));
	FAILS(ht_store_timer_first(m.s, &timer, &found));
	FAILS(ht_store_leaf_head(m.s, 1, 0, &head));
	FAILS(ht_store_leaf(m.s, 0, &m.a, &leaf, &found));
	FAILS(ht_store_leaves(m.s, 1, -1, page, &m.a, &leaves, &n));
	FAILS(ht_store_chain_of(m.s, 1, id, &chain, &found));
	sample_fini(&m);
}

/* A cache of a few pages writes into the log also in the middle of the batch. */
static void batch_on_a_bad_disk(size_t i, const char *cache)
{
	struct sample m;
	enum ht_err err = disk_faults[i].err;
	uint64_t before;
	int n;

	sample_open(&m);
	OK(ht_store_exec(m.s, cache));
	fill(&m);
	before = digest(m.s);
	for (n = 1; err; n++) {
		set_fault(i, n);
		err = batch(&m);
		CHECK_F(!err || err == disk_faults[i].err, "%s, %s at %d: error %d", cache, disk_faults[i].row, n, err);
		CHECK_F(!ht_store_in_step(m.s) && (!err || digest(m.s) == before), "%s, %s at %d", cache, disk_faults[i].row, n);
	}
	CHECK_ROW(disk_faults[i].row, n > 2 && fault.in > 0 && digest(m.s) != before);
	fault.in = 0;
	before = digest(m.s);
	ht_store_close(m.s);
	OK(ht_store_open(m.path, &m.s));
	CHECK_ROW(disk_faults[i].row, digest(m.s) == before);
	sample_fini(&m);
}

TEST(a_batch_on_a_bad_disk)
{
	use_faulty_disk();
	for (size_t i = 0; i < HT_COUNT(disk_faults); i++) {
		batch_on_a_bad_disk(i, "PRAGMA cache_size = 1000");
		batch_on_a_bad_disk(i, "PRAGMA cache_size = 1");
	}
}

TEST(a_checkpoint_on_a_bad_disk)
{
	use_faulty_disk();
	for (size_t i = 0; i < HT_COUNT(disk_faults); i++) {
		struct sample m;
		enum ht_err err = disk_faults[i].err;
		uint64_t before;
		int n;

		sample_open(&m);
		fill(&m);
		before = digest(m.s);
		for (n = 1; err; n++) {
			set_fault(i, n);
			err = ht_store_checkpoint(m.s, 0);
			CHECK_F(!err || err == disk_faults[i].err, "%s at %d: error %d", disk_faults[i].row, n, err);
			CHECK_ROW(disk_faults[i].row, digest(m.s) == before);
		}
		CHECK_ROW(disk_faults[i].row, n > 2 && fault.in > 0);
		fault.in = 0;
		OK(batch(&m));
		before = digest(m.s);
		ht_store_close(m.s);
		OK(ht_store_open(m.path, &m.s));
		CHECK_ROW(disk_faults[i].row, digest(m.s) == before);
		sample_fini(&m);
	}
}

/* What was begun is begun again by the next start. */
TEST(opening_on_a_bad_disk)
{
	use_faulty_disk();
	for (size_t i = 0; i < HT_COUNT(disk_faults); i++) {
		struct sample m;
		enum ht_err err = disk_faults[i].err;
		int n;

		for (n = 1; err; n++) {
			sample_init(&m);
			set_fault(i, n);
			err = ht_store_open(m.path, &m.s);
			CHECK_F(!m.s == (err != HT_OK) && (!err || err == disk_faults[i].err), "%s at %d: error %d", disk_faults[i].row, n,
				err);
			fault.in = 0;
			if (err)
				OK(ht_store_open(m.path, &m.s));
			fill(&m);
			sample_fini(&m);
		}
		CHECK_ROW(disk_faults[i].row, n > 2);
	}
}

TEST(migration_on_a_bad_disk)
{
	static const struct ht_migration rows[] = {
		{ HT_SCHEMA_VERSION, "CREATE TABLE later (a INTEGER); INSERT INTO later VALUES (1)" },
		{ HT_SCHEMA_VERSION + 1, "UPDATE later SET a = 2" },
		{ 0, NULL },
	};

	use_faulty_disk();
	for (size_t i = 0; i < HT_COUNT(disk_faults); i++) {
		struct sample m;
		enum ht_err err = disk_faults[i].err;
		uint64_t before;

		sample_open(&m);
		fill(&m);
		before = digest(m.s);
		for (int n = 1; err; n++) {
			set_fault(i, n);
			err = ht_store_migrate(m.s, rows, HT_SCHEMA_VERSION, HT_SCHEMA_VERSION + 2);
			CHECK_F(!err || (err == disk_faults[i].err && digest(m.s) == before), "%s at %d: error %d", disk_faults[i].row, n,
				err);
		}
		CHECK_ROW(disk_faults[i].row, digest(m.s) != before);
		fault.in = 0;
		sample_fini(&m);
	}
}

CHECK_MAIN(TEST_ROW(each_write_fails_at_each_statement), TEST_ROW(a_batch_fails_at_each_statement), TEST_ROW(each_read_fails),
	   TEST_ROW(a_batch_on_a_bad_disk), TEST_ROW(a_checkpoint_on_a_bad_disk), TEST_ROW(opening_on_a_bad_disk),
	   TEST_ROW(migration_on_a_bad_disk))
