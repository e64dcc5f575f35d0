/* store/process.c - negotiations and transfers, and the times at which they want to be looked at. */
#include "store/row.h"

#include <assert.h>

static void get(struct ht_row *r, struct ht_process *p)
{
	p->row = ht_row_int(r);
	p->changed_us = ht_row_int(r);
#define X(type, member, column) HT_GET_##type(r, p->member)
	HT_PROCESS_FIXED(X)
	HT_PROCESS_SAVED(X)
#undef X
}

static enum ht_err one(struct ht_row *r, struct ht_process *out, bool *found)
{
	HT_ROW_ONE(r, get, out, found);
}

enum ht_err ht_store_process_add(struct ht_store *s, const struct ht_process *p, int64_t *row)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PROCESS_ADD, NULL);
	ht_row_put_int(&r, p->changed_us);
#define X(type, member, column) HT_PUT_##type(&r, p->member)
	HT_PROCESS_FIXED(X)
	HT_PROCESS_SAVED(X)
#undef X
	HT_TRY(ht_row_run(&r));
	*row = sqlite3_last_insert_rowid(s->db);
	return HT_OK;
}

/* Runs a change of one process, which must be there. */
static enum ht_err change(struct ht_row *r)
{
	HT_TRY(ht_row_run(r));
	assert(sqlite3_changes(r->store->db) == 1);
	return HT_OK;
}

enum ht_err ht_store_process_save(struct ht_store *s, const struct ht_process *p)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PROCESS_SAVE, NULL);
	ht_row_put_int(&r, p->changed_us);
#define X(type, member, column) HT_PUT_##type(&r, p->member)
	HT_PROCESS_SAVED(X)
#undef X
	ht_row_put_int(&r, p->row);
	return change(&r);
}

enum ht_err ht_store_process_peer_pid(struct ht_store *s, int64_t row, struct ht_text peer_pid)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PROCESS_PEER_PID, NULL);
	ht_row_put_some_text(&r, peer_pid);
	ht_row_put_int(&r, row);
	return change(&r);
}

enum ht_err ht_store_process(struct ht_store *s, int64_t row, struct ht_arena *a, struct ht_process *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PROCESS, a);
	ht_row_put_int(&r, row);
	return one(&r, out, found);
}

enum ht_err ht_store_process_by_pid(struct ht_store *s, struct ht_text pid, struct ht_arena *a, struct ht_process *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PROCESS_BY_PID, a);
	ht_row_put_text(&r, pid);
	return one(&r, out, found);
}

enum ht_err ht_store_process_by_peer(struct ht_store *s, int64_t party, struct ht_text peer, struct ht_text peer_pid,
				     enum ht_machine machine, struct ht_arena *a, struct ht_process *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PROCESS_BY_PEER, a);
	ht_row_put_int(&r, party);
	ht_row_put_text(&r, peer);
	ht_row_put_text(&r, peer_pid);
	ht_row_put_int(&r, (int64_t)machine);
	return one(&r, out, found);
}

enum ht_err ht_store_process_started(struct ht_store *s, int64_t parent, int64_t but, int64_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_PROCESS_STARTED, NULL);
	ht_row_put_int(&r, parent);
	ht_row_put_int(&r, but);
	*n = ht_row_next(&r) ? ht_row_int(&r) : 0;
	return ht_row_end(&r);
}

enum ht_err ht_store_processes(struct ht_store *s, int64_t party, enum ht_machine machine, struct ht_page page, struct ht_arena *a,
			       struct ht_process **out, size_t *n)
{
	struct ht_row r;

	ht_row_start(&r, s, party ? HT_SQL_PROCESSES_OF : HT_SQL_PROCESSES, a);
	ht_row_put_int(&r, page.after);
	ht_row_put_int(&r, (int64_t)machine);
	if (party)
		ht_row_put_int(&r, party);
	ht_row_put_page(&r, page.most);
	HT_ROW_ALL(&r, get, out, n);
}

static enum ht_err change_timer(struct ht_store *s, enum ht_sql sql, struct ht_timer t)
{
	struct ht_row r;

	ht_row_start(&r, s, sql, NULL);
	ht_row_put_int(&r, t.due_us);
	ht_row_put_int(&r, t.process);
	ht_row_put_int(&r, t.kind);
	return ht_row_run(&r);
}

enum ht_err ht_store_timer_add(struct ht_store *s, struct ht_timer t)
{
	return change_timer(s, HT_SQL_TIMER_ADD, t);
}

enum ht_err ht_store_timer_remove(struct ht_store *s, struct ht_timer t)
{
	return change_timer(s, HT_SQL_TIMER_REMOVE, t);
}

enum ht_err ht_store_timer_first(struct ht_store *s, struct ht_timer *out, bool *found)
{
	struct ht_row r;

	ht_row_start(&r, s, HT_SQL_TIMER_FIRST, NULL);
	*found = ht_row_next(&r);
	if (*found) {
		out->due_us = ht_row_int(&r);
		out->process = ht_row_int(&r);
		out->kind = (int)ht_row_int(&r);
	}
	return ht_row_end(&r);
}
