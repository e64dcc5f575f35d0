/* os/http_server_test.c - tests of os/http_server.h by raw bytes on 127.0.0.1. */
#include "os/http_server.h"

#include <sys/resource.h>

#include "base/count.h"
#include "test/check.h"
#include "os/http_office.h"
#include "os/http_raw.h"

#define HOST "Host: a\r\n"

static char answer[1 << 16];

TEST(what_the_user_sees)
{
	static const struct {
		const char *request, *body;
	} rows[] = {
		{ "GET / HTTP/1.1\r\n" HOST "\r\n", "GET|/||||" "|-1|" },
		{ "GET /a%2Fb%00/c?x=1&y=%20+&z HTTP/1.1\r\n" HOST "\r\n", "GET|/a%2Fb%00/c|x=1&y=%20+&z||||-1|" },
		{ "GET /? HTTP/1.1\r\n" HOST "\r\n", "GET|/||||" "|-1|" },
		{ "GET /x HTTP/1.1\r\nhost: a\r\nAuthorization:  Bearer t.t.t \r\naccept-language:\tzh\r\nCookie: a=b; c=d\r\n\r\n",
		  "GET|/x||Bearer t.t.t|zh||-1|" },
		{ "POST /p HTTP/1.1\r\n" HOST "Content-Type: application/json\r\nContent-Length: 5\r\n\r\nhello",
		  "POST|/p||||application/json|5|hello" },
		{ "PUT /p HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "PUT|/p|||||0|" },
		{ "POST /p HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n",
		  "POST|/p|||||-1|abc0123456789" },
		{ "GET /later HTTP/1.1\r\n" HOST "\r\n", "GET|/later||||" "|-1|" },
		{ "POST /later HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi", "POST|/later|||||2|hi" },
		{ "POST /stream HTTP/1.1\r\n" HOST "Content-Length: 7\r\n\r\n1234567", "7" },
		{ "POST /stream HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "3" },
	};
	struct office o = { .settings = OFFICE_SETTINGS };
	int fd;

	if (!office_open(&o))
		return;
	fd = raw_open(o.port); /* one connection for all */
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].request, raw_ask(fd, rows[i].request, answer, sizeof(answer)) == 200);
		CHECK_F(strcmp(raw_body(answer), rows[i].body) == 0, "%s: %s", rows[i].request, answer);
	}
	CHECK(office_wait(&o.gone, (int)HT_COUNT(rows)) && atomic_load(&o.whole) == (int)HT_COUNT(rows));
	CHECK(ht_http_server_open(o.server) == 0 && ht_http_server_connections(o.server) == 1);
	close(fd);
	office_close(&o, 0);
}

/* HEAD is GET without the body, and never counts as delivered. */
TEST(head)
{
	struct office o = { .settings = OFFICE_SETTINGS, .file = office_own() };
	int fd;

	if (!office_open(&o))
		return;
	fd = raw_open(o.port);
	CHECK(raw_ask(fd, "HEAD /x HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	CHECK(strstr(answer, "\r\nContent-Length: 14\r\n") && !raw_body(answer)[0]);
	CHECK(raw_ask(fd, "HEAD /file HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	CHECK(raw_ask(fd, "GET /x HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200 &&
	      strcmp(raw_body(answer), "GET|/x|||||-1|") == 0);
	CHECK(office_wait(&o.gone, 3) && atomic_load(&o.whole) == 1);
	close(fd);
	office_close(&o, 0);
}

/* Each is refused and its connection closed. The length is given where the bytes contain NUL. */
static const struct {
	const char *name, *bytes;
	size_t len;
	int status; /* 0: closed without an answer */
} bad_heads[] = {
#define Z(bytes_) bytes_, sizeof(bytes_) - 1
	{ "no Host", Z("GET / HTTP/1.1\r\n\r\n"), 400 },
	{ "no Host, 1.0", Z("GET / HTTP/1.0\r\n\r\n"), 400 },
	{ "empty Host", Z("GET / HTTP/1.1\r\nHost: \r\n\r\n"), 400 },
	{ "two Hosts", Z("GET / HTTP/1.1\r\n" HOST "Host: b\r\n\r\n"), 400 },
	{ "both lengths", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400 },
	{ "two lengths", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), 400 },
	{ "same length twice", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab"), 400 },
	{ "length +2", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: +2\r\n\r\nab"), 400 },
	{ "length 2x", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: 2x\r\n\r\nab"), 400 },
	{ "length -1", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n"), 400 },
	{ "length 2, 2", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: 2, 2\r\n\r\nab"), 400 },
	{ "length of 2^64", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551616\r\n\r\n"), 413 },
	{ "length of 2^63", Z("POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775808\r\n\r\n"), 400 },
	{ "blank before colon", Z("POST / HTTP/1.1\r\n" HOST "Content-Length : 2\r\n\r\nab"), 400 },
	{ "coding gzip", Z("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400 },
	{ "coding identity", Z("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: identity\r\n\r\n"), 400 },
	{ "two codings", Z("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400 },
	{ "chunked 1.0", Z("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400 },
	{ "two Last-Event-IDs", Z("GET / HTTP/1.1\r\n" HOST "Last-Event-ID: 1\r\nLast-Event-ID: 1\r\n\r\n"), 400 },
	{ "two Authorizations", Z("GET / HTTP/1.1\r\n" HOST "Authorization: a\r\nAuthorization: b\r\n\r\n"), 400 },
	{ "NUL in a value", Z("GET / HTTP/1.1\r\n" HOST "X: a\0b\r\nY: c\r\n\r\n"), 400 },
	{ "NUL in the last value", Z("GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"), 400 },
	{ "NUL at the end", Z("GET / HTTP/1.1\r\n" HOST "X: a\0\r\n\r\n"), 400 },
	{ "NUL in a name", Z("GET / HTTP/1.1\r\n" HOST "X\0Y: a\r\n\r\n"), 400 },
	{ "NUL before a name", Z("GET / HTTP/1.1\r\n" HOST "\0X: a\r\n\r\n"), 400 },
	{ "NUL in the path", Z("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "NUL in the query", Z("GET /a?\0b HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "NUL in the method", Z("G\0T / HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "bare LF", Z("GET / HTTP/1.1\n" HOST "\r\n"), 400 },
	{ "bare LF in the middle", Z("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"), 400 },
	{ "bare LF at the end", Z("GET / HTTP/1.1\r\n" HOST "\n"), 400 },
	{ "bare CR", Z("GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n"), 400 },
	{ "folded line", Z("GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"), 400 },
	{ "line without colon", Z("GET / HTTP/1.1\r\n" HOST "X\r\n\r\n"), 400 },
	{ "no name", Z("GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n"), 400 },
	{ "name with a blank", Z("GET / HTTP/1.1\r\n" HOST "X Y: a\r\n\r\n"), 400 },
	{ "method no token", Z("G(T / HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "long method", Z("GETGETGETGETGETGETGETGETGETGETGET / HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "two blanks", Z("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "no slash", Z("GET a HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "absolute", Z("GET http://a/ HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "control character", Z("GET /\x01 HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "delete character", Z("GET /?\x7f HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "blank in the path", Z("GET /a b HTTP/1.1\r\n" HOST "\r\n"), 0 },
	{ "no version", Z("GET /\r\n" HOST "\r\n"), 400 },
	{ "HTTP/2", Z("GET / HTTP/2.0\r\n" HOST "\r\n"), 505 },
	{ "not HTTP", Z("\x16\x03\x01\x02\x00\x01\r\n\r\n"), 0 },
	{ "chunk size of letters", Z("POST /p HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), 400 },
	{ "chunk without its end", Z("POST /p HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n"), 400 },
#undef Z
};

TEST(heads_that_are_refused)
{
	struct office o = { .settings = OFFICE_SETTINGS };

	if (!office_open(&o))
		return;
	for (size_t i = 0; i < HT_COUNT(bad_heads); i++) {
		int fd = raw_open(o.port), status;

		CHECK_ROW(bad_heads[i].name, raw_send(fd, bad_heads[i].bytes, bad_heads[i].len));
		status = raw_answer(fd, answer, sizeof(answer), false);
		CHECK_F(status == bad_heads[i].status, "%s: %d", bad_heads[i].name, status);
		CHECK_ROW(bad_heads[i].name, raw_ended(fd));
		close(fd);
	}
	CHECK(atomic_load(&o.asked) == 0);
	office_close(&o, 0);
}

/* A head of `path` bytes of path, `token` bytes of Authorization and `headers` short headers. */
TEST(sizes_of_heads)
{
	static const struct {
		const char *name;
		int path, token, headers, status;
	} rows[] = {
		{ "longest path", 4096, 10, 1, 200 },    { "longer path", 4097, 10, 1, 414 },      { "path beyond memory", 60000, 10, 1, 414 },
		{ "long token", 100, 8192, 1, 200 },     { "both", 4096, 8192, 5, 200 },           { "64 KiB of token", 10, 65536, 1, 431 },
		{ "500 headers", 10, 10, 500, 431 },     { "50 headers", 10, 10, 50, 200 },
	};
	static char request[1 << 17];
	struct office o = { .settings = OFFICE_SETTINGS };

	if (!office_open(&o))
		return;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		int fd = raw_open(o.port), status, len;

		len = snprintf(request, sizeof(request), "GET /%0*d HTTP/1.1\r\n" HOST "Authorization: %0*d\r\n", rows[i].path - 1, 0,
			       rows[i].token, 0);
		for (int n = 0; n < rows[i].headers; n++)
			len += snprintf(request + len, sizeof(request) - (size_t)len, "X-%d: abc\r\n", n);
		(void)snprintf(request + len, sizeof(request) - (size_t)len, "\r\n");
		(void)raw_send_z(fd, request); /* the server may close before it has all */
		status = raw_answer(fd, answer, sizeof(answer), false);
		CHECK_F(status == rows[i].status, "%s: %d", rows[i].name, status);
		close(fd);
	}
	office_close(&o, 0);
}

/* Sends a body of total bytes, in chunks or with its length, and gives the status. */
static int post(uint16_t port, const char *path, size_t total, bool chunked, bool *kept)
{
	static const char block[65536];
	int fd = raw_open(port), status;
	size_t sent = 0;
	char line[256];

	(void)snprintf(line, sizeof(line),
		       chunked ? "POST %s HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n%zx\r\n" :
				 "POST %s HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n",
		       path, total);
	(void)raw_send_z(fd, line);
	while (sent < total) {
		size_t n = total - sent < sizeof(block) ? total - sent : sizeof(block);

		if (!raw_send(fd, block, n))
			break;
		sent += n;
	}
	if (chunked)
		(void)raw_send_z(fd, "\r\n0\r\n\r\n");
	status = raw_answer(fd, answer, sizeof(answer), false);
	*kept = !strcasestr(answer, "Connection: close");
	close(fd);
	return status;
}

TEST(sizes_of_bodies)
{
	static const struct {
		const char *path;
		size_t total;
		bool chunked, kept;
		int status;
		const char *body;
	} rows[] = {
		{ "/p", 1 << 20, false, true, 200, "POST|/p|||||1048576|1048576 bytes" },
		{ "/p", 1 << 20, true, true, 200, "POST|/p|||||-1|1048576 bytes" },
		{ "/p", (1 << 20) + 1, false, true, 413, "too large" },
		{ "/p", (1 << 20) + 1, true, true, 413, "too large" },
		{ "/p", 5 << 20, false, true, 413, "too large" },
		{ "/p", 5 << 20, true, true, 413, "too large" },
		{ "/p", 12 << 20, true, false, 0, "" },
		{ "/early", 1000, false, true, 403, "early" },
		{ "/early", 1000, true, true, 403, "early" },
		{ "/early", 0, false, true, 403, "early" },
		{ "/stream", 30 << 20, false, true, 200, "31457280" },
		{ "/stream", 3 << 20, true, true, 200, "3145728" },
		{ "/stream/short", 100000, false, true, 409, "enough" },
		{ "/stream/short", 100000, true, true, 409, "enough" },
		{ "/stream/short", 12 << 20, false, false, 0, "" },
	};
	struct office o = { .settings = OFFICE_SETTINGS };

	if (!office_open(&o))
		return;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		bool kept = false;
		int status = post(o.port, rows[i].path, rows[i].total, rows[i].chunked, &kept);

		CHECK_F(status == rows[i].status, "%s %zu: %d", rows[i].path, rows[i].total, status);
		CHECK_F(!status || (kept == rows[i].kept && strcmp(raw_body(answer), rows[i].body) == 0), "%s %zu: %s", rows[i].path,
			rows[i].total, answer);
	}
	CHECK(office_wait(&o.gone, (int)HT_COUNT(rows)));
	office_close(&o, 0);
}

/* Who asks first is told before the body is sent. */
TEST(expect_continue)
{
	static const struct {
		const char *path;
		int length, status;
	} rows[] = { { "/p", 3, 100 }, { "/p", 2 << 20, 413 }, { "/early", 3, 403 } };
	struct office o = { .settings = OFFICE_SETTINGS };

	if (!office_open(&o))
		return;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		int fd = raw_open(o.port), status;
		char request[256];

		(void)snprintf(request, sizeof(request), "POST %s HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: %d\r\n\r\n",
			       rows[i].path, rows[i].length);
		status = raw_ask(fd, request, answer, sizeof(answer));
		CHECK_F(status == rows[i].status, "%s: %d", rows[i].path, status);
		if (status == 100)
			CHECK(raw_ask(fd, "abc", answer, sizeof(answer)) == 200);
		close(fd);
	}
	office_close(&o, 0);
}

/* Sends the bytes one by one until the other side closes; the time that it took. The last byte is never sent. */
static int64_t trickle(uint16_t port, const char *at_once, const char *bytes, int64_t each_us, int *status)
{
	int64_t from = ht_monotonic_us();
	int fd = raw_open(port);

	*status = 0;
	(void)raw_send_z(fd, at_once);
	if (strstr(at_once, "/first"))
		CHECK(raw_answer(fd, answer, sizeof(answer), false) == 200);
	for (size_t i = 0; bytes[i] && bytes[i + 1]; i++) {
		if (!raw_send(fd, bytes + i, 1))
			break;
		ht_nap(each_us);
	}
	*status = raw_answer(fd, answer, sizeof(answer), false);
	CHECK(raw_ended(fd));
	close(fd);
	return ht_monotonic_us() - from;
}

TEST(slow_clients_are_cut)
{
	enum { HEAD_MS = 300, BODY_MS = 400, IDLE_MS = 500 };
	static const struct {
		const char *name, *at_once, *bytes;
		int least_ms;
	} rows[] = {
		{ "silent", "", "", HEAD_MS },
		{ "line trickled", "", "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\n", HEAD_MS },
		{ "head trickled", "GET / HTTP/1.1\r\nX: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", HEAD_MS },
		{ "body trickled", "POST /p HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\n",
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", BODY_MS },
		{ "body that stops", "POST /p HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\nabc", "", BODY_MS },
		{ "stream that stops", "POST /stream HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\nabc", "", BODY_MS },
		{ "swallowed body that stops", "POST /early HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\nabc", "", BODY_MS },
		{ "idle afterwards", "GET /first HTTP/1.1\r\n" HOST "\r\n", "", IDLE_MS },
		{ "second head trickled", "GET /first HTTP/1.1\r\n" HOST "\r\n", "GET / HTTP/1.1\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  HEAD_MS },
	};
	struct office o = { .settings = OFFICE_SETTINGS };
	int fd;

	o.settings.head_us = HEAD_MS * 1000;
	o.settings.body_us = BODY_MS * 1000;
	o.settings.idle_us = IDLE_MS * 1000;
	if (!office_open(&o))
		return;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		int status;
		int64_t took_ms = trickle(o.port, rows[i].at_once, rows[i].bytes, 20000, &status) / 1000;

		/* Above: two deadlines one after the other, and a busy machine. */
		CHECK_F(status == 0 && took_ms >= rows[i].least_ms && took_ms < 5000, "%s: %d after %d ms", rows[i].name, status,
			(int)took_ms);
	}
	/* A stream that moves may take longer than its deadline. */
	fd = raw_open(o.port);
	CHECK(raw_send_z(fd, "POST /stream HTTP/1.1\r\n" HOST "Content-Length: 30\r\n\r\n"));
	for (int n = 0; n < 30; n++) {
		CHECK(raw_send_z(fd, "x"));
		ht_nap(25000);
	}
	CHECK(raw_answer(fd, answer, sizeof(answer), false) == 200);
	close(fd);
	office_close(&o, 0);
}

/* 503 when the user is late; what he says afterwards is not sent, but the request lives until then. */
TEST(an_answer_that_is_late)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	struct ht_http_request *r;
	int fd;

	o.settings.answer_us = 100000;
	if (!office_open(&o))
		return;
	fd = raw_open(o.port);
	CHECK(raw_ask(fd, "GET /never HTTP/1.1\r\n" HOST "Authorization: abc\r\n\r\n", answer, sizeof(answer)) == 503);
	CHECK(strstr(answer, "\r\nRetry-After: 1\r\n") && raw_ended(fd));
	close(fd);
	fd = raw_open(o.port);
	CHECK(raw_ask(fd, "GET /x HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	CHECK(office_wait(&o.gone, 1) && ht_http_server_open(o.server) == 0);
	r = atomic_load(&o.kept);
	CHECK(ht_text_is(r->path, "/never") && ht_text_is(r->authorization, "abc"));
	o.file = office_own();
	office_file(&o, r);
	CHECK(raw_ask(fd, "GET /x HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200); /* lets the loop see what came back */
	CHECK(office_wait(&o.gone, 3) && atomic_load(&o.whole) == 2);
	close(fd);
	office_close(&o, 0);
}

static size_t resident(void)
{
	unsigned long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!CHECK(f) || !CHECK(fscanf(f, "%lu %lu", &size, &pages) == 2))
		return 0;
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Connections that have asked once and now wait. */
TEST(idle_connections_are_cheap)
{
	enum { MANY = 1024 };
	static int fds[MANY];
	struct rlimit limit;
	struct office o = { .settings = OFFICE_SETTINGS };
	size_t before;

	o.settings.connections_max = MANY + 8;
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max < 2 * MANY + 100) {
		printf("# the limit of open files is too low here\n");
		return;
	}
	if (!office_open(&o))
		return;
	before = resident();
	for (int i = 0; i < MANY; i++) {
		fds[i] = raw_open(o.port);
		CHECK_F(raw_ask(fds[i], "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200, "connection %d", i);
	}
	CHECK(office_wait(&o.gone, MANY) && ht_http_server_connections(o.server) == MANY && ht_http_server_open(o.server) == 0);
	printf("# %zu bytes for each idle connection\n", (resident() - before) / MANY);
	/* 16 KiB of libmicrohttpd's, and what malloc and sanitizers add; a slot would be more. */
	CHECK(resident() - before < (size_t)MANY * 40000);
	for (int i = 0; i < MANY; i++) {
		CHECK_F(raw_ask(fds[i], "GET /later HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200, "connection %d", i);
		close(fds[i]);
	}
	office_close(&o, 0);
}

/* Without a connection nothing wakes, however short the deadlines are. */
TEST(asleep_without_connections)
{
	enum { SHORT_US = 10000, TIMES = 30 };
	struct office o = { .settings = OFFICE_SETTINGS };
	struct rusage before, after;
	int fd;

	o.settings.head_us = o.settings.body_us = o.settings.answer_us = o.settings.idle_us = SHORT_US;
	if (!office_open(&o))
		return;
	fd = raw_open(o.port);
	CHECK(raw_ended(fd)); /* cut, since it says nothing */
	close(fd);
	while (ht_http_server_connections(o.server))
		ht_nap(1000);
	ht_nap(5 * SHORT_US);
	CHECK(!getrusage(RUSAGE_SELF, &before));
	ht_nap(TIMES * SHORT_US);
	CHECK(!getrusage(RUSAGE_SELF, &after));
	CHECK_F(after.ru_nvcsw - before.ru_nvcsw < TIMES / 3, "woken %ld times", after.ru_nvcsw - before.ru_nvcsw);
	/* And the watchdog is there when one comes. */
	fd = raw_open(o.port);
	CHECK(raw_ended(fd));
	close(fd);
	office_close(&o, 0);
}

static void read_file_from(int fd, const char *path)
{
	char got[8192], want[8192];
	FILE *f = fopen(path, "r");
	size_t len = 0;

	if (!CHECK(f))
		return;
	/* The head, byte by byte. */
	while (len < 4 || memcmp(got + len - 4, "\r\n\r\n", 4) != 0) {
		if (len == sizeof(got) || !CHECK(recv(fd, got + len, 1, 0) == 1))
			break;
		len++;
	}
	while ((len = fread(want, 1, sizeof(want), f)) > 0) {
		if (!CHECK(recv(fd, got, len, MSG_WAITALL) == (ssize_t)len) || !CHECK(memcmp(got, want, len) == 0))
			break;
	}
	fclose(f);
}

TEST(files)
{
	struct office o = { .settings = OFFICE_SETTINGS, .file = office_own() };
	char empty[] = "/tmp/hutong-empty-XXXXXX";
	int fd, none = mkstemp(empty), small = 4096;

	CHECK(none >= 0);
	close(none);
	if (!office_open(&o))
		return;
	fd = raw_open(o.port);
	for (int i = 0; i < 2; i++) {
		CHECK(raw_send_z(fd, "GET /file HTTP/1.1\r\n" HOST "\r\n"));
		read_file_from(fd, o.file);
	}
	o.file = empty;
	CHECK(raw_ask(fd, "GET /file HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200 && strcmp(raw_body(answer), "") == 0);
	CHECK(office_wait(&o.gone, 3) && atomic_load(&o.whole) == 3);
	close(fd);
	/* Who goes before the end has not been given it. */
	o.file = office_own();
	fd = raw_open(o.port);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	CHECK(raw_send_z(fd, "GET /file HTTP/1.1\r\n" HOST "\r\nGET /file HTTP/1.1\r\n" HOST "\r\nGET /file HTTP/1.1\r\n" HOST "\r\n"));
	CHECK(recv(fd, answer, 100, MSG_WAITALL) == 100);
	CHECK(office_wait(&o.asked, 4));
	close(fd);
	for (int i = 0; i < 20000 && ht_http_server_connections(o.server); i++)
		ht_nap(1000);
	CHECK(atomic_load(&o.gone) == atomic_load(&o.asked));
	unlink(empty);
	office_close(&o, 0);
}

/* Quiet: no new connection, no new request, but what is open goes on. */
TEST(quiesce)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	int kept, open, fd;

	if (!office_open(&o))
		return;
	kept = raw_open(o.port);
	open = raw_open(o.port);
	CHECK(raw_ask(kept, "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	CHECK(raw_send_z(open, "GET /never HTTP/1.1\r\n" HOST "\r\n") && office_wait(&o.asked, 2));
	ht_http_server_quiesce(o.server);
	ht_http_server_quiesce(o.server);
	CHECK(ht_http_server_open(o.server) == 1);
	CHECK(raw_ask(kept, "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 503 && raw_ended(kept));
	for (int i = 0; i < 2; i++) {
		fd = raw_open(o.port);
		CHECK(fd < 0 || raw_ended(fd));
		close(fd);
	}
	office_say(atomic_load(&o.kept), 200, HT_TEXT("at last"));
	CHECK(raw_answer(open, answer, sizeof(answer), false) == 200 && strcmp(raw_body(answer), "at last") == 0);
	close(kept);
	close(open);
	ht_http_server_stop(NULL, 0);
	office_close(&o, 1000000);
}

TEST(a_port_that_is_taken)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	const struct ht_http_user user = { &o, office_begin, office_more, office_asked, office_gone, office_too_large };
	struct ht_http_settings bad = OFFICE_SETTINGS;
	struct ht_http_server *second;
	uint16_t port;

	if (!office_open(&o))
		return;
	bad.port = o.port;
	CHECK(ht_http_server_start(&bad, &user, &second, &port) == HT_E_PORT);
	bad.host = HT_TEXT("no.such.host.invalid");
	CHECK(ht_http_server_start(&bad, &user, &second, &port) == HT_E_PORT);
	office_close(&o, 0);
}

CHECK_MAIN(TEST_ROW(what_the_user_sees), TEST_ROW(head), TEST_ROW(heads_that_are_refused), TEST_ROW(sizes_of_heads),
	   TEST_ROW(sizes_of_bodies), TEST_ROW(expect_continue), TEST_ROW(slow_clients_are_cut), TEST_ROW(an_answer_that_is_late),
	   TEST_ROW(idle_connections_are_cheap), TEST_ROW(asleep_without_connections), TEST_ROW(files),
	   TEST_ROW(quiesce), TEST_ROW(a_port_that_is_taken))
