/* os/http_slot.c - slots: taken, answered once, given back by the last one who holds them. */
#include "os/http_slot.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/count.h"
#include "base/memory.h"
#include "os/os.h"

/* What a slot keeps of its memory: much while few are in use, so that a busy server does not ask the system for each request, and little when
 * many are, since all of them stay. */
enum { FEW = 16, KEEP_OF_FEW = 1 << 20, KEEP = 32 << 10 };

struct ht_slot *ht_slot_take(struct ht_http_server *s, struct MHD_Connection *connection, const char *uri)
{
	struct ht_slot *x = s->slots_free;
	size_t used = atomic_load(&s->slots_used);
	struct ht_arena arena;
	struct ht_text line;

	if (!x && used == s->settings.connections_max)
		return NULL;
	if (x) {
		s->slots_free = x->next;
		arena = x->arena;
	} else {
		x = &s->slots[used];
		ht_arena_init(&arena, s->settings.arena_size);
		atomic_store(&s->slots_used, used + 1);
	}
	x->r = (struct ht_http_request){ .arena = &x->arena };
	x->server = s;
	x->connection = connection;
	x->conn = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	x->arena = arena;
	x->stage = HT_STAGE_HEAD;
	x->known = x->asked = x->head = x->waits = x->for_user = x->forced = x->whole = x->sleeps = false;
	x->room = x->swallowed = 0;
	x->number = ++s->numbers;
	x->response = NULL;
	line = ht_text_copy(&x->arena, ht_text_of(uri));
	x->uri_len = line.len;
	ht_text_cut(line, '?', &x->r.path, &x->r.query);
	atomic_store(&x->state, HT_RUNNING);
	atomic_store(&x->holders, 1);
	atomic_store(&x->due_us, INT64_MAX);
	atomic_store(&x->unanswered, x->number);
	atomic_fetch_add(&s->taken, 1);
	return x;
}

static void server_free(struct ht_http_server *s)
{
	size_t used = atomic_load(&s->slots_used);

	for (size_t i = 0; i < used; i++)
		ht_arena_fini(&s->slots[i].arena);
	if (s->ears >= 0)
		(void)close(s->ears);
	if (s->bell >= 0)
		(void)close(s->bell);
	ht_wait_fini(&s->wait);
	ht_memory_give(s->slots);
	ht_memory_give(s->conns);
	ht_memory_give(s);
}

/* Nobody holds it any more. pooled: by the loop's thread, or by the one that has ended it. */
static void give_back(struct ht_slot *x, bool pooled)
{
	struct ht_http_server *s = x->server;

	if (x->known)
		s->user.gone(s->user.self, &x->r, x->whole);
	ht_arena_reset_to(&x->arena, atomic_load(&s->taken) <= FEW ? KEEP_OF_FEW : KEEP);
	if (pooled) {
		x->next = s->slots_free;
		s->slots_free = x;
	}
	if (atomic_fetch_sub(&s->taken, 1) == 1)
		server_free(s);
}

void ht_slot_wakes(struct ht_slot *x)
{
	if (x->sleeps)
		atomic_fetch_sub(&x->server->suspended, 1);
	x->sleeps = false;
}

void ht_slot_over(struct ht_slot *x, bool whole)
{
	struct ht_http_server *s = x->server;

	ht_slot_wakes(x); /* its client has gone: libmicrohttpd does not ask again */
	if (x->response)
		MHD_destroy_response(x->response);
	x->response = NULL;
	x->whole = whole && !x->head && !x->for_user;
	if (x->forced) {
		ht_wait_take(&s->wait);
		atomic_fetch_sub(&s->forced, 1);
		ht_wait_tell(&s->wait);
		ht_wait_give(&s->wait);
	}
	if (x->known && atomic_fetch_sub(&s->open, 1) == 1 && atomic_load(&s->quiet)) {
		ht_wait_take(&s->wait);
		ht_wait_tell(&s->wait);
		ht_wait_give(&s->wait);
	}
	if (atomic_fetch_sub(&x->holders, 1) == 1)
		give_back(x, true);
}

void ht_slot_collect(struct ht_http_server *s)
{
	struct ht_slot *back;

	if (!atomic_load_explicit(&s->some_back, memory_order_relaxed))
		return;
	ht_wait_take(&s->wait);
	back = s->back;
	s->back = NULL;
	atomic_store(&s->some_back, false);
	ht_wait_give(&s->wait);
	while (back) {
		struct ht_slot *next = back->next;

		give_back(back, true);
		back = next;
	}
}

/* An answer that nobody waits for. */
static void answer_late(struct ht_slot *x, const struct ht_http_answer *answer)
{
	struct ht_http_server *s = x->server;
	bool ended;

	if (answer->file > 0)
		(void)close(answer->file);
	if (answer->stream)
		ht_http_stream_over(answer->stream);
	assert(x->asked);
	if (atomic_fetch_sub(&x->holders, 1) != 1)
		return;
	ht_wait_take(&s->wait);
	ended = s->ended;
	if (!ended) {
		x->next = s->back;
		s->back = x;
		atomic_store(&s->some_back, true);
	}
	ht_wait_give(&s->wait);
	if (ended)
		give_back(x, false);
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	enum MHD_Result good = value ? MHD_add_response_header(response, name, value) : MHD_YES;

	assert(good == MHD_YES); /* a value with CR or LF in it is a bug of the user */
}

static struct MHD_Response *response_of(struct ht_slot *x, const struct ht_http_answer *answer)
{
	/* libmicrohttpd only reads it, to copy it. */
	void *body = (void *)(uintptr_t)answer->body.at;
	struct MHD_Response *response;
	char seconds[16];

	if (answer->stream)
		response = ht_http_stream_response(answer->stream, x);
	else if (answer->file > 0)
		response = MHD_create_response_from_fd64((uint64_t)answer->file_size, answer->file);
	else
		response = MHD_create_response_from_buffer(answer->body.len, body,
							   answer->body.len ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_PERSISTENT);
	assert(response);
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
	add_header(response, MHD_HTTP_HEADER_ALLOW, answer->allow);
	if (answer->link.len)
		add_header(response, MHD_HTTP_HEADER_LINK, ht_text_z(&x->arena, answer->link));
	if (answer->retry_after_s > 0) {
		(void)snprintf(seconds, sizeof(seconds), "%d", answer->retry_after_s);
		add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	}
	if (answer->close)
		add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	return response;
}

/* The caller is the one who answers. users: it gives up what the user holds. */
static void set_answer(struct ht_slot *x, const struct ht_http_answer *answer, bool users)
{
	struct ht_http_server *s = x->server;
	struct MHD_Connection *connection = x->connection;

	x->status = (unsigned)answer->status;
	x->response = response_of(x, answer);
	if (users)
		atomic_fetch_sub(&x->holders, 1); /* the loop's is left: it cannot end before READY */
	atomic_fetch_add(&s->answering, 1);
	if (atomic_exchange(&x->state, HT_READY) == HT_SUSPENDED)
		MHD_resume_connection(connection);
	atomic_fetch_sub(&s->answering, 1);
}

void ht_http_answer(struct ht_http_request *r, const struct ht_http_answer *answer)
{
	struct ht_slot *x = HT_CONTAINER(r, struct ht_slot, r);
	uint64_t number = x->number;

	if (atomic_compare_exchange_strong(&x->unanswered, &number, 0))
		set_answer(x, answer, x->asked);
	else
		answer_late(x, answer);
}

bool ht_slot_answer(struct ht_slot *x, uint64_t number, const struct ht_http_answer *answer)
{
	if (!atomic_compare_exchange_strong(&x->unanswered, &number, 0))
		return false;
	x->for_user = true;
	set_answer(x, answer, false);
	return true;
}

int64_t ht_slot_expire(struct ht_http_server *s, int64_t now_us, bool forced)
{
	const struct ht_http_answer later = { .status = 503, .retry_after_s = 1, .close = true };
	size_t used = atomic_load(&s->slots_used);
	int64_t next_us = INT64_MAX;

	for (size_t i = 0; i < used; i++) {
		struct ht_slot *x = &s->slots[i];
		uint64_t number = atomic_load(&x->unanswered);
		int64_t due_us = atomic_load(&x->due_us); /* after the number: it is of this request or of a later one */

		if (!number || due_us == INT64_MAX)
			continue;
		if (due_us > now_us && !forced) {
			next_us = due_us < next_us ? due_us : next_us;
		} else if (atomic_compare_exchange_strong(&x->unanswered, &number, 0)) {
			x->for_user = true;
			x->forced = forced;
			if (forced)
				atomic_fetch_add(&s->forced, 1);
			set_answer(x, &later, false);
		}
	}
	return next_us;
}

void ht_slot_end(struct ht_http_server *s)
{
	ht_wait_take(&s->wait);
	s->ended = true;
	ht_wait_give(&s->wait);
	ht_slot_collect(s);
	if (atomic_fetch_sub(&s->taken, 1) == 1)
		server_free(s);
}
