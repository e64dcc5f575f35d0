/* wire/shape.h - takes members out of JSON objects with their checks. Private to wire.
 *
 * A place is a chain on the stack; it becomes a JSON pointer (RFC 6901) only when something is refused.
 * Memory  texts are copied into the arena of the shape, so that they outlive the parser; so are place and detail. */
#ifndef HT_WIRE_SHAPE_H
#define HT_WIRE_SHAPE_H

#include "wire/json.h"

/* Limits in bytes: of ids and other single words, of URLs, of the @id of a message. */
enum { HT_ID_MAX = 1024, HT_URL_MAX = 2048, HT_MESSAGE_ID_MAX = 256 };

struct ht_place {
	const struct ht_place *up; /* NULL: the root */
	struct ht_text name;       /* of a member; at NULL: an element */
	size_t index;
};

struct ht_shape {
	struct ht_arena *arena;
	struct ht_refusal *why;
};

/* The pointer from `above` (which is not named; NULL: the root) to p. A name of more than 128 bytes ends it before that name. */
struct ht_text ht_place_text(const struct ht_place *p, const struct ht_place *above, struct ht_arena *a);

/* Refuses member `name` (NULL: the value itself) of the value at `up`. found: what was there; left out when it is long. Returns false. */
bool ht_shape_refuse(const struct ht_shape *s, enum ht_refuse code, const struct ht_place *up, const char *name, struct ht_text found);

/* JSON text of a value, or NULL; a refusal keeps its detail in the arena. */
struct ht_json *ht_shape_read(const struct ht_shape *s, struct ht_bytes body, const struct ht_json_limits *limits);

/* A string of 1 to max bytes. Not required and not there: *out is empty. HT_REFUSE_MEMBER_MISSING, _TYPE, _VALUE. */
bool ht_shape_text(const struct ht_shape *s, const struct ht_json *object, const struct ht_place *up, const char *name, size_t max,
		   bool required, struct ht_text *out);

/* A word of a vocabulary without its prefix ("odrl:") or IRI, whichever it has. */
struct ht_vocabulary {
	struct ht_text prefix, iri;
};
extern const struct ht_vocabulary ht_vocabulary_dspace, ht_vocabulary_odrl, ht_vocabulary_dcat;
struct ht_text ht_shape_bare(const struct ht_vocabulary *v, struct ht_text word);

/* Member @type is this word of the vocabulary. */
bool ht_shape_type(const struct ht_shape *s, const struct ht_json *object, const struct ht_place *up, const struct ht_vocabulary *v,
		   const char *type);

/* The @context of an object names DSP 2025-1. Clause: DSP 2025-1 context-schema; the bare string is taken too. */
bool ht_shape_names_dsp(const struct ht_json *root);
/* It is an object and its @context does. HT_REFUSE_MEMBER_TYPE, HT_REFUSE_CONTEXT. */
bool ht_shape_context(const struct ht_shape *s, const struct ht_json *root);

#endif
