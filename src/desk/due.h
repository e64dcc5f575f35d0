/* desk/due.h - what is due when: for each process with a letter, when that is due next, or that it is under way.
 *
 * At most one attempt of a letter is under way; while one is, its letter is not due. The letter in the store decides what is done.
 * What a batch changes counts only when it commits. Of the timers of the store only the time of the first is kept. */
#ifndef HT_DESK_DUE_H
#define HT_DESK_DUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ht_due_entry {
	int64_t due_us, process;
};

struct ht_due; /* grows as needed */

struct ht_due *ht_due_new(void);
void ht_due_free(struct ht_due *d); /* NULL is accepted */

/* The process's letter waits until due_us, whatever it did before; INT64_MAX: a dead letter, never due. */
void ht_due_set(struct ht_due *d, struct ht_due_entry e);
/* It is under way, until it is set again. */
void ht_due_send(struct ht_due *d, int64_t process);
/* It has no letter any more. */
void ht_due_drop(struct ht_due *d, int64_t process);
bool ht_due_under_way(const struct ht_due *d, int64_t process);
/* Takes the first entry that is due; its process has none then. False: none. */
bool ht_due_take(struct ht_due *d, int64_t now_us, struct ht_due_entry *out);
/* A timer of the store: the earliest counts. ht_due_timers() says whether one is due, and forgets the time when it is. */
void ht_due_timer(struct ht_due *d, int64_t due_us);
bool ht_due_timers(struct ht_due *d, int64_t now_us);

/* The clock was set back: nothing waits longer than until latest_us. Between batches. */
void ht_due_rewind(struct ht_due *d, int64_t latest_us);

int64_t ht_due_first_us(const struct ht_due *d); /* of both; INT64_MAX: nothing */
void ht_due_keep(struct ht_due *d);  /* the batch committed */
void ht_due_undo(struct ht_due *d);  /* it did not: all is as before it */

#endif
