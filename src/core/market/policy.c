/* core/market/policy.c - what a policy permits, and whether two policies are the same. Source: ODRL 2.2 sections 2.5, 2.6. */
#include "core/market/policy.h"

#include <assert.h>

#include "model/names.h"

static bool holds(const struct ht_constraint *c, int64_t now_us)
{
	assert(c->op < HT_OP_COUNT);
	if (!ht_text_is(c->left, "dateTime"))
		return false;
	switch (c->op) {
	case HT_OP_EQ: return now_us == c->right_us;
	case HT_OP_NEQ: return now_us != c->right_us;
	case HT_OP_LT: return now_us < c->right_us;
	case HT_OP_LTEQ: return now_us <= c->right_us;
	case HT_OP_GT: return now_us > c->right_us;
	case HT_OP_GTEQ: return now_us >= c->right_us;
	case HT_OP_COUNT: break;
	}
	return false;
}

/* Index of the first constraint that does not hold; r->count when all do. */
static size_t first_broken(const struct ht_rule *r, int64_t now_us)
{
	size_t i = 0;

	while (i < r->count && holds(&r->constraints[i], now_us))
		i++;
	return i;
}

bool ht_policy_permits(const struct ht_policy *p, int64_t now_us, struct ht_arena *a, struct ht_refusal *why)
{
	bool said = false;

	if (p->odd)
		return ht_refuse(why, HT_REFUSE_POLICY_UNSUPPORTED, p->odd_place);
	for (size_t i = 0; i < p->count; i++) {
		const struct ht_rule *r = &p->permissions[i];
		size_t broken;

		if (!ht_text_is(r->action, "use"))
			continue;
		broken = first_broken(r, now_us);
		if (broken == r->count)
			return true;
		if (!said) {
			const struct ht_constraint *c = &r->constraints[broken];

			(void)ht_refuse(why, HT_REFUSE_POLICY_DENIES, ht_text_format(a, "/permission/%zu/constraint/%zu", i, broken));
			why->detail = ht_text_format(a, HT_TEXT_FMT " %s " HT_TEXT_FMT, HT_TEXT_ARG(c->left), ht_operator_word(c->op),
						     HT_TEXT_ARG(c->right));
			said = true;
		}
	}
	return said ? false : ht_refuse(why, HT_REFUSE_POLICY_DENIES, HT_TEXT("/permission"));
}

/* A time is the same however its zone is written. */
static bool constraint_same(const struct ht_constraint *x, const struct ht_constraint *y)
{
	return ht_text_same(x->left, y->left) && x->op == y->op && x->right_us == y->right_us;
}

/* Each element of one list has a partner of its own in the other; sameness is transitive, so the first free one will do. */
static bool rule_same(const struct ht_rule *x, const struct ht_rule *y)
{
	uint32_t used = 0;

	assert(x->count <= HT_CONSTRAINTS_MAX && y->count <= HT_CONSTRAINTS_MAX);
	if (x->count != y->count || !ht_text_same(x->action, y->action))
		return false;
	for (size_t i = 0; i < x->count; i++) {
		size_t j = 0;

		while (j < y->count && ((used & 1u << j) || !constraint_same(&x->constraints[i], &y->constraints[j])))
			j++;
		if (j == y->count)
			return false;
		used |= 1u << j;
	}
	return true;
}

bool ht_policy_same(const struct ht_policy *a, const struct ht_policy *b)
{
	uint32_t used = 0;

	if (a->odd || b->odd || a->count != b->count)
		return false;
	assert(a->count <= HT_RULES_MAX);
	for (size_t i = 0; i < a->count; i++) {
		size_t j = 0;

		while (j < b->count && ((used & 1u << j) || !rule_same(&a->permissions[i], &b->permissions[j])))
			j++;
		if (j == b->count)
			return false;
		used |= 1u << j;
	}
	return true;
}

bool ht_audience_has(struct ht_text audience, struct ht_text did)
{
	struct ht_text one, rest = audience;

	if (audience.len == 0)
		return true;
	while (rest.len > 0) {
		(void)ht_text_cut(rest, ',', &one, &rest);
		if (one.len > 0 && ht_text_same(one, did))
			return true;
	}
	return false;
}
