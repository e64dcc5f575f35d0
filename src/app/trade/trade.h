/* app/trade/trade.h - the client commands: they ask the user's own node through its management API. Each returns the exit status. */
#ifndef HT_APP_TRADE_TRADE_H
#define HT_APP_TRADE_TRADE_H

#include "app/command.h"

/* Indexes of the settings of app/commands.c. */
enum { HT_PARTY_NAME };
enum { HT_TOKEN_PARTY, HT_TOKEN_ROLE };
enum { HT_PUBLISH_PARTY, HT_PUBLISH_ID, HT_PUBLISH_POLICY, HT_PUBLISH_AUDIENCE, HT_PUBLISH_TITLE, HT_PUBLISH_OFFER, HT_PUBLISH_MANUAL };
enum { HT_CATALOG_MOST };
enum { HT_NEGOTIATE_PRODUCT, HT_NEGOTIATE_OFFER, HT_NEGOTIATE_POLICY, HT_NEGOTIATE_MANUAL, HT_NEGOTIATE_YES, HT_NEGOTIATE_WAIT };
enum { HT_REQUEST_FORMAT, HT_REQUEST_MANUAL, HT_REQUEST_WAIT };
enum { HT_GET_OUTPUT, HT_GET_FORCE, HT_GET_NEW, HT_GET_YES, HT_GET_FORMAT, HT_GET_AGREEMENT }; /* the first two also of transfer fetch */
enum { HT_WATCH_AFTER };
enum { HT_EXPLAIN_AS, HT_EXPLAIN_AT, HT_EXPLAIN_COUNT, HT_EXPLAIN_AGREED };

/* party and token also work on a data folder that no server has (app/serve/offline.h). */
int ht_trade_party_add(const struct ht_line *line);
int ht_trade_token_new(const struct ht_line *line);
int ht_trade_token_revoke(const struct ht_line *line);
int ht_trade_publish(const struct ht_line *line);
int ht_trade_catalog(const struct ht_line *line);
int ht_trade_negotiate(const struct ht_line *line);
int ht_trade_request(const struct ht_line *line); /* a transfer */
int ht_trade_get(const struct ht_line *line);
int ht_trade_fetch(const struct ht_line *line);
int ht_trade_list(const struct ht_line *line);
int ht_trade_show(const struct ht_line *line);
int ht_trade_verb(const struct ht_line *line);
int ht_trade_retry(const struct ht_line *line);
int ht_trade_history(const struct ht_line *line);
int ht_trade_policy_explain(const struct ht_line *line);
int ht_trade_watch(const struct ht_line *line);

#endif
