/* tests/sim/fault.c - faults, planted below and around the desk, so that the checks are seen to find them. */
#include "tests/sim/sim.h"

#include "store/row.h"
#include "wire/json.h"

enum { AFTER_PATIENCE_US = 31000000, SENT_WITHIN_US = 240000000, SENT_TIMES = 3 };

const char *const sim_fault_names[SIM_FAULT_COUNT] = {
	[SIM_SOUND] = "none",
	[SIM_EARLY_STATE] = "state-before-ack",
	[SIM_JUDGED_ANEW] = "duplicate-judged-anew",
	[SIM_LETTER_LOST] = "letter-lost-at-restart",
	[SIM_CROSSED_OPEN] = "crossing-while-open",
	[SIM_FINALIZED_UNDONE] = "finalized-undone",
	[SIM_EARLY_OFFER] = "offer-before-ack",
	[SIM_WITHDRAWN_SENT] = "withdrawn-letter-sent",
	[SIM_FINAL_WHILE_OPEN] = "refusal-final-while-open",
	[SIM_ADDRESS_ANEW] = "address-anew",
};

static void write(struct sim_node *n, const char *sql)
{
	if (ht_store_exec(n->store, sql))
		sim_break(n->sim, "the fault could not be planted");
}

static struct ht_process *load(struct sim_node *n, const struct sim_process *x)
{
	struct ht_process *p = HT_TAKE(&n->arena, struct ht_process, 1);
	bool found = false;

	if (ht_store_process(n->store, x->p.row, &n->arena, p, &found) || !found)
		sim_break(n->sim, "the fault could not be planted");
	return p;
}

static bool load_letter(struct sim_node *n, const struct ht_process *p, struct ht_letter *letter)
{
	bool found = false;

	return !ht_store_letter(n->store, p->row, &n->arena, letter, &found) && found;
}

static void save(struct sim_node *n, const struct ht_process *p)
{
	if (ht_store_process_save(n->store, p))
		sim_break(n->sim, "the fault could not be planted");
}

/* What a person or an answer of this batch is about; NULL: nothing that the fault concerns. */
static struct ht_process *concerned(struct sim_node *n, const struct ht_step *s)
{
	bool by_provider = s->kind == HT_STEP_SEND && s->who.role == HT_PROVIDER;
	struct sim_process *x;
	struct ht_letter letter;
	struct ht_process *p;

	if (n->sim->fault == SIM_FINAL_WHILE_OPEN) {
		if (s->kind != HT_STEP_ANSWERED || ht_answer_class(s->in.answered.status) < HT_ANSWER_UNSURE)
			return NULL;
		p = load(n, n->processes[s->in.answered.process - 1]);
		return p->state == HT_NONE && load_letter(n, p, &letter) && ht_text_same(letter.id, s->in.answered.letter) &&
				       letter.open_us > sim_node_now(n) ?
			       p :
			       NULL;
	}
	x = by_provider ? sim_process_of(n, s->in.send.pid) : NULL;
	if (!x)
		return NULL;
	p = load(n, x);
	if (n->sim->fault == SIM_FINALIZED_UNDONE)
		return s->in.send.msg == HT_MSG_TERMINATE && p->pending == HT_MSG_FINALIZE ? p : NULL;
	return s->in.send.msg == HT_MSG_START && s->in.send.resume && p->state == HT_SUSPENDED && !p->pending ? p : NULL;
}

/* One process is for this batch what it is not: a TERMINATE finds no FINALIZED pending, a resumption no address, a refusal no attempt
 * that is open. Only where the batch has one step, so that no other is fooled. */
static void disguise(struct sim_node *n)
{
	struct ht_process *before = n->jobs_count == 1 ? concerned(n, n->jobs[0].step) : NULL, p;
	struct ht_letter letter;

	if (!before)
		return;
	p = *before;
	n->disguised = before;
	if (n->sim->fault == SIM_FINALIZED_UNDONE)
		p.pending = HT_MSG_VERIFY;
	if (n->sim->fault == SIM_ADDRESS_ANEW)
		p.address = HT_TEXT("");
	if (n->sim->fault == SIM_FINAL_WHILE_OPEN && load_letter(n, before, &letter)) {
		n->disguised_open_us = letter.open_us;
		letter.open_us = 0;
		p.unanswered = false;
		p.mark = HT_MARK_ONCE_MORE;
		if (ht_store_letter_put(n->store, &letter))
			sim_break(n->sim, "the fault could not be planted");
	}
	save(n, &p);
}

/* No attempt of a START or SUSPEND counts as open or under way. One that is has no need to be due: its answer, or the end of the
 * patience, makes it so. */
static void close_attempts(struct sim_node *n)
{
	write(n, "UPDATE letter SET open_us = -open_us WHERE open_us > 0 AND msg IN (7, 8)");
	for (size_t i = 0; i < n->processes_count; i++) {
		const struct sim_process *x = n->processes[i];

		if ((x->p.pending == HT_MSG_START || x->p.pending == HT_MSG_SUSPEND) && x->sent && !x->sent->settled &&
		    x->sent->life == n->life)
			ht_desk_postpone(n->desk, x->p.row, sim_node_now(n) + HT_DAY_US);
	}
}

void sim_fault_before_batch(struct sim_node *n)
{
	n->disguised = NULL;
	if (!n->sim->ready)
		return;
	if (n->sim->fault == SIM_CROSSED_OPEN)
		close_attempts(n);
	if (n->sim->fault == SIM_FINALIZED_UNDONE || n->sim->fault == SIM_ADDRESS_ANEW || n->sim->fault == SIM_FINAL_WHILE_OPEN)
		disguise(n);
}

void sim_fault_undo(struct sim_node *n, bool failed)
{
	struct ht_letter letter;

	if (n->sim->fault == SIM_CROSSED_OPEN)
		write(n, "UPDATE letter SET open_us = -open_us WHERE open_us < 0");
	if (!n->disguised || !(failed || n->jobs[0].step->why.code))
		return;
	save(n, n->disguised);
	if (n->sim->fault == SIM_FINAL_WHILE_OPEN && load_letter(n, n->disguised, &letter)) {
		letter.open_us = n->disguised_open_us;
		if (ht_store_letter_put(n->store, &letter))
			sim_break(n->sim, "the fault could not be planted");
	}
}

/* The state, or the last offer, moves when a message is committed for sending, not when it is acknowledged. */
static bool move_early(struct sim_node *n, struct ht_process *p)
{
	struct ht_letter letter;
	struct ht_leaf leaf;
	bool found = false;

	if (n->sim->fault == SIM_EARLY_STATE) {
		found = p->state != ht_msg_to(p->pending);
		p->state = ht_msg_to(p->pending);
		return found;
	}
	if (p->machine != HT_NEGOTIATION || p->state == HT_NONE || (p->pending != HT_MSG_OFFER && p->pending != HT_MSG_REQUEST) ||
	    !load_letter(n, p, &letter) || ht_store_leaf(n->store, letter.leaf, &n->arena, &leaf, &found) || !found)
		return false;
	p->offer = ht_json_span(ht_bytes_text(leaf.content), "offer");
	return true;
}

void sim_fault_after_batch(struct sim_node *n)
{
	struct ht_effects moved = { .arena = &n->arena };

	if (n->sim->fault != SIM_EARLY_STATE && n->sim->fault != SIM_EARLY_OFFER)
		return;
	for (size_t i = 0; i < n->processes_count; i++) {
		struct ht_process *p = load(n, n->processes[i]);

		if (!p->pending || !move_early(n, p))
			continue;
		save(n, p);
		moved.moved = p;
		moved.moved_count = 1;
		sim_check_moved(n, &moved);
	}
}

/* Nothing is known of the messages that were taken before. */
void sim_fault_before_copy(struct sim_node *n, const struct sim_attempt *attempt)
{
	if (n->sim->fault == SIM_JUDGED_ANEW && !attempt->look)
		write(n, "DELETE FROM message; UPDATE process SET last = zeroblob(32)");
}

/* The outbox was in memory only. */
void sim_fault_at_restart(struct sim_node *n)
{
	if (n->sim->fault == SIM_LETTER_LOST)
		write(n, "DELETE FROM letter");
}

/* A letter that was withdrawn leaves all the same, later, and more than once. */
void sim_fault_withdrawn(struct sim_node *n, struct ht_text pid)
{
	struct sim_process *x = n->sim->fault == SIM_WITHDRAWN_SENT ? sim_process_of(n, pid) : NULL;

	for (int i = 0; x && x->sent && i < SENT_TIMES; i++)
		sim_later(n->sim, SIM_PLANTED, n->index, sim_draw_far(n->sim, AFTER_PATIENCE_US, SENT_WITHIN_US))->attempt = x->sent;
}

void sim_fault_planted(struct sim *sim, const struct sim_event *e)
{
	struct sim_node *n = &sim->nodes[e->node];
	const struct sim_attempt *last = n->processes[e->attempt->post.process - 1]->sent;

	if (!n->up || (ht_text_same(last->post.id, e->attempt->post.id) && !last->settled))
		return;
	sim_say(sim, n, "process %lld: a letter that was withdrawn leaves", (long long)e->attempt->post.process);
	sim_net_post(n, &e->attempt->post);
}
