/* store/token.c - tokens of the management API. */
#include "store/row.h"

static void get(struct ht_row *r, struct ht_token_row *t)
{
	t->id = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, t->member)
	HT_TOKEN_COLUMNS(X)
#undef X
	t->party_id = ht_row_text(r);
}

static enum ht_err one(struct ht_row *r, struct ht_token_row *out, bool *found)
{
	HT_ROW_ONE(r, get, out, found);
}

enum ht_err ht_store_token_add(struct ht_store *s, const struct ht_token_row *t, int64_t *id)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_TOKEN_ADD, NULL);
#define X(type, member, column) HT_PUT_##type(&r, t->member)
	HT_TOKEN_COLUMNS(X)
#undef X
	HT_TRY(ht_row_run(&r));
	*id = sqlite3_last_insert_rowid(s->db);
	return HT_OK;
}

enum ht_err ht_store_token_by_hash(struct ht_store *s, const uint8_t hash[32], struct ht_arena *a, struct ht_token_row *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_TOKEN_BY_HASH, a);
	ht_row_put_blob(&r, hash, 32);
	return one(&r, out, found);
}

enum ht_err ht_store_token(struct ht_store *s, int64_t id, struct ht_arena *a, struct ht_token_row *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_TOKEN, a);
	ht_row_put_int(&r, id);
	return one(&r, out, found);
}

enum ht_err ht_store_token_revoke(struct ht_store *s, int64_t id, int64_t now_us)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_TOKEN_REVOKE, NULL);
	ht_row_put_int(&r, now_us);
	ht_row_put_int(&r, id);
	return ht_row_run(&r);
}

enum ht_err ht_store_tokens(struct ht_store *s, struct ht_page page, struct ht_arena *a, struct ht_token_row **out, size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_TOKENS, a);
	ht_row_put_int(&r, page.after);
	ht_row_put_page(&r, page.most);
	HT_ROW_ALL(&r, get, out, n);
}
