/* tests/sim/main.c - runs seeds, and says what happened in them.
 *
 *	test_sim [--seeds N] [--first N] [--calm] [--fault NAME] [--trace SEED]
 *
 * --calm: without loss, crossing and TERMINATE. --fault: something is planted that must be found; exit 0 when it is.
 * HT_SEED=n in the environment is --trace n: that one seed, with all that happens in it. Exit 1: something does not hold. */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "crypto/crypto.h"

enum { ARENA = 512 << 20, SEEDS = 1000, LAST_LINES = 80 };

struct options {
	uint64_t first, seeds;
	bool calm, one;
	enum sim_fault fault;
};

static int usage(const char *what)
{
	fprintf(stderr, "test_sim: what is %s?\nusage: test_sim [--seeds N] [--first N] [--calm] [--fault NAME] [--trace SEED]\n", what);
	return 2;
}

static bool read_number(const char *z, uint64_t *out)
{
	return z && ht_text_u64(ht_text_of(z), UINT64_MAX, out);
}

static bool read_fault(const char *z, enum sim_fault *out)
{
	for (int i = 1; z && i < SIM_FAULT_COUNT; i++) {
		if (!strcmp(z, sim_fault_names[i])) {
			*out = (enum sim_fault)i;
			return true;
		}
	}
	return false;
}

static bool read_options(int argc, char **argv, struct options *o, const char **wrong)
{
	const char *seed = getenv("HT_SEED");

	*o = (struct options){ .first = 1, .seeds = SEEDS };
	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		bool ok = true;

		*wrong = argv[i];
		if (!strcmp(argv[i], "--calm"))
			o->calm = true;
		else if (!strcmp(argv[i], "--seeds") && ++i)
			ok = read_number(next, &o->seeds);
		else if (!strcmp(argv[i], "--first") && ++i)
			ok = read_number(next, &o->first);
		else if (!strcmp(argv[i], "--fault") && ++i)
			ok = read_fault(next, &o->fault);
		else if (!strcmp(argv[i], "--trace") && ++i)
			ok = o->one = read_number(next, &o->first);
		else
			ok = false;
		if (!ok)
			return false;
	}
	*wrong = "HT_SEED";
	if (seed && *seed && o->fault == SIM_SOUND)
		return o->one = read_number(seed, &o->first);
	return true;
}

/* The seed once more, to show what came before the end. */
static void show(struct sim *sim, uint64_t seed)
{
	size_t from, to;

	sim->trace = ht_memory_take(NULL, sizeof *sim->trace * SIM_TRACE_LINES);
	sim_run(sim, seed);
	to = sim->trace_count;
	from = to > LAST_LINES ? to - LAST_LINES : 0;
	printf("the last %zu lines of %zu:\n", to - from, to);
	for (size_t i = from; i < to; i++)
		puts(sim->trace[i % SIM_TRACE_LINES]);
	ht_memory_give(sim->trace);
	sim->trace = NULL;
}

static int order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void print_rates(const struct sim_rates *r)
{
	printf("rates in thousandths: lost %d, answers lost %d, repeated %d, slow %d, late %d, answers slow %d, untrue answers %d, deaths %d and full "
	       "disks %d of commits, documents lacking %d, not to be had %d, cut %d of minutes; people: terminate %d, transfer %d, complete %d, "
	       "a provider begins %d, by hand %d, act %d, act at once with the other %d, at a wrong moment %d\n",
	       r->lost, r->answer_lost, r->repeated, r->slow, r->late, r->answer_slow, r->untrue, r->death, r->full, r->document_lacks,
	       r->document_failed, r->split, r->terminate, r->transfer, r->complete, r->offered, r->manual, r->act,
	       r->cross, r->wrong);
}

static void print_states(const char *what, int64_t n, const int64_t ended[HT_STATE_COUNT])
{
	printf("%s: %lld:", what, (long long)n);
	for (int i = 0; i < HT_STATE_COUNT; i++) {
		if (ended[i])
			printf(" %s %lld", ht_state_word((enum ht_state)i), (long long)ended[i]);
	}
	putchar('\n');
}

static void print_counts(const struct sim_counts *c)
{
	print_states("negotiations", c->negotiations, c->ended[HT_NEGOTIATION]);
	print_states("transfers", c->transfers, c->ended[HT_TRANSFER]);
	printf("letters %lld, attempts %lld, further copies %lld, looks %lld; taken %lld, known again %lld, acknowledged by a later message %lld, "
	       "withdrawn %lld, taken after a refusal under the same token %lld\n",
	       (long long)c->letters, (long long)c->attempts, (long long)c->copies, (long long)c->looks, (long long)c->taken,
	       (long long)c->known, (long long)c->implied, (long long)c->withdrawn, (long long)c->anew);
	printf("refused:");
	for (int i = 1; i < HT_REFUSE_COUNT; i++) {
		if (c->refused[i])
			printf(" %s %lld", ht_refuse_word((enum ht_refuse)i), (long long)c->refused[i]);
	}
	printf("; answers:");
	for (size_t i = 0; i < HT_COUNT(c->statuses); i++) {
		if (c->statuses[i])
			printf(" %zu: %lld", i, (long long)c->statuses[i]);
	}
	printf("\ndeaths before the commit %lld, after it %lld, full disks %lld, cuts %lld, untrue answers %lld, documents fetched %lld, dead letters %lld, "
	       "sent again by hand %lld\n",
	       (long long)c->deaths_before, (long long)c->deaths_after, (long long)c->full, (long long)c->splits, (long long)c->untrue,
	       (long long)c->needs, (long long)c->dead_letters, (long long)c->retries);
	printf("begun by a provider %lld; negotiations with more than one offer or request %lld, most %lld; by hand:", (long long)c->offers,
	       (long long)c->rounds, (long long)c->rounds_most);
	for (int i = 1; i < HT_MSG_COUNT; i++)
		printf(" %s %lld", ht_msg_word((enum ht_msg)i), (long long)c->acts[i]);
	printf(" (resumptions %lld), refused %lld; both at once %lld; waiting for a person %lld; addresses used at the end %lld\n",
	       (long long)c->resumed, (long long)c->acts_refused, (long long)c->crossed, (long long)c->persons, (long long)c->used);
	printf("events %lld, batches %lld, steps %lld, leaves %lld\n", (long long)c->events, (long long)c->batches, (long long)c->steps,
	       (long long)c->leaves);
}

static void print_healing(int64_t *healing_us, uint64_t n)
{
	qsort(healing_us, n, sizeof *healing_us, order);
	printf("healing time in seconds: least %.3f, median %.3f, most %.3f\n", (double)healing_us[0] / 1e6,
	       (double)healing_us[n / 2] / 1e6, (double)healing_us[n - 1] / 1e6);
}

static int run_one(struct sim *sim, uint64_t seed)
{
	bool holds;

	sim->loud = true;
	holds = sim_run(sim, seed);
	printf("seed %llu: %s\n", (unsigned long long)seed, holds ? "all holds" : sim->why);
	return !holds;
}

/* The seed once more with its last events, and how to see all of them. */
static void explain(struct sim *sim)
{
	unsigned long long seed = sim->seed;

	printf("seed %llu: %s\n", seed, sim->why);
	show(sim, seed);
	printf("seed %llu: %s\nall of it: test_sim %s--trace %llu\n", seed, sim->why, sim->calm ? "--calm " : "", seed);
}

static int run_all(struct sim *sim, const struct options *o)
{
	int64_t *healing_us = ht_memory_take(NULL, (o->seeds + 1) * sizeof *healing_us);
	int result = 0;

	for (uint64_t i = 0; i < o->seeds && !result; i++) {
		result = !sim_run(sim, o->first + i);
		healing_us[i] = sim->moved_us - sim->heal_us;
	}
	if (result && sim->fault) {
		printf("fault %s found at seed %llu: %s\n", sim_fault_names[sim->fault], (unsigned long long)sim->seed, sim->why);
	} else if (result) {
		explain(sim);
	} else if (o->seeds && !sim->fault) {
		printf("%s: %llu seeds from %llu: all hold\n", sim->calm ? "calm" : "trouble", (unsigned long long)o->seeds,
		       (unsigned long long)o->first);
		print_rates(sim->calm ? &sim_good : &sim_bad);
		print_counts(sim->counts);
		print_healing(healing_us, o->seeds);
	}
	ht_memory_give(healing_us);
	return result;
}

int main(int argc, char **argv)
{
	struct sim *sim = ht_memory_take(NULL, sizeof *sim);
	struct sim_counts counts = { 0 };
	struct options o;
	const char *wrong;
	int result;

	if (!read_options(argc, argv, &o, &wrong))
		return usage(wrong);
	ht_crypto_start();
	ht_arena_init(&sim->arena, ARENA);
	sim->counts = &counts;
	sim->calm = o.calm;
	sim->fault = o.fault;
	result = o.one ? run_one(sim, o.first) : run_all(sim, &o);
	if (sim->fault) {
		if (!result)
			printf("fault %s not found in %llu seeds\n", sim_fault_names[sim->fault], (unsigned long long)o.seeds);
		result = !result;
	}
	for (int i = 0; i < SIM_NODES; i++)
		ht_arena_fini(&sim->nodes[i].arena);
	ht_arena_fini(&sim->arena);
	ht_memory_give(sim);
	return result;
}
