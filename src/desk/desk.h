/* desk/desk.h - the desk runs steps: loads, lets the core decide, writes state, leaf, outbox and timers, in one transaction.
 *
 * A step reads, decides, and only then writes; a refusal never follows a write (asserted). So steps that arrive together share
 * one transaction without a savepoint each (doc/adr/0003), and what fails is the disk, for all of them.
 * Threads  one desk, one thread. Reads (HT_STEP_READS and later) may run on another store by ht_desk_read().
 * Memory   a step's inputs are views that live until it is answered; its results are in step->arena.
 * Time     now_us is an argument; the desk keeps what is due as a heap of its own. */
#ifndef HT_DESK_DESK_H
#define HT_DESK_DESK_H

#include "base/random.h"
#include "base/refuse.h"
#include "store/store.h"

/* Times of LIFECYCLE; all in microseconds. */
struct ht_desk_settings {
	int64_t retry_first_us; /* 0.1 s */
	int64_t retry_most_us;  /* 10 min */
	int64_t horizon_us;     /* 72 h */
	int64_t again_us;       /* 1 min: a refused message is sent again */
	int64_t open_us;        /* 421 s: an attempt whose token is not known can still be taken (doc/adr/0005) */
	int64_t quiet_us;       /* 1 day */
	struct ht_text public_url; /* without a last slash: data addresses and callbacks are below it */
	struct ht_text gate_url;   /* the same for data addresses */
};
extern const struct ht_desk_settings ht_desk_defaults; /* texts empty */

enum ht_step_kind {
	/* the node and its operator */
	HT_STEP_NODE_STARTED, HT_STEP_PARTY_ADD, HT_STEP_TOKEN_NEW, HT_STEP_TOKEN_REVOKE,
	/* a party's own decisions */
	HT_STEP_PUBLISH, HT_STEP_NEGOTIATE, HT_STEP_TRANSFER, HT_STEP_SEND, HT_STEP_RETRY,
	/* messages and what comes back */
	HT_STEP_RECEIVE, HT_STEP_ANSWERED, HT_STEP_LOOKED, HT_STEP_SERVED, HT_STEP_PUSHED, HT_STEP_DUE,
	/* reads; a regulator's is run by the writer and leaves a leaf */
	HT_STEP_READS,
	HT_STEP_PARTIES = HT_STEP_READS, HT_STEP_TOKENS, HT_STEP_PRODUCTS, HT_STEP_OFFERS, HT_STEP_DATASET, HT_STEP_PROCESSES, HT_STEP_PROCESS,
	HT_STEP_PEER_PROCESS, HT_STEP_AGREEMENTS, HT_STEP_AGREEMENT, HT_STEP_LETTERS, HT_STEP_HISTORY, HT_STEP_DELIVERY, HT_STEP_PUSHED_FILE,
	HT_STEP_COUNT
};

const char *ht_step_word(enum ht_step_kind kind); /* "negotiate" */

/* Who asks. party.row 0: for no party (operator, regulator, the node itself). */
struct ht_who {
	enum ht_role role;
	struct ht_party party;
};

struct ht_letter_row { /* a letter with its process, for lists */
	struct ht_letter letter;
	struct ht_process process;
};

struct ht_step {
	enum ht_step_kind kind;
	struct ht_who who;
	struct ht_arena *arena;
	union {
		struct { struct ht_text id, name, did, kid; uint8_t pub[32]; } party_add;
		struct { enum ht_role role; struct ht_text party; uint8_t hash[32]; } token_new; /* party: id, empty for none */
		struct { int64_t id; } token_revoke;
		/* id title policy audience manual file size sha256. No policy, or audience.at NULL: as the version before, else a bare permission,
		 * everybody. No offer: its @id is made. */
		struct ht_product publish;
		/* A consumer's request: offer as it stands in the peer's catalog. A provider's offer to a consumer. policy: other terms, or empty. */
		struct { struct ht_text base, peer, product, policy; struct ht_policy offer; bool manual; } negotiate;
		struct { struct ht_text agreement; bool manual, push; } transfer;
		/* Any later message of a process, by hand. policy: of OFFER (may be empty) and counter-request; reason: of SUSPEND and TERMINATE;
		 * resume: a START from SUSPENDED; checked: sha256 and size are what a consumer has checked before its COMPLETE. */
		struct { enum ht_machine machine; enum ht_msg msg; struct ht_text pid, reason, policy; bool resume, checked; uint8_t sha256[32]; int64_t size; } send;
		struct { struct ht_text pid; } retry;
		struct {
			struct ht_message message;
			struct ht_text pid;   /* of the path: our process; empty for an initial request */
			struct ht_text peer;  /* who was authenticated */
			struct ht_bytes body;
			struct ht_text token, jti; /* empty for peers with a fixed header */
			uint8_t key[32];
			int64_t until_s;
		} receive;
		struct {
			int64_t process;
			struct ht_text letter;     /* @id of the message that was attempted */
			int status;                /* 0: no answer */
			struct ht_text peer_pid;   /* from a 2xx body of a first message; may be empty */
			struct ht_text words;      /* of a refusal, for people */
			int64_t open_us;           /* until then this attempt can still arrive */
			int64_t retry_after_us;    /* 0: none */
		} answered;
		struct { int64_t process; struct ht_text letter; enum ht_mark mark; enum ht_state state; } looked; /* letter, mark: when asked; state HT_NONE: 404 or no answer */
		struct { struct ht_text pid; int64_t bytes; bool whole; } served;
		struct { struct ht_text pid; uint8_t access[32], sha256[32]; int64_t size; } pushed; /* a file that came, and is durable */
		/* reads: id of one thing or chain, machine of processes, page; peer: who is authenticated on DSP (empty: anonymous) */
		struct {
			struct ht_text id, peer, base;
			enum ht_machine machine;
			struct ht_page page;
			bool back;            /* of offers: the page that ends before the row page.after */
			uint8_t access[32];   /* of a delivery */
		} read;
	} in;
	/* results */
	struct ht_refusal why; /* code HT_REFUSE_NONE: done */
	enum ht_err err;       /* of the batch: nothing happened */
	struct {
		struct ht_party party;
		int64_t token;
		struct ht_product product;
		struct ht_process process;
		struct ht_agreement agreement; /* of the process, when there is one */
		bool known;                    /* a duplicate: nothing moved */
		bool created;
		size_t count;                  /* of the list that the kind reads */
		bool more;                     /* it was cut short: there is more after its last */
		int64_t next, previous;        /* of offers: the next page begins after this row, the one before ends before it; 0: none */
		struct ht_party_row *parties;
		struct ht_token_row *tokens;
		struct ht_product *products;
		struct ht_process *processes; /* also the negotiations of `agreements` */
		struct ht_agreement *agreements;
		struct ht_letter_row *letters;
		struct ht_leaf *leaves;
	} out;
};

/* An attempt to make now: the body under a fresh token. Views into memory of the batch: the taker copies. */
struct ht_post {
	int64_t process, party;
	struct ht_text peer, url, id, pid; /* pid: our own of the process */
	struct ht_bytes body;
	bool first; /* a first message: its 2xx answer brings the peer's pid */
	enum ht_machine machine;
	enum ht_role role; /* our side */
};

/* A look at the peer's process (GET). */
struct ht_look {
	int64_t process, party;
	struct ht_text peer, url, letter; /* letter: @id of the pending message; empty: none */
	enum ht_mark mark;
	enum ht_machine machine;
};

/* A file of a party of ours that nothing names any more. */
struct ht_drop {
	struct ht_text party; /* id */
	uint8_t sha256[32];
};

/* What a batch leaves to do after its commit. */
struct ht_effects {
	struct ht_arena *arena;
	struct ht_post *posts;
	struct ht_look *looks;
	struct ht_process *moved; /* processes as they are now */
	struct ht_drop *drops;
	int64_t *parties;         /* rows of those that have new leaves, each once */
	size_t posts_count, looks_count, moved_count, drops_count, parties_count, posts_cap, looks_cap, moved_cap, drops_cap, parties_cap;
};

struct ht_desk;

/* The store is the writer's. settings' texts must outlive the desk. */
struct ht_desk *ht_desk_new(struct ht_store *store, const struct ht_desk_settings *settings, struct ht_random *random);
void ht_desk_free(struct ht_desk *d); /* NULL is accepted */

/* After opening the store: every letter counts as open and is due. Run once, before any batch. */
enum ht_err ht_desk_start(struct ht_desk *d, int64_t now_us, struct ht_arena *scratch);

/* Runs steps in one transaction, in order, and commits. On an error every step has it as its err, nothing is written, effects are empty
 * and the memory of what is due is as before. HT_E_FULL: go on with others; HT_E_SYNC, HT_E_IO: the process must end. */
enum ht_err ht_desk_batch(struct ht_desk *d, struct ht_step *const *steps, size_t n, int64_t now_us, struct ht_effects *effects);

/* A post or look that could not be taken now: its letter is due again then. */
void ht_desk_postpone(struct ht_desk *d, int64_t process, int64_t due_us);

/* The wall clock was set back: letters that were to wait until times of before wait no longer than a backoff from now. */
void ht_desk_clock_back(struct ht_desk *d, int64_t now_us);

/* When a HT_STEP_DUE should run next; INT64_MAX: nothing is due ever. */
int64_t ht_desk_due_us(const struct ht_desk *d);

/* One read on any store; step->why as usual. */
enum ht_err ht_desk_read(struct ht_store *reader, const struct ht_desk_settings *settings, struct ht_step *step, int64_t now_us);

/* What a process shows: its state, or to(M) while its first message M is pending. */
enum ht_state ht_desk_shown(const struct ht_process *p);

/* Whether a file may be pushed to us for this transfer with a token of this SHA-256. */
bool ht_desk_takes_push(const struct ht_process *p, const uint8_t access[32]);

/* Whether somebody who waits for the process should hear of it: final, started, dead letter, or a person must decide. */
bool ht_desk_settled(const struct ht_process *p);

#endif
