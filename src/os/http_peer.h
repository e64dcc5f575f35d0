/* os/http_peer.h - for tests: a peer of the HTTP client, with the manners that its paths name. One thread; an answer without end is written until
 * the client goes. Needs test/check.h before it. */
#ifndef HT_OS_HTTP_PEER_H
#define HT_OS_HTTP_PEER_H

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>

#include "os/http_raw.h"
#include "os/os.h"

enum { PEER_MOST = 128, PEER_BIG = 5 << 20, PEER_HEAD = 8192 };

struct peer {
	uint16_t port;
	struct ht_thread *thread;
	struct pollfd fds[PEER_MOST]; /* the listening socket first */
	size_t count;
	atomic_int accepted, requests;
	atomic_bool stopping;
	char head[PEER_HEAD];         /* of the request that is read; small bodies too */
};

static inline bool peer_fill(int fd, size_t total)
{
	static const char block[16384];

	for (size_t sent = 0; sent < total; sent += sizeof(block)) {
		if (!raw_send(fd, block, total - sent < sizeof(block) ? total - sent : sizeof(block)))
			return false;
	}
	return true;
}

static inline bool peer_say(int fd, const char *status, const char *headers, const char *body)
{
	char text[PEER_HEAD + 512];

	(void)snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body), headers, body);
	return raw_send_z(fd, text);
}

static inline bool peer_say_long(int fd, const char *headers)
{
	return raw_send_z(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n") && raw_send_z(fd, headers) && raw_send_z(fd, "\r\n");
}

static inline bool peer_repeat(int fd, const char *start, const char *line)
{
	bool good = raw_send_z(fd, start);

	while (good)
		good = raw_send_z(fd, line);
	return false;
}

/* False: the connection is over. */
static inline bool peer_answer(const char *head, int fd)
{
	char path[64] = "";

	(void)sscanf(head, "%*15s %63[^ ?]", path);
	if (strcmp(path, "/echo") == 0)
		return peer_say(fd, "200 OK", "", head);
	if (strcmp(path, "/redirect") == 0)
		return peer_say(fd, "302 Found", "Location: /echo\r\n", "");
	if (strcmp(path, "/html") == 0)
		return peer_say(fd, "502 Bad Gateway", "Content-Type: text/html\r\n", "<html>bad gateway</html>");
	if (strcmp(path, "/retry") == 0)
		return peer_say(fd, "503 Later", "Retry-After: 7\r\n", "");
	if (strcmp(path, "/retry-never") == 0)
		return peer_say(fd, "503 Later", "Retry-After: soon\r\n", "");
	if (strcmp(path, "/links") == 0)
		return raw_send_z(fd, "HTTP/1.1 103 Early Hints\r\nLink: </early>; rel=next\r\n\r\n") &&
		       peer_say(fd, "200 OK", "Link: <?a>; rel=next\r\nX: y\r\nlink:<?b>; rel=prev, <?c>\r\n", "");
	if (strcmp(path, "/links-long") == 0) {
		static char line[20000] = "Link: <?";

		memset(line + 8, 'x', 17000);
		memcpy(line + 17008, ">\r\n", 4);
		return peer_say_long(fd, line);
	}
	if (strcmp(path, "/silent") == 0)
		return true;
	if (strcmp(path, "/stalls") == 0)
		return raw_send_z(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
	if (strcmp(path, "/short") == 0)
		return raw_send_z(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc") && false;
	if (strcmp(path, "/closes") == 0)
		return false;
	if (strcmp(path, "/not-http") == 0)
		return raw_send_z(fd, "hello\r\n") && false;
	if (strcmp(path, "/big") == 0)
		return raw_send_z(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5242880\r\n\r\n") && peer_fill(fd, PEER_BIG);
	if (strcmp(path, "/big-error") == 0)
		return raw_send_z(fd, "HTTP/1.1 404 No\r\nContent-Length: 5242880\r\n\r\n") && peer_fill(fd, PEER_BIG);
	if (strcmp(path, "/endless") == 0)
		return peer_repeat(fd, "HTTP/1.1 200 OK\r\n\r\n", "0123456789");
	if (strcmp(path, "/endless-chunks") == 0)
		return peer_repeat(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nabcde\r\n");
	if (strcmp(path, "/endless-head") == 0)
		return peer_repeat(fd, "HTTP/1.1 200 OK\r\n", "X-More: abcdefghijklmnopqrstuvwxyz\r\n");
	if (strcmp(path, "/endless-continue") == 0)
		return peer_repeat(fd, "", "HTTP/1.1 103 Hints\r\nX: abcdefghijklmnopqrstuvwxyz\r\n\r\n");
	return peer_say(fd, "404 Not Found", "", "no such path");
}

/* One request, with a body when it has a length. False: the connection is over. */
static inline bool peer_read(struct peer *p, int fd)
{
	size_t have = 0;
	char *end = NULL, *length;

	while (!end || (size_t)(end + 4 - p->head) + (length ? strtoul(length + 18, NULL, 10) : 0) > have) {
		ssize_t n = recv(fd, p->head + have, PEER_HEAD - 1 - have, 0);

		if (n <= 0)
			return false;
		have += (size_t)n;
		p->head[have] = '\0';
		end = strstr(p->head, "\r\n\r\n");
		length = strstr(p->head, "\r\nContent-Length: ");
	}
	atomic_fetch_add(&p->requests, 1);
	return peer_answer(p->head, fd);
}

static inline void peer_run(void *self)
{
	struct peer *p = self;

	while (!atomic_load(&p->stopping)) {
		if (poll(p->fds, p->count, 10) <= 0)
			continue;
		for (size_t i = p->count; i-- > 1;) {
			if (!p->fds[i].revents || peer_read(p, p->fds[i].fd))
				continue;
			close(p->fds[i].fd);
			p->fds[i] = p->fds[--p->count];
		}
		if (p->fds[0].revents && p->count < PEER_MOST) {
			p->fds[p->count++] = (struct pollfd){ .fd = accept(p->fds[0].fd, NULL, NULL), .events = POLLIN };
			atomic_fetch_add(&p->accepted, 1);
		}
	}
	for (size_t i = 0; i < p->count; i++)
		close(p->fds[i].fd);
}

static inline void peer_open(struct peer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*p = (struct peer){ .fds = { { .fd = fd, .events = POLLIN } }, .count = 1 };
	CHECK(!bind(fd, (const struct sockaddr *)&at, len) && !listen(fd, PEER_MOST) && !getsockname(fd, (struct sockaddr *)&at, &len));
	p->port = ntohs(at.sin_port);
	p->thread = ht_thread_start("peer", peer_run, p);
}

static inline void peer_close(struct peer *p)
{
	atomic_store(&p->stopping, true);
	ht_thread_join(p->thread);
}

#endif
