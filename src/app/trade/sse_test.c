/* app/trade/sse_test.c - event streams, whole and cut at every byte. */
#include "app/trade/sse.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

enum { MOST = 64 };

static struct ht_arena arena;

struct heard {
	struct ht_sse sse;
	struct ht_out out; /* "kind=data@id;" of each event */
};

static void note(void *self, const struct ht_sse_event *event)
{
	struct heard *h = self;

	ht_out_format(&h->out, HT_TEXT_FMT "=" HT_TEXT_FMT "@%lld;", HT_TEXT_ARG(event->kind), HT_TEXT_ARG(event->data),
		      (long long)h->sse.last_id);
}

static struct heard *begin(void)
{
	struct heard *h = HT_TAKE(&arena, struct heard, 1);

	ht_out_init(&h->out, &arena);
	ht_sse_begin(&h->sse, &arena, MOST, note, h);
	return h;
}

static bool feed(struct heard *h, const char *at, size_t len)
{
	return ht_sse_feed(&h->sse, (struct ht_bytes){ (const uint8_t *)at, len });
}

static const struct {
	const char *name, *stream, *heard;
	int64_t last_id;
} rows[] = {
	{ "one", "id: 7\nevent: sent\ndata: {}\n\n", "sent={}@7;", 7 },
	{ "two", "id: 1\ndata: a\n\nid: 2\ndata: b\n\n", "message=a@1;message=b@2;", 2 },
	{ "the id stays", "id: 1\ndata: a\n\ndata: b\n\n", "message=a@1;message=b@1;", 1 },
	{ "comments", ": hello\n\n:\ndata: a\n: x\n\n", "message=a@-1;", -1 },
	{ "an id alone", ": hutong\nid: 12\n\n", "", 12 },
	{ "an id of an event that is not whole", "id: 1\n\nid: 2\ndata: b\n", "", 1 },
	{ "lines of data", "data: a\ndata: b\n\n", "message=a\nb@-1;", -1 },
	{ "no blank, two blanks", "data:a\n\ndata:  b\n\n", "message=a@-1;message= b@-1;", -1 },
	{ "CR LF and CR", "data: a\r\n\r\ndata: b\r\rdata: c\r\n\n", "message=a@-1;message=b@-1;message=c@-1;", -1 },
	{ "byte order mark", "\xef\xbb\xbf" "data: a\n\n", "message=a@-1;", -1 },
	{ "only the first", "\n\xef\xbb\xbf" "data: a\n\n", "", -1 },
	{ "other fields", "retry: 10\ndat: x\ndata: a\nx\n\n", "message=a@-1;", -1 },
	{ "an empty line of data", "data\n\n", "message=@-1;", -1 },
	{ "kind without data", "event: sent\n\ndata: a\n\n", "message=a@-1;", -1 },
	{ "no number", "id: 5\ndata: a\n\nid: x\ndata: b\n\nid:\ndata: c\n\n", "message=a@5;message=b@5;message=c@5;", 5 },
	{ "Chinese", "data: 协商\n\n", "message=协商@-1;", -1 },
};

TEST(streams_at_every_cut)
{
	ht_arena_init(&arena, 1 << 24);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		size_t len = strlen(rows[i].stream);

		for (size_t cut = 0; cut <= len; cut++) {
			struct heard *h = begin();
			struct ht_text got;

			CHECK_ROW(rows[i].name, feed(h, rows[i].stream, cut) && feed(h, rows[i].stream + cut, len - cut));
			got = ht_out_done(&h->out);
			CHECK_F(ht_text_is(got, rows[i].heard), "%s, cut at %zu: " HT_TEXT_FMT, rows[i].name, cut, HT_TEXT_ARG(got));
			CHECK_ROW(rows[i].name, h->sse.last_id == rows[i].last_id);
		}
	}
	ht_arena_fini(&arena);
}

TEST(another_connection_goes_on)
{
	struct heard *h;

	ht_arena_init(&arena, 1 << 20);
	h = begin();
	CHECK(feed(h, "id: 3\ndata: a\n\nid: 4\nevent: x\ndata: cu", 37));
	ht_sse_again(&h->sse);
	CHECK(h->sse.last_id == 3);
	CHECK(feed(h,
		   "\xef\xbb\xbf"
		   "data: b\n\n",
		   12));
	CHECK(ht_text_is(ht_out_done(&h->out), "message=a@3;message=b@3;"));
	ht_arena_fini(&arena);
}

TEST(what_is_refused)
{
	char large[MOST + 16];

	ht_arena_init(&arena, 1 << 20);
	memset(large, 'x', sizeof(large));
	CHECK(feed(begin(), large, MOST) && !feed(begin(), large, MOST + 1));
	memcpy(large, "data: ", 6);
	large[40] = '\n';
	for (int twice = 0; twice < 2; twice++) {
		struct heard *h = begin();

		CHECK(feed(h, large, 41) && (!twice || !feed(h, large, 41)));
	}
	CHECK(!feed(begin(), "data: \xff\n", 8));
	ht_arena_fini(&arena);
}

CHECK_MAIN(TEST_ROW(streams_at_every_cut), TEST_ROW(another_connection_goes_on), TEST_ROW(what_is_refused))
