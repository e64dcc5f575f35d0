/* store/row.h - one running statement: values are bound in order, columns are read in order. Private to the store.
 *
 * Errors  sticky: after the first one nothing is bound, no row comes, and ht_row_end() returns it and rolls back what is
 *         open. What is a bug (a constraint, a wrong statement) stops the process with SQLite's own words.
 * Memory  what is bound is borrowed until ht_row_end(); what is read is copied into the arena. */
#ifndef HT_STORE_ROW_H
#define HT_STORE_ROW_H

#include <sqlite3.h>
#include <string.h>

#include "store/sql.h"
#include "store/store.h"

enum { HT_SEEN_AT_MAX = 256 };

struct ht_store {
	struct ht_arena own; /* holds this struct */
	sqlite3 *db;
	bool reader;
	bool cut;                               /* the last list was cut short */
	sqlite3_stmt *statements[HT_SQL_COUNT]; /* NULL: not asked for yet */
	int left_pages;                         /* of the log, that the last checkpoint could not move */
	int64_t fail_in;                        /* 1: the next step fails; 0: none */
	enum ht_err fail_with;
	char seen_at[HT_SEEN_AT_MAX];           /* the jti up to which ht_store_seen_forget() looked */
	size_t seen_at_len;
};

struct ht_row {
	struct ht_store *store;
	struct ht_arena *arena; /* NULL: no texts are read */
	sqlite3_stmt *statement;
	int bound, read;
	bool stepped;
	const char *began;      /* of the arena */
	enum ht_err err;
};

/* What a result code of SQLite means to us; HT_OK for success. Does not return for a bug. */
enum ht_err ht_store_err(struct ht_store *s, int code);
/* A statement without rows that is run once, at the start. */
enum ht_err ht_store_exec(struct ht_store *s, const char *sql);
/* True, once: the fault that a test asked for is due. */
bool ht_store_fault(struct ht_store *s, enum ht_err *err);

void ht_row_start(struct ht_row *r, struct ht_store *s, enum ht_sql sql, struct ht_arena *a);
bool ht_row_next(struct ht_row *r); /* false: no more rows, or an error */
enum ht_err ht_row_end(struct ht_row *r);
enum ht_err ht_row_run(struct ht_row *r); /* next and end, for what gives no rows */
enum ht_err ht_row_any(struct ht_row *r, bool *found); /* next and end: whether there is a row */

void ht_row_put_int(struct ht_row *r, int64_t v);
void ht_row_put_some_int(struct ht_row *r, int64_t v);          /* 0 is NULL */
void ht_row_put_text(struct ht_row *r, struct ht_text t);
void ht_row_put_some_text(struct ht_row *r, struct ht_text t);  /* empty is NULL */
void ht_row_put_blob(struct ht_row *r, const void *at, size_t len);
void ht_row_put_some_hash(struct ht_row *r, const uint8_t hash[32]); /* all zero is NULL */
void ht_row_put_null(struct ht_row *r);
void ht_row_put_parties(struct ht_row *r, int64_t party); /* two values: this party, or 0 for all of them */
void ht_row_put_page(struct ht_row *r, size_t most);      /* the limit of a list */

int64_t ht_row_int(struct ht_row *r); /* NULL is 0 */
struct ht_bytes ht_row_view(struct ht_row *r); /* borrowed until the next call of ht_row_next() or ht_row_end(); NULL is empty */
struct ht_text ht_row_text(struct ht_row *r);
struct ht_bytes ht_row_blob(struct ht_row *r, bool *null);
void ht_row_hash(struct ht_row *r, uint8_t hash[32]); /* NULL is all zero */

/* Room for one more element of a list of n, in the arena of r. *cap is how many it holds; begins with NULL and 0. */
void *ht_row_room(struct ht_row *r, void *list, size_t n, size_t *cap, size_t size);

/* True: the rows of the list, n so far, take as much room as a list may (HT_LIST_BYTES); the store remembers that it was cut. */
bool ht_row_cut(struct ht_row *r, size_t n);

/* What the types of the columns in store/sql.h bind and read. */
#define HT_PUT_INT(r, v) ht_row_put_int((r), (v));
#define HT_PUT_SOME_INT(r, v) ht_row_put_some_int((r), (v));
#define HT_PUT_ENUM(r, v) ht_row_put_int((r), (int64_t)(v));
#define HT_PUT_BOOL(r, v) ht_row_put_int((r), (v) ? 1 : 0);
#define HT_PUT_TEXT(r, v) ht_row_put_text((r), (v));
#define HT_PUT_SOME_TEXT(r, v) ht_row_put_some_text((r), (v));
#define HT_PUT_HASH(r, v) ht_row_put_blob((r), (v), sizeof(v));
#define HT_PUT_SOME_HASH(r, v) ht_row_put_some_hash((r), (v));

#define HT_GET_INT(r, v) (v) = ht_row_int(r);
#define HT_GET_SOME_INT(r, v) (v) = ht_row_int(r);
#define HT_GET_ENUM(r, v) (v) = (__typeof__(v))ht_row_int(r);
#define HT_GET_BOOL(r, v) (v) = ht_row_int(r) != 0;
#define HT_GET_TEXT(r, v) (v) = ht_row_text(r);
#define HT_GET_SOME_TEXT(r, v) (v) = ht_row_text(r);
#define HT_GET_HASH(r, v) ht_row_hash((r), (v));
#define HT_GET_SOME_HASH(r, v) ht_row_hash((r), (v));

/* For a function `get` that reads one row: the only row, or all rows, of a statement that was started and bound; then the
 * statement is ended. */
#define HT_ROW_ONE(r, get, out, found)       \
	*(found) = ht_row_next(r);           \
	if (*(found))                        \
		get((r), (out));             \
	return ht_row_end(r)

#define HT_ROW_ALL(r, get, out, n)                                                           \
	size_t cap_ = 0;                                                                     \
	*(out) = NULL;                                                                       \
	for (*(n) = 0; !ht_row_cut(r, *(n)) && ht_row_next(r); (*(n))++) {                   \
		*(out) = ht_row_room((r), *(out), *(n), &cap_, sizeof **(out));              \
		get((r), *(out) + *(n));                                                     \
	}                                                                                    \
	return ht_row_end(r)

#endif
