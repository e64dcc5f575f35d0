/* door/shape.c - media type, query and JSON body of a request, checked against what its route takes. */
#include <stddef.h>
#include <string.h>

#include "base/count.h"
#include "door/visit.h"

enum { MOST_PRESET = 100, MOST_LEAVES = 100 /* they carry whole messages */ };

/* application/json or application/...+json, with any parameters. */
bool ht_visit_media(struct ht_visit *v)
{
	const struct ht_text family = HT_TEXT("application/"), suffix = HT_TEXT("+json");
	struct ht_text type, rest;

	ht_text_cut(v->ask->content_type, ';', &type, &rest);
	type = ht_text_trim(type);
	if (ht_text_same_case(type, "application/json"))
		return true;
	if (type.len > family.len + suffix.len && ht_text_same_case((struct ht_text){ type.at, family.len }, family.at) &&
	    ht_text_same_case((struct ht_text){ type.at + type.len - suffix.len, suffix.len }, suffix.at))
		return true;
	return ht_visit_refuse(v, HT_REFUSE_MEDIA_TYPE, "Content-Type");
}

/* A name or value of the query: '+' is a blank, as in forms. */
static bool decode(struct ht_arena *a, struct ht_text *t)
{
	char *plain = HT_TAKE(a, char, t->len);

	for (size_t i = 0; i < t->len; i++)
		plain[i] = t->at[i] == '+' ? ' ' : t->at[i];
	t->at = plain;
	return ht_percent_read(a, *t, t) && ht_text_utf8(ht_text_bytes(*t)) && ht_visit_plain(*t);
}

static bool take_most(struct ht_visit *v, struct ht_text value)
{
	uint64_t most;

	if (!ht_text_u64(value, HT_LIST_MAX, &most) || most == 0)
		return ht_visit_refuse(v, HT_REFUSE_VALUE, "most");
	v->most = most;
	return true;
}

static bool take_parameter(struct ht_visit *v, struct ht_text name, struct ht_text value)
{
	const struct {
		const char *name;
		unsigned takes;
		struct ht_text *to; /* NULL: most */
	} known[] = {
		{ "base", HT_QUERY_BASE, &v->base },   { "product", HT_QUERY_PRODUCT, &v->product }, { "chain", HT_QUERY_CHAIN, &v->chain },
		{ "after", HT_QUERY_PAGE | HT_QUERY_AFTER, &v->after }, { "most", HT_QUERY_PAGE, NULL },
		{ "continuationToken", HT_QUERY_TOKEN, &v->token }, { "page", HT_QUERY_TURN, &v->page },
	};

	for (size_t i = 0; i < HT_COUNT(known); i++) {
		if (!(v->route->takes & known[i].takes) || !ht_text_is(name, known[i].name))
			continue;
		if (!known[i].to)
			return take_most(v, value);
		*known[i].to = value;
		return true;
	}
	return ht_refuse(&v->why, HT_REFUSE_MEMBER_UNKNOWN, name);
}

bool ht_visit_query(struct ht_visit *v)
{
	struct ht_text rest = v->ask->query, pair, name, value;
	bool more = rest.len > 0;

	v->most = MOST_PRESET;
	while (more) {
		more = ht_text_cut(rest, '&', &pair, &rest);
		ht_text_cut(pair, '=', &name, &value);
		if (!decode(v->ask->arena, &name) || !decode(v->ask->arena, &value))
			return ht_visit_refuse(v, HT_REFUSE_VALUE, "query");
		if (pair.len && !take_parameter(v, name, value))
			return false;
	}
	if ((v->route->takes & HT_QUERY_CHAIN) && v->most > MOST_LEAVES)
		v->most = MOST_LEAVES;
	return true;
}

/* No control characters, C0 or C1, in a text that is UTF-8. */
bool ht_visit_plain(struct ht_text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i], before = i ? (unsigned char)t.at[i - 1] : 0;

		if (c < 0x20 || c == 0x7f || (before == 0xc2 && c < 0xa0))
			return false;
	}
	return true;
}

static bool text_fits(const struct ht_member *m, const struct ht_json *value, enum ht_refuse *code)
{
	struct ht_text t = ht_json_text(value);

	if (!ht_json_is_text(value))
		*code = HT_REFUSE_MEMBER_TYPE;
	else if (t.len < m->least || t.len > m->most || !ht_visit_plain(t))
		*code = HT_REFUSE_MEMBER_VALUE;
	return *code == HT_REFUSE_NONE;
}

static enum ht_refuse misfit(const struct ht_member *m, const struct ht_json *value)
{
	enum ht_refuse code = HT_REFUSE_NONE;
	int64_t number;

	switch (m->kind) {
	case HT_MEMBER_TEXT: text_fits(m, value, &code); break;
	case HT_MEMBER_INT:
		if (!ht_json_int(value, &number))
			code = HT_REFUSE_MEMBER_TYPE;
		else if (number < (int64_t)m->least || number > (int64_t)m->most)
			code = HT_REFUSE_MEMBER_VALUE;
		break;
	case HT_MEMBER_BOOL: code = ht_json_is_bool(value) ? HT_REFUSE_NONE : HT_REFUSE_MEMBER_TYPE; break;
	case HT_MEMBER_OBJECT: code = ht_json_is_object(value) ? HT_REFUSE_NONE : HT_REFUSE_MEMBER_TYPE; break;
	case HT_MEMBER_TEXTS:
		code = ht_json_is_array(value) ? HT_REFUSE_NONE : HT_REFUSE_MEMBER_TYPE;
		for (size_t i = 0; code == HT_REFUSE_NONE && i < ht_json_count(value); i++)
			text_fits(m, ht_json_at(value, i), &code);
		break;
	}
	return code;
}

static const struct ht_member *find(const struct ht_member *m, struct ht_text name)
{
	while (m->name && !ht_text_is(name, m->name))
		m++;
	return m->name ? m : NULL;
}

static bool refuse_member(struct ht_visit *v, enum ht_refuse code, struct ht_text name)
{
	return ht_refuse(&v->why, code, ht_text_format(v->ask->arena, "/" HT_TEXT_FMT, HT_TEXT_ARG(name)));
}

bool ht_visit_members(struct ht_visit *v)
{
	struct ht_json_member member;
	void *cursor = NULL;

	if (!ht_json_is_object(v->body))
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_TYPE, "");
	while (ht_json_next(v->body, &cursor, &member)) {
		const struct ht_member *m = find(v->route->members, member.name);
		enum ht_refuse code = m ? misfit(m, member.value) : HT_REFUSE_MEMBER_UNKNOWN;

		if (code != HT_REFUSE_NONE)
			return refuse_member(v, code, member.name);
	}
	for (const struct ht_member *m = v->route->members; m->name; m++) {
		if (m->needed && !ht_json_member(v->body, m->name))
			return refuse_member(v, HT_REFUSE_MEMBER_MISSING, ht_text_of(m->name));
	}
	return true;
}

struct ht_text ht_visit_text(const struct ht_visit *v, const char *name)
{
	return ht_text_copy(v->ask->arena, ht_json_text(ht_json_member(v->body, name)));
}

int64_t ht_visit_int(const struct ht_visit *v, const char *name, int64_t preset)
{
	int64_t number = preset;

	return ht_json_int(ht_json_member(v->body, name), &number) ? number : preset;
}

bool ht_visit_bool(const struct ht_visit *v, const char *name)
{
	return ht_json_bool(ht_json_member(v->body, name), false);
}

bool ht_visit_hash(struct ht_visit *v, const char *name, uint8_t sha256[32])
{
	return ht_hex_read(ht_json_text(ht_json_member(v->body, name)), sha256, 32) ||
	       refuse_member(v, HT_REFUSE_MEMBER_VALUE, ht_text_of(name));
}
