/* node/documents.h - DID documents of others, cached: 10 minutes when good, 10 seconds when they could not be had.
 *
 * Anybody can name an issuer whose document is then fetched. So one that has verified a signature is not pushed out by others that never did, a
 * document is fetched once for all who want it at the same time, and few at once from one host.
 * Threads any (a lock inside). At most HT_DOCUMENTS_MAX; the oldest goes, of those that have not verified anything when there are such. */
#ifndef HT_NODE_DOCUMENTS_H
#define HT_NODE_DOCUMENTS_H

#include "model/market.h"

enum { HT_DOCUMENTS_MAX = 4096, HT_DOCUMENTS_OF_HOST = 4 };

enum ht_document { HT_DOCUMENT_HERE, HT_DOCUMENT_LACKS, HT_DOCUMENT_FAILED, HT_DOCUMENT_NOBODY /* FAILED, and its host says that it has none */ };

struct ht_documents;
struct ht_documents *ht_documents_new(void);
void ht_documents_free(struct ht_documents *d); /* NULL is accepted */

/* since_us: fetched then or later, or at most 10 s ago (so that an unknown key asks at most once in 10 s). 0: any that is not too old.
 * HERE: *out is a copy in a. FAILED: it was tried at most 10 s ago. */
enum ht_document ht_documents_get(struct ht_documents *d, struct ht_text did, int64_t since_us, int64_t now_us, struct ht_arena *a,
				  const struct ht_did_doc **out);
/* doc NULL: it could not be had. Copied. */
void ht_documents_put(struct ht_documents *d, struct ht_text did, const struct ht_did_doc *doc, int64_t now_us);
/* The host of one that could not be had answered that there is none. */
void ht_documents_nobody(struct ht_documents *d, struct ht_text did);
/* A signature was verified by the document that is here. */
void ht_documents_verified(struct ht_documents *d, struct ht_text did);

/* One who wants a document; part of whoever it is. It and its did stay until ht_documents_land() gives it back. */
struct ht_document_want {
	struct ht_text did;
	struct ht_document_want *others; /* who want the same */
	struct ht_document_want *next;   /* a fetch of another document */
};

/* FETCH: its owner fetches it, puts it and says ht_documents_land(). JOINED: somebody does so already. CROWDED: HT_DOCUMENTS_OF_HOST others are being
 * fetched from its host, and nothing was verified by it yet; nothing is kept. */
enum ht_document_turn { HT_DOCUMENT_FETCH, HT_DOCUMENT_JOINED, HT_DOCUMENT_CROWDED };
enum ht_document_turn ht_documents_want(struct ht_documents *d, struct ht_document_want *w);
/* The fetch is over: who wanted it, linked by `others`. */
struct ht_document_want *ht_documents_land(struct ht_documents *d, struct ht_text did);

#endif
