/* os/http_client_threads_test.c - the HTTP client woken by other threads, and against our own server; for ThreadSanitizer too. */
#include "os/http_client.h"

#include "base/count.h"
#include "test/check.h"
#include "os/http_office.h"

enum { CALLERS = 3, CALLS = 100, WAIT_US = 20000000 };

/* A client with its thread and an inbox, as the courier has them. */
struct desk {
	struct ht_http_client *client;
	struct ht_queue *inbox;
	atomic_int done, good;
	atomic_bool stopping;
};

struct letter {
	struct ht_http_call call;
	struct desk *desk;
	char url[64];
};

static struct ht_http_client *client_inside(void)
{
	struct ht_ranges ranges;
	struct ht_text bad;

	CHECK(ht_ranges_read(HT_TEXT("127.0.0.0/8"), &ranges, &bad));
	return ht_http_client_new(&ranges, 8);
}

static void letter_done(struct ht_http_call *call)
{
	struct letter *l = call->mine;

	atomic_fetch_add(&l->desk->good, !call->err && call->status == 200);
	atomic_fetch_add(&l->desk->done, 1);
}

static void desk_run(void *self)
{
	struct desk *d = self;
	void *items[16];
	size_t n;

	while (!atomic_load(&d->stopping)) {
		(void)ht_queue_take(d->inbox, items, HT_COUNT(items), 0, &n);
		for (size_t i = 0; i < n; i++)
			ht_http_client_start(d->client, &((struct letter *)items[i])->call);
		ht_http_client_run(d->client, n == HT_COUNT(items) ? 0 : WAIT_US);
	}
}

struct caller {
	struct desk *desk;
	struct office *office;
	struct letter letters[CALLS];
};

static void caller_run(void *self)
{
	struct caller *c = self;

	for (int i = 0; i < CALLS; i++) {
		struct letter *l = &c->letters[i];

		*l = (struct letter){ .desk = c->desk };
		(void)snprintf(l->url, sizeof(l->url), "http://127.0.0.1:%u%s", c->office->port, i % 2 ? "/later" : "/now");
		l->call = (struct ht_http_call){
			.method = "POST",
			.url = ht_text_of(l->url),
			.content_type = "text/plain",
			.body = ht_text_bytes(HT_TEXT("hello")),
			.answer_max = 1 << 20,
			.timeout_us = WAIT_US,
			.done = letter_done,
			.mine = l,
		};
		CHECK(ht_queue_put(c->desk->inbox, l));
		ht_http_client_wake(c->desk->client);
	}
}

/* No call is left lying until the long wait is over. */
TEST(calls_from_other_threads)
{
	static struct caller callers[CALLERS];
	struct office o = { .settings = OFFICE_SETTINGS };
	struct desk d = { .client = client_inside(), .inbox = ht_queue_new(CALLERS * CALLS) };
	struct ht_thread *threads[CALLERS], *thread;
	int64_t from = ht_monotonic_us();

	if (!office_open(&o))
		return;
	thread = ht_thread_start("desk", desk_run, &d);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ .desk = &d, .office = &o };
		threads[i] = ht_thread_start("caller", caller_run, &callers[i]);
	}
	for (int i = 0; i < CALLERS; i++)
		ht_thread_join(threads[i]);
	CHECK(office_wait(&d.done, CALLERS * CALLS) && atomic_load(&d.good) == CALLERS * CALLS);
	CHECK(ht_monotonic_us() - from < WAIT_US);
	atomic_store(&d.stopping, true);
	ht_http_client_wake(d.client);
	ht_thread_join(thread);
	ht_http_client_free(d.client);
	ht_queue_free(d.inbox);
	office_close(&o, 0);
}

static void wake(void *self)
{
	ht_http_client_wake(self);
}

TEST(wake_ends_the_wait)
{
	struct ht_http_client *c = client_inside();

	/* Before the wait, or while it lasts: either ends it. */
	for (int i = 0; i < 50; i++) {
		int64_t from = ht_monotonic_us();
		struct ht_thread *t = ht_thread_start("wake", wake, c);

		ht_http_client_run(c, WAIT_US);
		CHECK(ht_monotonic_us() - from < WAIT_US / 2);
		ht_thread_join(t);
	}
	ht_http_client_free(c);
}

CHECK_MAIN(TEST_ROW(calls_from_other_threads), TEST_ROW(wake_ends_the_wait))
