/* app/trade/pages.h - a list of the API, page after page. */
#ifndef HT_APP_TRADE_PAGES_H
#define HT_APP_TRADE_PAGES_H

#include "app/trade/client.h"

/* Asks for path (with what is in query, which may be empty) until there is no "next", `most` rows at a time. With --json prints
 * one document {"member":[...]}; else shows each page's list, an array. Memory of a page is given back after it. */
int ht_pages(struct ht_client *c, const char *path, struct ht_text query, const char *member, int most,
	     void (*show)(struct ht_client *c, const struct ht_json *list));

#endif
