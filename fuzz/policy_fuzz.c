/* fuzz/policy_fuzz.c - any bytes as a policy: read, evaluated, compared, explained in both languages; its limits hold. */
#include <assert.h>

#include "core/market/explain.h"
#include "wire/dsp.h"

/* Nodes of a list of constraints, and whether one of them is odd. */
static size_t nodes_of(const struct ht_constraint *list, size_t n, size_t depth, bool odd)
{
	size_t sum = n;

	assert(!n || depth <= HT_NODES_DEPTH_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct ht_constraint *c = &list[i];

		assert(c->part.place.len && c->part.place.at[0] == '/' && (odd || !c->part.odd));
		assert(odd || c->join != HT_JOIN_NONE || c->right.len);
		assert(odd || c->join == HT_JOIN_NONE || c->parts_count);
		assert(c->ids_count <= HT_RECIPIENTS_MAX);
		for (size_t k = 1; k < c->ids_count; k++)
			assert(ht_text_order(c->ids[k - 1], c->ids[k]) < 0);
		sum += nodes_of(c->parts, c->parts_count, depth + 1, odd);
	}
	return sum;
}

static void limits(const struct ht_policy *p)
{
	size_t nodes = 0;

	assert(p->count <= HT_RULES_MAX && p->prohibitions_count <= HT_RULES_MAX);
	for (size_t i = 0; i < p->count; i++)
		nodes += nodes_of(p->permissions[i].constraints, p->permissions[i].count, 1, p->odd);
	for (size_t i = 0; i < p->prohibitions_count; i++)
		nodes += nodes_of(p->prohibitions[i].constraints, p->prohibitions[i].count, 1, p->odd);
	assert(nodes <= HT_NODES_MAX);
}

/* The verdicts agree with the decision, and each line is text. */
static void explained(const struct ht_policy *p, const struct ht_use *use, enum ht_lang lang, struct ht_arena a)
{
	struct ht_lines terms = ht_explain_terms(p, lang, &a);
	struct ht_explained e = ht_explain_use(p, use, lang, &a);
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	bool odd = false;

	/* Who asks is not said: what somebody may who is in no list, e says of somebody. */
	assert(terms.count && (ht_policy_permits(p, use, &a, &why) == e.permitted || e.depends));
	assert(!e.depends || (e.permitted && !use->who.len));
	for (size_t i = 0; i < terms.count; i++)
		assert(terms.at[i].len && ht_text_utf8(ht_text_bytes(terms.at[i])));
	for (size_t i = 0; i < e.count; i++) {
		assert(ht_text_utf8(ht_text_bytes(e.at[i].words)) && e.at[i].line.len && e.at[i].depth <= HT_NODES_DEPTH_MAX);
		odd = odd || e.at[i].verdict == HT_VERDICT_ODD;
	}
	assert(odd == p->odd && e.whole.len && (e.permitted ? e.why.code == HT_REFUSE_NONE : e.why.code != HT_REFUSE_NONE));
	assert(why.detail.len <= HT_POLICY_DETAIL_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static const struct ht_use uses[] = {
		{ .now_us = 0, .count = 1 }, { .now_us = INT64_C(1798675200000000), .who = HT_TEXT_ROW("did:web:a"), .count = 5, .since_us = 1 },
		{ .now_us = INT64_MAX, .who = HT_TEXT_ROW("b"), .count = INT64_MAX, .since_us = INT64_MIN },
	};
	static struct ht_arena arena;
	struct ht_text text = { (const char *)at, len }, offer;
	struct ht_policy p, again;
	struct ht_refusal why;
	int64_t since_us;

	if (!arena.base)
		ht_arena_init(&arena, 64 << 20);
	ht_arena_reset(&arena);
	if (!ht_odrl_read(text, &arena, &p, &why))
		return 0;
	limits(&p);
	(void)ht_policy_since(&p, &since_us);
	assert(ht_policy_same(&p, &p) == !p.odd);
	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
		explained(&p, &uses[i], HT_EN, arena);
		explained(&p, &uses[i], HT_ZH, arena);
	}
	/* What is offered of it says the same. */
	offer = ht_odrl_offer(p.text, HT_TEXT("o"), HT_TEXT("t"), &arena);
	if (!p.odd && (p.count || p.prohibitions_count) && ht_odrl_read(offer, &arena, &again, &why))
		assert(ht_policy_same(&p, &again) && ht_policy_same(&again, &p));
	return 0;
}
