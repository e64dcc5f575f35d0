/* node/attempt.c - an attempt's authority, and its answer as a step. */
#include "node/attempt.h"

#include "core/market/lifecycle.h"
#include "wire/dsp.h"
#include "wire/json.h"

struct ht_authority ht_attempt_authority(const struct ht_signer *by, const struct ht_peers *peers, struct ht_text audience,
					 struct ht_bytes body, int64_t now_us, struct ht_random *r, struct ht_arena *a)
{
	const struct ht_peer *peer = ht_peers_by_id(peers, audience);
	struct ht_authority out = { .open_us = now_us + HT_TOKEN_OPEN_S * HT_SECOND_US };
	struct ht_text token;

	if (peer)
		out.authorization = ht_peer_authorization(peer, a);
	if (out.authorization.len)
		return out;
	token = ht_token_make(by, audience, body, now_us, r, a);
	out.authorization = ht_text_format(a, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token));
	return out;
}

int64_t ht_attempt_hold_us(const struct ht_peers *peers, const struct ht_post *post)
{
	const struct ht_peer *peer = ht_peers_by_id(peers, post->peer);

	return !post->first && peer && peer->send == HT_PEER_EDC_MOCK ? HT_ATTEMPT_HOLD_MS * HT_SECOND_US / 1000 : 0;
}

/* The peer itself has judged this attempt and spent its token (doc/adr/0007): no copy of it can be taken any more. */
static bool is_spent(int status, struct ht_bytes answer)
{
	struct ht_refusal ignored;
	struct ht_json *root = status == 503 ? ht_json_read(answer, &ht_json_small, &ignored) : NULL;
	bool spent = ht_text_is(ht_json_text(ht_json_member(root, "code")), ht_refuse_word(HT_REFUSE_PENDING));

	ht_json_free(root);
	return spent;
}

/* The peer's pid of a process that begins. Empty: none, or the answer is about another process of ours. */
static struct ht_text read_pid(const struct ht_post *post, struct ht_bytes answer, struct ht_arena *a)
{
	struct ht_dsp_process process;
	struct ht_refusal ignored;
	bool consumer = post->role == HT_CONSUMER;
	struct ht_text ours, theirs;

	if (!ht_dsp_read_process(answer, post->machine, a, &process, &ignored))
		return HT_TEXT("");
	ours = consumer ? process.consumer_pid : process.provider_pid;
	theirs = consumer ? process.provider_pid : process.consumer_pid;
	return !ours.len || ht_text_same(ours, post->pid) ? theirs : HT_TEXT("");
}

void ht_attempt_answered(const struct ht_post *post, int64_t open_us, int status, struct ht_bytes answer, int retry_after_s,
			 struct ht_arena *a, struct ht_step *step)
{
	enum ht_answer_class class = ht_answer_class(status);

	*step = (struct ht_step){ .kind = HT_STEP_ANSWERED, .arena = a };
	step->in.answered.process = post->process;
	step->in.answered.letter = post->id;
	step->in.answered.status = status;
	step->in.answered.open_us = is_spent(status, answer) ? 0 : open_us;
	step->in.answered.retry_after_us = retry_after_s * HT_SECOND_US;
	if (class == HT_ANSWER_OK && post->first)
		step->in.answered.peer_pid = read_pid(post, answer, a);
	if (class == HT_ANSWER_REFUSED || class == HT_ANSWER_UNSURE)
		step->in.answered.words = ht_dsp_error_words(answer, a);
}

void ht_attempt_looked(const struct ht_look *look, int status, struct ht_bytes answer, struct ht_arena *a, struct ht_step *step)
{
	struct ht_dsp_process process;
	struct ht_refusal why;

	*step = (struct ht_step){ .kind = HT_STEP_LOOKED, .arena = a };
	step->in.looked.process = look->process;
	step->in.looked.letter = look->letter;
	step->in.looked.mark = look->mark;
	if (ht_answer_class(status) == HT_ANSWER_OK && ht_dsp_read_process(answer, look->machine, a, &process, &why))
		step->in.looked.state = process.state;
}
