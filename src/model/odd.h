/* model/odd.h - what is not understood of a policy, in words: what stands there, and what may stand there. */
#ifndef HT_MODEL_ODD_H
#define HT_MODEL_ODD_H

#include "base/lang.h"
#include "base/out.h"
#include "model/market.h"

/* Whether a left operand may be compared by an operator. */
bool ht_left_takes(enum ht_left left, enum ht_operator op);

/* "\"<=\": allowed: eq, neq, lt, lteq, gt, gteq". The value is foreign: who prints it makes it harmless. In the arena. */
struct ht_text ht_odd_text(const struct ht_oddity *what, enum ht_lang lang, struct ht_arena *a);

#endif
