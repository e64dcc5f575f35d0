/* store/letter.c - the outbox, and the marks of the messages that were accepted. */
#include "store/row.h"

static void get_letter(struct ht_row *r, struct ht_letter *l)
{
	l->process = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, l->member)
	HT_LETTER_COLUMNS(X)
#undef X
}

enum ht_err ht_store_letter_put(struct ht_store *s, const struct ht_letter *l)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_LETTER_PUT, NULL);
	ht_row_put_int(&r, l->process);
#define X(type, member, column) HT_PUT_##type(&r, l->member)
	HT_LETTER_COLUMNS(X)
#undef X
	return ht_row_run(&r);
}

enum ht_err ht_store_letter_remove(struct ht_store *s, int64_t process)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_LETTER_REMOVE, NULL);
	ht_row_put_int(&r, process);
	return ht_row_run(&r);
}

enum ht_err ht_store_letter(struct ht_store *s, int64_t process, struct ht_arena *a, struct ht_letter *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_LETTER, a);
	ht_row_put_int(&r, process);
	HT_ROW_ONE(&r, get_letter, out, found);
}

enum ht_err ht_store_letters(struct ht_store *s, int64_t party, struct ht_page page, struct ht_arena *a, struct ht_letter **out, size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, party ? HT_SQL_LETTERS_OF : HT_SQL_LETTERS, a);
	ht_row_put_int(&r, page.after);
	if (party)
		ht_row_put_int(&r, party);
	ht_row_put_page(&r, page.most);
	HT_ROW_ALL(&r, get_letter, out, n);
}

enum ht_err ht_store_letters_reopen(struct ht_store *s, int64_t now_us, int64_t open_us, int64_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_LETTERS_REOPEN, NULL);
	ht_row_put_int(&r, now_us);
	ht_row_put_int(&r, open_us);
	ht_row_put_int(&r, INT64_MAX);
	HT_TRY(ht_row_run(&r));
	*n = sqlite3_changes64(s->db);
	return HT_OK;
}

static void get_message(struct ht_row *r, struct ht_message_row *m)
{
	m->process = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, m->member)
	HT_MESSAGE_COLUMNS(X)
#undef X
}

enum ht_err ht_store_message_add(struct ht_store *s, const struct ht_message_row *m)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_MESSAGE_ADD, NULL);
	ht_row_put_int(&r, m->process);
#define X(type, member, column) HT_PUT_##type(&r, m->member)
	HT_MESSAGE_COLUMNS(X)
#undef X
	return ht_row_run(&r);
}

enum ht_err ht_store_message(struct ht_store *s, int64_t process, struct ht_text id, struct ht_arena *a, struct ht_message_row *out,
			     bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_MESSAGE, a);
	ht_row_put_int(&r, process);
	ht_row_put_text(&r, id);
	HT_ROW_ONE(&r, get_message, out, found);
}
