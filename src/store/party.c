/* store/party.c - the parties of this node and their public keys. */
#include "store/row.h"

#include "base/time.h"

enum { KEY_KEPT_S = 360 }; /* the life of a token and the difference of clocks that is accepted */

static void get_party(struct ht_row *r, struct ht_party_row *p)
{
	p->party.row = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, p->member)
	HT_PARTY_COLUMNS(X)
#undef X
}

static enum ht_err one(struct ht_row *r, struct ht_party_row *out, bool *found)
{
	HT_ROW_ONE(r, get_party, out, found);
}

static enum ht_err by_text(struct ht_store *s, enum ht_sql sql, struct ht_text t, struct ht_arena *a, struct ht_party_row *out,
			   bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, sql, a);
	ht_row_put_text(&r, t);
	return one(&r, out, found);
}

enum ht_err ht_store_party_add(struct ht_store *s, const struct ht_party_row *p, int64_t *row)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PARTY_ADD, NULL);
#define X(type, member, column) HT_PUT_##type(&r, p->member)
	HT_PARTY_COLUMNS(X)
#undef X
	HT_TRY(ht_row_run(&r));
	*row = sqlite3_last_insert_rowid(s->db);
	return HT_OK;
}

enum ht_err ht_store_party(struct ht_store *s, int64_t row, struct ht_arena *a, struct ht_party_row *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PARTY, a);
	ht_row_put_int(&r, row);
	return one(&r, out, found);
}

enum ht_err ht_store_party_by_id(struct ht_store *s, struct ht_text id, struct ht_arena *a, struct ht_party_row *out, bool *found)
{
	return by_text(s, HT_SQL_PARTY_BY_ID, id, a, out, found);
}

enum ht_err ht_store_party_by_did(struct ht_store *s, struct ht_text did, struct ht_arena *a, struct ht_party_row *out, bool *found)
{
	return by_text(s, HT_SQL_PARTY_BY_DID, did, a, out, found);
}

enum ht_err ht_store_parties(struct ht_store *s, struct ht_page page, struct ht_arena *a, struct ht_party_row **out, size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PARTIES, a);
	ht_row_put_int(&r, page.after);
	ht_row_put_page(&r, page.most);
	HT_ROW_ALL(&r, get_party, out, n);
}

enum ht_err ht_store_key_add(struct ht_store *s, const struct ht_key_row *k)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_KEY_ADD, NULL);
	ht_row_put_int(&r, k->party);
#define X(type, member, column) HT_PUT_##type(&r, k->member)
	HT_KEY_COLUMNS(X)
#undef X
	return ht_row_run(&r);
}

static void get_key(struct ht_row *r, struct ht_key_row *k)
{
	k->party = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, k->member)
	HT_KEY_COLUMNS(X)
#undef X
}

enum ht_err ht_store_keys(struct ht_store *s, int64_t party, int64_t now_us, struct ht_arena *a, struct ht_key_row **out, size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_KEYS, a);
	ht_row_put_int(&r, party);
	ht_row_put_int(&r, now_us - KEY_KEPT_S * HT_SECOND_US);
	HT_ROW_ALL(&r, get_key, out, n);
}
