/* node/courier.c - everything outgoing: letters, looks, and the facts that exchanges lack. One thread drives libcurl; a request to a party of this
 * process takes the same way but for the socket.
 *
 * An errand is one outgoing request. It is taken from a pool when its share has room (shares.h), handed to the courier's thread, and comes
 * back as a step of the desk or as a fact of its exchange. */
#include <string.h>

#include "base/count.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/time.h"
#include "node/attempt.h"
#include "node/exchange.h"
#include "node/held.h"
#include "node/shares.h"
#include "wire/did.h"

enum {
	HT_ERRAND_ARENA = HT_EXCHANGE_ARENA,
	HT_ANSWER_MAX = 64 << 10,
	HT_CATALOG_MAX = 8 << 20,
	HT_DOCUMENT_MAX = 256 << 10,
	HT_ERRANDS_TAKEN = 64,
	HT_NAP_S = 60,
	HT_AGAIN_MS = 20,
	HT_BUSY_US = 100000,
};

struct errand {
	enum ht_errand_kind kind;
	struct ht_courier *courier;
	struct ht_share share;        /* whose it has */
	bool heard;                   /* there was an answer */
	struct ht_arena arena;
	bool arena_ready;
	struct ht_post post;
	struct ht_look look;
	struct ht_exchange *exchange; /* whose fact it is */
	struct ht_http_call call;
	int64_t open_us;
	struct ht_held_row wait;
	bool secure;                  /* document: https is tried */
	bool nobody;                  /* document: 404 was answered */
	struct ht_step step;          /* what it brings the desk */
	char *step_end;               /* of the arena: what lies before it is the step's */
	struct ht_job job;
	struct errand *next;
};

struct ht_courier {
	struct ht_node *node;
	struct ht_http_client *client;
	struct ht_queue *inbox;
	struct ht_thread *thread;
	struct ht_lock *lock;        /* of the pool, the reports and the shares */
	struct errand *pool;
	struct ht_shares *shares;    /* of errands that are not in the pool */
	struct errand *reports;      /* steps that the desk's queue or disk had no room for */
	int64_t again_us;            /* monotonic: when they are offered again */
	struct ht_held held;         /* letters; of the courier's thread */
	atomic_bool stopping, sleeps;
};

/* NULL: not now; *again_us is how long until it is worth another try. */
static struct errand *take(struct ht_courier *c, enum ht_errand_kind kind, struct ht_share share, int64_t *again_us)
{
	struct errand *e = NULL;

	ht_lock_take(c->lock);
	if (ht_shares_take(c->shares, kind, share, ht_monotonic_us(), again_us) == HT_SHARE_TAKEN) {
		e = c->pool;
		if (e)
			c->pool = e->next;
		else
			e = ht_memory_take(NULL, sizeof(*e));
	}
	ht_lock_give(c->lock);
	if (!e)
		return NULL;
	if (!e->arena_ready)
		ht_arena_init(&e->arena, HT_ERRAND_ARENA);
	*e = (struct errand){ .kind = kind, .courier = c, .share = share, .arena = e->arena, .arena_ready = true };
	return e;
}

static void give(struct errand *e)
{
	struct ht_courier *c = e->courier;

	ht_arena_reset(&e->arena);
	ht_lock_take(c->lock);
	e->next = c->pool;
	c->pool = e;
	ht_shares_give(c->shares, e->kind, e->share, e->heard, ht_monotonic_us());
	ht_lock_give(c->lock);
}

/* Only who sleeps is woken: waking costs a write each time. */
static void wake(struct ht_courier *c)
{
	if (atomic_exchange(&c->sleeps, false))
		ht_http_client_wake(c->client);
}

static bool hand_in(struct errand *e)
{
	struct ht_courier *c = e->courier;

	if (!ht_queue_put(c->inbox, e)) {
		give(e);
		return false;
	}
	wake(c);
	return true;
}

/* What stays in this process holds up no other. */
static struct ht_share share_of(const struct ht_courier *c, struct ht_text peer, struct ht_text url)
{
	return ht_door_owns(&c->node->door, url) ? (struct ht_share){ 0 } : ht_share_of(peer, url);
}

int64_t ht_courier_post(struct ht_courier *c, const struct ht_post *post)
{
	int64_t again_us;
	struct errand *e = take(c, HT_ERRAND_POST, share_of(c, post->peer, post->url), &again_us);

	if (!e)
		return again_us;
	e->post = *post;
	e->post.peer = ht_text_copy(&e->arena, post->peer);
	e->post.url = ht_text_copy(&e->arena, post->url);
	e->post.id = ht_text_copy(&e->arena, post->id);
	e->post.pid = ht_text_copy(&e->arena, post->pid);
	e->post.body = ht_bytes_copy(&e->arena, post->body);
	return hand_in(e) ? 0 : HT_BUSY_US;
}

int64_t ht_courier_look(struct ht_courier *c, const struct ht_look *look)
{
	int64_t again_us;
	struct errand *e = take(c, HT_ERRAND_LOOK, share_of(c, look->peer, look->url), &again_us);

	if (!e)
		return again_us;
	e->look = *look;
	e->look.peer = ht_text_copy(&e->arena, look->peer);
	e->look.url = ht_text_copy(&e->arena, look->url);
	e->look.letter = ht_text_copy(&e->arena, look->letter);
	return hand_in(e) ? 0 : HT_BUSY_US;
}

static bool fetch(struct ht_courier *c, struct ht_exchange *x, enum ht_errand_kind kind)
{
	int64_t again_us;
	struct errand *e = take(c, kind, (struct ht_share){ 0 }, &again_us);

	if (!e)
		return false;
	e->exchange = x;
	return hand_in(e);
}

/* All who want the document go on, but not `but`. */
static void land(struct ht_courier *c, struct ht_text did, const struct ht_exchange *but)
{
	struct ht_document_want *w = ht_documents_land(c->node->documents, did), *others;

	for (; w; w = others) {
		struct ht_exchange *x = HT_CONTAINER(w, struct ht_exchange, want);

		others = w->others; /* who goes on may be gone */
		if (x != but)
			ht_exchange_go(x);
	}
}

bool ht_courier_fetch(struct ht_courier *c, struct ht_exchange *x)
{
	if (x->result.need.kind != HT_NEED_DOCUMENT)
		return fetch(c, x, HT_ERRAND_FETCH);
	x->want.did = x->result.need.did;
	switch (ht_documents_want(c->node->documents, &x->want)) {
	case HT_DOCUMENT_JOINED: return true;
	case HT_DOCUMENT_CROWDED: return false;
	case HT_DOCUMENT_FETCH: break;
	}
	if (fetch(c, x, HT_ERRAND_DOCUMENT))
		return true;
	land(c, x->want.did, x);
	return false;
}

static void report(struct errand *e);

void ht_courier_report(struct ht_courier *c, const struct ht_step *step)
{
	int64_t again_us;
	struct errand *e = take(c, HT_ERRAND_REPORT, (struct ht_share){ 0 }, &again_us);

	if (!e) {
		HT_LOG(HT_ERROR, "report_lost", HT_FIELD_Z("step", ht_step_word(step->kind)));
		return;
	}
	e->step = *step;
	e->step.arena = &e->arena;
	e->step.who.party.did = ht_text_copy(&e->arena, step->who.party.did);
	e->step.who.party.id = ht_text_copy(&e->arena, step->who.party.id);
	e->step.in.served.pid = ht_text_copy(&e->arena, step->in.served.pid);
	report(e);
}

/* The courier's thread offers it again, a little later. What the desk took of the arena is void. */
static void offer_again(struct errand *e)
{
	struct ht_courier *c = e->courier;

	e->arena.at = e->step_end;
	ht_lock_take(c->lock);
	if (!c->reports)
		c->again_us = ht_monotonic_us() + HT_AGAIN_MS * HT_SECOND_US / 1000;
	e->next = c->reports;
	c->reports = e;
	ht_lock_give(c->lock);
	wake(c);
}

/* The desk took the step, or its disk is full: then again. */
static void reported(struct ht_job *job)
{
	struct errand *e = job->owner;

	if (e->step.err)
		offer_again(e);
	else
		give(e);
}

static void report(struct errand *e)
{
	e->job = (struct ht_job){ .step = &e->step, .done = reported, .owner = e };
	if (!e->step_end)
		e->step_end = e->arena.at;
	if (!ht_queue_put(e->courier->node->desk_queue, &e->job))
		offer_again(e);
}

/* Offers them when their time has come. Returns how long that still is; none: HT_NAP_S. */
static int64_t report_again(struct ht_courier *c)
{
	int64_t wait_us = HT_NAP_S * HT_SECOND_US;
	struct errand *e = NULL;

	ht_lock_take(c->lock);
	if (c->reports)
		wait_us = c->again_us - ht_monotonic_us();
	if (wait_us <= 0) {
		e = c->reports;
		c->reports = NULL;
		wait_us = HT_NAP_S * HT_SECOND_US;
	}
	ht_lock_give(c->lock);
	while (e) {
		struct errand *next = e->next;

		report(e);
		e = next;
	}
	return wait_us;
}

static void went(struct errand *e);

/* A document came, or did not. */
static void keep_document(struct errand *e)
{
	const struct ht_need *need = &e->exchange->result.need;
	struct ht_did_doc *doc = HT_TAKE(&e->arena, struct ht_did_doc, 1);
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	bool good = !e->call.err && e->call.status == 200 && ht_did_read(e->call.answer, &e->arena, doc, &why) &&
		    ht_text_same(doc->did, need->did);

	e->nobody = e->nobody || (!e->call.err && e->call.status == 404);
	if (!good && !e->secure) {
		e->secure = true;
		went(e);
		return;
	}
	if (!good)
		HT_LOG(HT_WARN, "document_failed", HT_FIELD("did", need->did), HT_FIELD_N("status", e->call.status),
		       HT_FIELD_Z("why", e->call.err ? ht_err_word(e->call.err) : ht_refuse_word(why.code)));
	ht_documents_put(e->courier->node->documents, need->did, good ? doc : NULL, ht_now_us());
	if (!good && e->nobody)
		ht_documents_nobody(e->courier->node->documents, need->did);
	land(e->courier, need->did, NULL);
	give(e);
}

static void keep_fetched(struct errand *e)
{
	struct ht_exchange *x = e->exchange;
	struct ht_arena *a = x->ask.arena;
	struct ht_fetch *f = HT_TAKE(a, struct ht_fetch, 1);

	*f = (struct ht_fetch){ .method = x->result.need.method, .url = ht_text_copy(a, x->result.need.url), .next = x->fetches };
	f->got = (struct ht_fetched){
		.err = e->call.err,
		.status = e->call.status,
		.body = ht_bytes_copy(a, e->call.answer),
		.link = ht_text_copy(a, e->call.link),
	};
	x->fetches = f;
	ht_exchange_go(x);
	give(e);
}

/* What came back, from the network or from inside: e->call has it. */
static void came_back(struct errand *e)
{
	int status = e->call.err ? 0 : e->call.status;

	e->heard = status != 0;
	switch (e->kind) {
	case HT_ERRAND_POST:
		if (!status)
			atomic_fetch_add(&e->courier->node->metrics.answers_none, 1);
		ht_attempt_answered(&e->post, e->open_us, status, e->call.answer, e->call.retry_after_s, &e->arena, &e->step);
		report(e);
		break;
	case HT_ERRAND_LOOK:
		ht_attempt_looked(&e->look, status, e->call.answer, &e->arena, &e->step);
		report(e);
		break;
	case HT_ERRAND_FETCH:
		keep_fetched(e);
		break;
	case HT_ERRAND_DOCUMENT:
		keep_document(e);
		break;
	case HT_ERRAND_REPORT:
		break;
	}
}

static void called_back(struct ht_http_call *call)
{
	struct errand *e = call->mine;

	if (call->err)
		HT_LOG(HT_INFO, "unreachable", HT_FIELD("url", call->url), HT_FIELD_Z("why", ht_err_word(call->err)));
	came_back(e);
}

/* The answer of a party of this process. */
static void local_answered(struct ht_exchange *x, const struct ht_answer *answer)
{
	struct errand *e = x->owner;

	e->call.status = answer->status;
	e->call.answer = ht_text_bytes(answer->body);
	e->call.link = answer->link;
	e->call.retry_after_s = answer->retry_after_s;
	came_back(e);
}

/* Path of a URL that one of our own parties serves. */
static bool is_local(const struct ht_node *n, struct ht_text url, struct ht_text *path, struct ht_text *query)
{
	struct ht_url parts;

	if (!ht_door_owns(&n->door, url) || !ht_url_read(url, &parts))
		return false;
	*path = parts.path;
	*query = parts.query;
	return true;
}

/* In the thread for it: signatures are checked there while the courier makes others. */
static void go_inside(struct ht_job *job)
{
	ht_exchange_go(job->owner);
}

static void call_inside(struct errand *e, struct ht_text path, struct ht_text query)
{
	struct ht_exchange *x = HT_TAKE(&e->arena, struct ht_exchange, 1);

	ht_exchange_begin(x, e->courier->node, &e->arena);
	x->answered = local_answered;
	x->owner = e;
	x->ask.method = ht_text_of(e->call.method);
	x->ask.path = path;
	x->ask.query = query;
	x->ask.authorization = e->call.authorization;
	x->ask.content_type = ht_text_of(e->call.content_type);
	x->ask.body = e->call.body;
	x->job = (struct ht_job){ .run = go_inside, .owner = x };
	if (ht_queue_put(x->node->inside.queue, &x->job))
		return;
	e->call.err = HT_E_BUSY;
	came_back(e);
}

static void call_out(struct errand *e)
{
	struct ht_text path, query;

	e->call.timeout_us = e->courier->node->settings->answer_us;
	e->call.mine = e;
	e->call.done = called_back;
	if (is_local(e->courier->node, e->call.url, &path, &query))
		call_inside(e, path, query);
	else
		ht_http_client_start(e->courier->client, &e->call);
}

static void authorize(struct errand *e, int64_t party, struct ht_text audience)
{
	struct ht_node *n = e->courier->node;
	const struct ht_signer *signer = ht_keys_signer(n->keys, party);
	struct ht_authority authority;

	if (!signer)
		return;
	authority = ht_attempt_authority(signer, &n->peers, audience, e->call.body, ht_now_us(), &ht_random_os, &e->arena);
	e->call.authorization = authority.authorization;
	e->open_us = authority.open_us;
}

static void call_message(struct errand *e, const char *method, struct ht_text url, struct ht_bytes body, size_t answer_max)
{
	e->call = (struct ht_http_call){ .method = method, .url = url, .body = body, .answer_max = answer_max };
	if (body.len)
		e->call.content_type = "application/json";
}

/* IDENTITY, Documents: https; plain http first for hosts inside --allow-net, and only there. */
static void call_document(struct errand *e)
{
	struct ht_node *n = e->courier->node;
	struct ht_text url;

	e->secure = e->secure || !n->allow.count;
	if (!ht_did_web_url(e->exchange->result.need.did, e->secure, &e->arena, &url)) {
		e->call = (struct ht_http_call){ .err = HT_E_UNREACHABLE };
		e->secure = true;
		keep_document(e);
		return;
	}
	call_message(e, "GET", url, (struct ht_bytes){ 0 }, HT_DOCUMENT_MAX);
	e->call.inside_only = !e->secure;
	call_out(e);
}

/* An errand goes on its way. */
static void went(struct errand *e)
{
	struct ht_metrics *m = &e->courier->node->metrics;
	const struct ht_need *need;

	switch (e->kind) {
	case HT_ERRAND_POST:
		atomic_fetch_add(&m->letters, 1);
		call_message(e, "POST", e->post.url, e->post.body, HT_ANSWER_MAX);
		authorize(e, e->post.party, e->post.peer);
		call_out(e);
		break;
	case HT_ERRAND_LOOK:
		atomic_fetch_add(&m->looks, 1);
		call_message(e, "GET", e->look.url, (struct ht_bytes){ 0 }, HT_ANSWER_MAX);
		authorize(e, e->look.party, e->look.peer);
		call_out(e);
		break;
	case HT_ERRAND_FETCH:
		atomic_fetch_add(&m->fetches, 1);
		need = &e->exchange->result.need;
		call_message(e, need->method, need->url, need->body, HT_CATALOG_MAX);
		authorize(e, need->party, need->audience);
		call_out(e);
		break;
	case HT_ERRAND_DOCUMENT:
		atomic_fetch_add(&m->fetches, 1);
		call_document(e);
		break;
	case HT_ERRAND_REPORT:
		break;
	}
}

static void set_out(struct errand *e)
{
	int64_t hold_us = e->kind == HT_ERRAND_POST ? ht_attempt_hold_us(&e->courier->node->peers, &e->post) : 0;

	if (hold_us)
		ht_held_put(&e->courier->held, &e->wait, ht_monotonic_us() + hold_us, e);
	else
		went(e);
}

/* What was held long enough goes. Returns how long the next one still waits, most_us at most. */
static int64_t send_held(struct ht_courier *c, int64_t most_us)
{
	struct errand *e;

	while ((e = ht_held_take(&c->held, ht_monotonic_us())))
		went(e);
	return ht_held_wait(&c->held, ht_monotonic_us(), most_us);
}

/* What is handed in goes on its way. False: there was nothing. */
static bool take_inbox(struct ht_courier *c)
{
	void *errands[HT_ERRANDS_TAKEN];
	size_t n;

	if (!ht_queue_take(c->inbox, errands, HT_ERRANDS_TAKEN, 0, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		set_out(errands[i]);
	return n > 0;
}

static void run(void *self)
{
	struct ht_courier *c = self;

	while (!atomic_load(&c->stopping)) {
		int64_t wait_us;

		atomic_store(&c->sleeps, true); /* what is offered again from here on wakes it */
		wait_us = send_held(c, report_again(c));
		ht_http_client_run(c->client, take_inbox(c) ? 0 : wait_us);
		atomic_store(&c->sleeps, false);
	}
}

struct ht_courier *ht_courier_start(struct ht_node *n)
{
	struct ht_courier *c = ht_memory_take(NULL, sizeof(*c));

	c->node = n;
	c->client = ht_http_client_new(&n->allow, n->settings->courier_max);
	c->inbox = ht_queue_new(n->settings->courier_max);
	c->lock = ht_lock_new();
	c->shares = ht_shares_new(n->settings->courier_max);
	c->thread = ht_thread_start("courier", run, c);
	return c;
}

void ht_courier_drain(struct ht_courier *c, int64_t until_us)
{
	size_t out = 1;

	while (out && ht_monotonic_us() < until_us) {
		ht_lock_take(c->lock);
		out = ht_shares_out(c->shares);
		ht_lock_give(c->lock);
		if (out)
			ht_nap(HT_SECOND_US / 100);
	}
}

void ht_courier_stop(struct ht_courier *c)
{
	atomic_store(&c->stopping, true);
	ht_http_client_wake(c->client);
	ht_thread_join(c->thread);
	c->thread = NULL;
	ht_http_client_free(c->client);
	c->client = NULL;
}

void ht_courier_free(struct ht_courier *c)
{
	struct errand *e;

	if (!c)
		return;
	while ((e = c->reports)) { /* what the desk could not take any more; the store still has their letters */
		c->reports = e->next;
		give(e);
	}
	while ((e = ht_held_take(&c->held, INT64_MAX)))
		give(e);
	while ((e = c->pool)) {
		c->pool = e->next;
		ht_arena_fini(&e->arena);
		ht_memory_give(e);
	}
	ht_queue_free(c->inbox);
	ht_shares_free(c->shares);
	ht_lock_free(c->lock);
	ht_memory_give(c);
}
