/* app/trade/plain.h - foreign text made harmless for a terminal and for a file name, and how wide it is. */
#ifndef HT_APP_TRADE_PLAIN_H
#define HT_APP_TRADE_PLAIN_H

#include "base/out.h"

/* Columns of a terminal: 2 for wide East Asian characters and pictures, 0 for combining marks.
 * Source: Unicode Standard Annex 11, the blocks that are wide as a whole. */
size_t ht_plain_width(struct ht_text t);

/* Without what could steer a terminal or reverse the order of what is read: control characters, bidirectional and invisible
 * marks, and bytes that are not UTF-8 become '?'. */
struct ht_text ht_plain(struct ht_arena *a, struct ht_text t);

/* A file name from the last part of an identifier: letters, digits and . _ - stay, so do other characters that ht_plain()
 * leaves; the rest becomes '_', and so does a dot or dash at the beginning and a dot after a dot. 1 to HT_PLAIN_NAME_MAX bytes, never a path. */
enum { HT_PLAIN_NAME_MAX = 200 };
struct ht_text ht_plain_name(struct ht_arena *a, struct ht_text id);

#endif
