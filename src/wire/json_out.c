/* wire/json_out.c - JSON text straight into an ht_out: escaped as far as RFC 8259 requires, UTF-8 kept. */
#include "wire/json.h"

#include <string.h>

/* What stands behind the backslash; 'u': as a number; 0: not escaped. Clause: RFC 8259 section 7. */
static const char escape[256] = {
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u',
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u',
	['"'] = '"', ['\\'] = '\\',
};

static void string(struct ht_out *o, struct ht_text t)
{
	size_t from = 0;

	ht_out_char(o, '"');
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (!escape[c])
			continue;
		ht_out_text(o, (struct ht_text){ t.at + from, i - from });
		from = i + 1;
		if (escape[c] == 'u') {
			ht_out_format(o, "\\u%04x", c);
		} else {
			ht_out_char(o, '\\');
			ht_out_char(o, escape[c]);
		}
	}
	if (from < t.len)
		ht_out_text(o, (struct ht_text){ t.at + from, t.len - from });
	ht_out_char(o, '"');
}

/* The comma before a member or element, and the name of a member. */
static void begin(struct ht_json_out *w, const char *name)
{
	if (w->comma)
		ht_out_char(&w->out, ',');
	w->comma = true;
	if (name) {
		string(&w->out, ht_text_of(name));
		ht_out_char(&w->out, ':');
	}
}

void ht_json_begin(struct ht_json_out *w, struct ht_arena *a)
{
	ht_out_init(&w->out, a);
	w->comma = false;
}

void ht_json_open(struct ht_json_out *w, const char *name, char bracket)
{
	begin(w, name);
	ht_out_char(&w->out, bracket);
	w->comma = false;
}

void ht_json_close(struct ht_json_out *w, char bracket)
{
	ht_out_char(&w->out, bracket);
	w->comma = true;
}

void ht_json_put(struct ht_json_out *w, const char *name, struct ht_text text)
{
	begin(w, name);
	string(&w->out, text);
}

void ht_json_put_z(struct ht_json_out *w, const char *name, const char *text)
{
	ht_json_put(w, name, ht_text_of(text));
}

void ht_json_put_some(struct ht_json_out *w, const char *name, struct ht_text text)
{
	if (text.len)
		ht_json_put(w, name, text);
}

void ht_json_put_int(struct ht_json_out *w, const char *name, int64_t number)
{
	char digits[20];
	size_t at = sizeof digits;
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	begin(w, name);
	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	if (number < 0)
		digits[--at] = '-';
	ht_out_text(&w->out, (struct ht_text){ digits + at, sizeof digits - at });
}

void ht_json_put_bool(struct ht_json_out *w, const char *name, bool on)
{
	begin(w, name);
	ht_out_z(&w->out, on ? "true" : "false");
}

void ht_json_put_raw(struct ht_json_out *w, const char *name, struct ht_text json)
{
	begin(w, name);
	ht_out_text(&w->out, json);
}

struct ht_text ht_json_end(const struct ht_json_out *w)
{
	return ht_out_done(&w->out);
}
