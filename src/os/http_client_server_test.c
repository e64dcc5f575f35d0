/* os/http_client_server_test.c - our client against our own server: what arrives, and the limits of both. */
#include "os/http_client.h"

#include "base/count.h"
#include "test/check.h"
#include "os/http_office.h"
#include "os/http_raw.h"

enum { LOOK_US = 100000, WAIT_US = 20000000, FAST_US = 5000000 };

static struct ht_arena arena;

/* "127.0.0.0/8" and such; empty: nothing is allowed. */
static struct ht_http_client *client(const char *allow, size_t connections_max)
{
	struct ht_ranges ranges;
	struct ht_text bad;

	CHECK_ROW(allow, ht_ranges_read(ht_text_of(allow), &ranges, &bad));
	return ht_http_client_new(&ranges, connections_max);
}

static void done(struct ht_http_call *call)
{
	int *count = call->mine;

	call->answer = ht_bytes_copy(&arena, call->answer);
	call->link = ht_text_copy(&arena, call->link);
	(*count)++;
}

/* Runs until `count` calls are done. */
static void run(struct ht_http_client *c, const int *count, int most)
{
	int64_t until = ht_monotonic_us() + WAIT_US;

	while (*count < most && ht_monotonic_us() < until)
		ht_http_client_run(c, LOOK_US);
	CHECK(*count == most);
}

static void fetch(struct ht_http_client *c, struct ht_http_call *call)
{
	int count = 0;

	call->done = done;
	call->mine = &count;
	call->answer_max = call->answer_max ? call->answer_max : 1 << 20;
	call->timeout_us = call->timeout_us ? call->timeout_us : WAIT_US / 2;
	ht_http_client_start(c, call);
	CHECK(ht_http_client_busy(c) == 1);
	run(c, &count, 1);
	CHECK(ht_http_client_busy(c) == 0);
}

static enum ht_err get(struct ht_http_client *c, const char *url, struct ht_http_call *call)
{
	*call = (struct ht_http_call){ .method = "GET", .url = ht_text_of(url) };
	fetch(c, call);
	return call->err;
}

static char *at_port(const char *format, uint16_t port)
{
	const struct ht_text mark = HT_TEXT("PORT");
	const char *where = strstr(format, mark.at);

	return ht_text_z(&arena, ht_text_format(&arena, "%.*s%u%s", (int)(where - format), format, port, where + mark.len));
}

static bool ready(struct office *o)
{
	ht_arena_init(&arena, 16 << 20);
	return office_open(o);
}

static void over(struct office *o)
{
	office_close(o, 0);
	ht_arena_fini(&arena);
}

/* However an address of this machine is written, nothing is sent there unless it is allowed. */
TEST(forms_of_loopback)
{
	static const char *const forms[] = {
		"http://127.0.0.1:PORT/", "http://localhost:PORT/", "http://LOCALHOST:PORT/", "http://127.1:PORT/", "http://0x7f.1:PORT/",
		"http://2130706433:PORT/", "http://017700000001:PORT/", "http://[::1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/",
		"https://127.0.0.1:PORT/",
	};
	static const char *const allowed[] = { "", "127.0.0.0/8,::1/128" };
	struct office o = { .settings = OFFICE_SETTINGS };
	struct ht_http_call call;

	if (!ready(&o))
		return;
	for (size_t a = 0; a < HT_COUNT(allowed); a++) {
		struct ht_http_client *c = client(allowed[a], 8);

		for (size_t i = 0; i < HT_COUNT(forms); i++) {
			enum ht_err err = get(c, at_port(forms[i], o.port), &call);

			CHECK_F((err == HT_E_FORBIDDEN) == !a, "%s: %s", forms[i], ht_err_word(err));
		}
		CHECK(!atomic_load(&o.asked) == !a);
		ht_http_client_free(c);
	}
	over(&o);
}

/* They come from peers. */
TEST(long_urls_and_values)
{
	static char url[200000];
	struct office o = { .settings = OFFICE_SETTINGS };
	struct ht_http_client *c = client("127.0.0.0/8", 8);
	struct ht_http_call call;

	if (!ready(&o))
		return;
	memset(url, 'a', sizeof(url));
	memcpy(url, "http://127.0.0.1/", 17);
	for (size_t len = 16385; len < sizeof(url); len *= 2) {
		call = (struct ht_http_call){ .method = "GET", .url = { url, len } };
		fetch(c, &call);
		CHECK_F(call.err == HT_E_FORBIDDEN, "%zu: %s", len, ht_err_word(call.err));
		call = (struct ht_http_call){ .method = "GET",
					      .url = ht_text_of(at_port("http://127.0.0.1:PORT/", o.port)),
					      .authorization = { url, len } };
		fetch(c, &call);
		CHECK_F(call.err == HT_E_UNREACHABLE, "%zu: %s", len, ht_err_word(call.err));
	}
	ht_http_client_free(c);
	over(&o);
}

/* As the server saw it. */
TEST(what_is_sent)
{
	static const struct {
		const char *method, *path, *authorization, *type, *body, *seen;
	} rows[] = {
		{ "GET", "/x?a=%20b", NULL, NULL, "", "GET|/x|a=%20b||||-1|" },
		{ "GET", "/x", "Bearer t", NULL, "", "GET|/x||Bearer t|||-1|" },
		{ "POST", "/x", "Bearer t", "application/json", "{}", "POST|/x||Bearer t||application/json|2|{}" },
		{ "POST", "/x", NULL, NULL, "a=b", "POST|/x|||||3|a=b" },
		{ "POST", "/x", NULL, NULL, "", "POST|/x|||||0|" },
		{ "PUT", "/x", NULL, "text/plain", "abc", "PUT|/x||||text/plain|3|abc" },
		{ "DELETE", "/x", NULL, NULL, "", "DELETE|/x|||||0|" },
		{ "GET", "/later", NULL, NULL, "", "GET|/later|||||-1|" },
	};
	struct office o = { .settings = OFFICE_SETTINGS };
	struct ht_http_client *c = client("127.0.0.0/8", 8);

	/* None of these may be honoured. */
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "socks5://127.0.0.1:1", 1);
	if (!ready(&o))
		return;
	for (size_t i = 0; i < 2 * HT_COUNT(rows); i++) {
		size_t n = i % HT_COUNT(rows); /* twice: the handle of another method is used again */
		struct ht_http_call call = {
			.method = rows[n].method,
			.url = ht_text_format(&arena, "http://127.0.0.1:%u%s", o.port, rows[n].path),
			.authorization = ht_text_of(rows[n].authorization),
			.content_type = rows[n].type,
			.body = ht_text_bytes(ht_text_of(rows[n].body)),
		};
		struct ht_text seen;

		fetch(c, &call);
		seen = ht_bytes_text(call.answer);
		CHECK_F(call.status == 200 && ht_text_is(seen, rows[n].seen), "%zu: %d " HT_TEXT_FMT, n, call.status, HT_TEXT_ARG(seen));
	}
	CHECK(ht_http_server_connections(o.server) == 1);
	ht_http_client_free(c);
	over(&o);
}

/* What comes in pieces is not collected, unless it is an error. */
struct reading {
	int count; /* first: as `done` sees it */
	int64_t got, total, stop_after;
};

static bool take(struct ht_http_call *call, struct ht_bytes piece, int64_t total)
{
	struct reading *r = call->mine;

	r->got += (int64_t)piece.len;
	r->total = total;
	return !r->stop_after || r->got < r->stop_after;
}

TEST(pieces_and_caps)
{
	enum { SIZE = 5 << 20 };
	static const struct {
		const char *name, *path;
		size_t answer_max;
		bool pieces;
		int64_t stop_after, got;
		enum ht_err err;
		int status;
		size_t answer;
	} rows[] = {
		{ "5 MB in 1 MB", "/file", 1 << 20, false, 0, 0, HT_E_TOO_BIG, 0, 0 },
		{ "one byte too many", "/file", SIZE - 1, false, 0, 0, HT_E_TOO_BIG, 0, 0 },
		{ "just as big", "/file", SIZE, false, 0, 0, HT_OK, 200, SIZE },
		{ "in pieces", "/file", 1 << 20, true, 0, SIZE, HT_OK, 200, 0 },
		{ "stopped", "/file", 1 << 20, true, 100000, 0, HT_E_UNREACHABLE, 0, 0 },
		{ "an error with pieces", "/early", 1000, true, 0, 0, HT_OK, 403, 5 },
		{ "a long error with pieces", "/early", 4, true, 0, 0, HT_E_TOO_BIG, 0, 0 },
	};
	struct office o = { .settings = OFFICE_SETTINGS };
	char path[] = "/tmp/hutong-five-XXXXXX";
	struct ht_http_client *c = client("127.0.0.0/8", 8);
	int fd = mkstemp(path);

	if (!CHECK(fd >= 0) || !CHECK(!ftruncate(fd, SIZE)) || !ready(&o))
		return;
	close(fd);
	o.file = path;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct reading r = { .stop_after = rows[i].stop_after };
		struct ht_http_call call = {
			.method = "GET", .url = ht_text_format(&arena, "http://127.0.0.1:%u%s", o.port, rows[i].path), .answer_max = rows[i].answer_max,
			.done = done, .piece = rows[i].pieces ? take : NULL, .mine = &r,
		};

		ht_http_client_start(c, &call);
		run(c, &r.count, 1);
		CHECK_F(call.err == rows[i].err && call.status == rows[i].status, "%s: %s, %d", rows[i].name, ht_err_word(call.err),
			call.status);
		CHECK_F(call.answer.len == rows[i].answer, "%s: %zu", rows[i].name, call.answer.len);
		CHECK_F(rows[i].stop_after ? r.got >= rows[i].stop_after && r.got < SIZE : r.got == rows[i].got, "%s: %lld", rows[i].name,
			(long long)r.got);
		CHECK_ROW(rows[i].name, !rows[i].got || r.total == SIZE);
	}
	unlink(path);
	ht_http_client_free(c);
	over(&o);
}

TEST(a_link_arrives)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	struct ht_http_client *c;
	struct ht_http_call call;

	if (!ready(&o))
		return;
	c = client("127.0.0.0/8", 1);
	CHECK(!get(c, at_port("http://127.0.0.1:PORT/link", o.port), &call));
	CHECK(call.status == 200 && ht_text_is(call.link, "<http://a/?t=1>; rel=\"next\""));
	CHECK(!get(c, at_port("http://127.0.0.1:PORT/x", o.port), &call) && !call.link.len);
	ht_http_client_free(c);
	over(&o);
}

CHECK_MAIN(TEST_ROW(forms_of_loopback), TEST_ROW(long_urls_and_values), TEST_ROW(what_is_sent), TEST_ROW(a_link_arrives),
	   TEST_ROW(pieces_and_caps))
