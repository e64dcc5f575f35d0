/* tests/sim/check.c - what must hold: (a) to (e) of LIFECYCLE after every commit, (f) when the network has healed, (g) when nothing goes wrong. */
#include "tests/sim/sim.h"

#include <assert.h>
#include <string.h>

#include "core/evidence/leaf.h"

static const char *word(const struct ht_process *p)
{
	return p->machine == HT_NEGOTIATION ? "negotiation" : "transfer";
}

struct sim_process *sim_process_of(struct sim_node *n, struct ht_text pid)
{
	for (size_t i = 0; i < n->processes_count; i++) {
		if (ht_text_same(n->processes[i]->p.pid, pid))
			return n->processes[i];
	}
	return NULL;
}

struct sim_process *sim_process_peer(struct sim_node *n, const struct sim_process *x)
{
	struct sim_node *other = sim_other(n);

	if (x->p.role == HT_PROVIDER)
		return sim_process_of(other, x->p.peer_pid);
	for (size_t i = 0; i < other->processes_count; i++) {
		struct sim_process *y = other->processes[i];

		if (y->p.role == HT_PROVIDER && y->p.machine == x->p.machine && ht_text_same(y->p.peer_pid, x->p.pid))
			return y;
	}
	return NULL;
}

/* (a): no process is at one end here and at the other there. */
static void check_ends(struct sim *sim, const struct ht_process *c, const struct ht_process *p)
{
	enum ht_state good = c->machine == HT_NEGOTIATION ? HT_FINALIZED : HT_COMPLETED;

	if ((c->state == good && p->state == HT_TERMINATED) || (c->state == HT_TERMINATED && p->state == good))
		sim_break(sim, "(a) %s %lld of the consumer is %s, %lld of the provider is %s", word(c), (long long)c->row,
			  ht_state_word(c->state), (long long)p->row, ht_state_word(p->state));
}

/* (b): FINALIZED here is FINALIZED there, or the provider still sends it. */
static void check_finalized(struct sim *sim, const struct ht_process *c, const struct ht_process *p)
{
	if (p->state == HT_FINALIZED && c->state != HT_FINALIZED)
		sim_break(sim, "(b) the provider's negotiation %lld is FINALIZED, the consumer's %lld is %s", (long long)p->row,
			  (long long)c->row, ht_state_word(c->state));
	if (c->state == HT_FINALIZED && p->state != HT_FINALIZED && p->pending != HT_MSG_FINALIZE)
		sim_break(sim, "(b) the consumer's negotiation %lld is FINALIZED, the provider's %lld is %s and does not send it",
			  (long long)c->row, (long long)p->row, ht_state_word(p->state));
}

static void check_pair(struct sim_node *n, const struct sim_process *x)
{
	struct sim *sim = n->sim;
	const struct sim_process *y = sim_process_peer(n, x);
	const struct ht_process *other = y ? &y->p : NULL, *c = other, *p = other;

	if (x->p.role == HT_CONSUMER)
		c = &x->p;
	else
		p = &x->p;
	if (!c)
		sim_break(sim, "the provider's %s %lld is nobody's", word(p), (long long)p->row);
	if (c && !p && c->state != HT_NONE && c->state != HT_TERMINATED)
		sim_break(sim, "(c) the consumer's %s %lld is %s, and the provider has none", word(c), (long long)c->row,
			  ht_state_word(c->state));
	if (!c || !p)
		return;
	if (c->peer_pid.len && !ht_text_same(c->peer_pid, p->pid))
		sim_break(sim, "(d) the consumer's %s %lld belongs to another process than the provider's %lld", word(c), (long long)c->row,
			  (long long)p->row);
	check_ends(sim, c, p);
	if (c->machine == HT_NEGOTIATION)
		check_finalized(sim, c, p);
}

/* (d): one process of one initial request. */
static void check_only(struct sim_node *n, const struct sim_process *x)
{
	for (size_t i = 0; i < n->processes_count; i++) {
		const struct sim_process *y = n->processes[i];

		if (y != x && y->p.machine == x->p.machine && x->p.peer_pid.len && ht_text_same(y->p.peer_pid, x->p.peer_pid))
			sim_break(n->sim, "(d) %s: %s %lld and %lld are of one request", n->name, word(&x->p), (long long)y->p.row,
				  (long long)x->p.row);
	}
}

static void keep(struct ht_arena *a, struct ht_text *to, struct ht_text from, struct ht_text before)
{
	*to = ht_text_same(before, from) ? before : ht_text_copy(a, from);
}

static struct sim_process *learn(struct sim_node *n, const struct ht_process *p)
{
	struct ht_arena *a = &n->sim->arena;
	struct sim_process *x;
	struct ht_process before;

	assert(p->row >= 1 && p->row <= SIM_PROCESSES_MAX);
	while (n->processes_count < (size_t)p->row)
		n->processes[n->processes_count++] = HT_TAKE(a, struct sim_process, 1);
	x = n->processes[p->row - 1];
	before = x->p;
	if (!before.row)
		x->may_end = !sim_people_fits(p);
	x->p = *p;
	keep(a, &x->p.pid, p->pid, before.pid);
	keep(a, &x->p.peer_pid, p->peer_pid, before.peer_pid);
	keep(a, &x->p.agreement, p->agreement, before.agreement);
	x->p.peer = x->p.base = x->p.product = x->p.offer = x->p.format = x->p.address = x->p.reason = HT_TEXT("");
	if (before.row && ht_state_final(p->machine, before.state) && before.state != p->state)
		sim_break(n->sim, "%s: %s %lld was %s and is %s", n->name, word(p), (long long)p->row, ht_state_word(before.state),
			  ht_state_word(p->state));
	return x;
}

void sim_check_moved(struct sim_node *n, const struct ht_effects *effects)
{
	static const char *const marks[HT_MARK_COUNT] = { "", " (refused)", " (once more)", " (again)", " (refused again)" };

	for (size_t i = 0; i < effects->moved_count; i++) {
		const struct ht_process *p = &effects->moved[i];
		struct sim_process *x = learn(n, p);

		sim_say(n->sim, n, "process %lld: %s %s %s%s%s%s%s%s", (long long)p->row, word(p), ht_role_word(p->role),
			ht_state_word(p->state), p->pending ? ", pending " : "", p->pending ? ht_msg_word(p->pending) : "", marks[p->mark],
			p->stalled ? ", dead letter" : "", p->person ? ", waits for a person" : "");
		n->sim->counts->dead_letters += p->stalled;
		n->sim->moved_us = n->sim->now_us;
		check_only(n, x);
		check_pair(n, x);
		sim_people_moved(n, x);
	}
}

static struct sim_chain *chain_of(struct sim_node *n, int64_t first)
{
	for (size_t i = 0; i < n->chains_count; i++) {
		if (n->chains[i].first == first)
			return &n->chains[i];
	}
	assert(n->chains_count < HT_COUNT(n->chains));
	n->chains[n->chains_count] = (struct sim_chain){ .first = first, .last = -1, .seq = -1 };
	return &n->chains[n->chains_count++];
}

static void check_leaf(struct sim_node *n, const struct ht_leaf *leaf, struct ht_arena scratch)
{
	struct sim_chain *chain = chain_of(n, leaf->chain_index);
	uint8_t entry[HT_SHA256 + HT_LEAF_ENTRY];

	assert(leaf->party_row >= 0 && leaf->party_row < 2);
	if (leaf->index != n->leaf_last + 1 || leaf->event != n->events_last[leaf->party_row] + 1)
		sim_break(n->sim, "(e) %s: a gap before leaf %lld", n->name, (long long)leaf->index);
	if (leaf->seq != chain->seq + 1 || leaf->previous != chain->last || (chain->seq < 0 && leaf->chain_index != leaf->index))
		sim_break(n->sim, "(e) %s: leaf %lld does not follow the one before in its chain", n->name, (long long)leaf->index);
	if (leaf->erased || !ht_leaf_holds(leaf, scratch))
		sim_break(n->sim, "(e) %s: leaf %lld is not what it commits to", n->name, (long long)leaf->index);
	n->leaf_last = leaf->index;
	n->events_last[leaf->party_row] = leaf->event;
	chain->last = leaf->index;
	chain->seq = leaf->seq;
	memcpy(entry, n->log_hash, HT_SHA256);
	ht_leaf_entry(leaf, entry + HT_SHA256);
	ht_sha256((struct ht_bytes){ entry, sizeof entry }, n->log_hash);
}

static void count_leaf(struct sim_counts *counts, const struct ht_leaf *leaf)
{
	counts->leaves++;
	counts->letters += leaf->kind == HT_EVENT_SENT;
	counts->withdrawn += leaf->kind == HT_EVENT_WITHDRAWN;
	counts->implied += leaf->kind == HT_EVENT_ACKED && leaf->content.len > 6 && !memcmp(leaf->content.at, "{\"by\":", 6);
}

static void read_leaves(struct sim_node *n, bool count)
{
	struct ht_leaf *leaves;
	size_t got = HT_LIST_MAX;

	while (got == HT_LIST_MAX) {
		struct ht_arena a = n->arena;

		if (ht_store_leaves(n->store, 0, -1, (struct ht_page){ n->leaf_last, HT_LIST_MAX }, &a, &leaves, &got)) {
			sim_break(n->sim, "%s: the leaves cannot be read", n->name);
			return;
		}
		for (size_t i = 0; i < got; i++) {
			check_leaf(n, &leaves[i], a);
			if (count)
				count_leaf(n->sim->counts, &leaves[i]);
		}
	}
}

void sim_check_leaves(struct sim_node *n)
{
	read_leaves(n, true);
}

/* The whole log again: nothing in it has changed. */
static void check_log(struct sim_node *n)
{
	int64_t last = n->leaf_last;
	uint8_t hash[HT_SHA256];

	memcpy(hash, n->log_hash, sizeof hash);
	n->leaf_last = -1;
	n->events_last[0] = n->events_last[1] = 0;
	n->chains_count = 0;
	memset(n->log_hash, 0, sizeof n->log_hash);
	read_leaves(n, false);
	if (n->leaf_last != last || memcmp(hash, n->log_hash, sizeof hash))
		sim_break(n->sim, "(e) %s: the log is not what it was", n->name);
}

static struct sim_promise *promise_of(struct sim_node *n, struct ht_text id)
{
	for (struct sim_promise *p = n->promises; p; p = p->next) {
		if (ht_text_same(p->id, id))
			return p;
	}
	return NULL;
}

static void promise(struct sim_node *n, int64_t process, const struct sim_attempt *t)
{
	struct sim_promise *p = HT_TAKE(&n->sim->arena, struct sim_promise, 1);

	*p = (struct sim_promise){ .process = process, .id = t->post.id, .body = t->body, .next = n->promises };
	n->promises = p;
}

/* A message that became a step and was committed: taken once and for all, whatever comes again is known and changes nothing. */
void sim_check_step(struct sim_node *n, const struct sim_job *job)
{
	struct sim_counts *counts = n->sim->counts;
	struct sim_attempt *t = job->ask ? job->ask->attempt : NULL;
	const struct ht_step *s = job->step;

	if (!t || t->look)
		return;
	if (t->judged_life == n->life)
		sim_break(n->sim, "%s: two copies under one token were judged", n->name);
	t->judged_life = n->life;
	if (promise_of(n, t->post.id)) {
		if (s->why.code || !s->out.known)
			sim_break(n->sim, "%s: a message that was taken is judged anew: %s", n->name, ht_refuse_word(s->why.code));
		counts->known++;
		return;
	}
	counts->refused[s->why.code]++;
	if (s->why.code) {
		sim_say(n->sim, n, "refuses ..." HT_TEXT_FMT ": %s at " HT_TEXT_FMT, 6, t->post.id.at + t->post.id.len - 6,
			ht_refuse_word(s->why.code), HT_TEXT_ARG(s->why.place));
		t->refused = true;
		return;
	}
	counts->anew += t->refused;
	counts->taken++;
	promise(n, s->out.process.row, t);
}

/* (c): the mark is there, and the leaf with what was received. */
static void check_kept(struct sim_node *n, const struct sim_promise *p)
{
	struct ht_arena a = n->arena;
	struct ht_message_row row;
	struct ht_leaf leaf;
	bool found = false;

	if (ht_store_message(n->store, p->process, p->id, &a, &row, &found) || !found) {
		sim_break(n->sim, "(c) %s: message ..." HT_TEXT_FMT " was taken and is gone", n->name, 6, p->id.at + p->id.len - 6);
		return;
	}
	if (ht_store_leaf(n->store, row.leaf, &a, &leaf, &found) || !found || leaf.kind != HT_EVENT_RECEIVED ||
	    !ht_bytes_same(leaf.content, p->body))
		sim_break(n->sim, "(c) %s: message ..." HT_TEXT_FMT " has another leaf", n->name, 6, p->id.at + p->id.len - 6);
}

void sim_check_promise(struct sim_node *n, const struct sim_ask *ask, int status)
{
	const struct sim_promise *p;

	if (ask->attempt->look || status < 200 || status >= 300)
		return;
	p = promise_of(n, ask->attempt->post.id);
	if (p && n->sim->fault != SIM_JUDGED_ANEW)
		check_kept(n, p);
	if (!p)
		sim_break(n->sim, "(c) %s: answered %d to what was not taken", n->name, status);
}

static void check_process(struct sim_node *n, const struct sim_process *x)
{
	struct ht_arena a = n->arena;
	struct ht_process p;
	struct ht_letter letter;
	bool found = false, sends = false;

	if (ht_store_process(n->store, x->p.row, &a, &p, &found) || !found || ht_store_letter(n->store, x->p.row, &a, &letter, &sends)) {
		sim_break(n->sim, "(c) %s: process %lld is gone", n->name, (long long)x->p.row);
		return;
	}
	if (p.state != x->p.state || p.pending != x->p.pending || p.mark != x->p.mark || p.stalled != x->p.stalled ||
	    p.person != x->p.person || !ht_text_same(p.peer_pid, x->p.peer_pid) || !ht_text_same(p.agreement, x->p.agreement))
		sim_break(n->sim, "(c) %s: process %lld is not what was committed", n->name, (long long)x->p.row);
	if (sends != (p.pending != HT_MSG_NONE) || (sends && letter.msg != p.pending))
		sim_break(n->sim, "%s: process %lld has pending %s, but its letter is %s", n->name, (long long)p.row,
			  ht_msg_word(p.pending), sends ? ht_msg_word(letter.msg) : "not there");
	if (p.stalled != (sends && letter.due_us == INT64_MAX))
		sim_break(n->sim, "%s: process %lld is %sa dead letter, its letter says otherwise", n->name, (long long)p.row,
			  p.stalled ? "" : "not ");
}

void sim_check_store(struct sim_node *n)
{
	/* With this fault only what it leads to counts, not the missing row. */
	for (size_t i = 0; n->sim->fault != SIM_LETTER_LOST && i < n->processes_count; i++)
		check_process(n, n->processes[i]);
	for (const struct sim_promise *p = n->promises; p && n->sim->fault != SIM_JUDGED_ANEW; p = p->next)
		check_kept(n, p);
	check_log(n);
}

/* (f) for one process: the same state on both sides, nothing under way, final or somebody's turn. */
static void check_rest(struct sim_node *n, const struct sim_process *x)
{
	const struct sim_process *y = sim_process_peer(n, x);
	const struct ht_process *p = &x->p;
	enum ht_state there = y ? y->p.state : HT_TERMINATED; /* never taken up */

	if (p->pending)
		sim_break(n->sim, "(f) %s: %s %lld still sends %s", n->name, word(p), (long long)p->row, ht_msg_word(p->pending));
	if (p->state != there)
		sim_break(n->sim, "(f) %s: %s %lld is %s, at the other side %s", n->name, word(p), (long long)p->row,
			  ht_state_word(p->state), y ? ht_state_word(there) : "nothing");
	if (!ht_state_final(p->machine, p->state) && p->state != HT_STARTED && !p->person && !(y && y->p.person))
		sim_break(n->sim, "(f) %s: %s %lld is %s, and it is nobody's turn", n->name, word(p), (long long)p->row,
			  ht_state_word(p->state));
	if (p->role == HT_CONSUMER && p->state == HT_TERMINATED && !x->may_end && !(y && y->may_end) &&
	    !(n->sim->republished && p->machine == HT_NEGOTIATION))
		sim_break(n->sim, "%s: %s %lld is TERMINATED, and nobody wanted that", n->name, word(p), (long long)p->row);
	if (n->sim->calm && p->state != HT_FINALIZED && p->state != HT_COMPLETED && p->state != HT_STARTED)
		sim_break(n->sim, "(g) %s: %s %lld is %s", n->name, word(p), (long long)p->row, ht_state_word(p->state));
}

void sim_check_end(struct sim *sim)
{
	struct sim_counts *counts = sim->counts;

	for (int i = 0; i < SIM_NODES; i++) {
		struct sim_node *n = &sim->nodes[i];

		sim_check_store(n);
		for (size_t j = 0; j < n->processes_count; j++) {
			const struct sim_process *x = n->processes[j];

			check_rest(n, x);
			if (x->p.role != HT_CONSUMER)
				continue;
			counts->negotiations += x->p.machine == HT_NEGOTIATION;
			counts->transfers += x->p.machine == HT_TRANSFER;
			counts->ended[x->p.machine][x->p.state]++;
			counts->persons += x->p.person;
		}
	}
}
