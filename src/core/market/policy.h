/* core/market/policy.h - what a policy permits, and whether two policies are the same. Pure: time is an argument.
 *
 * First part of ODRL 2.2: permissions to `use`, bare or with constraints on dateTime, all of which must hold. */
#ifndef HT_CORE_MARKET_POLICY_H
#define HT_CORE_MARKET_POLICY_H

#include "base/refuse.h"
#include "model/market.h"

/* Whether `use` is permitted at now_us: one permission whose constraints all hold. False: why names the first
 * constraint that fails ("/permission/0/constraint/1"; detail: "dateTime lteq 2026-01-01T00:00:00Z" in arena a) or the odd part. */
bool ht_policy_permits(const struct ht_policy *p, int64_t now_us, struct ht_arena *a, struct ht_refusal *why);

/* The same permissions and constraints in any order. Odd policies are never the same. */
bool ht_policy_same(const struct ht_policy *a, const struct ht_policy *b);

/* Whether a DID may see the product: it is in the list ("did,did,..."), or the list is empty. */
bool ht_audience_has(struct ht_text audience, struct ht_text did);

#endif
