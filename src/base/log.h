/* base/log.h - the form of a log line; where lines go is given. One JSON object a line, UTF-8, at most 4 KiB
 * (longer values are cut): {"at":"...","level":"info","event":"word","key":"value",...}.
 * Secrets are never passed to it: tokens and private keys have no field here.
 * Threads ht_log() may be called from any; the sink is set once before the threads start. */
#ifndef HT_BASE_LOG_H
#define HT_BASE_LOG_H

#include "base/text.h"

enum ht_level { HT_DEBUG, HT_INFO, HT_WARN, HT_ERROR };

struct ht_field {
	const char *key;
	struct ht_text value;
	int64_t number; /* used when value.at is NULL */
};

#define HT_FIELD(key_, text_) { .key = (key_), .value = (text_) }
#define HT_FIELD_Z(key_, z_) { .key = (key_), .value = ht_text_of(z_) }
#define HT_FIELD_N(key_, n_) { .key = (key_), .number = (n_) }

/* now_us: from the clock of whoever sets the sink. line ends with LF and is whole. */
typedef void ht_log_write(struct ht_text line);
typedef int64_t ht_log_clock(void);
void ht_log_start(enum ht_level least, ht_log_write *write, ht_log_clock *now_us); /* write NULL: nothing is logged */

void ht_log_fields(enum ht_level level, const char *event, const struct ht_field *fields, size_t n);
#define HT_LOG(level, event, ...)                                                                                     \
	ht_log_fields((level), (event), (const struct ht_field[]){ __VA_ARGS__ },                                     \
		      sizeof((const struct ht_field[]){ __VA_ARGS__ }) / sizeof(struct ht_field))

#endif
