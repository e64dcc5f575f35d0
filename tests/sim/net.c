/* tests/sim/net.c - the network and the courier: requests under a token each, lost, repeated, late and in any order, and so their answers. */
#include "tests/sim/sim.h"

#include <assert.h>

#include "base/net.h"

enum {
	NEAR_LEAST_US = 500,
	NEAR_MOST_US = 30000,
	SLOW_MOST_S = 20,
	LATE_MOST_S = 363,      /* a little longer than a token is taken */
	EDGE_S = 355,           /* a quarter of the late ones come about when their token expires */
	PATIENCE_S = 30,        /* how long the courier waits for an answer */
	REPORT_AGAIN_US = 1000000,
	REFUSED_CONNECTION_US = 2000,
};

static int64_t way_us(struct sim *sim)
{
	if (sim_chance(sim, sim->rates->late))
		return sim_chance(sim, 250) ? sim_draw(sim, EDGE_S * HT_SECOND_US, LATE_MOST_S * HT_SECOND_US)
					    : sim_draw(sim, SLOW_MOST_S * HT_SECOND_US, LATE_MOST_S * HT_SECOND_US);
	if (sim_chance(sim, sim->rates->slow))
		return sim_draw_far(sim, NEAR_MOST_US, SLOW_MOST_S * HT_SECOND_US);
	return sim_draw(sim, NEAR_LEAST_US, NEAR_MOST_US);
}

static bool cut(const struct sim *sim)
{
	return sim->now_us < sim->cut_until_us;
}

/* All copies of one request set out. */
static void send(struct sim_node *n, struct sim_attempt *t, struct ht_text url, struct ht_text peer)
{
	struct sim *sim = n->sim;
	struct ht_authority authority;
	struct ht_url parts;
	int copies = 1;
	bool ok = ht_url_read(url, &parts);

	assert(ok);
	t->from = n->index;
	t->life = n->life;
	t->path = parts.path;
	authority = ht_attempt_authority(&n->signer, &n->peers, peer, t->body, sim_node_now(n), &n->random, &sim->arena);
	t->authorization = authority.authorization;
	t->open_us = authority.open_us;
	t->next = n->attempts;
	n->attempts = t;
	sim_later(sim, SIM_PATIENCE, n->index, PATIENCE_S * HT_SECOND_US)->attempt = t;
	while (copies < 3 && sim_chance(sim, sim->rates->repeated))
		copies++;
	sim->counts->copies += copies - 1;
	for (int i = 0; i < copies; i++) {
		struct sim_event *e;

		if (cut(sim) || sim_chance(sim, sim->rates->lost))
			continue;
		e = sim_later(sim, SIM_ARRIVE, 1 - n->index, way_us(sim));
		e->attempt = t;
		e->copy = i;
	}
}

/* There is never more than one attempt of a letter under way: what is open is counted by that. */
static void check_alone(struct sim_node *n, struct ht_text id)
{
	struct sim_attempt **at = &n->attempts;

	while (*at) {
		const struct sim_attempt *t = *at;

		if (t->settled) {
			*at = t->next;
			continue;
		}
		at = &(*at)->next;
		if (!t->look && ht_text_same(t->post.id, id))
			sim_break(n->sim, "%s: two attempts of the letter " HT_TEXT_FMT " are under way", n->name, HT_TEXT_ARG(id));
	}
}

void sim_net_post(struct sim_node *n, const struct ht_post *post)
{
	struct sim *sim = n->sim;
	struct sim_attempt *t = HT_TAKE(&sim->arena, struct sim_attempt, 1);

	check_alone(n, post->id);
	t->post = *post;
	t->post.peer = ht_text_copy(&sim->arena, post->peer);
	t->post.url = ht_text_copy(&sim->arena, post->url);
	t->post.id = ht_text_copy(&sim->arena, post->id);
	t->post.pid = ht_text_copy(&sim->arena, post->pid);
	t->body = t->post.body = ht_bytes_copy(&sim->arena, post->body);
	sim->counts->attempts++;
	n->processes[post->process - 1]->sent = t;
	sim_say(sim, n, "process %lld: POST " HT_TEXT_FMT " letter ..." HT_TEXT_FMT, (long long)post->process, HT_TEXT_ARG(post->url), 6,
		post->id.at + post->id.len - 6);
	send(n, t, t->post.url, t->post.peer);
}

void sim_net_look(struct sim_node *n, const struct ht_look *look)
{
	struct sim *sim = n->sim;
	struct sim_attempt *t = HT_TAKE(&sim->arena, struct sim_attempt, 1);

	t->look = true;
	t->ask = *look;
	t->ask.peer = ht_text_copy(&sim->arena, look->peer);
	t->ask.url = ht_text_copy(&sim->arena, look->url);
	t->ask.letter = ht_text_copy(&sim->arena, look->letter);
	sim->counts->looks++;
	sim_say(sim, n, "process %lld: GET " HT_TEXT_FMT, (long long)look->process, HT_TEXT_ARG(look->url));
	send(n, t, t->ask.url, t->ask.peer);
}

/* An answer sets out. Only the first copy's connection is still there; the answers to others go nowhere. */
static void answer(struct sim *sim, struct sim_attempt *t, int copy, int status, int retry_after_s, struct ht_bytes body)
{
	struct sim_event *e;

	sim->counts->statuses[status]++;
	if (sim->calm && status >= 300)
		sim_break(sim, "(g) answered with %d, although nothing was lost and nobody terminated", status);
	if (copy > 0 || cut(sim) || sim_chance(sim, sim->rates->answer_lost))
		return;
	e = sim_later(sim, SIM_ANSWER, t->from,
		      sim_chance(sim, sim->rates->answer_slow) ? sim_draw_far(sim, NEAR_MOST_US, SLOW_MOST_S * HT_SECOND_US)
							       : sim_draw(sim, NEAR_LEAST_US, NEAR_MOST_US));
	e->attempt = t;
	e->status = status;
	e->retry_after_s = retry_after_s;
	e->body = ht_bytes_copy(&sim->arena, body);
}

void sim_net_reply(struct sim_node *n, struct sim_ask *ask, const struct ht_answer *a)
{
	struct sim *sim = n->sim;

	sim_check_promise(n, ask, a->status);
	sim_say(sim, n, "answers %d to ..." HT_TEXT_FMT, a->status, ask->attempt->look ? 3 : 6,
		ask->attempt->look ? "GET" : ask->attempt->post.id.at + ask->attempt->post.id.len - 6);
	answer(sim, ask->attempt, ask->copy, a->status, a->retry_after_s, ht_text_bytes(a->body));
}

/* What stands between the nodes answers by itself now and then. */
static bool untrue(struct sim *sim, struct sim_event *e)
{
	static const int statuses[] = { 404, 503, 502, 401, 403, 429, 500 };
	int status;

	if (!sim_chance(sim, sim->rates->untrue))
		return false;
	status = statuses[sim_draw(sim, 0, HT_COUNT(statuses) - 1)];
	sim->counts->untrue++;
	sim_say(sim, NULL, "something else answers %d", status);
	answer(sim, e->attempt, e->copy, status, status == 503 ? 2 : 0, (struct ht_bytes){ 0 });
	return true;
}

static void ask_door(struct sim_node *n, struct sim_ask *ask)
{
	struct sim *sim = n->sim;
	struct ht_answer a;

	n->has_document = !sim_chance(sim, sim->rates->document_lacks);
	ht_door_ask(&n->door, &ask->ask, &ask->result);
	if (ask->result.kind == HT_DOOR_NEED) {
		sim->counts->needs++;
		n->has_document = true;
		ht_door_ask(&n->door, &ask->ask, &ask->result);
	}
	switch (ask->result.kind) {
	case HT_DOOR_ANSWER: sim_net_reply(n, ask, &ask->result.answer); break;
	case HT_DOOR_STEP: sim_node_queue(n, &ask->result.step, ask, NULL); break;
	case HT_DOOR_READ:
		if (ht_desk_read(n->store, &n->settings, &ask->result.step, ask->ask.now_us))
			sim_break(sim, "a read failed");
		ht_door_reply(&n->door, &ask->ask, &ask->result, &a);
		sim_net_reply(n, ask, &a);
		break;
	case HT_DOOR_NEED: sim_break(sim, "the door needs what it was given"); break;
	}
}

void sim_net_arrive(struct sim *sim, struct sim_event *e)
{
	struct sim_node *n = &sim->nodes[e->node];
	struct sim_attempt *t = e->attempt;
	struct sim_ask *ask;

	if (!n->up) {
		sim_say(sim, n, "is dead, nobody takes the request");
		if (e->copy == 0 && !cut(sim) && sim_chance(sim, 500))
			sim_later(sim, SIM_ANSWER, t->from, REFUSED_CONNECTION_US)->attempt = t;
		return;
	}
	if (untrue(sim, e))
		return;
	if (n->jobs_count == SIM_JOBS_MAX) {
		answer(sim, t, e->copy, 503, 1, (struct ht_bytes){ 0 });
		return;
	}
	sim_fault_before_copy(n, t);
	ask = HT_TAKE(&n->arena, struct sim_ask, 1);
	ask->attempt = t;
	ask->copy = e->copy;
	ask->ask = (struct ht_ask){
		.method = t->look ? HT_TEXT("GET") : HT_TEXT("POST"),
		.path = t->path,
		.authorization = t->authorization,
		.content_type = t->look ? HT_TEXT("") : HT_TEXT("application/json"),
		.body = t->body,
		.now_us = sim_node_now(n),
		.arena = &n->arena,
	};
	ask_door(n, ask);
}

/* An answer, the end of the courier's patience, or what the disk had no room for. */
void sim_net_came_back(struct sim *sim, struct sim_event *e)
{
	struct sim_node *n = &sim->nodes[e->node];
	struct sim_attempt *t = e->attempt;
	struct ht_step *step;
	struct sim_event *again;

	if (t->life != n->life || (t->settled && e->kind != SIM_REPORT))
		return;
	t->settled = true;
	if (!t->look && t->post.first && ht_answer_class(e->status) == HT_ANSWER_UNSURE && ++n->processes[t->post.process - 1]->unsure > 1)
		n->processes[t->post.process - 1]->may_end = true; /* twice, and it is over (LIFECYCLE, first message) */
	if (n->jobs_count == SIM_JOBS_MAX) {
		again = sim_later(sim, SIM_REPORT, n->index, REPORT_AGAIN_US);
	} else {
		step = HT_TAKE(&n->arena, struct ht_step, 1);
		again = HT_TAKE(&sim->arena, struct sim_event, 1);
		if (t->look)
			ht_attempt_looked(&t->ask, e->status, e->body, &n->arena, step);
		else
			ht_attempt_answered(&t->post, t->open_us, e->status, e->body, e->retry_after_s, &n->arena, step);
		sim_say(sim, n, "process %lld: %s %d", (long long)(t->look ? t->ask.process : t->post.process),
			t->look ? "looked" : "answered", e->status);
		sim_node_queue(n, step, NULL, again);
	}
	again->attempt = t;
	again->status = e->status;
	again->retry_after_s = e->retry_after_s;
	again->body = e->body;
}

void sim_net_forget(struct sim_node *n)
{
	n->attempts = NULL;
}
