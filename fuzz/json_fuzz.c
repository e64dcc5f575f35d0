/* fuzz/json_fuzz.c - any bytes: the reader, and for what it takes, spans that are the same values, and the writer. */
#include <assert.h>

#include "wire/json.h"

enum { STEPS_MAX = 64 };

/* Writes what was read; returns how many values there were. */
static size_t copy(struct ht_json_out *w, const char *name, const struct ht_json *v, struct ht_arena *a)
{
	struct ht_json_member m;
	void *cursor = NULL;
	size_t count = 1;
	int64_t n;

	if (ht_json_is_object(v)) {
		ht_json_open(w, name, '{');
		while (ht_json_next(v, &cursor, &m))
			count += copy(w, ht_text_z(a, m.name), m.value, a);
		ht_json_close(w, '}');
	} else if (ht_json_is_array(v)) {
		ht_json_open(w, name, '[');
		for (size_t i = 0; i < ht_json_count(v); i++)
			count += copy(w, NULL, ht_json_at(v, i), a);
		ht_json_close(w, ']');
	} else if (ht_json_is_text(v)) {
		ht_json_put(w, name, ht_json_text(v));
	} else if (ht_json_int(v, &n)) {
		ht_json_put_int(w, name, n);
	} else {
		ht_json_put_bool(w, name, ht_json_bool(v, false));
	}
	return count;
}

/* Each member of the root is found in the text, whatever escapes its name is written with. */
static void spans(const struct ht_json *root, struct ht_text text, struct ht_arena a)
{
	struct ht_json_member m;
	void *cursor = NULL;

	for (size_t i = 0; i < STEPS_MAX && ht_json_next(root, &cursor, &m); i++) {
		const char *name = ht_text_z(&a, m.name);
		struct ht_text span, slash, rest;
		struct ht_refusal why;
		struct ht_json *again;

		if (!m.name.len || ht_text_cut(m.name, '/', &slash, &rest))
			continue;
		span = ht_json_span(text, name);
		assert(span.len);
		again = ht_json_read(ht_text_bytes(span), &ht_json_dsp, &why);
		assert(again && ht_json_is_object(again) == ht_json_is_object(m.value) &&
		       ht_json_is_array(again) == ht_json_is_array(m.value));
		assert(ht_text_same(ht_json_text(again), ht_json_text(m.value)) && ht_json_count(again) == ht_json_count(m.value));
		ht_json_free(again);
	}
}

static void elements(const struct ht_json *root, struct ht_text text)
{
	struct ht_text array = ht_json_span(text, ""), element;
	size_t at = 0, n = 0;

	while (ht_json_element(array, &at, &element))
		n++;
	assert(n == ht_json_count(root));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct ht_arena arena;
	struct ht_bytes body = { at, len };
	struct ht_refusal why;
	struct ht_json *root, *again;
	struct ht_json_out w;

	if (!arena.base)
		ht_arena_init(&arena, 64 << 20);
	ht_arena_reset(&arena);
	(void)ht_json_span(ht_bytes_text(body), "a/0/b"); /* never behind the end, even of what is no JSON */
	root = ht_json_read(body, &ht_json_dsp, &why);
	if (!root) {
		assert(why.code != HT_REFUSE_NONE);
		return 0;
	}
	if (ht_json_is_object(root))
		spans(root, ht_bytes_text(body), arena);
	if (ht_json_is_array(root))
		elements(root, ht_bytes_text(body));
	ht_json_begin(&w, &arena);
	assert(copy(&w, NULL, root, &arena) <= ht_json_dsp.count);
	again = ht_json_read(ht_text_bytes(ht_json_end(&w)), &ht_json_large, &why);
	assert(again && ht_json_count(again) == ht_json_count(root) && ht_text_same(ht_json_text(again), ht_json_text(root)));
	ht_json_free(again);
	ht_json_free(root);
	return 0;
}
