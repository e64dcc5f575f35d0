/* wire/link.c - the Link header. */
#include "wire/link.h"

#include <string.h>

#include "base/out.h"

struct ht_text ht_link_write(const struct ht_link *links, size_t n, struct ht_arena *a)
{
	struct ht_out out;
	const char *comma = "";

	ht_out_init(&out, a);
	for (size_t i = 0; i < n; i++) {
		if (!links[i].target.len)
			continue;
		ht_out_format(&out, "%s<" HT_TEXT_FMT ">; rel=\"" HT_TEXT_FMT "\"", comma, HT_TEXT_ARG(links[i].target),
			      HT_TEXT_ARG(links[i].rel));
		comma = ", ";
	}
	return ht_out_done(&out);
}

static void skip(struct ht_text *t, size_t n)
{
	t->at += n;
	t->len -= n;
}

static void skip_blanks(struct ht_text *t)
{
	while (t->len && (t->at[0] == ' ' || t->at[0] == '\t'))
		skip(t, 1);
}

/* The mark, with blanks around it. */
static bool take_mark(struct ht_text *t, char mark)
{
	skip_blanks(t);
	if (!t->len || t->at[0] != mark)
		return false;
	skip(t, 1);
	skip_blanks(t);
	return true;
}

/* What stands before one of the marks or a blank; may be empty. */
static struct ht_text take_word(struct ht_text *t, const char *marks)
{
	struct ht_text word = { t->at, 0 };

	while (word.len < t->len && !strchr(marks, word.at[word.len])) /* a NUL is found too */
		word.len++;
	skip(t, word.len);
	return word;
}

/* The inside of a quoted string, escapes left as they are. False: it does not end. */
static bool take_quoted(struct ht_text *t, struct ht_text *out)
{
	size_t i = 1;

	while (i < t->len && t->at[i] != '"')
		i += t->at[i] == '\\' ? 2 : 1;
	if (i >= t->len)
		return false;
	*out = (struct ht_text){ t->at + 1, i - 1 };
	skip(t, i + 1);
	return true;
}

/* One parameter. The first rel counts. */
static bool take_parameter(struct ht_text *t, struct ht_link *link, bool *anchored, bool *related)
{
	struct ht_text name = take_word(t, " \t=;,\"<>"), value = { t->at, 0 };

	if (take_mark(t, '=')) {
		if (t->len && t->at[0] == '"') {
			if (!take_quoted(t, &value))
				return false;
		} else {
			value = take_word(t, " \t;,\"<>");
		}
	}
	*anchored |= ht_text_same_case(name, "anchor");
	if (ht_text_same_case(name, "rel") && !*related) {
		*related = true;
		link->rel = value;
	}
	return true;
}

static bool take_link(struct ht_text *t, struct ht_link *out)
{
	bool anchored = false, related = false;

	if (!take_mark(t, '<'))
		return false;
	out->target = take_word(t, ">\"<");
	if (!take_mark(t, '>'))
		return false;
	while (take_mark(t, ';')) {
		if (!take_parameter(t, out, &anchored, &related))
			return false;
	}
	if (anchored)
		out->rel = HT_TEXT("");
	return !t->len || t->at[0] == ',';
}

bool ht_link_next(struct ht_text *rest, struct ht_link *out)
{
	*out = (struct ht_link){ .rel = HT_TEXT("") };
	while (take_mark(rest, ',')) /* empty elements are nothing: RFC 9110 section 5.6.1 */
		;
	if (rest->len && take_link(rest, out))
		return true;
	*rest = HT_TEXT("");
	*out = (struct ht_link){ .rel = HT_TEXT("") };
	return false;
}

/* Relation types have blanks between them and know no case. */
static bool has(struct ht_text types, const char *rel)
{
	struct ht_text one;

	while (types.len) {
		ht_text_cut(types, ' ', &one, &types);
		if (ht_text_same_case(one, rel))
			return true;
	}
	return false;
}

bool ht_link_is_query(struct ht_text t)
{
	if (!t.len || t.len > HT_LINK_QUERY_MAX)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] <= ' ' || t.at[i] > '~' || strchr("\"#<>\\^`{|}", t.at[i]))
			return false;
	}
	return true;
}

struct ht_text ht_link_query(struct ht_text header, const char *rel)
{
	struct ht_link link;
	struct ht_text before, query;

	while (ht_link_next(&header, &link)) {
		if (!has(link.rel, rel))
			continue;
		ht_text_cut(link.target, '#', &before, &query);
		ht_text_cut(before, '?', &before, &query);
		return ht_link_is_query(query) ? query : HT_TEXT("");
	}
	return HT_TEXT("");
}
