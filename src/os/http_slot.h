/* os/http_slot.h - private to the HTTP server: a request in progress, and the struct of the server. */
#ifndef HT_OS_HTTP_SLOT_H
#define HT_OS_HTTP_SLOT_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/out.h"
#include "os/http_server.h"
#include "os/os.h"

enum { HT_PATH_MAX = 4096 };

enum phase { PHASE_IDLE, PHASE_HEAD, PHASE_BODY, PHASE_STREAM, PHASE_ANSWER, PHASE_SEND };

struct conn {
	int fd;
	enum phase phase;
	int64_t since_us;
	struct conn *next, *before;
};

enum slot_state {
	SLOT_HEAD,      /* the user does not know of it */
	SLOT_ASKING,    /* the user has it, the loop does not wait */
	SLOT_SUSPENDED, /* the user has it, the connection is suspended */
	SLOT_ANSWERED,  /* `answer` is there */
	SLOT_REFUSED,   /* answered by the server itself, in the loop's thread */
	SLOT_EXPIRED,   /* answered by the watchdog; the user still has it */
};

struct slot {
	struct ht_http_request r; /* first: the user's view */
	struct ht_http_server *server; /* NULL: it has stopped */
	struct MHD_Connection *connection;
	struct conn *conn;
	struct ht_arena arena;
	pthread_mutex_t lock;
	enum slot_state state;
	bool begun, users /* begin was called */, over /* the request ended */, whole, head_only, swallow, too_large;
	enum ht_http_body body_kind;
	size_t swallowed;
	struct ht_out body;
	struct ht_http_answer answer;
	int64_t suspended_us;
	struct slot *next;        /* in the pool */
	struct slot *later, *sooner; /* all that are in use */
};

struct ht_http_server {
	struct ht_http_settings settings;
	struct ht_http_user user;
	struct MHD_Daemon *daemon;
	struct ht_thread *watchdog;
	pthread_mutex_t lock;
	struct conn *conns;
	size_t conns_count;
	struct slot *pool, *used;
	atomic_size_t open;
	atomic_bool stopping;
	bool quiet;
};

struct slot *ht_slot_take(struct ht_http_server *s, struct MHD_Connection *connection);
/* The request ended. The user hears of it; the slot goes back, now or when the user answers. */
void ht_slot_over(struct slot *slot, bool whole);
/* NULL: no memory for it. */
struct MHD_Response *ht_slot_response(struct slot *slot);
/* 503 to all that are suspended since before. */
void ht_slot_expire(struct ht_http_server *s, int64_t before_us);
/* After the daemon has stopped; what a user still owes an answer to is freed by that answer. */
void ht_slot_free_all(struct ht_http_server *s);

#endif
