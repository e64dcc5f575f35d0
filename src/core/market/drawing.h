/* core/market/drawing.h - for tests: both state machines drawn a second time, as what each side may send and as what is taken of it.
 *
 * A row is a state of the machine; a column a message: request offer accept agree verify finalize start suspend complete terminate.
 * C consumer, P provider, * both, . nobody; = is a success that moves nothing. NULL: the machine has no such state. */
#ifndef HT_CORE_MARKET_DRAWING_H
#define HT_CORE_MARKET_DRAWING_H

#include "model/market.h"

static const char *const drawing_sent[HT_MACHINE_COUNT][HT_STATE_COUNT] = {
	[HT_NEGOTIATION] = {
		[HT_NONE]       = "CP........",
		[HT_REQUESTED]  = ".P.P.....*",
		[HT_OFFERED]    = "C.C......*",
		[HT_ACCEPTED]   = "...P.....P",
		[HT_AGREED]     = "....C....C",
		[HT_VERIFIED]   = ".....P...P",
		[HT_FINALIZED]  = "..........",
		[HT_TERMINATED] = "..........",
	},
	[HT_TRANSFER] = {
		[HT_NONE]       = "C.........",
		[HT_REQUESTED]  = "......P..*",
		[HT_STARTED]    = ".......***",
		[HT_SUSPENDED]  = "......*..*",
		[HT_COMPLETED]  = "..........",
		[HT_TERMINATED] = "..........",
	},
};

/* By a process with nothing pending. */
static const char *const drawing_taken[HT_MACHINE_COUNT][HT_STATE_COUNT] = {
	[HT_NEGOTIATION] = {
		[HT_NONE]       = "CP........",
		[HT_REQUESTED]  = ".P.P.....*",
		[HT_OFFERED]    = "C.C......*",
		[HT_ACCEPTED]   = "...P.....*",
		[HT_AGREED]     = "....C....*",
		[HT_VERIFIED]   = ".....P...*",
		[HT_FINALIZED]  = "..........",
		[HT_TERMINATED] = ".........=",
	},
	[HT_TRANSFER] = {
		[HT_NONE]       = "C.........",
		[HT_REQUESTED]  = "......P..*",
		[HT_STARTED]    = "......P***",
		[HT_SUSPENDED]  = "......*..*",
		[HT_COMPLETED]  = "........=.",
		[HT_TERMINATED] = ".........=",
	},
};

static inline bool drawing_has(char who, enum ht_role by)
{
	return who == '*' || who == (by == HT_CONSUMER ? 'C' : 'P');
}

#endif
