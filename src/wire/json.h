/* wire/json.h - the seam to jansson, with limits, and the writer of JSON text.
 *
 * Reading  ht_json_read() refuses what is not RFC 8259 in UTF-8, duplicate members, NUL, more than depth or count values.
 *          A value is valid until ht_json_free() of its document; texts of it are views into it.
 * Spans    ht_json_span() gives a member of an object as the bytes that it came with; the text must have been read
 *          by ht_json_read() before.
 * Writing  straight into an ht_out: each function writes one member or element and keeps the commas. */
#ifndef HT_WIRE_JSON_H
#define HT_WIRE_JSON_H

#include "base/out.h"
#include "base/refuse.h"

struct ht_json; /* one value */

struct ht_json_limits {
	size_t bytes, depth, count; /* of the text, of nesting, of values */
};
extern const struct ht_json_limits ht_json_dsp;   /* a message: 256 KiB, depth 32, 8,192 values */
extern const struct ht_json_limits ht_json_small; /* a token part, an API body: 64 KiB, depth 24, 1,024 values */
extern const struct ht_json_limits ht_json_large; /* a catalog or list that we asked for: 8 MiB, depth 32, 262,144 values */

/* Depth and count are checked before the parser runs. HT_REFUSE_TOO_LARGE, TOO_DEEP, TOO_MANY, DUPLICATE_KEY, JSON: detail says line
 * and column, or what it is; that text is valid until the next such refusal of the same thread, so who keeps it longer copies. JSON is
 * also a number that neither int64_t nor double holds, and half a surrogate pair. */
struct ht_json *ht_json_read(struct ht_bytes text, const struct ht_json_limits *limits, struct ht_refusal *why);
void ht_json_free(struct ht_json *root); /* NULL is accepted */

/* NULL is accepted as a value and is of no type. */
bool ht_json_is_object(const struct ht_json *v);
bool ht_json_is_array(const struct ht_json *v);
bool ht_json_is_text(const struct ht_json *v);
struct ht_json *ht_json_member(const struct ht_json *object, const char *name); /* NULL: no such member or no object */
size_t ht_json_count(const struct ht_json *array_or_object);
struct ht_json *ht_json_at(const struct ht_json *array, size_t i);
struct ht_text ht_json_text(const struct ht_json *v);               /* empty: not a string */
bool ht_json_int(const struct ht_json *v, int64_t *out);            /* an integer */
bool ht_json_is_bool(const struct ht_json *v);
bool ht_json_bool(const struct ht_json *v, bool preset);

/* The i-th member in the order of the text. False: no more. */
struct ht_json_member {
	struct ht_text name;
	struct ht_json *value;
};
bool ht_json_next(const struct ht_json *object, void **cursor, struct ht_json_member *out); /* *cursor starts as NULL */

/* The bytes of the value at a path of member names and decimal indexes ("dataset/0/hasPolicy") in valid JSON text. Empty: not there. */
struct ht_text ht_json_span(struct ht_text text, const char *path);
/* The next element of the text of an array, as such bytes. *at starts as 0. False: no more. */
bool ht_json_element(struct ht_text array, size_t *at, struct ht_text *out);

/* The writer. name NULL: an element of an array or the root. */
struct ht_json_out {
	struct ht_out out;
	bool comma;
};
void ht_json_begin(struct ht_json_out *w, struct ht_arena *a);
void ht_json_open(struct ht_json_out *w, const char *name, char bracket); /* '{' or '[' */
void ht_json_close(struct ht_json_out *w, char bracket);                  /* '}' or ']' */
void ht_json_put(struct ht_json_out *w, const char *name, struct ht_text value);   /* a string, escaped */
void ht_json_put_z(struct ht_json_out *w, const char *name, const char *value);
void ht_json_put_some(struct ht_json_out *w, const char *name, struct ht_text value); /* nothing when it is empty */
void ht_json_put_int(struct ht_json_out *w, const char *name, int64_t value);
void ht_json_put_bool(struct ht_json_out *w, const char *name, bool value);
void ht_json_put_raw(struct ht_json_out *w, const char *name, struct ht_text json); /* JSON text as it is */
struct ht_text ht_json_end(const struct ht_json_out *w);

#endif
