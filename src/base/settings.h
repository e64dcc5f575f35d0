/* base/settings.h - a table of settings: parser of flags, environment and file, and --help, from the same rows.
 *
 * Order   a flag wins over the environment, that over the file, that over the default.
 *         An empty variable is none; of several values in one place the last counts.
 * File    one `name = value` a line, `#` at the beginning or after a blank begins a comment; the name is the flag's without
 *         dashes. A flag is `true` or `false`.
 * Units   bytes: none, K, M, G (1024); durations: ms, s, m, h, d.
 * Memory  values are copied into the arena. */
#ifndef HT_BASE_SETTINGS_H
#define HT_BASE_SETTINGS_H

#include "base/refuse.h"

enum ht_setting_type { HT_SET_TEXT, HT_SET_COUNT, HT_SET_BYTES, HT_SET_DURATION /* "300s", "10m", "72h", "100ms" */, HT_SET_FLAG };

struct ht_setting {
	const char *name;  /* flag without dashes: "listen" */
	const char *env;   /* "HUTONG_LISTEN"; NULL: none */
	const char *metavar; /* "HOST:PORT" */
	const char *preset;  /* default as text; NULL: unset */
	enum ht_setting_type type;
	uint64_t low, high;  /* of counts, bytes and durations in microseconds */
	const char *en, *zh; /* one line each, with the unit */
};

struct ht_setting_value {
	bool set;
	struct ht_text text;
	uint64_t number; /* count, bytes, microseconds, or 1 for a flag that is given */
};

/* Fills values[n] (same order as rows). args: what stands after the command; what is not a flag goes to rest[]
 * (at most rest_max, *rests counts them; "--" ends the flags). file: text of the settings file, empty for none. env: getenv or a test's own.
 * False: why->place names the flag, variable or line ("--listen", "HUTONG_LISTEN", "line 3"), why->detail what was found there and, for a number,
 * what is allowed: "5; 1s .. 1d (ms, s, m, h, d)". An unknown name is refused. */
bool ht_settings_read(const struct ht_setting *rows, size_t n, struct ht_arena *a, int argc, char *const *argv,
		      const char *(*env)(const char *name), struct ht_text file, struct ht_setting_value *values, const char **rest,
		      size_t rest_max, size_t *rests, struct ht_refusal *why);

/* Adds a line or two for each row to *out. */
struct ht_out;
void ht_settings_help(const struct ht_setting *rows, size_t n, enum ht_lang lang, struct ht_out *out);

#endif
