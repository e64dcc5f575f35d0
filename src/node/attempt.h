/* node/attempt.h - the courier's logic without a socket: what an attempt to send is, and what its answer means as a step.
 * Pure but for the random numbers that it is given; test/sim uses it as the courier does. */
#ifndef HT_NODE_ATTEMPT_H
#define HT_NODE_ATTEMPT_H

#include "desk/desk.h"
#include "identity/peers.h"
#include "base/time.h"
#include "identity/token.h"

struct ht_authority {
	struct ht_text authorization; /* header value */
	int64_t open_us;              /* until then this attempt can still be taken by the peer */
};

/* Who we are to this peer: a token of the signer, or the header that the peers file says. audience: the peer's id. */
struct ht_authority ht_attempt_authority(const struct ht_signer *by, const struct ht_peers *peers, struct ht_text audience,
					 struct ht_bytes body, int64_t now_us, struct ht_random *r, struct ht_arena *a);

/* How long a letter is held back before its first way. EDC overwrites what a message brings while it still deals with the answer to its
 * own last one, and sends that again under another @id: to it (HT_PEER_EDC_MOCK) whatever is no first message leaves a little later. */
enum { HT_ATTEMPT_HOLD_MS = 250 };
int64_t ht_attempt_hold_us(const struct ht_peers *peers, const struct ht_post *post);

/* What came back for a letter. status 0: no answer. *step is filled but for its who. */
void ht_attempt_answered(const struct ht_post *post, int64_t open_us, int status, struct ht_bytes answer, int retry_after_s,
			 struct ht_arena *a, struct ht_step *step);

/* What came back for a look. */
void ht_attempt_looked(const struct ht_look *look, int status, struct ht_bytes answer, struct ht_arena *a, struct ht_step *step);

#endif
