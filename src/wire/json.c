/* wire/json.c - reading JSON with jansson; nothing else sees it. A value of ours is jansson's json_t. */
#include "wire/json_scan.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

const struct ht_json_limits ht_json_dsp = { .bytes = 256 << 10, .depth = 32, .count = 8192 };
const struct ht_json_limits ht_json_small = { .bytes = 64 << 10, .depth = 24, .count = 1024 };
const struct ht_json_limits ht_json_large = { .bytes = 8 << 20, .depth = 32, .count = 262144 };

static json_t *of(const struct ht_json *v)
{
	return (json_t *)(void *)v;
}

static struct ht_json *from(json_t *v)
{
	return (struct ht_json *)(void *)v;
}

/* Where the parser stopped. The refusal has no arena to put it into. */
static struct ht_text where(const json_error_t *error)
{
	static _Thread_local char text[64];
	int len = snprintf(text, sizeof text, "line %d, column %d", error->line, error->column);

	return (struct ht_text){ text, len > 0 ? (size_t)len : 0 };
}

struct ht_json *ht_json_read(struct ht_bytes text, const struct ht_json_limits *limits, struct ht_refusal *why)
{
	struct ht_text t = text.len ? ht_bytes_text(text) : HT_TEXT("");
	enum ht_refuse refuse;
	json_error_t error;
	json_t *root;

	refuse = t.len > limits->bytes ? HT_REFUSE_TOO_LARGE : ht_json_over(t, limits);
	if (refuse) {
		ht_refuse(why, refuse, HT_TEXT(""));
		return NULL;
	}
	/* jansson 2.14 loses a NUL that stands straight behind a number. */
	if (memchr(t.at, 0, t.len)) {
		ht_refuse(why, HT_REFUSE_JSON, HT_TEXT(""));
		why->detail = HT_TEXT("a NUL byte");
		return NULL;
	}
	root = json_loadb(t.at, t.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (root)
		return from(root);
	assert(json_error_code(&error) != json_error_out_of_memory);
	ht_refuse(why, json_error_code(&error) == json_error_duplicate_key ? HT_REFUSE_DUPLICATE_KEY : HT_REFUSE_JSON, HT_TEXT(""));
	why->detail = where(&error);
	return NULL;
}

void ht_json_free(struct ht_json *root)
{
	json_decref(of(root));
}

bool ht_json_is_object(const struct ht_json *v)
{
	return json_is_object(of(v));
}

bool ht_json_is_array(const struct ht_json *v)
{
	return json_is_array(of(v));
}

bool ht_json_is_text(const struct ht_json *v)
{
	return json_is_string(of(v));
}

struct ht_json *ht_json_member(const struct ht_json *object, const char *name)
{
	return from(json_object_get(of(object), name));
}

size_t ht_json_count(const struct ht_json *array_or_object)
{
	return ht_json_is_array(array_or_object) ? json_array_size(of(array_or_object)) : json_object_size(of(array_or_object));
}

struct ht_json *ht_json_at(const struct ht_json *array, size_t i)
{
	return from(json_array_get(of(array), i));
}

struct ht_text ht_json_text(const struct ht_json *v)
{
	return ht_json_is_text(v) ? (struct ht_text){ json_string_value(of(v)), json_string_length(of(v)) } : HT_TEXT("");
}

bool ht_json_int(const struct ht_json *v, int64_t *out)
{
	if (!json_is_integer(of(v)))
		return false;
	*out = json_integer_value(of(v));
	return true;
}

bool ht_json_is_bool(const struct ht_json *v)
{
	return json_is_boolean(of(v));
}

bool ht_json_bool(const struct ht_json *v, bool preset)
{
	return json_is_boolean(of(v)) ? json_is_true(of(v)) : preset;
}

bool ht_json_next(const struct ht_json *object, void **cursor, struct ht_json_member *out)
{
	*cursor = *cursor ? json_object_iter_next(of(object), *cursor) : json_object_iter(of(object));
	if (!*cursor)
		return false;
	out->name = (struct ht_text){ json_object_iter_key(*cursor), json_object_iter_key_len(*cursor) };
	out->value = from(json_object_iter_value(*cursor));
	return true;
}
