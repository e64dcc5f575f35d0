/* base/reader.h - the checked cursor over foreign bytes. It remembers its first fault: later reads give zero or empty
 * views, so that a decoder has no branches and asks once at the end. Big-endian, as LEAF format 1.
 *
 * Memory  views into the bytes that were given. */
#ifndef HT_BASE_READER_H
#define HT_BASE_READER_H

#include "base/text.h"

struct ht_reader {
	struct ht_bytes rest;
	bool failed;
};

void ht_reader_init(struct ht_reader *r, struct ht_bytes b);
uint8_t ht_reader_u8(struct ht_reader *r);
uint16_t ht_reader_u16(struct ht_reader *r);
uint64_t ht_reader_u64(struct ht_reader *r);
struct ht_bytes ht_reader_take(struct ht_reader *r, size_t len);
struct ht_text ht_reader_str(struct ht_reader *r); /* u16 length, bytes */
bool ht_reader_done(const struct ht_reader *r);    /* nothing failed and nothing is left */

#endif
