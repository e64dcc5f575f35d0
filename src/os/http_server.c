/* os/http_server.c - libmicrohttpd with what it lacks around it: deadlines, strict heads, a cap on bodies.
 *
 * A connection has a small struct conn for the watchdog; a request has a slot (arena, answer) from a pool, so that idle connections cost little.
 * Locks  server->lock guards connections and the pool; slot->lock guards who answers. A slot is given back when its request is over *and* its user has
 *        answered: what the watchdog answered in place of the user waits for the user. */
#include "os/http_server.h"

#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "os/http_slot.h"
#include "os/os.h"

enum { HT_POOL_BYTES = 16 << 10, HT_BACKLOG = 1024, HT_WATCH_US = 250000, HT_FILES_SPARE = 256 };

static void enter(struct conn *c, enum phase phase)
{
	c->phase = phase;
	c->since_us = ht_monotonic_us();
}

/* The line of the request is there: a slot for it. The raw URI is kept; libmicrohttpd's own decoding is not used. */
static void *begin_request(void *self, const char *uri, struct MHD_Connection *connection)
{
	struct ht_http_server *s = self;
	struct slot *slot = ht_slot_take(s, connection);

	ht_text_cut(ht_text_copy(&slot->arena, ht_text_of(uri)), '?', &slot->r.path, &slot->r.query);
	pthread_mutex_lock(&s->lock);
	if (slot->conn)
		enter(slot->conn, PHASE_HEAD);
	pthread_mutex_unlock(&s->lock);
	return slot;
}

static void connection_event(void *self, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what)
{
	struct ht_http_server *s = self;
	struct conn *c = *context;

	pthread_mutex_lock(&s->lock);
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		c = ht_memory_take(NULL, sizeof(*c));
		c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		enter(c, PHASE_IDLE);
		c->next = s->conns;
		if (c->next)
			c->next->before = c;
		s->conns = c;
		s->conns_count++;
		*context = c;
	} else if (c) {
		if (c->before)
			c->before->next = c->next;
		else
			s->conns = c->next;
		if (c->next)
			c->next->before = c->before;
		s->conns_count--;
		ht_memory_give(c);
		*context = NULL;
	}
	pthread_mutex_unlock(&s->lock);
}

static void request_over(void *self, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
	struct ht_http_server *s = self;
	struct slot *slot = *context;

	(void)connection;
	if (!slot)
		return;
	pthread_mutex_lock(&s->lock);
	if (slot->conn)
		enter(slot->conn, PHASE_IDLE);
	pthread_mutex_unlock(&s->lock);
	*context = NULL;
	ht_slot_over(slot, code == MHD_REQUEST_TERMINATED_COMPLETED_OK && !slot->head_only);
}

/* What the head must and must not have. */
struct head {
	struct ht_http_request *r;
	int hosts, lengths, encodings, authorizations;
	bool nul;
};

static enum MHD_Result take_header(void *self, enum MHD_ValueKind kind, const char *key, size_t key_len, const char *value, size_t value_len)
{
	struct head *h = self;
	struct ht_text name = { key, key_len }, text = { value, value ? value_len : 0 };

	(void)kind;
	if (memchr(key, 0, key_len) || (value && memchr(value, 0, value_len)))
		h->nul = true;
	h->hosts += ht_text_same_case(name, "host");
	h->encodings += ht_text_same_case(name, "transfer-encoding");
	if (ht_text_same_case(name, "content-length")) {
		uint64_t length;

		h->lengths++;
		h->r->length = ht_text_u64(text, INT64_MAX, &length) ? (int64_t)length : -1;
	} else if (ht_text_same_case(name, "authorization")) {
		h->authorizations++;
		h->r->authorization = text;
	} else if (ht_text_same_case(name, "accept-language")) {
		h->r->accept_language = text;
	} else if (ht_text_same_case(name, "content-type")) {
		h->r->content_type = text;
	}
	return MHD_YES;
}

/* 0: a good head; else the status that says why not. */
static int judge_head(struct slot *slot, struct MHD_Connection *connection)
{
	struct head h = { .r = &slot->r };

	slot->r.length = -1;
	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, take_header, &h);
	if (h.nul || h.hosts > 1 || h.lengths > 1 || (h.lengths && h.encodings) || h.encodings > 1 || h.authorizations > 1)
		return 400;
	if (slot->r.path.len > HT_PATH_MAX || slot->r.query.len > HT_PATH_MAX)
		return 414;
	return 0;
}

static enum MHD_Result answer_now(struct slot *slot, struct MHD_Connection *connection)
{
	enum MHD_Result result;
	struct MHD_Response *response = ht_slot_response(slot);

	if (!response)
		return MHD_NO;
	pthread_mutex_lock(&slot->server->lock);
	if (slot->conn)
		enter(slot->conn, PHASE_SEND);
	pthread_mutex_unlock(&slot->server->lock);
	result = MHD_queue_response(connection, (unsigned)slot->answer.status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse_now(struct slot *slot, struct MHD_Connection *connection, int status)
{
	const struct ht_http_answer answer = { .status = status, .close = true };

	slot->answer = answer;
	slot->state = SLOT_REFUSED;
	return answer_now(slot, connection);
}

static enum MHD_Result first_call(struct slot *slot, struct MHD_Connection *connection, const char *method)
{
	struct ht_http_server *s = slot->server;
	int status = judge_head(slot, connection);

	slot->begun = true;
	slot->head_only = strcmp(method, "HEAD") == 0;
	slot->r.method = slot->head_only ? HT_TEXT("GET") : ht_text_of(method);
	pthread_mutex_lock(&s->lock);
	if (slot->conn)
		enter(slot->conn, PHASE_BODY);
	pthread_mutex_unlock(&s->lock);
	if (status)
		return refuse_now(slot, connection, status);
	slot->state = SLOT_ASKING;
	slot->users = true;
	slot->body_kind = s->user.begin(s->user.self, &slot->r);
	if (slot->body_kind == HT_HTTP_ANSWERED)
		return answer_now(slot, connection);
	if (slot->body_kind == HT_HTTP_STREAM && slot->conn) {
		pthread_mutex_lock(&s->lock);
		enter(slot->conn, PHASE_STREAM);
		pthread_mutex_unlock(&s->lock);
	}
	if (slot->body_kind == HT_HTTP_COLLECT && slot->r.length > (int64_t)s->settings.body_max)
		return refuse_now(slot, connection, 413);
	return MHD_YES;
}

/* A piece of the body. A refused one is swallowed up to a limit, so that the answer can be read by the client; then the connection is cut. */
static enum MHD_Result take_body(struct slot *slot, const char *data, size_t *len)
{
	struct ht_http_server *s = slot->server;
	size_t n = *len;

	*len = 0;
	if (slot->swallow) {
		slot->swallowed += n;
		return slot->swallowed <= s->settings.body_max ? MHD_YES : MHD_NO;
	}
	if (slot->body_kind == HT_HTTP_STREAM) {
		slot->swallow = !s->user.more(s->user.self, &slot->r, (struct ht_bytes){ (const uint8_t *)data, n });
		return MHD_YES;
	}
	if (slot->body.len + n > s->settings.body_max) {
		slot->swallow = slot->too_large = true;
		return MHD_YES;
	}
	ht_out_bytes(&slot->body, (struct ht_bytes){ (const uint8_t *)data, n });
	return MHD_YES;
}

/* Head and body are there. The user may answer at once, or from another thread, before or after `asked` returns. */
static enum MHD_Result whole(struct slot *slot, struct MHD_Connection *connection)
{
	struct ht_http_server *s = slot->server;
	bool answered;

	if (slot->too_large)
		return refuse_now(slot, connection, 413);
	if (!slot->swallow) {
		slot->r.body = ht_out_done_bytes(&slot->body);
		pthread_mutex_lock(&s->lock);
		if (slot->conn)
			enter(slot->conn, PHASE_ANSWER);
		pthread_mutex_unlock(&s->lock);
		s->user.asked(s->user.self, &slot->r);
	}
	pthread_mutex_lock(&slot->lock);
	answered = slot->state == SLOT_ANSWERED;
	if (!answered) {
		slot->state = SLOT_SUSPENDED;
		slot->suspended_us = ht_monotonic_us();
		MHD_suspend_connection(connection);
	}
	pthread_mutex_unlock(&slot->lock);
	return answered ? answer_now(slot, connection) : MHD_YES;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
				  const char *data, size_t *len, void **context)
{
	struct slot *slot = *context;
	bool answered;

	(void)self;
	(void)url;
	(void)version;
	if (!slot)
		return MHD_NO;
	if (!slot->begun)
		return first_call(slot, connection, method);
	if (*len)
		return take_body(slot, data, len);
	pthread_mutex_lock(&slot->lock);
	answered = slot->state >= SLOT_ANSWERED && !slot->swallow;
	pthread_mutex_unlock(&slot->lock);
	if (answered)
		return answer_now(slot, connection);
	return whole(slot, connection);
}

/* How long each phase may last; 0: libmicrohttpd's own time-out for standing still is enough. */
static int64_t allowed_us(const struct ht_http_server *s, enum phase phase)
{
	switch (phase) {
	case PHASE_IDLE:
		return s->settings.idle_us + s->settings.head_us;
	case PHASE_HEAD:
		return s->settings.head_us;
	case PHASE_BODY:
		return s->settings.body_us;
	case PHASE_ANSWER:
	case PHASE_STREAM:
	case PHASE_SEND:
		break;
	}
	return 0;
}

static void watch(struct ht_http_server *s, bool all)
{
	int64_t now_us = ht_monotonic_us();

	pthread_mutex_lock(&s->lock);
	for (struct conn *c = s->conns; c; c = c->next) {
		int64_t most_us = allowed_us(s, c->phase);

		if (most_us && now_us - c->since_us > most_us)
			shutdown(c->fd, SHUT_RDWR); /* the descriptor is still this connection's: closing takes the lock */
	}
	pthread_mutex_unlock(&s->lock);
	ht_slot_expire(s, all ? INT64_MAX : now_us - s->settings.answer_us);
}

static void run_watchdog(void *self)
{
	struct ht_http_server *s = self;

	while (!atomic_load(&s->stopping)) {
		ht_nap(HT_WATCH_US);
		watch(s, false);
	}
}

static void raise_file_limit(size_t connections)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= connections + HT_FILES_SPARE)
		return;
	limit.rlim_cur = connections + HT_FILES_SPARE;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int bound_socket(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, HT_BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);
	struct sockaddr_in in;

	getsockname(fd, (struct sockaddr *)&at, &len);
	memcpy(&in, &at, sizeof(in)); /* the port stands at the same place in both families */
	return ntohs(in.sin_port);
}

static enum ht_err listen_at(const struct ht_http_settings *settings, int *fd, uint16_t *port)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	char host[256], service[8];

	if (settings->host.len >= sizeof(host))
		return HT_E_PORT;
	snprintf(host, sizeof(host), HT_TEXT_FMT, HT_TEXT_ARG(settings->host));
	snprintf(service, sizeof(service), "%u", settings->port);
	if (getaddrinfo(host, service, &hints, &list))
		return HT_E_PORT;
	*fd = -1;
	for (struct addrinfo *at = list; at && *fd < 0; at = at->ai_next)
		*fd = bound_socket(at);
	freeaddrinfo(list);
	if (*fd < 0)
		return HT_E_PORT;
	*port = port_of(*fd);
	return HT_OK;
}

enum ht_err ht_http_server_start(const struct ht_http_settings *settings, const struct ht_http_user *user, struct ht_http_server **out,
				 uint16_t *port)
{
	struct ht_http_server *s;
	int fd;

	raise_file_limit(settings->connections_max);
	HT_TRY(listen_at(settings, &fd, port));
	s = ht_memory_take(NULL, sizeof(*s));
	s->settings = *settings;
	s->user = *user;
	pthread_mutex_init(&s->lock, NULL);
	s->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
				     MHD_OPTION_CONNECTION_LIMIT, (unsigned)settings->connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
				     (unsigned)((settings->idle_us + 999999) / 1000000), MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HT_POOL_BYTES,
				     MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, begin_request, s, MHD_OPTION_NOTIFY_COMPLETED, request_over,
				     s, MHD_OPTION_NOTIFY_CONNECTION, connection_event, s, MHD_OPTION_END);
	if (!s->daemon) {
		close(fd);
		pthread_mutex_destroy(&s->lock);
		ht_memory_give(s);
		return HT_E_PORT;
	}
	s->watchdog = ht_thread_start("http-watch", run_watchdog, s);
	*out = s;
	return HT_OK;
}

void ht_http_server_quiesce(struct ht_http_server *s)
{
	MHD_socket fd;

	if (s->quiet)
		return;
	s->quiet = true;
	fd = MHD_quiesce_daemon(s->daemon);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
}

size_t ht_http_server_open(struct ht_http_server *s)
{
	return atomic_load(&s->open);
}

size_t ht_http_server_connections(struct ht_http_server *s)
{
	size_t n;

	pthread_mutex_lock(&s->lock);
	n = s->conns_count;
	pthread_mutex_unlock(&s->lock);
	return n;
}

void ht_http_server_stop(struct ht_http_server *s, int64_t wait_us)
{
	int64_t until_us = ht_monotonic_us() + wait_us;

	if (!s)
		return;
	ht_http_server_quiesce(s);
	while (ht_http_server_open(s) && ht_monotonic_us() < until_us)
		ht_nap(HT_WATCH_US / 25);
	atomic_store(&s->stopping, true);
	ht_thread_join(s->watchdog);
	watch(s, true); /* libmicrohttpd must not see a suspended connection when it stops */
	MHD_stop_daemon(s->daemon);
	ht_slot_free_all(s);
	pthread_mutex_destroy(&s->lock);
	ht_memory_give(s);
}
