/* wire/odrl_constraint.c - constraints of ODRL: leftOperand operator rightOperand, and the `and` and `or` of such.
 * Clause: DSP 2025-1 contract-schema AtomicConstraint, LogicalConstraint; ODRL 2.2 vocabulary sections 3.4 to 3.6. */
#include "wire/odrl_constraint.h"

#include <string.h>

#include "base/count.h"
#include "base/time.h"
#include "model/names.h"
#include "model/odd.h"

static const struct ht_vocabulary xsd = { { "xsd:", 4 }, { "http://www.w3.org/2001/XMLSchema#", 33 } };

/* Of which types of XML Schema the right operand of each left one may be. */
enum { TYPES_MAX = 6 };
static const char *const types[HT_LEFT_COUNT][TYPES_MAX] = {
	[HT_LEFT_DATE_TIME] = { "dateTime" },
	[HT_LEFT_TRANSFERS] = { "integer", "nonNegativeInteger", "positiveInteger", "int", "long" },
	[HT_LEFT_ELAPSED]   = { "duration", "dayTimeDuration" },
	[HT_LEFT_RECIPIENT] = { "string", "anyURI" },
};

struct ht_text ht_odrl_bare(const struct ht_json *v)
{
	return ht_shape_bare(&ht_vocabulary_odrl, ht_json_text(v));
}

/* The beginning of a text, up to the end of a character. */
static struct ht_text beginning(struct ht_text t, size_t most)
{
	if (t.len <= most)
		return t;
	while (most && ((unsigned char)t.at[most] & 0xc0) == 0x80)
		most--;
	return (struct ht_text){ t.at, most };
}

void ht_odrl_odd(struct ht_odrl_reading *r, struct ht_part *part, const struct ht_place *up, struct ht_text name,
		 const struct ht_oddity *what)
{
	struct ht_place member = { up, name, 0 };
	struct ht_oddity kept = *what;
	struct ht_text place;

	if (r->out->odd && (!part || part->odd))
		return;
	place = ht_place_text(name.at ? &member : up, r->top, r->shape->arena);
	kept.value = ht_text_copy(r->shape->arena, beginning(what->value, HT_ODD_VALUE_MAX));
	if (!r->out->odd) {
		r->out->odd_place = place;
		r->out->odd_what = kept;
	}
	r->out->odd = true;
	if (part && !part->odd)
		*part = (struct ht_part){ place, true, kept };
}

void ht_odrl_odd_members(struct ht_odrl_reading *r, struct ht_part *part, const struct ht_json *object, const struct ht_place *up,
			 const char *const *known, size_t n)
{
	struct ht_json_member m;
	void *cursor = NULL;

	while (ht_json_next(object, &cursor, &m)) {
		bool found = false;

		for (size_t i = 0; i < n && !found; i++)
			found = ht_text_is(m.name, known[i]);
		if (!found)
			ht_odrl_odd(r, part, up, m.name, &(struct ht_oddity){ .kind = HT_ODD_MEMBER, .value = m.name });
	}
}

bool ht_odrl_refuse(const struct ht_odrl_reading *r, enum ht_refuse code, const struct ht_place *up, const char *name)
{
	return ht_shape_refuse(r->shape, code, up, name, HT_TEXT(""));
}

/* What stands in a typed value {"@value", "@type"}, or the value itself. NULL: something else. */
static const struct ht_json *untyped(const struct ht_json *v, enum ht_left left)
{
	const struct ht_json *given = ht_json_member(v, "@type");
	struct ht_text type = ht_json_text(given), word = ht_shape_bare(&xsd, type);
	bool known = !given;

	if (!ht_json_is_object(v))
		return v;
	for (size_t i = 0; i < TYPES_MAX && types[left][i] && !known; i++)
		known = word.len < type.len && ht_text_is(word, types[left][i]);
	return known && ht_json_count(v) == (given ? 2 : 1) ? ht_json_member(v, "@value") : NULL;
}

static bool number(const struct ht_json *v, struct ht_arena *a, struct ht_constraint *out)
{
	uint64_t n;

	if (ht_json_int(v, &out->number)) {
		out->right = ht_text_format(a, "%lld", (long long)out->number);
		return out->number >= 0;
	}
	if (!ht_text_u64(ht_json_text(v), INT64_MAX, &n))
		return false;
	out->number = (int64_t)n;
	out->right = ht_text_copy(a, ht_json_text(v));
	return true;
}

/* One participant. Only visible ASCII, as in every URI: the ids stand in sentences that a person agrees to. */
static bool participant(const struct ht_json *v, struct ht_arena *a, struct ht_text *out)
{
	struct ht_text id = ht_json_text(v);

	for (size_t i = 0; i < id.len; i++) {
		if (id.at[i] < '!' || id.at[i] > '~' || id.at[i] == ',')
			return false;
	}
	if (!id.len || id.len > HT_ID_MAX)
		return false;
	*out = ht_text_copy(a, id);
	return true;
}

/* Puts an id to its place in the list, unless it is there. */
static void insert(struct ht_constraint *c, struct ht_text id)
{
	size_t i = 0;

	while (i < c->ids_count && ht_text_order(c->ids[i], id) < 0)
		i++;
	if (i < c->ids_count && ht_text_same(c->ids[i], id))
		return;
	memmove(c->ids + i + 1, c->ids + i, (c->ids_count - i) * sizeof c->ids[0]);
	c->ids[i] = id;
	c->ids_count++;
}

/* A participant or an array of some. */
static bool recipients(const struct ht_json *v, struct ht_arena *a, struct ht_constraint *out)
{
	bool one = !ht_json_is_array(v);
	size_t n = one ? 1 : ht_json_count(v);
	struct ht_out text;
	struct ht_text id;

	if (!n || n > HT_RECIPIENTS_MAX || (n > 1 && (out->op == HT_OP_EQ || out->op == HT_OP_NEQ)))
		return false;
	out->ids = HT_TAKE(a, struct ht_text, n);
	for (size_t i = 0; i < n; i++) {
		if (!participant(untyped(one ? v : ht_json_at(v, i), HT_LEFT_RECIPIENT), a, &id))
			return false;
		insert(out, id);
	}
	ht_out_init(&text, a);
	for (size_t i = 0; i < out->ids_count; i++) {
		ht_out_z(&text, i ? "," : "");
		ht_out_text(&text, out->ids[i]);
	}
	out->right = ht_out_done(&text);
	return true;
}

/* The right operand of what is left of it. False: not understood. */
static bool right(const struct ht_json *v, struct ht_arena *a, struct ht_constraint *out)
{
	const struct ht_json *value = untyped(v, out->left);

	switch (out->left) {
	case HT_LEFT_DATE_TIME:
		out->right = ht_text_copy(a, ht_json_text(value));
		return ht_time_read(out->right, &out->number);
	case HT_LEFT_ELAPSED:
		out->right = ht_text_copy(a, ht_json_text(value));
		return ht_duration_read(out->right, &out->number);
	case HT_LEFT_TRANSFERS: return number(value, a, out);
	case HT_LEFT_RECIPIENT: return recipients(value, a, out);
	case HT_LEFT_COUNT: break;
	}
	return false;
}

static const char *const members[] = { "leftOperand", "operator", "rightOperand" };

/* The first of them that is not understood; a right operand may be inside of a typed value. */
static void odd_operand(struct ht_odrl_reading *r, struct ht_part *part, const struct ht_place *up, const struct ht_json *const *at,
			size_t which, enum ht_left left)
{
	static const enum ht_odd_kind kinds[HT_COUNT(members)] = { HT_ODD_LEFT, HT_ODD_OPERATOR, HT_ODD_RIGHT };
	const struct ht_json *v = ht_json_is_object(at[which]) ? ht_json_member(at[which], "@value") : at[which];
	int64_t number;
	struct ht_oddity what = { .kind = kinds[which], .left = left, .value = ht_json_text(v) };

	if (ht_json_int(v, &number))
		what.value = ht_text_format(r->shape->arena, "%lld", (long long)number);
	ht_odrl_odd(r, part, up, ht_text_of(members[which]), &what);
}

/* leftOperand operator rightOperand, each of which may be one that is not understood. */
static bool atomic(struct ht_odrl_reading *r, const struct ht_json *v, const struct ht_place *up, struct ht_constraint *out)
{
	const struct ht_json *at[HT_COUNT(members)];
	bool known, fits;
	int64_t n;

	for (size_t i = 0; i < HT_COUNT(members); i++) {
		at[i] = ht_json_member(v, members[i]);
		if (!at[i])
			return ht_odrl_refuse(r, HT_REFUSE_MEMBER_MISSING, up, members[i]);
		if (i < 2 && !ht_json_is_text(at[i]))
			return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, up, members[i]);
	}
	known = ht_left_of(ht_odrl_bare(at[0]), &out->left);
	if (!ht_json_is_text(at[2]) && !ht_json_is_object(at[2]) && !ht_json_is_array(at[2]) &&
	    !(known && out->left == HT_LEFT_TRANSFERS && ht_json_int(at[2], &n)))
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, up, members[2]);
	fits = ht_operator_of(ht_odrl_bare(at[1]), &out->op) && (!known || ht_left_takes(out->left, out->op));
	if (!known)
		odd_operand(r, &out->part, up, at, 0, HT_LEFT_COUNT);
	else if (!fits)
		odd_operand(r, &out->part, up, at, 1, out->left);
	else if (!right(at[2], r->shape->arena, out))
		odd_operand(r, &out->part, up, at, 2, out->left);
	ht_odrl_odd_members(r, &out->part, v, up, members, HT_COUNT(members));
	return true;
}

static bool list(struct ht_odrl_reading *r, const struct ht_json *array, const struct ht_place *in, size_t depth, struct ht_part *owner,
		 struct ht_constraint **out, size_t *count);

/* A constraint at a depth of 1 to HT_NODES_DEPTH_MAX: that bounds how far this calls itself. */
static bool constraint(struct ht_odrl_reading *r, const struct ht_json *v, const struct ht_place *up, size_t depth,
		       struct ht_constraint *out)
{
	static const struct {
		const char *name;
		enum ht_join join; /* HT_JOIN_NONE: not understood */
	} logical[] = { { "and", HT_JOIN_AND }, { "or", HT_JOIN_OR }, { "andSequence", HT_JOIN_NONE }, { "xone", HT_JOIN_NONE } };

	out->part.place = ht_place_text(up, r->top, r->shape->arena);
	if (!ht_json_is_object(v))
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, up, NULL);
	for (size_t i = 0; i < HT_COUNT(logical); i++) {
		const struct ht_json *operands = ht_json_member(v, logical[i].name);
		struct ht_place in = { up, ht_text_of(logical[i].name), 0 };

		if (!operands)
			continue;
		if (!ht_json_is_array(operands))
			return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, up, logical[i].name);
		out->join = logical[i].join;
		if (out->join == HT_JOIN_NONE || !ht_json_count(operands))
			ht_odrl_odd(r, &out->part, &in, (struct ht_text){ NULL, 0 },
				    &(struct ht_oddity){ .kind = out->join ? HT_ODD_EMPTY : HT_ODD_JOIN, .value = in.name });
		ht_odrl_odd_members(r, &out->part, v, up, &logical[i].name, 1);
		return out->join == HT_JOIN_NONE || list(r, operands, &in, depth + 1, &out->part, &out->parts, &out->parts_count);
	}
	return atomic(r, v, up, out);
}

/* The constraints of an array. The first that is too many or too deep is odd, and nothing is read from there on. */
static bool list(struct ht_odrl_reading *r, const struct ht_json *array, const struct ht_place *in, size_t depth, struct ht_part *owner,
		 struct ht_constraint **out, size_t *count)
{
	struct ht_place element = { in, { NULL, 0 }, 0 };
	size_t n = ht_json_count(array), room = depth > HT_NODES_DEPTH_MAX ? 0 : HT_NODES_MAX - r->nodes;

	*out = HT_TAKE(r->shape->arena, struct ht_constraint, n < room ? n : room);
	for (*count = 0; *count < n; ++*count) {
		element.index = *count;
		if (!room || r->nodes == HT_NODES_MAX) {
			ht_odrl_odd(r, owner, &element, (struct ht_text){ NULL, 0 }, &(struct ht_oddity){ .kind = HT_ODD_MANY });
			return true;
		}
		r->nodes++;
		if (!constraint(r, ht_json_at(array, *count), &element, depth, &(*out)[*count]))
			return false;
	}
	return true;
}

bool ht_odrl_constraints(struct ht_odrl_reading *r, const struct ht_json *rule, const struct ht_place *up, struct ht_rule *out)
{
	const struct ht_json *array = ht_json_member(rule, "constraint");
	struct ht_place in = { up, HT_TEXT("constraint"), 0 };

	if (array && !ht_json_is_array(array))
		return ht_odrl_refuse(r, HT_REFUSE_MEMBER_TYPE, up, "constraint");
	return list(r, array, &in, 1, &out->part, &out->constraints, &out->count);
}
