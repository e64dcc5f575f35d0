/* app/trade/policy_file.h - an ODRL policy in a file that a setting or an argument names. A byte order mark before it is left out. */
#ifndef HT_APP_TRADE_POLICY_FILE_H
#define HT_APP_TRADE_POLICY_FILE_H

#include "app/trade/client.h"

/* The text of the JSON object in the file. Whether it is a policy the node says. HT_EXIT_DONE, or what is wrong is said, with the file's
 * name. */
int ht_policy_file_read(struct ht_client *c, const char *name, struct ht_text *out);
/* The same for a setting; empty: it is not given. */
int ht_policy_file(struct ht_client *c, const struct ht_setting_value *name, struct ht_text *out);

/* Says what is wrong in a file; HT_EXIT_USAGE. */
int ht_policy_file_refuse(struct ht_client *c, const char *name, const struct ht_refusal *why);

#endif
