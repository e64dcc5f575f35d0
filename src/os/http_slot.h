/* os/http_slot.h - the inside of the HTTP server: its connections, and the slots of the requests that are in progress.
 *
 * A connection costs a small struct, a request a slot with an arena. Slots are taken when the first line of a request is there, so that idle
 * connections have none. They are not given back while the server lives: the next request finds warm memory, but little of it when many were in use.
 *
 * Who answers  `unanswered` holds the number of the request while nobody has answered it: who changes it to 0 answers, all others come late.
 * Who holds    the loop, until libmicrohttpd has done with the request, and the user, from `asked` to its ht_http_answer(). The last one gives
 *              the slot back; when that is not the loop, by the list `back`, since `gone` is the loop's to call.
 * Suspending   a request goes from RUNNING to SUSPENDED (loop) and to READY (who answers); the one who finds it SUSPENDED resumes it.
 *              The answer is given up before READY and nothing of the slot is touched after it: the loop may be done with it at once. */
#ifndef HT_OS_HTTP_SLOT_H
#define HT_OS_HTTP_SLOT_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "os/http_server.h"
#include "os/wait.h"

/* HT_HEAD_MEMORY: libmicrohttpd's for the head of a request, of each connection: a path of 4 KiB and a token of 8 KiB fit together. */
enum { HT_PATH_MAX = 4096, HT_SWALLOW_MAX = 8 << 20, HT_HEAD_MEMORY = 16 << 10 };
enum { HT_EXTRA_US = 1000000 }; /* the deadline of the head of an extra connection */

struct ht_conn {
	int fd;                 /* under the server's lock; -1: not in use */
	_Atomic int64_t due_us; /* when the watchdog cuts it; INT64_MAX: never */
	bool extra;             /* the loop's: beyond the limit, here to be told so */
	atomic_bool busy;       /* the head of its request is complete */
	bool shut;              /* under the lock: the peer sends no more ... */
	int64_t shut_us;        /* ... and it was seen then that nothing is left to read; 0: not seen */
	struct ht_conn *next;   /* of those not in use */
};

enum ht_stage {
	HT_STAGE_HEAD,    /* the user does not know of it */
	HT_STAGE_COLLECT,
	HT_STAGE_STREAM,
	HT_STAGE_SWALLOW, /* answered before its body is there */
	HT_STAGE_ASKED,
};

enum { HT_RUNNING, HT_SUSPENDED, HT_READY };

struct ht_slot {
	struct ht_http_request r;
	struct ht_http_server *server;
	struct MHD_Connection *connection;
	struct ht_conn *conn;
	struct ht_arena arena;
	size_t uri_len;
	enum ht_stage stage;
	bool known;            /* `begin` was called */
	bool asked;            /* the user holds it too */
	bool head;             /* HEAD */
	bool waits;            /* the client waits for 100 before it sends its body */
	bool for_user, forced; /* the answer is not the user's; the stop gave it */
	bool whole;
	bool sleeps;           /* counted in `suspended` */
	size_t room, swallowed; /* of the body's memory; bytes thrown away */
	uint64_t number;
	_Atomic uint64_t unanswered;
	_Atomic int64_t due_us; /* of the answer; INT64_MAX: not asked */
	atomic_int state, holders;
	struct MHD_Response *response;
	unsigned status;
	struct ht_slot *next;
};

struct ht_http_server {
	struct ht_http_settings settings;
	struct ht_http_user user;
	struct MHD_Daemon *daemon;
	struct ht_thread *watchdog;
	int listening;

	struct ht_wait wait; /* guards from here ... */
	struct ht_conn *conns_free;
	size_t conns_open;
	struct ht_slot *back;
	struct ht_http_stream *streams; /* that are open */
	bool streams_over;   /* and none may begin */
	bool listening_ours; /* libmicrohttpd will not close it */
	bool ending, ended;  /* the watchdog is to end; the loop has ended */
	/* ... to here */

	struct ht_conn *conns;
	size_t conns_max; /* with the extra ones */
	size_t extras;    /* the loop's */
	int ears, bell;   /* the watchdog's: epoll of who shuts his side, and eventfd to wake it */
	struct ht_slot *slots, *slots_free; /* slots_free: the loop's */
	atomic_size_t slots_used;           /* the first so many were in use at some time */
	uint64_t numbers;                   /* the loop's */
	atomic_bool quiet, stopping, some_back;
	atomic_size_t open, suspended, forced;
	atomic_size_t answering; /* threads that may touch the daemon just now */
	atomic_size_t taken;     /* slots that are in use, and one for the server itself: the last one frees it */
};

/* In http_server.c, in the loop's thread. False: the connection is beyond the limit. */
bool ht_http_admits(struct ht_http_server *s, struct ht_conn *c);

/* The head of a request is good: 0, and the views of the request are filled; else the status of the refusal. In http_head.c. */
int ht_http_head_read(struct ht_slot *x, const char *url, const char *method, const char *version);

/* NULL: all are in use. uri is copied. */
struct ht_slot *ht_slot_take(struct ht_http_server *s, struct MHD_Connection *connection, const char *uri);
/* It does not sleep any more. */
void ht_slot_wakes(struct ht_slot *x);
/* libmicrohttpd has done with it. */
void ht_slot_over(struct ht_slot *x, bool whole);
/* Calls `gone` for what came back by another thread. */
void ht_slot_collect(struct ht_http_server *s);
/* The server answers in place of the user. False: answered already. */
bool ht_slot_answer(struct ht_slot *x, uint64_t number, const struct ht_http_answer *answer);
/* 503 to each that is asked and due at now_us. Returns when the next one is due. */
int64_t ht_slot_expire(struct ht_http_server *s, int64_t now_us, bool forced);
/* After the loop has ended: frees the server, now or with the last answer that is owed. */
void ht_slot_end(struct ht_http_server *s);

/* In http_stream.c: the response that sends it, for an answer of x; nobody reads it any more, or ever will; the end of all of a server. */
struct MHD_Response *ht_http_stream_response(struct ht_http_stream *s, struct ht_slot *x);
void ht_http_stream_over(struct ht_http_stream *s);
void ht_http_streams_end(struct ht_http_server *s);

/* In http_request.c: the callbacks of libmicrohttpd for a request, in the loop's thread. */
void *ht_http_on_line(void *self, const char *uri, struct MHD_Connection *connection);
enum MHD_Result ht_http_on_request(void *self, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
				   const char *piece, size_t *len, void **context);
void ht_http_on_over(void *self, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code);

/* In http_watchdog.c: the thread's function; wakes it. */
void ht_http_watch(void *self);
void ht_http_wake(struct ht_http_server *s);

#endif
