/* os/http_server.h - HTTP/1.1 requests in, answers out: libmicrohttpd with one internal epoll thread, suspend and resume.
 *
 * What libmicrohttpd lacks stands around it: a deadline for head and body of every request (slow clients are cut), exactly one Host and at
 * most one Content-Length, not both lengths and chunks, no NUL, no bare CR or LF and no folded line in the head, a cap on the body.
 * Limit    beyond connections_max a few more are let in to be told 503; all others are closed as soon as they come.
 * HEAD     comes as GET; the body of its answer is not sent.
 * Threads  the user is called in the loop's thread; ht_http_answer() may be called from any, once for each request, in or after `asked` (in the
 *          others only where they say so). Who has answered does not touch the request any more.
 * 503      is sent for the user when the deadline of an answer is over, or when the server stops. The user still owes its ht_http_answer():
 *          it is not sent, but the request lives until then, so that no thread is left with memory that is gone.
 * Memory   the request and its views live until `gone`; request->arena is reset then. An idle connection has no request. */
#ifndef HT_OS_HTTP_SERVER_H
#define HT_OS_HTTP_SERVER_H

#include "base/err.h"
#include "base/text.h"
#include "os/http_stream.h"

struct ht_http_request {
	struct ht_text method;     /* "GET" */
	struct ht_text path;       /* as it came, percent-encoding kept, without query; 1 byte to 4 KiB, the first is '/' */
	struct ht_text query;      /* after '?', as it came */
	struct ht_text authorization, accept_language, content_type, last_event_id;
	int64_t length;            /* Content-Length; -1: chunked or none */
	struct ht_bytes body;      /* whole, when it was collected */
	struct ht_arena *arena;
	bool head;                 /* asked by HEAD: the body of the answer is not sent */
	void *mine;                /* of the user of this module */
};

struct ht_http_answer {
	int status;
	const char *content_type;     /* NULL: no body */
	struct ht_bytes body;         /* copied */
	int retry_after_s;            /* 0: no such header */
	const char *allow;            /* Allow header; NULL: none */
	struct ht_text link;          /* Link header; empty: none; copied */
	bool close;                   /* the connection ends after it */
	/* A file instead of a body: sent by sendfile, closed afterwards. file <= 0: none. */
	int file;
	int64_t file_size;
	/* A stream instead of a body; NULL: none. */
	struct ht_http_stream *stream;
};

enum ht_http_body { HT_HTTP_COLLECT, HT_HTTP_STREAM, HT_HTTP_ANSWERED };

struct ht_http_user {
	void *self;
	/* The head is there. COLLECT: the body is collected (at most body_max, else `too_large`); STREAM: `more` gets it piece by piece;
	 * ANSWERED: ht_http_answer() was called. What comes of the body is thrown away, to a limit; beyond it the connection is cut. */
	enum ht_http_body (*begin)(void *self, struct ht_http_request *r);
	/* A piece of a streamed body. False: ht_http_answer() was called, the rest is not wanted. */
	bool (*more)(void *self, struct ht_http_request *r, struct ht_bytes piece);
	/* Head and body are there. Answers now or later. */
	void (*asked)(void *self, struct ht_http_request *r);
	/* The request is over, after each `begin`. whole: the user's answer was sent to the end (a file: all its bytes were handed to the
	 * socket); never for HEAD. */
	void (*gone)(void *self, struct ht_http_request *r, bool whole);
	/* The body that is collected is larger than body_max: ht_http_answer() is called; `asked` does not come. */
	void (*too_large)(void *self, struct ht_http_request *r);
};

struct ht_http_settings {
	struct ht_text host;      /* address or name to listen on */
	uint16_t port;            /* 0: any */
	size_t connections_max;   /* > 0 */
	size_t body_max;          /* bytes of a collected body */
	size_t arena_size;        /* bytes, of each request, beside its head and its collected body */
	/* Deadlines, > 0. head_us: from the accepted connection, or from the first line of a later request, to the end of the head. body_us: for
	 * a collected body; for each piece of a streamed one. idle_us: between requests; in whole seconds also for an answer that does not move. */
	int64_t head_us, body_us, answer_us, idle_us;
};

struct ht_http_server;
/* HT_E_PORT. *port: where it listens. */
enum ht_err ht_http_server_start(const struct ht_http_settings *settings, const struct ht_http_user *user, struct ht_http_server **out,
				 uint16_t *port);
/* No new connection and no new request; requests and streams that are open go on. */
void ht_http_server_quiesce(struct ht_http_server *s);
size_t ht_http_server_open(struct ht_http_server *s);        /* requests that are not over */
size_t ht_http_server_connections(struct ht_http_server *s);
/* Ends all streams, waits up to wait_us for what is open, answers 503 to what is still suspended, cuts the rest, stops. NULL is accepted.
 * A request whose answer is still owed then lives on until that ht_http_answer(), which calls `gone` in its own thread. */
void ht_http_server_stop(struct ht_http_server *s, int64_t wait_us);

void ht_http_answer(struct ht_http_request *r, const struct ht_http_answer *answer);

#endif
