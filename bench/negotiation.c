/* bench/negotiation.c - keeps N negotiations going at the API of a node for some seconds, and prints one JSON line.
 *
 *	bench_negotiation BODY AT_ONCE SECONDS PID...      HUTONG_URL, HUTONG_TOKEN: the consumer's node and its token
 *
 * Each of N connections sends POST /api/v1/negotiations with BODY, which says "wait", and, when it is answered, the next one: a closed loop.
 * After WARM_US the window of SECONDS begins; what is answered in it is counted, and CPU is read at both its ends. Then nothing new is
 * sent, and all answers are awaited: `total` is what the nodes must have.
 * PIDs are the processes whose CPU is told apart; what the machine does besides them and this program is foreign.
 * One thread, epoll, HTTP/1.1 with keep-alive and Content-Length only: what the node sends. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "os/os.h"

enum {
	WARM_US = 500000,
	LAST_US = 65000000, /* answers are awaited so long after the window: longer than "wait" of BODY */
	AT_ONCE_MAX = 1024,
	PIDS_MAX = 4,
	SECONDS_MAX = 3600,
	TAKEN_MAX = 4 << 20, /* times that are kept */
	ANSWER_MAX = 64 << 10,
	ERRORS_MAX = 100,
};

struct conn {
	int fd;
	bool busy;
	int64_t since_us;
	size_t len;
	char answer[ANSWER_MAX];
};

struct cpu {
	int64_t pid_us[PIDS_MAX], own_us, machine_us, at_us;
};

static struct {
	char request[16384];
	size_t request_len;
	struct sockaddr_in address;
	int epoll;
	size_t at_once, pids_count, busy;
	int64_t seconds, begin_us, end_us;
	long pids[PIDS_MAX];
	struct conn *conns;
	int32_t *took_us;
	size_t done, total, errors;
} bench;

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "bench_negotiation: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
	exit(3);
}

static uint64_t number(const char *text, uint64_t max)
{
	uint64_t n;

	errno = 0;
	if (!ht_text_u64(ht_text_of(text), max, &n) || !n)
		die("a number is wrong");
	return n;
}

/* CPU of a process (user and system) in microseconds; path: its stat file. */
static int64_t process_us(const char *path)
{
	unsigned long user, system;
	FILE *f = fopen(path, "re");
	char line[1024], *after;

	if (!f || !fgets(line, sizeof(line), f))
		die(path);
	fclose(f);
	after = strrchr(line, ')'); /* the name may hold blanks */
	if (!after || sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
		die(path);
	return (int64_t)(user + system) * 1000000 / sysconf(_SC_CLK_TCK);
}

/* All that the machine did: all columns of /proc/stat but idle, iowait and the guests, which user and nice hold already. */
static int64_t machine_us(void)
{
	unsigned long long user, nice, system, irq, softirq, steal;
	FILE *f = fopen("/proc/stat", "re");

	if (!f || fscanf(f, "cpu %llu %llu %llu %*u %*u %llu %llu %llu", &user, &nice, &system, &irq, &softirq, &steal) != 6)
		die("/proc/stat");
	fclose(f);
	return (int64_t)(user + nice + system + irq + softirq + steal) * 1000000 / sysconf(_SC_CLK_TCK);
}

static void read_cpu(struct cpu *c)
{
	char path[64];

	for (size_t i = 0; i < bench.pids_count; i++) {
		snprintf(path, sizeof(path), "/proc/%ld/stat", bench.pids[i]);
		c->pid_us[i] = process_us(path);
	}
	c->own_us = process_us("/proc/self/stat");
	c->machine_us = machine_us();
	c->at_us = ht_monotonic_us();
}

static void prepare(const char *body)
{
	const char *url = getenv("HUTONG_URL"), *token = getenv("HUTONG_TOKEN");
	char host[64];
	unsigned port;
	int len;

	if (!url || !token || sscanf(url, "http://%63[0-9.]:%u", host, &port) != 2 || port > UINT16_MAX)
		die("HUTONG_URL must be http://A.B.C.D:PORT, HUTONG_TOKEN the consumer's");
	bench.address.sin_family = AF_INET;
	bench.address.sin_port = htons((uint16_t)port);
	if (inet_pton(AF_INET, host, &bench.address.sin_addr) != 1)
		die("HUTONG_URL");
	len = snprintf(bench.request, sizeof(bench.request),
		       "POST /api/v1/negotiations HTTP/1.1\r\nHost: %s:%u\r\nAuthorization: Bearer %s\r\n"
		       "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		       host, port, token, strlen(body), body);
	if ((size_t)len >= sizeof(bench.request))
		die("BODY is too long");
	bench.request_len = (size_t)len;
}

static void connect_one(struct conn *c)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	int on = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&bench.address, sizeof(bench.address)))
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fcntl(c->fd, F_SETFL, O_NONBLOCK) || epoll_ctl(bench.epoll, EPOLL_CTL_ADD, c->fd, &event))
		die("epoll_ctl");
}

/* The request is far smaller than the socket's buffer, which is empty: it goes in one piece. */
static void ask(struct conn *c)
{
	c->len = 0;
	c->busy = true;
	bench.busy++;
	c->since_us = ht_monotonic_us();
	if (send(c->fd, bench.request, bench.request_len, MSG_NOSIGNAL) != (ssize_t)bench.request_len)
		die("send");
}

/* Length of the whole answer, 0 while its head is not whole. */
static size_t answer_length(const struct conn *c)
{
	const char *end = memmem(c->answer, c->len, "\r\n\r\n", 4), *length;
	size_t head, body = 0;

	if (!end)
		return 0;
	head = (size_t)(end - c->answer) + 4;
	length = memmem(c->answer, head, "\r\nContent-Length: ", 18);
	if (length)
		body = strtoul(length + 18, NULL, 10);
	if (body > ANSWER_MAX - head)
		die("an answer is too long");
	return head + body;
}

static void answered(struct conn *c)
{
	static const char created[] = "HTTP/1.1 201 ", finalized[] = "\"state\":\"FINALIZED\"";
	int64_t now_us = ht_monotonic_us();

	c->busy = false;
	bench.busy--;
	if (!memmem(c->answer, c->len, created, sizeof(created) - 1) || !memmem(c->answer, c->len, finalized, sizeof(finalized) - 1)) {
		if (!bench.errors++)
			fprintf(stderr, "bench_negotiation: answered:\n%.*s\n", (int)c->len, c->answer);
		errno = 0;
		if (bench.errors == ERRORS_MAX)
			die("too many errors");
	} else {
		bench.total++;
		if (bench.begin_us && now_us <= bench.end_us && bench.done < TAKEN_MAX)
			bench.took_us[bench.done++] = (int32_t)(now_us - c->since_us);
	}
	if (!bench.end_us || now_us < bench.end_us)
		ask(c);
}

static void readable(struct conn *c)
{
	ssize_t n = recv(c->fd, c->answer + c->len, sizeof(c->answer) - c->len, 0);
	size_t whole;

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0 || !c->busy)
		die("the node has closed a connection");
	c->len += (size_t)n;
	whole = answer_length(c);
	if (whole && c->len >= whole)
		answered(c);
}

/* Answers until the time is there, or until none is awaited. */
static void run_until(int64_t until_us)
{
	struct epoll_event events[64];
	int64_t now_us;
	int n;

	while (bench.busy && (now_us = ht_monotonic_us()) < until_us) {
		n = epoll_wait(bench.epoll, events, 64, (int)((until_us - now_us) / 1000) + 1);
		if (n < 0 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < n; i++)
			readable(events[i].data.ptr);
	}
}

static int by_size(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* The nearest rank, in milliseconds; the times are sorted. */
static double percentile_ms(size_t percent)
{
	size_t rank = (bench.done * percent + 99) / 100;

	return rank ? bench.took_us[rank - 1] / 1e3 : 0;
}

static void print(const struct cpu *from, const struct cpu *to)
{
	int64_t ours_us = to->own_us - from->own_us, window_us = to->at_us - from->at_us;
	double each = bench.done ? 1.0 / (double)bench.done : 0;

	qsort(bench.took_us, bench.done, sizeof(*bench.took_us), by_size);
	printf("{\"at_once\":%zu,\"seconds\":%.3f,\"done\":%zu,\"total\":%zu,\"errors\":%zu,\"per_s\":%.1f,", bench.at_once,
	       (double)window_us / 1e6, bench.done, bench.total, bench.errors, (double)bench.done * 1e6 / (double)window_us);
	printf("\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"cpu_us\":[", percentile_ms(50), percentile_ms(99), percentile_ms(100));
	for (size_t i = 0; i < bench.pids_count; i++) {
		int64_t used_us = to->pid_us[i] - from->pid_us[i];

		ours_us += used_us;
		printf("%s%.0f", i ? "," : "", (double)used_us * each);
	}
	printf("],\"driver_us\":%.0f,\"foreign_percent\":%.0f}\n", (double)(to->own_us - from->own_us) * each,
	       (double)(to->machine_us - from->machine_us - ours_us) * 100 / (double)window_us);
}

int main(int argc, char **argv)
{
	struct cpu from, to;

	if (argc < 5 || argc > 4 + PIDS_MAX) {
		fprintf(stderr, "usage: bench_negotiation BODY AT_ONCE SECONDS PID...\n");
		return 2;
	}
	prepare(argv[1]);
	bench.at_once = number(argv[2], AT_ONCE_MAX);
	bench.seconds = (int64_t)number(argv[3], SECONDS_MAX);
	while (argv[4 + bench.pids_count]) {
		bench.pids[bench.pids_count] = (long)number(argv[4 + bench.pids_count], INT32_MAX);
		bench.pids_count++;
	}
	bench.conns = ht_memory_take(NULL, bench.at_once * sizeof(*bench.conns));
	bench.took_us = ht_memory_take(NULL, TAKEN_MAX * sizeof(*bench.took_us));
	bench.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < bench.at_once; i++)
		connect_one(&bench.conns[i]);
	for (size_t i = 0; i < bench.at_once; i++)
		ask(&bench.conns[i]);
	run_until(ht_monotonic_us() + WARM_US);
	read_cpu(&from);
	bench.begin_us = from.at_us;
	bench.end_us = from.at_us + bench.seconds * 1000000;
	run_until(bench.end_us);
	read_cpu(&to);
	run_until(to.at_us + LAST_US);
	print(&from, &to);
	for (size_t i = 0; i < bench.at_once; i++)
		close(bench.conns[i].fd);
	ht_memory_give(bench.conns);
	ht_memory_give(bench.took_us);
	if (bench.busy)
		fprintf(stderr, "bench_negotiation: %zu negotiations were not answered\n", bench.busy);
	return bench.errors || bench.busy ? 1 : 0;
}
