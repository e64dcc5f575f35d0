/* app/trade/sse.c - lines, fields, events. */
#include "app/trade/sse.h"

#include <string.h>

void ht_sse_begin(struct ht_sse *s, struct ht_arena *a, size_t most, void (*take)(void *self, const struct ht_sse_event *event), void *self)
{
	*s = (struct ht_sse){ .most = most, .take = take, .self = self, .last_id = -1, .id = -1 };
	s->line = HT_TAKE(a, char, most);
	s->data = HT_TAKE(a, char, most);
}

void ht_sse_again(struct ht_sse *s)
{
	s->line_len = s->data_len = s->kind_len = 0;
	s->id = s->last_id;
	s->after_cr = s->begun = false;
}

static bool take_data(struct ht_sse *s, struct ht_text value)
{
	if (value.len >= s->most - s->data_len)
		return false;
	memcpy(s->data + s->data_len, value.at, value.len);
	s->data_len += value.len;
	s->data[s->data_len++] = '\n';
	return true;
}

/* An empty line: the event is whole. Without data it only brings its id. */
static void take_event(struct ht_sse *s)
{
	struct ht_sse_event event = { .kind = { s->kind, s->kind_len }, .data = { s->data, s->data_len } };

	s->last_id = s->id;
	s->data_len = s->kind_len = 0;
	if (!event.data.len)
		return;
	event.data.len--;
	if (!event.kind.len)
		event.kind = HT_TEXT("message");
	s->take(s->self, &event);
}

static bool take_line(struct ht_sse *s, struct ht_text line)
{
	struct ht_text name, value;
	uint64_t number;

	if (!s->begun && ht_text_starts(line, HT_TEXT("\xef\xbb\xbf")))
		line = (struct ht_text){ line.at + 3, line.len - 3 };
	s->begun = true;
	if (!ht_text_utf8(ht_text_bytes(line)))
		return false;
	if (!line.len) {
		take_event(s);
		return true;
	}
	ht_text_cut(line, ':', &name, &value);
	if (value.len && value.at[0] == ' ')
		value = (struct ht_text){ value.at + 1, value.len - 1 };
	if (ht_text_is(name, "data"))
		return take_data(s, value);
	if (ht_text_is(name, "id") && ht_text_u64(value, INT64_MAX, &number))
		s->id = (int64_t)number;
	if (ht_text_is(name, "event")) {
		s->kind_len = value.len <= sizeof(s->kind) ? value.len : 0;
		memcpy(s->kind, value.at, s->kind_len);
	}
	return true; /* a comment has an empty name; other names mean nothing */
}

bool ht_sse_feed(struct ht_sse *s, struct ht_bytes piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		char c = (char)piece.at[i];
		bool whole = c == '\r' || (c == '\n' && !s->after_cr), good = true;

		if (whole) {
			size_t len = s->line_len;

			s->line_len = 0;
			good = take_line(s, (struct ht_text){ s->line, len });
		} else if (c != '\n') {
			good = s->line_len < s->most;
			if (good)
				s->line[s->line_len++] = c;
		}
		s->after_cr = c == '\r';
		if (!good)
			return false;
	}
	return true;
}
