/* fuzz/sse_fuzz.c - an event stream of a stranger. However it is cut into pieces, the same is heard of it, and nothing longer than the limit. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "app/trade/sse.h"

enum { MOST = 256 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void take(void *self, const struct ht_sse_event *event)
{
	struct ht_out *out = self;

	assert(event->data.len < MOST && event->kind.len && ht_text_utf8(ht_text_bytes(event->data)) &&
	       ht_text_utf8(ht_text_bytes(event->kind)));
	ht_out_str(out, event->kind);
	ht_out_str(out, event->data);
}

/* What is heard in pieces of so many bytes. */
static struct ht_text heard(struct ht_arena *a, struct ht_bytes all, size_t step)
{
	struct ht_sse s;
	struct ht_out out;
	bool good = true;

	ht_out_init(&out, a);
	ht_sse_begin(&s, a, MOST, take, &out);
	for (size_t from = 0; from < all.len && good; from += step)
		good = ht_sse_feed(&s, (struct ht_bytes){ all.at + from, all.len - from < step ? all.len - from : step });
	assert(s.last_id >= -1);
	ht_out_u64(&out, (uint64_t)s.last_id);
	return ht_out_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct ht_arena a;
	const struct ht_bytes all = { at, len };

	if (!a.base)
		ht_arena_init(&a, 1 << 24);
	if (len > 1 << 16)
		return 0;
	assert(ht_text_same(heard(&a, all, len + 1), heard(&a, all, 1)));
	assert(ht_text_same(heard(&a, all, 7), heard(&a, all, 3)));
	ht_arena_reset(&a);
	return 0;
}
