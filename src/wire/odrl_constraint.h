/* wire/odrl_constraint.h - the trees of constraints in the rules of a policy. Private to wire/odrl.c. */
#ifndef HT_WIRE_ODRL_CONSTRAINT_H
#define HT_WIRE_ODRL_CONSTRAINT_H

#include "model/market.h"
#include "wire/shape.h"

/* One policy while it is read. */
struct ht_odrl_reading {
	const struct ht_shape *shape;
	const struct ht_place *top; /* where the policy is */
	struct ht_policy *out;
	size_t nodes; /* constraints so far */
};

/* A word of ODRL without prefix or IRI; empty: no string. */
struct ht_text ht_odrl_bare(const struct ht_json *v);

/* Something that is not understood: member `name` (at NULL: the value itself) of the value at `up`; what: borrowed. The first one is
 * remembered, of the policy and of the part (NULL: of none). */
void ht_odrl_odd(struct ht_odrl_reading *r, struct ht_part *part, const struct ht_place *up, struct ht_text name,
		 const struct ht_oddity *what);

/* Members that are not among the known ones are odd. */
void ht_odrl_odd_members(struct ht_odrl_reading *r, struct ht_part *part, const struct ht_json *object, const struct ht_place *up,
			 const char *const *known, size_t n);

bool ht_odrl_refuse(const struct ht_odrl_reading *r, enum ht_refuse code, const struct ht_place *up, const char *name);

/* Member `constraint` of the rule at `up`. */
bool ht_odrl_constraints(struct ht_odrl_reading *r, const struct ht_json *rule, const struct ht_place *up, struct ht_rule *out);

#endif
