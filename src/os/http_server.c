/* os/http_server.c - starting and stopping libmicrohttpd, and its connections.
 *
 * libmicrohttpd must not reach its own limit of connections: there it ceases to listen, and who comes waits without a word. So its limit lies
 * above all that we let in; we count ourselves, and who is beyond our limit is told so and goes. */
#include "os/http_server.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "os/http_slot.h"
#include "os/os.h"

enum { BACKLOG = 1024, FILES_SPARE = 256, POLL_US = 1000, FORCED_US = 1000000, EXTRA_LEAST = 16, EXTRA_PART = 8 };

/* In the loop's thread, which alone changes conns_open. Quiet: libmicrohttpd does not wait on the listening socket while it is taken away.
 * Not while it stops: it would be closed twice. */
static enum MHD_Result on_accept(void *self, const struct sockaddr *, socklen_t)
{
	struct ht_http_server *s = self;

	if (!atomic_load(&s->quiet))
		return s->conns_open < s->conns_max ? MHD_YES : MHD_NO;
	ht_wait_take(&s->wait);
	if (!s->listening_ours && !atomic_load(&s->stopping)) {
		s->listening_ours = true;
		(void)MHD_quiesce_daemon(s->daemon);
		(void)shutdown(s->listening, SHUT_RDWR); /* the next one is refused by the system */
	}
	ht_wait_give(&s->wait);
	return MHD_NO;
}

static void open_conn(struct ht_http_server *s, struct MHD_Connection *connection, void **context)
{
	struct ht_conn *c = s->conns_free;
	struct epoll_event ear = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.ptr = c };
	int64_t head_us = s->settings.head_us;

	assert(c);
	s->conns_free = c->next;
	c->extra = s->conns_open - s->extras >= s->settings.connections_max;
	if (s->conns_open++ == 0 || (c->extra && s->extras == 0))
		ht_http_wake(s);
	s->extras += c->extra;
	c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	if (c->extra && head_us > HT_EXTRA_US)
		head_us = HT_EXTRA_US;
	atomic_store(&c->due_us, ht_monotonic_us() + head_us);
	(void)epoll_ctl(s->ears, EPOLL_CTL_ADD, c->fd, &ear); /* without it there are deadlines */
	*context = c;
}

static void close_conn(struct ht_http_server *s, struct ht_conn *c)
{
	s->extras -= c->extra;
	c->fd = -1;
	c->shut = false;
	c->shut_us = 0;
	atomic_store(&c->busy, false);
	atomic_store(&c->due_us, INT64_MAX);
	c->next = s->conns_free;
	s->conns_free = c;
	s->conns_open--;
}

/* CLOSED comes before the socket is closed. */
static void on_connection(void *self, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode what)
{
	struct ht_http_server *s = self;

	ht_slot_collect(s);
	ht_wait_take(&s->wait);
	switch (what) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		open_conn(s, connection, context);
		break;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		close_conn(s, *context);
		break;
	}
	ht_wait_give(&s->wait);
}

bool ht_http_admits(struct ht_http_server *s, struct ht_conn *c)
{
	if (!c->extra)
		return true;
	if (s->conns_open - s->extras >= s->settings.connections_max)
		return false;
	c->extra = false; /* others have gone meanwhile */
	s->extras--;
	return true;
}

/* The path is taken as it came. */
static size_t keep_escaped(void *, struct MHD_Connection *, char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

static void raise_file_limit(size_t connections)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= 2 * connections + FILES_SPARE)
		return;
	limit.rlim_cur = 2 * connections + FILES_SPARE; /* each may send a file */
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* with fewer, connections wait to be accepted */
}

static int bound_socket(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!bind(fd, at->ai_addr, at->ai_addrlen) && !listen(fd, BACKLOG))
		return fd;
	(void)close(fd);
	return -1;
}

static uint16_t port_of(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { .any = { .sa_family = AF_UNSPEC } };
	socklen_t len = sizeof(at);

	if (getsockname(fd, &at.any, &len))
		return 0;
	return ntohs(at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port);
}

static enum ht_err listen_at(const struct ht_http_settings *settings, int *fd, uint16_t *port)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	char host[256], service[8];

	if (settings->host.len >= sizeof(host))
		return HT_E_PORT;
	(void)snprintf(host, sizeof(host), HT_TEXT_FMT, HT_TEXT_ARG(settings->host));
	(void)snprintf(service, sizeof(service), "%u", settings->port);
	if (getaddrinfo(host, service, &hints, &list))
		return HT_E_PORT;
	*fd = -1;
	for (const struct addrinfo *at = list; at && *fd < 0; at = at->ai_next)
		*fd = bound_socket(at);
	freeaddrinfo(list);
	if (*fd < 0)
		return HT_E_PORT;
	*port = port_of(*fd);
	return HT_OK;
}

static struct ht_http_server *server_new(const struct ht_http_settings *settings, const struct ht_http_user *user, int listening)
{
	struct ht_http_server *s = ht_memory_take(NULL, sizeof(*s));
	size_t most = settings->connections_max, with_extra = most + EXTRA_LEAST + most / EXTRA_PART;

	assert(most);
	assert(settings->head_us > 0 && settings->body_us > 0 && settings->answer_us > 0 && settings->idle_us > 0);
	s->settings = *settings;
	s->settings.arena_size += settings->body_max + HT_HEAD_MEMORY;
	s->user = *user;
	s->listening = listening;
	s->slots = ht_memory_take(NULL, most * sizeof(s->slots[0]));
	s->conns = ht_memory_take(NULL, with_extra * sizeof(s->conns[0]));
	s->conns_max = with_extra;
	for (size_t i = with_extra; i-- > 0;) {
		s->conns[i].fd = -1;
		atomic_init(&s->conns[i].due_us, INT64_MAX);
		s->conns[i].next = s->conns_free;
		s->conns_free = &s->conns[i];
	}
	s->ears = epoll_create1(EPOLL_CLOEXEC);
	s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ht_wait_init(&s->wait);
	atomic_store(&s->taken, 1);
	return s;
}

/* The watchdog's wake-up. */
static bool hang_bell(struct ht_http_server *s)
{
	struct epoll_event ring = { .events = EPOLLIN };

	return s->ears >= 0 && s->bell >= 0 && !epoll_ctl(s->ears, EPOLL_CTL_ADD, s->bell, &ring);
}

enum ht_err ht_http_server_start(const struct ht_http_settings *settings, const struct ht_http_user *user, struct ht_http_server **out,
				 uint16_t *port)
{
	struct ht_http_server *s;
	int fd;

	raise_file_limit(settings->connections_max);
	HT_TRY(listen_at(settings, &fd, port));
	s = server_new(settings, user, fd);
	if (hang_bell(s))
		s->daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, on_accept, s, ht_http_on_request,
					     s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->conns_max + 1,
					     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HT_HEAD_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
					     (unsigned)((settings->idle_us + 999999) / 1000000), MHD_OPTION_STRICT_FOR_CLIENT, 1,
					     MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_URI_LOG_CALLBACK, ht_http_on_line,
					     s, MHD_OPTION_NOTIFY_COMPLETED, ht_http_on_over, s, MHD_OPTION_UNESCAPE_CALLBACK, keep_escaped,
					     NULL, MHD_OPTION_END);
	if (!s->daemon) {
		(void)close(fd);
		ht_slot_end(s);
		return HT_E_PORT;
	}
	s->watchdog = ht_thread_start("http-watch", ht_http_watch, s);
	*out = s;
	return HT_OK;
}

void ht_http_server_quiesce(struct ht_http_server *s)
{
	atomic_store(&s->quiet, true);
}

size_t ht_http_server_open(struct ht_http_server *s)
{
	return atomic_load(&s->open);
}

size_t ht_http_server_connections(struct ht_http_server *s)
{
	size_t n;

	ht_wait_take(&s->wait);
	n = s->conns_open;
	ht_wait_give(&s->wait);
	return n;
}

/* Waits until the count is 0 or the time is over. */
static void wait_for_none(struct ht_http_server *s, atomic_size_t *count, int64_t until_us)
{
	ht_wait_take(&s->wait);
	while (atomic_load(count) && ht_monotonic_us() < until_us)
		ht_wait_until(&s->wait, until_us);
	ht_wait_give(&s->wait);
}

/* 503 to all that sleep; no more go to sleep. Each 503 gets a moment to be sent. */
static void wake_all(struct ht_http_server *s)
{
	ht_wait_take(&s->wait);
	atomic_store(&s->stopping, true);
	ht_wait_give(&s->wait);
	do
		(void)ht_slot_expire(s, ht_monotonic_us(), true);
	while (atomic_load(&s->suspended) && (ht_nap(POLL_US), true));
	wait_for_none(s, &s->forced, ht_monotonic_us() + FORCED_US);
}

/* Who gave an answer may still be in the call that wakes the loop. */
static void wait_for_answerers(struct ht_http_server *s)
{
	while (atomic_load(&s->answering))
		ht_nap(POLL_US);
}

void ht_http_server_stop(struct ht_http_server *s, int64_t wait_us)
{
	if (!s)
		return;
	ht_http_server_quiesce(s);
	ht_http_streams_end(s);
	wait_for_none(s, &s->open, ht_monotonic_us() + wait_us);
	wake_all(s);
	ht_wait_take(&s->wait);
	s->ending = true;
	ht_http_wake(s);
	ht_wait_give(&s->wait);
	ht_thread_join(s->watchdog);
	wait_for_answerers(s);
	MHD_stop_daemon(s->daemon);
	wait_for_answerers(s);
	if (s->listening_ours)
		(void)close(s->listening);
	ht_slot_end(s);
}
