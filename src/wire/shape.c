/* wire/shape.c - members of JSON objects, taken with their checks. */
#include "wire/shape.h"

#include "wire/dsp.h"

enum { NAME_MAX_BYTES = 128, FOUND_MAX_BYTES = 256, PLACE_DEPTH = 34 };

const struct ht_vocabulary ht_vocabulary_dspace = { { "dspace:", 7 }, { "https://w3id.org/dspace/2025/1/", 31 } };
const struct ht_vocabulary ht_vocabulary_odrl = { { "odrl:", 5 }, { "http://www.w3.org/ns/odrl/2/", 28 } };
const struct ht_vocabulary ht_vocabulary_dcat = { { "dcat:", 5 }, { "http://www.w3.org/ns/dcat#", 26 } };

/* One step of a pointer. Clause: RFC 6901 section 3. */
static void put_step(struct ht_out *o, const struct ht_place *p)
{
	ht_out_char(o, '/');
	if (!p->name.at) {
		ht_out_format(o, "%zu", p->index);
		return;
	}
	for (size_t i = 0; i < p->name.len; i++) {
		if (p->name.at[i] == '~')
			ht_out_z(o, "~0");
		else if (p->name.at[i] == '/')
			ht_out_z(o, "~1");
		else
			ht_out_char(o, p->name.at[i]);
	}
}

struct ht_text ht_place_text(const struct ht_place *p, const struct ht_place *above, struct ht_arena *a)
{
	const struct ht_place *steps[PLACE_DEPTH];
	size_t n = 0;
	struct ht_out o;

	for (; p && p != above && n < PLACE_DEPTH; p = p->up)
		steps[n++] = p;
	ht_out_init(&o, a);
	while (n-- && steps[n]->name.len <= NAME_MAX_BYTES)
		put_step(&o, steps[n]);
	return ht_out_done(&o);
}

bool ht_shape_refuse(const struct ht_shape *s, enum ht_refuse code, const struct ht_place *up, const char *name, struct ht_text found)
{
	struct ht_place member = { up, ht_text_of(name), 0 };

	ht_refuse(s->why, code, ht_place_text(name ? &member : up, NULL, s->arena));
	if (found.len && found.len <= FOUND_MAX_BYTES)
		s->why->detail = ht_text_copy(s->arena, found);
	return false;
}

struct ht_json *ht_shape_read(const struct ht_shape *s, struct ht_bytes body, const struct ht_json_limits *limits)
{
	struct ht_json *root = ht_json_read(body, limits, s->why);

	if (!root)
		s->why->detail = ht_text_copy(s->arena, s->why->detail);
	return root;
}

bool ht_shape_text(const struct ht_shape *s, const struct ht_json *object, const struct ht_place *up, const char *name, size_t max,
		   bool required, struct ht_text *out)
{
	const struct ht_json *v = ht_json_member(object, name);
	struct ht_text t = ht_json_text(v);

	*out = HT_TEXT("");
	if (!v)
		return !required || ht_shape_refuse(s, HT_REFUSE_MEMBER_MISSING, up, name, HT_TEXT(""));
	if (!ht_json_is_text(v))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, up, name, HT_TEXT(""));
	if (!t.len || t.len > max)
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, up, name, t);
	*out = ht_text_copy(s->arena, t);
	return true;
}

static struct ht_text behind(struct ht_text t, size_t n)
{
	return (struct ht_text){ t.at + n, t.len - n };
}

struct ht_text ht_shape_bare(const struct ht_vocabulary *v, struct ht_text word)
{
	if (ht_text_starts(word, v->prefix))
		return behind(word, v->prefix.len);
	return ht_text_starts(word, v->iri) ? behind(word, v->iri.len) : word;
}

bool ht_shape_type(const struct ht_shape *s, const struct ht_json *object, const struct ht_place *up, const struct ht_vocabulary *v,
		   const char *type)
{
	const struct ht_json *found = ht_json_member(object, "@type");

	if (!found)
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_MISSING, up, "@type", HT_TEXT(""));
	if (!ht_json_is_text(found))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, up, "@type", HT_TEXT(""));
	if (!ht_text_is(ht_shape_bare(v, ht_json_text(found)), type))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, up, "@type", ht_json_text(found));
	return true;
}

bool ht_shape_names_dsp(const struct ht_json *root)
{
	const struct ht_json *context = ht_json_member(root, "@context");
	bool found = ht_text_is(ht_json_text(context), HT_DSP_CONTEXT);

	for (size_t i = 0; ht_json_is_array(context) && i < ht_json_count(context) && !found; i++)
		found = ht_text_is(ht_json_text(ht_json_at(context, i)), HT_DSP_CONTEXT);
	return found;
}

bool ht_shape_context(const struct ht_shape *s, const struct ht_json *root)
{
	if (!ht_json_is_object(root))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, NULL, NULL, HT_TEXT(""));
	return ht_shape_names_dsp(root) || ht_shape_refuse(s, HT_REFUSE_CONTEXT, NULL, "@context", HT_TEXT(""));
}
