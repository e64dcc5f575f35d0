/* core/market/policy.h - what a policy permits, and whether two policies are the same. Pure: time is an argument.
 *
 * Of ODRL 2.2: permissions and prohibitions to `use`, bare or with trees of constraints on dateTime, count, elapsedTime and recipient.
 * A prohibition wins over every permission (ODRL conflict strategy `prohibit`). */
#ifndef HT_CORE_MARKET_POLICY_H
#define HT_CORE_MARKET_POLICY_H

#include "base/refuse.h"
#include "model/market.h"

/* A use that somebody asks for. */
struct ht_use {
	int64_t now_us;
	struct ht_text who; /* who gets it; empty: nobody that a list could name */
	int64_t count;      /* transfers under the agreement with the one that is asked for */
	int64_t since_us;   /* the agreement's timestamp; now_us before there is one */
};

/* Whether a constraint with all that is in it holds. An odd one does not. */
bool ht_constraint_holds(const struct ht_constraint *c, const struct ht_use *use);

/* Whether `use` is permitted: one permission whose constraints all hold, and no such prohibition. False: why names what decides: the
 * first constraint that fails ("/permission/0/constraint/1"; detail: "dateTime lteq 2026-01-01T00:00:00Z" in arena a), in an `and` the
 * part of it; the prohibition ("/prohibition/0"; detail: "prohibited: ..."); or the odd part (detail: ht_odd_text()). A detail has at most
 * HT_POLICY_DETAIL_MAX bytes. */
enum { HT_POLICY_DETAIL_MAX = 512 };
bool ht_policy_permits(const struct ht_policy *p, const struct ht_use *use, struct ht_arena *a, struct ht_refusal *why);

/* When an agreement was made. False: it has no timestamp that is a time. */
bool ht_policy_since(const struct ht_policy *agreement, int64_t *since_us);

/* The same permissions, prohibitions, constraints and parts of these in any order; values are compared, not how they are written. Odd
 * policies are never the same. Costs at most the product of the numbers of nodes. */
bool ht_policy_same(const struct ht_policy *a, const struct ht_policy *b);

/* Whether a DID may see the product: it is in the list ("did,did,..."), or the list is empty. */
bool ht_audience_has(struct ht_text audience, struct ht_text did);

#endif
