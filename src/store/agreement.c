/* store/agreement.c - contracts, each in the copy of its party. */
#include "store/row.h"

static void get(struct ht_row *r, struct ht_agreement *g)
{
	g->party = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, g->member)
	HT_AGREEMENT_COLUMNS(X)
#undef X
}

enum ht_err ht_store_agreement_add(struct ht_store *s, const struct ht_agreement *g)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_AGREEMENT_ADD, NULL);
	ht_row_put_int(&r, g->party);
#define X(type, member, column) HT_PUT_##type(&r, g->member)
	HT_AGREEMENT_COLUMNS(X)
#undef X
	return ht_row_run(&r);
}

enum ht_err ht_store_agreement(struct ht_store *s, int64_t party, struct ht_text id, struct ht_arena *a, struct ht_agreement *out,
			       bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, party ? HT_SQL_AGREEMENT : HT_SQL_AGREEMENT_ANY, a);
	if (party)
		ht_row_put_int(&r, party);
	ht_row_put_text(&r, id);
	HT_ROW_ONE(&r, get, out, found);
}

enum ht_err ht_store_agreements(struct ht_store *s, int64_t party, struct ht_page page, struct ht_arena *a, struct ht_agreement **out,
				size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, party ? HT_SQL_AGREEMENTS_OF : HT_SQL_AGREEMENTS, a);
	ht_row_put_int(&r, page.after);
	if (party)
		ht_row_put_int(&r, party);
	ht_row_put_page(&r, page.most);
	HT_ROW_ALL(&r, get, out, n);
}

enum ht_err ht_store_agreements_for(struct ht_store *s, int64_t party, struct ht_text base, struct ht_text product, size_t most,
				    struct ht_arena *a, struct ht_agreement **out, size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_AGREEMENTS_FOR, a);
	ht_row_put_int(&r, party);
	ht_row_put_text(&r, base);
	ht_row_put_text(&r, product);
	ht_row_put_int(&r, HT_FINALIZED);
	ht_row_put_page(&r, most);
	HT_ROW_ALL(&r, get, out, n);
}
