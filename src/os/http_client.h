/* os/http_client.h - the one function for outgoing requests (IDENTITY): libcurl, one multi handle driven by one thread.
 *
 * Rules   http and https only, no user info, the address is checked in the socket callback after resolution: special ranges are refused unless
 *         allowed (a forbidden address of a name is skipped, the next one is tried); no proxy, no redirects, limits on time and size.
 * Threads all functions in the thread that owns the client, but ht_http_client_wake().
 * Memory  request and answer live until `done` returns. */
#ifndef HT_OS_HTTP_CLIENT_H
#define HT_OS_HTTP_CLIENT_H

#include "base/err.h"
#include "base/net.h"
#include "base/text.h"

struct ht_http_call {
	/* in; the views live until `done` */
	const char *method;           /* "GET", "POST" */
	struct ht_text url;
	struct ht_text authorization; /* whole header value; empty: none */
	struct ht_text last_event_id; /* the same */
	const char *content_type;     /* NULL: none */
	struct ht_bytes body;
	bool inside_only;             /* only addresses that `allow` names, no public ones */
	size_t answer_max;            /* bytes */
	int64_t timeout_us;           /* for the whole; 0: none, but it must move */
	int stall_s;                  /* without a timeout: so long without a byte ends it; 0: 30 */
	void (*done)(struct ht_http_call *call);
	/* A piece of the body of a 2xx answer as it comes, instead of collecting it; false: stop. NULL: collected. */
	bool (*piece)(struct ht_http_call *call, struct ht_bytes piece, int64_t total /* -1: not said */);
	void *mine;
	/* out */
	/* HT_OK: there is a status. FORBIDDEN: the URL, or each of its addresses; TOO_BIG: the answer, or its head (64 KiB); TIMEOUT;
	 * UNREACHABLE: all else, and a call that `piece` or the end of the client stopped. */
	enum ht_err err;
	int status;
	struct ht_bytes answer;       /* valid in `done`; empty when there is an err */
	int retry_after_s;            /* 0: none */
	struct ht_text link;          /* the Link headers, joined by commas; valid in `done`. Empty: none, or more than 16 KiB */
	struct ht_http_call *next;    /* of the client */
};

struct ht_http_client;
/* allow is copied. */
struct ht_http_client *ht_http_client_new(const struct ht_ranges *allow, size_t connections_max);
void ht_http_client_free(struct ht_http_client *c); /* calls `done` (UNREACHABLE) for what is under way; NULL is accepted */
/* The call is under way; `done` is called from ht_http_client_run(), and may start calls. */
void ht_http_client_start(struct ht_http_client *c, struct ht_http_call *call);
size_t ht_http_client_busy(const struct ht_http_client *c);
/* Drives all calls; returns after at most wait_us, or when woken, or when something was done. */
void ht_http_client_run(struct ht_http_client *c, int64_t wait_us);
void ht_http_client_wake(struct ht_http_client *c);

/* For tests of the ranges: resolves NAME to these addresses instead of asking the system ("name:port:addr,addr"). */
void ht_http_client_resolve(struct ht_http_client *c, const char *entry);

#endif
