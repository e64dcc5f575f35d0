/* os/http_client_test.c - tests of os/http_client.h against a peer on 127.0.0.1 that behaves badly. */
#include "os/http_client.h"

#include "base/count.h"
#include "test/check.h"
#include "os/http_peer.h"

enum { WAIT_US = 20000000 };

struct trip {
	struct ht_http_call call;
	char url[256];
	char answer[PEER_HEAD]; /* what was collected, terminated */
	char link[256];         /* the same of Link */
	size_t pieces, bytes, enough;
	int64_t total;
	int done;
};

static struct ht_ranges ranges_of(const char *text)
{
	struct ht_ranges ranges;
	struct ht_text bad;

	CHECK_ROW(text, ht_ranges_read(ht_text_of(text), &ranges, &bad));
	return ranges;
}

static struct ht_http_client *client_for(const char *allow, size_t connections)
{
	struct ht_ranges ranges = ranges_of(allow);

	return ht_http_client_new(&ranges, connections);
}

static void done(struct ht_http_call *call)
{
	struct trip *t = call->mine;
	size_t len = call->answer.len < sizeof(t->answer) ? call->answer.len : sizeof(t->answer) - 1;

	if (len)
		memcpy(t->answer, call->answer.at, len);
	t->answer[len] = '\0';
	(void)snprintf(t->link, sizeof(t->link), HT_TEXT_FMT, HT_TEXT_ARG(call->link));
	t->done++;
}

static bool take_piece(struct ht_http_call *call, struct ht_bytes piece, int64_t total)
{
	struct trip *t = call->mine;

	t->pieces++;
	t->bytes += piece.len;
	t->total = total;
	return !t->enough || t->bytes < t->enough;
}

/* host: with a port when it has one. */
static void trip_to(struct trip *t, const char *host, uint16_t port, const char *path)
{
	*t = (struct trip){ .call = { .method = "GET", .answer_max = 1 << 20, .timeout_us = 10000000, .done = done } };
	(void)snprintf(t->url, sizeof(t->url), "http://%s:%u%s", host, port, path);
	t->call.url = ht_text_of(t->url);
	t->call.mine = t;
}

static void drive(struct ht_http_client *c, struct trip *t)
{
	int64_t until = ht_monotonic_us() + WAIT_US;

	while (!t->done && ht_monotonic_us() < until)
		ht_http_client_run(c, 100000);
	CHECK_F(t->done == 1, "%s: done %d times", t->url, t->done);
}

static enum ht_err go(struct ht_http_client *c, struct trip *t)
{
	ht_http_client_start(c, &t->call);
	CHECK(ht_http_client_busy(c) == 1 && !t->done);
	drive(c, t);
	CHECK(ht_http_client_busy(c) == 0);
	return t->call.err;
}

/* A message goes out as it should and its answer comes back. */
TEST(a_message)
{
	struct peer p;
	struct ht_http_client *c = client_for("127.0.0.1", 4);
	struct trip t;

	peer_open(&p);
	trip_to(&t, "127.0.0.1", p.port, "/echo?a=b");
	t.call.method = "POST";
	t.call.authorization = HT_TEXT("Bearer abc");
	t.call.last_event_id = HT_TEXT("17");
	t.call.content_type = "application/json";
	t.call.body = ht_text_bytes(HT_TEXT("{\"a\":1}"));
	CHECK(!go(c, &t) && t.call.status == 200);
	CHECK(strstr(t.answer, "POST /echo?a=b HTTP/1.1\r\n") &&
	      strstr(t.answer, "\r\nAuthorization: Bearer abc\r\nLast-Event-ID: 17\r\n"));
	CHECK(strstr(t.answer, "\r\nContent-Type: application/json\r\n") && strstr(t.answer, "\r\n\r\n{\"a\":1}"));
	CHECK(strstr(t.answer, "\r\nContent-Length: 7\r\n") && !strstr(t.answer, "Expect"));
	/* The next one of the same handle has nothing of it. */
	trip_to(&t, "127.0.0.1", p.port, "/echo");
	CHECK(!go(c, &t) && strstr(t.answer, "GET /echo HTTP/1.1\r\n") && !strstr(t.answer, "Authorization") &&
	      !strstr(t.answer, "Content-"));
	trip_to(&t, "127.0.0.1", p.port, "/echo");
	t.call.method = "PUT";
	t.call.body = ht_text_bytes(HT_TEXT("x"));
	CHECK(!go(c, &t) && strstr(t.answer, "PUT /echo HTTP/1.1\r\n") && strstr(t.answer, "\r\n\r\nx"));
	trip_to(&t, "127.0.0.1", p.port, "/echo");
	t.call.method = "DELETE";
	CHECK(!go(c, &t) && strstr(t.answer, "DELETE /echo HTTP/1.1\r\n"));
	trip_to(&t, "127.0.0.1", p.port, "/echo");
	t.call.method = "POST";
	CHECK(!go(c, &t) && strstr(t.answer, "POST /echo HTTP/1.1\r\n") && strstr(t.answer, "\r\nContent-Length: 0\r\n"));
	ht_http_client_free(c);
	ht_http_client_free(NULL);
	peer_close(&p);
}

/* One address of each special range, as it may be written in a URL: nobody is asked. */
TEST(special_ranges)
{
	static const char *const hosts[] = {
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.1.2.3", "168.63.129.16", "169.254.169.254",
		"172.16.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]",
		"[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[100::1]", "[2001::1]", "[2001:2::1]", "[2001:10::1]", "[2001:db8::1]",
		"[2002:7f00:1::1]", "[3fff::1]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[fec0::1]", "[ff02::1]",
		/* as curl reads them, but not a strict reader */
		"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost",
	};
	struct peer p;
	struct ht_http_client *c = client_for("", 4);
	int v6 = socket(AF_INET6, SOCK_STREAM, 0);
	struct trip t;

	peer_open(&p);
	for (size_t i = 0; i < HT_COUNT(hosts); i++) {
		if (hosts[i][0] == '[' && v6 < 0)
			continue;
		trip_to(&t, hosts[i], p.port, "/echo");
		CHECK_F(go(c, &t) == HT_E_FORBIDDEN, "%s: %s", hosts[i], ht_err_word(t.call.err));
		CHECK_ROW(hosts[i], !t.call.status && !t.call.answer.len);
	}
	CHECK(atomic_load(&p.accepted) == 0);
	if (v6 >= 0)
		close(v6);
	else
		printf("# no IPv6 here: its addresses were not tried\n");
	ht_http_client_free(c);
	peer_close(&p);
}

TEST(urls_that_are_refused)
{
	static const char *const urls[] = {
		"", "127.0.0.1", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://", "http://u@127.0.0.1/",
		"http://u:p@127.0.0.1/", "http://127.0.0.1/#x", "http://127.0.0.1/ x", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1:0/",
	};
	struct ht_http_client *c = client_for("127.0.0.0/8", 4);
	struct trip t;

	for (size_t i = 0; i < HT_COUNT(urls); i++) {
		trip_to(&t, "127.0.0.1", 1, "/");
		t.call.url = ht_text_of(urls[i]);
		CHECK_ROW(urls[i], go(c, &t) == HT_E_FORBIDDEN);
	}
	/* A value of a header that would be two. */
	trip_to(&t, "127.0.0.1", 1, "/");
	t.call.authorization = HT_TEXT("Bearer a\r\nX: b");
	CHECK(go(c, &t) == HT_E_UNREACHABLE);
	ht_http_client_free(c);
}

/* Of a name with several addresses the forbidden ones are skipped. P stands for the peer's port. */
TEST(names_of_several_addresses)
{
	static const struct {
		const char *addresses, *allow;
		bool inside_only;
		enum ht_err err;
	} rows[] = {
		{ "127.0.0.1", "", false, HT_E_FORBIDDEN },
		{ "127.0.0.1", "127.0.0.1", false, HT_OK },
		{ "127.0.0.1", "127.0.0.1", true, HT_OK },
		{ "127.0.0.2,127.0.0.1", "127.0.0.1", false, HT_OK },
		{ "10.0.0.1,169.254.169.254,127.0.0.1", "127.0.0.1", false, HT_OK },
		{ "[::1],127.0.0.1", "127.0.0.1", false, HT_OK },
		{ "10.0.0.1,127.0.0.1", "", false, HT_E_FORBIDDEN },
		{ "8.8.8.8,127.0.0.1", "127.0.0.1", true, HT_OK }, /* 8.8.8.8 is not inside */
		{ "8.8.8.8,127.0.0.1", "", true, HT_E_FORBIDDEN },
		{ "10.0.0.1,127.0.0.2", "127.0.0.2", false, HT_E_UNREACHABLE }, /* one was tried */
	};
	struct peer p;

	peer_open(&p);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_http_client *c = client_for(rows[i].allow, 4);
		char entry[256];
		struct trip t;

		(void)snprintf(entry, sizeof(entry), "peer.example:%u:%s", p.port, rows[i].addresses);
		ht_http_client_resolve(c, entry);
		trip_to(&t, "peer.example", p.port, "/echo");
		t.call.inside_only = rows[i].inside_only;
		CHECK_F(go(c, &t) == rows[i].err, "%s in %s: %s", rows[i].addresses, rows[i].allow, ht_err_word(t.call.err));
		CHECK_ROW(rows[i].addresses, t.call.status == (rows[i].err ? 0 : 200));
		ht_http_client_free(c);
	}
	peer_close(&p);
}

/* The variables that curl itself would follow. */
TEST(proxies_of_the_environment)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy" };
	struct ht_http_client *c;
	struct peer p;
	struct trip t;

	peer_open(&p);
	for (size_t i = 0; i < HT_COUNT(names); i++)
		CHECK(!setenv(names[i], "http://127.0.0.1:1", 1));
	c = client_for("127.0.0.1", 4);
	trip_to(&t, "127.0.0.1", p.port, "/echo");
	CHECK(!go(c, &t) && strstr(t.answer, "GET /echo HTTP/1.1\r\n"));
	for (size_t i = 0; i < HT_COUNT(names); i++)
		unsetenv(names[i]);
	ht_http_client_free(c);
	peer_close(&p);
}

TEST(manners_of_peers)
{
	static const struct {
		const char *path;
		int64_t timeout_us;
		int stall_s;
		enum ht_err err;
		int status, retry_after_s;
		const char *answer;
	} rows[] = {
		{ "/redirect", 10000000, 0, HT_OK, 302, 0, "" },
		{ "/html", 10000000, 0, HT_OK, 502, 0, "<html>bad gateway</html>" },
		{ "/nothing", 10000000, 0, HT_OK, 404, 0, "no such path" },
		{ "/retry", 10000000, 0, HT_OK, 503, 7, "" },
		{ "/retry-never", 10000000, 0, HT_OK, 503, 0, "" },
		{ "/silent", 200000, 0, HT_E_TIMEOUT, 0, 0, "" },
		{ "/stalls", 200000, 0, HT_E_TIMEOUT, 0, 0, "" },
		{ "/silent", 0, 1, HT_E_TIMEOUT, 0, 0, "" },
		{ "/stalls", 0, 1, HT_E_TIMEOUT, 0, 0, "" },
		{ "/short", 10000000, 0, HT_E_UNREACHABLE, 0, 0, "" },
		{ "/closes", 10000000, 0, HT_E_UNREACHABLE, 0, 0, "" },
		{ "/not-http", 10000000, 0, HT_E_UNREACHABLE, 0, 0, "" },
		{ "/big", 10000000, 0, HT_E_TOO_BIG, 0, 0, "" },
		{ "/big-error", 10000000, 0, HT_E_TOO_BIG, 0, 0, "" },
		{ "/endless", 10000000, 0, HT_E_TOO_BIG, 0, 0, "" },
		{ "/endless-chunks", 10000000, 0, HT_E_TOO_BIG, 0, 0, "" },
		{ "/endless-head", 10000000, 0, HT_E_TOO_BIG, 0, 0, "" },
		{ "/endless-continue", 10000000, 0, HT_E_TOO_BIG, 0, 0, "" },
	};
	struct ht_http_client *c = client_for("127.0.0.1", 4);
	struct peer p;

	peer_open(&p);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct trip t;
		enum ht_err err;

		trip_to(&t, "127.0.0.1", p.port, rows[i].path);
		t.call.timeout_us = rows[i].timeout_us;
		t.call.stall_s = rows[i].stall_s;
		err = go(c, &t);
		CHECK_F(err == rows[i].err && t.call.status == rows[i].status, "%s: %s %d", rows[i].path, ht_err_word(err), t.call.status);
		CHECK_F(t.call.retry_after_s == rows[i].retry_after_s, "%s: %d s", rows[i].path, t.call.retry_after_s);
		CHECK_F(strcmp(t.answer, rows[i].answer) == 0, "%s: %s", rows[i].path, t.answer);
	}
	CHECK(atomic_load(&p.requests) >= (int)HT_COUNT(rows));
	ht_http_client_free(c);
	peer_close(&p);
	{ /* nobody is there */
		struct trip t;

		c = client_for("127.0.0.1", 4);
		trip_to(&t, "127.0.0.1", p.port, "/echo");
		CHECK(go(c, &t) == HT_E_UNREACHABLE);
		ht_http_client_free(c);
	}
}

/* All of the final answer, and nothing of one before it. */
TEST(links)
{
	static const struct {
		const char *path, *link;
	} rows[] = { { "/links", "<?a>; rel=next, <?b>; rel=prev, <?c>" }, { "/links-long", "" }, { "/echo", "" } };
	struct ht_http_client *c = client_for("127.0.0.1", 4);
	struct peer p;

	peer_open(&p);
	for (size_t i = 0; i < 2 * HT_COUNT(rows); i++) { /* also with a handle that was used before */
		size_t row = i % HT_COUNT(rows);
		struct trip t;

		trip_to(&t, "127.0.0.1", p.port, rows[row].path);
		CHECK_ROW(rows[row].path, !go(c, &t) && t.call.status == 200);
		CHECK_F(strcmp(t.link, rows[row].link) == 0, "%s: %s", rows[row].path, t.link);
	}
	ht_http_client_free(c);
	peer_close(&p);
}

/* An answer piece by piece is not collected and has no limit; one that is no success is collected all the same. */
TEST(pieces)
{
	struct ht_http_client *c = client_for("127.0.0.1", 4);
	struct peer p;
	struct trip t;

	peer_open(&p);
	trip_to(&t, "127.0.0.1", p.port, "/big");
	t.call.piece = take_piece;
	t.call.timeout_us = 0;
	CHECK(!go(c, &t) && t.bytes == PEER_BIG && t.total == PEER_BIG && t.pieces > 1 && !t.call.answer.len);
	trip_to(&t, "127.0.0.1", p.port, "/html");
	t.call.piece = take_piece;
	CHECK(!go(c, &t) && t.call.status == 502 && !t.pieces && strcmp(t.answer, "<html>bad gateway</html>") == 0);
	trip_to(&t, "127.0.0.1", p.port, "/endless-chunks");
	t.call.piece = take_piece;
	t.enough = 3 << 20;
	CHECK(go(c, &t) == HT_E_UNREACHABLE && t.bytes >= t.enough && t.bytes < 4u << 20 && t.total == -1);
	trip_to(&t, "127.0.0.1", p.port, "/short");
	t.call.piece = take_piece;
	CHECK(go(c, &t) == HT_E_UNREACHABLE && t.bytes == 3 && t.total == 10);
	ht_http_client_free(c);
	peer_close(&p);
}

TEST(connections_are_used_again)
{
	struct ht_http_client *c = client_for("127.0.0.1", 4);
	struct peer p;
	struct trip t;

	peer_open(&p);
	for (int i = 0; i < 20; i++) {
		trip_to(&t, "127.0.0.1", p.port, "/echo");
		CHECK(!go(c, &t) && t.call.status == 200);
	}
	CHECK(atomic_load(&p.accepted) == 1 && atomic_load(&p.requests) == 20);
	/* What must stay inside is checked each time. */
	for (int i = 0; i < 3; i++) {
		trip_to(&t, "127.0.0.1", p.port, "/echo");
		t.call.inside_only = true;
		CHECK(!go(c, &t));
	}
	CHECK(atomic_load(&p.accepted) == 4);
	ht_http_client_free(c);
	peer_close(&p);
}

/* More than there are connections for: they take turns. */
TEST(many_at_once)
{
	enum { MANY = 200, CONNECTIONS = 16 };
	static struct trip trips[MANY];
	struct ht_http_client *c = client_for("127.0.0.1", CONNECTIONS);
	int64_t until = ht_monotonic_us() + WAIT_US;
	struct peer p;

	peer_open(&p);
	for (int i = 0; i < MANY; i++) {
		trip_to(&trips[i], "127.0.0.1", p.port, i % 2 ? "/echo" : "/html");
		ht_http_client_start(c, &trips[i].call);
	}
	CHECK(ht_http_client_busy(c) == MANY);
	while (ht_http_client_busy(c) && ht_monotonic_us() < until)
		ht_http_client_run(c, 100000);
	for (int i = 0; i < MANY; i++)
		CHECK_F(trips[i].done == 1 && trips[i].call.status == (i % 2 ? 200 : 502), "%d: %d", i, trips[i].call.status);
	CHECK(atomic_load(&p.accepted) <= CONNECTIONS && atomic_load(&p.requests) == MANY);
	ht_http_client_free(c);
	peer_close(&p);
}

struct chain {
	struct trip trip[3];
	struct ht_http_client *client;
	int next;
};

static void start_next(struct ht_http_call *call)
{
	struct chain *chain = call->mine;

	if (++chain->next < (int)HT_COUNT(chain->trip))
		ht_http_client_start(chain->client, &chain->trip[chain->next].call);
}

/* `done` may start the next call, also while the client is freed. */
TEST(done_starts_another)
{
	struct peer p;

	peer_open(&p);
	for (int freed = 0; freed < 2; freed++) {
		struct chain chain = { .client = client_for("127.0.0.1", 4) };

		for (size_t i = 0; i < HT_COUNT(chain.trip); i++) {
			trip_to(&chain.trip[i], "127.0.0.1", p.port, freed ? "/silent" : "/echo");
			chain.trip[i].call.done = start_next;
			chain.trip[i].call.mine = &chain;
		}
		chain.trip[1].call.url = HT_TEXT("no URL");
		ht_http_client_start(chain.client, &chain.trip[0].call);
		while (!freed && ht_http_client_busy(chain.client))
			ht_http_client_run(chain.client, 100000);
		ht_http_client_free(chain.client);
		CHECK(chain.next == 3 && chain.trip[0].call.err == (freed ? HT_E_UNREACHABLE : HT_OK));
		CHECK(chain.trip[1].call.err == HT_E_FORBIDDEN && chain.trip[2].call.err == chain.trip[0].call.err);
	}
	peer_close(&p);
}

/* What is under way is told when the client goes. */
TEST(freed_with_calls_under_way)
{
	static const char *const paths[] = { "/silent", "/stalls", "/echo", "/endless" };
	struct ht_http_client *c = client_for("127.0.0.1", 4);
	struct trip trips[HT_COUNT(paths) + 1];
	struct peer p;

	peer_open(&p);
	for (size_t i = 0; i < HT_COUNT(paths); i++) {
		trip_to(&trips[i], "127.0.0.1", p.port, paths[i]);
		trips[i].call.answer_max = 1 << 30;
		ht_http_client_start(c, &trips[i].call);
	}
	trip_to(&trips[HT_COUNT(paths)], "no-such-host.invalid", p.port, "/");
	ht_http_client_start(c, &trips[HT_COUNT(paths)].call);
	ht_http_client_run(c, 1000);
	ht_http_client_free(c);
	for (size_t i = 0; i < HT_COUNT(trips); i++)
		CHECK_F(trips[i].done == 1 && (trips[i].call.err == HT_E_UNREACHABLE || i == 2), "%s: %s", trips[i].url,
			ht_err_word(trips[i].call.err));
	peer_close(&p);
}

CHECK_MAIN(TEST_ROW(a_message), TEST_ROW(special_ranges), TEST_ROW(urls_that_are_refused), TEST_ROW(names_of_several_addresses),
	   TEST_ROW(proxies_of_the_environment), TEST_ROW(manners_of_peers), TEST_ROW(links), TEST_ROW(pieces),
	   TEST_ROW(connections_are_used_again), TEST_ROW(many_at_once), TEST_ROW(done_starts_another),
	   TEST_ROW(freed_with_calls_under_way))
