/* app/trade/watch.c - what happens, as it happens: the node's stream of events, again and again from where it broke off. */
#include "app/trade/client.h"
#include "app/trade/history.h"
#include "app/trade/sse.h"
#include "app/trade/trade.h"
#include "base/time.h"
#include "os/http_client.h"
#include "os/os.h"

/* EVENT_MAX: a message of 256 KiB, escaped, and what stands around it. STALL_S: three comments of the node that did not come. */
enum { EVENT_MAX = 4 << 20, ANSWER_MAX = 64 << 10, STALL_S = 45, LOOK_US = 100000 };

static const int64_t wait_least_us = HT_SECOND_US / 4, wait_most_us = 30 * HT_SECOND_US;

struct watch {
	struct ht_client client;
	struct ht_http_client *http;
	struct ht_sse sse;
	bool over, moved;  /* of this connection: it has ended; something came */
	bool known;        /* there was one before */
	bool garbled;      /* what came is no stream of events */
	int64_t wait_us;   /* before the next connection */
};

static atomic_bool interrupted;
static struct ht_thread *watcher; /* until the first signal or the end of the process */

/* SIGINT or SIGTERM is how it ends. */
static void wait_for_signal(void *self)
{
	(void)self;
	ht_signals_wait();
	atomic_store(&interrupted, true);
}

static bool stopped(void)
{
	return atomic_load(&interrupted) || ferror(stdout);
}

static void show(void *self, const struct ht_sse_event *event)
{
	struct watch *w = self;
	struct ht_client *c = &w->client;
	struct ht_arena room = *c->arena;
	struct ht_refusal why;
	struct ht_json *leaf = ht_json_read(ht_text_bytes(event->data), &ht_json_large, &why);
	struct ht_out out;

	w->garbled |= !ht_json_is_object(leaf);
	if (!w->garbled) {
		ht_out_init(&out, &room);
		if (c->line->json)
			ht_out_format(&out, HT_TEXT_FMT "\n", HT_TEXT_ARG(event->data));
		else
			ht_history_line(leaf, c->lang, &out);
		ht_client_print(ht_out_done(&out));
		fflush(stdout);
		c->said = true;
	}
	ht_json_free(leaf);
}

static void greet(struct watch *w)
{
	struct ht_client *c = &w->client;

	ht_client_say(c, w->known ? HT_PICK(c->lang, "connected again", "已重新连接") :
				    HT_PICK(c->lang, "watching; Ctrl-C ends it", "正在监视,按 Ctrl-C 结束"));
	w->moved = w->known = true;
	w->wait_us = wait_least_us;
}

static bool piece(struct ht_http_call *call, struct ht_bytes bytes, int64_t total)
{
	struct watch *w = call->mine;

	(void)total;
	if (!w->moved)
		greet(w);
	w->garbled |= !ht_sse_feed(&w->sse, bytes);
	return !w->garbled && !stopped();
}

static void done(struct ht_http_call *call)
{
	struct watch *w = call->mine;

	w->client.status = call->status;
	w->client.text = ht_bytes_text(ht_bytes_copy(w->client.arena, call->answer));
	w->over = true;
}

/* One connection, to its end. */
static enum ht_err follow(struct watch *w)
{
	struct ht_client *c = &w->client;
	struct ht_http_call call = {
		.method = "GET",
		.url = ht_text_format(c->arena, HT_TEXT_FMT "/events", HT_TEXT_ARG(c->url)),
		.authorization = c->token,
		.answer_max = ANSWER_MAX,
		.stall_s = STALL_S,
		.done = done,
		.piece = piece,
		.mine = w,
	};

	if (w->sse.last_id >= 0)
		call.last_event_id = ht_text_format(c->arena, "%lld", (long long)w->sse.last_id);
	w->over = w->moved = false;
	ht_sse_again(&w->sse);
	ht_http_client_start(w->http, &call);
	while (!w->over && !stopped())
		ht_http_client_run(w->http, LOOK_US);
	if (!w->over) { /* ends the call */
		ht_http_client_free(w->http);
		w->http = NULL;
	}
	return call.err;
}

/* Whether another connection may bring more; else *status says how it ends. */
static bool goes_on(struct watch *w, enum ht_err err, int *status)
{
	struct ht_client *c = &w->client;

	*status = HT_EXIT_DONE;
	if (ferror(stdout))
		*status = HT_EXIT_ENVIRONMENT;
	if (stopped())
		return false;
	if (w->garbled)
		*status = ht_client_wrong(c, HT_EXIT_ENVIRONMENT, "answer",
					  HT_PICK(c->lang, HT_TEXT_FMT " does not send events as a hutong node does",
						  HT_TEXT_FMT " 发送的事件不像是 hutong 节点"),
					  HT_TEXT_ARG(c->url));
	else if (!w->moved && !err && c->status / 100 != 2 && (c->status < 500 || !w->known))
		*status = ht_client_judge(c);
	else if (err && !w->known)
		*status = ht_client_fail(c, c->url, err,
					 HT_PICK(c->lang, "is `hutong serve` running? HUTONG_URL says where",
						 "`hutong serve` 是否在运行?HUTONG_URL 指明地址"));
	return !*status;
}

/* Before the next connection; longer each time that nobody is there. */
static void rest(struct watch *w)
{
	int64_t until_us = ht_monotonic_us() + w->wait_us;

	if (w->moved)
		ht_client_say(&w->client,
			      HT_PICK(w->client.lang, "the connection is lost; connecting again from event %lld",
				      "连接中断,正从事件 %lld 处重新连接"),
			      (long long)w->sse.last_id);
	while (!stopped() && ht_monotonic_us() < until_us)
		ht_nap(LOOK_US);
	w->wait_us = w->wait_us * 2 < wait_most_us ? w->wait_us * 2 : wait_most_us;
}

static int run(struct watch *w)
{
	struct ht_client *c = &w->client;
	struct ht_arena room;
	int status;

	ht_sse_begin(&w->sse, c->arena, EVENT_MAX, show, w);
	if (c->line->values[HT_WATCH_AFTER].set)
		w->sse.last_id = (int64_t)c->line->values[HT_WATCH_AFTER].number;
	w->wait_us = wait_least_us;
	w->http = ht_http_client_new(&ht_ranges_all, 1);
	room = *c->arena;
	while (goes_on(w, follow(w), &status)) {
		rest(w);
		*c->arena = room; /* days of it take no more memory than once */
	}
	return status;
}

int ht_trade_watch(const struct ht_line *line)
{
	struct watch w = { 0 };
	int status = ht_client_init(&w.client, line);

	ht_signals_block();
	watcher = ht_thread_start("signals", wait_for_signal, NULL);
	if (!status)
		status = run(&w);
	if (atomic_load(&interrupted))
		ht_thread_join(watcher);
	ht_http_client_free(w.http);
	ht_client_fini(&w.client);
	return status;
}
