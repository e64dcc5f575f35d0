/* os/http_office.h - for tests: a server with a user who answers by the path, at once or from another thread. Needs test/check.h before it. */
#ifndef HT_OS_HTTP_OFFICE_H
#define HT_OS_HTTP_OFFICE_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "os/http_server.h"
#include "os/os.h"

struct office {
	struct ht_http_settings settings;
	struct ht_http_server *server;
	uint16_t port;
	struct ht_queue *later;      /* what the clerk is to answer */
	struct ht_thread *clerk;
	const char *file;            /* for /file */
	int64_t nap_us;              /* of the clerk, before each answer */
	atomic_int asked, gone, whole;
	_Atomic(struct ht_http_request *) kept; /* of /never */
};

#define OFFICE_SETTINGS                                                                                                            \
	{                                                                                                                          \
		.host = HT_TEXT("127.0.0.1"), .connections_max = 64, .body_max = 1 << 20, .arena_size = 64 << 10, .head_us = 20000000, \
		.body_us = 20000000, .answer_us = 20000000, .idle_us = 20000000                                                    \
	}

static inline void office_say(struct ht_http_request *r, int status, struct ht_text body)
{
	const struct ht_http_answer answer = { .status = status, .content_type = "text/plain", .body = ht_text_bytes(body) };

	ht_http_answer(r, &answer);
}

/* What was asked, as the user sees it. */
static inline void office_echo(struct ht_http_request *r)
{
	struct ht_text body = ht_bytes_text(r->body);

	if (body.len > 4000)
		body = ht_text_format(r->arena, "%zu bytes", body.len);
	office_say(r, 200,
		   ht_text_format(r->arena,
				  HT_TEXT_FMT "|" HT_TEXT_FMT "|" HT_TEXT_FMT "|" HT_TEXT_FMT "|" HT_TEXT_FMT "|" HT_TEXT_FMT
					      "|%lld|" HT_TEXT_FMT,
				  HT_TEXT_ARG(r->method), HT_TEXT_ARG(r->path), HT_TEXT_ARG(r->query), HT_TEXT_ARG(r->authorization),
				  HT_TEXT_ARG(r->accept_language), HT_TEXT_ARG(r->content_type), (long long)r->length, HT_TEXT_ARG(body)));
}

/* A file that is there; a link is not served. */
static inline const char *office_own(void)
{
	static char path[4096];

	if (!path[0])
		CHECK(realpath("/proc/self/exe", path));
	return path;
}

static inline void office_file(struct office *o, struct ht_http_request *r)
{
	struct ht_http_answer answer = { .status = 200, .content_type = "application/octet-stream" };

	CHECK(!ht_file_open(o->file, &answer.file, &answer.file_size));
	ht_http_answer(r, &answer);
}

static inline enum ht_http_body office_begin(void *self, struct ht_http_request *r)
{
	(void)self;
	CHECK(r->arena && r->path.len && !r->mine);
	r->mine = HT_TAKE(r->arena, size_t, 1);
	if (ht_text_starts(r->path, HT_TEXT("/stream")))
		return HT_HTTP_STREAM;
	if (!ht_text_is(r->path, "/early"))
		return HT_HTTP_COLLECT;
	office_say(r, 403, HT_TEXT("early"));
	return HT_HTTP_ANSWERED;
}

static inline bool office_more(void *self, struct ht_http_request *r, struct ht_bytes piece)
{
	size_t *sum = r->mine;

	(void)self;
	*sum += piece.len;
	if (!ht_text_is(r->path, "/stream/short") || *sum <= 10)
		return true;
	office_say(r, 409, HT_TEXT("enough"));
	return false;
}

static inline void office_asked(void *self, struct ht_http_request *r)
{
	struct office *o = self;

	atomic_fetch_add(&o->asked, 1);
	if (ht_text_is(r->path, "/later"))
		CHECK(ht_queue_put(o->later, r));
	else if (ht_text_is(r->path, "/never"))
		atomic_store(&o->kept, r);
	else if (ht_text_is(r->path, "/file"))
		office_file(o, r);
	else if (ht_text_is(r->path, "/link"))
		ht_http_answer(r, &(struct ht_http_answer){ .status = 200, .link = HT_TEXT("<http://a/?t=1>; rel=\"next\"") });
	else if (ht_text_starts(r->path, HT_TEXT("/stream")))
		office_say(r, 200, ht_text_format(r->arena, "%zu", *(size_t *)r->mine));
	else
		office_echo(r);
}

static inline void office_gone(void *self, struct ht_http_request *r, bool whole)
{
	struct office *o = self;

	CHECK(r->mine);
	r->mine = NULL;
	atomic_fetch_add(&o->whole, whole);
	atomic_fetch_add(&o->gone, 1);
}

static inline void office_too_large(void *self, struct ht_http_request *r)
{
	(void)self;
	office_say(r, 413, HT_TEXT("too large"));
}

static inline void office_clerk(void *self)
{
	struct office *o = self;
	void *items[16];
	size_t n;

	while (ht_queue_take(o->later, items, 16, INT64_MAX, &n)) {
		for (size_t i = 0; i < n; i++) {
			ht_nap(o->nap_us);
			office_echo(items[i]);
		}
	}
}

static inline bool office_open(struct office *o)
{
	const struct ht_http_user user = { o, office_begin, office_more, office_asked, office_gone, office_too_large };

	o->later = ht_queue_new(4096);
	o->clerk = ht_thread_start("clerk", office_clerk, o);
	return CHECK(!ht_http_server_start(&o->settings, &user, &o->server, &o->port));
}

/* The clerk last: he may still hold a request. */
static inline void office_close(struct office *o, int64_t wait_us)
{
	ht_http_server_stop(o->server, wait_us);
	ht_queue_close(o->later);
	ht_thread_join(o->clerk);
	ht_queue_free(o->later);
}

/* Waits for a count that another thread moves. */
static inline bool office_wait(atomic_int *count, int least)
{
	int64_t until = ht_monotonic_us() + 20000000;

	while (atomic_load(count) < least && ht_monotonic_us() < until)
		ht_nap(1000);
	return atomic_load(count) >= least;
}

#endif
