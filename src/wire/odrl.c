/* wire/odrl.c - ODRL policies as DSP 2025-1 shapes them: what is understood becomes model, the rest makes the policy odd.
 * Clause: DSP 2025-1 contract-schema; ODRL 2.2 information model. */
#include "wire/odrl.h"

#include "base/count.h"
#include "wire/dsp.h"
#include "wire/odrl_constraint.h"

enum { TIME_MAX_BYTES = 64 };

/* A list that is only understood when it has nothing in it. */
static bool empty_list(struct ht_odrl_reading *r, struct ht_part *part, const struct ht_json *object, const struct ht_place *up,
		       const char *name)
{
	const struct ht_json *v = ht_json_member(object, name);

	if (!v)
		return true;
	if (!ht_json_is_array(v) && !ht_json_is_object(v))
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, up, name);
	if (ht_json_is_object(v) || ht_json_count(v))
		ht_odrl_odd(r, part, up, ht_text_of(name), &(struct ht_oddity){ .kind = HT_ODD_DUTY, .value = ht_text_of(name) });
	return true;
}

/* A permission or prohibition. inner: the member with the rules of such a rule, "duty" or "remedy". */
static bool rule(struct ht_odrl_reading *r, const struct ht_json *v, const struct ht_place *up, const char *inner, struct ht_rule *out)
{
	const char *const known[] = { "action", "constraint", inner };
	const struct ht_json *action = ht_json_member(v, "action");

	out->part.place = ht_place_text(up, r->top, r->shape->arena);
	if (!ht_json_is_object(v))
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, up, NULL);
	if (!action)
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_MISSING, up, "action");
	if (!ht_json_is_text(action))
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, up, "action");
	out->action = HT_TEXT("use");
	if (!ht_text_is(ht_odrl_bare(action), "use"))
		ht_odrl_odd(r, &out->part, up, HT_TEXT("action"),
			    &(struct ht_oddity){ .kind = HT_ODD_ACTION, .value = ht_json_text(action) });
	if (!ht_odrl_constraints(r, v, up, out) || !empty_list(r, &out->part, v, up, inner))
		return false;
	ht_odrl_odd_members(r, &out->part, v, up, known, HT_COUNT(known));
	return true;
}

/* An array of rules, or one rule by itself. */
static bool rules(struct ht_odrl_reading *r, const struct ht_json *policy, const char *name, const char *inner, struct ht_rule **out,
		  size_t *count)
{
	const struct ht_json *list = ht_json_member(policy, name);
	struct ht_place in = { r->top, ht_text_of(name), 0 }, element = { &in, { NULL, 0 }, 0 };
	bool one = ht_json_is_object(list);
	size_t n = one ? 1 : ht_json_count(list);

	if (!list)
		return true;
	if (!one && !ht_json_is_array(list))
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, r->top, name);
	if (n > HT_RULES_MAX) {
		ht_odrl_odd(r, NULL, r->top, ht_text_of(name), &(struct ht_oddity){ .kind = HT_ODD_MANY });
		n = HT_RULES_MAX;
	}
	*out = HT_TAKE(r->shape->arena, struct ht_rule, n);
	for (*count = 0; *count < n; ++*count) {
		element.index = *count;
		if (!rule(r, one ? list : ht_json_at(list, *count), one ? &in : &element, inner, &(*out)[*count]))
			return false;
	}
	return true;
}

/* A policy that is neither an offer nor an agreement may be one of these; what else it says of itself is odd. */
static bool type(struct ht_odrl_reading *r, const struct ht_json *policy)
{
	static const char *const known[] = { "Offer", "Agreement", "Set", "Policy" };
	const struct ht_json *v = ht_json_member(policy, "@type");

	if (!v)
		return true;
	if (!ht_json_is_text(v))
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, r->top, "@type");
	for (size_t i = 0; i < HT_COUNT(known); i++) {
		if (ht_text_is(ht_odrl_bare(v), known[i]))
			return true;
	}
	ht_odrl_odd(r, NULL, r->top, HT_TEXT("@type"), &(struct ht_oddity){ .kind = HT_ODD_TYPE, .value = ht_json_text(v) });
	return true;
}

bool ht_odrl_take(const struct ht_shape *s, const struct ht_json *v, const struct ht_place *up, struct ht_text text, struct ht_policy *out)
{
	static const char *const known[] = { "@context", "@id", "@type", "target", "assigner", "assignee", "timestamp", "permission",
					     "prohibition", "obligation" };
	struct ht_odrl_reading r = { s, up, out, 0 };

	*out = (struct ht_policy){ .text = text };
	if (!ht_json_is_object(v))
		return ht_odrl_refuse(&r, HT_REFUSE_MEMBER_TYPE, up, NULL);
	if (!type(&r, v) || !ht_shape_text(s, v, up, "@id", HT_ID_MAX, false, &out->id) ||
	    !ht_shape_text(s, v, up, "target", HT_ID_MAX, false, &out->target) ||
	    !ht_shape_text(s, v, up, "assigner", HT_ID_MAX, false, &out->assigner) ||
	    !ht_shape_text(s, v, up, "assignee", HT_ID_MAX, false, &out->assignee) ||
	    !ht_shape_text(s, v, up, "timestamp", TIME_MAX_BYTES, false, &out->timestamp))
		return false;
	if (!ht_json_member(v, "permission") && !ht_json_member(v, "prohibition"))
		return ht_odrl_refuse(&r, HT_REFUSE_MEMBER_MISSING, up, "permission");
	if (!rules(&r, v, "permission", "duty", &out->permissions, &out->count) ||
	    !rules(&r, v, "prohibition", "remedy", &out->prohibitions, &out->prohibitions_count) ||
	    !empty_list(&r, NULL, v, up, "obligation"))
		return false;
	ht_odrl_odd_members(&r, NULL, v, up, known, HT_COUNT(known));
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
