/* app/serve/settings.h - the settings of a node: one table for flags, environment, file and --help. */
#ifndef HT_APP_SERVE_SETTINGS_H
#define HT_APP_SERVE_SETTINGS_H

#include "base/settings.h"
#include "node/node.h"

/* Reads argv (after `serve`), the environment and the file of --config. *help: --help was given, and *out is not filled.
 * False: *why, whose place is the flag. Texts live in the arena. */
bool ht_serve_settings(int argc, char **argv, struct ht_arena *a, struct ht_node_settings *out, bool *help,
		       struct ht_refusal *why);
/* The presets, for a node of the folder that does not listen. */
void ht_serve_presets(const char *data, struct ht_arena *a, struct ht_node_settings *out);
/* Text of --help. */
struct ht_text ht_serve_help(enum ht_lang lang, struct ht_arena *a);

#endif
