/* tests/sim/people.c - what people do: publish, negotiate, transfer, complete, terminate at any moment, and look after dead letters. */
#include "tests/sim/sim.h"

#include <string.h>

#include "wire/dsp.h"

enum {
	NEGOTIATIONS_MOST = 5,
	TERMINATE_WITHIN_US = 600000000,
	TRANSFER_WITHIN_US = 60000000,
	COMPLETE_WITHIN_US = 120000000,
	ROUND_US = 30000000,
	AGAIN_US = 5000000,
	TRIES_MOST = 20,
	SOON_US = 90000000,
};

/* What is published, and how often each is asked for or offered, below so many of a hundred. In calm weather only what fits. */
enum terms { BARE, ONCE, SHORT, SOON, PAST };
static const struct {
	const char *id;
	enum terms terms;
	const char *audience;
	bool manual, fits;
	int asked;
} products[] = {
	{ "urn:product:open",   BARE, "",                         false, true,  50  },
	{ "urn:product:manual", BARE, "",                         true,  true,  75  },
	{ "urn:product:once",   ONCE, "",                         false, true,  82  },
	{ "urn:product:short",  SHORT, "",                        false, true,  86  },
	{ "urn:product:soon",   SOON, "",                         false, false, 91  },
	{ "urn:product:past",   PAST, "",                         false, false, 95  },
	{ "urn:product:closed", BARE, "did:web:somebody.example", false, false, 100 },
};
static const char no_offer[] = "urn:offer:none";

static struct ht_text limit(struct ht_arena *a, const char *left, const char *operator, struct ht_text right)
{
	return ht_text_format(a,
			      "{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"%s\",\"operator\":\"%s\","
			      "\"rightOperand\":\"" HT_TEXT_FMT "\"}]}]}",
			      left, operator, HT_TEXT_ARG(right));
}

struct ht_text sim_people_until(struct ht_arena *a, int64_t at_us)
{
	return limit(a, "dateTime", "lt", ht_time_text(a, at_us));
}

static struct ht_text terms_of(struct sim_node *n, enum terms terms)
{
	switch (terms) {
	case BARE: break;
	case ONCE: return limit(&n->arena, "count", "lteq", HT_TEXT("1"));
	case SHORT: return limit(&n->arena, "elapsedTime", "lteq", HT_TEXT("PT1M"));
	case SOON: return sim_people_until(&n->arena, sim_node_now(n) + SOON_US);
	case PAST: return sim_people_until(&n->arena, sim_node_now(n) - SOON_US);
	}
	return HT_TEXT("{\"permission\":[{\"action\":\"use\"}]}");
}

static void publish(struct sim_node *n, size_t i)
{
	struct ht_step *s = sim_node_step(n, HT_STEP_PUBLISH, HT_PROVIDER);
	struct ht_product *p = &s->in.publish;

	p->id = p->title = ht_text_of(products[i].id);
	p->file = HT_TEXT("a.csv");
	p->size = 1;
	p->policy = terms_of(n, products[i].terms);
	p->audience = ht_text_of(products[i].audience);
	p->manual = products[i].manual;
	sim_node_queue(n, s, NULL, NULL);
}

void sim_people_products(struct sim_node *n)
{
	for (size_t i = 0; i < HT_COUNT(products); i++)
		publish(n, i);
	sim_node_batch(n);
}

struct sim_event *sim_people_plan(struct sim *sim, enum sim_plan plan, int node, int64_t in_us)
{
	struct sim_event *e = sim_later(sim, SIM_DECIDE, node, in_us);

	e->plan = plan;
	return e;
}

static void somewhere(struct sim *sim, enum sim_plan plan, int64_t within_us)
{
	int node = (int)sim_draw(sim, 0, SIM_NODES - 1);
	int64_t in_us = sim_draw(sim, 0, within_us);

	sim_people_plan(sim, plan, node, in_us);
}

void sim_people_begin(struct sim *sim, int64_t trouble_us)
{
	int64_t n = sim_draw(sim, 1, NEGOTIATIONS_MOST);

	for (int64_t i = 0; i < n; i++)
		somewhere(sim, sim_chance(sim, sim->rates->offered) ? SIM_OFFER : SIM_NEGOTIATE, trouble_us);
	if (!sim->calm && sim_chance(sim, 200))
		somewhere(sim, SIM_PUBLISH, trouble_us);
	for (int i = 0; i < SIM_NODES; i++)
		sim_later(sim, SIM_ROUND, i, ROUND_US);
}

/* The one that begins a process: somebody on one side may end it, at any moment. */
static void plan_end(struct sim_node *n, struct sim_process *x)
{
	struct sim *sim = n->sim;
	struct sim_event *e;

	if (x->planned_end || x->p.peer_pid.len || (x->p.pending != HT_MSG_REQUEST && x->p.pending != HT_MSG_OFFER))
		return;
	x->planned_end = true;
	if (!sim_chance(sim, sim->rates->terminate))
		return;
	e = sim_people_plan(sim, SIM_TERMINATE, n->index, sim_draw_far(sim, 1000, TERMINATE_WITHIN_US));
	e->row = x->p.row;
	e->copy = (int)sim_draw(sim, 0, 1); /* the other side */
}

/* A process has changed: what people mean to do about it. */
void sim_people_moved(struct sim_node *n, struct sim_process *x)
{
	struct sim *sim = n->sim;
	bool consumer = x->p.role == HT_CONSUMER;
	struct sim_event *e;

	if (sim->healed)
		return;
	plan_end(n, x);
	if (consumer && x->p.machine == HT_NEGOTIATION && x->p.state == HT_FINALIZED && !x->planned_transfer) {
		x->planned_transfer = true;
		for (int i = 0; i < 2 && sim_chance(sim, sim->rates->transfer); i++)
			sim_people_plan(sim, SIM_TRANSFER, n->index, sim_draw_far(sim, 1000, TRANSFER_WITHIN_US))->id = x->p.agreement;
	}
	if (x->p.machine == HT_TRANSFER && x->p.state == HT_STARTED && !x->planned_transfer) {
		x->planned_transfer = true;
		if (sim_chance(sim, consumer ? sim->rates->complete : sim->rates->served)) {
			e = sim_people_plan(sim, consumer ? SIM_COMPLETE : SIM_SERVED, n->index,
					    sim_draw_far(sim, 1000, COMPLETE_WITHIN_US));
			e->id = x->p.pid;
			e->row = x->p.row;
		}
	}
	sim_acts_moved(n, x);
}

static size_t some_product(struct sim *sim)
{
	int64_t draw = sim_draw(sim, 0, sim->calm ? 74 : 99);
	size_t i = 0;

	while (draw >= products[i].asked)
		i++;
	return i;
}

/* Mostly as it is offered; else on other terms, or an offer that nobody made. */
static void negotiate(struct sim_node *n)
{
	struct sim_node *other = sim_other(n);
	struct ht_step *s = sim_node_step(n, HT_STEP_NEGOTIATE, HT_CONSUMER);
	size_t i = some_product(n->sim);
	int64_t draw = sim_draw(n->sim, n->sim->calm ? 10 : 0, 99);
	struct ht_product p;
	bool found = false;

	if (ht_store_product(other->store, 1, ht_text_of(products[i].id), 0, &n->arena, &p, &found) || !found)
		sim_break(n->sim, "the product is gone");
	s->in.negotiate.base = other->base;
	s->in.negotiate.peer = other->party.did;
	s->in.negotiate.product = p.id;
	s->in.negotiate.offer = (struct ht_policy){ .text = p.policy, .id = draw < 4 ? ht_text_of(no_offer) : p.offer };
	if (draw >= 4 && draw < 10)
		s->in.negotiate.policy = sim_people_until(&n->arena, sim_node_now(n) + SOON_US);
	s->in.negotiate.manual = sim_chance(n->sim, n->sim->rates->manual);
	sim_say(n->sim, n, "somebody negotiates for %s%s%s%s", products[i].id, draw < 4 ? ", which was not offered" : "",
		s->in.negotiate.policy.len ? " on other terms" : "", s->in.negotiate.manual ? ", by hand" : "");
	sim_node_queue(n, s, NULL, NULL);
}

/* A provider begins: on the terms of its product, or on others. */
static void offer(struct sim_node *n)
{
	struct sim_node *other = sim_other(n);
	struct ht_step *s = sim_node_step(n, HT_STEP_NEGOTIATE, HT_PROVIDER);
	size_t i = some_product(n->sim);

	s->in.negotiate.base = other->base;
	s->in.negotiate.peer = other->party.did;
	s->in.negotiate.product = ht_text_of(products[i].id);
	if (!n->sim->calm && sim_chance(n->sim, 200))
		s->in.negotiate.policy = sim_people_until(&n->arena, sim_node_now(n) + SOON_US);
	s->in.negotiate.manual = sim_chance(n->sim, n->sim->rates->manual);
	n->sim->counts->offers++;
	sim_say(n->sim, n, "somebody offers %s%s%s", products[i].id, s->in.negotiate.policy.len ? " on other terms" : "",
		s->in.negotiate.manual ? ", by hand" : "");
	sim_node_queue(n, s, NULL, NULL);
}

static bool fits(struct ht_text product)
{
	for (size_t i = 0; i < HT_COUNT(products); i++) {
		if (ht_text_is(product, products[i].id))
			return products[i].fits;
	}
	return false;
}

/* The last offer of the negotiation that a transfer belongs to. */
static struct ht_text offer_of(const struct sim_node *n, const struct ht_process *transfer)
{
	for (size_t i = 0; i < n->processes_count; i++) {
		const struct ht_process *p = &n->processes[i]->p;

		if (p->machine == HT_NEGOTIATION && ht_text_same(p->agreement, transfer->agreement))
			return p->offer;
	}
	return HT_TEXT("");
}

static bool has(struct ht_text text, const char *z)
{
	return memmem(text.at, text.len, z, strlen(z)) != NULL;
}

/* A limit by count or by time since the agreement lets an agreement come about, but maybe no transfer. */
bool sim_people_fits(const struct sim_node *n, const struct ht_process *p)
{
	if (!fits(p->product))
		return false;
	return p->machine == HT_TRANSFER ? !has(offer_of(n, p), "leftOperand") : !has(p->offer, "dateTime") && !has(p->offer, no_offer);
}

int64_t sim_people_count(const struct sim_node *n, const struct ht_process *transfer)
{
	return has(offer_of(n, transfer), "\"count\"") ? 1 : INT64_MAX;
}

/* The person of one side of the process that the other began; at the other side only when there is one already. */
static void terminate_side(struct sim_node *n, const struct sim_event *e)
{
	struct sim_process *x = n->processes[e->row - 1];

	if (e->copy) {
		x = sim_process_peer(n, x);
		n = sim_other(n);
	}
	if (x && n->up && n->jobs_count < SIM_JOBS_MAX)
		sim_acts_send(n, x, HT_MSG_TERMINATE);
}

static void retry(struct sim_node *n, const struct sim_process *x)
{
	struct ht_step *s = sim_node_step(n, HT_STEP_RETRY, x->p.role);

	s->in.retry.pid = x->p.pid;
	n->sim->counts->retries++;
	sim_say(n->sim, n, "process %lld: somebody sends the letter again", (long long)x->p.row);
	sim_node_queue(n, s, NULL, NULL);
}

static void transfer(struct sim_node *n, struct ht_text agreement)
{
	struct ht_step *s = sim_node_step(n, HT_STEP_TRANSFER, HT_CONSUMER);

	s->in.transfer.agreement = agreement;
	s->in.transfer.manual = sim_chance(n->sim, n->sim->rates->manual);
	sim_say(n->sim, n, "somebody asks for a transfer%s", s->in.transfer.manual ? ", by hand" : "");
	sim_node_queue(n, s, NULL, NULL);
}

static void served(struct sim_node *n, struct ht_text pid)
{
	struct ht_step *s = sim_node_step(n, HT_STEP_SERVED, HT_PROVIDER);

	s->in.served.pid = pid;
	s->in.served.whole = true;
	sim_node_queue(n, s, NULL, NULL);
}

static void decided(struct sim_node *n, const struct sim_event *e)
{
	switch (e->plan) {
	case SIM_NEGOTIATE: negotiate(n); break;
	case SIM_OFFER: offer(n); break;
	case SIM_TRANSFER: transfer(n, e->id); break;
	case SIM_SERVED: served(n, e->id); break;
	case SIM_TERMINATE: terminate_side(n, e); break;
	case SIM_PUBLISH:
		n->sim->republished = true;
		publish(n, 0);
		break;
	case SIM_COMPLETE:
	case SIM_TURN:
	case SIM_ACT:
	case SIM_WRONG: sim_acts_decide(n, e); break;
	}
}

void sim_people_decide(struct sim *sim, struct sim_event *e)
{
	struct sim_node *n = &sim->nodes[e->node];

	if (sim->healed)
		return;
	if (n->up && n->jobs_count < SIM_JOBS_MAX) {
		decided(n, e);
	} else if (e->tries < TRIES_MOST) {
		struct sim_event *again = sim_people_plan(sim, e->plan, e->node, AGAIN_US);

		again->id = e->id;
		again->row = e->row;
		again->copy = e->copy;
		again->msg = e->msg;
		again->tries = e->tries + 1;
	}
}

/* Dead letters are sent again, or given up; now and then somebody is impatient with one that is not dead. */
void sim_people_round(struct sim *sim, struct sim_event *e)
{
	struct sim_node *n = &sim->nodes[e->node];

	for (size_t i = 0; n->up && i < n->processes_count && n->jobs_count < SIM_JOBS_MAX; i++) {
		struct sim_process *x = n->processes[i];

		if (x->p.stalled) {
			if (sim->healed || sim_chance(sim, 800))
				retry(n, x);
			else
				sim_acts_send(n, x, HT_MSG_TERMINATE);
		} else if (x->p.pending && sim_chance(sim, sim->rates->retry_early)) {
			retry(n, x);
		}
	}
	sim_later(sim, SIM_ROUND, e->node, ROUND_US);
}
