/* wire/dsp_answer.c - what DSP answers: the state of a process, typed errors, versions. */
#include "wire/dsp.h"

#include <assert.h>

#include "base/count.h"
#include "model/names.h"
#include "wire/shape.h"

enum { REASONS_MAX = 3, WORDS_MAX_BYTES = 512 };

/* Clause: DSP 2025-1 contract-negotiation, transfer-process and error schemas. */
static const char *const process_type[HT_MACHINE_COUNT] = { [HT_NEGOTIATION] = "ContractNegotiation", [HT_TRANSFER] = "TransferProcess" };
static const char *const error_type[HT_MACHINE_COUNT + 1] = {
	[HT_NEGOTIATION]   = "ContractNegotiationError",
	[HT_TRANSFER]      = "TransferError",
	[HT_MACHINE_COUNT] = "CatalogError",
};

/* The states that a process of each machine can show. */
#define S(name) (1u << HT_##name)
static const unsigned shown[HT_MACHINE_COUNT] = {
	[HT_NEGOTIATION] = S(REQUESTED) | S(OFFERED) | S(ACCEPTED) | S(AGREED) | S(VERIFIED) | S(FINALIZED) | S(TERMINATED),
	[HT_TRANSFER]    = S(REQUESTED) | S(STARTED) | S(SUSPENDED) | S(COMPLETED) | S(TERMINATED),
};
#undef S

static void begin(struct ht_json_out *w, struct ht_arena *a, const char *type)
{
	ht_json_begin(w, a);
	ht_json_open(w, NULL, '{');
	ht_json_put_raw(w, "@context", HT_TEXT("[\"" HT_DSP_CONTEXT "\"]"));
	ht_json_put_z(w, "@type", type);
}

struct ht_text ht_dsp_write_process(enum ht_machine machine, struct ht_text consumer_pid, struct ht_text provider_pid, enum ht_state state,
				    struct ht_arena *a)
{
	struct ht_json_out w;

	assert(shown[machine] & 1u << state);
	begin(&w, a, process_type[machine]);
	ht_json_put_some(&w, "providerPid", provider_pid);
	ht_json_put_some(&w, "consumerPid", consumer_pid);
	ht_json_put_z(&w, "state", ht_state_word(state));
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

/* An answer without @context is taken: it came to a question of ours. So is one without the pid of who asks: of a side that ended its
 * process before it learned that. */
static bool read_process(const struct ht_shape *s, const struct ht_json *root, enum ht_machine machine, struct ht_dsp_process *out)
{
	struct ht_text word;

	if (!ht_json_is_object(root))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, NULL, NULL, HT_TEXT(""));
	if (!ht_shape_type(s, root, NULL, &ht_vocabulary_dspace, process_type[machine]) ||
	    !ht_shape_text(s, root, NULL, "providerPid", HT_ID_MAX, false, &out->provider_pid) ||
	    !ht_shape_text(s, root, NULL, "consumerPid", HT_ID_MAX, !out->provider_pid.len, &out->consumer_pid) ||
	    !ht_shape_text(s, root, NULL, "state", HT_ID_MAX, true, &word))
		return false;
	out->state = ht_state_of(ht_shape_bare(&ht_vocabulary_dspace, word));
	if (out->state == HT_STATE_COUNT || !(shown[machine] & 1u << out->state))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, NULL, "state", word);
	return true;
}

bool ht_dsp_read_process(struct ht_bytes body, enum ht_machine machine, struct ht_arena *a, struct ht_dsp_process *out,
			 struct ht_refusal *why)
{
	const struct ht_shape s = { a, why };
	struct ht_json *root = ht_shape_read(&s, body, &ht_json_small);
	bool ok;

	*out = (struct ht_dsp_process){ .state = HT_NONE };
	if (!root)
		return false;
	ok = read_process(&s, root, machine, out);
	ht_json_free(root);
	return ok;
}

struct ht_text ht_dsp_write_error(enum ht_machine machine, struct ht_text consumer_pid, struct ht_text provider_pid, struct ht_text code,
				  struct ht_text place, struct ht_text reason, struct ht_arena *a)
{
	struct ht_json_out w;

	begin(&w, a, error_type[machine]);
	if (machine != HT_MACHINE_COUNT) {
		ht_json_put_some(&w, "providerPid", provider_pid);
		ht_json_put_some(&w, "consumerPid", consumer_pid);
	}
	ht_json_put_some(&w, "code", code);
	if (reason.len || place.len) {
		ht_json_open(&w, "reason", '[');
		ht_json_put_some(&w, NULL, reason);
		ht_json_put_some(&w, NULL, place);
		ht_json_close(&w, ']');
	}
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

/* The words of one reason: a text, or an object with a message or a value. */
static struct ht_text words_of(const struct ht_json *reason)
{
	static const char *const members[] = { "message", "@value" };
	struct ht_text words = ht_json_text(reason);

	for (size_t i = 0; i < HT_COUNT(members) && !words.len; i++)
		words = ht_json_text(ht_json_member(reason, members[i]));
	return words;
}

static void put_words(struct ht_out *o, struct ht_text words, const char *before)
{
	if (!words.len)
		return;
	if (o->len)
		ht_out_z(o, before);
	ht_out_text(o, words);
}

/* At most so many bytes on one line, cut between characters; what is not UTF-8 shows as its ASCII only. */
static struct ht_text short_line(struct ht_text t, struct ht_arena *a)
{
	bool utf8 = ht_text_utf8(ht_text_bytes(t));
	struct ht_out o;

	if (t.len > WORDS_MAX_BYTES) {
		t.len = WORDS_MAX_BYTES;
		while (utf8 && t.len && ((unsigned char)t.at[t.len] & 0xc0) == 0x80)
			t.len--;
	}
	ht_out_init(&o, a);
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.at[i];

		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
			ht_out_char(&o, c < 0x80 ? ' ' : '?');
		else
			ht_out_char(&o, (char)c);
	}
	return ht_text_trim(ht_out_done(&o));
}

struct ht_text ht_dsp_error_words(struct ht_bytes body, struct ht_arena *a)
{
	struct ht_refusal ignored;
	struct ht_json *root = ht_json_read(body, &ht_json_small, &ignored);
	const struct ht_json *reason = ht_json_is_array(root) ? root : ht_json_member(root, "reason");
	struct ht_out o;

	ht_out_init(&o, a);
	put_words(&o, words_of(ht_json_member(root, "code")), "");
	if (!ht_json_is_array(reason))
		put_words(&o, words_of(reason), ": ");
	for (size_t i = 0; ht_json_is_array(reason) && i < ht_json_count(reason) && i < REASONS_MAX; i++)
		put_words(&o, words_of(ht_json_at(reason, i)), i ? "; " : ": ");
	ht_json_free(root);
	return short_line(o.len ? ht_out_done(&o) : ht_bytes_text(body), a);
}

struct ht_text ht_dsp_version(struct ht_text path, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	ht_json_open(&w, "protocolVersions", '[');
	ht_json_open(&w, NULL, '{');
	ht_json_put_z(&w, "version", "2025-1");
	ht_json_put(&w, "path", path);
	ht_json_put_z(&w, "binding", "HTTPS");
	ht_json_close(&w, '}');
	ht_json_close(&w, ']');
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}
