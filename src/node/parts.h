/* node/parts.h - what the parts of a node share. Each part has its own file; this is how they see each other. */
#ifndef HT_NODE_PARTS_H
#define HT_NODE_PARTS_H

#include <stdatomic.h>

#include "door/door.h"
#include "node/documents.h"
#include "node/keys.h"
#include "node/node.h"
#include "node/publisher.h"
#include "node/seen.h"
#include "os/http_client.h"
#include "os/http_server.h"
#include "os/os.h"

enum { HT_BATCH_MAX = 128, HT_EXCHANGE_ARENA = 64 << 20, HT_SMALL_ARENA = 4 << 20, HT_WAIT_BUCKETS = 1024 };

#define HT_STORE_FILE "hutong.db"

/* Work for the desk or the reader. done is called once, in that thread, after the commit, the read or the failure. */
struct ht_job {
	struct ht_step *step;
	void (*run)(struct ht_job *job); /* the reader's: instead of a step */
	void (*done)(struct ht_job *job);
	int64_t wait_us;                 /* how long it waits for its process to settle */
	int64_t until_us;                /* monotonic; while it waits */
	struct ht_job *next;             /* while it waits */
	void *owner;
};

#define HT_METRIC_TABLE(X)                                                                                     \
	X(requests,        "hutong_requests_total",         "requests taken by the door")                      \
	X(refusals,        "hutong_refusals_total",         "answers of 400 and above")                        \
	X(steps,           "hutong_steps_total",            "steps committed")                                 \
	X(commits,         "hutong_commits_total",          "transactions committed")                          \
	X(failed_commits,  "hutong_failed_commits_total",   "transactions that the disk refused")              \
	X(letters,         "hutong_attempts_total",         "attempts to send a message")                      \
	X(answers_none,    "hutong_attempts_unanswered_total", "attempts without an answer")                   \
	X(looks,           "hutong_looks_total",            "processes looked at at the peer")                 \
	X(fetches,         "hutong_fetches_total",          "documents, datasets and catalogs fetched")        \
	X(served_bytes,    "hutong_served_bytes_total",     "bytes of files served whole")                     \
	X(uploaded_bytes,  "hutong_uploaded_bytes_total",   "bytes of files uploaded")                        \
	X(events,          "hutong_events_total",           "events put into streams")

struct ht_metrics {
#define X(field, name, help) atomic_llong field;
	HT_METRIC_TABLE(X)
#undef X
};

/* A thread that takes jobs which are no steps of the desk. */
struct ht_reader {
	struct ht_node *node;
	struct ht_queue *queue;
	struct ht_thread *thread;
};

struct ht_node {
	const struct ht_node_settings *settings; /* a copy of the node's own */
	struct ht_arena arena;       /* of the process: settings, peers */
	struct ht_desk_settings desk_settings;
	struct ht_door door;         /* a copy for each exchange gets its facts */
	struct ht_peers peers;
	struct ht_ranges allow;
	struct ht_text did_prefix;   /* "did:web:HOST:p:" of our own parties */
	struct ht_text url;          /* where it listens */

	struct ht_disk disk;
	int lock_fd;
	struct ht_store *writer, *reader, *facts, *live;
	struct ht_lock *facts_lock;  /* the store `facts` is shared by all threads */
	struct ht_desk *desk;
	struct ht_documents *documents;
	struct ht_seen *seen;
	struct ht_keys *keys;

	struct ht_queue *desk_queue;
	struct ht_thread *desk_thread;
	struct ht_reader queries, uploads, inside;
	struct ht_courier *courier;
	struct ht_publisher *publisher;
	struct ht_http_server *server, *gate;
	atomic_bool ready, stopping;
	struct ht_metrics metrics;
};

/* node/open.c: the folder without threads.
 * An error of a file of the folder: its name becomes why->place. */
enum ht_err ht_node_about(enum ht_err err, const char *name, struct ht_refusal *why);
enum ht_err ht_node_open(struct ht_node *n, const struct ht_node_settings *settings, struct ht_refusal *why);
/* After the port is known: public URL, trust, door, desk. */
enum ht_err ht_node_furnish(struct ht_node *n, uint16_t port, uint16_t gate_port, struct ht_refusal *why);
void ht_node_close(struct ht_node *n);
/* One step in its own batch, before the desk's thread runs (or without it). */
enum ht_err ht_node_step(struct ht_node *n, struct ht_step *step);

/* node/facts.c */
struct ht_exchange;
void ht_facts_fill(struct ht_facts *facts, struct ht_exchange *x);

/* node/clerk.c: the desk's thread. */
void ht_clerk_run(void *node);
/* A disk that does not confirm: the process ends (70), the next start recovers. */
_Noreturn void ht_node_die(enum ht_err err);

/* node/reader.c */
void ht_reader_start(struct ht_reader *r, struct ht_node *n, const char *name);
void ht_reader_stop(struct ht_reader *r); /* what is queued is done first */

/* node/exchange.c: HTTP in. */
struct ht_http_user ht_exchange_user(struct ht_node *n);
struct ht_http_user ht_exchange_gate(struct ht_node *n);

/* node/courier.c */
struct ht_courier *ht_courier_start(struct ht_node *n);
/* In three parts, because what is under way still needs the desk: no new work; the thread ends; memory. NULL is accepted. */
void ht_courier_drain(struct ht_courier *c, int64_t until_us);
void ht_courier_stop(struct ht_courier *c);
void ht_courier_free(struct ht_courier *c);
/* The desk's effects; copied. Not 0: too much is under way, or too much of this peer's; how many microseconds until it is worth another try. */
int64_t ht_courier_post(struct ht_courier *c, const struct ht_post *post);
int64_t ht_courier_look(struct ht_courier *c, const struct ht_look *look);
/* A fact that an exchange lacks; ht_exchange_go() goes on when it is there. False: busy. */
bool ht_courier_fetch(struct ht_courier *c, struct ht_exchange *x);
/* A step of ours that must not be lost while the process lives: queued for the desk, again and again when that is full. Takes a copy. */
void ht_courier_report(struct ht_courier *c, const struct ht_step *step);

#endif
