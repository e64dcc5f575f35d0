/* app/trade/watch.c - what happens, as it happens: the node's stream of events, again and again from where it broke off. */
#include "app/trade/client.h"
#include "app/trade/history.h"
#include "app/trade/plain.h"
#include "app/trade/sse.h"
#include "app/trade/trade.h"
#include "base/count.h"
#include "base/time.h"
#include "model/leaf.h"
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

/* After these a process may wait for its person. */
static bool may_wait(const struct ht_json *leaf)
{
	static const enum ht_event kinds[] = { HT_EVENT_RECEIVED, HT_EVENT_REFUSED, HT_EVENT_GAVE_UP, HT_EVENT_RECONCILED };

	for (size_t i = 0; i < HT_COUNT(kinds); i++) {
		if (ht_text_is(ht_json_text(ht_json_member(leaf, "kind")), ht_event_word(kinds[i])))
			return ht_json_text(ht_json_member(leaf, "process")).len;
	}
	return false;
}

/* Asks for the process of an event, a negotiation or a transfer, and says when it waits for us as it is now. */
static void show_waiting(struct ht_client *c, const struct ht_json *leaf)
{
	static const struct {
		const char *of, *word;
	} lists[] = { { "negotiations", "negotiation" }, { "transfers", "transfer" } };
	struct ht_text process = ht_json_text(ht_json_member(leaf, "process")), id = ht_history_brief(c->arena, process), product;
	int status = HT_EXIT_REFUSED;
	size_t i = 0;

	c->may_lack = true;
	for (; i < HT_COUNT(lists) && status; i++) {
		status = ht_client_call(c, "GET", ht_client_path(c, lists[i].of, process, ""), HT_TEXT(""));
		if (status && !c->lacks)
			break;
	}
	c->may_lack = false;
	if (status || !ht_json_bool(ht_json_member(c->json, "person"), false))
		return;
	product = ht_plain(c->arena, ht_client_text(c, "product"));
	ht_client_print(ht_text_format(c->arena,
				       HT_PICK(c->lang, HT_TEXT_FMT "  " HT_TEXT_FMT "  waits for you: hutong %s show " HT_TEXT_FMT "\n",
					       HT_TEXT_FMT "  " HT_TEXT_FMT "  待您处理：hutong %s show " HT_TEXT_FMT "\n"),
				       HT_TEXT_ARG(id), HT_TEXT_ARG(product), lists[i - 1].word, HT_TEXT_ARG(id)));
}

static void show_line(struct ht_client *c, const struct ht_json *leaf)
{
	struct ht_arena room = *c->arena;
	int64_t event = 0;
	struct ht_out out;

	(void)ht_json_int(ht_json_member(leaf, "event"), &event);
	ht_out_init(&out, c->arena);
	ht_out_format(&out, "%lld  ", (long long)event);
	ht_history_line(leaf, c->lang, &out);
	ht_client_print(ht_out_done(&out));
	if (may_wait(leaf))
		show_waiting(c, leaf);
	*c->arena = room;
	c->text = HT_TEXT("");
}

static void show(void *self, const struct ht_sse_event *event)
{
	struct watch *w = self;
	struct ht_client *c = &w->client;
	struct ht_refusal why;
	struct ht_json *leaf = ht_json_read(ht_text_bytes(event->data), &ht_json_large, &why);

	w->garbled |= !ht_json_is_object(leaf);
	if (!w->garbled) {
		if (c->line->json) {
			ht_client_print(event->data);
			ht_client_print(HT_TEXT("\n"));
		} else {
			show_line(c, leaf);
		}
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
	if (atomic_load(&interrupted)) {
		ht_thread_join(watcher);
		if (w.sse.last_id >= 0)
			ht_client_say(
				&w.client,
				HT_PICK(w.client.lang, "hutong watch --after %lld goes on here", "hutong watch --after %lld 可由此继续"),
				(long long)w.sse.last_id);
	}
	ht_http_client_free(w.http);
	ht_client_fini(&w.client);
	return status;
}
