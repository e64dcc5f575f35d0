/* node/seen.h - tokens that this process has seen, until they expire. The store keeps those that became steps; this one also those of
 * reads and refusals.
 * Threads any (a lock inside). Memory 16 bytes a token, two tables of which the older is dropped when all in it has expired. */
#ifndef HT_NODE_SEEN_H
#define HT_NODE_SEEN_H

#include "base/text.h"

enum { HT_SEEN_MAX = 1 << 22 }; /* in each table; what does not fit counts as seen: the peer tries again later with a new token */

struct ht_seen;
struct ht_seen *ht_seen_new(void);
void ht_seen_free(struct ht_seen *s); /* NULL is accepted */

/* Marks it. False: it was marked before. */
bool ht_seen_add(struct ht_seen *s, struct ht_text jti, struct ht_text issuer, int64_t now_s);

#endif
