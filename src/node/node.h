/* node/node.h - a running node: one data folder, its threads and queues around door and desk.
 *
 * Threads  HTTP loop (door), desk (the one writer, its timers, who waits), readers (queries; the ends of uploads;
 *          messages between parties of this process), courier (everything outgoing), publisher (live events).
 *          They talk through bounded queues; a full one answers 503. */
#ifndef HT_NODE_NODE_H
#define HT_NODE_NODE_H

#include "base/net.h"
#include "desk/desk.h"
#include "identity/peers.h"
#include "identity/trust.h"

enum { HT_NODE_EXIT_SYNC = 70 }; /* exit status after a sync that failed: the next start recovers (EX_SOFTWARE of sysexits.h) */

struct ht_node_settings {
	const char *data;              /* folder */
	struct ht_text host;           /* --listen */
	uint16_t port;
	struct ht_text public_url;     /* empty: as stored, else http://localhost:PORT */
	struct ht_text trust;          /* empty: by address (IDENTITY, Trust) */
	struct ht_text allow_net;      /* empty: by trust */
	struct ht_text peers_file;     /* path; empty: none */
	struct ht_text gate_host;      /* --gate-listen; empty: the gate shares the door's port */
	uint16_t gate_port;
	struct ht_text gate_url;       /* empty: host of the public URL and the gate's port */
	size_t connections_max, queue_max, courier_max, streams_max;
	size_t body_max;               /* bytes of a message */
	int64_t upload_max;            /* bytes of a file */
	int64_t answer_us, idle_us, request_us, stop_us;
	struct ht_desk_settings desk;  /* times; its texts are filled here */
};

struct ht_node;

/* Opens the folder and starts everything. *why is filled when a setting is refused (*out is NULL then, as after an error); its texts are in a.
 * After an error its place is the name of the file of the folder that the error is about, or empty. */
enum ht_err ht_node_start(const struct ht_node_settings *settings, struct ht_arena *a, struct ht_node **out, struct ht_refusal *why);
struct ht_text ht_node_url(const struct ht_node *node); /* where it listens: http://HOST:PORT */
/* Finishes what was accepted, up to stop_us for streams; then everything is closed. NULL is accepted. */
void ht_node_stop(struct ht_node *node);

/* One request of the operator to a folder that no server has: the same door and desk, without a socket. path: below /api/v1, with its query.
 * HT_E_LOCKED: a server has the folder. *why: as of ht_node_start(); a setting is refused, also when the folder has no public URL yet and none is given. */
enum ht_err ht_node_offline(const struct ht_node_settings *settings, const char *method, struct ht_text path, struct ht_text body,
			    enum ht_lang lang, struct ht_arena *a, int *status, struct ht_text *answer, struct ht_refusal *why);

#endif
