/* desk/work.h - what the files of the desk share: one step at work, and a process on the desk (a case).
 *
 * A case is loaded or begun, changed in memory while its leaves are written, and closed: only ht_case_close() writes the rows of the
 * process, its letter, its agreement and the mark of the message, in the order in which they refer to each other. */
#ifndef HT_DESK_WORK_H
#define HT_DESK_WORK_H

#include "core/market/lifecycle.h"
#include "core/market/policy.h"
#include "desk/desk.h"
#include "desk/due.h"

struct ht_work {
	struct ht_store *store;
	const struct ht_desk_settings *settings;
	struct ht_random *random;     /* NULL in a read */
	struct ht_effects *effects;   /* NULL in a read */
	struct ht_due *due;           /* NULL in a read */
	int64_t node_chain;           /* index of the first leaf of the node's own chain; -1 before it */
	struct ht_step *step;
	struct ht_arena *arena;       /* step->arena */
	int64_t now_us;
	bool wrote;                   /* asserts that no refusal follows a write */
};

/* No letter waits longer: the longest backoff, or an hour, the most that a Retry-After counts for. */
int64_t ht_work_longest_us(const struct ht_desk_settings *settings);

/* A refusal of the step: sets step->why and returns HT_OK, so that `return ht_work_refuse(...)` ends a step. */
enum ht_err ht_work_refuse(struct ht_work *w, enum ht_refuse code, const char *place);
enum ht_err ht_work_refuse_why(struct ht_work *w, const struct ht_refusal *why);

/* One leaf. chain -1 begins a chain; *index (may be NULL) is its index then. */
struct ht_note {
	enum ht_event kind;
	const struct ht_party *party; /* NULL: the node itself */
	struct ht_text peer;
	int64_t chain;
	struct ht_text chain_id, process, agreement;
	const char *content_type;
	struct ht_text content;
};
enum ht_err ht_work_leaf(struct ht_work *w, const struct ht_note *note, int64_t *index);

/* Base of a party of ours. */
struct ht_text ht_work_base(const struct ht_work *w, struct ht_text party);

struct ht_case {
	struct ht_process p;
	struct ht_party party;
	struct ht_text chain;        /* id of its chain: the pid of the negotiation */
	bool fresh;                  /* begun by this step */
	bool bind;                   /* peer_pid became known */
	bool has_letter;             /* `letter` is in the store */
	struct ht_letter letter;
	/* What closing does with it: nothing; it is due at letter.due_us; `body` leaves now; it is under way and stays so; it goes. */
	enum { HT_LETTER_KEEP, HT_LETTER_PUT, HT_LETTER_SEND, HT_LETTER_SAVE, HT_LETTER_DROP } letter_do;
	struct ht_bytes body;
	bool agreed;                 /* `agreement` is to be added */
	struct ht_agreement agreement;
	bool marked;                 /* `message` is to be added */
	struct ht_message_row message;
};

/* Begins a process of who.party; chain and parent are of a transfer's negotiation, else NULL. */
void ht_case_begin(struct ht_work *w, struct ht_case *c, enum ht_machine machine, enum ht_role role, const struct ht_process *negotiation);
/* Loads by our pid, a process of party. False in *found: not there or not of this machine or party. */
enum ht_err ht_case_load(struct ht_work *w, struct ht_case *c, const struct ht_party *party, enum ht_machine machine, struct ht_text pid,
			 bool *found);
/* Loads by row, with its party; and for *c whose p is filled, the rest. */
enum ht_err ht_case_load_row(struct ht_work *w, struct ht_case *c, int64_t row, bool *found);
enum ht_err ht_case_fill(struct ht_work *w, struct ht_case *c);

/* The peer's pid becomes known, when it is not that of another process with the same peer: then *ok is false. */
enum ht_err ht_case_bind(struct ht_work *w, struct ht_case *c, struct ht_text peer_pid, bool *ok);

/* A leaf in the case's chain. */
enum ht_err ht_case_leaf(struct ht_work *w, struct ht_case *c, enum ht_event kind, const char *content_type, struct ht_text content,
			 int64_t *index);
/* The same with a small JSON document, as for printf. */
enum ht_err ht_case_note(struct ht_work *w, struct ht_case *c, enum ht_event kind, struct ht_text json);

/* Commits m for sending: pids and @id are filled, the leaf is written, the letter is put when the case is closed.
 * ht_life_may_send() has allowed it; what was pending is withdrawn first. */
enum ht_err ht_case_send(struct ht_work *w, struct ht_case *c, struct ht_message *m);
/* The last offer as both sides know it, or will when the pending message is acknowledged: an offer on its way does not count yet. */
enum ht_err ht_case_last_offer(struct ht_work *w, const struct ht_case *c, bool acked, struct ht_text *out);
/* Whether the message says why. Any other one that counts puts an end to what was said before. */
bool ht_case_explains(enum ht_msg msg);
/* The pending message is acknowledged. kind: HT_EVENT_ACKED or HT_EVENT_RECONCILED. */
enum ht_err ht_case_ack(struct ht_work *w, struct ht_case *c, enum ht_event kind, struct ht_text json);
/* The pending message is gone without effect. */
enum ht_err ht_case_withdraw(struct ht_work *w, struct ht_case *c);
/* TERMINATE with a code and words, by the rules or a person. */
enum ht_err ht_case_terminate(struct ht_work *w, struct ht_case *c, struct ht_text code, struct ht_text words);

enum ht_err ht_case_close(struct ht_work *w, struct ht_case *c);

enum { HT_TIMER_QUIET = 1 }; /* kinds of timers */
struct ht_timer ht_case_quiet_timer(const struct ht_work *w, const struct ht_process *p);

/* Builds and sends what the rules answer (core's reaction), or TERMINATE with *why when that is given. */
enum ht_err ht_case_react(struct ht_work *w, struct ht_case *c, enum ht_msg msg, const struct ht_refusal *why);

/* Whether the agreement's policy holds now for a transfer of it: a row that is there already, or 0 for another one. False: *why is
 * HT_REFUSE_AGREEMENT_OVER at what does not hold. */
enum ht_err ht_work_agreement_holds(struct ht_work *w, const struct ht_agreement *g, int64_t transfer, bool *holds, struct ht_refusal *why);
/* The same for a transfer and the agreement that it is under. */
enum ht_err ht_work_transfer_holds(struct ht_work *w, const struct ht_process *p, bool *holds, struct ht_refusal *why);
/* What is asked of a policy before there is an agreement: a first transfer, now. */
struct ht_use ht_work_use(const struct ht_work *w, struct ht_text who);

/* The @id of an offer of ours: a hash of party, product, version and terms, so that the same offer keeps its id. */
struct ht_text ht_work_offer_id(const struct ht_work *w, const struct ht_product *p, struct ht_text terms);
/* @id and text of the terms that we offer for a product: its own when terms is empty. */
struct ht_policy ht_work_offer(const struct ht_work *w, const struct ht_product *p, struct ht_text terms);
/* The address of what moves in a transfer of ours: PUBLIC/p/PARTY/KIND/PID ("data", "push"), with a new token whose hash is kept in *p. */
struct ht_data_address ht_work_address(struct ht_work *w, struct ht_text party, const char *kind, struct ht_process *p);
/* Whether this token opens the process: in constant time. */
bool ht_work_opens(const struct ht_process *p, const uint8_t access[32]);
bool ht_work_has_pushed(const struct ht_process *p); /* a file was pushed to us */
/* The JSON array of one reason. */
struct ht_text ht_work_reasons(const struct ht_work *w, struct ht_text words);

/* Effects (effects.c): a party that has a new leaf, a process as it is now, an attempt, a look, a file. */
void ht_effects_party(struct ht_effects *e, int64_t row);
void ht_effects_moved(struct ht_effects *e, const struct ht_process *p);
void ht_effects_post(struct ht_work *w, const struct ht_case *c, struct ht_bytes body);
void ht_effects_look(struct ht_work *w, const struct ht_case *c);
void ht_effects_drop(struct ht_work *w, const uint8_t sha256[32]); /* a file of the step's party */

/* The steps, one function each; desk.c has the table. */
enum ht_err ht_step_node_started(struct ht_work *w);
enum ht_err ht_step_party_add(struct ht_work *w);
enum ht_err ht_step_token_new(struct ht_work *w);
enum ht_err ht_step_token_revoke(struct ht_work *w);
enum ht_err ht_step_publish(struct ht_work *w);
enum ht_err ht_step_negotiate(struct ht_work *w);
enum ht_err ht_step_transfer(struct ht_work *w);
enum ht_err ht_step_send(struct ht_work *w);
enum ht_err ht_step_retry(struct ht_work *w);
enum ht_err ht_step_receive(struct ht_work *w);
enum ht_err ht_step_answered(struct ht_work *w);
enum ht_err ht_step_looked(struct ht_work *w);
enum ht_err ht_step_served(struct ht_work *w);
enum ht_err ht_step_pushed(struct ht_work *w);
enum ht_err ht_step_due(struct ht_work *w);
enum ht_err ht_step_read(struct ht_work *w);
enum ht_err ht_step_read_noted(struct ht_work *w); /* a regulator's: the read, and a leaf that says what was read */

#endif
