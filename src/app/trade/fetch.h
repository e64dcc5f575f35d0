/* app/trade/fetch.h - the bytes of a transfer into a checked file: what `get` and `transfer fetch` share. The functions are steps in this order;
 * each returns an exit status, and what is wrong has been said.
 *
 * Settings  HT_GET_OUTPUT and HT_GET_FORCE stand at the same place in both commands. */
#ifndef HT_APP_TRADE_FETCH_H
#define HT_APP_TRADE_FETCH_H

#include "app/trade/download.h"

struct ht_fetch {
	struct ht_client client; /* stoppable */
	struct ht_text base, product;
	const char *path, *name, *sidecar; /* of the target; its name and the other one's below folder */
	struct ht_disk disk;               /* the folder of the target */
	const char *room;                  /* -o -: the folder of the temporary file; else NULL */
	struct ht_ranges allow;
	/* the description */
	struct ht_text *offers; /* @ids of the offers that the catalog shows */
	size_t offers_count;
	struct ht_text offer; /* the first of them, whole */
	bool has_hash, pushes; /* pushes: HttpData-PUSH is offered, or the node does not tell */
	struct ht_text sha256, peer;
	int64_t size; /* -1: not said */
	/* what there is so far */
	struct ht_text agreement, transfer;
	struct ht_download download;
	bool current; /* the agreement is on an offer that the catalog shows */
	bool running; /* the transfer is to be completed or terminated */
	bool pushed;  /* the provider has sent the data by itself, and may have completed the transfer */
	bool over;    /* the transfer was completed before */
};

/* Where the file goes: -o FILE, -o FOLDER, or the last part of the product's id here. */
int ht_fetch_target(struct ht_fetch *f);
/* Which addresses the user's node allows. */
int ht_fetch_self(struct ht_fetch *f);
/* What the provider says of the product; optional: that it does not is only said. */
int ht_fetch_describe(struct ht_fetch *f, bool optional);
/* Whether the catalog shows the offer with this @id. */
bool ht_fetch_is_shown(const struct ht_fetch *f, struct ht_text offer);
/* Of the transfer in the last answer: what the provider serves, with the token for it; or what it has pushed to our own node, which may be at any
 * address. */
void ht_fetch_served(struct ht_fetch *f);
void ht_fetch_pushed(struct ht_fetch *f);
/* Downloads, checks, leaves both files and completes the transfer. */
int ht_fetch_receive(struct ht_fetch *f, struct ht_text *sidecar);

#endif
