/* node/publisher.h - live events: each stream gets the leaves of one party, in the order of their numbers, without gap or repetition.
 *
 * It reads the leaves themselves, with a store of its own: a stream only remembers the number of the last one that was put. So it can
 * begin anywhere, and one whose client reads slowly is read for later; nothing is kept for it. Nobody polls: the desk's thread says whose
 * leaves are new, and a stream says when there is room.
 * Format   WHATWG HTML section 9.2: a comment and the number where it begins, at once; then for each leaf `id:` (its number), `event:`
 *          (the word of its kind), `data:` (one line of JSON, as in a history); a comment every 15 s.
 * Threads  one of its own; the functions may be called from any. */
#ifndef HT_NODE_PUBLISHER_H
#define HT_NODE_PUBLISHER_H

#include "door/door.h"

struct ht_node;
struct ht_exchange;
struct ht_publisher;

struct ht_publisher *ht_publisher_start(struct ht_node *n);
/* Takes over the answer of x, which is to be a stream. False: there are as many as there may be, or it ends; x is as it was. */
bool ht_publisher_add(struct ht_publisher *p, struct ht_exchange *x, const struct ht_answer *answer);
/* These parties have new leaves, committed. */
void ht_publisher_tell(struct ht_publisher *p, const int64_t *parties, size_t n);
size_t ht_publisher_streams(struct ht_publisher *p); /* that are open */
/* In three parts, as the courier: all streams end, and none begins; the thread ends, after the servers; memory. NULL is accepted. */
void ht_publisher_end(struct ht_publisher *p);
void ht_publisher_stop(struct ht_publisher *p);
void ht_publisher_free(struct ht_publisher *p);

#endif
