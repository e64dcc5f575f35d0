/* core/market/machine.c - who may send what in which state, for both machines. Nothing outside this table decides a state. */
#include "core/market/lifecycle.h"

#include <assert.h>

#include "base/count.h"

#define S(name) (1u << HT_##name)
#define BOTH (HT_CONSUMER | HT_PROVIDER)

/* What we may send; what we accept is this and the rules of lifecycle.c.
 * Clause: DSP 2025-1 contract negotiation and transfer process, state machine figures. */
static const struct {
	uint8_t machine;
	uint16_t from;
	uint8_t by, msg, to;
} rows[] = {
	/* machine        from                                                    by           message           to */
	{ HT_NEGOTIATION, S(NONE) | S(OFFERED),                                   HT_CONSUMER, HT_MSG_REQUEST,   HT_REQUESTED  },
	{ HT_NEGOTIATION, S(NONE) | S(REQUESTED),                                 HT_PROVIDER, HT_MSG_OFFER,     HT_OFFERED    },
	{ HT_NEGOTIATION, S(OFFERED),                                             HT_CONSUMER, HT_MSG_ACCEPT,    HT_ACCEPTED   },
	{ HT_NEGOTIATION, S(REQUESTED) | S(ACCEPTED),                             HT_PROVIDER, HT_MSG_AGREE,     HT_AGREED     },
	{ HT_NEGOTIATION, S(AGREED),                                              HT_CONSUMER, HT_MSG_VERIFY,    HT_VERIFIED   },
	{ HT_NEGOTIATION, S(VERIFIED),                                            HT_PROVIDER, HT_MSG_FINALIZE,  HT_FINALIZED  },
	{ HT_NEGOTIATION, S(REQUESTED) | S(OFFERED) | S(AGREED),                  HT_CONSUMER, HT_MSG_TERMINATE, HT_TERMINATED },
	{ HT_NEGOTIATION, S(REQUESTED) | S(OFFERED) | S(ACCEPTED) | S(VERIFIED),  HT_PROVIDER, HT_MSG_TERMINATE, HT_TERMINATED },
	{ HT_TRANSFER,    S(NONE),                                                HT_CONSUMER, HT_MSG_REQUEST,   HT_REQUESTED  },
	{ HT_TRANSFER,    S(REQUESTED),                                           HT_PROVIDER, HT_MSG_START,     HT_STARTED    },
	{ HT_TRANSFER,    S(SUSPENDED),                                           BOTH,        HT_MSG_START,     HT_STARTED    },
	{ HT_TRANSFER,    S(STARTED),                                             BOTH,        HT_MSG_SUSPEND,   HT_SUSPENDED  },
	{ HT_TRANSFER,    S(STARTED),                                             BOTH,        HT_MSG_COMPLETE,  HT_COMPLETED  },
	{ HT_TRANSFER,    S(REQUESTED) | S(STARTED) | S(SUSPENDED),               BOTH,        HT_MSG_TERMINATE, HT_TERMINATED },
};

bool ht_machine_step(enum ht_machine machine, enum ht_state *state, enum ht_role by, enum ht_msg msg)
{
	assert(*state < HT_STATE_COUNT);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		if (rows[i].machine == machine && rows[i].msg == msg && (rows[i].by & by) && (rows[i].from & 1u << *state)) {
			*state = rows[i].to;
			return true;
		}
	}
	return false;
}

bool ht_state_final(enum ht_machine machine, enum ht_state state)
{
	static const unsigned final[HT_MACHINE_COUNT] = {
		[HT_NEGOTIATION] = S(FINALIZED) | S(TERMINATED),
		[HT_TRANSFER] = S(COMPLETED) | S(TERMINATED),
	};

	assert(machine < HT_MACHINE_COUNT && state < HT_STATE_COUNT);
	return final[machine] & 1u << state;
}
