/* os/http_stream.c - a body without end, and the sleep of its connection.
 *
 * Locks  the stream's, then libmicrohttpd's: it suspends and resumes with the stream's lock taken, and the end of a request waits for that
 *        lock, so that nobody resumes a connection that is gone. The server's lock is never taken together with a stream's. */
#include "os/http_stream.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "os/http_slot.h"

enum { BLOCK = 4096 }; /* bytes that libmicrohttpd asks for at once, for HTTP/1.0; chunks are as large as its own memory allows */

struct ht_http_stream {
	void (*tell)(void *self);
	void *self;
	atomic_int holders;
	struct ht_wait wait; /* guards from here ... */
	struct ht_http_server *server;
	struct MHD_Connection *connection;
	char *piece;         /* NULL: there is none */
	size_t len, sent;
	bool asked;          /* the user wants to hear of it when the piece is sent */
	bool ended, gone;
	bool sleeps;         /* its connection is suspended */
	bool counted;        /* in server->suspended: from the sleep until the loop has seen that it is over */
	/* ... to here */
	bool listed;         /* of the server, under its lock, like what follows */
	struct ht_http_stream *next, *before;
};

struct ht_http_stream *ht_http_stream_new(void (*tell)(void *self), void *self)
{
	struct ht_http_stream *s = ht_memory_take(NULL, sizeof(*s));

	s->tell = tell;
	s->self = self;
	atomic_store(&s->holders, 1);
	ht_wait_init(&s->wait);
	return s;
}

static void let_go(struct ht_http_stream *s)
{
	if (atomic_fetch_sub(&s->holders, 1) != 1)
		return;
	ht_wait_fini(&s->wait);
	ht_memory_give(s->piece);
	ht_memory_give(s);
}

/* With the lock taken. */
static void wake(struct ht_http_stream *s)
{
	if (s->sleeps)
		MHD_resume_connection(s->connection);
	s->sleeps = false;
}

/* With the lock taken. */
static void forget_piece(struct ht_http_stream *s)
{
	ht_memory_give(s->piece);
	s->piece = NULL;
	s->len = s->sent = 0;
}

bool ht_http_stream_ready(struct ht_http_stream *s)
{
	bool ready;

	ht_wait_take(&s->wait);
	ready = !s->piece;
	s->asked = !ready;
	ht_wait_give(&s->wait);
	return ready;
}

void ht_http_stream_put(struct ht_http_stream *s, struct ht_bytes piece)
{
	ht_wait_take(&s->wait);
	assert(!s->piece);
	if (piece.len && !s->gone) {
		s->piece = ht_memory_take(NULL, piece.len);
		memcpy(s->piece, piece.at, piece.len);
		s->len = piece.len;
		wake(s);
	}
	ht_wait_give(&s->wait);
}

bool ht_http_stream_gone(struct ht_http_stream *s)
{
	bool gone;

	ht_wait_take(&s->wait);
	gone = s->gone;
	ht_wait_give(&s->wait);
	return gone;
}

static void end(struct ht_http_stream *s)
{
	ht_wait_take(&s->wait);
	s->ended = true;
	wake(s);
	ht_wait_give(&s->wait);
}

void ht_http_stream_drop(struct ht_http_stream *s)
{
	if (!s)
		return;
	end(s);
	let_go(s);
}

/* With the lock taken: the connection does not sleep any more, as the loop sees it. */
static void awake(struct ht_http_stream *s)
{
	if (s->counted)
		atomic_fetch_sub(&s->server->suspended, 1);
	s->counted = false;
}

/* With the lock taken: the next bytes of the piece. *tell: it is sent, and somebody waits for that. */
static ssize_t take(struct ht_http_stream *s, char *to, size_t most, bool *tell)
{
	size_t n = s->len - s->sent < most ? s->len - s->sent : most;

	memcpy(to, s->piece + s->sent, n);
	s->sent += n;
	if (s->sent == s->len) {
		forget_piece(s);
		*tell = s->asked;
		s->asked = false;
	}
	return (ssize_t)n;
}

/* The loop wants more bytes. Nothing and no sleep would make it ask again at once, without end. */
static ssize_t on_room(void *self, uint64_t, char *to, size_t most)
{
	struct ht_http_stream *s = self;
	ssize_t n = 0;
	bool tell = false;

	ht_wait_take(&s->wait);
	awake(s);
	if (s->piece) {
		n = take(s, to, most, &tell);
	} else if (s->ended) {
		n = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		s->sleeps = s->counted = true;
		atomic_fetch_add(&s->server->suspended, 1);
		MHD_suspend_connection(s->connection);
	}
	ht_wait_give(&s->wait);
	if (tell)
		s->tell(s->self);
	return n;
}

/* With the server's lock taken. */
static void unlist(struct ht_http_server *server, struct ht_http_stream *s)
{
	if (!s->listed)
		return;
	if (s->before)
		s->before->next = s->next;
	else
		server->streams = s->next;
	if (s->next)
		s->next->before = s->before;
	s->listed = false;
}

/* libmicrohttpd has done with the response. */
static void on_over(void *self)
{
	struct ht_http_stream *s = self;

	ht_wait_take(&s->server->wait);
	unlist(s->server, s);
	ht_wait_give(&s->server->wait);
	ht_http_stream_over(s);
	let_go(s);
}

void ht_http_stream_over(struct ht_http_stream *s)
{
	ht_wait_take(&s->wait);
	s->gone = true;
	s->sleeps = false;
	awake(s);
	forget_piece(s);
	ht_wait_give(&s->wait);
	s->tell(s->self);
}

struct MHD_Response *ht_http_stream_response(struct ht_http_stream *s, struct ht_slot *x)
{
	struct ht_http_server *server = x->server;
	struct MHD_Response *response;
	bool over;

	assert(!s->server);
	atomic_fetch_add(&s->holders, 1);
	ht_wait_take(&s->wait);
	s->server = server;
	s->connection = x->connection;
	ht_wait_give(&s->wait);
	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_room, s, on_over);
	assert(response);
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	(void)MHD_add_response_header(response, "X-Accel-Buffering", "no");
	ht_wait_take(&server->wait);
	over = server->streams_over;
	if (!over) {
		s->next = server->streams;
		if (s->next)
			s->next->before = s;
		server->streams = s;
		s->listed = true;
	}
	ht_wait_give(&server->wait);
	if (over)
		end(s);
	return response;
}

void ht_http_streams_end(struct ht_http_server *server)
{
	struct ht_http_stream *s;

	ht_wait_take(&server->wait);
	server->streams_over = true;
	while ((s = server->streams)) {
		atomic_fetch_add(&s->holders, 1); /* the server still holds it: it is listed */
		unlist(server, s);
		ht_wait_give(&server->wait);
		end(s);
		let_go(s);
		ht_wait_take(&server->wait);
	}
	ht_wait_give(&server->wait);
}
