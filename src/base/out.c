/* base/out.c - a growing piece of an arena. */
#include "base/out.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST = 256 };

/* Room for n more bytes; where they go. */
static char *room(struct ht_out *o, size_t n)
{
	if (o->cap - o->len < n) {
		size_t cap = o->cap ? o->cap * 2 : FIRST;

		assert(n < SIZE_MAX / 4 && o->cap < SIZE_MAX / 4);
		if (cap < o->len + n)
			cap = o->len + n;
		o->at = ht_arena_grow(o->arena, o->at, o->cap, cap);
		o->cap = cap;
	}
	return o->at + o->len;
}

void ht_out_init(struct ht_out *o, struct ht_arena *arena)
{
	*o = (struct ht_out){ .arena = arena };
}

void ht_out_bytes(struct ht_out *o, struct ht_bytes b)
{
	if (!b.len)
		return;
	memcpy(room(o, b.len), b.at, b.len);
	o->len += b.len;
}

void ht_out_text(struct ht_out *o, struct ht_text t)
{
	ht_out_bytes(o, ht_text_bytes(t));
}

void ht_out_z(struct ht_out *o, const char *z)
{
	ht_out_text(o, ht_text_of(z));
}

void ht_out_char(struct ht_out *o, char c)
{
	*room(o, 1) = c;
	o->len++;
}

void ht_out_format(struct ht_out *o, const char *format, ...)
{
	char *to = room(o, 64);
	size_t left = o->cap - o->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(to, left, format, args);
	va_end(args);
	assert(len >= 0);
	if ((size_t)len >= left) {
		to = room(o, (size_t)len + 1);
		va_start(args, format);
		vsnprintf(to, (size_t)len + 1, format, args);
		va_end(args);
	}
	o->len += (size_t)len;
}

/* The low n bytes of v, the highest first. */
static void big_endian(struct ht_out *o, uint64_t v, size_t n)
{
	char *to = room(o, n);

	for (size_t i = 0; i < n; i++)
		to[i] = (char)(uint8_t)(v >> 8 * (n - 1 - i));
	o->len += n;
}

void ht_out_u8(struct ht_out *o, uint8_t v)
{
	big_endian(o, v, 1);
}

void ht_out_u16(struct ht_out *o, uint16_t v)
{
	big_endian(o, v, 2);
}

void ht_out_u64(struct ht_out *o, uint64_t v)
{
	big_endian(o, v, 8);
}

void ht_out_str(struct ht_out *o, struct ht_text t)
{
	assert(t.len <= UINT16_MAX);
	ht_out_u16(o, (uint16_t)t.len);
	ht_out_text(o, t);
}

struct ht_text ht_out_done(const struct ht_out *o)
{
	return o->len ? (struct ht_text){ o->at, o->len } : HT_TEXT("");
}

struct ht_bytes ht_out_done_bytes(const struct ht_out *o)
{
	return ht_text_bytes(ht_out_done(o));
}
