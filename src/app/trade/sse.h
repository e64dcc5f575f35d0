/* app/trade/sse.h - reading an event stream (WHATWG HTML section 9.2.6), piece by piece as it comes.
 *
 * An id counts when it is a number, as those of our events are.
 * Memory  of the arena, at the beginning: a line and the data of an event, `most` bytes each; what is larger is refused. */
#ifndef HT_APP_TRADE_SSE_H
#define HT_APP_TRADE_SSE_H

#include "base/out.h"

struct ht_sse_event {
	struct ht_text kind; /* "message" when the stream does not say */
	struct ht_text data; /* without its last line end */
};

struct ht_sse {
	size_t most;
	void (*take)(void *self, const struct ht_sse_event *event);
	void *self;
	int64_t last_id;      /* of what has been taken; -1: none yet */
	/* what is not whole yet */
	char *line, *data;
	size_t line_len, data_len;
	int64_t id;
	char kind[64];
	size_t kind_len;
	bool after_cr, begun; /* the last byte was CR; the first line is over */
};

void ht_sse_begin(struct ht_sse *s, struct ht_arena *a, size_t most, void (*take)(void *self, const struct ht_sse_event *event),
		  void *self);
/* What was not whole is forgotten; the last id stays: another connection goes on. */
void ht_sse_again(struct ht_sse *s);
/* False: a line or an event is too large, or the stream is no UTF-8. */
bool ht_sse_feed(struct ht_sse *s, struct ht_bytes piece);

#endif
