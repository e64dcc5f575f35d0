/* base/reader.c - the checked cursor over foreign bytes. */
#include "base/reader.h"

void ht_reader_init(struct ht_reader *r, struct ht_bytes b)
{
	*r = (struct ht_reader){ .rest = b };
}

struct ht_bytes ht_reader_take(struct ht_reader *r, size_t len)
{
	struct ht_bytes taken = { r->rest.at, len };

	if (r->failed || len > r->rest.len) {
		r->failed = true;
		r->rest = (struct ht_bytes){ 0 };
		return r->rest;
	}
	if (len) {
		r->rest.at += len;
		r->rest.len -= len;
	}
	return taken;
}

/* n bytes, the highest first. */
static uint64_t big_endian(struct ht_reader *r, size_t n)
{
	struct ht_bytes b = ht_reader_take(r, n);
	uint64_t v = 0;

	for (size_t i = 0; i < b.len; i++)
		v = v << 8 | b.at[i];
	return v;
}

uint8_t ht_reader_u8(struct ht_reader *r)
{
	return (uint8_t)big_endian(r, 1);
}

uint16_t ht_reader_u16(struct ht_reader *r)
{
	return (uint16_t)big_endian(r, 2);
}

uint64_t ht_reader_u64(struct ht_reader *r)
{
	return big_endian(r, 8);
}

struct ht_text ht_reader_str(struct ht_reader *r)
{
	size_t len = ht_reader_u16(r);

	return ht_bytes_text(ht_reader_take(r, len));
}

bool ht_reader_done(const struct ht_reader *r)
{
	return !r->failed && !r->rest.len;
}
