/* node/node.c - starting and stopping the parts in their order; the same folder without a server. */
#include "node/node.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/time.h"
#include "node/exchange.h"

enum { HT_HEAD_S = 10, HT_WAIT_MOST_S = 330 };

/* The first start leaves a token for the operator: without one nobody could do anything. */
static enum ht_err make_operator(struct ht_node *n, struct ht_arena *a, struct ht_refusal *why)
{
	struct ht_step step = { .kind = HT_STEP_TOKEN_NEW, .arena = a };
	struct ht_token_row *rows;
	struct ht_page page = { .most = 1 };
	struct ht_text token;
	size_t count;

	HT_TRY(ht_store_tokens(n->writer, page, a, &rows, &count));
	if (count)
		return HT_OK;
	token = ht_bearer_make(&ht_random_os, a);
	step.in.token_new.role = HT_OPERATOR;
	ht_bearer_hash(ht_text_format(a, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token)), step.in.token_new.hash);
	HT_TRY(ht_node_about(ht_disk_put(&n->disk, "operator.token", "operator.token.new", 0600,
					 ht_text_format(a, HT_TEXT_FMT "\n", HT_TEXT_ARG(token))),
			     "operator.token", why));
	return ht_node_step(n, &step);
}

static enum ht_err first_steps(struct ht_node *n, struct ht_refusal *why)
{
	struct ht_arena a;
	struct ht_step started = { .kind = HT_STEP_NODE_STARTED, .arena = &a };
	enum ht_err err;

	ht_arena_init(&a, HT_SMALL_ARENA);
	err = ht_node_step(n, &started);
	if (!err)
		err = make_operator(n, &a, why);
	ht_arena_fini(&a);
	return err;
}

static struct ht_http_settings http_settings(const struct ht_node_settings *s, struct ht_text host, uint16_t port)
{
	return (struct ht_http_settings){
		.host = host,
		.port = port,
		.connections_max = s->connections_max,
		.body_max = s->body_max,
		.arena_size = HT_EXCHANGE_ARENA,
		.head_us = HT_HEAD_S * HT_SECOND_US,
		.body_us = s->request_us,
		.answer_us = HT_WAIT_MOST_S * HT_SECOND_US,
		.idle_us = s->idle_us,
	};
}

static enum ht_err start_servers(struct ht_node *n, uint16_t *port, uint16_t *gate_port)
{
	const struct ht_node_settings *s = n->settings;
	struct ht_http_settings door = http_settings(s, s->host, s->port), gate = http_settings(s, s->gate_host, s->gate_port);
	struct ht_http_user user = ht_exchange_user(n), gate_user = ht_exchange_gate(n);

	HT_TRY(ht_http_server_start(&door, &user, &n->server, port));
	if (!s->gate_host.len)
		return HT_OK;
	return ht_http_server_start(&gate, &gate_user, &n->gate, gate_port);
}

static void start_threads(struct ht_node *n)
{
	n->desk_queue = ht_queue_new(n->settings->queue_max);
	ht_reader_start(&n->queries, n, "queries");
	ht_reader_start(&n->uploads, n, "uploads");
	ht_reader_start(&n->inside, n, "inside");
	n->courier = ht_courier_start(n);
	n->publisher = ht_publisher_start(n);
	n->desk_thread = ht_thread_start("desk", ht_clerk_run, n); /* the last: letters of before may be due at once, and need all others */
}

static enum ht_err start(struct ht_node *n, const struct ht_node_settings *settings, struct ht_refusal *why)
{
	uint16_t port = 0, gate_port = 0;

	HT_TRY(ht_node_open(n, settings, why));
	if (why->code)
		return HT_OK;
	HT_TRY(start_servers(n, &port, &gate_port));
	n->url = ht_text_format(
		&n->arena, strchr(ht_text_z(&n->arena, settings->host), ':') ? "http://[" HT_TEXT_FMT "]:%u" : "http://" HT_TEXT_FMT ":%u",
		HT_TEXT_ARG(settings->host), port);
	HT_TRY(ht_node_furnish(n, port, gate_port, why));
	if (why->code)
		return HT_OK;
	HT_TRY(first_steps(n, why));
	HT_TRY(ht_node_about(
		ht_disk_put(&n->disk, "serve.url", "serve.url.new", 0600, ht_text_format(&n->arena, HT_TEXT_FMT "\n", HT_TEXT_ARG(n->url))),
		"serve.url", why));
	start_threads(n);
	atomic_store(&n->ready, true);
	HT_LOG(HT_INFO, "ready", HT_FIELD("url", n->url), HT_FIELD("public_url", n->door.public_url));
	return HT_OK;
}

/* What was refused outlives the node that refused it. */
static void keep_words(struct ht_refusal *why, struct ht_arena *a)
{
	why->place = ht_text_copy(a, why->place);
	why->detail = ht_text_copy(a, why->detail);
}

enum ht_err ht_node_start(const struct ht_node_settings *settings, struct ht_arena *a, struct ht_node **out, struct ht_refusal *why)
{
	struct ht_node *n = ht_memory_take(NULL, sizeof(*n));
	enum ht_err err = start(n, settings, why);

	*out = n;
	if (!err && !why->code)
		return HT_OK;
	keep_words(why, a);
	ht_node_stop(n);
	*out = NULL;
	return err;
}

struct ht_text ht_node_url(const struct ht_node *node)
{
	return node->url;
}

static size_t open_requests(const struct ht_node *n)
{
	return ht_http_server_open(n->server) + (n->gate ? ht_http_server_open(n->gate) : 0);
}

static void stop_servers(struct ht_node *n)
{
	int64_t until_us = ht_monotonic_us() + n->settings->stop_us;

	ht_http_server_quiesce(n->server);
	if (n->gate)
		ht_http_server_quiesce(n->gate);
	ht_queue_wake(n->desk_queue);
	ht_publisher_end(n->publisher);
	while (open_requests(n) && ht_monotonic_us() < until_us)
		ht_nap(HT_SECOND_US / 100);
	ht_courier_drain(n->courier, ht_monotonic_us() + n->settings->answer_us);
	ht_http_server_stop(n->gate, 0);
	ht_http_server_stop(n->server, 0);
	n->gate = n->server = NULL;
}

static void stop_threads(struct ht_node *n)
{
	enum ht_err err;

	ht_queue_close(n->desk_queue);
	ht_thread_join(n->desk_thread);
	ht_reader_stop(&n->queries);
	ht_reader_stop(&n->uploads);
	ht_reader_stop(&n->inside);
	ht_courier_stop(n->courier);
	ht_publisher_stop(n->publisher);
	err = n->disk.remove(n->disk.self, "serve.url");
	HT_LOG(HT_INFO, "stopped", HT_FIELD_Z("serve_url", ht_err_word(err)));
}

void ht_node_stop(struct ht_node *n)
{
	if (!n)
		return;
	atomic_store(&n->stopping, true);
	if (n->desk_queue) {
		stop_servers(n);
		stop_threads(n);
	}
	ht_http_server_stop(n->gate, 0); /* when the start did not come to threads */
	ht_http_server_stop(n->server, 0);
	ht_courier_free(n->courier);
	ht_publisher_free(n->publisher);
	ht_queue_free(n->desk_queue);
	ht_queue_free(n->queries.queue);
	ht_queue_free(n->uploads.queue);
	ht_queue_free(n->inside.queue);
	ht_node_close(n);
	ht_memory_give(n);
}

/* Who has the folder is its operator. */
static enum ht_fact is_operator(void *self, const uint8_t hash[32], struct ht_arena *a, struct ht_grant *out)
{
	(void)self;
	(void)hash;
	(void)a;
	*out = (struct ht_grant){ .role = HT_OPERATOR };
	return HT_FACT_HERE;
}

struct offline {
	int *status;
	struct ht_text *answer;
	struct ht_arena *a;
};

static void answered(struct ht_exchange *x, const struct ht_answer *answer)
{
	const struct offline *o = x->owner;

	*o->status = answer->status;
	*o->answer = ht_text_copy(o->a, answer->body);
}

static enum ht_err run_offline(struct ht_node *n, const char *method, struct ht_text path, struct ht_text body, enum ht_lang lang,
			       struct offline *o)
{
	struct ht_arena a;
	struct ht_exchange *x;
	struct ht_text with_query = path, token;

	ht_arena_init(&a, HT_EXCHANGE_ARENA);
	x = HT_TAKE(&a, struct ht_exchange, 1);
	ht_exchange_begin(x, n, &a);
	x->facts.grant = is_operator;
	x->answered = answered;
	x->owner = o;
	x->ask.method = ht_text_of(method);
	ht_text_cut(with_query, '?', &path, &x->ask.query);
	x->ask.path = ht_text_format(&a, "/api/v1" HT_TEXT_FMT, HT_TEXT_ARG(path));
	token = ht_bearer_make(&ht_random_os, &a);
	x->ask.authorization = ht_text_format(&a, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token));
	x->ask.accept_language = lang == HT_ZH ? HT_TEXT("zh") : HT_TEXT("en");
	x->ask.content_type = HT_TEXT("application/json");
	x->ask.body = ht_text_bytes(body);
	ht_exchange_inline(x);
	ht_arena_fini(&a);
	return HT_OK;
}

enum ht_err ht_node_offline(const struct ht_node_settings *settings, const char *method, struct ht_text path, struct ht_text body,
			    enum ht_lang lang, struct ht_arena *a, int *status, struct ht_text *answer, struct ht_refusal *why)
{
	struct ht_node *n = ht_memory_take(NULL, sizeof(*n));
	struct offline o = { .status = status, .answer = answer, .a = a };
	struct ht_text url;
	bool found = false;
	int64_t size;
	int fd;
	enum ht_err err = HT_OK;

	/* A folder that is not there is not made by a question; it is when its public URL is given. */
	if (!settings->public_url.len) {
		err = ht_file_open(ht_text_z(a, ht_text_format(a, "%s/" HT_STORE_FILE, settings->data)), &fd, &size);
		if (err) {
			ht_memory_give(n);
			return err == HT_E_MISSING ? err : ht_node_about(err, HT_STORE_FILE, why);
		}
		close(fd);
	}
	err = ht_node_open(n, settings, why);

	if (!err && !why->code)
		err = ht_store_meta(n->writer, "public_url", a, &url, &found);
	if (!err && !why->code && !found && !settings->public_url.len)
		ht_refuse(why, HT_REFUSE_MEMBER_MISSING, HT_TEXT("--public-url"));
	if (!err && !why->code)
		err = ht_node_furnish(n, 0, 0, why);
	if (!err && !why->code)
		err = run_offline(n, method, path, body, lang, &o);
	keep_words(why, a);
	ht_node_close(n);
	ht_memory_give(n);
	return err;
}
