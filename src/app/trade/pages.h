/* app/trade/pages.h - a list of the API, page after page. Memory of a page is given back after it. */
#ifndef HT_APP_TRADE_PAGES_H
#define HT_APP_TRADE_PAGES_H

#include "app/trade/client.h"

struct ht_pages {
	const char *path;     /* "/history" */
	struct ht_text query; /* what else is asked for: "chain=..."; may be empty */
	int most;             /* rows at a time */
};

/* Asks until there is no "next"; after each answer `each` looks at c->json. It may make calls of its own, and ends the walk with a status
 * that is not HT_EXIT_DONE. */
int ht_pages_walk(struct ht_client *c, const struct ht_pages *pages, int (*each)(struct ht_client *c, void *mine), void *mine);

/* The rows of one list or of several, printed: with --json as one document {"member":[...]}, else each page by `show`. */
struct ht_printer {
	const char *member;
	void (*show)(struct ht_client *c, const struct ht_json *list);
	bool begun, any; /* begin as false */
};
int ht_pages_print(struct ht_client *c, const struct ht_pages *pages, struct ht_printer *to);
void ht_pages_end(const struct ht_printer *to); /* the end of the document, when it was begun */

#endif
