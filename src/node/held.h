/* node/held.h - what waits until its time, in the order of it. Memory: rows are their owners'; the list borrows them. One thread. */
#ifndef HT_NODE_HELD_H
#define HT_NODE_HELD_H

#include <stdint.h>

struct ht_held_row {
	int64_t at_us;
	void *owner;
	struct ht_held_row *next;
};

struct ht_held {
	struct ht_held_row *first; /* NULL: none */
};

/* Behind those of the same time. */
void ht_held_put(struct ht_held *h, struct ht_held_row *row, int64_t at_us, void *owner);
/* The owner of the first whose time has come, and it is out; NULL: none. */
void *ht_held_take(struct ht_held *h, int64_t now_us);
/* How long until the first one's time; most_us at most. */
int64_t ht_held_wait(const struct ht_held *h, int64_t now_us, int64_t most_us);

#endif
