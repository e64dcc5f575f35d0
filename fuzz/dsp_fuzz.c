/* fuzz/dsp_fuzz.c - any bytes as each message, policy, dataset and answer; what is taken comes back from the writer the same. */
#include <assert.h>

#include "model/names.h"
#include "wire/dsp.h"
#include "wire/json.h"

static void policy_is_sound(const struct ht_policy *p)
{
	assert(p->text.len && p->text.at[0] == '{' && p->text.at[p->text.len - 1] == '}');
	assert(p->count <= HT_RULES_MAX && (p->odd || !p->odd_place.len));
	assert(p->prohibitions_count <= HT_RULES_MAX);
	for (size_t i = 0; i < p->count; i++) {
		assert(p->permissions[i].count <= HT_NODES_MAX);
		for (size_t j = 0; j < p->permissions[i].count && !p->odd; j++)
			assert(p->permissions[i].constraints[j].op < HT_OP_COUNT);
	}
}

static void message(struct ht_bytes body, enum ht_machine machine, enum ht_msg msg, struct ht_arena a)
{
	struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
	struct ht_message m, again;
	struct ht_text written;
	bool ok;

	if (!ht_dsp_read(body, machine, msg, &a, &m, &why)) {
		assert(why.code != HT_REFUSE_NONE);
		return;
	}
	assert(why.code == HT_REFUSE_NONE && m.msg == msg);
	if (m.policy.text.len)
		policy_is_sound(&m.policy);
	written = ht_dsp_write(&m, &a);
	ok = ht_dsp_read(ht_text_bytes(written), machine, msg, &a, &again, &why);
	/* A body at its limits may be written a little longer. */
	assert(ok || why.code == HT_REFUSE_TOO_LARGE || why.code == HT_REFUSE_TOO_MANY);
	assert(!ok || ht_text_same(ht_dsp_write(&again, &a), written));
	assert(!ok || (ht_text_same(m.policy.text, again.policy.text) && ht_text_same(m.callback, again.callback)));
}

static void policy(struct ht_bytes body, struct ht_arena a)
{
	struct ht_refusal why;
	struct ht_policy p, again;
	struct ht_text offer;

	if (!ht_odrl_read(ht_bytes_text(body), &a, &p, &why))
		return;
	policy_is_sound(&p);
	offer = ht_odrl_offer(p.text, HT_TEXT("o"), HT_TEXT("t"), &a);
	/* Empty lists are left out, so that nothing may be left of it. */
	if (!ht_json_span(offer, "permission").len)
		return;
	if (ht_odrl_read(offer, &a, &again, &why))
		assert(ht_text_is(again.id, "o") && ht_text_is(again.target, "t") && again.count == p.count);
	else
		assert(why.code == HT_REFUSE_TOO_LARGE || why.code == HT_REFUSE_TOO_MANY || why.code == HT_REFUSE_TOO_DEEP);
}

static void dataset(struct ht_bytes body, struct ht_arena a)
{
	struct ht_refusal why;
	struct ht_dataset d;

	if (!ht_dcat_dataset_read(body, &a, &d, &why))
		return;
	assert(d.id.len && d.offers_count && d.size >= -1);
	for (size_t i = 0; i < d.offers_count; i++)
		policy_is_sound(&d.offers[i]);
}

static void answers(struct ht_bytes body, struct ht_arena a)
{
	struct ht_refusal why;
	struct ht_dsp_process p;
	struct ht_message m;
	struct ht_text words;
	int64_t most;

	for (int machine = 0; machine < HT_MACHINE_COUNT; machine++) {
		if (ht_dsp_read_process(body, (enum ht_machine)machine, &a, &p, &why))
			(void)ht_dsp_write_process((enum ht_machine)machine, p.consumer_pid, p.provider_pid, p.state, &a);
	}
	if (ht_dsp_read_event(body, &a, &m, &why))
		assert(m.msg == HT_MSG_ACCEPT || m.msg == HT_MSG_FINALIZE);
	assert(!ht_dcat_request_read(body, &a, &most, &why) || most >= 0);
	words = ht_dsp_error_words(body, &a);
	assert(words.len <= 512 && (!words.len || ht_text_utf8(ht_text_bytes(words))));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	static struct ht_arena arena;
	struct ht_bytes body = { at, len };

	if (!arena.base)
		ht_arena_init(&arena, 64 << 20);
	ht_arena_reset(&arena);
	for (int machine = 0; machine < HT_MACHINE_COUNT; machine++) {
		for (int msg = 0; msg < HT_MSG_COUNT; msg++) {
			if (ht_msg_type((enum ht_machine)machine, (enum ht_msg)msg))
				message(body, (enum ht_machine)machine, (enum ht_msg)msg, arena);
		}
	}
	policy(body, arena);
	dataset(body, arena);
	answers(body, arena);
	return 0;
}
