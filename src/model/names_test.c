/* model/names_test.c - each word both ways, and the words that the standards give. */
#include "model/names.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

TEST(roles)
{
	static const enum ht_role all[] = { HT_CONSUMER, HT_PROVIDER, HT_OPERATOR, HT_REGULATOR };

	for (size_t i = 0; i < HT_COUNT(all); i++)
		CHECK_ROW(ht_role_word(all[i]), ht_role_of(ht_text_of(ht_role_word(all[i]))) == all[i]);
	CHECK(!strcmp(ht_role_word(HT_PROVIDER), "provider"));
	CHECK(!strcmp(ht_role_word(HT_NOBODY), "nobody"));
	CHECK(ht_role_of(HT_TEXT("nobody")) == HT_NOBODY);
	CHECK(ht_role_of(HT_TEXT("Provider")) == HT_NOBODY);
	CHECK(ht_role_of(HT_TEXT("")) == HT_NOBODY);
}

TEST(machines)
{
	CHECK(!strcmp(ht_machine_word(HT_NEGOTIATION), "negotiation"));
	CHECK(!strcmp(ht_machine_word(HT_TRANSFER), "transfer"));
}

TEST(states)
{
	for (int i = 0; i < HT_STATE_COUNT; i++) {
		const char *word = ht_state_word((enum ht_state)i);

		CHECK_ROW(word, ht_state_of(ht_text_of(word)) == (enum ht_state)i);
	}
	CHECK(!strcmp(ht_state_word(HT_FINALIZED), "FINALIZED"));
	CHECK(!strcmp(ht_state_word(HT_NONE), "NONE"));
	CHECK(ht_state_of(HT_TEXT("finalized")) == HT_STATE_COUNT);
	CHECK(ht_state_of(HT_TEXT("FINALIZED ")) == HT_STATE_COUNT);
}

TEST(operators)
{
	enum ht_operator op = HT_OP_COUNT;
	enum ht_left left = HT_LEFT_COUNT;

	for (int i = 0; i < HT_OP_COUNT; i++) {
		const char *word = ht_operator_word((enum ht_operator)i);

		CHECK_ROW(word, ht_operator_of(ht_text_of(word), &op) && op == (enum ht_operator)i);
	}
	for (int i = 0; i < HT_LEFT_COUNT; i++) {
		const char *word = ht_left_word((enum ht_left)i);

		CHECK_ROW(word, ht_left_of(ht_text_of(word), &left) && left == (enum ht_left)i);
	}
	CHECK(!ht_left_of(HT_TEXT("spatial"), &left) && !ht_left_of(HT_TEXT(""), &left));
	CHECK(ht_text_is(ht_text_of(ht_join_word(HT_JOIN_AND)), "and") && ht_text_is(ht_text_of(ht_join_word(HT_JOIN_OR)), "or"));
	CHECK(!ht_operator_of(HT_TEXT("isPartOf"), &op));
	CHECK(!ht_operator_of(HT_TEXT("<="), &op));
}

static const struct {
	enum ht_machine machine;
	enum ht_msg msg;
	const char *type, *word;
	enum ht_state to;
} messages[] = {
	{ HT_NEGOTIATION, HT_MSG_REQUEST,   "ContractRequestMessage",                "request",   HT_REQUESTED  },
	{ HT_NEGOTIATION, HT_MSG_OFFER,     "ContractOfferMessage",                  "offer",     HT_OFFERED    },
	{ HT_NEGOTIATION, HT_MSG_ACCEPT,    "ContractNegotiationEventMessage",       "accept",    HT_ACCEPTED   },
	{ HT_NEGOTIATION, HT_MSG_AGREE,     "ContractAgreementMessage",              "agree",     HT_AGREED     },
	{ HT_NEGOTIATION, HT_MSG_VERIFY,    "ContractAgreementVerificationMessage",  "verify",    HT_VERIFIED   },
	{ HT_NEGOTIATION, HT_MSG_FINALIZE,  "ContractNegotiationEventMessage",       "finalize",  HT_FINALIZED  },
	{ HT_NEGOTIATION, HT_MSG_TERMINATE, "ContractNegotiationTerminationMessage", "terminate", HT_TERMINATED },
	{ HT_TRANSFER,    HT_MSG_REQUEST,   "TransferRequestMessage",                "request",   HT_REQUESTED  },
	{ HT_TRANSFER,    HT_MSG_START,     "TransferStartMessage",                  "start",     HT_STARTED    },
	{ HT_TRANSFER,    HT_MSG_SUSPEND,   "TransferSuspensionMessage",             "suspend",   HT_SUSPENDED  },
	{ HT_TRANSFER,    HT_MSG_COMPLETE,  "TransferCompletionMessage",             "complete",  HT_COMPLETED  },
	{ HT_TRANSFER,    HT_MSG_TERMINATE, "TransferTerminationMessage",            "terminate", HT_TERMINATED },
};

/* All 2 x 11 pairs: the twelve of the table have a type, the others have none. */
TEST(message_types)
{
	size_t with_type = 0;

	for (size_t i = 0; i < HT_COUNT(messages); i++) {
		const char *type = ht_msg_type(messages[i].machine, messages[i].msg);

		CHECK_ROW(messages[i].type, type && !strcmp(type, messages[i].type));
		CHECK_ROW(messages[i].type, !strcmp(ht_msg_word(messages[i].msg), messages[i].word));
		CHECK_ROW(messages[i].type, ht_msg_of(ht_text_of(messages[i].word)) == messages[i].msg);
		CHECK_ROW(messages[i].type, ht_msg_to(messages[i].msg) == messages[i].to);
	}
	for (int machine = 0; machine < HT_MACHINE_COUNT; machine++)
	for (int msg = 0; msg < HT_MSG_COUNT; msg++)
		with_type += ht_msg_type((enum ht_machine)machine, (enum ht_msg)msg) != NULL;
	CHECK(with_type == HT_COUNT(messages));
	CHECK(ht_msg_of(HT_TEXT("Agree")) == HT_MSG_NONE && ht_msg_of(HT_TEXT("")) == HT_MSG_NONE);
}

CHECK_MAIN(TEST_ROW(roles), TEST_ROW(machines), TEST_ROW(states), TEST_ROW(operators), TEST_ROW(message_types))
