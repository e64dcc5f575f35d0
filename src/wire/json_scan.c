/* wire/json_scan.c - limits of JSON text, and values found in it, without building anything. Nothing here reads behind the text,
 * whatever that is. */
#include "wire/json_scan.h"

#include <string.h>

struct scan {
	const char *at, *end;
};

static void skip_blank(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

/* From the quote that opens it to behind the one that closes it. A quote behind an odd number of backslashes is part of the string. */
static void skip_string(struct scan *s)
{
	const char *from = s->at + 1, *quote;

	for (s->at = from; (quote = memchr(s->at, '"', (size_t)(s->end - s->at))); s->at = from) {
		const char *slash = quote;

		while (slash > from && slash[-1] == '\\')
			slash--;
		from = quote + 1;
		if ((quote - slash) % 2 == 0) {
			s->at = from;
			return;
		}
	}
	s->at = s->end;
}

/* What stops the walk over text outside of strings. */
static const bool mark[256] = { ['"'] = true, [','] = true, ['['] = true, [']'] = true, ['{'] = true, ['}'] = true };

static void skip_to_mark(struct scan *s)
{
	while (s->at < s->end && !mark[(unsigned char)*s->at])
		s->at++;
}

/* Whether what is open here is closed at once. */
static bool closed_at_once(struct scan s)
{
	skip_blank(&s);
	return s.at < s.end && (*s.at == ']' || *s.at == '}');
}

/* Each comma stands before a value, and each bracket that is not empty opens with one. */
enum ht_refuse ht_json_over(struct ht_text text, const struct ht_json_limits *limits)
{
	struct scan s = { text.at, text.at + text.len };
	size_t depth = 0, count = 1;

	for (skip_to_mark(&s); s.at < s.end; skip_to_mark(&s)) {
		char c = *s.at;

		if (c == '"') {
			skip_string(&s);
			continue;
		}
		s.at++;
		if (c == ',') {
			count++;
		} else if (c == ']' || c == '}') {
			depth -= depth > 0;
		} else {
			if (++depth > limits->depth)
				return HT_REFUSE_TOO_DEEP;
			count += !closed_at_once(s);
		}
	}
	return count > limits->count ? HT_REFUSE_TOO_MANY : HT_REFUSE_NONE;
}

static void skip_container(struct scan *s)
{
	size_t depth = 0;

	for (; s->at < s->end; skip_to_mark(s)) {
		if (*s->at == '"') {
			skip_string(s);
			continue;
		}
		if (*s->at == '{' || *s->at == '[')
			depth++;
		if (*s->at == '}' || *s->at == ']')
			depth--;
		s->at++;
		if (!depth)
			return;
	}
}

/* A value without the blanks around it; empty at the end of its container. */
static struct ht_text value(struct scan *s)
{
	const char *from;

	skip_blank(s);
	from = s->at;
	if (s->at < s->end && *s->at == '"')
		skip_string(s);
	else if (s->at < s->end && (*s->at == '{' || *s->at == '['))
		skip_container(s);
	else
		while (s->at < s->end && !memchr(",:]} \t\r\n", *s->at, 9))
			s->at++;
	return (struct ht_text){ from, (size_t)(s->at - from) };
}

/* Behind a separator, if one is there. */
static bool past(struct scan *s, char c)
{
	skip_blank(s);
	if (s->at >= s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static unsigned hex4(const char *p)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)p[i];

		v = v << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v & 0xffff;
}

/* UTF-8 of one code point. */
static size_t utf8(unsigned c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* The character that the escape at *p stands for (*p is at its backslash and comes to stand behind it). */
static size_t unescape(const char **p, const char *end, char out[4])
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	unsigned c;

	if (end - *p >= 6 && (*p)[1] == 'u') {
		c = hex4(*p + 2);
		*p += 6;
		if (c >= 0xd800 && c < 0xdc00 && end - *p >= 6) {
			c = 0x10000 + ((c & 0x3ff) << 10) + (hex4(*p + 2) & 0x3ff);
			*p += 6;
		}
		return utf8(c, out);
	}
	letter = end - *p >= 2 ? memchr(letters, (*p)[1], sizeof letters - 1) : NULL;
	*p += end - *p >= 2 ? 2 : 1;
	out[0] = letter ? meant[letter - letters] : '\\';
	return 1;
}

/* Whether a string (with its quotes) is this name; it may be written with escapes. */
static bool is_name(struct ht_text quoted, struct ht_text name)
{
	const char *p, *end;
	size_t same = 0;

	if (quoted.len < 2 || quoted.at[0] != '"')
		return false;
	p = quoted.at + 1;
	end = quoted.at + quoted.len - 1;
	if (!memchr(p, '\\', (size_t)(end - p)))
		return ht_text_same((struct ht_text){ p, (size_t)(end - p) }, name);
	while (p < end) {
		char c[4] = { *p };
		size_t len = 1;

		if (*p == '\\')
			len = unescape(&p, end, c);
		else
			p++;
		if (name.len - same < len || memcmp(name.at + same, c, len) != 0)
			return false;
		same += len;
	}
	return same == name.len;
}

static struct ht_text member(struct scan s, struct ht_text name)
{
	while (s.at < s.end) {
		struct ht_text key = value(&s), found;

		if (!key.len || !past(&s, ':'))
			break;
		found = value(&s);
		if (is_name(key, name))
			return found;
		if (!past(&s, ','))
			break;
	}
	return HT_TEXT("");
}

bool ht_json_element(struct ht_text array, size_t *at, struct ht_text *out)
{
	struct scan s = { array.at + *at, array.at + array.len };

	if (!past(&s, *at ? ',' : '['))
		return false;
	*out = value(&s);
	*at = (size_t)(s.at - array.at);
	return out->len > 0;
}

static struct ht_text element(struct ht_text array, struct ht_text index)
{
	struct ht_text found;
	uint64_t left;
	size_t at = 0;

	if (!ht_text_u64(index, SIZE_MAX, &left))
		return HT_TEXT("");
	do {
		if (!ht_json_element(array, &at, &found))
			return HT_TEXT("");
	} while (left--);
	return found;
}

struct ht_text ht_json_span(struct ht_text text, const char *path)
{
	struct ht_text steps = ht_text_of(path), step, here;
	struct scan s;

	if (!text.len)
		return HT_TEXT("");
	s = (struct scan){ text.at, text.at + text.len };
	here = value(&s);
	while (steps.len && here.len) {
		ht_text_cut(steps, '/', &step, &steps);
		s = (struct scan){ here.at + 1, here.at + here.len };
		if (here.at[0] == '{')
			here = member(s, step);
		else
			here = here.at[0] == '[' ? element(here, step) : HT_TEXT("");
	}
	return here;
}
