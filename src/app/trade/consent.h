/* app/trade/consent.h - the terms in words before somebody is bound by them, and the question whether they will do. */
#ifndef HT_APP_TRADE_CONSENT_H
#define HT_APP_TRADE_CONSENT_H

#include "app/trade/client.h"

/* Shows the terms of an offer or policy on standard error, whole. yes: that is all. Else it asks on a terminal: HT_EXIT_REFUSED when the answer is not
 * yes; where nobody can be asked HT_EXIT_USAGE. Both are said. c->stop ends the question with HT_EXIT_ENVIRONMENT. */
int ht_consent(struct ht_client *c, struct ht_text policy, bool yes);

/* Whether an answer agrees: y, yes, or 是, in any case, with blanks around. */
bool ht_consent_is_yes(struct ht_text answer);

#endif
