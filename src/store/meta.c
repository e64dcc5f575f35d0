/* store/meta.c - what the node is, by name. */
#include "store/row.h"

enum ht_err ht_store_meta(struct ht_store *s, const char *name, struct ht_arena *a, struct ht_text *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_META, a);
	ht_row_put_text(&r, ht_text_of(name));
	*found = ht_row_next(&r);
	if (*found)
		*out = ht_row_text(&r);
	return ht_row_end(&r);
}

enum ht_err ht_store_meta_put(struct ht_store *s, const char *name, struct ht_text value)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_META_PUT, NULL);
	ht_row_put_text(&r, ht_text_of(name));
	ht_row_put_text(&r, value);
	return ht_row_run(&r);
}
