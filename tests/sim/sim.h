/* tests/sim/sim.h - two nodes, a bad network, people, and a clock that is a number. Everything follows from one seed.
 *
 * Time    sim->now_us; each node has a clock of its own beside it (skew_us).
 * Memory  of one seed: sim->arena; of one batch of a node: its own arena. */
#ifndef HT_TESTS_SIM_SIM_H
#define HT_TESTS_SIM_SIM_H

#include <stdio.h>

#include "base/count.h"
#include "base/net.h"
#include "base/time.h"
#include "core/market/lifecycle.h"
#include "door/door.h"
#include "model/names.h"
#include "node/attempt.h"

enum {
	SIM_NODES = 2,
	SIM_PROCESSES_MAX = 64, /* of a node, and of a seed */
	SIM_SEEN_MAX = 16384,
	SIM_JOBS_MAX = 256,
	SIM_TRACE_LINES = 400,
	SIM_TRACE_WIDTH = 240,
};

/* How bad the world is, in thousandths of what they are about. The table in run.c has the numbers, the README what they mean. */
struct sim_rates {
	int lost, answer_lost, repeated, slow, late, answer_slow, untrue, death, full, document_lacks, document_failed;
	int split;                        /* of a minute of trouble: the network is cut for some time */
	int terminate, transfer, complete, retry_early, served;
	int offered, manual;              /* a provider begins; a person is asked at each step */
	int act, cross, wrong;            /* of a transfer that rests: somebody acts, both at once; of a change: any message at any moment */
};

enum sim_fault {
	SIM_SOUND, SIM_EARLY_STATE, SIM_JUDGED_ANEW, SIM_LETTER_LOST,
	SIM_CROSSED_OPEN, SIM_FINALIZED_UNDONE, SIM_EARLY_OFFER, SIM_WITHDRAWN_SENT, SIM_FINAL_WHILE_OPEN, SIM_ADDRESS_ANEW,
	SIM_FAULT_COUNT
};

/* Sums over all seeds. */
struct sim_counts {
	int64_t seeds, negotiations, transfers, ended[HT_MACHINE_COUNT][HT_STATE_COUNT], persons;
	int64_t letters, attempts, copies, looks, taken, known, refused[HT_REFUSE_COUNT], statuses[600];
	int64_t deaths_before, deaths_after, full, splits, dead_letters, retries, batches, steps, leaves, untrue, needs, anew;
	int64_t withdrawn, implied, events;
	int64_t offers, acts[HT_MSG_COUNT], acts_refused, rounds_most, rounds, crossed, resumed, used;
};

enum sim_kind {
	SIM_ARRIVE,  /* a copy of a request at the other node */
	SIM_ANSWER,  /* an answer at who asked */
	SIM_PATIENCE,/* who asked waits no longer */
	SIM_REPORT,  /* what came back, once more: the disk was full */
	SIM_BATCH,   /* the desk takes what has queued */
	SIM_DUE,     /* the desk has something due */
	SIM_RESTART, /* a dead node starts */
	SIM_DECIDE,  /* a person decides */
	SIM_ROUND,   /* a person looks at the dead letters */
	SIM_SPLIT,   /* the network may be cut */
	SIM_PLANTED, /* a fault sends what it should not */
	SIM_HEAL,
	SIM_END,
};

enum sim_plan { SIM_NEGOTIATE, SIM_OFFER, SIM_TRANSFER, SIM_COMPLETE, SIM_TERMINATE, SIM_SERVED, SIM_PUBLISH, SIM_TURN, SIM_ACT, SIM_WRONG };

/* One request under its token, with all its copies. */
struct sim_attempt {
	int from;
	unsigned life;          /* of the sender, when it was sent */
	bool look, settled;     /* settled: answered, or nobody waits any more */
	struct ht_post post;
	struct ht_look ask;
	struct ht_text path, authorization;
	struct ht_bytes body;
	int64_t open_us;
	unsigned judged_life;   /* of the receiver, when a copy became a step; 0: none yet */
	bool taken;             /* and was accepted */
	bool refused;
	struct sim_attempt *next; /* of the sender's, in this life */
};

struct sim_event {
	int64_t at_us;
	uint64_t order;
	enum sim_kind kind;
	int node;
	struct sim_attempt *attempt;
	int copy;
	int status, retry_after_s; /* of an answer */
	struct ht_bytes body;
	enum sim_plan plan;
	enum ht_msg msg;           /* HT_MSG_NONE: the person chooses */
	struct ht_text id;         /* pid or agreement */
	int64_t row;
	int tries;
};

struct sim_ask {
	struct ht_ask ask;
	struct ht_door_result result;
	struct sim_attempt *attempt;
	int copy;
};

struct sim_job {
	struct ht_step *step;
	struct sim_ask *ask;       /* NULL: not of a request */
	struct sim_event *again;   /* what happens again when the disk was full; NULL: nothing */
};

/* What the desk said last of a process. */
struct sim_process {
	struct ht_process p;       /* texts as far as they are looked at; others are empty */
	bool planned_transfer, planned_end, planned_turn, planned_act;
	bool may_end;              /* TERMINATED is no wonder: somebody wanted it, or the terms did not fit */
	bool started;              /* it was STARTED once */
	int unsure;                /* answers 401, 403 and 404 to its first message */
	int64_t acted_us;          /* when somebody did something about it, on either side */
	int64_t rounds;            /* offers and requests so far */
	struct sim_attempt *sent; /* the last letter that left */
};

/* A message that was answered with a success: it may never be forgotten. */
struct sim_promise {
	int64_t process;
	struct ht_text id;
	struct ht_bytes body;
	struct sim_promise *next;
};

/* One chain of leaves, as far as it was read. */
struct sim_chain {
	int64_t first, last, seq;
};

struct sim_node {
	struct sim *sim;
	int index;
	const char *name;
	bool up;
	unsigned life;             /* from 1 */
	int64_t skew_us;
	struct ht_store *store;
	struct ht_desk *desk;
	struct ht_desk_settings settings;
	struct ht_random random;
	struct ht_arena arena;
	struct ht_door door;
	struct ht_facts facts;
	struct ht_peers peers;
	struct ht_ranges allow;
	struct ht_party party;
	struct ht_text base;       /* of its DSP endpoint */
	struct ht_signer signer;
	struct ht_did_doc document;
	bool has_document;         /* of the other node */
	int64_t down_us;           /* dead until then */

	struct sim_job jobs[SIM_JOBS_MAX];
	size_t jobs_count;
	bool batch_set;
	int64_t due_set_us;
	struct ht_text seen[SIM_SEEN_MAX]; /* tokens of this life */
	size_t seen_count;
	struct sim_attempt *attempts;

	struct sim_process *processes[SIM_PROCESSES_MAX]; /* by row - 1 */
	size_t processes_count;
	struct sim_promise *promises;
	struct ht_process *disguised; /* by a fault, for one batch: what it is */
	int64_t disguised_open_us;
	int64_t leaf_last, events_last[2];
	struct sim_chain chains[SIM_PROCESSES_MAX + 16];
	size_t chains_count;
	uint8_t log_hash[HT_SHA256]; /* over the entries of all leaves so far */
};

struct sim {
	uint64_t seed;
	enum sim_fault fault;
	bool calm;                 /* no loss, no crossing, no TERMINATE: nothing may be refused */
	const struct sim_rates *rates;
	struct ht_random random;
	struct ht_arena arena;
	int64_t now_us, begin_us, heal_us, cut_until_us, moved_us;
	bool ready, healed, over;  /* ready: both nodes are set up */
	bool republished;          /* offers of before are not known any more */
	struct sim_event **heap;
	size_t heap_count, heap_cap;
	uint64_t order;
	struct sim_node nodes[SIM_NODES];
	struct sim_counts *counts;
	bool loud;                 /* lines go to standard output at once */
	char (*trace)[SIM_TRACE_WIDTH]; /* NULL: no trace */
	size_t trace_count;
	bool broken;
	char why[512];
};

/* run.c */
extern const struct sim_rates sim_bad, sim_good, sim_healed;
/* One seed from its beginning to its end. False: sim->why says what does not hold. */
bool sim_run(struct sim *sim, uint64_t seed);
int64_t sim_draw(struct sim *sim, int64_t from, int64_t to); /* both included */
bool sim_chance(struct sim *sim, int thousandths);
/* From `from` to `to`, each order of magnitude as likely as any other. */
int64_t sim_draw_far(struct sim *sim, int64_t from, int64_t to);
__attribute__((format(printf, 3, 4))) void sim_say(struct sim *sim, const struct sim_node *n, const char *format, ...);
__attribute__((format(printf, 2, 3))) void sim_break(struct sim *sim, const char *format, ...); /* the first one counts */
struct sim_event *sim_later(struct sim *sim, enum sim_kind kind, int node, int64_t in_us);
struct sim_node *sim_other(struct sim_node *n);

/* node.c */
void sim_node_open(struct sim *sim, int index);
void sim_node_close(struct sim_node *n);
int64_t sim_node_now(const struct sim_node *n);
void sim_node_restart(struct sim_node *n);
void sim_node_queue(struct sim_node *n, struct ht_step *step, struct sim_ask *ask, struct sim_event *again);
void sim_node_batch(struct sim_node *n);
void sim_node_due(struct sim_node *n);
struct ht_step *sim_node_step(struct sim_node *n, enum ht_step_kind kind, enum ht_role role);

/* net.c */
void sim_net_post(struct sim_node *n, const struct ht_post *post);
void sim_net_look(struct sim_node *n, const struct ht_look *look);
void sim_net_arrive(struct sim *sim, struct sim_event *e);
void sim_net_came_back(struct sim *sim, struct sim_event *e);
void sim_net_reply(struct sim_node *n, struct sim_ask *ask, const struct ht_answer *answer);
void sim_net_forget(struct sim_node *n); /* the node died: nobody waits for its answers */

/* people.c */
void sim_people_begin(struct sim *sim, int64_t trouble_us);
void sim_people_decide(struct sim *sim, struct sim_event *e);
void sim_people_round(struct sim *sim, struct sim_event *e);
void sim_people_moved(struct sim_node *n, struct sim_process *x);
void sim_people_products(struct sim_node *n);
/* The product is for anybody, and the terms are those that it is published with. */
bool sim_people_fits(const struct sim_node *n, const struct ht_process *p);
int64_t sim_people_count(const struct sim_node *n, const struct ht_process *transfer); /* how often its agreement allows one */
struct ht_text sim_people_until(struct ht_arena *a, int64_t at_us); /* a policy: before that time */
struct sim_event *sim_people_plan(struct sim *sim, enum sim_plan plan, int node, int64_t in_us);

/* acts.c: messages by hand */
void sim_acts_moved(struct sim_node *n, struct sim_process *x);
void sim_acts_decide(struct sim_node *n, const struct sim_event *e);
void sim_acts_send(struct sim_node *n, struct sim_process *x, enum ht_msg msg);

/* check.c */
void sim_check_moved(struct sim_node *n, const struct ht_effects *effects);
void sim_check_leaves(struct sim_node *n);
void sim_check_step(struct sim_node *n, const struct sim_job *job);
void sim_check_promise(struct sim_node *n, const struct sim_ask *ask, int status);
void sim_check_store(struct sim_node *n); /* all of it: after a restart and at the end */
void sim_check_end(struct sim *sim);
struct sim_process *sim_process_of(struct sim_node *n, struct ht_text pid);
struct sim_process *sim_process_peer(struct sim_node *n, const struct sim_process *x); /* the same one at the other node; NULL: none yet */

/* fault.c: what is planted, to see that it is found. */
extern const char *const sim_fault_names[SIM_FAULT_COUNT];
void sim_fault_before_batch(struct sim_node *n);
void sim_fault_undo(struct sim_node *n, bool failed); /* what was only for the batch */
void sim_fault_after_batch(struct sim_node *n);
void sim_fault_before_copy(struct sim_node *n, const struct sim_attempt *attempt);
void sim_fault_at_restart(struct sim_node *n);
void sim_fault_withdrawn(struct sim_node *n, struct ht_text pid);
void sim_fault_planted(struct sim *sim, const struct sim_event *e);

#endif
