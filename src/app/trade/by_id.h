/* app/trade/by_id.h - a thing by its id, or by a part of it: `hutong history` prints the ends of ids. */
#ifndef HT_APP_TRADE_BY_ID_H
#define HT_APP_TRADE_BY_ID_H

#include "app/trade/client.h"

enum { HT_SHORT_ID_MIN = 4 };

/* The one id of the lists ("negotiations transfers") that begins or ends with `given`, which has at least HT_SHORT_ID_MIN bytes, else that of
 * the process whose peer's id does; `given` itself when there is none. More than one: HT_EXIT_USAGE, and they are said. */
int ht_by_id_find(struct ht_client *c, const char *lists, struct ht_text given, struct ht_text *id);

/* A request about the first argument, as it is given; when there is no such thing, about the one of the lists that it is a part of. */
int ht_by_id(struct ht_client *c, const char *lists, int (*ask)(struct ht_client *c, struct ht_text id));
/* One of these requests: GET of the thing of the command's own list. */
int ht_by_id_get(struct ht_client *c, struct ht_text id);

#endif
