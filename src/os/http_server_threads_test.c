/* os/http_server_threads_test.c - answers from other threads, deadlines and the stop of os/http_server.h at the same time; for ThreadSanitizer too. */
#include "os/http_server.h"

#include "base/random.h"
#include "test/check.h"
#include "os/http_office.h"
#include "os/http_raw.h"

enum { CLIENTS = 6, EACH = 200, ROUNDS = 30 };

struct client {
	struct office *office;
	const char *request;
	int each;
	int answered, refused, cut;
};

/* One connection for as long as it lasts, then a new one. */
static void run_client(void *self)
{
	struct client *c = self;
	int fd = -1;
	char answer[8192];

	for (int i = 0; i < c->each; i++) {
		int status;

		if (fd < 0)
			fd = raw_open(c->office->port);
		status = fd < 0 ? 0 : raw_ask(fd, c->request, answer, sizeof(answer));
		c->answered += status == 200;
		c->refused += status == 503;
		c->cut += status == 0;
		CHECK_F(status == 0 || status == 200 || status == 503, "%d", status);
		if (status != 200 && fd >= 0) {
			close(fd);
			fd = -1;
		}
	}
	if (fd >= 0)
		close(fd);
}

static void start_clients(struct office *o, struct client *clients, struct ht_thread **threads, int each)
{
	static const char *const requests[] = {
		"GET /later HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
		"GET /now HTTP/1.1\r\nHost: a\r\n\r\n",
	};

	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){ .office = o, .request = requests[i % 3], .each = each };
		threads[i] = ht_thread_start("client", run_client, &clients[i]);
	}
}

TEST(answers_from_another_thread)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	struct client clients[CLIENTS];
	struct ht_thread *threads[CLIENTS];

	if (!office_open(&o))
		return;
	start_clients(&o, clients, threads, EACH);
	for (int i = 0; i < CLIENTS; i++) {
		ht_thread_join(threads[i]);
		CHECK(clients[i].answered == EACH);
	}
	CHECK(office_wait(&o.gone, CLIENTS * EACH) && atomic_load(&o.whole) == CLIENTS * EACH);
	office_close(&o, 0);
}

/* The clerk is about as fast as the deadline: each request is answered by one of both, and goes once. */
TEST(answers_at_the_deadline)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	struct client clients[CLIENTS];
	struct ht_thread *threads[CLIENTS];
	int answered = 0;

	o.settings.answer_us = 2000;
	o.nap_us = 2000;
	if (!office_open(&o))
		return;
	start_clients(&o, clients, threads, EACH);
	for (int i = 0; i < CLIENTS; i++) {
		ht_thread_join(threads[i]);
		answered += clients[i].answered;
		CHECK(clients[i].answered + clients[i].refused == EACH);
	}
	office_close(&o, 0);
	CHECK(atomic_load(&o.gone) == CLIENTS * EACH && atomic_load(&o.whole) == answered);
	printf("# %d of %d in time\n", answered, CLIENTS * EACH);
}

/* Stops at any moment, while requests come, sleep and are answered. */
TEST(stop_at_any_moment)
{
	struct ht_random random;

	ht_random_seed(&random, check_seed());
	for (int round = 0; round < ROUNDS; round++) {
		struct office o = { .settings = OFFICE_SETTINGS };
		struct client clients[CLIENTS];
		struct ht_thread *threads[CLIENTS];
		int until = (int)ht_random_below(&random, CLIENTS * 10);

		if (!office_open(&o))
			return;
		start_clients(&o, clients, threads, 20);
		CHECK(office_wait(&o.asked, until));
		office_close(&o, (int64_t)ht_random_below(&random, 2) * 1000);
		for (int i = 0; i < CLIENTS; i++)
			ht_thread_join(threads[i]);
		CHECK_F(atomic_load(&o.gone) == atomic_load(&o.asked), "round %d: %d asked, %d gone", round, atomic_load(&o.asked),
			atomic_load(&o.gone));
	}
}

/* Closed, or with a reset. */
static void leave(int fd, bool reset)
{
	struct linger at_once = { .l_onoff = 1 };

	if (reset)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

/* Their requests sleep on, are answered before or after the stop, and hinder neither. */
TEST(clients_that_leave_while_they_wait)
{
	enum { MANY = 8, NOBODY = 1, RESET = 2, AFTER = 4 };
	static const char request[] = "GET /never HTTP/1.1\r\nHost: a\r\n\r\n";

	for (int how = 0; how < 8; how++) {
		struct office o = { .settings = OFFICE_SETTINGS };
		struct ht_http_request *kept[MANY];
		int fds[MANY];

		if (!office_open(&o))
			return;
		for (int i = 0; i < MANY; i++) {
			fds[i] = raw_open(o.port);
			CHECK(raw_send_z(fds[i], request) && office_wait(&o.asked, i + 1));
			while (!(kept[i] = atomic_exchange(&o.kept, NULL)))
				ht_nap(1000);
		}
		for (int i = 0; i < MANY && how & NOBODY; i++)
			leave(fds[i], how & RESET);
		for (int i = 0; i < MANY && !(how & AFTER); i++)
			office_say(kept[i], 200, HT_TEXT("here"));
		CHECK_F(how & AFTER || office_wait(&o.gone, MANY), "%d: %d gone", how, atomic_load(&o.gone));
		office_close(&o, 0);
		for (int i = 0; i < MANY && how & AFTER; i++)
			office_say(kept[i], 200, HT_TEXT("here"));
		CHECK_F(atomic_load(&o.gone) == MANY, "%d: %d gone", how, atomic_load(&o.gone));
		for (int i = 0; i < MANY && !(how & NOBODY); i++)
			leave(fds[i], how & RESET);
	}
}

/* A file that is sent and an upload that comes are cut, at once when there is no time. */
TEST(stop_with_streams_open)
{
	enum { SIZE = 64 << 20, UPLOADS = 2 };
	struct office o = { .settings = OFFICE_SETTINGS };
	char path[] = "/tmp/hutong-large-XXXXXX";
	int file = mkstemp(path), fds[1 + UPLOADS];
	int64_t from;

	if (!CHECK(file >= 0) || !CHECK(!ftruncate(file, SIZE)) || !office_open(&o))
		return;
	close(file);
	o.file = path;
	fds[0] = raw_open(o.port);
	CHECK(raw_send_z(fds[0], "GET /file HTTP/1.1\r\nHost: a\r\n\r\n") && office_wait(&o.asked, 1));
	for (int i = 1; i <= UPLOADS; i++) {
		fds[i] = raw_open(o.port);
		CHECK(raw_send_z(fds[i], "POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"));
	}
	while (ht_http_server_open(o.server) < 1 + UPLOADS)
		ht_nap(1000);
	from = ht_monotonic_us();
	office_close(&o, 0);
	CHECK(ht_monotonic_us() - from < 2000000);
	CHECK(atomic_load(&o.gone) == 1 + UPLOADS && atomic_load(&o.whole) == 0);
	for (int i = 0; i <= UPLOADS; i++) {
		CHECK(raw_ended(fds[i]));
		close(fds[i]);
	}
	unlink(path);
}

/* What sleeps gets 503, and who answers after the stop finds his request as it was. */
TEST(answer_after_the_stop)
{
	struct office o = { .settings = OFFICE_SETTINGS };
	char answer[1024];
	struct ht_http_request *r;
	int fd;

	if (!office_open(&o))
		return;
	fd = raw_open(o.port);
	CHECK(raw_send_z(fd, "POST /never HTTP/1.1\r\nHost: a\r\nAuthorization: abc\r\nContent-Length: 3\r\n\r\nxyz"));
	CHECK(office_wait(&o.asked, 1));
	office_close(&o, 0);
	CHECK(raw_answer(fd, answer, sizeof(answer), false) == 503 && raw_ended(fd));
	CHECK(atomic_load(&o.gone) == 0);
	r = atomic_load(&o.kept);
	CHECK(ht_text_is(r->authorization, "abc") && ht_bytes_same(r->body, ht_text_bytes(HT_TEXT("xyz"))));
	office_say(r, 200, HT_TEXT("too late"));
	CHECK(atomic_load(&o.gone) == 1 && atomic_load(&o.whole) == 0);
	close(fd);
}

CHECK_MAIN(TEST_ROW(answers_from_another_thread), TEST_ROW(answers_at_the_deadline), TEST_ROW(stop_at_any_moment),
	   TEST_ROW(clients_that_leave_while_they_wait), TEST_ROW(stop_with_streams_open),
	   TEST_ROW(answer_after_the_stop))
