/* app/trade/policy_file.h - an ODRL policy in a file that a setting names. */
#ifndef HT_APP_TRADE_POLICY_FILE_H
#define HT_APP_TRADE_POLICY_FILE_H

#include "app/trade/client.h"

/* The text of the JSON object in the file; empty: the setting is not given. Whether it is a policy the node says.
 * HT_EXIT_DONE, or what is wrong is said. */
int ht_policy_file(struct ht_client *c, const struct ht_setting_value *name, struct ht_text *out);

#endif
