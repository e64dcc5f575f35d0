/* node/documents.h - DID documents of others, cached: 10 minutes when good, 10 seconds when they could not be had.
 * Threads any (a lock inside). At most HT_DOCUMENTS_MAX; the oldest goes. */
#ifndef HT_NODE_DOCUMENTS_H
#define HT_NODE_DOCUMENTS_H

#include "model/market.h"

enum { HT_DOCUMENTS_MAX = 4096 };

enum ht_document { HT_DOCUMENT_HERE, HT_DOCUMENT_LACKS, HT_DOCUMENT_FAILED };

struct ht_documents;
struct ht_documents *ht_documents_new(void);
void ht_documents_free(struct ht_documents *d); /* NULL is accepted */

/* since_us: fetched then or later, or at most 10 s ago (so that an unknown key asks at most once in 10 s). 0: any that is not too old.
 * HERE: *out is a copy in a. FAILED: it was tried at most 10 s ago. */
enum ht_document ht_documents_get(struct ht_documents *d, struct ht_text did, int64_t since_us, int64_t now_us, struct ht_arena *a,
				  const struct ht_did_doc **out);
/* doc NULL: it could not be had. Copied. */
void ht_documents_put(struct ht_documents *d, struct ht_text did, const struct ht_did_doc *doc, int64_t now_us);

#endif
