/* core/market/policy.c - what a policy permits, and whether two policies are the same. Source: ODRL 2.2 sections 2.5 to 2.7, 2.10. */
#include "core/market/policy.h"

#include <assert.h>

#include "base/out.h"
#include "base/time.h"
#include "model/names.h"
#include "model/odd.h"

static bool compare(int64_t is, enum ht_operator op, int64_t right)
{
	switch (op) {
	case HT_OP_EQ: return is == right;
	case HT_OP_NEQ: return is != right;
	case HT_OP_LT: return is < right;
	case HT_OP_LTEQ: return is <= right;
	case HT_OP_GT: return is > right;
	case HT_OP_GTEQ: return is >= right;
	case HT_OP_IS_ANY_OF:
	case HT_OP_IS_NONE_OF:
	case HT_OP_COUNT: break;
	}
	return false;
}

static bool listed(const struct ht_constraint *c, struct ht_text who)
{
	for (size_t i = 0; i < c->ids_count; i++) {
		if (ht_text_same(c->ids[i], who))
			return true;
	}
	return false;
}

static bool among(const struct ht_constraint *c, struct ht_text who)
{
	bool in = listed(c, who);

	return c->op == HT_OP_EQ || c->op == HT_OP_IS_ANY_OF ? in : (c->op == HT_OP_NEQ || c->op == HT_OP_IS_NONE_OF) && !in;
}

static int64_t elapsed(const struct ht_use *use)
{
	int64_t us;

	if (__builtin_sub_overflow(use->now_us, use->since_us, &us))
		return use->now_us < use->since_us ? INT64_MIN : INT64_MAX;
	return us;
}

static bool atom_holds(const struct ht_constraint *c, const struct ht_use *use)
{
	switch (c->left) {
	case HT_LEFT_DATE_TIME: return compare(use->now_us, c->op, c->number);
	case HT_LEFT_TRANSFERS: return compare(use->count, c->op, c->number);
	case HT_LEFT_ELAPSED: return compare(elapsed(use), c->op, c->number);
	case HT_LEFT_RECIPIENT: return among(c, use->who);
	case HT_LEFT_COUNT: break;
	}
	return false;
}

/* Calls itself as deep as the tree is: HT_NODES_DEPTH_MAX. */
bool ht_constraint_holds(const struct ht_constraint *c, const struct ht_use *use)
{
	bool all = c->join == HT_JOIN_AND;

	assert(c->op < HT_OP_COUNT && c->left < HT_LEFT_COUNT && c->join < HT_JOIN_COUNT);
	if (c->part.odd)
		return false;
	if (c->join == HT_JOIN_NONE)
		return atom_holds(c, use);
	for (size_t i = 0; i < c->parts_count; i++) {
		if (ht_constraint_holds(&c->parts[i], use) != all)
			return !all;
	}
	return all;
}

/* The first constraint that does not hold, in an `and` the one inside; NULL: all hold. */
static const struct ht_constraint *first_broken(const struct ht_constraint *list, size_t n, const struct ht_use *use)
{
	for (size_t i = 0; i < n; i++) {
		if (ht_constraint_holds(&list[i], use))
			continue;
		if (list[i].join == HT_JOIN_AND && !list[i].part.odd)
			return first_broken(list[i].parts, list[i].parts_count, use);
		return &list[i];
	}
	return NULL;
}

/* "dateTime lteq 2026-01-01T00:00:00Z", "(count lt 5 or recipient isAnyOf did:web:a,did:web:b)" */
static void put_words(struct ht_out *o, const struct ht_constraint *c)
{
	if (c->join == HT_JOIN_NONE) {
		ht_out_format(o, "%s %s " HT_TEXT_FMT, ht_left_word(c->left), ht_operator_word(c->op), HT_TEXT_ARG(c->right));
		return;
	}
	ht_out_char(o, '(');
	for (size_t i = 0; i < c->parts_count; i++) {
		if (i)
			ht_out_format(o, " %s ", ht_join_word(c->join));
		put_words(o, &c->parts[i]);
	}
	ht_out_char(o, ')');
}

/* Everything in it is ASCII, so that it may be cut anywhere. */
static struct ht_text detail_of(const struct ht_out *o)
{
	static const struct ht_text more = HT_TEXT_ROW("...");
	struct ht_text t = ht_out_done(o);

	if (t.len <= HT_POLICY_DETAIL_MAX)
		return t;
	return ht_text_format(o->arena, HT_TEXT_FMT HT_TEXT_FMT, (int)(HT_POLICY_DETAIL_MAX - more.len), t.at, HT_TEXT_ARG(more));
}

static bool deny(struct ht_refusal *why, const struct ht_constraint *c, struct ht_arena *a)
{
	struct ht_out o;

	ht_out_init(&o, a);
	put_words(&o, c);
	(void)ht_refuse(why, HT_REFUSE_POLICY_DENIES, c->part.place);
	why->detail = detail_of(&o);
	return false;
}

static bool prohibit(struct ht_refusal *why, const struct ht_rule *r, struct ht_arena *a)
{
	struct ht_out o;

	ht_out_init(&o, a);
	ht_out_z(&o, "prohibited");
	for (size_t i = 0; i < r->count; i++) {
		ht_out_z(&o, i ? " and " : ": ");
		put_words(&o, &r->constraints[i]);
	}
	(void)ht_refuse(why, HT_REFUSE_POLICY_DENIES, r->part.place);
	why->detail = detail_of(&o);
	return false;
}

bool ht_policy_permits(const struct ht_policy *p, const struct ht_use *use, struct ht_arena *a, struct ht_refusal *why)
{
	const struct ht_constraint *said = NULL, *broken;

	if (p->odd) {
		(void)ht_refuse(why, HT_REFUSE_POLICY_UNSUPPORTED, p->odd_place);
		why->detail = ht_odd_text(&p->odd_what, HT_EN, a);
		return false;
	}
	for (size_t i = 0; i < p->prohibitions_count; i++) {
		const struct ht_rule *r = &p->prohibitions[i];

		if (ht_text_is(r->action, "use") && !first_broken(r->constraints, r->count, use))
			return prohibit(why, r, a);
	}
	for (size_t i = 0; i < p->count; i++) {
		const struct ht_rule *r = &p->permissions[i];

		if (!ht_text_is(r->action, "use"))
			continue;
		broken = first_broken(r->constraints, r->count, use);
		if (!broken)
			return true;
		said = said ? said : broken;
	}
	return said ? deny(why, said, a) : ht_refuse(why, HT_REFUSE_POLICY_DENIES, HT_TEXT("/permission"));
}

bool ht_policy_since(const struct ht_policy *agreement, int64_t *since_us)
{
	return ht_time_read(agreement->timestamp, since_us);
}

static bool atom_same(const struct ht_constraint *x, const struct ht_constraint *y)
{
	if (x->left != y->left || x->op != y->op || x->ids_count != y->ids_count || x->number != y->number)
		return false;
	for (size_t i = 0; i < x->ids_count; i++) {
		if (!ht_text_same(x->ids[i], y->ids[i]))
			return false;
	}
	return true;
}

/* Each element of one list has a partner of its own in the other; sameness is transitive, so the first free one will do. A node of one
 * tree meets a node of the other at most once, as their parents do: this bounds the cost. */
static bool trees_same(const struct ht_constraint *x, size_t nx, const struct ht_constraint *y, size_t ny)
{
	uint64_t used = 0;

	assert(nx <= HT_NODES_MAX && ny <= HT_NODES_MAX);
	if (nx != ny)
		return false;
	for (size_t i = 0; i < nx; i++) {
		size_t j = 0;

		for (; j < ny; j++) {
			if ((used & UINT64_C(1) << j) || x[i].join != y[j].join)
				continue;
			if (x[i].join == HT_JOIN_NONE ? atom_same(&x[i], &y[j]) :
							trees_same(x[i].parts, x[i].parts_count, y[j].parts, y[j].parts_count))
				break;
		}
		if (j == ny)
			return false;
		used |= UINT64_C(1) << j;
	}
	return true;
}

static bool rules_same(const struct ht_rule *x, size_t nx, const struct ht_rule *y, size_t ny)
{
	uint64_t used = 0;

	assert(nx <= HT_RULES_MAX && ny <= HT_RULES_MAX);
	if (nx != ny)
		return false;
	for (size_t i = 0; i < nx; i++) {
		size_t j = 0;

		for (; j < ny; j++) {
			if (!(used & UINT64_C(1) << j) && ht_text_same(x[i].action, y[j].action) &&
			    trees_same(x[i].constraints, x[i].count, y[j].constraints, y[j].count))
				break;
		}
		if (j == ny)
			return false;
		used |= UINT64_C(1) << j;
	}
	return true;
}

bool ht_policy_same(const struct ht_policy *a, const struct ht_policy *b)
{
	return !a->odd && !b->odd && rules_same(a->permissions, a->count, b->permissions, b->count) &&
	       rules_same(a->prohibitions, a->prohibitions_count, b->prohibitions, b->prohibitions_count);
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
