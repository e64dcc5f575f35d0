/* app/trade/negotiate.h - the steps of the market that `negotiate` and `get` share. */
#ifndef HT_APP_TRADE_NEGOTIATE_H
#define HT_APP_TRADE_NEGOTIATE_H

#include "app/trade/client.h"

enum { HT_WAIT_MAX_S = 300 };

/* POST of one object {name: value, ...} with "wait" in seconds when it is not 0; the time of the call is longer by a minute. */
struct ht_pair {
	const char *name;
	struct ht_text value;
};
int ht_trade_post(struct ht_client *c, struct ht_text path, const struct ht_pair *pairs, size_t n, int wait_s);

/* Starts a negotiation on the product and, with wait, waits until it is settled: HT_EXIT_DONE is FINALIZED then. */
int ht_trade_begin(struct ht_client *c, struct ht_text base, struct ht_text product, bool wait);

/* "/catalog?base=..." and the like: name and value as a query. */
struct ht_text ht_trade_query(struct ht_client *c, const char *path, const struct ht_pair *pairs, size_t n);

#endif
