/* node/shares.h - how many errands may be out: of each kind, and of letters and looks for each peer and each host, so that a peer that
 * takes connections and never answers holds up its own letters and no others.
 *
 * A peer may have one name on many hosts, and a host many names: an errand counts for both, and the tighter one decides. Each may have a
 * third of what is free, which alone is a quarter of all, and while it answers as much as is free: half of all. The more there are that
 * do not answer, the less each of them has, and the last eighth is for those that have nothing yet, one for each. Who is told to come
 * again is told when: one after the other, and slowly while nothing answers there.
 *
 * Units   microseconds of the monotonic clock.
 * Memory  a table of a fixed size. Threads: the owner locks. */
#ifndef HT_NODE_SHARES_H
#define HT_NODE_SHARES_H

#include "base/text.h"

enum ht_errand_kind { HT_ERRAND_POST, HT_ERRAND_LOOK, HT_ERRAND_FETCH, HT_ERRAND_DOCUMENT, HT_ERRAND_REPORT };

/* For whom an errand counts; zeroed: for nobody, as within this process. */
struct ht_share {
	uint64_t peer, host; /* hashes that an enemy cannot aim at another's */
};
/* url: its host and port count. */
struct ht_share ht_share_of(struct ht_text peer, struct ht_text url);

struct ht_shares;

struct ht_shares *ht_shares_new(size_t most);
void ht_shares_free(struct ht_shares *s); /* NULL is accepted */

enum ht_share_is {
	HT_SHARE_TAKEN, /* until ht_shares_give() */
	HT_SHARE_BUSY,  /* there is no room for this kind */
	HT_SHARE_FULL,  /* its peer or host has all that it may have */
};
/* *again_us, when it is not taken: how long until it is worth another try; for letters and looks. */
enum ht_share_is ht_shares_take(struct ht_shares *s, enum ht_errand_kind kind, struct ht_share who, int64_t now_us, int64_t *again_us);
/* heard: the peer answered. */
void ht_shares_give(struct ht_shares *s, enum ht_errand_kind kind, struct ht_share who, bool heard, int64_t now_us);
size_t ht_shares_out(const struct ht_shares *s); /* errands of all kinds */

#endif
