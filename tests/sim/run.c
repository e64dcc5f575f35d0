/* tests/sim/run.c - one seed: the clock, what happens when, and the two halves of a run: trouble, then a network that has healed. */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

enum {
	START_S = 1790000000, /* some day in 2026 */
	TROUBLE_LEAST_S = 5,
	TROUBLE_MOST_S = 1200,
	/* A backoff period, the life of a token with its skew, the minute of a refused message, and a round of the people. */
	HEALING_S = 600 + HT_TOKEN_OPEN_S + 60 + 60,
	EVENTS_MAX = 2000000,
};

/* In thousandths. They stay as they are when a seed fails. */
const struct sim_rates sim_bad = {
	.lost = 80, .answer_lost = 80, .repeated = 60, .slow = 100, .late = 30, .answer_slow = 50, .untrue = 20, .death = 20, .full = 10,
	.document_lacks = 20, .document_failed = 10, .split = 100,
	.terminate = 300, .transfer = 800, .complete = 400, .retry_early = 100, .served = 300,
	.offered = 250, .manual = 250, .act = 700, .cross = 400, .wrong = 20,
};

/* The network reorders still, but loses nothing; nobody terminates, and nobody acts at once with the other or at a wrong moment. */
const struct sim_rates sim_good = {
	.slow = 100, .answer_slow = 50, .document_lacks = 20, .transfer = 1000, .complete = 600, .served = 300,
	.offered = 250, .manual = 250, .act = 400,
};

const struct sim_rates sim_healed = { .lost = 0 };

int64_t sim_draw(struct sim *sim, int64_t from, int64_t to)
{
	assert(from <= to);
	return from + (int64_t)ht_random_below(&sim->random, (uint64_t)(to - from) + 1);
}

bool sim_chance(struct sim *sim, int thousandths)
{
	return sim_draw(sim, 0, 999) < thousandths;
}

int64_t sim_draw_far(struct sim *sim, int64_t from, int64_t to)
{
	int64_t octaves = 0, top;

	assert(from > 0 && from <= to);
	for (int64_t v = from; v <= to / 2; v *= 2)
		octaves++;
	top = from << sim_draw(sim, 0, octaves);
	return sim_draw(sim, top, top <= to / 2 ? 2 * top : to);
}

void sim_say(struct sim *sim, const struct sim_node *n, const char *format, ...)
{
	double at_s = (double)(sim->now_us - sim->begin_us) / 1e6;
	char *line, local[SIM_TRACE_WIDTH];
	va_list args;
	int len;

	if (!sim->trace && !sim->loud)
		return;
	line = sim->loud ? local : sim->trace[sim->trace_count++ % SIM_TRACE_LINES];
	len = snprintf(line, SIM_TRACE_WIDTH, "%12.6f %-5s ", at_s, n ? n->name : "");
	va_start(args, format);
	vsnprintf(line + len, SIM_TRACE_WIDTH - (size_t)len, format, args);
	va_end(args);
	if (sim->loud)
		puts(line);
}

void sim_break(struct sim *sim, const char *format, ...)
{
	va_list args;

	if (sim->broken)
		return;
	sim->broken = true;
	va_start(args, format);
	vsnprintf(sim->why, sizeof sim->why, format, args);
	va_end(args);
	sim_say(sim, NULL, "BROKEN: %s", sim->why);
}

struct sim_node *sim_other(struct sim_node *n)
{
	return &n->sim->nodes[1 - n->index];
}

static bool before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

struct sim_event *sim_later(struct sim *sim, enum sim_kind kind, int node, int64_t in_us)
{
	struct sim_event *e = HT_TAKE(&sim->arena, struct sim_event, 1);
	size_t i = sim->heap_count++;

	assert(in_us >= 0);
	*e = (struct sim_event){ .at_us = sim->now_us + in_us, .order = sim->order++, .kind = kind, .node = node };
	if (i == sim->heap_cap) {
		size_t cap = sim->heap_cap ? 2 * sim->heap_cap : 1024;

		sim->heap = ht_arena_grow(&sim->arena, sim->heap, sim->heap_cap * sizeof *sim->heap, cap * sizeof *sim->heap);
		sim->heap_cap = cap;
	}
	for (; i > 0 && before(e, sim->heap[(i - 1) / 2]); i = (i - 1) / 2)
		sim->heap[i] = sim->heap[(i - 1) / 2];
	sim->heap[i] = e;
	return e;
}

static struct sim_event *next(struct sim *sim)
{
	struct sim_event *first = sim->heap[0], *last = sim->heap[--sim->heap_count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < sim->heap_count) {
		if (child + 1 < sim->heap_count && before(sim->heap[child + 1], sim->heap[child]))
			child++;
		if (!before(sim->heap[child], last))
			break;
		sim->heap[i] = sim->heap[child];
		i = child;
	}
	sim->heap[i] = last;
	return first;
}

/* The network is cut for up to twelve minutes. */
static void split(struct sim *sim)
{
	if (sim->healed)
		return;
	if (sim_chance(sim, sim->rates->split) && sim->cut_until_us <= sim->now_us) {
		sim->cut_until_us = sim->now_us + sim_draw_far(sim, HT_SECOND_US, 720 * HT_SECOND_US);
		sim->counts->splits++;
		sim_say(sim, NULL, "the network is cut for %.1f s", (double)(sim->cut_until_us - sim->now_us) / 1e6);
	}
	sim_later(sim, SIM_SPLIT, 0, 60 * HT_SECOND_US);
}

static void heal(struct sim *sim)
{
	sim_say(sim, NULL, "the network has healed");
	sim->healed = true;
	sim->heal_us = sim->moved_us = sim->now_us;
	sim->rates = &sim_healed;
	sim->cut_until_us = 0;
	for (int i = 0; i < SIM_NODES; i++) {
		sim->nodes[i].down_us = 0;
		if (!sim->nodes[i].up)
			sim_node_restart(&sim->nodes[i]);
		sim_later(sim, SIM_ROUND, i, 0);
	}
}

static void happen(struct sim *sim, struct sim_event *e)
{
	struct sim_node *n = &sim->nodes[e->node];

	switch (e->kind) {
	case SIM_ARRIVE: sim_net_arrive(sim, e); break;
	case SIM_ANSWER:
	case SIM_PATIENCE:
	case SIM_REPORT: sim_net_came_back(sim, e); break;
	case SIM_BATCH: sim_node_batch(n); break;
	case SIM_DUE: sim_node_due(n); break;
	case SIM_RESTART:
		if (!n->up && n->down_us <= sim->now_us)
			sim_node_restart(n);
		break;
	case SIM_DECIDE: sim_people_decide(sim, e); break;
	case SIM_ROUND: sim_people_round(sim, e); break;
	case SIM_SPLIT: split(sim); break;
	case SIM_PLANTED: sim_fault_planted(sim, e); break;
	case SIM_HEAL: heal(sim); break;
	case SIM_END: sim->over = true; break;
	}
}

static void begin(struct sim *sim, uint64_t seed)
{
	int64_t trouble_us;

	ht_arena_reset(&sim->arena);
	sim->seed = seed;
	ht_random_seed(&sim->random, seed);
	sim->rates = sim->calm ? &sim_good : &sim_bad;
	sim->begin_us = sim->now_us = START_S * HT_SECOND_US + sim_draw(sim, 0, 999999);
	sim->heal_us = sim->moved_us = sim->cut_until_us = 0;
	sim->ready = sim->republished = sim->healed = sim->over = sim->broken = false;
	sim->heap = NULL;
	sim->heap_count = sim->heap_cap = 0;
	sim->order = 0;
	sim->trace_count = 0;
	sim->why[0] = 0;
	for (int i = 0; i < SIM_NODES; i++)
		sim_node_open(sim, i);
	for (int i = 0; i < SIM_NODES; i++)
		sim_people_products(&sim->nodes[i]);
	sim->ready = true;
	trouble_us = sim_draw_far(sim, TROUBLE_LEAST_S, TROUBLE_MOST_S) * HT_SECOND_US;
	sim_people_begin(sim, trouble_us);
	sim_later(sim, SIM_SPLIT, 0, sim_draw(sim, 0, 60 * HT_SECOND_US));
	sim_later(sim, SIM_HEAL, 0, trouble_us);
	sim_later(sim, SIM_END, 0, trouble_us + HEALING_S * HT_SECOND_US);
}

bool sim_run(struct sim *sim, uint64_t seed)
{
	int64_t events = 0;

	begin(sim, seed);
	while (!sim->over && !sim->broken) {
		struct sim_event *e = next(sim);

		assert(e->at_us >= sim->now_us);
		sim->now_us = e->at_us;
		happen(sim, e);
		if (++events > EVENTS_MAX)
			sim_break(sim, "no end: %d events", EVENTS_MAX);
	}
	if (!sim->broken)
		sim_check_end(sim);
	sim->counts->seeds++;
	sim->counts->events += events;
	for (int i = 0; i < SIM_NODES; i++)
		sim_node_close(&sim->nodes[i]);
	return !sim->broken;
}
