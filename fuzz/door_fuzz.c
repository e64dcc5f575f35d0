/* fuzz/door_fuzz.c - a whole request from bytes: METHOD, TARGET, then headers a line each, an empty line, the body. What comes of it is
 * answered as a node would: an upload, a need, a step with empty results. A token of "OPERATOR" and the like is replaced by a good one. */
#include <assert.h>

#include "door/fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

/* Names of good Authorization values, in the order of world.tokens, then a peer's. */
static const char *const names[] = { "OPERATOR", "REGULATOR", "PROVIDER", "CONSUMER", "PROVIDER2", "CONSUMER2" };

static struct ht_text authorization(struct world *w, struct ht_text value, struct ht_text body)
{
	for (size_t i = 0; i < WORLD_TOKENS; i++) {
		if (ht_text_is(value, names[i]))
			return w->tokens[i];
	}
	return ht_text_is(value, "PEER") ? world_jwt(w, body) : value;
}

static void read_request(struct world *w, struct ht_text all)
{
	struct ht_text line, name, value, auth = HT_TEXT(""), target;

	ht_text_cut(all, ' ', &w->ask.method, &all);
	ht_text_cut(all, '\n', &target, &all);
	ht_text_cut(target, '?', &w->ask.path, &w->ask.query);
	while (ht_text_cut(all, '\n', &line, &all) && line.len) {
		ht_text_cut(line, ':', &name, &value);
		value = ht_text_trim(value);
		if (ht_text_same_case(name, "authorization"))
			auth = value;
		else if (ht_text_same_case(name, "content-type"))
			w->ask.content_type = value;
		else if (ht_text_same_case(name, "accept-language"))
			w->ask.accept_language = value;
		else if (ht_text_same_case(name, "gate"))
			w->ask.gate = true;
	}
	w->ask.body = ht_text_bytes(all);
	w->ask.authorization = authorization(w, auth, all);
}

/* Whatever was asked, its answer is a status and, if it has a JSON body, valid JSON. */
static void judge(const struct ht_answer *a)
{
	struct ht_refusal why = { 0 };
	struct ht_json *root;

	assert(a->status >= 200 && a->status < 600);
	if (!a->content_type || strcmp(a->content_type, "application/json") != 0)
		return;
	root = ht_json_read(ht_text_bytes(a->body), &ht_json_large, &why);
	assert(root);
	ht_json_free(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct world w, start; /* every run begins with the same world */
	struct ht_text body = HT_TEXT("");
	bool upload;

	if (!start.arena.base) {
		world_init(&w);
		start = w;
	}
	w = start;
	read_request(&w, (struct ht_text){ (const char *)at, len });
	w.fetched = (struct ht_fetched){ .status = 200, .body = w.ask.body };
	if (w.ask.body.len)
		body = ht_bytes_text(w.ask.body);
	w.fetched.link = body;
	w.fetched_fact = ht_text_starts(body, HT_TEXT("{\"fetch")) ? HT_FACT_LACKS : HT_FACT_HERE;
	ht_door_upload(&w.door, &w.ask, &upload, &w.result);
	if (!upload)
		ht_door_ask(&w.door, &w.ask, &w.result);
	if (w.result.kind == HT_DOOR_STEP || w.result.kind == HT_DOOR_READ) {
		struct ht_process *p = &w.result.step.out.process;

		p->state = HT_TERMINATED;
		ht_door_reply(&w.door, &w.ask, &w.result, &w.result.answer);
	}
	if (w.result.kind != HT_DOOR_NEED)
		judge(&w.result.answer);
	return 0;
}
