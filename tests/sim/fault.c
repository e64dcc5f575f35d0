/* tests/sim/fault.c - three faults, planted below the desk, so that the checks are seen to find them. */
#include "tests/sim/sim.h"

#include "store/row.h"

const char *const sim_fault_names[SIM_FAULT_COUNT] = {
	[SIM_SOUND] = "none",
	[SIM_EARLY_STATE] = "state-before-ack",
	[SIM_JUDGED_ANEW] = "duplicate-judged-anew",
	[SIM_LETTER_LOST] = "letter-lost-at-restart",
};

static void write(struct sim_node *n, const char *sql)
{
	if (ht_store_exec(n->store, sql))
		sim_break(n->sim, "the fault could not be planted");
}

/* The state moves when a message is committed for sending, not when it is acknowledged. */
void sim_fault_after_batch(struct sim_node *n)
{
	struct ht_effects moved = { .arena = &n->arena };

	if (n->sim->fault != SIM_EARLY_STATE)
		return;
	for (size_t i = 0; i < n->processes_count; i++) {
		struct ht_process *p = HT_TAKE(&n->arena, struct ht_process, 1);
		bool found;

		if (ht_store_process(n->store, n->processes[i]->p.row, &n->arena, p, &found) || !found || !p->pending ||
		    p->state == ht_msg_to(p->pending))
			continue;
		p->state = ht_msg_to(p->pending);
		if (ht_store_process_save(n->store, p))
			sim_break(n->sim, "the fault could not be planted");
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
