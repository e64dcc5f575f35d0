/* app/trade/terms.h - a policy in words, for people who decide whether they want it. */
#ifndef HT_APP_TRADE_TERMS_H
#define HT_APP_TRADE_TERMS_H

#include "core/market/explain.h"

/* Of the JSON text of an offer, an agreement or a bare policy: one line for each rule, at least one; what is none of these is a line that
 * says so. Harmless for a terminal. */
struct ht_lines ht_terms_lines(struct ht_arena *a, struct ht_text policy, enum ht_lang lang);

/* The same in one line: "may be used: from 2026-01-01 00:00 UTC on; until 2026-12-31 00:00 UTC". Empty: it is no policy. */
struct ht_text ht_terms(struct ht_arena *a, struct ht_text policy, enum ht_lang lang);

#endif
