/* core/market/machine_test.c - the table of both machines against their drawing. */
#include "core/market/lifecycle.h"

#include <string.h>

#include "core/market/drawing.h"
#include "model/names.h"
#include "test/check.h"

/* 2 machines x 11 states x 11 messages x 2 parties: all of them, also the ones that must be refused. */
TEST(every_state_message_and_party)
{
	static const char *const to[HT_MSG_COUNT] = { "NONE", "REQUESTED", "OFFERED", "ACCEPTED", "AGREED", "VERIFIED", "FINALIZED",
						      "STARTED", "SUSPENDED", "COMPLETED", "TERMINATED" };

	for (int m = 0; m < HT_MACHINE_COUNT; m++)
	for (int s = 0; s < HT_STATE_COUNT; s++)
	for (int msg = HT_MSG_NONE; msg < HT_MSG_COUNT; msg++)
	for (int by = HT_CONSUMER; by <= HT_PROVIDER; by++) {
		enum ht_state before = (enum ht_state)s, state = before;
		bool moved = ht_machine_step((enum ht_machine)m, &state, (enum ht_role)by, (enum ht_msg)msg);
		bool want = msg != HT_MSG_NONE && drawing_sent[m][s] && drawing_has(drawing_sent[m][s][msg - 1], (enum ht_role)by);

		CHECK_F(moved == want && strcmp(ht_state_word(state), moved ? to[msg] : ht_state_word(before)) == 0,
			"%s in %s: %s by %s comes to %s", ht_machine_word((enum ht_machine)m), ht_state_word(before),
			ht_msg_word((enum ht_msg)msg), ht_role_word((enum ht_role)by), ht_state_word(state));
	}
}

/* A state is final when nobody may send anything in it; states of the other machine are not asked for. */
TEST(final_states)
{
	static const struct {
		enum ht_machine machine;
		enum ht_state state;
		bool final;
	} rows[] = {
		{ HT_NEGOTIATION, HT_NONE, false },     { HT_NEGOTIATION, HT_REQUESTED, false }, { HT_NEGOTIATION, HT_OFFERED, false },
		{ HT_NEGOTIATION, HT_ACCEPTED, false }, { HT_NEGOTIATION, HT_AGREED, false },    { HT_NEGOTIATION, HT_VERIFIED, false },
		{ HT_NEGOTIATION, HT_FINALIZED, true }, { HT_NEGOTIATION, HT_TERMINATED, true }, { HT_TRANSFER, HT_NONE, false },
		{ HT_TRANSFER, HT_REQUESTED, false },   { HT_TRANSFER, HT_STARTED, false },      { HT_TRANSFER, HT_SUSPENDED, false },
		{ HT_TRANSFER, HT_COMPLETED, true },    { HT_TRANSFER, HT_TERMINATED, true },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		CHECK_ROW(ht_state_word(rows[i].state), ht_state_final(rows[i].machine, rows[i].state) == rows[i].final);
}

CHECK_MAIN(TEST_ROW(every_state_message_and_party), TEST_ROW(final_states))
