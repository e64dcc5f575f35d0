/* app/trade/terms.h - a policy in words, for people who decide whether they want it. */
#ifndef HT_APP_TRADE_TERMS_H
#define HT_APP_TRADE_TERMS_H

#include "base/lang.h"
#include "base/text.h"

/* "use, from 2026-01-01T00:00:00Z, until 2026-12-31T23:59:59Z"; of a policy with a part that is not understood the place of that part. policy: the
 * JSON text of an offer, an agreement or a bare policy. Empty: it is none of these. Harmless for a terminal. */
struct ht_text ht_terms(struct ht_arena *a, struct ht_text policy, enum ht_lang lang);

#endif
