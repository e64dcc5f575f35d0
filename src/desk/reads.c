/* desk/reads.c - what can be read: each kind is one query, limited to the asker's party unless the asker is a regulator. */
#include "core/market/policy.h"
#include "crypto/crypto.h"
#include "desk/work.h"
#include "wire/dsp.h"

/* Of a page of offers: bytes of its answer, of a dataset in it beside its texts, and at how many products one request looks. */
enum { PAGE_BYTES = 1 << 20, DATASET_BYTES = 1024, LOOKS_MAX = 4000 };

/* Row of the party whose things the asker sees; 0: everybody's. */
static int64_t scope(const struct ht_work *w)
{
	return w->step->who.role == HT_REGULATOR || w->step->who.role == HT_OPERATOR ? 0 : w->step->who.party.row;
}

static enum ht_err read_process(struct ht_work *w)
{
	struct ht_step *s = w->step;
	bool found;

	HT_TRY(ht_store_process_by_pid(w->store, s->in.read.id, w->arena, &s->out.process, &found));
	if (!found || s->out.process.machine != s->in.read.machine || (scope(w) && s->out.process.party != scope(w)))
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	s->out.count = 1;
	return HT_OK;
}

/* GET of DSP: the peer of a process sees the state that it is in. */
static enum ht_err read_peer_process(struct ht_work *w)
{
	struct ht_step *s = w->step;

	HT_TRY(read_process(w));
	if (s->why.code)
		return HT_OK;
	if (!ht_text_same(s->out.process.peer, s->in.read.peer))
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	return HT_OK;
}

/* Whether this peer is shown the product: its audience has the peer, and its terms hold now. Nobody known sees what is for everybody. */
static bool shows(struct ht_work *w, const struct ht_product *p)
{
	const struct ht_use use = ht_work_use(w, w->step->in.read.peer);
	struct ht_policy policy;
	struct ht_refusal why;

	return ht_audience_has(p->audience, use.who) && ht_odrl_read(p->policy, w->arena, &policy, &why) &&
	       ht_policy_permits(&policy, &use, w->arena, &why);
}

/* Walks through the products of the party in order of their rows, from `row` on. */
struct walk {
	int64_t row; /* of the product that was looked at last */
	bool back, end;
	int looks;   /* at so many more */
};

/* The next product that this peer is shown. *found false: the end, or there were too many that it is not shown. */
static enum ht_err walk_on(struct ht_work *w, struct walk *at, struct ht_product *out, bool *found)
{
	char *room = w->arena->at;

	for (*found = false; !*found && !at->end && at->looks > 0; at->looks--) {
		bool any;

		w->arena->at = room; /* what is not shown takes no memory */
		HT_TRY(ht_store_product_next(w->store, w->step->who.party.row, at->row, at->back, w->arena, out, &any));
		at->end = !any;
		if (any)
			at->row = out->row;
		*found = any && shows(w, out);
	}
	return HT_OK;
}

/* About what a product takes of an answer. */
static size_t answer_bytes(const struct ht_product *p)
{
	return DATASET_BYTES + p->id.len + p->title.len + p->policy.len + p->offer.len;
}

/* One page in the direction of the walk. *beyond: the row behind which there is more; 0: there is no more. */
static enum ht_err walk_page(struct ht_work *w, struct walk *at, int64_t *beyond)
{
	struct ht_step *s = w->step;
	size_t bytes = 0, most = s->in.read.page.most;
	struct ht_product p;
	bool found = true, fits = true;

	s->out.products = HT_TAKE(w->arena, struct ht_product, most);
	while (found && fits) {
		HT_TRY(walk_on(w, at, &p, &found));
		bytes += found ? answer_bytes(&p) : 0;
		fits = s->out.count < most && (!s->out.count || bytes <= PAGE_BYTES);
		if (found && fits)
			s->out.products[s->out.count++] = p;
	}
	*beyond = at->end ? 0 : at->row;
	if (found) /* one too many: it begins the page after this one */
		*beyond = s->out.products[s->out.count - 1].row;
	return HT_OK;
}

/* Whether there is anything, or may be, on the other side of the page's first product. *behind: that row; 0: nothing. */
static enum ht_err walk_behind(struct ht_work *w, int64_t first, bool back, int64_t *behind)
{
	struct walk at = { .row = first, .back = back, .looks = LOOKS_MAX };
	char *room = w->arena->at;
	struct ht_product p;
	bool found;

	HT_TRY(walk_on(w, &at, &p, &found));
	w->arena->at = room;
	*behind = at.end ? 0 : first;
	return HT_OK;
}

static void turn_round(struct ht_product *products, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct ht_product p = products[i];

		products[i] = products[n - 1 - i];
		products[n - 1 - i] = p;
	}
}

/* A page of what the party offers to this peer. It is full when there is more, unless very many are between that the peer is not shown. */
static enum ht_err read_offers(struct ht_work *w)
{
	struct ht_step *s = w->step;
	int64_t from = s->in.read.page.after, first = 0, beyond, behind = 0;
	struct walk at = { .row = from, .back = s->in.read.back, .looks = LOOKS_MAX };

	HT_TRY(walk_page(w, &at, &beyond));
	if (s->out.count)
		first = s->out.products[0].row;
	else
		first = at.back ? from - 1 : from + 1;
	if (from || at.back) /* nothing is before the first page */
		HT_TRY(walk_behind(w, first, !at.back, &behind));
	s->out.next = at.back ? behind : beyond;
	s->out.previous = at.back ? beyond : behind;
	s->out.more = s->out.next > 0;
	if (at.back)
		turn_round(s->out.products, s->out.count);
	return HT_OK;
}

static enum ht_err read_dataset(struct ht_work *w)
{
	struct ht_step *s = w->step;
	bool found;

	HT_TRY(ht_store_product(w->store, s->who.party.row, s->in.read.id, 0, w->arena, &s->out.product, &found));
	if (!found || !shows(w, &s->out.product))
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	s->out.count = 1;
	return HT_OK;
}

static enum ht_err read_agreement(struct ht_work *w)
{
	struct ht_step *s = w->step;
	bool found;

	HT_TRY(ht_store_agreement(w->store, scope(w), s->in.read.id, w->arena, &s->out.agreement, &found));
	if (!found)
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	s->out.count = 1;
	HT_TRY(ht_store_process(w->store, s->out.agreement.negotiation, w->arena, &s->out.process, &found));
	return HT_OK;
}

/* The list ends here when its rows take more room than a list may, counted from `began` in the arena. */
static bool cut(struct ht_work *w, const char *began, size_t shown)
{
	struct ht_step *s = w->step;

	if (shown == s->out.count || w->arena->at - began <= HT_LIST_BYTES)
		return false;
	s->out.count = shown;
	s->out.more = true;
	return true;
}

/* The negotiations of the agreements that are listed. */
static enum ht_err add_negotiations(struct ht_work *w)
{
	struct ht_step *s = w->step;
	const char *began = w->arena->at;
	bool found;

	s->out.processes = HT_TAKE(w->arena, struct ht_process, s->out.count);
	for (size_t i = 0; i < s->out.count && !cut(w, began, i); i++)
		HT_TRY(ht_store_process(w->store, s->out.agreements[i].negotiation, w->arena, &s->out.processes[i], &found));
	return HT_OK;
}

/* All agreements, or those that a consumer can use now for a base and product. */
static enum ht_err read_agreements(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_refusal why;
	size_t n, kept = 0;
	bool holds;

	if (!s->in.read.base.len) {
		HT_TRY(ht_store_agreements(w->store, scope(w), s->in.read.page, w->arena, &s->out.agreements, &s->out.count));
		s->out.more = ht_store_cut(w->store);
		return add_negotiations(w);
	}
	HT_TRY(ht_store_agreements_for(w->store, s->who.party.row, s->in.read.base, s->in.read.id, s->in.read.page.most, w->arena,
				       &s->out.agreements, &n));
	for (size_t i = 0; i < n; i++) {
		HT_TRY(ht_work_agreement_holds(w, &s->out.agreements[i], 0, &holds, &why));
		if (holds)
			s->out.agreements[kept++] = s->out.agreements[i];
	}
	s->out.count = kept;
	return add_negotiations(w);
}

static enum ht_err read_letters(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_letter *letters;
	const char *began;
	bool found;

	HT_TRY(ht_store_letters(w->store, scope(w), s->in.read.page, w->arena, &letters, &s->out.count));
	s->out.more = ht_store_cut(w->store);
	s->out.letters = HT_TAKE(w->arena, struct ht_letter_row, s->out.count);
	began = w->arena->at;
	for (size_t i = 0; i < s->out.count && !cut(w, began, i); i++) {
		s->out.letters[i].letter = letters[i];
		HT_TRY(ht_store_process(w->store, letters[i].process, w->arena, &s->out.letters[i].process, &found));
	}
	return HT_OK;
}

static enum ht_err read_history(struct ht_work *w)
{
	struct ht_step *s = w->step;
	int64_t chain = -1;
	bool found = true;

	if (s->in.read.id.len)
		HT_TRY(ht_store_chain_of(w->store, scope(w), s->in.read.id, &chain, &found));
	if (!found)
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	HT_TRY(ht_store_leaves(w->store, scope(w), chain, s->in.read.page, w->arena, &s->out.leaves, &s->out.count));
	s->out.more = ht_store_cut(w->store);
	return HT_OK;
}

/* START opens the gate before the peer has acknowledged it. What holds or ends a transfer closes it as early, and a peer that refuses
 * that (a person is waited for) does not keep it open. */
static bool runs(const struct ht_process *p)
{
	return p->pending == HT_MSG_START || (p->state == HT_STARTED && p->pending == HT_MSG_NONE && !p->person);
}

/* The gate: the transfer is running, the token is the one that was given for it, and the agreement holds now. */
static enum ht_err read_delivery(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_process *p = &s->out.process;
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	bool found;

	HT_TRY(ht_store_process_by_pid(w->store, s->in.read.id, w->arena, p, &found));
	if (!found || p->party != s->who.party.row || p->machine != HT_TRANSFER || p->role != HT_PROVIDER ||
	    !ht_work_opens(p, s->in.read.access))
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	if (!runs(p))
		return ht_work_refuse(w, HT_REFUSE_STATE, "");
	HT_TRY(ht_work_transfer_holds(w, p, &found, &why));
	if (!found)
		return ht_work_refuse_why(w, &why);
	HT_TRY(ht_store_product(w->store, p->party, p->product, p->version, w->arena, &s->out.product, &found));
	return found ? HT_OK : ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
}

/* What was pushed to the asker. A transfer that was terminated gives no data, on this side as on the other. */
static enum ht_err read_pushed(struct ht_work *w)
{
	const struct ht_process *p = &w->step->out.process;

	HT_TRY(read_process(w));
	if (w->step->why.code)
		return HT_OK;
	if (p->role != HT_CONSUMER || !ht_work_has_pushed(p))
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	return p->state == HT_TERMINATED ? ht_work_refuse(w, HT_REFUSE_STATE, "") : HT_OK;
}

/* A list that is one query. */
static enum ht_err read_list(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_page page = s->in.read.page;

	if (s->kind == HT_STEP_PARTIES)
		HT_TRY(ht_store_parties(w->store, page, w->arena, &s->out.parties, &s->out.count));
	else if (s->kind == HT_STEP_TOKENS)
		HT_TRY(ht_store_tokens(w->store, page, w->arena, &s->out.tokens, &s->out.count));
	else if (s->kind == HT_STEP_PRODUCTS)
		HT_TRY(ht_store_products(w->store, scope(w), page, w->arena, &s->out.products, &s->out.count));
	else
		HT_TRY(ht_store_processes(w->store, scope(w), s->in.read.machine, page, w->arena, &s->out.processes, &s->out.count));
	s->out.more = ht_store_cut(w->store);
	return HT_OK;
}

enum ht_err ht_step_read(struct ht_work *w)
{
	switch (w->step->kind) {
	case HT_STEP_PARTIES:
	case HT_STEP_TOKENS:
	case HT_STEP_PRODUCTS:
	case HT_STEP_PROCESSES:
		return read_list(w);
	case HT_STEP_OFFERS:
		return read_offers(w);
	case HT_STEP_DATASET:
		return read_dataset(w);
	case HT_STEP_PROCESS:
		return read_process(w);
	case HT_STEP_PEER_PROCESS:
		return read_peer_process(w);
	case HT_STEP_AGREEMENTS:
		return read_agreements(w);
	case HT_STEP_AGREEMENT:
		return read_agreement(w);
	case HT_STEP_LETTERS:
		return read_letters(w);
	case HT_STEP_HISTORY:
		return read_history(w);
	case HT_STEP_DELIVERY:
		return read_delivery(w);
	case HT_STEP_PUSHED_FILE:
		return read_pushed(w);
	case HT_STEP_NODE_STARTED:
	case HT_STEP_PARTY_ADD:
	case HT_STEP_TOKEN_NEW:
	case HT_STEP_TOKEN_REVOKE:
	case HT_STEP_PUBLISH:
	case HT_STEP_NEGOTIATE:
	case HT_STEP_TRANSFER:
	case HT_STEP_SEND:
	case HT_STEP_RETRY:
	case HT_STEP_RECEIVE:
	case HT_STEP_ANSWERED:
	case HT_STEP_LOOKED:
	case HT_STEP_SERVED:
	case HT_STEP_PUSHED:
	case HT_STEP_DUE:
	case HT_STEP_COUNT:
		break;
	}
	return HT_OK;
}
