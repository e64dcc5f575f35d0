/* desk/mail.h - a message of a peer at work: receive.c takes it, judge.c says what the rules of the market make of it. */
#ifndef HT_DESK_MAIL_H
#define HT_DESK_MAIL_H

#include "crypto/crypto.h"
#include "desk/work.h"

struct ht_mail {
	const struct ht_message *m;
	struct ht_case c;
	struct ht_received verdict;
	struct ht_text asked;       /* negotiation: the last offer as both sides know it when this message counts */
	struct ht_case overtaken;   /* transfer request: the negotiation whose pending FINALIZED it acknowledges */
	bool overtakes;
	bool person;                /* the rules leave the answer to a person */
	struct ht_refusal meant;    /* the rules answer TERMINATE for this reason */
	uint8_t hash[HT_SHA256];    /* of the body */
};

/* An initial request or offer. *ok false: refused. */
enum ht_err ht_mail_judge_first(struct ht_work *w, struct ht_mail *t, bool *ok);
/* Any other message, which is legal: t->verdict is taken. */
enum ht_err ht_mail_judge(struct ht_work *w, struct ht_mail *t, bool *ok);
/* What the message brings into the process besides its state. */
void ht_mail_apply(struct ht_work *w, struct ht_mail *t);

#endif
