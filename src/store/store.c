/* store/store.c - opening and closing, transactions, the checkpoint, and what SQLite's errors mean to us.
 *
 * The automatic checkpoint is off, also the one at closing: both swallow errors of a sync.
 * Measured, and left as they are by default: page size, mmap, secure_delete (what is erased must be gone), locking mode.
 * Counting SQLite's memory costs 1.5 us of 34 a step, so it is off. */
#include "store/row.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/migrate.h"
#include "store/schema.h"

enum {
	APPLICATION_ID = 0x68746e67, /* "htng" */
	BUSY_MS = 5000,
	OWN_BYTES = 8192
};

static const struct ht_migration migrations[] = {
	{ 1, "ALTER TABLE product ADD COLUMN manual INTEGER NOT NULL DEFAULT 0;"
	     "DROP INDEX product_offer; CREATE UNIQUE INDEX product_offer ON product (party, offer) WHERE newest = 1;"
	     "CREATE INDEX product_offered ON product (party, offer);"
	     "ALTER TABLE process ADD COLUMN pushed BLOB; ALTER TABLE process ADD COLUMN pushed_size INTEGER NOT NULL DEFAULT 0;"
	     "CREATE INDEX process_parent ON process (parent) WHERE parent > 0;"
	     "CREATE INDEX process_pushed ON process (party, pushed) WHERE pushed IS NOT NULL" },
	{ 0, NULL },
};

_Noreturn static void stop(struct ht_store *s, int code)
{
	fprintf(stderr, "hutong: store: a bug, or no memory: %s (%d): %s\n", sqlite3_errstr(code), code, sqlite3_errmsg(s->db));
	abort();
}

/* A sync that failed may have lost what earlier writes said was there; other failures of the disk have lost nothing. */
static enum ht_err of_io(struct ht_store *s, int code)
{
	int system = sqlite3_system_errno(s->db);

	if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
		return HT_E_SYNC;
	if (code == SQLITE_IOERR_NOMEM)
		stop(s, code);
	return system == ENOSPC || system == EDQUOT ? HT_E_FULL : HT_E_IO;
}

static enum ht_err of_opening(struct ht_store *s)
{
	switch (sqlite3_system_errno(s->db)) {
	case ENOENT: case ENOTDIR: return HT_E_MISSING;
	case EACCES: case EPERM: case EROFS: return HT_E_DENIED;
	case ENOSPC: case EDQUOT: return HT_E_FULL;
	default: return HT_E_IO;
	}
}

enum ht_err ht_store_err(struct ht_store *s, int code)
{
	switch (code & 0xff) {
	case SQLITE_OK: case SQLITE_ROW: case SQLITE_DONE: return HT_OK;
	case SQLITE_FULL: return HT_E_FULL;
	case SQLITE_IOERR: return of_io(s, code);
	case SQLITE_CANTOPEN: return of_opening(s);
	case SQLITE_CORRUPT: case SQLITE_PROTOCOL: return HT_E_IO;
	case SQLITE_BUSY: return HT_E_LOCKED;
	case SQLITE_NOTADB: return HT_E_NOT_OURS;
	case SQLITE_READONLY: case SQLITE_PERM: case SQLITE_AUTH: return HT_E_DENIED;
	default: stop(s, code);
	}
}

void ht_store_fail_at(struct ht_store *s, int64_t nth, enum ht_err err)
{
	s->fail_in = nth;
	s->fail_with = err;
}

bool ht_store_fault(struct ht_store *s, enum ht_err *err)
{
	if (!s->fail_in || --s->fail_in)
		return false;
	*err = s->fail_with;
	return true;
}

enum ht_err ht_store_exec(struct ht_store *s, const char *sql)
{
	return ht_store_err(s, sqlite3_exec(s->db, sql, NULL, NULL, NULL));
}

/* The first column of the first row, as a number. What the statement changes is committed when it is finalized. */
static enum ht_err ask(struct ht_store *s, const char *sql, int64_t *out)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);

	HT_TRY(ht_store_err(s, code));
	*out = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	return ht_store_err(s, sqlite3_finalize(statement));
}

/* Nothing here touches the file. */
static enum ht_err connect(const char *path, int flags, struct ht_store **out)
{
	struct ht_arena own;
	struct ht_store *s;
	int code;

	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* refused when SQLite runs already, which is as good */
	ht_arena_init(&own, OWN_BYTES);
	*out = s = HT_TAKE(&own, struct ht_store, 1);
	s->own = own;
	code = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	if (!s->db)
		stop(s, SQLITE_NOMEM);
	HT_TRY(ht_store_err(s, code));
	if (sqlite3_db_readonly(s->db, "main"))
		return HT_E_DENIED;
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return HT_OK;
}

/* version: 0 for an empty file. */
static enum ht_err identify(struct ht_store *s, int64_t *version)
{
	int64_t application, tables;

	HT_TRY(ask(s, "PRAGMA application_id", &application));
	HT_TRY(ask(s, "PRAGMA user_version", version));
	HT_TRY(ask(s, "SELECT count(*) FROM sqlite_schema", &tables));
	if (!application && !*version && !tables)
		return HT_OK;
	if (application != APPLICATION_ID || *version < 1)
		return HT_E_NOT_OURS;
	return *version > HT_SCHEMA_VERSION ? HT_E_NEWER : HT_OK;
}

/* A file system without shared memory leaves the mode as it was: HT_E_IO. */
static enum ht_err set_wal(struct ht_store *s)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
	const char *mode = NULL;
	bool right;

	HT_TRY(ht_store_err(s, code));
	if (sqlite3_step(statement) == SQLITE_ROW)
		mode = (const char *)sqlite3_column_text(statement, 0);
	right = mode && (!strcmp(mode, "wal") || !strcmp(mode, "memory"));
	HT_TRY(ht_store_err(s, sqlite3_finalize(statement)));
	return right ? HT_OK : HT_E_IO;
}

static enum ht_err set_version(struct ht_store *s, int version)
{
	char sql[96];

	snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID, version);
	return ht_store_exec(s, sql);
}

enum ht_err ht_store_migrate(struct ht_store *s, const struct ht_migration *rows, int from, int to)
{
	enum ht_err err = ht_store_begin(s);

	for (int at = from; at < to && !err; at++) {
		const struct ht_migration *row = rows;

		while (row->sql && row->from != at)
			row++;
		assert(row->sql);
		err = ht_store_exec(s, row->sql);
	}
	if (!err)
		err = set_version(s, to);
	if (!err)
		err = ht_store_commit(s);
	if (err)
		ht_store_rollback(s);
	return err;
}

static enum ht_err set_up(struct ht_store *s)
{
	static const struct ht_migration whole[] = { { HT_SCHEMA_VERSION - 1, ht_schema_sql }, { 0, NULL } };
	int64_t version;

	HT_TRY(identify(s, &version));
	HT_TRY(set_wal(s));
	HT_TRY(ht_store_exec(s, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -32768;"
				"PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864"));
	if (!version)
		return ht_store_migrate(s, whole, HT_SCHEMA_VERSION - 1, HT_SCHEMA_VERSION);
	return version < HT_SCHEMA_VERSION ? ht_store_migrate(s, migrations, (int)version, HT_SCHEMA_VERSION) : HT_OK;
}

enum ht_err ht_store_open(const char *path, struct ht_store **out)
{
	struct ht_store *s;
	enum ht_err err = connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &s);

	if (!err)
		err = set_up(s);
	if (err)
		ht_store_close(s);
	*out = err ? NULL : s;
	return err;
}

static enum ht_err set_up_reader(struct ht_store *s)
{
	int64_t version;

	s->reader = true;
	HT_TRY(identify(s, &version));
	if (version != HT_SCHEMA_VERSION)
		return HT_E_NOT_OURS;
	return ht_store_exec(s, "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192;"
				"PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF");
}

enum ht_err ht_store_open_reader(const char *path, struct ht_store **out)
{
	struct ht_store *s;
	enum ht_err err = connect(path, SQLITE_OPEN_READWRITE, &s);

	if (!err)
		err = set_up_reader(s);
	if (err)
		ht_store_close(s);
	*out = err ? NULL : s;
	return err;
}

void ht_store_close(struct ht_store *s)
{
	struct ht_arena own;
	int code;

	if (!s)
		return;
	ht_store_rollback(s);
	for (size_t i = 0; i < HT_SQL_COUNT; i++)
		sqlite3_finalize(s->statements[i]);
	code = sqlite3_close(s->db);
	assert(code == SQLITE_OK);
	own = s->own;
	ht_arena_fini(&own);
}

static enum ht_err plain(struct ht_store *s, enum ht_sql sql)
{
	struct ht_row r;

	ht_row_start(&r, s, sql, NULL);
	return ht_row_run(&r);
}

enum ht_err ht_store_begin(struct ht_store *s)
{
	assert(!s->reader && !ht_store_in_step(s));
	return plain(s, HT_SQL_BEGIN);
}

enum ht_err ht_store_commit(struct ht_store *s)
{
	assert(ht_store_in_step(s));
	return plain(s, HT_SQL_COMMIT);
}

/* Several errors have rolled back already; then there is nothing to do. */
void ht_store_rollback(struct ht_store *s)
{
	if (!ht_store_in_step(s))
		return;
	(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	assert(!ht_store_in_step(s));
}

bool ht_store_cut(const struct ht_store *s)
{
	return s->cut;
}

bool ht_store_in_step(const struct ht_store *s)
{
	return !sqlite3_get_autocommit(s->db);
}

/* Pages that went into the log since the last time that this was asked with forget. */
static int pages_written(struct ht_store *s, bool forget)
{
	int pages = 0, high;

	(void)sqlite3_db_status(s->db, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &high, forget);
	return pages;
}

enum ht_err ht_store_checkpoint(struct ht_store *s, int pages)
{
	enum ht_err err;
	int code, written, moved;

	assert(!ht_store_in_step(s));
	if (s->left_pages + pages_written(s, false) < pages)
		return HT_OK;
	if (ht_store_fault(s, &err))
		return err;
	code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &written, &moved);
	if (code == SQLITE_OK) {
		(void)pages_written(s, true);
		s->left_pages = written - moved; /* a reader still needs what was there before them */
	}
	/* Busy: another program looks at the file and checkpoints it just now. */
	return code == SQLITE_BUSY ? HT_OK : ht_store_err(s, code);
}
