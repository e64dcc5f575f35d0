/* desk/desk.c - the one driver of steps: a transaction around a batch, a row for each kind of step. */
#include "desk/desk.h"

#include <assert.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/time.h"
#include "desk/work.h"
#include "wire/dsp.h"

enum { HT_FORGET_MAX = 20000 }; /* seen tokens forgotten at a time */

struct ht_desk {
	struct ht_store *store;
	const struct ht_desk_settings *settings;
	struct ht_random *random;
	struct ht_due *due;
	int64_t node_chain;
	int64_t forget_us; /* when seen tokens are forgotten next */
};

const struct ht_desk_settings ht_desk_defaults = {
	.retry_first_us = HT_SECOND_US / 10,
	.retry_most_us = 600 * HT_SECOND_US,
	.horizon_us = 72 * 3600 * HT_SECOND_US,
	.again_us = 60 * HT_SECOND_US,
	.open_us = 421 * HT_SECOND_US,
	.quiet_us = HT_DAY_US,
};

/* One row for each kind of step: its word, and what runs it. */
static const struct {
	const char *word;
	enum ht_err (*run)(struct ht_work *w);
} steps_of[HT_STEP_COUNT] = {
	[HT_STEP_NODE_STARTED] = { "node_started", ht_step_node_started },
	[HT_STEP_PARTY_ADD] = { "party_add", ht_step_party_add },
	[HT_STEP_TOKEN_NEW] = { "token_new", ht_step_token_new },
	[HT_STEP_TOKEN_REVOKE] = { "token_revoke", ht_step_token_revoke },
	[HT_STEP_PUBLISH] = { "publish", ht_step_publish },
	[HT_STEP_NEGOTIATE] = { "negotiate", ht_step_negotiate },
	[HT_STEP_TRANSFER] = { "transfer", ht_step_transfer },
	[HT_STEP_SEND] = { "send", ht_step_send },
	[HT_STEP_RETRY] = { "retry", ht_step_retry },
	[HT_STEP_RECEIVE] = { "receive", ht_step_receive },
	[HT_STEP_ANSWERED] = { "answered", ht_step_answered },
	[HT_STEP_LOOKED] = { "looked", ht_step_looked },
	[HT_STEP_SERVED] = { "served", ht_step_served },
	[HT_STEP_PUSHED] = { "pushed", ht_step_pushed },
	[HT_STEP_DUE] = { "due", ht_step_due },
	[HT_STEP_PARTIES] = { "parties", ht_step_read },
	[HT_STEP_TOKENS] = { "tokens", ht_step_read },
	[HT_STEP_PRODUCTS] = { "products", ht_step_read },
	[HT_STEP_OFFERS] = { "offers", ht_step_read },
	[HT_STEP_DATASET] = { "dataset", ht_step_read },
	[HT_STEP_PROCESSES] = { "processes", ht_step_read },
	[HT_STEP_PROCESS] = { "process", ht_step_read },
	[HT_STEP_PEER_PROCESS] = { "peer_process", ht_step_read },
	[HT_STEP_AGREEMENTS] = { "agreements", ht_step_read },
	[HT_STEP_AGREEMENT] = { "agreement", ht_step_read },
	[HT_STEP_LETTERS] = { "letters", ht_step_read },
	[HT_STEP_HISTORY] = { "history", ht_step_read },
	[HT_STEP_DELIVERY] = { "delivery", ht_step_read },
	[HT_STEP_PUSHED_FILE] = { "pushed_file", ht_step_read },
};

const char *ht_step_word(enum ht_step_kind kind)
{
	return steps_of[kind].word;
}

struct ht_desk *ht_desk_new(struct ht_store *store, const struct ht_desk_settings *settings, struct ht_random *random)
{
	struct ht_desk *d = ht_memory_take(NULL, sizeof(*d));

	*d = (struct ht_desk){ .store = store, .settings = settings, .random = random, .due = ht_due_new(), .node_chain = -1 };
	return d;
}

void ht_desk_free(struct ht_desk *d)
{
	if (!d)
		return;
	ht_due_free(d->due);
	ht_memory_give(d);
}

void ht_desk_postpone(struct ht_desk *d, int64_t process, int64_t due_us)
{
	ht_due_set(d->due, (struct ht_due_entry){ .due_us = due_us, .process = process });
	ht_due_keep(d->due);
}

void ht_desk_clock_back(struct ht_desk *d, int64_t now_us)
{
	ht_due_rewind(d->due, now_us + d->settings->retry_most_us);
}

int64_t ht_desk_due_us(const struct ht_desk *d)
{
	return ht_due_first_us(d->due);
}

/* Every letter has one entry; the first timer of the store has one. */
static enum ht_err fill_due(struct ht_desk *d, struct ht_arena *scratch)
{
	struct ht_page page = { .after = 0, .most = HT_LIST_MAX };
	struct ht_timer timer;
	bool found;

	for (;;) {
		struct ht_arena a = *scratch;
		struct ht_letter *letters;
		size_t n;

		HT_TRY(ht_store_letters(d->store, 0, page, &a, &letters, &n));
		for (size_t i = 0; i < n; i++)
			ht_due_set(d->due, (struct ht_due_entry){ .due_us = letters[i].due_us, .process = letters[i].process });
		if (n < page.most && !ht_store_cut(d->store))
			break;
		page.after = letters[n - 1].process;
	}
	HT_TRY(ht_store_timer_first(d->store, &timer, &found));
	if (found)
		ht_due_timer(d->due, timer.due_us);
	return HT_OK;
}

static enum ht_err find_node_chain(struct ht_desk *d, struct ht_arena *scratch)
{
	struct ht_text text;
	uint64_t index;
	bool found;

	HT_TRY(ht_store_meta(d->store, "node_chain", scratch, &text, &found));
	if (found && ht_text_u64(text, INT64_MAX, &index))
		d->node_chain = (int64_t)index;
	return HT_OK;
}

enum ht_err ht_desk_start(struct ht_desk *d, int64_t now_us, struct ht_arena *scratch)
{
	int64_t n;

	HT_TRY(ht_store_begin(d->store));
	HT_TRY(ht_store_letters_reopen(d->store, now_us, now_us + d->settings->open_us, &n));
	HT_TRY(ht_store_commit(d->store));
	HT_TRY(find_node_chain(d, scratch));
	HT_TRY(fill_due(d, scratch));
	ht_due_keep(d->due);
	if (n > 0)
		HT_LOG(HT_INFO, "letters_reopened", HT_FIELD_N("letters", n));
	return HT_OK;
}

enum ht_state ht_desk_shown(const struct ht_process *p)
{
	return ht_life_shown(p);
}

bool ht_desk_settled(const struct ht_process *p)
{
	bool served = !ht_text_is(p->format, HT_DSP_PUSH) || ht_work_has_pushed(p);

	return ht_state_final(p->machine, p->state) || (p->state == HT_STARTED && served) || p->state == HT_SUSPENDED || p->stalled ||
	       p->person;
}

static bool is_regulators_read(const struct ht_step *s)
{
	return s->kind >= HT_STEP_READS && s->who.role == HT_REGULATOR;
}

static enum ht_err run_step(struct ht_work *w)
{
	assert(w->step->kind < HT_STEP_COUNT);
	w->step->why.code = HT_REFUSE_NONE;
	w->step->err = HT_OK;
	w->arena = w->step->arena;
	w->wrote = false;
	if (is_regulators_read(w->step))
		return ht_step_read_noted(w);
	return steps_of[w->step->kind].run(w);
}

static enum ht_err forget_tokens(struct ht_desk *d, int64_t now_us)
{
	if (now_us < d->forget_us && d->forget_us - now_us <= HT_SECOND_US) /* later than that: the clock was set back */
		return HT_OK;
	d->forget_us = now_us + HT_SECOND_US;
	return ht_store_seen_forget(d->store, now_us / HT_SECOND_US, HT_FORGET_MAX);
}

static enum ht_err run_all(struct ht_desk *d, struct ht_work *w, struct ht_step *const *steps, size_t n)
{
	HT_TRY(ht_store_begin(d->store));
	for (size_t i = 0; i < n; i++) {
		w->step = steps[i];
		HT_TRY(run_step(w));
	}
	HT_TRY(forget_tokens(d, w->now_us));
	return ht_store_commit(d->store);
}

enum ht_err ht_desk_batch(struct ht_desk *d, struct ht_step *const *steps, size_t n, int64_t now_us, struct ht_effects *effects)
{
	struct ht_work w = {
		.store = d->store,
		.settings = d->settings,
		.random = d->random,
		.effects = effects,
		.due = d->due,
		.node_chain = d->node_chain,
		.now_us = now_us,
	};
	enum ht_err err = run_all(d, &w, steps, n);

	if (!err) {
		d->node_chain = w.node_chain;
		ht_due_keep(d->due);
		return HT_OK;
	}
	ht_store_rollback(d->store);
	ht_due_undo(d->due);
	*effects = (struct ht_effects){ .arena = effects->arena };
	for (size_t i = 0; i < n; i++)
		steps[i]->err = err;
	return err;
}

enum ht_err ht_desk_read(struct ht_store *reader, const struct ht_desk_settings *settings, struct ht_step *step, int64_t now_us)
{
	struct ht_work w = {
		.store = reader, .settings = settings, .node_chain = -1, .step = step, .arena = step->arena, .now_us = now_us,
	};

	assert(step->kind >= HT_STEP_READS && step->kind < HT_STEP_COUNT);
	step->why.code = HT_REFUSE_NONE;
	step->err = ht_step_read(&w);
	return step->err;
}
