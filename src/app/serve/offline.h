/* app/serve/offline.h - one request to the management API, asked by the operator of a data folder that no server has. */
#ifndef HT_APP_SERVE_OFFLINE_H
#define HT_APP_SERVE_OFFLINE_H

#include "base/err.h"

/* Opens the folder (it is made when it is not there), asks, closes it. path: below /api/v1, with its query: "/parties?after=3".
 * *status and *answer as over HTTP, the answer in a. HT_E_LOCKED: a server has the folder; else errors as of `serve`; *answer is then the name of the
 * file of the folder that it is about, or empty. */
enum ht_err ht_app_offline(const char *folder, const char *method, struct ht_text path, struct ht_text body, enum ht_lang lang,
			   struct ht_arena *a, int *status, struct ht_text *answer);

#endif
