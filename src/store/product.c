/* store/product.c - every version of every product. */
#include "store/row.h"

#include <assert.h>

static void get(struct ht_row *r, struct ht_product *p)
{
	p->row = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, p->member)
	HT_PRODUCT_COLUMNS(X)
#undef X
}

static enum ht_err one(struct ht_row *r, struct ht_product *out, bool *found)
{
	HT_ROW_ONE(r, get, out, found);
}

enum ht_err ht_store_product_add(struct ht_store *s, const struct ht_product *p, int64_t *row)
{
	struct ht_row r;

	assert(p->version > 0);
	ht_row_start(&r, s, HT_SQL_PRODUCT_OLD, NULL);
	ht_row_put_int(&r, p->party);
	ht_row_put_text(&r, p->id);
	HT_TRY(ht_row_run(&r));
	ht_row_start(&r, s, HT_SQL_PRODUCT_ADD, NULL);
#define X(type, member, column) HT_PUT_##type(&r, p->member)
	HT_PRODUCT_COLUMNS(X)
#undef X
	HT_TRY(ht_row_run(&r));
	*row = sqlite3_last_insert_rowid(s->db);
	return HT_OK;
}

enum ht_err ht_store_product(struct ht_store *s, int64_t party, struct ht_text id, int64_t version, struct ht_arena *a,
			     struct ht_product *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, version ? HT_SQL_PRODUCT : HT_SQL_PRODUCT_NEWEST, a);
	ht_row_put_int(&r, party);
	ht_row_put_text(&r, id);
	if (version)
		ht_row_put_int(&r, version);
	return one(&r, out, found);
}

static enum ht_err by_offer(struct ht_store *s, enum ht_sql sql, int64_t party, struct ht_text offer, struct ht_arena *a,
			    struct ht_product *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, sql, a);
	ht_row_put_int(&r, party);
	ht_row_put_text(&r, offer);
	return one(&r, out, found);
}

enum ht_err ht_store_product_by_offer(struct ht_store *s, int64_t party, struct ht_text offer, struct ht_arena *a, struct ht_product *out,
				      bool *found)
{
	return by_offer(s, HT_SQL_PRODUCT_BY_OFFER, party, offer, a, out, found);
}

enum ht_err ht_store_product_offered(struct ht_store *s, int64_t party, struct ht_text offer, struct ht_arena *a, struct ht_product *out,
				     bool *found)
{
	return by_offer(s, HT_SQL_PRODUCT_OFFERED, party, offer, a, out, found);
}

enum ht_err ht_store_products(struct ht_store *s, int64_t party, struct ht_page page, struct ht_arena *a, struct ht_product **out,
			      size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, party ? HT_SQL_PRODUCTS_OF : HT_SQL_PRODUCTS, a);
	if (party)
		ht_row_put_int(&r, party);
	ht_row_put_int(&r, page.after);
	ht_row_put_page(&r, page.most);
	HT_ROW_ALL(&r, get, out, n);
}

enum ht_err ht_store_product_next(struct ht_store *s, int64_t party, int64_t row, bool before, struct ht_arena *a, struct ht_product *out,
				  bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, before ? HT_SQL_PRODUCT_BEFORE : HT_SQL_PRODUCT_AFTER, a);
	ht_row_put_int(&r, party);
	ht_row_put_int(&r, row);
	return one(&r, out, found);
}

enum ht_err ht_store_product_has(struct ht_store *s, int64_t party, const uint8_t sha256[32], bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PRODUCT_HAS, NULL);
	ht_row_put_int(&r, party);
	ht_row_put_blob(&r, sha256, 32);
	ht_row_put_int(&r, HT_TERMINATED);
	return ht_row_any(&r, found);
}
