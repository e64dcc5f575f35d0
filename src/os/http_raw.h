/* os/http_raw.h - for tests: a client that sends bytes as they are to 127.0.0.1 and reads what comes back. */
#ifndef HT_OS_HTTP_RAW_H
#define HT_OS_HTTP_RAW_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { RAW_WAIT_S = 20 }; /* a server that says nothing for so long is dead */

/* -1: refused. */
static inline int raw_open(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct timeval wait = { .tv_sec = RAW_WAIT_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (!connect(fd, (const struct sockaddr *)&at, sizeof(at)))
		return fd;
	(void)close(fd);
	return -1;
}

/* False: the other side has closed. */
static inline bool raw_send(int fd, const char *at, size_t len)
{
	while (len) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static inline bool raw_send_z(int fd, const char *z)
{
	return raw_send(fd, z, strlen(z));
}

/* One answer with its body, terminated. Returns the status; 0: closed without one. */
static inline int raw_answer(int fd, char *out, size_t size, bool head_only)
{
	size_t have = 0, want = SIZE_MAX;

	out[0] = '\0';
	while (have < want && have + 1 < size) {
		/* The head byte by byte, so that nothing of the next answer is read. */
		ssize_t n = recv(fd, out + have, want == SIZE_MAX ? 1 : want - have, 0);
		const char *length;

		if (n <= 0)
			return 0;
		have += (size_t)n;
		out[have] = '\0';
		if (want != SIZE_MAX || have < 4 || strcmp(out + have - 4, "\r\n\r\n") != 0)
			continue;
		length = strcasestr(out, "\r\nContent-Length: ");
		want = have + (length && !head_only ? strtoul(length + 18, NULL, 10) : 0);
	}
	return have >= 12 && memcmp(out, "HTTP/1.1 ", 9) == 0 ? (int)strtol(out + 9, NULL, 10) : 0;
}

static inline const char *raw_body(const char *answer)
{
	const char *at = strstr(answer, "\r\n\r\n");

	return at ? at + 4 : "";
}

/* Sends all and gives the status of what comes back. */
static inline int raw_ask(int fd, const char *request, char *out, size_t size)
{
	return raw_send_z(fd, request) ? raw_answer(fd, out, size, strncmp(request, "HEAD ", 5) == 0) : 0;
}

/* Reads until the other side closes. False: it does not. */
static inline bool raw_ended(int fd)
{
	char lost[4096];
	ssize_t n;

	do
		n = recv(fd, lost, sizeof(lost), 0);
	while (n > 0);
	return n == 0 || errno == ECONNRESET;
}

#endif
