/* os/http_stream_threads_test.c - bodies without end: order, sleep, slow and lost clients, and the stop; for ThreadSanitizer too. */
#include "os/http_stream.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/time.h"
#include "test/check.h"
#include "os/http_office.h"
#include "os/http_raw.h"

enum { PIECE = 64 << 10, ROUNDS = 20, CLIENTS = 8 };

#define ASK(version) "GET /never " version "\r\nHost: a\r\n\r\n"

static void count(void *self)
{
	atomic_fetch_add((atomic_int *)self, 1);
}

/* A stream as the answer to a request that is asked here; *fd is its client. */
static struct ht_http_stream *stream_of(struct office *o, const char *request, int *fd, atomic_int *told)
{
	struct ht_http_stream *s = ht_http_stream_new(count, told);
	const struct ht_http_answer answer = { .status = 200, .content_type = "text/event-stream", .stream = s };
	struct ht_http_request *r;

	*fd = raw_open(o->port);
	CHECK(raw_send_z(*fd, request));
	while (!(r = atomic_exchange(&o->kept, NULL)))
		ht_nap(1000);
	ht_http_answer(r, &answer);
	return s;
}

static bool until_gone(struct ht_http_stream *s)
{
	int64_t until_us = ht_monotonic_us() + 20 * HT_SECOND_US;

	while (!ht_http_stream_gone(s) && ht_monotonic_us() < until_us)
		ht_nap(1000);
	return ht_http_stream_gone(s);
}

static void put(struct ht_http_stream *s, const char *text)
{
	while (!ht_http_stream_ready(s))
		ht_nap(1000);
	ht_http_stream_put(s, ht_text_bytes(ht_text_of(text)));
}

/* Reads until the answer so far ends so. */
static bool reads(int fd, char *all, size_t size, const char *tail)
{
	size_t have = strlen(all), len = strlen(tail);
	ssize_t n = 1;

	while (n > 0 && have + 1 < size && (have < len || strcmp(all + have - len, tail) != 0)) {
		n = recv(fd, all + have, 1, 0);
		have += n > 0 ? (size_t)n : 0;
		all[have] = '\0';
	}
	return have >= len && strcmp(all + have - len, tail) == 0;
}

TEST(pieces_come_as_they_are_put)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	atomic_int told = 0;
	struct ht_http_stream *s;
	char all[4096] = "";
	int fd;

	if (!office_open(&o))
		return;
	s = stream_of(&o, ASK("HTTP/1.1"), &fd, &told);
	put(s, "one");
	CHECK(reads(fd, all, sizeof(all), "\r\n3\r\none\r\n"));
	CHECK(strstr(all, "HTTP/1.1 200 ") && strstr(all, "Content-Type: text/event-stream\r\n"));
	CHECK(strstr(all, "Cache-Control: no-store\r\n") && strstr(all, "Transfer-Encoding: chunked\r\n"));
	put(s, "second");
	CHECK(reads(fd, all, sizeof(all), "\r\n6\r\nsecond\r\n"));
	CHECK(!ht_http_stream_gone(s));
	put(s, "!");
	ht_http_stream_drop(s);
	CHECK(reads(fd, all, sizeof(all), "\r\n1\r\n!\r\n0\r\n\r\n"));
	CHECK(raw_ask(fd, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n", all, sizeof(all)) == 200); /* the connection lives on */
	CHECK(office_wait(&o.gone, 2) && atomic_load(&o.whole) == 2 && atomic_load(&told) == 1);
	close(fd);
	office_close(&o, 0);
}

TEST(older_clients_and_head)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	atomic_int told = 0;
	struct ht_http_stream *s;
	char all[4096] = "";
	int fd;

	if (!office_open(&o))
		return;
	s = stream_of(&o, ASK("HTTP/1.0"), &fd, &told);
	put(s, "one");
	put(s, "two");
	ht_http_stream_drop(s);
	CHECK(reads(fd, all, sizeof(all), "\r\n\r\nonetwo") && raw_ended(fd));
	close(fd);
	s = stream_of(&o, "HEAD /never HTTP/1.1\r\nHost: a\r\n\r\n", &fd, &told);
	CHECK(raw_answer(fd, all, sizeof(all), true) == 200 && until_gone(s));
	ht_http_stream_drop(s);
	close(fd);
	CHECK(office_wait(&o.gone, 2));
	office_close(&o, 0);
}

/* Puts numbered pieces until one does not fit any more; returns how many. */
static int fill(struct ht_http_stream *s, char *piece)
{
	int n = 0;

	for (int64_t until_us = ht_monotonic_us() + HT_SECOND_US; ht_monotonic_us() < until_us;) {
		if (!ht_http_stream_ready(s)) {
			ht_nap(1000);
			continue;
		}
		memset(piece, 'a' + n % 26, PIECE);
		ht_http_stream_put(s, (struct ht_bytes){ (const uint8_t *)piece, PIECE });
		n++;
		until_us = ht_monotonic_us() + HT_SECOND_US / 5;
	}
	return n;
}

/* One who does not read is waited for, others are not; when he reads, nothing is missing. */
TEST(a_slow_reader_waits_alone)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	atomic_int told = 0, other_told = 0;
	struct ht_http_stream *slow, *other;
	char *piece = ht_memory_take(NULL, PIECE), all[4096] = "";
	size_t got = 0;
	int fd, other_fd, n;
	ssize_t len;

	if (!office_open(&o))
		return;
	slow = stream_of(&o, ASK("HTTP/1.0"), &fd, &told);
	other = stream_of(&o, ASK("HTTP/1.1"), &other_fd, &other_told);
	n = fill(slow, piece);
	CHECK(n > 1 && !ht_http_stream_ready(slow) && !ht_http_stream_gone(slow));
	put(other, "quick");
	CHECK(reads(other_fd, all, sizeof(all), "\r\n5\r\nquick\r\n"));
	ht_http_stream_drop(other);
	CHECK(raw_answer(fd, all, sizeof(all), true) == 200);
	while (got < (size_t)n * PIECE && (len = recv(fd, piece, PIECE, 0)) > 0) {
		for (ssize_t i = 0; i < len; i++, got++) {
			if (piece[i] != (char)('a' + got / PIECE % 26))
				got = SIZE_MAX - PIECE;
		}
	}
	CHECK(got == (size_t)n * PIECE && office_wait(&told, 1) && ht_http_stream_ready(slow));
	ht_http_stream_drop(slow);
	CHECK(raw_ended(fd));
	close(fd);
	close(other_fd);
	office_close(&o, 0);
	ht_memory_give(piece);
}

/* Who does not read at all is cut by the deadline; sleep has none. */
TEST(who_does_not_read_is_cut)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	atomic_int told = 0, asleep_told = 0;
	char *piece = ht_memory_take(NULL, PIECE), all[4096] = "";
	struct ht_http_stream *s, *asleep;
	int fd, asleep_fd;

	o.settings.idle_us = o.settings.answer_us = HT_SECOND_US;
	if (!office_open(&o))
		return;
	asleep = stream_of(&o, ASK("HTTP/1.1"), &asleep_fd, &asleep_told);
	s = stream_of(&o, ASK("HTTP/1.1"), &fd, &told);
	fill(s, piece);
	CHECK(until_gone(s) && office_wait(&told, 1));
	ht_http_stream_drop(s);
	CHECK(!ht_http_stream_gone(asleep));
	put(asleep, "still here");
	CHECK(reads(asleep_fd, all, sizeof(all), "still here\r\n"));
	ht_http_stream_drop(asleep);
	close(asleep_fd);
	close(fd);
	office_close(&o, 0);
	ht_memory_give(piece);
}

/* Its connection sleeps; what is put next finds nobody. */
TEST(a_client_that_leaves)
{
	struct office o = { .settings = OFFICE_SETTINGS };

	if (!office_open(&o))
		return;
	for (int how = 0; how < 4; how++) {
		const struct linger at_once = { .l_onoff = 1 };
		atomic_int told = 0;
		struct ht_http_stream *s;
		char all[4096] = "";
		int fd;

		s = stream_of(&o, ASK("HTTP/1.1"), &fd, &told);
		if (how & 1)
			CHECK(raw_answer(fd, all, sizeof(all), true) == 200);
		if (how & 2)
			(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(fd);
		for (int i = 0; i < 1000 && !ht_http_stream_gone(s); i++) {
			if (ht_http_stream_ready(s))
				put(s, "anybody?");
			ht_nap(5000);
		}
		CHECK(ht_http_stream_gone(s) && office_wait(&told, 1));
		ht_http_stream_drop(s);
	}
	CHECK(office_wait(&o.gone, 4));
	office_close(&o, 0);
}

/* The deadline has answered for the user: his stream reaches nobody. */
TEST(an_answer_that_comes_late)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	atomic_int told = 0;
	struct ht_http_stream *s = ht_http_stream_new(count, &told);
	const struct ht_http_answer answer = { .status = 200, .stream = s };
	char all[4096];
	int fd;

	o.settings.answer_us = HT_SECOND_US / 10;
	if (!office_open(&o))
		return;
	fd = raw_open(o.port);
	CHECK(raw_ask(fd, ASK("HTTP/1.1"), all, sizeof(all)) == 503);
	ht_http_answer(atomic_load(&o.kept), &answer);
	CHECK(ht_http_stream_gone(s) && atomic_load(&told) == 1);
	ht_http_stream_drop(s);
	close(fd);
	office_close(&o, 0);
}

struct writer {
	struct ht_http_stream *streams[CLIENTS];
	atomic_bool stop;
	uint64_t seed;
};

/* Puts into all of them, and drops some. */
static void write_on(void *self)
{
	struct writer *w = self;
	struct ht_random random;
	char text[PIECE];

	memset(text, 'x', sizeof(text));
	ht_random_seed(&random, w->seed);
	while (!atomic_load(&w->stop)) {
		for (int i = 0; i < CLIENTS; i++) {
			struct ht_http_stream *s = w->streams[i];

			if (!s || !ht_http_stream_ready(s))
				continue;
			ht_http_stream_put(s, (struct ht_bytes){ (const uint8_t *)text, 1 + ht_random_below(&random, PIECE) });
			if (ht_random_below(&random, 200) == 0) {
				ht_http_stream_drop(s);
				w->streams[i] = NULL;
			}
		}
		ht_nap((int64_t)ht_random_below(&random, 200));
	}
}

/* Stops while streams sleep, move, stand still and end; the user drops his only afterwards. */
TEST(stop_with_open_streams)
{
	const uint64_t seed = check_seed();
	struct ht_random random;

	ht_random_seed(&random, seed);
	for (int round = 0; round < ROUNDS; round++) {
		struct office o = { .settings = OFFICE_SETTINGS };
		struct writer w = { .seed = seed + (uint64_t)round };
		struct ht_thread *thread;
		atomic_int told = 0;
		int fds[CLIENTS];
		int64_t from_us;

		if (!office_open(&o))
			return;
		for (int i = 0; i < CLIENTS; i++)
			w.streams[i] = stream_of(&o, ASK("HTTP/1.1"), &fds[i], &told);
		thread = round % 2 ? ht_thread_start("writer", write_on, &w) : NULL;
		for (int i = 0; i < CLIENTS; i += 3)
			close(fds[i]);
		ht_nap((int64_t)ht_random_below(&random, 20000));
		from_us = ht_monotonic_us();
		office_close(&o, 0);
		CHECK_F(ht_monotonic_us() - from_us < 3 * HT_SECOND_US, "round %d: %lld us", round,
			(long long)(ht_monotonic_us() - from_us));
		CHECK_F(atomic_load(&o.gone) == CLIENTS, "round %d: %d gone", round, atomic_load(&o.gone));
		atomic_store(&w.stop, true);
		ht_thread_join(thread);
		for (int i = 0; i < CLIENTS; i++) {
			CHECK(!w.streams[i] || ht_http_stream_gone(w.streams[i]));
			ht_http_stream_drop(w.streams[i]);
			if (i % 3)
				close(fds[i]);
		}
	}
}

CHECK_MAIN(TEST_ROW(pieces_come_as_they_are_put), TEST_ROW(older_clients_and_head), TEST_ROW(a_slow_reader_waits_alone),
	   TEST_ROW(who_does_not_read_is_cut), TEST_ROW(a_client_that_leaves), TEST_ROW(an_answer_that_comes_late),
	   TEST_ROW(stop_with_open_streams))
