/* core/market/explain.h - a policy in plain words, in both languages: its terms, and each verdict on a use. Pure.
 *
 * Foreign text in the words is what stands in the policy: identifiers of participants (visible ASCII, wire/odrl_constraint.c) and the
 * names of members in a place that is not understood. Who prints a place makes it harmless for a terminal.
 * Memory  the arena's, and views of the policy. */
#ifndef HT_CORE_MARKET_EXPLAIN_H
#define HT_CORE_MARKET_EXPLAIN_H

#include "core/market/policy.h"

/* DEPENDS: on who asks, when that is not said. */
enum ht_verdict { HT_VERDICT_HOLDS, HT_VERDICT_FAILS, HT_VERDICT_ODD /* not understood */, HT_VERDICT_DEPENDS, HT_VERDICT_COUNT };

const char *ht_verdict_word(enum ht_verdict verdict);                     /* for programs: "holds", "fails", "odd", "depends" */
const char *ht_verdict_text(enum ht_verdict verdict, enum ht_lang lang); /* for people: "does not hold" */

/* The terms, one line for each rule: "may be used: until 2026-12-31 00:00 UTC; at most 5 transfers under each agreement". An odd policy is one line that says
 * what is not understood: nobody may rely on the rest. At least one line. */
struct ht_lines {
	struct ht_text *at;
	size_t count;
};
struct ht_lines ht_explain_terms(const struct ht_policy *p, enum ht_lang lang, struct ht_arena *a);

/* Each rule and, one deeper, each constraint in it, in the order of the policy; then what else is not understood. */
struct ht_said {
	enum ht_verdict verdict;
	unsigned depth;
	struct ht_text place, words; /* odd: what may stand there, model/odd.h */
	struct ht_text line;         /* verdict and words: "does not hold: ...", "prohibition does not apply" */
};
struct ht_explained {
	struct ht_said *at;
	size_t count;
	bool permitted, depends; /* depends: permitted to some who may ask, as far as each part by itself tells */
	struct ht_refusal
		why; /* as of ht_policy_permits(), which decides; who asks not said: place and code of what denies it to everybody */
	struct ht_text whole;    /* "not permitted: at most 5 transfers under each agreement" */
};
/* use->who empty: who asks is not said. */
struct ht_explained ht_explain_use(const struct ht_policy *p, const struct ht_use *use, enum ht_lang lang, struct ht_arena *a);

#endif
