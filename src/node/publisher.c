/* node/publisher.c - a round over all streams after each wake: who has something new and room for it gets a page of leaves. */
#include "node/publisher.h"

#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/out.h"
#include "base/time.h"
#include "node/exchange.h"

/* A page: so many leaves, and none more behind this many bytes. What a leaf holds is a message of at most 256 KiB, escaped. */
enum { PAGE_LEAVES = 64, PAGE_BYTES = 64 << 10, PAGE_ARENA = 32 << 20, TOLD_MAX = 64, TAKE_MAX = 64, BEAT_S = 15 };

/* One client. */
struct watch {
	struct ht_exchange *exchange; /* until it is answered */
	struct ht_http_stream *stream;
	const char *content_type;
	int64_t party, after;         /* number of the last event that was put; -1: from now on */
	uint8_t token[HT_SHA256];
	int64_t beat_us;              /* monotonic: a comment is due */
	bool behind;                  /* there may be more after it */
	struct watch *next;
};

/* Whose leaves are new; `all` when there are too many to say. */
struct told {
	int64_t parties[TOLD_MAX];
	size_t count;
	bool all;
};

struct ht_publisher {
	struct ht_node *node;
	struct ht_queue *queue; /* of watches that begin */
	struct ht_thread *thread;
	struct ht_lock *lock;   /* of `told` */
	struct told told;
	atomic_size_t open;
	atomic_bool ending;
	/* the thread's */
	struct ht_arena arena;  /* of a page */
	struct watch *watches;
	bool again;             /* a client took a page at once: its next one waits */
	/* The last page, which others at the same place get too in the same round. */
	struct {
		bool valid, more;
		int64_t party, after, last;
		size_t count;
		struct ht_text text;
	} page;
};

/* A stream has room, or is gone. */
static void on_room(void *self)
{
	struct ht_publisher *p = self;

	ht_queue_wake(p->queue);
}

static void watch_free(struct ht_publisher *p, struct watch *w)
{
	ht_http_stream_drop(w->stream);
	ht_memory_give(w);
	atomic_fetch_sub(&p->open, 1);
}

bool ht_publisher_add(struct ht_publisher *p, struct ht_exchange *x, const struct ht_answer *answer)
{
	struct watch *w;

	if (atomic_fetch_add(&p->open, 1) >= p->node->settings->streams_max || atomic_load(&p->ending)) {
		atomic_fetch_sub(&p->open, 1);
		return false;
	}
	w = ht_memory_take(NULL, sizeof(*w));
	w->exchange = x;
	w->content_type = answer->content_type;
	w->party = answer->party_row;
	w->after = answer->after;
	if (ht_bearer_hash(x->ask.authorization, w->token) && ht_queue_put(p->queue, w))
		return true;
	watch_free(p, w);
	return false;
}

static void add_told(struct told *t, int64_t party)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->parties[i] == party)
			return;
	}
	if (t->count < TOLD_MAX)
		t->parties[t->count++] = party;
	else
		t->all = true;
}

void ht_publisher_tell(struct ht_publisher *p, const int64_t *parties, size_t n)
{
	if (!n || !atomic_load(&p->open))
		return;
	ht_lock_take(p->lock);
	for (size_t i = 0; i < n; i++)
		add_told(&p->told, parties[i]);
	ht_lock_give(p->lock);
	ht_queue_wake(p->queue);
}

static struct told take_told(struct ht_publisher *p)
{
	struct told told;

	ht_lock_take(p->lock);
	told = p->told;
	p->told = (struct told){ 0 };
	ht_lock_give(p->lock);
	return told;
}

static bool has(const struct told *t, int64_t party)
{
	bool found = t->all;

	for (size_t i = 0; i < t->count && !found; i++)
		found = t->parties[i] == party;
	return found;
}

/* A store that cannot be read just now ends the stream: its client comes back. */
static bool good(enum ht_err err)
{
	if (err == HT_E_SYNC)
		ht_node_die(err);
	if (err)
		HT_LOG(HT_ERROR, "events_failed", HT_FIELD_Z("why", ht_err_word(err)));
	return !err;
}

static void put(struct watch *w, struct ht_text text, int64_t now_us)
{
	ht_http_stream_put(w->stream, ht_text_bytes(text));
	w->beat_us = now_us + BEAT_S * HT_SECOND_US;
}

/* Its first bytes and its answer. False: refused. What is committed from here on will be told. */
static bool begin(struct ht_publisher *p, struct watch *w)
{
	struct ht_exchange *x = w->exchange;
	struct ht_http_answer answer = { .status = 200, .content_type = w->content_type };
	struct ht_leaf_head head;

	if (atomic_load(&p->ending) || !good(ht_store_leaf_head(p->node->live, w->party, -1, &head))) {
		ht_exchange_refuse(x, HT_REFUSE_BUSY);
		return false;
	}
	w->behind = w->after >= 0;
	if (!w->behind || w->after >= head.event) /* a number that was never given (the folder is an older copy): it would wait for long */
		w->after = head.event - 1;
	answer.stream = w->stream = ht_http_stream_new(on_room, p);
	put(w, ht_text_format(&p->arena, ": hutong\nid: %lld\n\n", (long long)w->after), ht_monotonic_us());
	ht_arena_reset(&p->arena);
	ht_http_answer(x->http, &answer);
	return true;
}

static void put_leaf(struct ht_publisher *p, const struct ht_leaf *leaf, struct ht_out *out)
{
	ht_out_format(out, "id: %lld\nevent: %s\ndata: ", (long long)leaf->event, ht_event_word(leaf->kind));
	ht_out_text(out, ht_door_leaf(leaf, &p->arena));
	ht_out_z(out, "\n\n");
}

/* The page after w's place. */
static enum ht_err read_page(struct ht_publisher *p, const struct watch *w)
{
	const struct ht_page page = { .after = w->after, .most = PAGE_LEAVES };
	struct ht_leaf *leaves;
	struct ht_out out;
	size_t n, i = 0;

	if (p->page.valid && p->page.party == w->party && p->page.after == w->after)
		return HT_OK;
	p->page.valid = false;
	ht_arena_reset(&p->arena);
	HT_TRY(ht_store_leaves_behind(p->node->live, w->party, page, &p->arena, &leaves, &n));
	ht_out_init(&out, &p->arena);
	while (i < n && out.len < PAGE_BYTES)
		put_leaf(p, &leaves[i++], &out);
	p->page.valid = true;
	p->page.party = w->party;
	p->page.after = w->after;
	p->page.last = i ? leaves[i - 1].event : w->after;
	p->page.count = i;
	p->page.more = i < n || n == PAGE_LEAVES || ht_store_cut(p->node->live);
	p->page.text = ht_out_done(&out);
	return HT_OK;
}

/* The stream has room. */
static bool feed(struct ht_publisher *p, struct watch *w, int64_t now_us)
{
	if (!good(read_page(p, w)))
		return false;
	w->after = p->page.last;
	w->behind = p->page.more;
	if (p->page.count)
		put(w, p->page.text, now_us);
	atomic_fetch_add(&p->node->metrics.events, (long long)p->page.count);
	return true;
}

/* The token still counts. */
static bool admitted(struct ht_publisher *p, const struct watch *w)
{
	struct ht_arena scratch = p->arena;
	struct ht_token_row row;
	bool found;

	return good(ht_store_token_by_hash(p->node->live, w->token, &scratch, &row, &found)) && found && !row.revoked_us;
}

/* What there is for one. False: it is over. */
static bool serve(struct ht_publisher *p, struct watch *w, int64_t now_us)
{
	bool beat = now_us >= w->beat_us;

	if (ht_http_stream_gone(w->stream) || atomic_load(&p->ending))
		return false;
	if (!w->behind && !beat)
		return true;
	if (!admitted(p, w))
		return false;
	if (beat)
		w->beat_us = now_us + BEAT_S * HT_SECOND_US;
	if (!ht_http_stream_ready(w->stream))
		return true;
	if (w->behind && !feed(p, w, now_us))
		return false;
	if (beat && ht_http_stream_ready(w->stream))
		put(w, HT_TEXT(": still here\n\n"), now_us);
	p->again |= w->behind && ht_http_stream_ready(w->stream);
	return true;
}

static int64_t round_of(struct ht_publisher *p)
{
	struct told told = take_told(p);
	int64_t now_us = ht_monotonic_us(), next_us = INT64_MAX;

	p->again = p->page.valid = false;
	for (struct watch **at = &p->watches; *at;) {
		struct watch *w = *at;

		w->behind |= has(&told, w->party);
		if (serve(p, w, now_us)) {
			next_us = w->beat_us < next_us ? w->beat_us : next_us;
			at = &w->next;
		} else {
			*at = w->next;
			watch_free(p, w);
		}
	}
	return p->again ? 0 : next_us;
}

static void run(void *self)
{
	struct ht_publisher *p = self;
	void *taken[TAKE_MAX];
	int64_t wake_us = INT64_MAX;
	size_t n;

	while (ht_queue_take(p->queue, taken, TAKE_MAX, wake_us, &n)) {
		for (size_t i = 0; i < n; i++) {
			struct watch *w = taken[i];

			if (begin(p, w)) {
				w->next = p->watches;
				p->watches = w;
			} else {
				watch_free(p, w);
			}
		}
		wake_us = round_of(p);
	}
	atomic_store(&p->ending, true);
	(void)round_of(p);
}

struct ht_publisher *ht_publisher_start(struct ht_node *n)
{
	struct ht_publisher *p = ht_memory_take(NULL, sizeof(*p));

	p->node = n;
	p->queue = ht_queue_new(n->settings->streams_max);
	p->lock = ht_lock_new();
	ht_arena_init(&p->arena, PAGE_ARENA);
	p->thread = ht_thread_start("publisher", run, p);
	return p;
}

size_t ht_publisher_streams(struct ht_publisher *p)
{
	return atomic_load(&p->open);
}

void ht_publisher_end(struct ht_publisher *p)
{
	atomic_store(&p->ending, true);
	ht_queue_wake(p->queue);
}

void ht_publisher_stop(struct ht_publisher *p)
{
	ht_queue_close(p->queue);
	ht_thread_join(p->thread);
}

void ht_publisher_free(struct ht_publisher *p)
{
	if (!p)
		return;
	ht_queue_free(p->queue);
	ht_lock_free(p->lock);
	ht_arena_fini(&p->arena);
	ht_memory_give(p);
}
