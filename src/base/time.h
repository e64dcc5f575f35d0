/* base/time.h - times as text. All times are microseconds since 1970-01-01 UTC (suffix _us) unless the name says _s.
 * Nothing here reads a clock: os/clock.h does. */
#ifndef HT_BASE_TIME_H
#define HT_BASE_TIME_H

#include "base/text.h"

#define HT_SECOND_US INT64_C(1000000)
#define HT_DAY_US (INT64_C(86400) * HT_SECOND_US)

/* "2026-11-24T08:00:00Z", with ".123456" (trailing zeros cut) when there are microseconds. Years 0001 to 9999. */
struct ht_text ht_time_text(struct ht_arena *a, int64_t at_us);

/* The same into the caller's memory, without NUL; the length is returned. */
enum { HT_TIME_MAX = 27 };
size_t ht_time_put(char out[HT_TIME_MAX], int64_t at_us);

/* The same with always three digits, "2026-11-24T08:00:00.123Z", the rest cut off: one width, for columns that people read. */
struct ht_text ht_time_text_ms(struct ht_arena *a, int64_t at_us);

/* xsd:dateTime with optional fraction (digits after the sixth are dropped) and zone ("Z", "+08:00"; none means UTC).
 * Leap second 60 is read as the next second, 24:00:00 as the next day. False: not one, or outside years 0001 to 9999. */
bool ht_time_read(struct ht_text t, int64_t *at_us);

/* xsd:duration of weeks ("P2W", as ISO 8601 has them), days, hours, minutes and seconds ("P1DT12H", "PT0.5S"), in this order. False: not
 * one, with a sign, with years or months (which are of no fixed length), or of more than 9,999 years. */
bool ht_duration_read(struct ht_text t, int64_t *us);

#endif
