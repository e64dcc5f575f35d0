/* node/exchange.h - one request and its answer, on its way through door, desk or reader, and courier.
 *
 * It comes from a socket (http is set) or from the courier, when both parties live in this process.
 * Threads  it is in one place at a time: who hands it over does not touch it any more. */
#ifndef HT_NODE_EXCHANGE_H
#define HT_NODE_EXCHANGE_H

#include "node/parts.h"

enum { HT_NEEDS_MAX = 8 };

struct ht_fetch {
	const char *method;
	struct ht_text url;
	struct ht_fetched got;
	struct ht_fetch *next;
};

struct ht_upload; /* node/upload.c */

struct ht_exchange {
	struct ht_node *node;
	struct ht_http_request *http; /* NULL: from the courier */
	void (*answered)(struct ht_exchange *x, const struct ht_answer *answer); /* of the courier's */
	void *owner;
	struct ht_ask ask;
	struct ht_facts facts;
	struct ht_door door;
	struct ht_door_result result;
	struct ht_job job;
	struct ht_fetch *fetches;     /* what was brought */
	size_t needs;
	struct ht_document_want want; /* while it waits for a document */
	int64_t began_us;
	struct ht_key *key;           /* a new party's, until its step is done */
	struct ht_upload *upload;
	bool delivers;                /* a file is being served */
	struct ht_step served;
};

void ht_exchange_begin(struct ht_exchange *x, struct ht_node *node, struct ht_arena *arena);
/* Asks the door, again after a need was met. */
void ht_exchange_go(struct ht_exchange *x);
/* Hands x->result.step to the desk; its answer follows. */
void ht_exchange_step(struct ht_exchange *x);
/* The same as ht_exchange_go() at once, in a node without threads. */
void ht_exchange_inline(struct ht_exchange *x);
void ht_exchange_answer(struct ht_exchange *x, const struct ht_answer *answer);
void ht_exchange_refuse(struct ht_exchange *x, enum ht_refuse code);
/* Refuses because the environment failed; after a sync that failed the process ends. */
void ht_exchange_fail(struct ht_exchange *x, enum ht_err err);

/* node/upload.c: a file that is sent to us, piece by piece. */
enum ht_err ht_upload_begin(struct ht_exchange *x);
bool ht_upload_more(struct ht_exchange *x, struct ht_bytes piece); /* false: answered */
void ht_upload_end(struct ht_exchange *x);                         /* hands it to the thread of uploads, which syncs and answers */
void ht_upload_gone(struct ht_exchange *x);                        /* removes what was not ended */
/* HT_E_MISSING, HT_E_DENIED, HT_E_IO. */
enum ht_err ht_upload_size(struct ht_node *n, struct ht_text party, const uint8_t sha256[32], int64_t *size);
struct ht_text ht_upload_path(struct ht_text party, const uint8_t sha256[32], struct ht_arena *a); /* below the folder */
/* Files that no product names, after a crash. */
void ht_upload_sweep(struct ht_node *n);

#endif
