/* tests/sim/check.c - what must hold: (a) to (e) of LIFECYCLE after every commit, (f) when the network has healed, (g) when nothing goes wrong. */
#include "tests/sim/sim.h"

#include <assert.h>
#include <string.h>

#include "core/evidence/leaf.h"
#include "core/market/policy.h"
#include "wire/dsp.h"

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

/* Whoever took the first message knows the pid of who sent it; the sender may not know the other's yet. */
struct sim_process *sim_process_peer(struct sim_node *n, const struct sim_process *x)
{
	struct sim_node *other = sim_other(n);

	for (size_t i = 0; i < other->processes_count; i++) {
		struct sim_process *y = other->processes[i];

		if (y->p.machine == x->p.machine && y->p.role != x->p.role && y->p.pid.len &&
		    (ht_text_same(y->p.peer_pid, x->p.pid) || ht_text_same(x->p.peer_pid, y->p.pid)))
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

/* The last offer is one and the same where both sides show the same state, and from AGREED of the consumer on. */
static void check_offers(struct sim_node *n, const struct ht_process *c, const struct ht_process *p)
{
	bool agreed = c->state == HT_AGREED || c->state == HT_VERIFIED || c->state == HT_FINALIZED;
	struct ht_policy ours, theirs;
	struct ht_refusal why;
	struct ht_arena a = n->arena;

	if ((!agreed && c->state != p->state) || c->state == HT_NONE || c->state == HT_TERMINATED)
		return;
	if (!ht_odrl_read(c->offer, &a, &ours, &why) || !ht_odrl_read(p->offer, &a, &theirs, &why) || !ht_policy_same(&ours, &theirs) ||
	    !ht_text_same(ours.id, theirs.id))
		sim_break(n->sim,
			  "the last offer of the consumer's negotiation %lld, %s, is not that of the provider's %lld, %s: " HT_TEXT_FMT
			  " and " HT_TEXT_FMT,
			  (long long)c->row, ht_state_word(c->state), (long long)p->row, ht_state_word(p->state), HT_TEXT_ARG(c->offer),
			  HT_TEXT_ARG(p->offer));
	if (agreed && !ht_text_same(c->agreement, p->agreement))
		sim_break(n->sim, "the consumer's negotiation %lld has another agreement than the provider's %lld", (long long)c->row,
			  (long long)p->row);
}

/* A contract says what the last offer said, and both sides have it letter by letter. */
static void check_agreement(struct sim_node *n, const struct ht_process *p, struct ht_text *text)
{
	struct ht_arena *a = &n->arena;
	struct ht_policy offer, agreement;
	struct ht_refusal why;
	struct ht_agreement g = { 0 };
	bool found = false;

	*text = HT_TEXT("");
	if (!p->agreement.len || p->state == HT_TERMINATED)
		return;
	if (ht_store_agreement(n->store, p->party, p->agreement, a, &g, &found) || !found)
		sim_break(n->sim, "%s: the agreement of negotiation %lld is not there", n->name, (long long)p->row);
	else if (!ht_odrl_read(p->offer, a, &offer, &why) || !ht_odrl_read(g.policy, a, &agreement, &why) ||
		 !ht_policy_same(&offer, &agreement))
		sim_break(n->sim, "%s: the agreement of negotiation %lld is not the last offer", n->name, (long long)p->row);
	*text = g.policy;
}

/* Nobody delivers more often than the agreement of both says. */
static void check_count(struct sim_node *n, const struct sim_process *x)
{
	int64_t started = 0;

	for (size_t i = 0; i < n->processes_count; i++) {
		const struct sim_process *y = n->processes[i];

		started += y->started && y->p.machine == HT_TRANSFER && ht_text_same(y->p.agreement, x->p.agreement);
	}
	if (x->started && started > sim_people_count(n, &x->p))
		sim_break(n->sim, "%s: %lld transfers of one agreement were started", n->name, (long long)started);
}

/* Where a STARTED consumer fetches is where its provider delivers. */
static void check_address(struct sim *sim, const struct ht_process *c, const struct ht_process *p)
{
	if (c->state == HT_STARTED && !(c->address.len && ht_text_same(c->address, p->address)))
		sim_break(sim, "the consumer's transfer %lld is STARTED with an address that is not that of the provider's %lld",
			  (long long)c->row, (long long)p->row);
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
	if (!c && p->state != HT_NONE && p->state != HT_TERMINATED)
		sim_break(sim, "(c) the provider's %s %lld is %s, and the consumer has none", word(p), (long long)p->row,
			  ht_state_word(p->state));
	if (c && !p && c->state != HT_NONE && c->state != HT_TERMINATED)
		sim_break(sim, "(c) the consumer's %s %lld is %s, and the provider has none", word(c), (long long)c->row,
			  ht_state_word(c->state));
	if (!c || !p)
		return;
	if ((c->peer_pid.len && !ht_text_same(c->peer_pid, p->pid)) || (p->peer_pid.len && !ht_text_same(p->peer_pid, c->pid)))
		sim_break(sim, "(d) the consumer's %s %lld belongs to another process than the provider's %lld", word(c), (long long)c->row,
			  (long long)p->row);
	check_ends(sim, c, p);
	if (c->machine == HT_TRANSFER) {
		check_address(sim, c, p);
		return;
	}
	check_finalized(sim, c, p);
	check_offers(n, c, p);
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
		x->may_end = !sim_people_fits(n, p);
	x->p = *p;
	keep(a, &x->p.pid, p->pid, before.pid);
	keep(a, &x->p.peer_pid, p->peer_pid, before.peer_pid);
	keep(a, &x->p.agreement, p->agreement, before.agreement);
	keep(a, &x->p.offer, p->offer, before.offer);
	keep(a, &x->p.address, p->address, before.address);
	x->p.peer = x->p.base = x->p.product = x->p.format = x->p.reason = HT_TEXT("");
	x->started = x->started || p->state == HT_STARTED;
	x->rounds += p->state != before.state && (p->state == HT_REQUESTED || p->state == HT_OFFERED);
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
		if (p->machine == HT_TRANSFER && p->role == HT_PROVIDER)
			check_count(n, x);
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
			if (count && leaves[i].kind == HT_EVENT_WITHDRAWN)
				sim_fault_withdrawn(n, leaves[i].process);
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

	if (s->kind == HT_STEP_SEND && s->why.code) {
		counts->acts_refused++;
		sim_say(n->sim, n, "that is refused: %s", ht_refuse_word(s->why.code));
		if (n->sim->calm)
			sim_break(n->sim, "(g) %s: what a person sent in its time was refused: %s", n->name, ht_refuse_word(s->why.code));
	}
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

/* A transfer may stay in these states for ever, and either side may go on. */
static bool rests(enum ht_state state)
{
	return state == HT_STARTED || state == HT_SUSPENDED;
}

/* What the consumer has of a transfer that is STARTED on both sides opens the data, unless the agreement is over. */
static void check_delivery(struct sim_node *n, const struct sim_process *x)
{
	struct sim_process *y = sim_process_peer(n, x);
	struct ht_message m = {
		.machine = HT_TRANSFER, .msg = HT_MSG_START, .id = x->p.pid, .consumer_pid = x->p.pid, .has_address = true
	};
	struct ht_step *s = sim_node_step(sim_other(n), HT_STEP_DELIVERY, HT_NOBODY);
	struct ht_refusal why;

	if (x->p.role != HT_CONSUMER || x->p.state != HT_STARTED || !y)
		return;
	m.provider_pid = y->p.pid;
	m.address.text = x->p.address;
	if (!ht_dsp_read(ht_text_bytes(ht_dsp_write(&m, &n->arena)), HT_TRANSFER, HT_MSG_START, &n->arena, &m, &why)) {
		sim_break(n->sim, "%s: the address of transfer %lld is none", n->name, (long long)x->p.row);
		return;
	}
	s->in.read.id = y->p.pid;
	ht_sha256(ht_text_bytes(m.address.authorization), s->in.read.access);
	if (ht_desk_read(sim_other(n)->store, &sim_other(n)->settings, s, sim_node_now(sim_other(n))) ||
	    (s->why.code && s->why.code != HT_REFUSE_AGREEMENT_OVER))
		sim_break(n->sim, "%s: what transfer %lld was given opens nothing: %s", n->name, (long long)x->p.row,
			  ht_refuse_word(s->why.code));
	n->sim->counts->used += !s->why.code;
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
	if (!ht_state_final(p->machine, p->state) && !rests(p->state) && !p->person && !(y && y->p.person))
		sim_break(n->sim, "(f) %s: %s %lld is %s, and it is nobody's turn", n->name, word(p), (long long)p->row,
			  ht_state_word(p->state));
	if (p->state == HT_TERMINATED && !x->may_end && !(y && y->may_end) &&
	    !(n->sim->republished && p->machine == HT_NEGOTIATION))
		sim_break(n->sim, "%s: %s %lld is TERMINATED, and nobody wanted that", n->name, word(p), (long long)p->row);
	if (n->sim->calm && p->state == HT_TERMINATED)
		sim_break(n->sim, "(g) %s: %s %lld is %s", n->name, word(p), (long long)p->row, ht_state_word(p->state));
}

/* The agreement of a negotiation that is over, on both sides. */
static void check_contract(struct sim_node *n, const struct sim_process *x)
{
	struct sim_process *y = sim_process_peer(n, x);
	struct ht_text here, there;

	if (x->p.machine != HT_NEGOTIATION || x->p.role != HT_CONSUMER || !y)
		return;
	check_agreement(n, &x->p, &here);
	check_agreement(sim_other(n), &y->p, &there);
	if (!ht_text_same(here, there))
		sim_break(n->sim, "%s: the agreement of negotiation %lld reads otherwise at the other side", n->name, (long long)x->p.row);
}

static void count_process(struct sim_counts *counts, const struct sim_process *x)
{
	counts->negotiations += x->p.machine == HT_NEGOTIATION;
	counts->transfers += x->p.machine == HT_TRANSFER;
	counts->ended[x->p.machine][x->p.state]++;
	if (x->p.machine == HT_NEGOTIATION) {
		counts->rounds += x->rounds > 1;
		counts->rounds_most = x->rounds > counts->rounds_most ? x->rounds : counts->rounds_most;
	}
}

void sim_check_end(struct sim *sim)
{
	for (int i = 0; i < SIM_NODES; i++) {
		struct sim_node *n = &sim->nodes[i];

		sim_check_store(n);
		for (size_t j = 0; j < n->processes_count; j++) {
			const struct sim_process *x = n->processes[j];

			check_rest(n, x);
			check_contract(n, x);
			check_delivery(n, x);
			sim->counts->persons += x->p.person;
			if (x->p.role == HT_CONSUMER)
				count_process(sim->counts, x);
		}
	}
}
