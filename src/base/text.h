/* base/text.h - views of bytes and of UTF-8 text. They borrow; a struct that outlives its request copies.
 *
 * Memory  a view is pointer and length, never terminated. What takes an arena returns memory of it. */
#ifndef HT_BASE_TEXT_H
#define HT_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct ht_bytes {
	const uint8_t *at;
	size_t len;
};

struct ht_text {
	const char *at;
	size_t len;
};

#define HT_TEXT(literal) ((struct ht_text){ (literal), sizeof(literal) - 1 })
#define HT_TEXT_ROW(literal) { (literal), sizeof(literal) - 1 } /* the same in a static table */
#define HT_TEXT_FMT "%.*s" /* with HT_TEXT_ARG: for the printf family */
/* Evaluates text three times, so it is a variable and never a call: tools/tidy refuses parentheses in it. */
#define HT_TEXT_ARG(text) (int)(text).len, (text).at ? (text).at : ""

struct ht_text ht_text_of(const char *z); /* borrows; NULL gives an empty text */
struct ht_bytes ht_text_bytes(struct ht_text t);
struct ht_text ht_bytes_text(struct ht_bytes b); /* no check of UTF-8 */
bool ht_text_same(struct ht_text a, struct ht_text b);
bool ht_text_is(struct ht_text a, const char *z);
bool ht_text_same_case(struct ht_text a, const char *z); /* ASCII letters without case, for header names */
bool ht_bytes_same(struct ht_bytes a, struct ht_bytes b);
bool ht_text_starts(struct ht_text t, struct ht_text with);
bool ht_text_ends(struct ht_text t, struct ht_text with);
int ht_text_order(struct ht_text a, struct ht_text b); /* by bytes, as memcmp */

/* Splits at the first sep: *head is what is before it, *tail what is after. False: no sep; *head is all, *tail empty. */
bool ht_text_cut(struct ht_text t, char sep, struct ht_text *head, struct ht_text *tail);
/* The same at the last sep. False: no sep; *head is empty, *tail is all. */
bool ht_text_cut_last(struct ht_text t, char sep, struct ht_text *head, struct ht_text *tail);

struct ht_text ht_text_no_slash(struct ht_text t); /* without slashes at its end */
struct ht_text ht_text_trim(struct ht_text t); /* without blanks, tabs, CR and LF at both ends */
struct ht_text ht_text_copy(struct ht_arena *a, struct ht_text t);
struct ht_bytes ht_bytes_copy(struct ht_arena *a, struct ht_bytes b);
char *ht_text_z(struct ht_arena *a, struct ht_text t); /* a terminated copy */
struct ht_text ht_text_format(struct ht_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A whole decimal number without sign, blanks or leading zeros. False: not one, or over max; *out is left alone. */
bool ht_text_u64(struct ht_text t, uint64_t max, uint64_t *out);

bool ht_text_utf8(struct ht_bytes b); /* well-formed UTF-8 (RFC 3629), without NUL */
/* How many bytes (1 to 4) the well-formed character at the beginning has; 0: there is none, or it is NUL. */
size_t ht_text_utf8_next(struct ht_bytes b);

/* Lower-case hex. ht_hex_read: exactly len bytes, either case; false: not that. */
struct ht_text ht_hex(struct ht_arena *a, struct ht_bytes b);
bool ht_hex_read(struct ht_text t, uint8_t *out, size_t len);

/* base64url without padding (RFC 4648 section 5). Reading refuses padding, other letters and non-zero trailing bits. */
struct ht_text ht_base64url(struct ht_arena *a, struct ht_bytes b);
bool ht_base64url_read(struct ht_arena *a, struct ht_text t, struct ht_bytes *out);

/* Percent-encoding of one path segment or query value (RFC 3986): all but unreserved characters and ':' are encoded.
 * Decoding refuses a broken escape and NUL, escaped or not. */
struct ht_text ht_percent(struct ht_arena *a, struct ht_text t);
bool ht_percent_read(struct ht_arena *a, struct ht_text t, struct ht_text *out);

#endif
