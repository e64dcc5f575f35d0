/* os/http_limit_test.c - tests of os/http_server.h at its limits: too many connections, and the memory that a burst leaves behind. */
#include "os/http_server.h"

#include <sys/resource.h>

#include "base/count.h"
#include "test/check.h"
#include "os/http_office.h"
#include "os/http_raw.h"

#define HOST "Host: a\r\n"

enum { MOST = 3, EXTRA = 16 }; /* EXTRA: as many more are let in to be told */

static char answer[1 << 16];

static void open_most(struct office *o, int fds[MOST])
{
	for (int i = 0; i < MOST; i++) {
		fds[i] = raw_open(o->port);
		CHECK(raw_ask(fds[i], "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	}
}

static void close_most(int fds[MOST])
{
	for (int i = 0; i < MOST; i++)
		close(fds[i]);
}

static bool connections_become(struct office *o, size_t wanted)
{
	int64_t until = ht_monotonic_us() + (int64_t)RAW_WAIT_S * 1000000;

	while (ht_http_server_connections(o->server) != wanted && ht_monotonic_us() < until)
		ht_nap(1000);
	return ht_http_server_connections(o->server) == wanted;
}

/* One more than there may be is told to come later, and is welcome when another has gone. */
TEST(too_many_connections_are_told)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	int fds[MOST], last, silent;

	o.settings.connections_max = MOST;
	if (!office_open(&o))
		return;
	open_most(&o, fds);
	last = raw_open(o.port);
	silent = raw_open(o.port);
	CHECK(raw_ask(last, "POST / HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nab", answer, sizeof(answer)) == 503);
	CHECK(strstr(answer, "\r\nRetry-After: 1\r\n") && raw_ended(last));
	close(last);
	CHECK(raw_ask(fds[0], "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	close(fds[0]);
	close(fds[1]);
	CHECK(connections_become(&o, MOST - 1));
	CHECK(raw_ask(silent, "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	fds[0] = raw_open(o.port);
	CHECK(raw_ask(fds[0], "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	CHECK(raw_ask(silent, "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	CHECK(atomic_load(&o.asked) == MOST + 4);
	fds[1] = silent;
	close_most(fds);
	office_close(&o, 0);
}

/* Of a flood a few are let in and soon cut, all others are closed as they come; libmicrohttpd never stands at a limit of its own. */
TEST(a_flood_of_connections)
{
	enum { FLOOD = 200 };
	static int flood[FLOOD];
	struct office o = { .settings = OFFICE_SETTINGS };
	int64_t from = ht_monotonic_us();
	int fds[MOST];

	o.settings.connections_max = MOST;
	if (!office_open(&o))
		return;
	open_most(&o, fds);
	for (int i = 0; i < FLOOD; i++) {
		flood[i] = raw_open(o.port);
		CHECK(ht_http_server_connections(o.server) <= MOST + EXTRA);
	}
	for (int i = FLOOD; i-- > 0;)
		CHECK_F(raw_ended(flood[i]), "connection %d", i);
	CHECK(ht_monotonic_us() - from < o.settings.head_us / 2);
	CHECK(connections_become(&o, MOST));
	for (int i = 0; i < MOST; i++)
		CHECK(raw_ask(fds[i], "GET / HTTP/1.1\r\n" HOST "\r\n", answer, sizeof(answer)) == 200);
	close_most(fds);
	for (int i = 0; i < FLOOD; i++)
		close(flood[i]);
	CHECK(connections_become(&o, 0));
	open_most(&o, fds);
	close_most(fds);
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

/* Sends so many requests of `body` bytes at once, so that all of them are in memory before the first is answered. */
static void burst(struct office *o, int *fds, int many, size_t body)
{
	static char block[200 << 10];
	char head[128];
	int gone = atomic_load(&o->gone);

	(void)snprintf(head, sizeof(head), "POST /later HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", body);
	for (int i = 0; i < many; i++) {
		fds[i] = raw_open(o->port);
		CHECK(raw_send_z(fds[i], head) && raw_send(fds[i], block, body - 1));
	}
	CHECK(connections_become(o, (size_t)many));
	for (int i = 0; i < many; i++)
		CHECK(raw_send(fds[i], block, 1));
	for (int i = 0; i < many; i++) {
		CHECK_F(raw_answer(fds[i], answer, sizeof(answer), false) == 200, "connection %d", i);
		close(fds[i]);
	}
	CHECK(office_wait(&o->gone, gone + many) && connections_become(o, 0));
}

/* After a burst of large requests, and after a small one that uses the same slots again. */
TEST(memory_after_a_burst)
{
	enum { MANY = 400, LARGE = 200 << 10 };
	static int fds[MANY];
	static const size_t sizes[] = { LARGE, 100 };
	struct rlimit limit;
	struct office o = { .settings = OFFICE_SETTINGS };
	size_t before;

	o.settings.connections_max = MANY;
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max < 2 * MANY + 300) {
		printf("# the limit of open files is too low here\n");
		return;
	}
	if (!office_open(&o))
		return;
	before = resident();
	for (size_t i = 0; i < HT_COUNT(sizes); i++) {
		burst(&o, fds, MANY, sizes[i]);
		printf("# %zu KiB are left of %d requests of %zu bytes\n", (resident() - before) >> 10, MANY, sizes[i]);
		/* 32 KiB of each slot, 1 MiB of 16 of them at the most, and what malloc and sanitizers keep; all of the bodies would be 82 MB. */
		CHECK(resident() - before < (size_t)MANY * 130000);
	}
	office_close(&o, 0);
}

/* Bytes and the end of them in one segment. Who has a complete head is answered, who has none is let go. */
TEST(who_sends_no_more)
{
	static const struct {
		const char *name, *bytes;
		int status;
	} rows[] = {
		{ "nothing", "", 0 },
		{ "half a line", "GET /he", 0 },
		{ "half a head", "GET / HTTP/1.1\r\n" HOST, 0 },
		{ "a request", "GET / HTTP/1.1\r\n" HOST "\r\n", 200 },
		{ "a slow answer", "POST /later HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi", 200 },
		{ "one and a half", "GET / HTTP/1.1\r\n" HOST "\r\nGET /he", 200 },
	};
	struct office o = { .settings = OFFICE_SETTINGS, .nap_us = 1200000 };

	if (!office_open(&o))
		return;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		int64_t from = ht_monotonic_us();
		int fd = raw_open(o.port), status;

		CHECK_ROW(rows[i].name, send(fd, rows[i].bytes, strlen(rows[i].bytes), MSG_MORE) >= 0 && !shutdown(fd, SHUT_WR));
		status = raw_answer(fd, answer, sizeof(answer), false);
		CHECK_F(status == rows[i].status, "%s: %d", rows[i].name, status);
		CHECK_ROW(rows[i].name, raw_ended(fd) && ht_monotonic_us() - from < o.settings.head_us / 3);
		close(fd);
	}
	office_close(&o, 0);
}

CHECK_MAIN(TEST_ROW(too_many_connections_are_told), TEST_ROW(a_flood_of_connections), TEST_ROW(memory_after_a_burst),
	   TEST_ROW(who_sends_no_more))
