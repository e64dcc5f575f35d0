/* store/store_test.c - opening, transactions, restart, versions of the schema, readers, the checkpoint. */
#include "store/store.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/count.h"
#include "store/migrate.h"
#include "store/sample.h"
#include "test/check.h"

#define OK(call) CHECK((call) == HT_OK)

/* Runs sql on the file by a connection of its own. */
static void by_hand(const struct sample *m, const char *sql)
{
	sqlite3 *db;

	CHECK(sqlite3_open(m->path, &db) == SQLITE_OK);
	CHECK_ROW(sql, sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(db);
}

static int64_t ask(struct ht_store *s, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t v = -1;

	if (CHECK_ROW(sql, sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) == SQLITE_OK) && sqlite3_step(statement) == SQLITE_ROW)
		v = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return v;
}

static long file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -1 : (long)st.st_size;
}

TEST(what_is_committed_stays)
{
	struct sample m;
	struct ht_text value;
	bool found;

	sample_open(&m);
	OK(ht_store_begin(m.s));
	CHECK(ht_store_in_step(m.s));
	OK(ht_store_meta_put(m.s, "committed", HT_TEXT("1")));
	OK(ht_store_commit(m.s));
	CHECK(!ht_store_in_step(m.s));
	OK(ht_store_begin(m.s));
	OK(ht_store_meta_put(m.s, "rolled back", HT_TEXT("1")));
	ht_store_rollback(m.s);
	CHECK(!ht_store_in_step(m.s));
	ht_store_rollback(m.s);
	OK(ht_store_begin(m.s));
	OK(ht_store_meta_put(m.s, "closed", HT_TEXT("1")));
	for (int round = 0; round < 2; round++) {
		ht_store_close(m.s);
		OK(ht_store_open(m.path, &m.s));
		OK(ht_store_meta(m.s, "committed", &m.a, &value, &found));
		CHECK(found);
		OK(ht_store_meta(m.s, "rolled back", &m.a, &value, &found));
		CHECK(!found);
		OK(ht_store_meta(m.s, "closed", &m.a, &value, &found));
		CHECK(!found);
		OK(ht_store_checkpoint(m.s, 0));
	}
	CHECK(ask(m.s, "SELECT count(*) FROM pragma_foreign_key_check") == 0);
	sample_fini(&m);
}

TEST(in_memory)
{
	struct ht_store *s;

	OK(ht_store_open(":memory:", &s));
	OK(ht_store_begin(s));
	OK(ht_store_meta_put(s, "a", HT_TEXT("1")));
	OK(ht_store_commit(s));
	OK(ht_store_checkpoint(s, 0));
	ht_store_close(s);
	ht_store_close(NULL);
}

TEST(the_file_is_set_up)
{
	static const struct { const char *sql; int64_t value; } rows[] = {
		{ "SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1 },
		{ "PRAGMA synchronous", 2 },
		{ "PRAGMA user_version", HT_SCHEMA_VERSION },
		{ "PRAGMA application_id", 0x68746e67 },
		{ "PRAGMA busy_timeout", 5000 },
	};
	struct sample m;

	sample_open(&m);
	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].sql, ask(m.s, rows[i].sql) == rows[i].value);
	sample_fini(&m);
}

TEST(what_cannot_be_opened)
{
	static const struct { const char *row, *sql; enum ht_err err, reader; } rows[] = {
		{ "an empty file is a new one", "", HT_OK, HT_OK },
		{ "newer", "PRAGMA application_id = 0x68746e67; PRAGMA user_version = 3", HT_E_NEWER, HT_E_NEWER },
		{ "another program", "PRAGMA application_id = 5; PRAGMA user_version = 1", HT_E_NOT_OURS, HT_E_NOT_OURS },
		{ "a table", "CREATE TABLE t (a)", HT_E_NOT_OURS, HT_E_NOT_OURS },
		{ "a version only", "PRAGMA user_version = 1", HT_E_NOT_OURS, HT_E_NOT_OURS },
		{ "ours without a version", "PRAGMA application_id = 0x68746e67", HT_E_NOT_OURS, HT_E_NOT_OURS },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct sample m;
		struct ht_store *reader;
		long size;

		sample_init(&m);
		by_hand(&m, rows[i].sql);
		size = file_size(m.path);
		CHECK_ROW(rows[i].row, ht_store_open(m.path, &m.s) == rows[i].err && !m.s == (rows[i].err != HT_OK));
		CHECK_ROW(rows[i].row, ht_store_open_reader(m.path, &reader) == rows[i].reader && !reader == (rows[i].reader != HT_OK));
		CHECK_ROW(rows[i].row, rows[i].err == HT_OK || file_size(m.path) == size);
		ht_store_close(reader);
		sample_fini(&m);
	}
}

TEST(paths_that_fail)
{
	struct sample m;
	struct ht_store *s;
	char path[128];
	FILE *f;

	sample_init(&m);
	CHECK(ht_store_open_reader(m.path, &s) == HT_E_MISSING && !s);
	snprintf(path, sizeof path, "%s/no/store.db", m.folder);
	CHECK(ht_store_open(path, &s) == HT_E_MISSING && !s);
	CHECK(ht_store_open(m.folder, &s) != HT_OK && !s);
	OK(ht_store_open(m.path, &s));
	ht_store_close(s);
	if (geteuid() != 0) {
		chmod(m.path, 0400);
		CHECK(ht_store_open(m.path, &s) == HT_E_DENIED && !s);
	}
	f = fopen(m.path, "w");
	fprintf(f, "%s", "this is a text and not a database of any kind, and it is longer than a head of a hundred bytes would be ....\n");
	fclose(f);
	snprintf(path, sizeof path, "%s-wal", m.path);
	unlink(path);
	CHECK(ht_store_open(m.path, &s) == HT_E_NOT_OURS && !s);
	sample_fini(&m);
}

TEST(migration)
{
	enum { FIRST = HT_SCHEMA_VERSION };
	static const struct ht_migration rows[] = {
		{ FIRST, "CREATE TABLE later (a INTEGER); INSERT INTO later SELECT count(*) FROM meta" },
		{ FIRST + 1, "ALTER TABLE later ADD COLUMN b TEXT; UPDATE later SET b = 'two'" },
		{ 0, NULL },
	};
	struct sample m;
	struct ht_store *s;

	sample_open(&m);
	OK(ht_store_meta_put(m.s, "kept", HT_TEXT("1")));
	OK(ht_store_migrate(m.s, rows, FIRST, FIRST + 1));
	CHECK(ask(m.s, "PRAGMA user_version") == FIRST + 1 && ask(m.s, "SELECT a FROM later") == 1);
	OK(ht_store_migrate(m.s, rows, FIRST + 1, FIRST + 2));
	CHECK(ask(m.s, "PRAGMA user_version") == FIRST + 2 && ask(m.s, "SELECT b = 'two' FROM later") == 1);
	CHECK(ask(m.s, "SELECT count(*) FROM meta") == 1);
	CHECK(!ht_store_in_step(m.s));
	CHECK(ht_store_open(m.path, &s) == HT_E_NEWER);
	sample_fini(&m);
	sample_open(&m);
	OK(ht_store_migrate(m.s, rows, FIRST, FIRST + 2));
	CHECK(ask(m.s, "PRAGMA user_version") == FIRST + 2 && ask(m.s, "SELECT b = 'two' FROM later") == 1);
	sample_fini(&m);
}

/* A file of version 1: what is there stays, and the rest is as if it were new. */
TEST(from_the_first_schema)
{
	struct sample m, fresh;
	int64_t tables;

	sample_open(&fresh);
	tables = ask(fresh.s, "SELECT count(*) FROM sqlite_schema");
	sample_fini(&fresh);
	sample_open(&m);
	by_hand(&m,
		"INSERT INTO product VALUES (1, 1, 'p', 1, 't', '{}', 'o', '', 0, 'f', 3, zeroblob(32), 5, 0, 1);"
		"ALTER TABLE product DROP COLUMN manual; DROP INDEX product_offer; DROP INDEX product_offered; DROP INDEX process_parent;"
		"DROP INDEX process_pushed; ALTER TABLE process DROP COLUMN pushed; ALTER TABLE process DROP COLUMN pushed_size;"
		"CREATE UNIQUE INDEX product_offer ON product (party, offer); PRAGMA user_version = 1");
	ht_store_close(m.s);
	OK(ht_store_open(m.path, &m.s));
	CHECK(ask(m.s, "PRAGMA user_version") == HT_SCHEMA_VERSION && ask(m.s, "SELECT count(*) FROM sqlite_schema") == tables);
	CHECK(ask(m.s, "SELECT count(*) FROM product WHERE id = 'p' AND manual = 0") == 1);
	sample_fini(&m);
}

TEST(a_reader_sees_what_is_committed)
{
	struct sample m;
	struct ht_store *reader;
	struct ht_text value;
	bool found;

	sample_open(&m);
	OK(ht_store_open_reader(m.path, &reader));
	OK(ht_store_begin(m.s));
	OK(ht_store_meta_put(m.s, "a", HT_TEXT("1")));
	OK(ht_store_meta(reader, "a", &m.a, &value, &found));
	CHECK(!found);
	OK(ht_store_commit(m.s));
	OK(ht_store_meta(reader, "a", &m.a, &value, &found));
	CHECK(found);
	CHECK(ht_store_meta_put(reader, "a", HT_TEXT("2")) == HT_E_DENIED);
	OK(ht_store_checkpoint(m.s, 0));
	OK(ht_store_meta(reader, "a", &m.a, &value, &found));
	CHECK(found && ht_text_is(value, "1"));
	ht_store_close(reader);
	sample_fini(&m);
}

static void write_pages(struct sample *m, int n)
{
	static const uint8_t content[3000];

	OK(ht_store_begin(m->s));
	for (int i = 0; i < n; i++) {
		struct ht_leaf leaf = sample_leaf(m->s, 1, -1);

		leaf.content = (struct ht_bytes){ content, sizeof content };
		OK(ht_store_leaf_add(m->s, &leaf));
	}
	OK(ht_store_commit(m->s));
}

TEST(the_checkpoint_waits_for_enough_pages)
{
	struct sample m;
	char wal[128];
	long before, grown;

	sample_open(&m);
	snprintf(wal, sizeof wal, "%s-wal", m.path);
	OK(ht_store_checkpoint(m.s, 0));
	before = file_size(m.path);
	write_pages(&m, 50);
	OK(ht_store_checkpoint(m.s, 1000));
	CHECK(file_size(m.path) == before);
	OK(ht_store_checkpoint(m.s, 50));
	CHECK(file_size(m.path) > before + 50 * 3000);
	grown = file_size(wal);
	for (int i = 0; i < 20; i++) {
		write_pages(&m, 20);
		OK(ht_store_checkpoint(m.s, 20));
	}
	CHECK(file_size(wal) == grown); /* each checkpoint lets the log begin anew */
	before = file_size(m.path);
	for (int i = 0; i < 3; i++) {
		CHECK(file_size(m.path) == before);
		write_pages(&m, 20);
		OK(ht_store_checkpoint(m.s, 60));
	}
	CHECK(file_size(m.path) > before);
	sample_fini(&m);
}

/* A reader in the middle of a list holds the log; it grows, and each checkpoint moves what it can. */
TEST(a_reader_delays_the_checkpoint)
{
	struct sample m;
	struct ht_store *reader;
	struct ht_row r;
	long before;

	sample_open(&m);
	write_pages(&m, 10);
	OK(ht_store_open_reader(m.path, &reader));
	ht_row_start(&r, reader, HT_SQL_LEAVES, &m.a);
	ht_row_put_int(&r, -1);
	ht_row_put_int(&r, 5);
	CHECK(ht_row_next(&r));
	write_pages(&m, 10);
	OK(ht_store_checkpoint(m.s, 0));
	CHECK(m.s->left_pages > 0);
	before = file_size(m.path);
	CHECK(ht_row_next(&r));
	OK(ht_row_end(&r));
	OK(ht_store_checkpoint(m.s, 1));
	CHECK(m.s->left_pages == 0 && file_size(m.path) > before);
	ht_store_close(reader);
	sample_fini(&m);
}

/* In a process of its own, without its last words. */
TEST(a_broken_constraint_stops_the_process)
{
	struct sample m;
	pid_t child;
	int status = 0;

	sample_init(&m);
	child = fork();
	if (!child) {
		struct ht_process p = sample_process(1, "urn:uuid:1");
		FILE *quiet = freopen("/dev/null", "w", stderr);
		int64_t row;

		if (quiet && !ht_store_open(m.path, &m.s) && !ht_store_process_add(m.s, &p, &row) && !ht_store_process_add(m.s, &p, &row))
			_exit(1);
		_exit(2);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	CHECK_F(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status %x", (unsigned)status);
	sample_fini(&m);
}

CHECK_MAIN(TEST_ROW(what_is_committed_stays), TEST_ROW(in_memory), TEST_ROW(the_file_is_set_up), TEST_ROW(what_cannot_be_opened),
	   TEST_ROW(paths_that_fail), TEST_ROW(migration), TEST_ROW(from_the_first_schema), TEST_ROW(a_reader_sees_what_is_committed),
	   TEST_ROW(the_checkpoint_waits_for_enough_pages), TEST_ROW(a_reader_delays_the_checkpoint),
	   TEST_ROW(a_broken_constraint_stops_the_process))
