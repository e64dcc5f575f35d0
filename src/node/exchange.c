/* node/exchange.c - HTTP in: from the socket to the door, the desk or the reader, and back. */
#include "node/exchange.h"

#include <unistd.h>

#include "base/log.h"
#include "base/time.h"

void ht_exchange_begin(struct ht_exchange *x, struct ht_node *node, struct ht_arena *arena)
{
	x->node = node;
	x->began_us = ht_now_us();
	x->ask.arena = arena;
	x->ask.now_us = x->began_us;
	x->door = node->door;
	x->door.facts = &x->facts;
	ht_facts_fill(&x->facts, x);
	atomic_fetch_add(&node->metrics.requests, 1);
}

/* The file of a delivery. False: it cannot be opened, answered already. One that is not there does not come by asking again. */
static bool open_delivery(struct ht_exchange *x, const struct ht_answer *answer, struct ht_http_answer *out)
{
	struct ht_arena *a = x->ask.arena;
	struct ht_text path = ht_upload_path(answer->party, answer->sha256, a);
	int64_t size;
	enum ht_err err = ht_disk_file(&x->node->disk, ht_text_z(a, path), &out->file, &size);

	if (!err && size != answer->size) {
		close(out->file);
		err = HT_E_DAMAGED;
	}
	if (err) {
		HT_LOG(HT_ERROR, "product_file", HT_FIELD("party", answer->party), HT_FIELD("product", x->result.step.out.product.id),
		       HT_FIELD("path", path), HT_FIELD_Z("why", ht_err_word(err)));
		ht_exchange_refuse(x, err == HT_E_IO ? HT_REFUSE_BUSY : HT_REFUSE_DATA_GONE);
		return false;
	}
	out->file_size = size;
	x->delivers = !x->http->head && answer->pid.len; /* a party's own file is no delivery */
	x->served = (struct ht_step){ .kind = HT_STEP_SERVED, .who = x->result.step.who };
	x->served.in.served.pid = answer->pid;
	x->served.in.served.bytes = size;
	return true;
}

void ht_exchange_answer(struct ht_exchange *x, const struct ht_answer *answer)
{
	struct ht_http_answer out = {
		.status = answer->status,
		.content_type = answer->content_type,
		.body = ht_text_bytes(answer->body),
		.retry_after_s = answer->retry_after_s,
		.allow = answer->allow,
		.link = answer->link,
		.file = -1,
	};

	if (answer->status >= 400)
		atomic_fetch_add(&x->node->metrics.refusals, 1);
	if (!x->http) {
		x->answered(x, answer);
		return;
	}
	if (answer->follow) {
		if (!ht_publisher_add(x->node->publisher, x, answer))
			ht_exchange_refuse(x, HT_REFUSE_BUSY);
		return;
	}
	if (answer->deliver && !open_delivery(x, answer, &out))
		return;
	ht_http_answer(x->http, &out);
}

void ht_exchange_refuse(struct ht_exchange *x, enum ht_refuse code)
{
	struct ht_refusal why = { .code = code };
	struct ht_answer answer;

	ht_door_refuse(&x->door, &x->ask, &why, &answer);
	ht_exchange_answer(x, &answer);
}

void ht_exchange_fail(struct ht_exchange *x, enum ht_err err)
{
	if (err == HT_E_SYNC)
		ht_node_die(err);
	if (err != HT_E_FULL)
		HT_LOG(HT_ERROR, "request_failed", HT_FIELD_Z("why", ht_err_word(err)));
	ht_exchange_refuse(x, err == HT_E_FULL ? HT_REFUSE_DISK_FULL : HT_REFUSE_BUSY);
}

static void forget_key(struct ht_exchange *x)
{
	ht_key_wipe(x->key);
	x->key = NULL;
}

/* A new party has a key before its step: a file that is durable when the step commits. */
static enum ht_err prepare_party(struct ht_exchange *x)
{
	struct ht_step *s = &x->result.step;
	struct ht_arena *a = x->ask.arena;
	enum ht_err err;

	x->key = HT_TAKE(a, struct ht_key, 1);
	ht_key_new(&ht_random_os, x->key);
	s->in.party_add.kid = ht_identity_kid(s->in.party_add.did, x->key->pub, a);
	for (size_t i = 0; i < HT_PUBLIC; i++)
		s->in.party_add.pub[i] = x->key->pub[i];
	err = ht_keys_write(&x->node->disk, s->in.party_add.kid, x->key);
	if (err)
		forget_key(x);
	return err;
}

static void settle_party(struct ht_exchange *x)
{
	const struct ht_step *s = &x->result.step;

	if (s->err || s->why.code)
		ht_keys_remove(&x->node->disk, s->in.party_add.kid);
	else
		ht_keys_put(x->node->keys, s->out.party.row, s->in.party_add.did, s->in.party_add.kid, x->key);
	forget_key(x);
}

/* The step was run: in the desk's or reader's thread. */
static void done(struct ht_job *job)
{
	struct ht_exchange *x = job->owner;
	struct ht_answer answer;

	if (x->key)
		settle_party(x);
	if (job->step->err) {
		ht_exchange_fail(x, job->step->err);
		return;
	}
	ht_door_reply(&x->door, &x->ask, &x->result, &answer);
	ht_exchange_answer(x, &answer);
}

static void hand_over(struct ht_exchange *x, struct ht_queue *queue)
{
	enum ht_err err = x->result.step.kind == HT_STEP_PARTY_ADD ? prepare_party(x) : HT_OK;

	x->job = (struct ht_job){ .step = &x->result.step, .done = done, .owner = x, .wait_us = x->result.wait_us };
	if (err) {
		ht_exchange_fail(x, err);
		return;
	}
	if (ht_queue_put(queue, &x->job))
		return;
	if (x->key) {
		ht_keys_remove(&x->node->disk, x->result.step.in.party_add.kid);
		forget_key(x);
	}
	ht_exchange_refuse(x, HT_REFUSE_BUSY);
}

void ht_exchange_step(struct ht_exchange *x)
{
	hand_over(x, x->node->desk_queue);
}

void ht_exchange_go(struct ht_exchange *x)
{
	ht_door_ask(&x->door, &x->ask, &x->result);
	switch (x->result.kind) {
	case HT_DOOR_ANSWER:
		ht_exchange_answer(x, &x->result.answer);
		break;
	case HT_DOOR_STEP:
		hand_over(x, x->node->desk_queue);
		break;
	case HT_DOOR_READ:
		hand_over(x, x->node->queries.queue);
		break;
	case HT_DOOR_NEED:
		if (++x->needs > HT_NEEDS_MAX || !ht_courier_fetch(x->node->courier, x))
			ht_exchange_refuse(x, HT_REFUSE_BUSY);
		break;
	}
}

void ht_exchange_inline(struct ht_exchange *x)
{
	struct ht_step *step = &x->result.step;
	enum ht_err err;

	ht_door_ask(&x->door, &x->ask, &x->result);
	x->job = (struct ht_job){ .step = step, .owner = x };
	if (x->result.kind == HT_DOOR_ANSWER) {
		ht_exchange_answer(x, &x->result.answer);
		return;
	}
	if (x->result.kind == HT_DOOR_NEED) {
		ht_exchange_refuse(x, HT_REFUSE_BUSY);
		return;
	}
	err = step->kind == HT_STEP_PARTY_ADD ? prepare_party(x) : HT_OK;
	if (err) {
		ht_exchange_fail(x, err);
		return;
	}
	step->err = x->result.kind == HT_DOOR_STEP ? ht_node_step(x->node, step)
						   : ht_desk_read(x->node->reader, &x->node->desk_settings, step, x->ask.now_us);
	done(&x->job);
}

static void fill_ask(struct ht_exchange *x, struct ht_http_request *r)
{
	x->http = r;
	x->ask.method = r->method;
	x->ask.path = r->path;
	x->ask.query = r->query;
	x->ask.authorization = r->authorization;
	x->ask.accept_language = r->accept_language;
	x->ask.content_type = r->content_type;
	x->ask.last_event_id = r->last_event_id;
	r->mine = x;
}

static enum ht_http_body begin_upload(struct ht_exchange *x)
{
	enum ht_err err;

	if (x->http->length > x->node->settings->upload_max) {
		ht_exchange_refuse(x, HT_REFUSE_TOO_LARGE);
		return HT_HTTP_ANSWERED;
	}
	err = ht_upload_begin(x);
	if (!err)
		return HT_HTTP_STREAM;
	ht_exchange_fail(x, err);
	return HT_HTTP_ANSWERED;
}

static enum ht_http_body begin_at(struct ht_node *n, struct ht_http_request *r, bool gate)
{
	struct ht_exchange *x;
	bool upload;

	if (!atomic_load(&n->ready) || atomic_load(&n->stopping)) { /* before it is ready there is nothing to look at */
		const struct ht_http_answer later = { .status = 503, .retry_after_s = 1, .close = true, .file = -1 };

		ht_http_answer(r, &later);
		return HT_HTTP_ANSWERED;
	}
	x = HT_TAKE(r->arena, struct ht_exchange, 1);
	ht_exchange_begin(x, n, r->arena);
	x->ask.gate = gate;
	fill_ask(x, r);
	ht_door_upload(&x->door, &x->ask, &upload, &x->result);
	if (x->result.kind == HT_DOOR_ANSWER) {
		ht_exchange_answer(x, &x->result.answer);
		return HT_HTTP_ANSWERED;
	}
	return upload ? begin_upload(x) : HT_HTTP_COLLECT;
}

static enum ht_http_body begin(void *self, struct ht_http_request *r)
{
	return begin_at(self, r, false);
}

static enum ht_http_body begin_gate(void *self, struct ht_http_request *r)
{
	return begin_at(self, r, true);
}

static bool more(void *self, struct ht_http_request *r, struct ht_bytes piece)
{
	(void)self;
	return ht_upload_more(r->mine, piece);
}

static void asked(void *self, struct ht_http_request *r)
{
	struct ht_exchange *x = r->mine;

	(void)self;
	x->ask.body = r->body;
	if (x->upload)
		ht_upload_end(x);
	else
		ht_exchange_go(x);
}

static void gone(void *self, struct ht_http_request *r, bool whole)
{
	struct ht_node *n = self;
	struct ht_exchange *x = r->mine;

	if (!x)
		return;
	if (x->upload)
		ht_upload_gone(x);
	if (!x->delivers)
		return;
	x->served.in.served.whole = whole;
	atomic_fetch_add(&n->metrics.served_bytes, whole ? x->served.in.served.bytes : 0);
	ht_courier_report(n->courier, &x->served);
}

static void too_large(void *self, struct ht_http_request *r)
{
	(void)self;
	ht_exchange_refuse(r->mine, HT_REFUSE_TOO_LARGE);
}

struct ht_http_user ht_exchange_user(struct ht_node *n)
{
	return (struct ht_http_user){ .self = n, .begin = begin, .more = more, .asked = asked, .gone = gone, .too_large = too_large };
}

struct ht_http_user ht_exchange_gate(struct ht_node *n)
{
	return (struct ht_http_user){ .self = n, .begin = begin_gate, .more = more, .asked = asked, .gone = gone, .too_large = too_large };
}
