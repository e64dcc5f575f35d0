/* os/http_request.c - a request from its first line to its end, as libmicrohttpd calls us; all of it in the loop's thread.
 *
 * libmicrohttpd takes an answer before the body (it then ends the connection) or after it, not in between. */
#include <assert.h>
#include <sched.h>
#include <string.h>

#include "os/http_slot.h"
#include "os/os.h"

static const struct ht_http_answer unavailable = { .status = 503, .retry_after_s = 1, .close = true };

static void set_due(struct ht_conn *c, int64_t after_us)
{
	atomic_store(&c->due_us, after_us == INT64_MAX ? INT64_MAX : ht_monotonic_us() + after_us);
}

void *ht_http_on_line(void *self, const char *uri, struct MHD_Connection *connection)
{
	struct ht_http_server *s = self;
	struct ht_conn *c = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	int64_t head_us = ht_monotonic_us() + s->settings.head_us;

	ht_slot_collect(s);
	if (!ht_http_admits(s, c))
		return NULL;
	if (head_us < atomic_load(&c->due_us))
		atomic_store(&c->due_us, head_us);
	return ht_slot_take(s, connection, uri ? uri : "");
}

static enum MHD_Result send_answer(struct ht_slot *x)
{
	struct MHD_Response *response = x->response;
	enum MHD_Result result;

	if (!response) /* given already: while it stops, libmicrohttpd forgets that */
		return MHD_NO;
	x->response = NULL;
	set_due(x->conn, INT64_MAX); /* from here libmicrohttpd cuts what does not move */
	result = MHD_queue_response(x->connection, x->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct ht_slot *x, int status)
{
	const struct ht_http_answer answer = { .status = status, .close = true };

	(void)ht_slot_answer(x, x->number, &answer);
	return send_answer(x);
}

/* There is an answer before the body. The body is read nevertheless when it is short, so that the client, who may read only after it has written,
 * sees the answer and not a broken connection. */
static enum MHD_Result answer_early(struct ht_slot *x)
{
	if (x->waits || x->r.length > HT_SWALLOW_MAX)
		return send_answer(x);
	x->stage = HT_STAGE_SWALLOW;
	return MHD_YES;
}

static void too_large(struct ht_slot *x)
{
	struct ht_http_server *s = x->server;

	s->user.too_large(s->user.self, &x->r);
	assert(x->response);
}

static enum MHD_Result on_head(struct ht_slot *x, const char *url, const char *method, const char *version)
{
	struct ht_http_server *s = x->server;
	int status = atomic_load(&s->quiet) ? unavailable.status : ht_http_head_read(x, url, method, version);

	atomic_store(&x->conn->busy, true);
	if (status)
		return refuse(x, status);
	set_due(x->conn, s->settings.body_us);
	atomic_fetch_add(&s->open, 1);
	x->known = true;
	switch (s->user.begin(s->user.self, &x->r)) {
	case HT_HTTP_COLLECT:
		x->stage = HT_STAGE_COLLECT;
		if (x->r.length <= 0 || (uint64_t)x->r.length <= s->settings.body_max)
			return MHD_YES;
		too_large(x);
		return answer_early(x);
	case HT_HTTP_STREAM:
		x->stage = HT_STAGE_STREAM;
		break;
	case HT_HTTP_ANSWERED:
		assert(x->response);
		return answer_early(x);
	}
	return MHD_YES;
}

static void collect(struct ht_slot *x, struct ht_bytes piece)
{
	size_t need = x->r.body.len + piece.len;
	uint8_t *at = (uint8_t *)(uintptr_t)x->r.body.at; /* our own memory, which the user sees read only */

	if (need > x->room) {
		size_t room = x->r.length > 0 ? (size_t)x->r.length : need * 2;

		if (room > x->server->settings.body_max)
			room = x->server->settings.body_max;
		at = ht_arena_grow(&x->arena, at, x->room, room);
		x->room = room;
	}
	memcpy(at + x->r.body.len, piece.at, piece.len);
	x->r.body = (struct ht_bytes){ at, need };
}

static enum MHD_Result on_piece(struct ht_slot *x, struct ht_bytes piece)
{
	struct ht_http_server *s = x->server;

	switch (x->stage) {
	case HT_STAGE_COLLECT:
		if (piece.len <= s->settings.body_max - x->r.body.len) {
			collect(x, piece);
			return MHD_YES;
		}
		too_large(x);
		x->stage = HT_STAGE_SWALLOW;
		return MHD_YES;
	case HT_STAGE_STREAM:
		set_due(x->conn, s->settings.body_us);
		if (!s->user.more(s->user.self, &x->r, piece)) {
			assert(x->response);
			x->stage = HT_STAGE_SWALLOW;
		}
		return MHD_YES;
	case HT_STAGE_SWALLOW:
		x->swallowed += piece.len;
		return x->swallowed <= HT_SWALLOW_MAX ? MHD_YES : MHD_NO;
	case HT_STAGE_HEAD:
	case HT_STAGE_ASKED:
		break;
	}
	return MHD_NO;
}

/* Head and body are there: the user's turn. When there is no answer yet, the connection sleeps until there is one. */
static enum MHD_Result ask(struct ht_slot *x)
{
	struct ht_http_server *s = x->server;
	int running = HT_RUNNING;

	x->stage = HT_STAGE_ASKED;
	x->asked = true;
	set_due(x->conn, INT64_MAX);
	atomic_store(&x->holders, 2);
	atomic_store(&x->due_us, ht_monotonic_us() + s->settings.answer_us);
	s->user.asked(s->user.self, &x->r);
	if (atomic_load(&x->state) == HT_READY)
		return send_answer(x);
	atomic_fetch_add(&s->suspended, 1);
	x->sleeps = true;
	if (atomic_load(&s->stopping)) { /* no connection may sleep when the loop ends */
		ht_slot_wakes(x);
		(void)ht_slot_answer(x, x->number, &unavailable);
		while (atomic_load(&x->state) != HT_READY) /* somebody is about to answer */
			sched_yield();
		return send_answer(x);
	}
	MHD_suspend_connection(x->connection);
	if (!atomic_compare_exchange_strong(&x->state, &running, HT_SUSPENDED))
		MHD_resume_connection(x->connection);
	return MHD_YES;
}

static enum MHD_Result refuse_without_slot(struct MHD_Connection *connection)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	assert(response);
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	result = MHD_queue_response(connection, MHD_HTTP_SERVICE_UNAVAILABLE, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result ht_http_on_request(void *, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
				   const char *piece, size_t *len, void **context)
{
	struct ht_slot *x = *context;
	struct ht_bytes bytes = { (const uint8_t *)piece, *len };

	if (!x)
		return refuse_without_slot(connection);
	if (x->stage == HT_STAGE_HEAD)
		return on_head(x, url, method, version);
	if (*len) {
		*len = 0;
		return on_piece(x, bytes);
	}
	if (x->stage == HT_STAGE_SWALLOW)
		return send_answer(x);
	if (x->stage != HT_STAGE_ASKED)
		return ask(x);
	if (atomic_load(&x->state) != HT_READY)
		return MHD_YES;
	ht_slot_wakes(x);
	return send_answer(x);
}

void ht_http_on_over(void *self, struct MHD_Connection *, void **context, enum MHD_RequestTerminationCode code)
{
	struct ht_http_server *s = self;
	struct ht_slot *x = *context;

	if (!x)
		return;
	*context = NULL;
	atomic_store(&x->conn->busy, false);
	set_due(x->conn, s->settings.idle_us);
	ht_slot_over(x, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
}
