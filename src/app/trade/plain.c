/* app/trade/plain.c - text of others, shown and used as a name. */
#include "app/trade/plain.h"

#include "base/count.h"

struct span {
	uint32_t from, to;
};

static const struct span wide[] = {
	{ 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0x4dbf }, { 0x4e00, 0xa4cf }, { 0xa960, 0xa97f }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff01, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
	{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

static const struct span combining[] = {
	{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
};

static const struct span harmful[] = {
	{ 0x0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
};

static bool within(const struct span *spans, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++) {
		if (c >= spans[i].from && c <= spans[i].to)
			return true;
	}
	return false;
}

/* Takes the first character off *rest: its bytes and its number. False: the first byte is none; it is taken off. */
static bool next(struct ht_text *rest, struct ht_text *bytes, uint32_t *c)
{
	size_t len = ht_text_utf8_next(ht_text_bytes(*rest));

	*bytes = (struct ht_text){ rest->at, len ? len : 1 };
	*c = (uint8_t)rest->at[0];
	if (len > 1)
		*c &= 0xffu >> (len + 1);
	for (size_t i = 1; i < len; i++)
		*c = *c << 6 | ((uint8_t)rest->at[i] & 0x3f);
	rest->at += bytes->len;
	rest->len -= bytes->len;
	return len > 0;
}

size_t ht_plain_width(struct ht_text t)
{
	struct ht_text bytes;
	uint32_t c;
	size_t width = 0;

	while (t.len) {
		next(&t, &bytes, &c);
		if (!within(combining, HT_COUNT(combining), c))
			width += within(wide, HT_COUNT(wide), c) ? 2 : 1;
	}
	return width;
}

struct ht_text ht_plain(struct ht_arena *a, struct ht_text t)
{
	struct ht_out out;
	struct ht_text bytes;
	uint32_t c;

	ht_out_init(&out, a);
	while (t.len) {
		if (next(&t, &bytes, &c) && !within(harmful, HT_COUNT(harmful), c))
			ht_out_text(&out, bytes);
		else
			ht_out_char(&out, '?');
	}
	return ht_out_done(&out);
}

/* Whether an ASCII character may stand in a name that is typed and quoted nowhere. */
static bool in_name(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* What stands after the last slash, without query, fragment and slashes at the end. */
static struct ht_text last_part(struct ht_text id)
{
	struct ht_text head, tail;

	ht_text_cut(id, '?', &id, &tail);
	ht_text_cut(id, '#', &id, &tail);
	id = ht_text_no_slash(id);
	ht_text_cut_last(id, '/', &head, &tail);
	return tail;
}

struct ht_text ht_plain_name(struct ht_arena *a, struct ht_text id)
{
	struct ht_text rest = last_part(id), bytes;
	struct ht_out out;
	uint32_t c;

	ht_out_init(&out, a);
	while (rest.len && out.len + 4 <= HT_PLAIN_NAME_MAX) {
		bool whole = next(&rest, &bytes, &c), ascii = c < 0x80;
		bool stays = whole && (ascii ? in_name(c) : !within(harmful, HT_COUNT(harmful), c));

		if (c == '.')
			stays = out.len && out.at[out.len - 1] != '.';
		if (stays && !(out.len == 0 && c == '-'))
			ht_out_text(&out, bytes);
		else
			ht_out_char(&out, '_');
	}
	if (!out.len)
		ht_out_z(&out, "product");
	return ht_out_done(&out);
}
