/* app/trade/history.h - a leaf of the history as one line for people. */
#ifndef HT_APP_TRADE_HISTORY_H
#define HT_APP_TRADE_HISTORY_H

#include "base/lang.h"
#include "base/out.h"
#include "wire/json.h"

/* "TIME  PARTY  EVENT  MESSAGE  PEER  STATE...  ID" and a line end. Of the content only the word of the message, a state, a
 * status, sizes, names, reasons and what was read are shown: never an address or token. Processes are cut to their last 12 characters. */
void ht_history_line(const struct ht_json *leaf, enum ht_lang lang, struct ht_out *out);

/* The end of an id as those lines show it. */
struct ht_text ht_history_brief(struct ht_arena *a, struct ht_text id);

#endif
