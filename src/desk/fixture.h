/* desk/fixture.h - for the tests of the desk: a desk on a store in memory with one party, alpha, and a peer, gamma, whose messages are
 * written and read as on the wire. */
#ifndef HT_DESK_FIXTURE_H
#define HT_DESK_FIXTURE_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "crypto/crypto.h"
#include "desk/desk.h"
#include "wire/dsp.h"

#define ALPHA "did:web:alpha.example:p:alpha"
#define GAMMA "did:web:gamma.example:p:gamma"
#define GAMMA_BASE "http://gamma.example/p/gamma/dsp/2025-1"
#define PRODUCT "urn:product:one"
#define ANYBODY "{\"permission\":[{\"action\":\"use\"}]}"
#define BEFORE_2020 \
	"{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"dateTime\",\"operator\":\"lt\",\"rightOperand\":\"2020-01-01T00:00:00Z\"}]}]}"
#define WITHIN_2030 \
	"{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"dateTime\",\"operator\":\"lt\",\"rightOperand\":\"2030-01-01T00:00:00Z\"}]}]}"

static const char *fixture_path = ":memory:"; /* of the store */

struct fixture {
	struct ht_arena arena;
	struct ht_store *store;
	struct ht_desk *desk;
	struct ht_desk_settings settings;
	struct ht_random random;
	struct ht_effects effects; /* of the last batch */
	struct ht_party alpha;
	int64_t now_us;
	int tokens;                /* made so far */
};

static inline void fixture_restart(struct fixture *f)
{
	enum ht_err err;

	ht_desk_free(f->desk);
	f->desk = ht_desk_new(f->store, &f->settings, &f->random);
	err = ht_desk_start(f->desk, f->now_us, &f->arena);
	if (err)
		abort();
}

static inline struct ht_step *fixture_step(struct fixture *f, enum ht_step_kind kind, enum ht_role role)
{
	struct ht_step *s = HT_TAKE(&f->arena, struct ht_step, 1);

	s->kind = kind;
	s->arena = &f->arena;
	s->who = (struct ht_who){ .role = role, .party = f->alpha };
	return s;
}

/* Runs the step alone, and says with what it was refused. */
static inline enum ht_refuse fixture_run(struct fixture *f, struct ht_step *s)
{
	enum ht_err err;

	f->effects = (struct ht_effects){ .arena = &f->arena };
	err = ht_desk_batch(f->desk, &s, 1, f->now_us, &f->effects);
	if (err || s->err)
		abort();
	return s->why.code;
}

static inline struct ht_step *fixture_party(struct fixture *f, const char *id, const char *did)
{
	struct ht_step *s = fixture_step(f, HT_STEP_PARTY_ADD, HT_OPERATOR);

	s->in.party_add.id = s->in.party_add.name = ht_text_of(id);
	s->in.party_add.did = ht_text_of(did);
	s->in.party_add.kid = ht_text_format(&f->arena, "%s#key", did);
	return s;
}

static inline struct ht_step *fixture_publish(struct fixture *f, const char *id, const char *policy, const char *audience)
{
	struct ht_step *s = fixture_step(f, HT_STEP_PUBLISH, HT_PROVIDER);

	s->in.publish.id = s->in.publish.title = ht_text_of(id);
	s->in.publish.policy = ht_text_of(policy);
	s->in.publish.audience = ht_text_of(audience);
	s->in.publish.file = HT_TEXT("a.csv");
	s->in.publish.size = 3;
	return s;
}

static inline void fixture_init(struct fixture *f)
{
	enum ht_err err;

	*f = (struct fixture){ .settings = ht_desk_defaults, .now_us = INT64_C(1790000000) * HT_SECOND_US };
	f->settings.public_url = f->settings.gate_url = HT_TEXT("http://alpha.example");
	ht_crypto_start();
	ht_arena_init(&f->arena, 64 << 20);
	ht_random_seed(&f->random, 1);
	err = ht_store_open(fixture_path, &f->store);
	if (err)
		abort();
	fixture_restart(f);
	fixture_run(f, fixture_step(f, HT_STEP_NODE_STARTED, HT_NOBODY));
	fixture_run(f, fixture_party(f, "alpha", ALPHA));
	f->alpha = (struct ht_party){ .row = 1, .id = HT_TEXT("alpha"), .name = HT_TEXT("alpha"), .did = HT_TEXT(ALPHA) };
}

static inline void fixture_fini(struct fixture *f)
{
	ht_desk_free(f->desk);
	ht_store_close(f->store);
	ht_arena_fini(&f->arena);
}

/* A message of gamma, through its bytes, under a token of its own. pid: our process, empty for a first message. */
static inline struct ht_step *fixture_receive(struct fixture *f, struct ht_message *m, struct ht_text pid)
{
	struct ht_step *s = fixture_step(f, HT_STEP_RECEIVE, HT_NOBODY);
	struct ht_text body = ht_dsp_write(m, &f->arena);
	struct ht_refusal why = { .code = HT_REFUSE_NONE };

	if (!ht_dsp_read(ht_text_bytes(body), m->machine, m->msg, &f->arena, &s->in.receive.message, &why))
		abort();
	s->in.receive.pid = pid;
	s->in.receive.peer = HT_TEXT(GAMMA);
	s->in.receive.body = ht_text_bytes(body);
	s->in.receive.jti = s->in.receive.token = ht_text_format(&f->arena, "token-%d", ++f->tokens);
	s->in.receive.until_s = f->now_us / HT_SECOND_US + 360;
	return s;
}

/* The same step once more, as a second request of the peer would bring it. */
static inline struct ht_step *fixture_again(struct fixture *f, const struct ht_step *before)
{
	struct ht_step *s = HT_TAKE(&f->arena, struct ht_step, 1);

	*s = *before;
	memset(&s->out, 0, sizeof(s->out));
	s->in.receive.jti = s->in.receive.token = ht_text_format(&f->arena, "token-%d", ++f->tokens);
	return s;
}

static inline struct ht_process fixture_process(struct fixture *f, int64_t row)
{
	struct ht_process p;
	bool found = false;
	enum ht_err err = ht_store_process(f->store, row, &f->arena, &p, &found);

	if (err || !found)
		abort();
	return p;
}

/* False: there is none. */
static inline bool fixture_letter(struct fixture *f, int64_t process, struct ht_letter *out)
{
	bool found = false;
	enum ht_err err = ht_store_letter(f->store, process, &f->arena, out, &found);

	if (err)
		abort();
	return found;
}

static inline int64_t fixture_leaves(struct fixture *f)
{
	struct ht_leaf_head head;
	enum ht_err err = ht_store_leaf_head(f->store, 1, -1, &head);

	if (err)
		abort();
	return head.index;
}

/* The answer to the letter of a process. */
static inline struct ht_step *fixture_answer(struct fixture *f, int64_t process, int status, const char *peer_pid)
{
	struct ht_step *s = fixture_step(f, HT_STEP_ANSWERED, HT_NOBODY);
	struct ht_letter l = { 0 };

	fixture_letter(f, process, &l);
	s->in.answered.process = process;
	s->in.answered.letter = l.id;
	s->in.answered.status = status;
	s->in.answered.peer_pid = ht_text_of(peer_pid);
	s->in.answered.words = status >= 400 ? HT_TEXT("no") : HT_TEXT("");
	s->in.answered.open_us = f->now_us + 360 * HT_SECOND_US;
	return s;
}

static inline struct ht_step *fixture_look(struct fixture *f, int64_t process, enum ht_state state)
{
	struct ht_step *s = fixture_step(f, HT_STEP_LOOKED, HT_NOBODY);
	struct ht_letter l = { 0 };

	fixture_letter(f, process, &l);
	s->in.looked.process = process;
	s->in.looked.letter = l.id;
	s->in.looked.mark = fixture_process(f, process).mark;
	s->in.looked.state = state;
	return s;
}

static inline struct ht_step *fixture_negotiate(struct fixture *f)
{
	struct ht_step *s = fixture_step(f, HT_STEP_NEGOTIATE, HT_CONSUMER);

	s->in.negotiate.base = HT_TEXT(GAMMA_BASE);
	s->in.negotiate.peer = HT_TEXT(GAMMA);
	s->in.negotiate.product = HT_TEXT(PRODUCT);
	s->in.negotiate.offer.text = HT_TEXT(ANYBODY);
	s->in.negotiate.offer.id = HT_TEXT("urn:offer:gamma");
	return s;
}

/* A message of ours, by hand. */
static inline struct ht_step *fixture_send(struct fixture *f, int64_t process, enum ht_msg msg)
{
	struct ht_process p = fixture_process(f, process);
	struct ht_step *s = fixture_step(f, HT_STEP_SEND, p.role);

	s->in.send.machine = p.machine;
	s->in.send.msg = msg;
	s->in.send.pid = p.pid;
	s->in.send.resume = msg == HT_MSG_START && p.state == HT_SUSPENDED;
	return s;
}

/* Puts a process into a state with nothing pending, as if it had come there. */
static inline void fixture_force(struct fixture *f, int64_t row, enum ht_state state)
{
	struct ht_process p = fixture_process(f, row);
	enum ht_err err = HT_OK;

	if (p.pending)
		err = ht_store_letter_remove(f->store, row);
	p.state = state;
	p.pending = HT_MSG_NONE;
	p.person = false;
	if (err || ht_store_process_save(f->store, &p))
		abort();
}

/* A message of gamma as provider about our negotiation or transfer, or as consumer about its own. */
static inline struct ht_message fixture_message(struct fixture *f, int64_t process, enum ht_msg msg)
{
	struct ht_process p = fixture_process(f, process);
	bool consumer = p.role == HT_CONSUMER;
	struct ht_message m = { .machine = p.machine, .msg = msg };
	struct ht_text theirs = p.peer_pid.len ? p.peer_pid : HT_TEXT("urn:gamma:1");

	m.id = ht_text_format(&f->arena, "urn:gamma:message:%d", ++f->tokens);
	m.consumer_pid = consumer ? p.pid : theirs;
	m.provider_pid = consumer ? theirs : p.pid;
	if (msg == HT_MSG_AGREE) {
		m.callback = HT_TEXT(GAMMA_BASE);
		m.policy.text = ht_odrl_agreement(p.offer, HT_TEXT("urn:agreement:1"), p.product, HT_TEXT(GAMMA), HT_TEXT(ALPHA),
						  ht_time_text(&f->arena, f->now_us), &f->arena);
	}
	if (msg == HT_MSG_START) {
		m.has_address = true;
		m.address.endpoint = HT_TEXT("http://gamma.example/data");
		m.address.authorization = HT_TEXT("secret");
		m.address.auth_type = HT_TEXT("bearer");
	}
	return m;
}

static inline struct ht_step *fixture_says(struct fixture *f, int64_t process, enum ht_msg msg)
{
	struct ht_message m = fixture_message(f, process, msg);

	return fixture_receive(f, &m, fixture_process(f, process).pid);
}

/* A first message of gamma: for this offer of ours, or for a transfer. */
static inline struct ht_message fixture_request(struct fixture *f, const char *pid, struct ht_text offer, const char *policy)
{
	return (struct ht_message){
		.machine = HT_NEGOTIATION,
		.msg = HT_MSG_REQUEST,
		.id = ht_text_format(&f->arena, "urn:gamma:message:%d", ++f->tokens),
		.consumer_pid = ht_text_of(pid),
		.callback = HT_TEXT(GAMMA_BASE),
		.policy.text = ht_odrl_offer(ht_text_of(policy), offer, HT_TEXT(PRODUCT), &f->arena),
	};
}

static inline struct ht_message fixture_transfer(struct fixture *f, const char *pid, struct ht_text agreement)
{
	return (struct ht_message){
		.machine = HT_TRANSFER,
		.msg = HT_MSG_REQUEST,
		.id = ht_text_format(&f->arena, "urn:gamma:message:%d", ++f->tokens),
		.consumer_pid = ht_text_of(pid),
		.callback = HT_TEXT(GAMMA_BASE),
		.agreement = agreement,
		.format = HT_TEXT(HT_DSP_PULL),
	};
}

/* What stands before a test begins. Rows: negotiations are process 1, transfers process 2. */
enum fixture_scene {
	SCENE_EMPTY,       /* a party, no process */
	SCENE_ASKED,       /* our request is pending */
	SCENE_REQUESTED,   /* it was acknowledged */
	SCENE_VERIFYING,   /* gamma agreed, our verification is pending */
	SCENE_BOUGHT,      /* FINALIZED, we are the consumer */
	SCENE_TRANSFER,    /* and our transfer request is acknowledged */
	SCENE_STARTED,     /* and gamma has started */
	SCENE_PUBLISHED,   /* we are the provider of PRODUCT */
	SCENE_AGREEING,    /* gamma asked for it, our agreement is pending */
	SCENE_AGREED,      /* it was acknowledged */
	SCENE_FINALIZING,  /* gamma verified, our last message is pending */
	SCENE_SOLD,        /* and acknowledged */
	SCENE_STARTING,    /* gamma asked for a transfer, our start is pending */
	SCENE_SERVING,     /* and acknowledged */
	SCENE_COUNT
};

static inline void fixture_must(struct fixture *f, struct ht_step *s)
{
	if (fixture_run(f, s))
		abort();
}

static inline struct ht_text fixture_offer(struct fixture *f, const char *product)
{
	struct ht_product p;
	bool found = false;
	enum ht_err err = ht_store_product(f->store, 1, ht_text_of(product), 0, &f->arena, &p, &found);

	if (err || !found)
		abort();
	return p.offer;
}

static inline void fixture_scene(struct fixture *f, enum fixture_scene scene)
{
	struct ht_step *s;
	struct ht_message m;

	fixture_init(f);
	if (scene >= SCENE_ASKED && scene <= SCENE_STARTED)
		fixture_must(f, fixture_negotiate(f));
	if (scene >= SCENE_REQUESTED && scene <= SCENE_STARTED)
		fixture_must(f, fixture_answer(f, 1, 201, "urn:gamma:1"));
	if (scene >= SCENE_VERIFYING && scene <= SCENE_STARTED)
		fixture_must(f, fixture_says(f, 1, HT_MSG_AGREE));
	if (scene >= SCENE_BOUGHT && scene <= SCENE_STARTED) {
		fixture_must(f, fixture_answer(f, 1, 200, ""));
		fixture_must(f, fixture_says(f, 1, HT_MSG_FINALIZE));
	}
	if (scene >= SCENE_TRANSFER && scene <= SCENE_STARTED) {
		s = fixture_step(f, HT_STEP_TRANSFER, HT_CONSUMER);
		s->in.transfer.agreement = HT_TEXT("urn:agreement:1");
		fixture_must(f, s);
		fixture_must(f, fixture_answer(f, 2, 201, "urn:gamma:2"));
	}
	if (scene == SCENE_STARTED)
		fixture_must(f, fixture_says(f, 2, HT_MSG_START));
	if (scene < SCENE_PUBLISHED)
		return;
	fixture_must(f, fixture_publish(f, PRODUCT, ANYBODY, ""));
	if (scene >= SCENE_AGREEING) {
		m = fixture_request(f, "urn:gamma:1", fixture_offer(f, PRODUCT), ANYBODY);
		fixture_must(f, fixture_receive(f, &m, HT_TEXT("")));
	}
	if (scene >= SCENE_AGREED)
		fixture_must(f, fixture_answer(f, 1, 200, ""));
	if (scene >= SCENE_FINALIZING)
		fixture_must(f, fixture_says(f, 1, HT_MSG_VERIFY));
	if (scene >= SCENE_SOLD)
		fixture_must(f, fixture_answer(f, 1, 200, ""));
	if (scene >= SCENE_STARTING) {
		m = fixture_transfer(f, "urn:gamma:2", fixture_process(f, 1).agreement);
		fixture_must(f, fixture_receive(f, &m, HT_TEXT("")));
	}
	if (scene >= SCENE_SERVING)
		fixture_must(f, fixture_answer(f, 2, 200, ""));
}

#endif
