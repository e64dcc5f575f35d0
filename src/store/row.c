/* store/row.c - binding, stepping and reading a prepared statement.
 *
 * Statements are prepared when they are first used and kept; a text or blob is bound without a copy, because each
 * statement ends before its caller returns. */
#include "store/row.h"

#include <assert.h>

static const char *const texts[HT_SQL_COUNT] = {
#define X(name, text) [HT_SQL_##name] = text,
	HT_SQL_TABLE(X)
#undef X
};

static void fail(struct ht_row *r, int code)
{
	if (code != SQLITE_OK && !r->err)
		r->err = ht_store_err(r->store, code);
}

void ht_row_start(struct ht_row *r, struct ht_store *s, enum ht_sql sql, struct ht_arena *a)
{
	*r = (struct ht_row){ .store = s, .arena = a, .began = a ? a->at : NULL };
	if (!s->statements[sql])
		fail(r, sqlite3_prepare_v3(s->db, texts[sql], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[sql], NULL));
	r->statement = s->statements[sql];
}

bool ht_row_next(struct ht_row *r)
{
	int code;

	if (r->err || (!r->stepped && ht_store_fault(r->store, &r->err)))
		return false;
	r->stepped = true;
	r->read = 0;
	code = sqlite3_step(r->statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		fail(r, code);
	return code == SQLITE_ROW;
}

bool ht_row_cut(struct ht_row *r, size_t n)
{
	r->store->cut = n > 0 && r->arena->at - r->began > HT_LIST_BYTES;
	return r->store->cut;
}

enum ht_err ht_row_end(struct ht_row *r)
{
	/* The step has already said what sqlite3_reset() returns. */
	sqlite3_reset(r->statement);
	if (r->err)
		ht_store_rollback(r->store);
	return r->err;
}

enum ht_err ht_row_run(struct ht_row *r)
{
	bool row = ht_row_next(r);

	assert(!row);
	return ht_row_end(r);
}

enum ht_err ht_row_any(struct ht_row *r, bool *found)
{
	*found = ht_row_next(r);
	return ht_row_end(r);
}

void ht_row_put_int(struct ht_row *r, int64_t v)
{
	if (!r->err)
		fail(r, sqlite3_bind_int64(r->statement, ++r->bound, v));
}

void ht_row_put_null(struct ht_row *r)
{
	if (!r->err)
		fail(r, sqlite3_bind_null(r->statement, ++r->bound));
}

void ht_row_put_some_int(struct ht_row *r, int64_t v)
{
	if (v)
		ht_row_put_int(r, v);
	else
		ht_row_put_null(r);
}

void ht_row_put_text(struct ht_row *r, struct ht_text t)
{
	if (!r->err)
		fail(r, sqlite3_bind_text64(r->statement, ++r->bound, t.at ? t.at : "", t.len, SQLITE_STATIC, SQLITE_UTF8));
}

void ht_row_put_some_text(struct ht_row *r, struct ht_text t)
{
	if (t.len)
		ht_row_put_text(r, t);
	else
		ht_row_put_null(r);
}

void ht_row_put_blob(struct ht_row *r, const void *at, size_t len)
{
	if (!r->err)
		fail(r, sqlite3_bind_blob64(r->statement, ++r->bound, at ? at : "", len, SQLITE_STATIC));
}

void ht_row_put_some_hash(struct ht_row *r, const uint8_t hash[32])
{
	static const uint8_t zero[32];

	if (memcmp(hash, zero, sizeof zero))
		ht_row_put_blob(r, hash, sizeof zero);
	else
		ht_row_put_null(r);
}

void ht_row_put_parties(struct ht_row *r, int64_t party)
{
	ht_row_put_int(r, party);
	ht_row_put_int(r, party ? party : INT64_MAX);
}

void ht_row_put_page(struct ht_row *r, size_t most)
{
	assert(most <= HT_LIST_MAX);
	ht_row_put_int(r, (int64_t)most);
}

int64_t ht_row_int(struct ht_row *r)
{
	return sqlite3_column_int64(r->statement, r->read++);
}

/* A text is read as a blob: its bytes as they are, without a NUL. SQLite wants the pointer asked for before the length. */
struct ht_bytes ht_row_view(struct ht_row *r)
{
	int column = r->read++;
	const uint8_t *at = sqlite3_column_blob(r->statement, column);

	return (struct ht_bytes){ at, (size_t)sqlite3_column_bytes(r->statement, column) };
}

struct ht_text ht_row_text(struct ht_row *r)
{
	return ht_bytes_text(ht_bytes_copy(r->arena, ht_row_view(r)));
}

struct ht_bytes ht_row_blob(struct ht_row *r, bool *null)
{
	*null = sqlite3_column_type(r->statement, r->read) == SQLITE_NULL;
	if (*null) {
		r->read++;
		return (struct ht_bytes){ 0 };
	}
	return ht_bytes_copy(r->arena, ht_row_view(r));
}

void ht_row_hash(struct ht_row *r, uint8_t hash[32])
{
	struct ht_bytes b = ht_row_view(r);

	assert(b.len == 0 || b.len == 32);
	memset(hash, 0, 32);
	if (b.len)
		memcpy(hash, b.at, b.len);
}

void *ht_row_room(struct ht_row *r, void *list, size_t n, size_t *cap, size_t size)
{
	size_t old = *cap;

	if (n < old)
		return list;
	*cap = old ? 2 * old : 8;
	return ht_arena_grow(r->arena, list, old * size, *cap * size);
}
