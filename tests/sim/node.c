/* tests/sim/node.c - one node: a store, a desk and a door as the program has them, batches that commit, deaths and restarts. */
#include "tests/sim/sim.h"

#include <assert.h>
#include <string.h>

#include "wire/did.h"

enum {
	ARENA = 64 << 20,
	GATHER_US = 3000,          /* how long steps gather for a batch */
	GATHER_LONG_US = 60000,
	STATEMENTS_MAX = 30,       /* a fault comes at one of so many statements; later than the commit is after it */
	AGAIN_US = 1000000,
	DOWN_LEAST_US = 100000,
	DOWN_MOST_US = 600000000,
	SKEW_MOST_US = 20000000,
};

static const char *const names[SIM_NODES] = { "north", "south" };

int64_t sim_node_now(const struct sim_node *n)
{
	return n->sim->now_us + n->skew_us;
}

/* The facts of the door: of the node's own store, and the document of the other node. */
static enum ht_fact fact_party(void *self, struct ht_text id, int64_t at, struct ht_arena *a, struct ht_party *out)
{
	struct sim_node *n = self;
	struct ht_party_row row;
	bool found;

	if (id.len ? ht_store_party_by_id(n->store, id, a, &row, &found) : ht_store_party(n->store, at, a, &row, &found))
		return HT_FACT_FAILED;
	if (!found)
		return HT_FACT_ABSENT;
	*out = row.party;
	return HT_FACT_HERE;
}

static enum ht_fact fact_grant(void *, const uint8_t[32], struct ht_arena *, struct ht_grant *)
{
	return HT_FACT_ABSENT;
}

static enum ht_fact fact_document(void *self, struct ht_text did, bool, struct ht_arena *, const struct ht_did_doc **out)
{
	struct sim_node *n = self, *other = sim_other(n);

	if (ht_text_same(did, n->party.did)) {
		*out = &n->document;
		return HT_FACT_HERE;
	}
	if (!ht_text_same(did, other->party.did))
		return HT_FACT_ABSENT;
	if (!n->has_document)
		return HT_FACT_LACKS;
	*out = &other->document;
	return sim_chance(n->sim, n->sim->rates->document_failed) ? HT_FACT_FAILED : HT_FACT_HERE;
}

static enum ht_fact fact_fetched(void *, const char *, struct ht_text, struct ht_fetched *)
{
	return HT_FACT_ABSENT;
}

static bool fact_fresh(void *self, struct ht_text jti, struct ht_text, int64_t)
{
	struct sim_node *n = self;

	for (size_t i = 0; i < n->seen_count; i++) {
		if (ht_text_same(n->seen[i], jti))
			return false;
	}
	assert(n->seen_count < SIM_SEEN_MAX);
	n->seen[n->seen_count++] = ht_text_copy(&n->sim->arena, jti);
	return true;
}

static enum ht_fact fact_upload(void *, struct ht_text, const uint8_t[32], int64_t *)
{
	return HT_FACT_ABSENT;
}

static struct ht_text fact_metrics(void *, struct ht_arena *)
{
	return HT_TEXT("");
}

static void open_desk(struct sim_node *n)
{
	n->desk = ht_desk_new(n->store, &n->settings, &n->random);
	if (ht_desk_start(n->desk, sim_node_now(n), &n->arena))
		sim_break(n->sim, "%s: the desk does not start", n->name);
	n->up = true;
}

/* The party, its key and its document. */
static void add_party(struct sim_node *n)
{
	struct ht_arena *a = &n->sim->arena;
	struct ht_step *s = sim_node_step(n, HT_STEP_PARTY_ADD, HT_OPERATOR);

	n->party = (struct ht_party){ .id = ht_text_of(n->name), .name = ht_text_of(n->name) };
	n->party.did = ht_did_web_of(n->settings.public_url, n->party.id, a);
	n->base = ht_text_format(a, HT_TEXT_FMT "/p/%s/dsp/2025-1", HT_TEXT_ARG(n->settings.public_url), n->name);
	ht_key_new(&n->random, &n->signer.key);
	n->signer.did = n->party.did;
	n->signer.kid = ht_identity_kid(n->party.did, n->signer.key.pub, a);
	n->document = (struct ht_did_doc){ .did = n->party.did, .keys_count = 1 };
	n->document.keys[0].id = n->signer.kid;
	memcpy(n->document.keys[0].pub, n->signer.key.pub, HT_PUBLIC);
	s->in.party_add.id = n->party.id;
	s->in.party_add.name = n->party.name;
	s->in.party_add.did = n->party.did;
	s->in.party_add.kid = n->signer.kid;
	memcpy(s->in.party_add.pub, n->signer.key.pub, HT_PUBLIC);
	sim_node_queue(n, s, NULL, NULL);
	n->party.row = 1;
}

static void set_up(struct sim_node *n)
{
	struct ht_arena *a = &n->sim->arena;

	n->settings = ht_desk_defaults;
	n->settings.horizon_us = 240 * HT_SECOND_US; /* not three days: dead letters must come about */
	n->settings.again_us = 20 * HT_SECOND_US;    /* not a minute: the other side is asked more often */
	n->settings.quiet_us = 480 * HT_SECOND_US;   /* not a day: at most twice as long until the other side is asked */
	n->settings.public_url = n->settings.gate_url = ht_text_format(a, "http://%s.example", n->name);
	n->facts = (struct ht_facts){
		.self = n,
		.party = fact_party,
		.grant = fact_grant,
		.document = fact_document,
		.fetched = fact_fetched,
		.fresh = fact_fresh,
		.upload = fact_upload,
		.metrics = fact_metrics,
	};
	n->door = (struct ht_door){
		.public_url = n->settings.public_url,
		.version = HT_TEXT("sim"),
		.trust = { .kind = HT_TRUST_WEB },
		.allow = &n->allow,
		.peers = &n->peers,
		.random = &n->random,
		.facts = &n->facts,
	};
}

void sim_node_open(struct sim *sim, int index)
{
	struct sim_node *n = &sim->nodes[index];
	struct ht_arena arena = n->arena;

	memset(n, 0, sizeof *n);
	n->arena = arena;
	if (!n->arena.base)
		ht_arena_init(&n->arena, ARENA);
	ht_arena_reset(&n->arena);
	n->sim = sim;
	n->index = index;
	n->name = names[index];
	n->life = 1;
	n->leaf_last = -1;
	n->due_set_us = INT64_MAX;
	n->skew_us = sim->calm ? 0 : sim_draw(sim, -SKEW_MOST_US, SKEW_MOST_US);
	ht_random_seed(&n->random, ht_random_u64(&sim->random));
	set_up(n);
	if (ht_store_open(":memory:", &n->store))
		sim_break(sim, "no store");
	open_desk(n);
	sim_node_queue(n, sim_node_step(n, HT_STEP_NODE_STARTED, HT_NOBODY), NULL, NULL);
	add_party(n);
	sim_node_batch(n);
}

void sim_node_close(struct sim_node *n)
{
	ht_desk_free(n->desk);
	n->desk = NULL;
	ht_store_close(n->store);
	n->store = NULL;
}

struct ht_step *sim_node_step(struct sim_node *n, enum ht_step_kind kind, enum ht_role role)
{
	struct ht_step *s = HT_TAKE(&n->arena, struct ht_step, 1);

	s->kind = kind;
	s->arena = &n->arena;
	s->who = (struct ht_who){ .role = role, .party = n->party };
	return s;
}

static void gather(struct sim_node *n)
{
	struct sim *sim = n->sim;
	int64_t most_us;

	if (n->batch_set || !sim->ready)
		return;
	n->batch_set = true;
	most_us = sim_chance(sim, 100) ? GATHER_LONG_US : GATHER_US;
	sim_later(sim, SIM_BATCH, n->index, sim_draw(sim, 0, most_us));
}

void sim_node_queue(struct sim_node *n, struct ht_step *step, struct sim_ask *ask, struct sim_event *again)
{
	assert(n->up && n->jobs_count < SIM_JOBS_MAX);
	n->jobs[n->jobs_count++] = (struct sim_job){ step, ask, again };
	gather(n);
}

static void set_due(struct sim_node *n, int64_t least_us)
{
	int64_t due_us = ht_desk_due_us(n->desk), in_us;

	if (due_us == INT64_MAX)
		return;
	in_us = due_us - sim_node_now(n);
	if (in_us < least_us)
		in_us = least_us;
	if (n->sim->now_us + in_us >= n->due_set_us)
		return;
	n->due_set_us = n->sim->now_us + in_us;
	sim_later(n->sim, SIM_DUE, n->index, in_us);
}

void sim_node_due(struct sim_node *n)
{
	n->due_set_us = INT64_MAX;
	if (!n->up)
		return;
	if (ht_desk_due_us(n->desk) <= sim_node_now(n))
		gather(n);
	else
		set_due(n, 0);
}

/* Power is lost: what is in memory is gone, and nobody waits for an answer. */
static void die(struct sim_node *n)
{
	struct sim *sim = n->sim;
	int64_t down_us = sim_draw_far(sim, DOWN_LEAST_US, DOWN_MOST_US);

	sim_say(sim, n, "dies, for %.1f s", (double)down_us / 1e6);
	n->up = false;
	n->life++;
	n->down_us = sim->now_us + down_us;
	n->jobs_count = 0;
	n->seen_count = 0;
	n->due_set_us = INT64_MAX;
	sim_net_forget(n);
	ht_desk_free(n->desk);
	n->desk = NULL;
	ht_arena_reset(&n->arena);
	sim_later(sim, SIM_RESTART, n->index, down_us);
}

void sim_node_restart(struct sim_node *n)
{
	sim_say(n->sim, n, "starts again");
	sim_fault_at_restart(n);
	open_desk(n);
	sim_check_store(n);
	sim_node_queue(n, sim_node_step(n, HT_STEP_NODE_STARTED, HT_NOBODY), NULL, NULL);
	set_due(n, 0);
}

/* The disk is full: the peers hear so, what came back is told again, people may try again. */
static void fail(struct sim_node *n)
{
	struct sim *sim = n->sim;

	sim->counts->full++;
	sim_say(sim, n, "the disk is full: %zu steps undone", n->jobs_count);
	for (size_t i = 0; i < n->jobs_count; i++) {
		struct sim_job *job = &n->jobs[i];
		struct ht_answer answer;
		struct sim_event *e;

		if (job->ask) {
			ht_door_reply(&n->door, &job->ask->ask, &job->ask->result, &answer);
			sim_net_reply(n, job->ask, &answer);
		} else if (job->again) {
			e = sim_later(sim, SIM_REPORT, n->index, AGAIN_US);
			e->attempt = job->again->attempt;
			e->status = job->again->status;
			e->retry_after_s = job->again->retry_after_s;
			e->body = job->again->body;
		}
	}
	set_due(n, AGAIN_US);
}

static void hand_out(struct sim_node *n, const struct ht_effects *effects)
{
	for (size_t i = 0; i < effects->posts_count; i++)
		sim_net_post(n, &effects->posts[i]);
	for (size_t i = 0; i < effects->looks_count; i++)
		sim_net_look(n, &effects->looks[i]);
}

static void reply(struct sim_node *n)
{
	for (size_t i = 0; i < n->jobs_count; i++) {
		struct sim_ask *ask = n->jobs[i].ask;
		struct ht_answer answer;

		if (!ask)
			continue;
		ht_door_reply(&n->door, &ask->ask, &ask->result, &answer);
		sim_net_reply(n, ask, &answer);
	}
}

/* It is committed: everything that must hold is looked at, before anybody hears of it. */
static void committed(struct sim_node *n, const struct ht_effects *effects, bool dies)
{
	struct sim *sim = n->sim;

	for (size_t i = 0; i < n->jobs_count; i++)
		sim_check_step(n, &n->jobs[i]);
	sim_check_moved(n, effects);
	sim_check_leaves(n);
	sim_fault_after_batch(n);
	if (dies) {
		sim->counts->deaths_after++;
		if (sim_chance(sim, 500))
			hand_out(n, effects);
		die(n);
		return;
	}
	hand_out(n, effects);
	reply(n);
	n->jobs_count = 0;
	ht_arena_reset(&n->arena);
	set_due(n, 0);
}

void sim_node_batch(struct sim_node *n)
{
	struct sim *sim = n->sim;
	struct ht_effects effects = { .arena = &n->arena };
	struct ht_step *steps[SIM_JOBS_MAX + 1], due = { .kind = HT_STEP_DUE, .arena = &n->arena };
	bool dies, full;
	size_t count = 0;
	enum ht_err err;

	n->batch_set = false;
	if (!n->up)
		return;
	for (size_t i = 0; i < n->jobs_count; i++)
		steps[count++] = n->jobs[i].step;
	if (ht_desk_due_us(n->desk) <= sim_node_now(n))
		steps[count++] = &due;
	if (count == 0)
		return;
	dies = sim->ready && sim_chance(sim, sim->rates->death);
	full = sim->ready && !dies && sim_chance(sim, sim->rates->full);
	sim_fault_before_batch(n);
	if (dies || full)
		ht_store_fail_at(n->store, sim_draw(sim, 1, STATEMENTS_MAX), dies ? HT_E_IO : HT_E_FULL);
	err = ht_desk_batch(n->desk, steps, count, sim_node_now(n), &effects);
	ht_store_fail_at(n->store, 0, HT_OK);
	sim_fault_undo(n, err != HT_OK);
	sim->counts->batches++;
	sim->counts->steps += (int64_t)count;
	if (!err) {
		committed(n, &effects, dies);
	} else if (dies) {
		sim->counts->deaths_before++;
		die(n);
	} else if (full) {
		fail(n);
		n->jobs_count = 0;
		ht_arena_reset(&n->arena);
	} else {
		sim_break(sim, "%s: a batch failed: %s", n->name, ht_err_word(err));
	}
}
