/* wire/odrl.c - ODRL policies as DSP 2025-1 shapes them: what is understood becomes model, the rest makes the policy odd.
 * Clause: DSP 2025-1 contract-schema; ODRL 2.2 information model. */
#include "wire/odrl.h"

#include "base/count.h"
#include "base/time.h"
#include "model/names.h"
#include "wire/dsp.h"

enum { TIME_MAX_BYTES = 64 };

/* One policy while it is read. */
struct reading {
	const struct ht_shape *shape;
	const struct ht_place *top; /* where the policy is */
	struct ht_policy *out;
};

static struct ht_text bare(const struct ht_json *v)
{
	return ht_shape_bare(&ht_vocabulary_odrl, ht_json_text(v));
}

/* A part that is not understood; the first one is remembered. name at NULL: the value at `up` itself. */
static void odd(const struct reading *r, const struct ht_place *up, struct ht_text name)
{
	struct ht_place member = { up, name, 0 };

	if (r->out->odd)
		return;
	r->out->odd = true;
	r->out->odd_place = ht_place_text(name.at ? &member : up, r->top, r->shape->arena);
}

static bool refuse(const struct reading *r, enum ht_refuse code, const struct ht_place *up, const char *name)
{
	return ht_shape_refuse(r->shape, code, up, name, HT_TEXT(""));
}

/* Members that are not among the known ones. */
static void odd_members(const struct reading *r, const struct ht_json *object, const struct ht_place *up, const char *const *known,
			size_t n)
{
	struct ht_json_member m;
	void *cursor = NULL;

	while (ht_json_next(object, &cursor, &m)) {
		bool found = false;

		for (size_t i = 0; i < n && !found; i++)
			found = ht_text_is(m.name, known[i]);
		if (!found)
			odd(r, up, m.name);
	}
}

/* A list that is only understood when it has nothing in it. */
static bool empty_list(const struct reading *r, const struct ht_json *object, const struct ht_place *up, const char *name)
{
	const struct ht_json *v = ht_json_member(object, name);

	if (!v)
		return true;
	if (!ht_json_is_array(v) && !ht_json_is_object(v))
		return refuse(r, HT_REFUSE_MEMBER_TYPE, up, name);
	if (ht_json_is_object(v) || ht_json_count(v))
		odd(r, up, ht_text_of(name));
	return true;
}

/* The time of a rightOperand: a string, or a typed value {"@value", "@type"}. False: something else. */
static bool right_time(const struct ht_json *v, struct ht_arena *a, struct ht_constraint *out)
{
	struct ht_text type;

	if (ht_json_is_object(v)) {
		const struct ht_json *given = ht_json_member(v, "@type");

		type = ht_json_text(given);
		if (ht_json_count(v) != (given ? 2 : 1))
			return false;
		if (given && !ht_text_is(type, "xsd:dateTime") && !ht_text_is(type, "http://www.w3.org/2001/XMLSchema#dateTime"))
			return false;
		v = ht_json_member(v, "@value");
	}
	if (!ht_time_read(ht_json_text(v), &out->right_us))
		return false;
	out->right = ht_text_copy(a, ht_json_text(v));
	return true;
}

/* leftOperand operator rightOperand, each of which may be one that is not understood. */
static bool atomic(const struct reading *r, const struct ht_json *v, const struct ht_place *up, struct ht_constraint *out)
{
	static const char *const members[] = { "leftOperand", "operator", "rightOperand" };
	const struct ht_json *at[HT_COUNT(members)];

	for (size_t i = 0; i < HT_COUNT(members); i++) {
		at[i] = ht_json_member(v, members[i]);
		if (!at[i])
			return refuse(r, HT_REFUSE_MEMBER_MISSING, up, members[i]);
		if (!ht_json_is_text(at[i]) && (i < 2 || (!ht_json_is_object(at[i]) && !ht_json_is_array(at[i]))))
			return refuse(r, HT_REFUSE_MEMBER_TYPE, up, members[i]);
	}
	out->left = HT_TEXT("dateTime");
	if (!ht_text_is(bare(at[0]), "dateTime"))
		odd(r, up, HT_TEXT("leftOperand"));
	if (!ht_operator_of(bare(at[1]), &out->op))
		odd(r, up, HT_TEXT("operator"));
	if (!right_time(at[2], r->shape->arena, out))
		odd(r, up, HT_TEXT("rightOperand"));
	odd_members(r, v, up, members, HT_COUNT(members));
	return true;
}

static bool constraint(const struct reading *r, const struct ht_json *v, const struct ht_place *up, struct ht_constraint *out)
{
	static const char *const logical[] = { "and", "andSequence", "or", "xone" };

	if (!ht_json_is_object(v))
		return refuse(r, HT_REFUSE_MEMBER_TYPE, up, NULL);
	for (size_t i = 0; i < HT_COUNT(logical); i++) {
		const struct ht_json *operands = ht_json_member(v, logical[i]);

		if (!operands)
			continue;
		if (!ht_json_is_array(operands))
			return refuse(r, HT_REFUSE_MEMBER_TYPE, up, logical[i]);
		odd(r, up, ht_text_of(logical[i]));
		return true;
	}
	return atomic(r, v, up, out);
}

static bool constraints(const struct reading *r, const struct ht_json *rule, const struct ht_place *up, struct ht_rule *out)
{
	const struct ht_json *list = ht_json_member(rule, "constraint");
	struct ht_place in = { up, HT_TEXT("constraint"), 0 }, element = { &in, { NULL, 0 }, 0 };
	size_t n = ht_json_count(list);

	if (!list)
		return true;
	if (!ht_json_is_array(list))
		return refuse(r, HT_REFUSE_MEMBER_TYPE, up, "constraint");
	if (n > HT_CONSTRAINTS_MAX) {
		odd(r, up, HT_TEXT("constraint"));
		n = HT_CONSTRAINTS_MAX;
	}
	out->constraints = HT_TAKE(r->shape->arena, struct ht_constraint, n);
	for (out->count = 0; out->count < n; out->count++) {
		element.index = out->count;
		if (!constraint(r, ht_json_at(list, out->count), &element, &out->constraints[out->count]))
			return false;
	}
	return true;
}

static bool permission(const struct reading *r, const struct ht_json *v, const struct ht_place *up, struct ht_rule *out)
{
	static const char *const known[] = { "action", "constraint", "duty" };
	const struct ht_json *action = ht_json_member(v, "action");

	if (!ht_json_is_object(v))
		return refuse(r, HT_REFUSE_MEMBER_TYPE, up, NULL);
	if (!action)
		return refuse(r, HT_REFUSE_MEMBER_MISSING, up, "action");
	if (!ht_json_is_text(action))
		return refuse(r, HT_REFUSE_MEMBER_TYPE, up, "action");
	out->action = HT_TEXT("use");
	if (!ht_text_is(bare(action), "use"))
		odd(r, up, HT_TEXT("action"));
	if (!constraints(r, v, up, out) || !empty_list(r, v, up, "duty"))
		return false;
	odd_members(r, v, up, known, HT_COUNT(known));
	return true;
}

/* An array of rules, or one rule by itself. */
static bool permissions(const struct reading *r, const struct ht_json *policy)
{
	const struct ht_json *list = ht_json_member(policy, "permission");
	struct ht_place in = { r->top, HT_TEXT("permission"), 0 }, element = { &in, { NULL, 0 }, 0 };
	bool one = ht_json_is_object(list);
	size_t n = one ? 1 : ht_json_count(list);

	if (!list)
		return true;
	if (!one && !ht_json_is_array(list))
		return refuse(r, HT_REFUSE_MEMBER_TYPE, r->top, "permission");
	if (n > HT_RULES_MAX) {
		odd(r, r->top, HT_TEXT("permission"));
		n = HT_RULES_MAX;
	}
	r->out->permissions = HT_TAKE(r->shape->arena, struct ht_rule, n);
	for (r->out->count = 0; r->out->count < n; r->out->count++) {
		const struct ht_json *rule = one ? list : ht_json_at(list, r->out->count);

		element.index = r->out->count;
		if (!permission(r, rule, one ? &in : &element, &r->out->permissions[r->out->count]))
			return false;
	}
	return true;
}

/* A policy that is neither an offer nor an agreement may be one of these; what else it says of itself is odd. */
static bool type(const struct reading *r, const struct ht_json *policy)
{
	static const char *const known[] = { "Offer", "Agreement", "Set", "Policy" };
	const struct ht_json *v = ht_json_member(policy, "@type");

	if (!v)
		return true;
	if (!ht_json_is_text(v))
		return refuse(r, HT_REFUSE_MEMBER_TYPE, r->top, "@type");
	for (size_t i = 0; i < HT_COUNT(known); i++) {
		if (ht_text_is(bare(v), known[i]))
			return true;
	}
	odd(r, r->top, HT_TEXT("@type"));
	return true;
}

bool ht_odrl_take(const struct ht_shape *s, const struct ht_json *v, const struct ht_place *up, struct ht_text text, struct ht_policy *out)
{
	static const char *const known[] = { "@context", "@id", "@type", "target", "assigner", "assignee", "timestamp", "permission",
					     "prohibition", "obligation" };
	const struct reading r = { s, up, out };

	*out = (struct ht_policy){ .text = text };
	if (!ht_json_is_object(v))
		return refuse(&r, HT_REFUSE_MEMBER_TYPE, up, NULL);
	if (!type(&r, v) || !ht_shape_text(s, v, up, "@id", HT_ID_MAX, false, &out->id) ||
	    !ht_shape_text(s, v, up, "target", HT_ID_MAX, false, &out->target) ||
	    !ht_shape_text(s, v, up, "assigner", HT_ID_MAX, false, &out->assigner) ||
	    !ht_shape_text(s, v, up, "assignee", HT_ID_MAX, false, &out->assignee) ||
	    !ht_shape_text(s, v, up, "timestamp", TIME_MAX_BYTES, false, &out->timestamp))
		return false;
	if (!ht_json_member(v, "permission") && !ht_json_member(v, "prohibition"))
		return refuse(&r, HT_REFUSE_MEMBER_MISSING, up, "permission");
	if (!permissions(&r, v) || !empty_list(&r, v, up, "prohibition") || !empty_list(&r, v, up, "obligation"))
		return false;
	odd_members(&r, v, up, known, HT_COUNT(known));
	return true;
}

bool ht_odrl_read(struct ht_text object, struct ht_arena *a, struct ht_policy *out, struct ht_refusal *why)
{
	const struct ht_shape s = { a, why };
	struct ht_json *root = ht_shape_read(&s, ht_text_bytes(object), &ht_json_dsp);
	bool ok;

	if (!root)
		return false;
	ok = ht_odrl_take(&s, root, NULL, ht_text_copy(a, ht_json_span(object, "")), out);
	ht_json_free(root);
	return ok;
}

/* A list of rules of the policy as it is; one rule by itself becomes a list. Clause: contract-schema, minItems 1. */
static void put_rules(struct ht_json_out *w, struct ht_text policy, const char *name)
{
	struct ht_text rules = ht_json_span(policy, name), first;
	size_t at = 0;

	if (!rules.len || (rules.at[0] == '[' && !ht_json_element(rules, &at, &first)))
		return;
	if (rules.at[0] == '[') {
		ht_json_put_raw(w, name, rules);
		return;
	}
	ht_json_open(w, name, '[');
	ht_json_put_raw(w, NULL, rules);
	ht_json_close(w, ']');
}

static void put_terms(struct ht_json_out *w, struct ht_text policy)
{
	struct ht_text profile = ht_json_span(policy, "profile");

	if (profile.len)
		ht_json_put_raw(w, "profile", profile);
	put_rules(w, policy, "permission");
	put_rules(w, policy, "prohibition");
	put_rules(w, policy, "obligation");
}

void ht_odrl_put_offer(struct ht_json_out *w, const char *name, struct ht_text policy, struct ht_text id, struct ht_text target)
{
	ht_json_open(w, name, '{');
	ht_json_put(w, "@id", id);
	ht_json_put_z(w, "@type", "Offer");
	ht_json_put_some(w, "target", target);
	put_terms(w, policy);
	ht_json_close(w, '}');
}

struct ht_text ht_odrl_offer(struct ht_text policy, struct ht_text id, struct ht_text target, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_odrl_put_offer(&w, NULL, policy, id, target);
	return ht_json_end(&w);
}

struct ht_text ht_odrl_agreement(struct ht_text policy, struct ht_text id, struct ht_text target, struct ht_text assigner,
				 struct ht_text assignee, struct ht_text timestamp, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	ht_json_put(&w, "@id", id);
	ht_json_put_z(&w, "@type", "Agreement");
	ht_json_put(&w, "target", target);
	ht_json_put(&w, "assigner", assigner);
	ht_json_put(&w, "assignee", assignee);
	ht_json_put(&w, "timestamp", timestamp);
	put_terms(&w, policy);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}
