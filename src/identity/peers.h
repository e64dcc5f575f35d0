/* identity/peers.h - the peers file: foreign peers and how they are told apart.
 *
 * [{"id","base","send","accept"}], all four of them texts. id: a DID or another name of the peer; base: where it takes
 * messages; send and accept: what goes out and comes in as `Authorization`, "jwt", "header:VALUE" or "edc-mock:NAME".
 *
 * edc-mock is the mock identity of Eclipse EDC: the header is the JSON text {"region","audience","clientId"} and says nothing but a
 * name. Nobody proves that it is his: such a peer is as trustworthy as the network that it comes through. */
#ifndef HT_IDENTITY_PEERS_H
#define HT_IDENTITY_PEERS_H

#include "base/refuse.h"

enum ht_peer_way { HT_PEER_JWT, HT_PEER_HEADER, HT_PEER_EDC_MOCK };

struct ht_peer {
	struct ht_text id, base; /* base without slashes at its end */
	enum ht_peer_way send, accept;
	struct ht_text send_value, accept_value; /* of HT_PEER_HEADER: secrets; of HT_PEER_EDC_MOCK: names; else empty */
};

enum { HT_PEERS_MAX = 256, HT_PEER_NAME_MAX = 512 };

struct ht_peers {
	struct ht_peer at[HT_PEERS_MAX];
	size_t count;
};

/* Copies into the arena. The place names the row ("/3/accept"). Refused: the JSON codes; HT_REFUSE_MEMBER_MISSING, _TYPE, _VALUE (also
 * of an unknown member, a base that is no URL, a header value that is not printable ASCII, a name that is empty, longer than
 * HT_PEER_NAME_MAX bytes or has control characters); HT_REFUSE_EXISTS for a doubled id, base, accept value or name; HT_REFUSE_TOO_MANY. */
bool ht_peers_read(struct ht_bytes file, struct ht_arena *a, struct ht_peers *out, struct ht_refusal *why);

/* NULL: none. */
const struct ht_peer *ht_peers_by_base(const struct ht_peers *p, struct ht_text base);
const struct ht_peer *ht_peers_by_id(const struct ht_peers *p, struct ht_text id);
/* The peer whose accept value equals the Authorization header, compared in constant time, or whose name is the header's clientId: a JSON
 * object of texts, at most 4 KiB; region and audience are not compared. NULL: none. */
const struct ht_peer *ht_peers_accept(const struct ht_peers *p, struct ht_text header);
/* The Authorization header for this peer. Empty: a token it is. The audience of HT_PEER_EDC_MOCK is the peer's base. */
struct ht_text ht_peer_authorization(const struct ht_peer *p, struct ht_arena *a);

#endif
