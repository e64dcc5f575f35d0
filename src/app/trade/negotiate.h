/* app/trade/negotiate.h - the steps of the market that `negotiate` and `get` share. */
#ifndef HT_APP_TRADE_NEGOTIATE_H
#define HT_APP_TRADE_NEGOTIATE_H

#include "app/trade/client.h"

/* POST of one object {name: value, ...}. */
struct ht_pair {
	const char *name;
	struct ht_text value;
};
int ht_trade_post(struct ht_client *c, struct ht_text path, const struct ht_pair *pairs, size_t n);

/* HT_EXIT_USAGE: a --format that no transfer of ours has. Empty is the preset one. */
int ht_trade_format(struct ht_client *c, const struct ht_text *format);

/* What is asked for, or offered. */
struct ht_deal {
	struct ht_text base, product;
	struct ht_text offer;  /* of a consumer: the offer that was shown, JSON text */
	struct ht_text policy; /* own terms, JSON text; empty: those of the offer or product */
	bool manual;
};

/* Starts a negotiation and, with wait, waits until it is settled: HT_EXIT_DONE is FINALIZED then. */
int ht_trade_begin(struct ht_client *c, const struct ht_deal *deal, bool wait);

/* The offer with this @id (empty: the first) of the product, in the last answer, of /catalog. Empty: there is none. */
struct ht_text ht_trade_offer(struct ht_client *c, struct ht_text product, struct ht_text id);

/* Shows a consumer what is going to be asked for, and asks (app/trade/consent.h). HT_EXIT_REFUSED also when there is no offer. */
int ht_trade_ask(struct ht_client *c, const struct ht_deal *deal, bool yes);

/* "/catalog?base=..." and the like: name and value as a query. */
struct ht_text ht_trade_query(struct ht_client *c, const char *path, const struct ht_pair *pairs, size_t n);

#endif
