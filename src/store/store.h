/* store/store.h - the one SQLite file of a node: its schema (schema.sql) and its rows to and from model.
 *
 * Threads one writer, and readers, each with a struct ht_store of its own (SQLITE_OPEN_NOMUTEX).
 * Memory  rows are copied into the arena that is passed. Statements are prepared once for each store.
 * Errors  HT_E_FULL: no room. HT_E_SYNC: a sync failed: the process must end (exit 70), the next start recovers. HT_E_IO: anything
 *         else of the disk. HT_E_LOCKED: another program writes to the file. After any of them, of a read too, the open
 *         transaction is gone as a whole. A constraint that breaks is a bug: the process stops with SQLite's words.
 *         Functions that look for one row say by *found whether there is one; if not, *out is left alone.
 * WAL     wal_autocheckpoint is 0 (the automatic one swallows sync errors, and so does the one at closing); the writer calls
 *         ht_store_checkpoint(). What was not moved into the file is read from the log at the next start. */
#ifndef HT_STORE_STORE_H
#define HT_STORE_STORE_H

#include "base/err.h"
#include "model/leaf.h"
#include "model/market.h"

enum { HT_SCHEMA_VERSION = 2, HT_LIST_MAX = 1000, HT_LIST_BYTES = 4 << 20 };

struct ht_store;

/* Opens or creates the writer's connection: WAL, synchronous=FULL, foreign keys off in production paths (every reference is ours),
 * application_id checked, an older schema migrated. path ":memory:" is for tests. HT_E_NEWER: a newer schema. HT_E_MISSING: the
 * folder. HT_E_NOT_OURS, HT_E_FULL, HT_E_SYNC, HT_E_IO, HT_E_LOCKED, HT_E_DENIED; *out is NULL then. */
enum ht_err ht_store_open(const char *path, struct ht_store **out);
/* A reader of a store that exists: query_only; it begins no transaction. HT_E_MISSING: there is none. Else as ht_store_open(). */
enum ht_err ht_store_open_reader(const char *path, struct ht_store **out);
void ht_store_close(struct ht_store *s); /* NULL is accepted; rolls back what is open */

enum ht_err ht_store_begin(struct ht_store *s); /* BEGIN IMMEDIATE */
enum ht_err ht_store_commit(struct ht_store *s);
void ht_store_rollback(struct ht_store *s);       /* nothing when no transaction is open */
bool ht_store_in_step(const struct ht_store *s);  /* a transaction is open */
/* Moves the log into the file when at least `pages` pages were written and not moved since (PASSIVE); 0: in any case. Not in a step.
 * A reader in the middle of a list may leave some for the next time. HT_E_SYNC, HT_E_IO, HT_E_FULL. */
enum ht_err ht_store_checkpoint(struct ht_store *s, int pages);

/* A test's fault: the n-th statement from now on (begin, commit and checkpoint are some) fails with err, once. 0: none. */
void ht_store_fail_at(struct ht_store *s, int64_t nth, enum ht_err err);

/* A page of a list: rows with a key after `after`, at most `most` (<= HT_LIST_MAX). Lists go by row, newest last.
 * A list ends early when its rows take more than HT_LIST_BYTES; ht_store_cut() says so of the last one. */
struct ht_page {
	int64_t after;
	size_t most;
};

bool ht_store_cut(const struct ht_store *s);

enum ht_err ht_store_meta(struct ht_store *s, const char *name, struct ht_arena *a, struct ht_text *out, bool *found);
enum ht_err ht_store_meta_put(struct ht_store *s, const char *name, struct ht_text value);

/* Parties. *row is given by the store. */
struct ht_party_row {
	struct ht_party party;
	int64_t chain, made_us;
};
enum ht_err ht_store_party_add(struct ht_store *s, const struct ht_party_row *p, int64_t *row);
enum ht_err ht_store_party(struct ht_store *s, int64_t row, struct ht_arena *a, struct ht_party_row *out, bool *found);
enum ht_err ht_store_party_by_id(struct ht_store *s, struct ht_text id, struct ht_arena *a, struct ht_party_row *out, bool *found);
enum ht_err ht_store_party_by_did(struct ht_store *s, struct ht_text did, struct ht_arena *a, struct ht_party_row *out, bool *found);
enum ht_err ht_store_parties(struct ht_store *s, struct ht_page page, struct ht_arena *a, struct ht_party_row **out, size_t *n);

struct ht_key_row {
	int64_t party;
	struct ht_text kid;
	uint8_t pub[32];
	int64_t made_us, retired_us; /* 0: not retired */
};
enum ht_err ht_store_key_add(struct ht_store *s, const struct ht_key_row *k);
/* Those that belong into the document at now_us: not retired, or retired at most 360 s ago; newest first. */
enum ht_err ht_store_keys(struct ht_store *s, int64_t party, int64_t now_us, struct ht_arena *a, struct ht_key_row **out, size_t *n);

/* API tokens. */
struct ht_token_row {
	int64_t id;
	uint8_t hash[32];
	enum ht_role role;
	int64_t party; /* 0: none */
	int64_t made_us, revoked_us; /* 0: valid */
	struct ht_text party_id;     /* filled by reads */
};
enum ht_err ht_store_token_add(struct ht_store *s, const struct ht_token_row *t, int64_t *id);
enum ht_err ht_store_token_by_hash(struct ht_store *s, const uint8_t hash[32], struct ht_arena *a, struct ht_token_row *out, bool *found);
enum ht_err ht_store_token(struct ht_store *s, int64_t id, struct ht_arena *a, struct ht_token_row *out, bool *found);
enum ht_err ht_store_token_revoke(struct ht_store *s, int64_t id, int64_t now_us);
enum ht_err ht_store_tokens(struct ht_store *s, struct ht_page page, struct ht_arena *a, struct ht_token_row **out, size_t *n);

/* Products. Adding a version makes the one before no longer the newest; p->row is ignored, p->version is the caller's. No two newest
 * versions of a party have the same offer. */
enum ht_err ht_store_product_add(struct ht_store *s, const struct ht_product *p, int64_t *row);
enum ht_err ht_store_product(struct ht_store *s, int64_t party, struct ht_text id, int64_t version /* 0: the newest */, struct ht_arena *a,
			     struct ht_product *out, bool *found);
/* The newest version of a product, if its offer has this @id. The offers of older versions are not found. */
enum ht_err ht_store_product_by_offer(struct ht_store *s, int64_t party, struct ht_text offer, struct ht_arena *a, struct ht_product *out,
				      bool *found);
/* Any version that was ever published with this @id of its offer. */
enum ht_err ht_store_product_offered(struct ht_store *s, int64_t party, struct ht_text offer, struct ht_arena *a, struct ht_product *out,
				     bool *found);
/* The newest versions. party 0: of all. */
enum ht_err ht_store_products(struct ht_store *s, int64_t party, struct ht_page page, struct ht_arena *a, struct ht_product **out,
			      size_t *n);
/* The newest version that comes next after this row, or before it. */
enum ht_err ht_store_product_next(struct ht_store *s, int64_t party, int64_t row, bool before, struct ht_arena *a, struct ht_product *out,
				  bool *found);
/* Whether any version of the party's products has this content, or it was pushed to the party by a transfer that is not terminated. */
enum ht_err ht_store_product_has(struct ht_store *s, int64_t party, const uint8_t sha256[32], bool *found);

/* Processes. Adding gives the row. Saving writes all but row, party, machine, role, pid, peer, peer_pid, parent, chain, made_us. */
enum ht_err ht_store_process_add(struct ht_store *s, const struct ht_process *p, int64_t *row);
enum ht_err ht_store_process_save(struct ht_store *s, const struct ht_process *p);
enum ht_err ht_store_process_peer_pid(struct ht_store *s, int64_t row, struct ht_text peer_pid);
enum ht_err ht_store_process(struct ht_store *s, int64_t row, struct ht_arena *a, struct ht_process *out, bool *found);
enum ht_err ht_store_process_by_pid(struct ht_store *s, struct ht_text pid, struct ht_arena *a, struct ht_process *out, bool *found);
enum ht_err ht_store_process_by_peer(struct ht_store *s, int64_t party, struct ht_text peer, struct ht_text peer_pid,
				     enum ht_machine machine, struct ht_arena *a, struct ht_process *out, bool *found);
/* How many transfers of a negotiation were ever started, `but` (a row; 0: none) not counted. */
enum ht_err ht_store_process_started(struct ht_store *s, int64_t parent, int64_t but, int64_t *n);
/* party 0: of all. */
enum ht_err ht_store_processes(struct ht_store *s, int64_t party, enum ht_machine machine, struct ht_page page, struct ht_arena *a,
			       struct ht_process **out, size_t *n);

/* Agreements. Lists go by row of their negotiation. */
enum ht_err ht_store_agreement_add(struct ht_store *s, const struct ht_agreement *g);
/* party 0: the copy of any party. */
enum ht_err ht_store_agreement(struct ht_store *s, int64_t party, struct ht_text id, struct ht_arena *a, struct ht_agreement *out,
			       bool *found);
enum ht_err ht_store_agreements(struct ht_store *s, int64_t party, struct ht_page page, struct ht_arena *a, struct ht_agreement **out,
				size_t *n);
/* FINALIZED agreements of the party as consumer with this base and product, newest first, at most `most`. */
enum ht_err ht_store_agreements_for(struct ht_store *s, int64_t party, struct ht_text base, struct ht_text product, size_t most,
				    struct ht_arena *a, struct ht_agreement **out, size_t *n);

/* Letters. Put replaces the letter of the process. */
enum ht_err ht_store_letter_put(struct ht_store *s, const struct ht_letter *l);
enum ht_err ht_store_letter_remove(struct ht_store *s, int64_t process);
enum ht_err ht_store_letter(struct ht_store *s, int64_t process, struct ht_arena *a, struct ht_letter *out, bool *found);
/* party 0: of all. */
enum ht_err ht_store_letters(struct ht_store *s, int64_t party, struct ht_page page, struct ht_arena *a, struct ht_letter **out, size_t *n);
/* After a restart every letter that is not dead counts as open until open_us at least and is due at now_us. *n letters. */
enum ht_err ht_store_letters_reopen(struct ht_store *s, int64_t now_us, int64_t open_us, int64_t *n);

struct ht_message_row {
	int64_t process;
	struct ht_text id;
	int64_t leaf;
	struct ht_text token;
	uint8_t key[32];
};
enum ht_err ht_store_message_add(struct ht_store *s, const struct ht_message_row *m);
enum ht_err ht_store_message(struct ht_store *s, int64_t process, struct ht_text id, struct ht_arena *a, struct ht_message_row *out,
			     bool *found);

/* *fresh false: it was seen before and nothing is written. */
enum ht_err ht_store_seen_add(struct ht_store *s, struct ht_text jti, struct ht_text issuer, int64_t until_s, bool *fresh);
enum ht_err ht_store_seen(struct ht_store *s, struct ht_text jti, struct ht_text issuer, bool *found);
/* Looks at about `most` rows, from where the last call ended, round the table; forgets those with until_s <= now_s. */
enum ht_err ht_store_seen_forget(struct ht_store *s, int64_t now_s, size_t most);

/* Adding one that is there, and removing one that is not, does nothing. */
struct ht_timer {
	int64_t due_us, process;
	int kind;
};
enum ht_err ht_store_timer_add(struct ht_store *s, struct ht_timer t);
enum ht_err ht_store_timer_remove(struct ht_store *s, struct ht_timer t);
/* The first one. */
enum ht_err ht_store_timer_first(struct ht_store *s, struct ht_timer *out, bool *found);

/* What the next leaf has: its index, event number of the party, seq in the chain, and the index of the one before in it (-1: none). */
struct ht_leaf_head {
	int64_t index, event, seq, previous;
};
/* chain: index of the chain's first leaf, or -1 for a new chain. Reads ends of indexes only. */
enum ht_err ht_store_leaf_head(struct ht_store *s, int64_t party, int64_t chain, struct ht_leaf_head *out);
enum ht_err ht_store_leaf_add(struct ht_store *s, const struct ht_leaf *leaf);
enum ht_err ht_store_leaf(struct ht_store *s, int64_t index, struct ht_arena *a, struct ht_leaf *out, bool *found);
/* Leaves in order of index after `page.after` (-1: from the first). party 0: of all; chain -1: of all chains. Content included. */
enum ht_err ht_store_leaves(struct ht_store *s, int64_t party, int64_t chain, struct ht_page page, struct ht_arena *a, struct ht_leaf **out,
			    size_t *n);
/* Leaves of the party in order of their event numbers, after the number `page.after`. Content included. */
enum ht_err ht_store_leaves_behind(struct ht_store *s, int64_t party, struct ht_page page, struct ht_arena *a, struct ht_leaf **out,
				   size_t *n);
/* The chain that belongs to a process pid, agreement id or product id of the party (0: of any). */
enum ht_err ht_store_chain_of(struct ht_store *s, int64_t party, struct ht_text id, int64_t *chain, bool *found);

#endif
