/* node/held.c - what waits until its time. */
#include "node/held.h"

#include <stddef.h>

void ht_held_put(struct ht_held *h, struct ht_held_row *row, int64_t at_us, void *owner)
{
	struct ht_held_row **at = &h->first;

	while (*at && (*at)->at_us <= at_us)
		at = &(*at)->next;
	*row = (struct ht_held_row){ .at_us = at_us, .owner = owner, .next = *at };
	*at = row;
}

void *ht_held_take(struct ht_held *h, int64_t now_us)
{
	struct ht_held_row *row = h->first;

	if (!row || row->at_us > now_us)
		return NULL;
	h->first = row->next;
	return row->owner;
}

int64_t ht_held_wait(const struct ht_held *h, int64_t now_us, int64_t most_us)
{
	int64_t wait_us = h->first ? h->first->at_us - now_us : most_us;

	if (wait_us < 0)
		return 0;
	return wait_us < most_us ? wait_us : most_us;
}
