/* os/http_client.c - libcurl's multi handle with the rules for outgoing requests around it. */
#include "os/http_client.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/out.h"
#include "os/os.h"

enum { HT_CONNECT_MS = 5000, HT_STALL_S = 30, HT_AGE_S = 60 };
enum { HT_LINE_ARENA = 128 << 10, HT_LINE_MAX = 16 << 10, HT_HEADERS_MAX = 64 << 10, HT_KEEP_BYTES = 64 << 10 };

/* One call while it is under way; kept for the next with its easy handle. */
struct flight {
	struct ht_http_client *client;
	struct ht_http_call *call;
	CURL *easy;
	struct curl_slist *headers;
	struct ht_arena arena;  /* of URL and headers */
	char *got;              /* what was collected */
	size_t got_len, got_cap;
	size_t headers_len;     /* of the answer, with what came before it (100, 103) */
	bool forbidden, tried;  /* an address was refused; one was not */
	bool too_big;
	struct flight *next, *before;
};

struct ht_http_client {
	struct ht_ranges allow;
	CURLM *multi;
	struct flight *under_way, *free;
	struct ht_http_call *failed; /* those that could not even be started; told by the next run */
	struct curl_slist *resolve;
	size_t busy;
};

/* curl's own memory is its business; a setting that it does not take is a bug. */
#define SET(easy, option, value)                                                       \
	do {                                                                           \
		CURLcode code_ = curl_easy_setopt((easy), (option), (value));          \
		assert(code_ == CURLE_OK);                                             \
	} while (0)

static bool address_of(const struct curl_sockaddr *from, struct ht_address *out)
{
	if (from->family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, &from->addr, sizeof(in));
		*out = (struct ht_address){ .at = { [10] = 0xff, [11] = 0xff } };
		memcpy(out->at + 12, &in.sin_addr, 4);
		return true;
	}
	if (from->family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, &from->addr, sizeof(in6));
		memcpy(out->at, &in6.sin6_addr, 16);
		return true;
	}
	return false;
}

/* After resolution, before connecting: a forbidden address is skipped, curl tries the next one. */
static curl_socket_t open_socket(void *self, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct flight *f = self;
	struct ht_address at;
	bool inside;

	if (purpose != CURLSOCKTYPE_IPCXN || !address_of(address, &at))
		return CURL_SOCKET_BAD;
	inside = ht_ranges_have(&f->client->allow, &at);
	if (!inside && (f->call->inside_only || ht_address_special(&at))) {
		f->forbidden = true;
		return CURL_SOCKET_BAD;
	}
	f->tried = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool room(struct flight *f, size_t more)
{
	if (f->got_len + more > f->call->answer_max)
		return false;
	while (f->got_len + more > f->got_cap) {
		f->got_cap = f->got_cap ? f->got_cap * 2 : 4096;
		f->got = ht_memory_take(f->got, f->got_cap);
	}
	return true;
}

static int64_t total_of(CURL *easy)
{
	curl_off_t total = -1;

	return curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total) == CURLE_OK ? (int64_t)total : -1;
}

static bool is_success(CURL *easy)
{
	long status = 0;

	return curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status >= 200 && status < 300;
}

static size_t take_piece(char *at, size_t size, size_t n, void *self)
{
	struct flight *f = self;
	size_t len = size * n;

	if (f->call->piece && is_success(f->easy))
		return f->call->piece(f->call, (struct ht_bytes){ (const uint8_t *)at, len }, total_of(f->easy)) ? len : 0;
	if (!room(f, len)) {
		f->too_big = true;
		return 0;
	}
	memcpy(f->got + f->got_len, at, len);
	f->got_len += len;
	return len;
}

/* libcurl 7.88 keeps as many headers as are sent. */
static size_t take_header(char *at, size_t size, size_t n, void *self)
{
	struct flight *f = self;

	(void)at;
	f->headers_len += size * n;
	f->too_big = f->too_big || f->headers_len > HT_HEADERS_MAX;
	return f->too_big ? 0 : size * n;
}

/* What never changes for a handle. */
static struct flight *flight_new(struct ht_http_client *c)
{
	struct flight *f = ht_memory_take(NULL, sizeof(*f));

	f->client = c;
	f->easy = curl_easy_init();
	assert(f->easy);
	ht_arena_init(&f->arena, HT_LINE_ARENA);
	SET(f->easy, CURLOPT_NOSIGNAL, 1L);
	SET(f->easy, CURLOPT_PROXY, "");
	SET(f->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(f->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(f->easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(f->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(f->easy, CURLOPT_TCP_NODELAY, 1L);
	SET(f->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)HT_CONNECT_MS);
	SET(f->easy, CURLOPT_MAXAGE_CONN, (long)HT_AGE_S);
	SET(f->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(f->easy, CURLOPT_OPENSOCKETDATA, f);
	SET(f->easy, CURLOPT_WRITEFUNCTION, take_piece);
	SET(f->easy, CURLOPT_WRITEDATA, f);
	SET(f->easy, CURLOPT_HEADERFUNCTION, take_header);
	SET(f->easy, CURLOPT_HEADERDATA, f);
	SET(f->easy, CURLOPT_PRIVATE, f);
	SET(f->easy, CURLOPT_QUICK_EXIT, 1L); /* a call that is over does not wait for its resolver */
	SET(f->easy, CURLOPT_USERAGENT, "hutong/" HT_VERSION);
	SET(f->easy, CURLOPT_RESOLVE, c->resolve);
	return f;
}

static void flight_free(struct flight *f)
{
	curl_slist_free_all(f->headers);
	curl_easy_cleanup(f->easy);
	ht_arena_fini(&f->arena);
	ht_memory_give(f->got);
	ht_memory_give(f);
}

static void add_header(struct flight *f, const char *name, struct ht_text value)
{
	struct curl_slist *longer = curl_slist_append(
		f->headers, ht_text_z(&f->arena, ht_text_format(&f->arena, "%s: " HT_TEXT_FMT, name, HT_TEXT_ARG(value))));

	assert(longer);
	f->headers = longer;
}

/* What this call asks for. */
static void prepare(struct flight *f)
{
	const struct ht_http_call *call = f->call;
	bool post = strcmp(call->method, "GET") != 0;

	if (call->authorization.len)
		add_header(f, "Authorization", call->authorization);
	if (call->last_event_id.len)
		add_header(f, "Last-Event-ID", call->last_event_id);
	if (call->content_type || post) /* without a value none is sent, not even libcurl's own */
		add_header(f, "Content-Type", ht_text_of(call->content_type));
	if (post)
		add_header(f, "Expect", (struct ht_text){ 0 });
	SET(f->easy, CURLOPT_URL, ht_text_z(&f->arena, call->url));
	SET(f->easy, CURLOPT_HTTPHEADER, f->headers);
	SET(f->easy, CURLOPT_HTTPGET, 1L);
	SET(f->easy, CURLOPT_CUSTOMREQUEST, NULL);
	if (post) {
		SET(f->easy, CURLOPT_POST, 1L);
		SET(f->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
		SET(f->easy, CURLOPT_POSTFIELDS, call->body.len ? (const char *)call->body.at : "");
	}
	if (post && strcmp(call->method, "POST") != 0)
		SET(f->easy, CURLOPT_CUSTOMREQUEST, call->method);
	SET(f->easy, CURLOPT_TIMEOUT_MS, (long)((call->timeout_us + 999) / 1000));
	SET(f->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(f->easy, CURLOPT_LOW_SPEED_TIME, call->timeout_us ? 0L : (long)(call->stall_s ? call->stall_s : HT_STALL_S));
	SET(f->easy, CURLOPT_FRESH_CONNECT, call->inside_only ? 1L : 0L); /* its address is to be checked, not one of before */
	SET(f->easy, CURLOPT_FORBID_REUSE, call->inside_only ? 1L : 0L);
}

struct ht_http_client *ht_http_client_new(const struct ht_ranges *allow, size_t connections_max)
{
	struct ht_http_client *c = ht_memory_take(NULL, sizeof(*c));
	long most = connections_max < LONG_MAX ? (long)connections_max : LONG_MAX;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	c->allow = *allow;
	c->multi = curl_multi_init();
	assert(c->multi);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, most);
	curl_multi_setopt(c->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
	return c;
}

/* It may come from a peer: a line break in it would be a header of its own. */
static bool good_value(struct ht_text value)
{
	for (size_t i = 0; i < value.len; i++) {
		if ((unsigned char)value.at[i] < ' ' || value.at[i] == 0x7f)
			return false;
	}
	return true;
}

/* What cannot be sent at all. */
static enum ht_err judge(const struct ht_http_call *call)
{
	struct ht_url url;

	if (call->url.len > HT_LINE_MAX || !ht_url_read(call->url, &url))
		return HT_E_FORBIDDEN;
	if (call->authorization.len > HT_LINE_MAX || call->last_event_id.len > HT_LINE_MAX)
		return HT_E_UNREACHABLE;
	return good_value(call->authorization) && good_value(call->last_event_id) ? HT_OK : HT_E_UNREACHABLE;
}

void ht_http_client_start(struct ht_http_client *c, struct ht_http_call *call)
{
	struct flight *f = c->free;
	CURLMcode added;

	c->busy++;
	call->err = judge(call);
	call->status = call->retry_after_s = 0;
	call->answer = (struct ht_bytes){ 0 };
	call->link = HT_TEXT("");
	if (call->err) {
		call->next = c->failed;
		c->failed = call;
		return;
	}
	if (f)
		c->free = f->next;
	else
		f = flight_new(c);
	f->call = call;
	f->forbidden = f->tried = f->too_big = false;
	f->got_len = f->headers_len = 0;
	prepare(f);
	f->before = NULL;
	f->next = c->under_way;
	if (f->next)
		f->next->before = f;
	c->under_way = f;
	added = curl_multi_add_handle(c->multi, f->easy);
	assert(added == CURLM_OK);
}

size_t ht_http_client_busy(const struct ht_http_client *c)
{
	return c->busy;
}

static enum ht_err err_of(const struct flight *f, CURLcode code)
{
	if (code == CURLE_OK)
		return HT_OK;
	if (f->too_big)
		return HT_E_TOO_BIG;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return HT_E_TIMEOUT;
	if (f->forbidden && !f->tried)
		return HT_E_FORBIDDEN;
	return HT_E_UNREACHABLE;
}

/* Ready for the next call. */
static void land(struct flight *f)
{
	struct ht_http_client *c = f->client;

	curl_multi_remove_handle(c->multi, f->easy);
	if (f->before)
		f->before->next = f->next;
	else
		c->under_way = f->next;
	if (f->next)
		f->next->before = f->before;
	curl_slist_free_all(f->headers);
	f->headers = NULL;
	ht_arena_reset(&f->arena);
}

/* The values of all Link headers of the final answer, as one. Clause: RFC 9110 section 5.3. */
static struct ht_text links_of(struct flight *f)
{
	struct curl_header *header = NULL;
	struct ht_out out;

	ht_out_init(&out, &f->arena);
	for (size_t i = 0; curl_easy_header(f->easy, "Link", i, CURLH_HEADER, -1, &header) == CURLHE_OK; i++) {
		struct ht_text value = ht_text_of(header->value);

		if (out.len + value.len + 2 > HT_LINE_MAX)
			return HT_TEXT("");
		ht_out_z(&out, i ? ", " : "");
		ht_out_text(&out, value);
	}
	return ht_out_done(&out);
}

static void finish(struct flight *f, CURLcode code)
{
	struct ht_http_call *call = f->call;
	struct ht_http_client *c = f->client;
	curl_off_t retry = 0;
	long status = 0;

	call->err = err_of(f, code);
	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(f->easy, CURLINFO_RETRY_AFTER, &retry);
	call->status = call->err ? 0 : (int)status;
	call->retry_after_s = retry > 0 && retry < INT_MAX ? (int)retry : 0;
	if (!call->err)
		call->answer = (struct ht_bytes){ (const uint8_t *)f->got, f->got_len };
	land(f);
	if (!call->err)
		call->link = links_of(f);
	c->busy--;
	call->done(call);
	ht_arena_reset(&f->arena);
	if (f->got_cap > HT_KEEP_BYTES) {
		ht_memory_give(f->got);
		f->got = NULL;
		f->got_cap = 0;
	}
	f->next = c->free;
	c->free = f;
}

static size_t finish_all(struct ht_http_client *c)
{
	struct ht_http_call *failed = c->failed; /* what `done` starts is of the next round */
	struct CURLMsg *message;
	size_t finished = 0;
	int left;

	c->failed = NULL;
	while (failed) {
		struct ht_http_call *call = failed;

		failed = call->next;
		c->busy--;
		finished++;
		call->done(call);
	}
	while ((message = curl_multi_info_read(c->multi, &left))) {
		CURLcode code = message->data.result;
		struct flight *f = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &f);
		finish(f, code);
		finished++;
	}
	return finished;
}

void ht_http_client_run(struct ht_http_client *c, int64_t wait_us)
{
	int64_t wait_ms = wait_us / 1000 + (wait_us % 1000 > 0);
	int running;

	curl_multi_perform(c->multi, &running);
	if (finish_all(c))
		return;
	curl_multi_poll(c->multi, NULL, 0, (int)(wait_ms < INT_MAX ? wait_ms : INT_MAX), NULL);
	curl_multi_perform(c->multi, &running);
	finish_all(c);
}

void ht_http_client_wake(struct ht_http_client *c)
{
	curl_multi_wakeup(c->multi);
}

void ht_http_client_resolve(struct ht_http_client *c, const char *entry)
{
	struct curl_slist *longer = curl_slist_append(c->resolve, entry);

	assert(longer && !c->under_way && !c->free);
	c->resolve = longer;
}

void ht_http_client_free(struct ht_http_client *c)
{
	if (!c)
		return;
	while (c->under_way || c->failed) { /* a `done` may have started another */
		while (c->under_way)
			finish(c->under_way, CURLE_ABORTED_BY_CALLBACK);
		finish_all(c);
	}
	while (c->free) {
		struct flight *f = c->free;

		c->free = f->next;
		flight_free(f);
	}
	curl_multi_cleanup(c->multi);
	curl_slist_free_all(c->resolve);
	ht_memory_give(c);
}
