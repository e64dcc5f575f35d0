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

static const char *const products[] = { "urn:product:open", "urn:product:soon", "urn:product:past", "urn:product:closed" };
static const char no_offer[] = "urn:offer:none";

static struct ht_text until(struct ht_arena *a, int64_t at_us)
{
	struct ht_text end = ht_time_text(a, at_us);

	return ht_text_format(a,
			      "{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"dateTime\",\"operator\":\"lt\","
			      "\"rightOperand\":\"" HT_TEXT_FMT "\"}]}]}",
			      HT_TEXT_ARG(end));
}

static void publish(struct sim_node *n, size_t i)
{
	struct ht_step *s = sim_node_step(n, HT_STEP_PUBLISH, HT_PROVIDER);
	struct ht_product *p = &s->in.publish;

	p->id = p->title = ht_text_of(products[i]);
	p->file = HT_TEXT("a.csv");
	p->size = 1;
	p->policy = HT_TEXT("{\"permission\":[{\"action\":\"use\"}]}");
	if (i == 1)
		p->policy = until(&n->arena, sim_node_now(n) + SOON_US);
	if (i == 2)
		p->policy = until(&n->arena, sim_node_now(n) - SOON_US);
	if (i == 3)
		p->audience = HT_TEXT("did:web:somebody.example");
	sim_node_queue(n, s, NULL, NULL);
}

void sim_people_products(struct sim_node *n)
{
	for (size_t i = 0; i < HT_COUNT(products); i++)
		publish(n, i);
	sim_node_batch(n);
}

static struct sim_event *decide(struct sim *sim, enum sim_plan plan, int node, int64_t in_us)
{
	struct sim_event *e = sim_later(sim, SIM_DECIDE, node, in_us);

	e->plan = plan;
	return e;
}

static void somewhere(struct sim *sim, enum sim_plan plan, int64_t within_us)
{
	int node = (int)sim_draw(sim, 0, SIM_NODES - 1);
	int64_t in_us = sim_draw(sim, 0, within_us);

	decide(sim, plan, node, in_us);
}

void sim_people_begin(struct sim *sim, int64_t trouble_us)
{
	int64_t n = sim_draw(sim, 1, NEGOTIATIONS_MOST);

	for (int64_t i = 0; i < n; i++)
		somewhere(sim, SIM_NEGOTIATE, trouble_us);
	if (!sim->calm && sim_chance(sim, 200))
		somewhere(sim, SIM_PUBLISH, trouble_us);
	for (int i = 0; i < SIM_NODES; i++)
		sim_later(sim, SIM_ROUND, i, ROUND_US);
}

/* A process has changed: what people mean to do about it. */
void sim_people_moved(struct sim_node *n, struct sim_process *x)
{
	struct sim *sim = n->sim;
	bool begun = !x->p.peer_pid.len && x->p.pending == HT_MSG_REQUEST, consumer = x->p.role == HT_CONSUMER;
	struct sim_event *e;

	if (sim->healed)
		return;
	if (consumer && begun && !x->planned_end) {
		x->planned_end = true;
		if (sim_chance(sim, sim->rates->terminate)) {
			e = decide(sim, SIM_TERMINATE, n->index, sim_draw_far(sim, 1000, TERMINATE_WITHIN_US));
			e->row = x->p.row;
			e->copy = (int)sim_draw(sim, 0, 1); /* the other side */
		}
	}
	if (consumer && x->p.machine == HT_NEGOTIATION && x->p.state == HT_FINALIZED && !x->planned_transfer) {
		x->planned_transfer = true;
		for (int i = 0; i < 2 && sim_chance(sim, sim->rates->transfer); i++)
			decide(sim, SIM_TRANSFER, n->index, sim_draw_far(sim, 1000, TRANSFER_WITHIN_US))->id = x->p.agreement;
	}
	if (x->p.machine == HT_TRANSFER && x->p.state == HT_STARTED && !x->planned_transfer) {
		x->planned_transfer = true;
		if (!sim_chance(sim, consumer ? sim->rates->complete : sim->rates->served))
			return;
		e = decide(sim, consumer ? SIM_COMPLETE : SIM_SERVED, n->index, sim_draw_far(sim, 1000, COMPLETE_WITHIN_US));
		e->id = x->p.pid;
	}
}

/* Mostly a product that anybody may have; else one that is over soon, over, or for others, other terms, or an offer that nobody made. */
static void negotiate(struct sim_node *n)
{
	static const struct {
		int below;
		size_t product;
		bool other_terms, no_offer;
	} kinds[] = { { 70, 0, 0, 0 }, { 80, 1, 0, 0 }, { 85, 2, 0, 0 }, { 90, 3, 0, 0 }, { 95, 0, 1, 0 }, { 100, 0, 0, 1 } };
	struct sim_node *other = sim_other(n);
	struct ht_step *s = sim_node_step(n, HT_STEP_NEGOTIATE, HT_CONSUMER);
	struct ht_product p;
	int64_t draw = sim_draw(n->sim, 0, n->sim->calm ? 69 : 99);
	size_t i = 0;
	bool found = false;

	while (draw >= kinds[i].below)
		i++;
	if (ht_store_product(other->store, 1, ht_text_of(products[kinds[i].product]), 0, &n->arena, &p, &found) || !found)
		sim_break(n->sim, "the product is gone");
	s->in.negotiate.base = other->base;
	s->in.negotiate.peer = other->party.did;
	s->in.negotiate.product = p.id;
	s->in.negotiate.offer.text = kinds[i].other_terms ? until(&n->arena, sim_node_now(n) + SOON_US) : p.policy;
	s->in.negotiate.offer.id = kinds[i].no_offer ? ht_text_of(no_offer) : p.offer;
	sim_say(n->sim, n, "somebody negotiates for %s%s%s", products[kinds[i].product], kinds[i].other_terms ? " on other terms" : "",
		kinds[i].no_offer ? ", which was not offered" : "");
	sim_node_queue(n, s, NULL, NULL);
}

bool sim_people_fits(const struct ht_process *p)
{
	if (!ht_text_is(p->product, products[0]))
		return false;
	return p->machine == HT_TRANSFER ||
	       !(memmem(p->offer.at, p->offer.len, "dateTime", 8) || memmem(p->offer.at, p->offer.len, no_offer, strlen(no_offer)));
}

static void terminate(struct sim_node *n, struct sim_process *x)
{
	struct ht_step *s = sim_node_step(n, HT_STEP_TERMINATE, x->p.role);
	struct sim_process *other = sim_process_peer(n, x);

	x->may_end = true;
	if (other)
		other->may_end = true;
	s->in.terminate.machine = x->p.machine;
	s->in.terminate.pid = x->p.pid;
	s->in.terminate.reason = HT_TEXT("somebody wanted so");
	n->sim->counts->terminates++;
	sim_say(n->sim, n, "process %lld: somebody terminates", (long long)x->p.row);
	sim_node_queue(n, s, NULL, NULL);
}

/* The person of one side of a consumer's process; at the other side only when there is one already. */
static void terminate_side(struct sim_node *n, const struct sim_event *e)
{
	struct sim_process *x = n->processes[e->row - 1];

	if (e->copy) {
		x = sim_process_peer(n, x);
		n = sim_other(n);
	}
	if (x && n->up && n->jobs_count < SIM_JOBS_MAX)
		terminate(n, x);
}

static void retry(struct sim_node *n, const struct sim_process *x)
{
	struct ht_step *s = sim_node_step(n, HT_STEP_RETRY, x->p.role);

	s->in.retry.pid = x->p.pid;
	n->sim->counts->retries++;
	sim_say(n->sim, n, "process %lld: somebody sends the letter again", (long long)x->p.row);
	sim_node_queue(n, s, NULL, NULL);
}

static void decided(struct sim_node *n, const struct sim_event *e)
{
	struct ht_step *s;

	switch (e->plan) {
	case SIM_NEGOTIATE:
		negotiate(n);
		break;
	case SIM_TRANSFER:
		s = sim_node_step(n, HT_STEP_TRANSFER, HT_CONSUMER);
		s->in.transfer.agreement = e->id;
		sim_say(n->sim, n, "somebody asks for a transfer");
		sim_node_queue(n, s, NULL, NULL);
		break;
	case SIM_COMPLETE:
		s = sim_node_step(n, HT_STEP_COMPLETE, HT_CONSUMER);
		s->in.complete.pid = e->id;
		sim_say(n->sim, n, "somebody completes a transfer");
		sim_node_queue(n, s, NULL, NULL);
		break;
	case SIM_SERVED:
		s = sim_node_step(n, HT_STEP_SERVED, HT_PROVIDER);
		s->in.served.pid = e->id;
		s->in.served.whole = true;
		sim_node_queue(n, s, NULL, NULL);
		break;
	case SIM_TERMINATE:
		terminate_side(n, e);
		break;
	case SIM_PUBLISH:
		n->sim->republished = true;
		publish(n, 0);
		break;
	case SIM_RETRY:
		break;
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
		struct sim_event *again = decide(sim, e->plan, e->node, AGAIN_US);

		again->id = e->id;
		again->row = e->row;
		again->copy = e->copy;
		again->machine = e->machine;
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
				terminate(n, x);
		} else if (x->p.pending && sim_chance(sim, sim->rates->retry_early)) {
			retry(n, x);
		}
	}
	sim_later(sim, SIM_ROUND, e->node, ROUND_US);
}
