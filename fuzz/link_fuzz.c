/* fuzz/link_fuzz.c - the Link header of a stranger. Each link lies in the header, reading ends, and what is taken for a query can be
 * written into a link and read again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void inside(struct ht_text whole, struct ht_text part)
{
	assert(!part.len || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len));
}

static void relation(struct ht_text header, const char *rel, struct ht_arena *a)
{
	struct ht_text query = ht_link_query(header, rel), again;
	struct ht_link link = { .rel = ht_text_of(rel) };

	if (!query.len)
		return;
	inside(header, query);
	assert(ht_link_is_query(query));
	link.target = ht_text_format(a, "https://peer.example/catalog/request?" HT_TEXT_FMT, HT_TEXT_ARG(query));
	again = ht_link_query(ht_link_write(&link, 1, a), rel);
	assert(ht_text_same(again, query));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct ht_arena a;
	struct ht_text header = { (const char *)at, len }, rest = header;
	struct ht_link link;

	if (!a.base)
		ht_arena_init(&a, 1 << 20);
	while (ht_link_next(&rest, &link)) {
		inside(header, link.target);
		inside(header, link.rel);
	}
	assert(rest.len == 0);
	relation(header, "next", &a);
	relation(header, "previous", &a);
	ht_arena_reset(&a);
	return 0;
}
