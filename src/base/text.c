/* base/text.c - views of bytes and text, and the codings that the hot path uses: hex, base64url, percent. */
#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";
static const char base64_letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The value of a hex digit, 255 for every other byte. */
static const uint8_t hex_value[256] = {
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 255, 255, 255, 255, 255,
	255, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 10, 11, 12, 13, 14, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

/* The value of a letter of base64url, 255 for every other byte. */
static const uint8_t base64_value[256] = {
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 62, 255, 255,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 255, 255, 255, 255, 255, 255,
	255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 255, 255, 255, 255, 63,
	255, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

struct ht_text ht_text_of(const char *z)
{
	return z ? (struct ht_text){ z, strlen(z) } : HT_TEXT("");
}

struct ht_bytes ht_text_bytes(struct ht_text t)
{
	return (struct ht_bytes){ (const uint8_t *)t.at, t.len };
}

struct ht_text ht_bytes_text(struct ht_bytes b)
{
	return (struct ht_text){ (const char *)b.at, b.len };
}

bool ht_text_same(struct ht_text a, struct ht_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.at, b.at, a.len));
}

bool ht_text_is(struct ht_text a, const char *z)
{
	return ht_text_same(a, ht_text_of(z));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool ht_text_same_case(struct ht_text a, const char *z)
{
	struct ht_text b = ht_text_of(z);
	size_t i = 0;

	if (a.len != b.len)
		return false;
	while (i < a.len && lower(a.at[i]) == lower(b.at[i]))
		i++;
	return i == a.len;
}

bool ht_bytes_same(struct ht_bytes a, struct ht_bytes b)
{
	return ht_text_same(ht_bytes_text(a), ht_bytes_text(b));
}

bool ht_text_starts(struct ht_text t, struct ht_text with)
{
	return t.len >= with.len && (!with.len || !memcmp(t.at, with.at, with.len));
}

bool ht_text_ends(struct ht_text t, struct ht_text with)
{
	return t.len >= with.len && (!with.len || !memcmp(t.at + t.len - with.len, with.at, with.len));
}

int ht_text_order(struct ht_text a, struct ht_text b)
{
	size_t both = a.len < b.len ? a.len : b.len;
	int order = both ? memcmp(a.at, b.at, both) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool ht_text_cut(struct ht_text t, char sep, struct ht_text *head, struct ht_text *tail)
{
	const char *found = t.len ? memchr(t.at, sep, t.len) : NULL;
	size_t before = found ? (size_t)(found - t.at) : t.len;

	*head = (struct ht_text){ t.at, before };
	*tail = found ? (struct ht_text){ found + 1, t.len - before - 1 } : HT_TEXT("");
	return found;
}

bool ht_text_cut_last(struct ht_text t, char sep, struct ht_text *head, struct ht_text *tail)
{
	size_t after = t.len;

	while (after && t.at[after - 1] != sep)
		after--;
	*head = after ? (struct ht_text){ t.at, after - 1 } : HT_TEXT("");
	*tail = after ? (struct ht_text){ t.at + after, t.len - after } : t;
	return after;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct ht_text ht_text_no_slash(struct ht_text t)
{
	while (t.len > 0 && t.at[t.len - 1] == '/')
		t.len--;
	return t;
}

struct ht_text ht_text_trim(struct ht_text t)
{
	while (t.len && blank(t.at[t.len - 1]))
		t.len--;
	while (t.len && blank(*t.at)) {
		t.at++;
		t.len--;
	}
	return t;
}

struct ht_text ht_text_copy(struct ht_arena *a, struct ht_text t)
{
	return ht_bytes_text(ht_bytes_copy(a, ht_text_bytes(t)));
}

struct ht_bytes ht_bytes_copy(struct ht_arena *a, struct ht_bytes b)
{
	uint8_t *to = HT_TAKE(a, uint8_t, b.len);

	if (b.len)
		memcpy(to, b.at, b.len);
	return (struct ht_bytes){ to, b.len };
}

char *ht_text_z(struct ht_arena *a, struct ht_text t)
{
	char *to = HT_TAKE(a, char, t.len + 1);

	if (t.len)
		memcpy(to, t.at, t.len);
	return to;
}

struct ht_text ht_text_format(struct ht_arena *a, const char *format, ...)
{
	char small[256], *to;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	assert(len >= 0);
	to = HT_TAKE(a, char, (size_t)len + 1);
	if ((size_t)len < sizeof(small)) {
		memcpy(to, small, (size_t)len);
	} else {
		va_start(args, format);
		vsnprintf(to, (size_t)len + 1, format, args);
		va_end(args);
	}
	return (struct ht_text){ to, (size_t)len };
}

bool ht_text_u64(struct ht_text t, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (!t.len || (*t.at == '0' && t.len > 1))
		return false;
	for (size_t i = 0; i < t.len; i++) {
		unsigned digit = (unsigned)(uint8_t)t.at[i] - '0';

		if (digit > 9 || value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit)
			return false;
		value = value * 10 + digit;
	}
	if (value > max)
		return false;
	*out = value;
	return true;
}

/* The lead bytes of longer characters, the range of the byte that follows, and how many follow.
 * Source: RFC 3629 section 4. The first row has nearly all Chinese characters. */
static const struct {
	uint8_t low, high, second_low, second_high, more;
} leads[] = {
	{ 0xe1, 0xec, 0x80, 0xbf, 2 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 1 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 2 },
	{ 0xed, 0xed, 0x80, 0x9f, 2 }, /* no surrogates */
	{ 0xee, 0xef, 0x80, 0xbf, 2 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 3 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 3 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 3 }, /* up to U+10FFFF */
};

size_t ht_text_utf8_next(struct ht_bytes b)
{
	size_t row = 0, i;

	if (!b.len || !b.at[0])
		return 0;
	if (b.at[0] < 0x80)
		return 1;
	while (row < HT_COUNT(leads) && (b.at[0] < leads[row].low || b.at[0] > leads[row].high))
		row++;
	if (row == HT_COUNT(leads) || b.len <= leads[row].more)
		return 0;
	if (b.at[1] < leads[row].second_low || b.at[1] > leads[row].second_high)
		return 0;
	for (i = 2; i <= leads[row].more; i++) {
		if ((b.at[i] & 0xc0) != 0x80)
			return 0;
	}
	return i;
}

bool ht_text_utf8(struct ht_bytes b)
{
	size_t i = 0;

	while (i < b.len) {
		uint64_t eight;
		size_t step;

		/* Eight plain bytes at once: no high bit, and none that a subtraction of 1 borrows from (NUL). */
		if (b.len - i >= sizeof(eight)) {
			memcpy(&eight, b.at + i, sizeof(eight));
			if (!((eight | (eight - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080))) {
				i += sizeof(eight);
				continue;
			}
		}
		step = ht_text_utf8_next((struct ht_bytes){ b.at + i, b.len - i });
		if (!step)
			return false;
		i += step;
	}
	return true;
}

struct ht_text ht_hex(struct ht_arena *a, struct ht_bytes b)
{
	char *to = HT_TAKE(a, char, b.len * 2);

	for (size_t i = 0; i < b.len; i++) {
		to[2 * i] = hex_lower[b.at[i] >> 4];
		to[2 * i + 1] = hex_lower[b.at[i] & 15];
	}
	return (struct ht_text){ to, b.len * 2 };
}

bool ht_hex_read(struct ht_text t, uint8_t *out, size_t len)
{
	unsigned seen = 0;

	if (t.len / 2 != len || t.len % 2)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned high = hex_value[(uint8_t)t.at[2 * i]], low = hex_value[(uint8_t)t.at[2 * i + 1]];

		seen |= high | low;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return seen < 16;
}

struct ht_text ht_base64url(struct ht_arena *a, struct ht_bytes b)
{
	size_t left = b.len % 3, whole = b.len - left, len = b.len / 3 * 4 + (left ? left + 1 : 0);
	char *to = HT_TAKE(a, char, len), *at = to;

	for (size_t i = 0; i < whole; i += 3, at += 4) {
		uint32_t v = (uint32_t)b.at[i] << 16 | (uint32_t)b.at[i + 1] << 8 | b.at[i + 2];

		at[0] = base64_letter[v >> 18];
		at[1] = base64_letter[v >> 12 & 63];
		at[2] = base64_letter[v >> 6 & 63];
		at[3] = base64_letter[v & 63];
	}
	if (left) {
		uint32_t v = (uint32_t)b.at[whole] << 16 | (left == 2 ? (uint32_t)b.at[whole + 1] << 8 : 0);

		at[0] = base64_letter[v >> 18];
		at[1] = base64_letter[v >> 12 & 63];
		if (left == 2)
			at[2] = base64_letter[v >> 6 & 63];
	}
	return (struct ht_text){ to, len };
}

bool ht_base64url_read(struct ht_arena *a, struct ht_text t, struct ht_bytes *out)
{
	size_t left = t.len % 4, whole = t.len - left, len = t.len / 4 * 3 + (left ? left - 1 : 0);
	const uint8_t *from = (const uint8_t *)t.at;
	uint32_t seen = 0, rest = 0;
	uint8_t *to, *at;

	if (left == 1)
		return false;
	to = at = HT_TAKE(a, uint8_t, len);
	for (size_t i = 0; i < whole; i += 4, at += 3) {
		uint32_t p = base64_value[from[i]], q = base64_value[from[i + 1]];
		uint32_t r = base64_value[from[i + 2]], s = base64_value[from[i + 3]];
		uint32_t v = p << 18 | q << 12 | r << 6 | s;

		seen |= p | q | r | s;
		at[0] = (uint8_t)(v >> 16);
		at[1] = (uint8_t)(v >> 8);
		at[2] = (uint8_t)v;
	}
	if (left) {
		uint32_t p = base64_value[from[whole]], q = base64_value[from[whole + 1]];
		uint32_t r = left == 3 ? base64_value[from[whole + 2]] : 0, v = p << 18 | q << 12 | r << 6;

		seen |= p | q | r;
		at[0] = (uint8_t)(v >> 16);
		if (left == 3)
			at[1] = (uint8_t)(v >> 8);
		rest = left == 3 ? v & 0xff : v & 0xffff;
	}
	if (seen > 63 || rest)
		return false;
	*out = (struct ht_bytes){ to, len };
	return true;
}

/* Unreserved (RFC 3986 section 2.3: the letters of base64url, '.' and '~') and ':'. */
static bool plain(char c)
{
	return base64_value[(uint8_t)c] < 64 || c == '.' || c == '~' || c == ':';
}

struct ht_text ht_percent(struct ht_arena *a, struct ht_text t)
{
	size_t len = t.len;
	char *to, *at;

	for (size_t i = 0; i < t.len; i++)
		len += plain(t.at[i]) ? 0 : 2;
	to = at = HT_TAKE(a, char, len);
	for (size_t i = 0; i < t.len; i++) {
		uint8_t c = (uint8_t)t.at[i];

		if (plain(t.at[i])) {
			*at++ = t.at[i];
			continue;
		}
		*at++ = '%';
		*at++ = hex_upper[c >> 4];
		*at++ = hex_upper[c & 15];
	}
	return (struct ht_text){ to, len };
}

bool ht_percent_read(struct ht_arena *a, struct ht_text t, struct ht_text *out)
{
	char *to = HT_TAKE(a, char, t.len), *at = to;

	for (size_t i = 0; i < t.len; i++) {
		char c = t.at[i];

		if (c == '%') {
			uint8_t byte;

			if (t.len - i < 3 || !ht_hex_read((struct ht_text){ t.at + i + 1, 2 }, &byte, 1))
				return false;
			c = (char)byte;
			i += 2;
		}
		if (!c)
			return false;
		*at++ = c;
	}
	*out = (struct ht_text){ to, (size_t)(at - to) };
	return true;
}
