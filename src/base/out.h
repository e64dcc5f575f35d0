/* base/out.h - a growing piece of text or bytes in an arena: the one writer of everything that is put together here.
 *
 * Memory  the arena's. What was written is valid until the arena is reset; the piece may move while it grows.
 *         Big-endian integers and `str` (u16 length and bytes) as in LEAF format 1. */
#ifndef HT_BASE_OUT_H
#define HT_BASE_OUT_H

#include "base/text.h"

struct ht_out {
	struct ht_arena *arena;
	char *at;
	size_t len, cap;
};

void ht_out_init(struct ht_out *o, struct ht_arena *arena);
void ht_out_bytes(struct ht_out *o, struct ht_bytes b);
void ht_out_text(struct ht_out *o, struct ht_text t);
void ht_out_z(struct ht_out *o, const char *z);
void ht_out_char(struct ht_out *o, char c);
void ht_out_format(struct ht_out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ht_out_u8(struct ht_out *o, uint8_t v);
void ht_out_u16(struct ht_out *o, uint16_t v);
void ht_out_u64(struct ht_out *o, uint64_t v);
void ht_out_str(struct ht_out *o, struct ht_text t); /* u16 length, bytes; longer than 65,535 is a bug */

struct ht_text ht_out_done(const struct ht_out *o);
struct ht_bytes ht_out_done_bytes(const struct ht_out *o);

#endif
