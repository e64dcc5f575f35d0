/* os/http_server.h - HTTP/1.1 requests in, answers out: libmicrohttpd with one internal epoll thread, suspend and resume.
 *
 * What libmicrohttpd lacks stands around it (reference: measured table of limits): a deadline for head and body of every request (slow
 * clients are cut), exactly one Host and at most one Content-Length, not both lengths and chunks, no NUL in headers, a cap on the body.
 * Threads  `begin`, `more`, `asked` and `gone` are called in the loop's thread; ht_http_answer() may be called from any, once for each request,
 *          in or after `asked`. A request that is not answered when the deadline of an answer is over gets 503.
 * Memory   the request and its views live until `gone`; request->arena is reset then. */
#ifndef HT_OS_HTTP_SERVER_H
#define HT_OS_HTTP_SERVER_H

#include "base/err.h"
#include "base/text.h"

struct ht_http_request {
	struct ht_text method;     /* "GET" */
	struct ht_text path;       /* as it came, percent-encoding kept, without query; at most 4 KiB */
	struct ht_text query;      /* after '?', as it came */
	struct ht_text authorization, accept_language, content_type;
	int64_t length;            /* Content-Length; -1: chunked or none */
	struct ht_bytes body;      /* whole, when it was collected */
	struct ht_arena *arena;
	void *mine;                /* of the user of this module */
};

struct ht_http_answer {
	int status;
	const char *content_type;     /* NULL: no body */
	struct ht_bytes body;         /* copied */
	int retry_after_s;            /* 0: no such header */
	const char *allow;            /* Allow header; NULL: none */
	const char *location;         /* NULL: none */
	bool close;                   /* the connection ends after it */
	bool gone_early;              /* set when the answer is given before the whole body was read */
	/* A file instead of a body: sent by sendfile, closed afterwards. file <= 0: none. */
	int file;
	int64_t file_size;
};

enum ht_http_body { HT_HTTP_COLLECT, HT_HTTP_STREAM, HT_HTTP_ANSWERED };

struct ht_http_user {
	void *self;
	/* The head is there. COLLECT: the body is collected (at most body_max, else 413 is answered for you); STREAM: `more` gets it piece by piece;
	 * ANSWERED: ht_http_answer() was called. */
	enum ht_http_body (*begin)(void *self, struct ht_http_request *r);
	/* A piece of a streamed body. False: ht_http_answer() was called, the rest is not wanted. */
	bool (*more)(void *self, struct ht_http_request *r, struct ht_bytes piece);
	/* Head and body are there. Answers now or later. */
	void (*asked)(void *self, struct ht_http_request *r);
	/* The request is over. whole: the answer was sent to the end (a file: all its bytes were handed to the socket). */
	void (*gone)(void *self, struct ht_http_request *r, bool whole);
};

struct ht_http_settings {
	struct ht_text host;      /* address or name to listen on */
	uint16_t port;            /* 0: any */
	size_t connections_max;   /* 2,048 */
	size_t body_max;          /* bytes of a collected body */
	size_t arena_size;        /* of each request */
	int64_t head_us, body_us, answer_us, idle_us; /* deadlines; body_us counts for a collected body, a streamed one must only move */
};

struct ht_http_server;
/* HT_E_PORT. *port: where it listens. */
enum ht_err ht_http_server_start(const struct ht_http_settings *settings, const struct ht_http_user *user, struct ht_http_server **out, uint16_t *port);
/* No new connection and no new request; requests and streams that are open go on. */
void ht_http_server_quiesce(struct ht_http_server *s);
size_t ht_http_server_open(struct ht_http_server *s);        /* requests that are not over */
size_t ht_http_server_connections(struct ht_http_server *s);
/* Waits up to wait_us for what is open, answers 503 to what is still suspended, cuts the rest, stops. NULL is accepted. */
void ht_http_server_stop(struct ht_http_server *s, int64_t wait_us);

void ht_http_answer(struct ht_http_request *r, const struct ht_http_answer *answer);

#endif
