/* app/trade/table.h - lists and single things of the API for people: columns by member name, with heads in two languages. */
#ifndef HT_APP_TRADE_TABLE_H
#define HT_APP_TRADE_TABLE_H

#include "base/lang.h"
#include "base/out.h"
#include "wire/json.h"

/* The head of a member ("changed"); NULL: it has none, the name itself is shown. */
const char *ht_table_head(struct ht_text member, enum ht_lang lang);

/* A value as one short text: null and what is absent as "-", lists as their number, objects as "{...}". */
struct ht_text ht_table_cell(struct ht_arena *a, const struct ht_json *value, enum ht_lang lang);

/* A time in the one form of all columns, with three digits of a second; another text as it is, harmless. */
struct ht_text ht_table_time(struct ht_arena *a, struct ht_text t);

/* A table that may come in pieces: heads stand over the first one, and columns never become narrower. */
enum { HT_TABLE_COLUMNS_MAX = 12 };
struct ht_table {
	const char *columns; /* member names with blanks between */
	/* begin as 0 */
	size_t widths[HT_TABLE_COLUMNS_MAX];
	size_t count; /* of rows */
	bool begun;
};

/* Rows; text: that of the array. The width of a column is that of its widest cell. Times have one form, policies are said in words. */
void ht_table_rows(struct ht_table *t, struct ht_text text, const struct ht_json *array, enum ht_lang lang, struct ht_out *out);

/* One line for each member of the object text. A policy is said in words, what else is an object or array is JSON; an authorization is never shown. */
void ht_table_thing(struct ht_text text, const struct ht_json *object, enum ht_lang lang, struct ht_out *out);

#endif
