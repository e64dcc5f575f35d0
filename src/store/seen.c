/* store/seen.c - tokens that were taken. There is no index by time, which every step would pay for: forgetting walks
 * round the table in windows. */
#include "store/row.h"

static void put_token(struct ht_row *r, struct ht_text jti, struct ht_text issuer)
{
	ht_row_put_text(r, jti);
	ht_row_put_text(r, issuer);
}

enum ht_err ht_store_seen_add(struct ht_store *s, struct ht_text jti, struct ht_text issuer, int64_t until_s, bool *fresh)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_SEEN_ADD, NULL);
	put_token(&r, jti, issuer);
	ht_row_put_int(&r, until_s);
	HT_TRY(ht_row_run(&r));
	*fresh = sqlite3_changes(s->db) == 1;
	return HT_OK;
}

enum ht_err ht_store_seen(struct ht_store *s, struct ht_text jti, struct ht_text issuer, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_SEEN, NULL);
	put_token(&r, jti, issuer);
	return ht_row_any(&r, found);
}

/* A jti that does not fit into seen_at ends the round: the rest is looked at in one go. */
enum ht_err ht_store_seen_forget(struct ht_store *s, int64_t now_s, size_t most)
{
	struct ht_text from = { s->seen_at, s->seen_at_len };
	char to[HT_SEEN_AT_MAX];
	size_t to_len = 0;
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_SEEN_WINDOW, NULL);
	ht_row_put_text(&r, from);
	ht_row_put_int(&r, (int64_t)most);
	if (ht_row_next(&r)) {
		struct ht_bytes jti = ht_row_view(&r);

		to_len = jti.len < sizeof to ? jti.len : 0;
		memcpy(to, jti.at, to_len);
	}
	HT_TRY(ht_row_end(&r));
	ht_row_start(&r, s, to_len ? HT_SQL_SEEN_FORGET : HT_SQL_SEEN_FORGET_REST, NULL);
	ht_row_put_text(&r, from);
	if (to_len)
		ht_row_put_text(&r, (struct ht_text){ to, to_len });
	ht_row_put_int(&r, now_s);
	HT_TRY(ht_row_run(&r));
	memcpy(s->seen_at, to, to_len);
	s->seen_at_len = to_len;
	return HT_OK;
}
