/* store/leaf.c - the evidence: rows that are only added. */
#include "store/row.h"

enum ht_err ht_store_leaf_head(struct ht_store *s, int64_t party, int64_t chain, struct ht_leaf_head *out)
{
	struct ht_row r;

	*out = (struct ht_leaf_head){ .seq = 0, .previous = -1 };
	ht_row_start(&r, s, HT_SQL_LEAF_HEAD, NULL);
	ht_row_put_int(&r, party);
	if (ht_row_next(&r)) {
		out->index = ht_row_int(&r) + 1;
		out->event = ht_row_int(&r) + 1;
	}
	HT_TRY(ht_row_end(&r));
	if (chain < 0)
		return HT_OK;
	ht_row_start(&r, s, HT_SQL_LEAF_CHAIN, NULL);
	ht_row_put_int(&r, chain);
	if (ht_row_next(&r)) {
		out->seq = ht_row_int(&r) + 1;
		out->previous = ht_row_int(&r);
	}
	return ht_row_end(&r);
}

enum ht_err ht_store_leaf_add(struct ht_store *s, const struct ht_leaf *leaf)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_LEAF_ADD, NULL);
	ht_row_put_int(&r, leaf->index);
#define X(type, member, column) HT_PUT_##type(&r, leaf->member)
	HT_LEAF_COLUMNS(X)
#undef X
	if (leaf->erased) {
		ht_row_put_null(&r);
		ht_row_put_null(&r);
	} else {
		ht_row_put_blob(&r, leaf->content.at, leaf->content.len);
		ht_row_put_blob(&r, leaf->salt, sizeof leaf->salt);
	}
	return ht_row_run(&r);
}

static void get(struct ht_row *r, struct ht_leaf *leaf)
{
	leaf->index = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, leaf->member)
	HT_LEAF_COLUMNS(X)
#undef X
	leaf->content = ht_row_blob(r, &leaf->erased);
	ht_row_hash(r, leaf->salt);
}

enum ht_err ht_store_leaf(struct ht_store *s, int64_t index, struct ht_arena *a, struct ht_leaf *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_LEAF, a);
	ht_row_put_int(&r, index);
	HT_ROW_ONE(&r, get, out, found);
}

enum ht_err ht_store_leaves(struct ht_store *s, int64_t party, int64_t chain, struct ht_page page, struct ht_arena *a, struct ht_leaf **out,
			    size_t *n)
{
	enum ht_sql sql = chain >= 0 ? HT_SQL_LEAVES_OF_CHAIN : party ? HT_SQL_LEAVES_OF_PARTY : HT_SQL_LEAVES;
	struct ht_row r;

	ht_row_start(&r, s, sql, a);
	if (chain >= 0)
		ht_row_put_int(&r, chain);
	else if (party)
		ht_row_put_int(&r, party);
	ht_row_put_int(&r, page.after);
	if (chain >= 0)
		ht_row_put_parties(&r, party);
	ht_row_put_page(&r, page.most);
	HT_ROW_ALL(&r, get, out, n);
}

enum ht_err ht_store_leaves_behind(struct ht_store *s, int64_t party, struct ht_page page, struct ht_arena *a, struct ht_leaf **out,
				   size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_LEAVES_BEHIND, a);
	ht_row_put_int(&r, party);
	ht_row_put_int(&r, page.after);
	ht_row_put_page(&r, page.most);
	HT_ROW_ALL(&r, get, out, n);
}

enum ht_err ht_store_chain_of(struct ht_store *s, int64_t party, struct ht_text id, int64_t *chain, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_CHAIN_OF, NULL);
	ht_row_put_text(&r, id);
	ht_row_put_parties(&r, party);
	*found = ht_row_next(&r);
	if (*found)
		*chain = ht_row_int(&r);
	return ht_row_end(&r);
}
