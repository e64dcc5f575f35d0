/* node/attempt.c - an attempt's authority, and its answer as a step. */
#include "node/attempt.h"

#include "core/market/lifecycle.h"
#include "wire/dsp.h"

struct ht_authority ht_attempt_authority(const struct ht_signer *by, const struct ht_peers *peers, struct ht_text audience,
					 struct ht_bytes body, int64_t now_us, struct ht_random *r, struct ht_arena *a)
{
	const struct ht_peer *peer = ht_peers_by_id(peers, audience);
	struct ht_authority out = { .open_us = now_us + HT_TOKEN_OPEN_S * HT_SECOND_US };
	struct ht_text token;

	if (peer && peer->send == HT_PEER_HEADER) {
		out.authorization = peer->send_value;
		return out;
	}
	token = ht_token_make(by, audience, body, now_us, r, a);
	out.authorization = ht_text_format(a, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token));
	return out;
}

void ht_attempt_answered(const struct ht_post *post, int64_t open_us, int status, struct ht_bytes answer, int retry_after_s,
			 struct ht_arena *a, struct ht_step *step)
{
	enum ht_answer_class class = ht_answer_class(status);
	struct ht_dsp_process process;
	struct ht_refusal why;

	*step = (struct ht_step){ .kind = HT_STEP_ANSWERED, .arena = a };
	step->in.answered.process = post->process;
	step->in.answered.letter = post->id;
	step->in.answered.status = status;
	step->in.answered.open_us = open_us;
	step->in.answered.retry_after_us = retry_after_s * HT_SECOND_US;
	if (class == HT_ANSWER_OK && post->first && ht_dsp_read_process(answer, post->machine, a, &process, &why))
		step->in.answered.peer_pid = process.provider_pid; /* first messages are the consumer's */
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
