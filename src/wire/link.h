/* wire/link.h - the Link header, as pages of a catalog use it. Clause: RFC 8288 sections 3 and 3.3; DSP 2025-1 catalog binding, pagination.
 *
 * Memory  what is read are views into the header. */
#ifndef HT_WIRE_LINK_H
#define HT_WIRE_LINK_H

#include "base/text.h"

enum { HT_LINK_QUERY_MAX = 2048 };

struct ht_link {
	struct ht_text target, rel; /* rel: as it stands, one or more relation types with blanks between */
};

/* The value of one header with these links; those without a target are left out. A target has no '>' in it. */
struct ht_text ht_link_write(const struct ht_link *links, size_t n, struct ht_arena *a);

/* The next link of a header (several headers: joined by commas). A link that says `anchor` is about something else: its rel is empty.
 * False: no more, or what comes is no link. */
bool ht_link_next(struct ht_text *rest, struct ht_link *out);

/* The query part of the first target with this relation type, without '?'. Empty: none, or not one of ht_link_is_query(). */
struct ht_text ht_link_query(struct ht_text header, const char *rel);

/* 1 to HT_LINK_QUERY_MAX characters that may stand in the query of a URL. */
bool ht_link_is_query(struct ht_text t);

#endif
