/* identity/trust.h - who is trusted (--trust). */
#ifndef HT_IDENTITY_TRUST_H
#define HT_IDENTITY_TRUST_H

#include "base/refuse.h"

enum ht_trust_kind {
	HT_TRUST_WEB,  /* any did:web that verifies */
	HT_TRUST_OPEN, /* the same; loopback may be reached (the node decides the default) */
	HT_TRUST_LIST,
};
struct ht_trust {
	enum ht_trust_kind kind;
	struct ht_text dids; /* of HT_TRUST_LIST: did:web ids separated by commas; a view of the setting */
};

/* "web", "open", or the list. Refused: HT_REFUSE_VALUE, the place is "--trust". */
bool ht_trust_read(struct ht_text setting, struct ht_trust *out, struct ht_refusal *why);
bool ht_trusts(const struct ht_trust *t, struct ht_text did);

#endif
