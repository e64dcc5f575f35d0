/* desk/due.h - what is due when: a heap in memory of (time, process), one entry for each letter that is not under way.
 *
 * An entry is a hint: the letter in the store decides. What a batch adds or takes counts only when it commits. Of the timers
 * of the store only the time of the first is kept. */
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
void ht_due_add(struct ht_due *d, struct ht_due_entry e);
/* Takes the first entry that is due. False: none. */
bool ht_due_take(struct ht_due *d, int64_t now_us, struct ht_due_entry *out);
/* A timer of the store: the earliest counts. ht_due_timers() says whether one is due, and forgets the time when it is. */
void ht_due_timer(struct ht_due *d, int64_t due_us);
bool ht_due_timers(struct ht_due *d, int64_t now_us);

int64_t ht_due_first_us(const struct ht_due *d); /* of both; INT64_MAX: nothing */
void ht_due_keep(struct ht_due *d);  /* the batch committed */
void ht_due_undo(struct ht_due *d);  /* it did not: added ones go, taken ones are back */

#endif
