/* identity/peers.h - the peers file: foreign peers and how they are told apart.
 *
 * [{"id","base","send","accept"}], all four of them texts. id: a DID or another name of the peer; base: where it takes
 * messages; send and accept: what goes out and comes in as `Authorization`, "jwt" or "header:VALUE". */
#ifndef HT_IDENTITY_PEERS_H
#define HT_IDENTITY_PEERS_H

#include "base/refuse.h"

enum ht_peer_way { HT_PEER_JWT, HT_PEER_HEADER };

struct ht_peer {
	struct ht_text id, base; /* base without slashes at its end */
	enum ht_peer_way send, accept;
	struct ht_text send_value, accept_value; /* of HT_PEER_HEADER; secrets */
};

enum { HT_PEERS_MAX = 256 };

struct ht_peers {
	struct ht_peer at[HT_PEERS_MAX];
	size_t count;
};

/* Copies into the arena. The place names the row ("/3/accept"). Refused: the JSON codes; HT_REFUSE_MEMBER_MISSING, _TYPE, _VALUE (also
 * of an unknown member, a base that is no URL, a header value that is not printable ASCII); HT_REFUSE_EXISTS for a doubled id, base or
 * accept value; HT_REFUSE_TOO_MANY. */
bool ht_peers_read(struct ht_bytes file, struct ht_arena *a, struct ht_peers *out, struct ht_refusal *why);

/* NULL: none. */
const struct ht_peer *ht_peers_by_base(const struct ht_peers *p, struct ht_text base);
const struct ht_peer *ht_peers_by_id(const struct ht_peers *p, struct ht_text id);
/* The peer whose accept value equals the Authorization header; compared in constant time. NULL: none. */
const struct ht_peer *ht_peers_accept(const struct ht_peers *p, struct ht_text header);

#endif
