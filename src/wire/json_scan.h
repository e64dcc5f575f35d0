/* wire/json_scan.h - what is found out about JSON text without building anything. Private to wire; spans are in wire/json.h. */
#ifndef HT_WIRE_JSON_SCAN_H
#define HT_WIRE_JSON_SCAN_H

#include "wire/json.h"

/* HT_REFUSE_TOO_DEEP, HT_REFUSE_TOO_MANY, or HT_REFUSE_NONE, also for text that is not JSON: until its first error a parser sees the
 * same strings and brackets. */
enum ht_refuse ht_json_over(struct ht_text text, const struct ht_json_limits *limits);

#endif
