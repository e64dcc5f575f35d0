/* os/http_slot.c - requests in progress: their pool, who answers, and when their memory may go. */
#include "os/http_slot.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

#include "base/count.h"
#include "base/memory.h"

static void link_used(struct ht_http_server *s, struct slot *slot)
{
	slot->sooner = NULL;
	slot->later = s->used;
	if (slot->later)
		slot->later->sooner = slot;
	s->used = slot;
}

static void unlink_used(struct ht_http_server *s, struct slot *slot)
{
	if (slot->sooner)
		slot->sooner->later = slot->later;
	else
		s->used = slot->later;
	if (slot->later)
		slot->later->sooner = slot->sooner;
}

static void slot_free(struct slot *slot)
{
	pthread_mutex_destroy(&slot->lock);
	ht_arena_fini(&slot->arena);
	ht_memory_give(slot);
}

struct slot *ht_slot_take(struct ht_http_server *s, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct slot *slot;

	pthread_mutex_lock(&s->lock);
	slot = s->pool;
	if (slot)
		s->pool = slot->next;
	pthread_mutex_unlock(&s->lock);
	if (!slot) {
		slot = ht_memory_take(NULL, sizeof(*slot));
		ht_arena_init(&slot->arena, s->settings.arena_size);
		pthread_mutex_init(&slot->lock, NULL);
	}
	slot->r = (struct ht_http_request){ .arena = &slot->arena };
	slot->server = s;
	slot->connection = connection;
	slot->conn = info ? info->socket_context : NULL;
	slot->state = SLOT_HEAD;
	slot->begun = slot->users = slot->over = slot->whole = slot->head_only = slot->swallow = slot->too_large = false;
	slot->swallowed = 0;
	slot->suspended_us = 0;
	slot->answer = (struct ht_http_answer){ 0 };
	ht_out_init(&slot->body, &slot->arena);
	pthread_mutex_lock(&s->lock);
	link_used(s, slot);
	pthread_mutex_unlock(&s->lock);
	atomic_fetch_add(&s->open, 1);
	return slot;
}

/* Nobody has the slot any more. */
static void slot_give(struct slot *slot)
{
	struct ht_http_server *s = slot->server;

	if (slot->users && s)
		s->user.gone(s->user.self, &slot->r, slot->whole);
	if (slot->answer.file > 0) /* never became a response */
		close(slot->answer.file);
	if (!s) {
		slot_free(slot);
		return;
	}
	ht_arena_reset(&slot->arena);
	pthread_mutex_lock(&s->lock);
	unlink_used(s, slot);
	slot->next = s->pool;
	s->pool = slot;
	pthread_mutex_unlock(&s->lock);
	atomic_fetch_sub(&s->open, 1);
}

void ht_slot_over(struct slot *slot, bool whole)
{
	bool free_now;

	pthread_mutex_lock(&slot->lock);
	slot->over = true;
	slot->whole = whole && slot->state == SLOT_ANSWERED;
	free_now = slot->state != SLOT_EXPIRED;
	pthread_mutex_unlock(&slot->lock);
	if (free_now)
		slot_give(slot);
}

void ht_http_answer(struct ht_http_request *r, const struct ht_http_answer *answer)
{
	struct slot *slot = HT_CONTAINER(r, struct slot, r);
	bool late, resume;

	pthread_mutex_lock(&slot->lock);
	late = slot->state == SLOT_EXPIRED;
	resume = slot->state == SLOT_SUSPENDED;
	if (late) {
		if (answer->file > 0)
			close(answer->file);
		late = slot->over;
		slot->state = SLOT_REFUSED;
	} else {
		assert(slot->state == SLOT_ASKING || slot->state == SLOT_SUSPENDED);
		slot->answer = *answer;
		slot->answer.body = ht_bytes_copy(&slot->arena, answer->body);
		slot->state = SLOT_ANSWERED;
	}
	if (resume)
		MHD_resume_connection(slot->connection);
	pthread_mutex_unlock(&slot->lock);
	if (late)
		slot_give(slot);
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (value)
		MHD_add_response_header(response, name, value);
}

struct MHD_Response *ht_slot_response(struct slot *slot)
{
	struct ht_http_answer *a = &slot->answer;
	struct MHD_Response *response;
	char text[16];

	if (a->file > 0 && a->file_size > 0) {
		response = MHD_create_response_from_fd64((uint64_t)a->file_size, a->file);
		if (response)
			a->file = 0; /* the response closes it */
	} else {
		union {
			const uint8_t *in;
			void *out; /* libmicrohttpd only reads it */
		} body = { .in = a->body.at };

		response = MHD_create_response_from_buffer(a->body.len, a->body.len ? body.out : NULL, MHD_RESPMEM_PERSISTENT);
	}
	if (!response)
		return NULL;
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->content_type);
	add_header(response, MHD_HTTP_HEADER_ALLOW, a->allow);
	add_header(response, MHD_HTTP_HEADER_LOCATION, a->location);
	if (a->retry_after_s > 0) {
		snprintf(text, sizeof(text), "%d", a->retry_after_s);
		add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, text);
	}
	if (a->close)
		add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	return response;
}

static void expire(struct slot *slot, int64_t before_us)
{
	pthread_mutex_lock(&slot->lock);
	if (slot->state == SLOT_SUSPENDED && slot->suspended_us <= before_us) {
		slot->answer = (struct ht_http_answer){ .status = 503, .retry_after_s = 1, .close = true };
		slot->state = SLOT_EXPIRED;
		MHD_resume_connection(slot->connection);
	}
	pthread_mutex_unlock(&slot->lock);
}

void ht_slot_expire(struct ht_http_server *s, int64_t before_us)
{
	pthread_mutex_lock(&s->lock);
	for (struct slot *slot = s->used; slot; slot = slot->later)
		expire(slot, before_us);
	pthread_mutex_unlock(&s->lock);
}

void ht_slot_free_all(struct ht_http_server *s)
{
	while (s->used) { /* answered by the watchdog, and its user is not done with it */
		struct slot *slot = s->used;

		unlink_used(s, slot);
		pthread_mutex_lock(&slot->lock);
		slot->server = NULL;
		pthread_mutex_unlock(&slot->lock);
	}
	while (s->pool) {
		struct slot *slot = s->pool;

		s->pool = slot->next;
		slot_free(slot);
	}
}
