/* model/names.h - the words of the enums of model/market.h, as the standards spell them, both ways. */
#ifndef HT_MODEL_NAMES_H
#define HT_MODEL_NAMES_H

#include "base/lang.h"
#include "model/market.h"

const char *ht_role_word(enum ht_role role);          /* "provider" */
enum ht_role ht_role_of(struct ht_text word);         /* HT_NOBODY: no such word */
const char *ht_machine_word(enum ht_machine machine); /* "negotiation", "transfer" */
const char *ht_state_word(enum ht_state state);       /* "FINALIZED"; HT_NONE: "NONE" */
enum ht_state ht_state_of(struct ht_text word);       /* HT_STATE_COUNT: no such word */
const char *ht_left_word(enum ht_left left);          /* "elapsedTime"; HT_LEFT_TRANSFERS: "count" */
bool ht_left_of(struct ht_text word, enum ht_left *out);
const char *ht_operator_word(enum ht_operator op);    /* "lteq" */
bool ht_operator_of(struct ht_text word, enum ht_operator *out);
const char *ht_join_word(enum ht_join join);          /* "and", "or" */

/* "ContractRequestMessage"; ACCEPT and FINALIZE are both "ContractNegotiationEventMessage". NULL: the machine has no such message. */
const char *ht_msg_type(enum ht_machine machine, enum ht_msg msg);
/* One word of ours for logs, history and commands: "request", "agree", ... */
const char *ht_msg_word(enum ht_msg msg);
enum ht_msg ht_msg_of(struct ht_text word); /* HT_MSG_NONE: no such word */
/* The state that a message leads to: to(M) of LIFECYCLE. */
enum ht_state ht_msg_to(enum ht_msg msg);

#endif
