/* tests/sim/acts.c - messages by hand: somebody whose turn it is, somebody who stops or goes on with a transfer, both at once, and anybody
 * with any message at a wrong moment. */
#include "tests/sim/sim.h"

enum {
	TURN_WITHIN_US = 60000000,
	ACT_WITHIN_US = 40000000,
	WRONG_WITHIN_US = 30000000,
	TOGETHER_US = 60000,       /* both at once: within so long */
	CALM_US = 500000,          /* in calm weather nobody acts so shortly after the other */
	SOON_US = 90000000,
	FAR_DAYS = 365,
	WISHES = 10,
};

/* What a person does with a process, by weight. Rows with the same first three belong together; HT_MSG_NONE: nothing, this time. */
static const struct {
	enum ht_machine machine;
	enum ht_role role;
	enum ht_state state;
	enum ht_msg msg;
	int weight;
} habits[] = {
	{ HT_NEGOTIATION, HT_CONSUMER, HT_OFFERED,   HT_MSG_ACCEPT,    50 },
	{ HT_NEGOTIATION, HT_CONSUMER, HT_OFFERED,   HT_MSG_REQUEST,   35 },
	{ HT_NEGOTIATION, HT_CONSUMER, HT_OFFERED,   HT_MSG_TERMINATE, 5  },
	{ HT_NEGOTIATION, HT_CONSUMER, HT_OFFERED,   HT_MSG_NONE,      10 },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_REQUESTED, HT_MSG_AGREE,     45 },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_REQUESTED, HT_MSG_OFFER,     40 },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_REQUESTED, HT_MSG_TERMINATE, 5  },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_REQUESTED, HT_MSG_NONE,      10 },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_ACCEPTED,  HT_MSG_AGREE,     85 },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_ACCEPTED,  HT_MSG_TERMINATE, 5  },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_ACCEPTED,  HT_MSG_NONE,      10 },
	{ HT_NEGOTIATION, HT_CONSUMER, HT_AGREED,    HT_MSG_VERIFY,    90 },
	{ HT_NEGOTIATION, HT_CONSUMER, HT_AGREED,    HT_MSG_NONE,      10 },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_VERIFIED,  HT_MSG_FINALIZE,  90 },
	{ HT_NEGOTIATION, HT_PROVIDER, HT_VERIFIED,  HT_MSG_NONE,      10 },
	{ HT_TRANSFER,    HT_PROVIDER, HT_REQUESTED, HT_MSG_START,     90 },
	{ HT_TRANSFER,    HT_PROVIDER, HT_REQUESTED, HT_MSG_NONE,      10 },
	{ HT_TRANSFER,    HT_CONSUMER, HT_STARTED,   HT_MSG_SUSPEND,   80 },
	{ HT_TRANSFER,    HT_CONSUMER, HT_STARTED,   HT_MSG_COMPLETE,  5  },
	{ HT_TRANSFER,    HT_CONSUMER, HT_STARTED,   HT_MSG_NONE,      15 },
	{ HT_TRANSFER,    HT_PROVIDER, HT_STARTED,   HT_MSG_SUSPEND,   80 },
	{ HT_TRANSFER,    HT_PROVIDER, HT_STARTED,   HT_MSG_COMPLETE,  5  },
	{ HT_TRANSFER,    HT_PROVIDER, HT_STARTED,   HT_MSG_NONE,      15 },
	{ HT_TRANSFER,    HT_CONSUMER, HT_SUSPENDED, HT_MSG_START,     80 },
	{ HT_TRANSFER,    HT_CONSUMER, HT_SUSPENDED, HT_MSG_TERMINATE, 2  },
	{ HT_TRANSFER,    HT_CONSUMER, HT_SUSPENDED, HT_MSG_NONE,      18 },
	{ HT_TRANSFER,    HT_PROVIDER, HT_SUSPENDED, HT_MSG_START,     80 },
	{ HT_TRANSFER,    HT_PROVIDER, HT_SUSPENDED, HT_MSG_TERMINATE, 2  },
	{ HT_TRANSFER,    HT_PROVIDER, HT_SUSPENDED, HT_MSG_NONE,      18 },
};

static enum ht_msg choose(struct sim *sim, const struct ht_process *p)
{
	int64_t draw = sim_draw(sim, 0, 99);

	for (size_t i = 0; i < HT_COUNT(habits); i++) {
		if (habits[i].machine != p->machine || habits[i].role != p->role || habits[i].state != p->state)
			continue;
		draw -= habits[i].weight;
		if (draw < 0)
			return sim->calm && habits[i].msg == HT_MSG_TERMINATE ? HT_MSG_NONE : habits[i].msg;
	}
	return HT_MSG_NONE;
}

/* Any message of the machine but the first one of a transfer. */
static enum ht_msg any(struct sim *sim, enum ht_machine machine)
{
	static const enum ht_msg of[HT_MACHINE_COUNT][7] = {
		[HT_NEGOTIATION] = { HT_MSG_REQUEST, HT_MSG_OFFER, HT_MSG_ACCEPT, HT_MSG_AGREE, HT_MSG_VERIFY, HT_MSG_FINALIZE,
				     HT_MSG_TERMINATE },
		[HT_TRANSFER] = { HT_MSG_START, HT_MSG_SUSPEND, HT_MSG_COMPLETE, HT_MSG_START, HT_MSG_SUSPEND, HT_MSG_START,
				  HT_MSG_TERMINATE },
	};

	return of[machine][sim_draw(sim, 0, 6)];
}

static void both_may_end(struct sim_node *n, struct sim_process *x)
{
	struct sim_process *other = sim_process_peer(n, x);

	x->may_end = true;
	if (other)
		other->may_end = true;
}

/* The terms of an offer or a counter-request: those of before, others that hold, others that will not hold for long. */
static struct ht_text terms(struct sim_node *n, struct sim_process *x, enum ht_msg msg)
{
	int64_t draw = sim_draw(n->sim, 0, n->sim->calm ? 49 : 99), now_us = sim_node_now(n);

	if (draw < 50)
		return msg == HT_MSG_OFFER ? HT_TEXT("") : x->p.offer;
	both_may_end(n, x);
	return sim_people_until(&n->arena, now_us + (draw < 85 ? FAR_DAYS * HT_DAY_US : SOON_US));
}

void sim_acts_send(struct sim_node *n, struct sim_process *x, enum ht_msg msg)
{
	struct ht_step *s = sim_node_step(n, HT_STEP_SEND, x->p.role);
	struct sim_process *other = sim_process_peer(n, x);

	s->in.send.machine = x->p.machine;
	s->in.send.msg = msg;
	s->in.send.pid = x->p.pid;
	s->in.send.resume = msg == HT_MSG_START && x->p.state == HT_SUSPENDED;
	s->in.send.checked = msg == HT_MSG_COMPLETE && x->p.role == HT_CONSUMER;
	s->in.send.reason = HT_TEXT("somebody wanted so");
	if (msg == HT_MSG_TERMINATE)
		both_may_end(n, x);
	if (msg == HT_MSG_OFFER || msg == HT_MSG_REQUEST)
		s->in.send.policy = terms(n, x, msg);
	x->acted_us = n->sim->now_us;
	if (other)
		other->acted_us = n->sim->now_us;
	n->sim->counts->acts[msg]++;
	n->sim->counts->resumed += s->in.send.resume;
	sim_say(n->sim, n, "process %lld: somebody sends %s", (long long)x->p.row, ht_msg_word(msg));
	sim_node_queue(n, s, NULL, NULL);
}

static void plan(struct sim_node *n, const struct sim_process *x, enum sim_plan plan, int64_t in_us, enum ht_msg msg)
{
	struct sim_event *e = sim_people_plan(n->sim, plan, n->index, in_us);

	e->row = x->p.row;
	e->msg = msg;
}

/* Both sides want the same, or one wants more than the other, in the same moment. */
static void plan_both(struct sim_node *n, struct sim_process *x, struct sim_process *y)
{
	static const enum ht_msg wishes[WISHES] = { HT_MSG_SUSPEND, HT_MSG_SUSPEND, HT_MSG_SUSPEND, HT_MSG_SUSPEND, HT_MSG_SUSPEND,
						    HT_MSG_SUSPEND, HT_MSG_SUSPEND, HT_MSG_SUSPEND, HT_MSG_COMPLETE, HT_MSG_TERMINATE };
	struct sim *sim = n->sim;
	int64_t in_us = sim_draw_far(sim, 1000, ACT_WITHIN_US);
	enum ht_msg one = HT_MSG_START, two = HT_MSG_START;

	if (x->p.state == HT_STARTED) {
		one = wishes[sim_draw(sim, 0, WISHES - 1)];
		two = wishes[sim_draw(sim, 0, WISHES - 1)];
	}
	x->planned_act = y->planned_act = true;
	plan(n, x, SIM_ACT, in_us + sim_draw(sim, 0, TOGETHER_US), one);
	plan(sim_other(n), y, SIM_ACT, in_us + sim_draw(sim, 0, TOGETHER_US), two);
	sim->counts->crossed++;
}

void sim_acts_moved(struct sim_node *n, struct sim_process *x)
{
	struct sim *sim = n->sim;
	struct sim_process *y = sim_process_peer(n, x);
	bool rests = x->p.machine == HT_TRANSFER && (x->p.state == HT_STARTED || x->p.state == HT_SUSPENDED);

	if (x->p.person && !x->planned_turn) {
		x->planned_turn = true;
		plan(n, x, SIM_TURN, sim_draw_far(sim, 1000, TURN_WITHIN_US), HT_MSG_NONE);
	}
	if (rests && !x->planned_act) {
		if (y && !y->planned_act && y->p.state == x->p.state && sim_chance(sim, sim->rates->cross)) {
			plan_both(n, x, y);
		} else if (sim_chance(sim, sim->rates->act)) {
			x->planned_act = true;
			plan(n, x, SIM_ACT, sim_draw_far(sim, 1000, ACT_WITHIN_US), HT_MSG_NONE);
		}
	}
	if (sim_chance(sim, sim->rates->wrong))
		plan(n, x, SIM_WRONG, sim_draw_far(sim, 1000, WRONG_WITHIN_US), HT_MSG_NONE);
}

/* In calm weather nobody acts while the other side may be about to. */
static bool quiet(struct sim_node *n, const struct sim_process *x)
{
	const struct sim_process *y = sim_process_peer(n, x);

	return !n->sim->calm || (y && x->p.pending == HT_MSG_NONE && y->p.pending == HT_MSG_NONE && x->p.state == y->p.state &&
				 n->sim->now_us - x->acted_us > CALM_US);
}

/* Somebody's turn: and if nothing came of it, it is so still. */
static void turn(struct sim_node *n, struct sim_process *x)
{
	enum ht_msg msg = choose(n->sim, &x->p);

	x->planned_turn = x->p.person;
	if (!x->p.person)
		return;
	plan(n, x, SIM_TURN, sim_draw_far(n->sim, HT_SECOND_US, TURN_WITHIN_US), HT_MSG_NONE);
	if (msg)
		sim_acts_send(n, x, msg);
}

void sim_acts_decide(struct sim_node *n, const struct sim_event *e)
{
	struct sim_process *x = n->processes[e->row - 1];
	enum ht_msg msg = e->plan == SIM_COMPLETE ? HT_MSG_COMPLETE : e->msg;

	if (e->plan == SIM_TURN) {
		turn(n, x);
		return;
	}
	if (!quiet(n, x)) {
		plan(n, x, e->plan, CALM_US, msg);
		return;
	}
	if (e->plan == SIM_ACT)
		x->planned_act = false;
	if (e->plan == SIM_WRONG)
		msg = any(n->sim, x->p.machine);
	if (!msg)
		msg = choose(n->sim, &x->p);
	if (msg && !(n->sim->calm && ht_life_may_send(&x->p, msg)))
		sim_acts_send(n, x, msg);
}
