/* model/names.c - the words of the market's enums, one table each. Clause: DSP 2025-1 message types and states; ODRL 2.2 vocabulary. */
#include "model/names.h"

#include <assert.h>

#include "base/count.h"

static const struct {
	enum ht_role role;
	const char *word;
} roles[] = {
	{ HT_NOBODY,    "nobody"    },
	{ HT_CONSUMER,  "consumer"  },
	{ HT_PROVIDER,  "provider"  },
	{ HT_OPERATOR,  "operator"  },
	{ HT_REGULATOR, "regulator" },
};

static const char *const machines[HT_MACHINE_COUNT] = {
	[HT_NEGOTIATION] = "negotiation",
	[HT_TRANSFER]    = "transfer",
};

static const char *const states[HT_STATE_COUNT] = {
	[HT_NONE]       = "NONE",
	[HT_REQUESTED]  = "REQUESTED",
	[HT_OFFERED]    = "OFFERED",
	[HT_ACCEPTED]   = "ACCEPTED",
	[HT_AGREED]     = "AGREED",
	[HT_VERIFIED]   = "VERIFIED",
	[HT_FINALIZED]  = "FINALIZED",
	[HT_STARTED]    = "STARTED",
	[HT_SUSPENDED]  = "SUSPENDED",
	[HT_COMPLETED]  = "COMPLETED",
	[HT_TERMINATED] = "TERMINATED",
};

static const char *const lefts[HT_LEFT_COUNT] = {
	[HT_LEFT_DATE_TIME] = "dateTime",
	[HT_LEFT_TRANSFERS] = "count",
	[HT_LEFT_ELAPSED]   = "elapsedTime",
	[HT_LEFT_RECIPIENT] = "recipient",
};

static const char *const operators[HT_OP_COUNT] = {
	[HT_OP_EQ]         = "eq",
	[HT_OP_NEQ]        = "neq",
	[HT_OP_LT]         = "lt",
	[HT_OP_LTEQ]       = "lteq",
	[HT_OP_GT]         = "gt",
	[HT_OP_GTEQ]       = "gteq",
	[HT_OP_IS_ANY_OF]  = "isAnyOf",
	[HT_OP_IS_NONE_OF] = "isNoneOf",
};

static const char *const joins[HT_JOIN_COUNT] = {
	[HT_JOIN_NONE] = "none",
	[HT_JOIN_AND]  = "and",
	[HT_JOIN_OR]   = "or",
};

static const struct {
	const char *word, *type[HT_MACHINE_COUNT];
	enum ht_state to;
} messages[HT_MSG_COUNT] = {
	/*                    word         negotiation                               transfer                        to */
	[HT_MSG_NONE]      = { "none",      { NULL,                                   NULL                         }, HT_NONE       },
	[HT_MSG_REQUEST]   = { "request",   { "ContractRequestMessage",               "TransferRequestMessage"     }, HT_REQUESTED  },
	[HT_MSG_OFFER]     = { "offer",     { "ContractOfferMessage",                 NULL                         }, HT_OFFERED    },
	[HT_MSG_ACCEPT]    = { "accept",    { "ContractNegotiationEventMessage",      NULL                         }, HT_ACCEPTED   },
	[HT_MSG_AGREE]     = { "agree",     { "ContractAgreementMessage",             NULL                         }, HT_AGREED     },
	[HT_MSG_VERIFY]    = { "verify",    { "ContractAgreementVerificationMessage", NULL                         }, HT_VERIFIED   },
	[HT_MSG_FINALIZE]  = { "finalize",  { "ContractNegotiationEventMessage",      NULL                         }, HT_FINALIZED  },
	[HT_MSG_START]     = { "start",     { NULL,                                   "TransferStartMessage"       }, HT_STARTED    },
	[HT_MSG_SUSPEND]   = { "suspend",   { NULL,                                   "TransferSuspensionMessage"  }, HT_SUSPENDED  },
	[HT_MSG_COMPLETE]  = { "complete",  { NULL,                                   "TransferCompletionMessage"  }, HT_COMPLETED  },
	[HT_MSG_TERMINATE] = { "terminate", { "ContractNegotiationTerminationMessage", "TransferTerminationMessage" }, HT_TERMINATED },
};

const char *ht_role_word(enum ht_role role)
{
	for (size_t i = 1; i < HT_COUNT(roles); i++) {
		if (roles[i].role == role)
			return roles[i].word;
	}
	return roles[0].word;
}

enum ht_role ht_role_of(struct ht_text word)
{
	for (size_t i = 1; i < HT_COUNT(roles); i++) {
		if (ht_text_is(word, roles[i].word))
			return roles[i].role;
	}
	return HT_NOBODY;
}

const char *ht_machine_word(enum ht_machine machine)
{
	assert(machine < HT_MACHINE_COUNT);
	return machines[machine];
}

const char *ht_state_word(enum ht_state state)
{
	assert(state < HT_STATE_COUNT);
	return states[state];
}

enum ht_state ht_state_of(struct ht_text word)
{
	for (size_t i = 0; i < HT_STATE_COUNT; i++) {
		if (ht_text_is(word, states[i]))
			return (enum ht_state)i;
	}
	return HT_STATE_COUNT;
}

const char *ht_left_word(enum ht_left left)
{
	assert(left < HT_LEFT_COUNT);
	return lefts[left];
}

bool ht_left_of(struct ht_text word, enum ht_left *out)
{
	for (size_t i = 0; i < HT_LEFT_COUNT; i++) {
		if (ht_text_is(word, lefts[i])) {
			*out = (enum ht_left)i;
			return true;
		}
	}
	return false;
}

const char *ht_operator_word(enum ht_operator op)
{
	assert(op < HT_OP_COUNT);
	return operators[op];
}

bool ht_operator_of(struct ht_text word, enum ht_operator *out)
{
	for (size_t i = 0; i < HT_OP_COUNT; i++) {
		if (ht_text_is(word, operators[i])) {
			*out = (enum ht_operator)i;
			return true;
		}
	}
	return false;
}

const char *ht_join_word(enum ht_join join)
{
	assert(join < HT_JOIN_COUNT);
	return joins[join];
}

const char *ht_msg_type(enum ht_machine machine, enum ht_msg msg)
{
	assert(machine < HT_MACHINE_COUNT && msg < HT_MSG_COUNT);
	return messages[msg].type[machine];
}

const char *ht_msg_word(enum ht_msg msg)
{
	assert(msg < HT_MSG_COUNT);
	return messages[msg].word;
}

enum ht_msg ht_msg_of(struct ht_text word)
{
	for (size_t i = 0; i < HT_MSG_COUNT; i++) {
		if (ht_text_is(word, messages[i].word))
			return (enum ht_msg)i;
	}
	return HT_MSG_NONE;
}

enum ht_state ht_msg_to(enum ht_msg msg)
{
	assert(msg < HT_MSG_COUNT);
	return messages[msg].to;
}
