/* desk/work.c - leaves, and a process on the desk: loading, sending, settling, and the rows that closing writes. */
#include "desk/work.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "core/evidence/leaf.h"
#include "core/market/policy.h"
#include "crypto/crypto.h"
#include "model/names.h"
#include "wire/dsp.h"
#include "wire/json.h"

enum { ACCESS_BYTES = 32 };

enum ht_err ht_work_refuse(struct ht_work *w, enum ht_refuse code, const char *place)
{
	struct ht_refusal why = { .code = code, .place = ht_text_of(place) };

	return ht_work_refuse_why(w, &why);
}

enum ht_err ht_work_refuse_why(struct ht_work *w, const struct ht_refusal *why)
{
	assert(!w->wrote && why->code != HT_REFUSE_NONE);
	w->step->why = *why;
	return HT_OK;
}

int64_t ht_work_longest_us(const struct ht_desk_settings *settings)
{
	const int64_t hour_us = 3600 * HT_SECOND_US;

	return settings->retry_most_us > hour_us ? settings->retry_most_us : hour_us;
}

struct ht_text ht_work_base(const struct ht_work *w, struct ht_text party)
{
	return ht_dsp_base(w->settings->public_url, party, w->arena);
}

struct ht_text ht_work_offer_id(const struct ht_work *w, const struct ht_product *p, struct ht_text terms)
{
	struct ht_out o;
	struct ht_text text;
	uint8_t hash[HT_SHA256];

	ht_out_init(&o, w->arena);
	ht_out_str(&o, w->step->who.party.did);
	ht_out_str(&o, p->id);
	ht_out_u64(&o, (uint64_t)p->version);
	ht_out_text(&o, terms);
	ht_sha256(ht_out_done_bytes(&o), hash);
	text = ht_hex(w->arena, (struct ht_bytes){ hash, 16 });
	return ht_text_format(w->arena, "urn:hutong:offer:" HT_TEXT_FMT, HT_TEXT_ARG(text));
}

struct ht_policy ht_work_offer(const struct ht_work *w, const struct ht_product *p, struct ht_text terms)
{
	if (!terms.len)
		return (struct ht_policy){ .text = p->policy, .id = p->offer };
	return (struct ht_policy){ .text = terms, .id = ht_work_offer_id(w, p, terms) };
}

struct ht_data_address ht_work_address(struct ht_work *w, struct ht_text party, const char *kind, struct ht_process *p)
{
	struct ht_data_address d = { .auth_type = HT_TEXT("bearer") };
	uint8_t access[ACCESS_BYTES];

	w->random->fill(w->random, access, sizeof(access));
	d.authorization = ht_base64url(w->arena, (struct ht_bytes){ access, sizeof(access) });
	ht_sha256(ht_text_bytes(d.authorization), p->access);
	d.endpoint = ht_text_format(w->arena, HT_TEXT_FMT "/p/" HT_TEXT_FMT "/%s/" HT_TEXT_FMT, HT_TEXT_ARG(w->settings->gate_url),
				    HT_TEXT_ARG(party), kind, HT_TEXT_ARG(p->pid));
	return d;
}

bool ht_work_opens(const struct ht_process *p, const uint8_t access[32])
{
	return ht_same_secret((struct ht_bytes){ p->access, sizeof(p->access) }, (struct ht_bytes){ access, sizeof(p->access) });
}

bool ht_desk_takes_push(const struct ht_process *p, const uint8_t access[32])
{
	enum ht_state state = ht_life_shown(p);
	bool going = p->pending == HT_MSG_NONE || p->pending == HT_MSG_REQUEST; /* what holds or ends it does not wait for the peer */

	return p->machine == HT_TRANSFER && p->role == HT_CONSUMER && ht_text_is(p->format, HT_DSP_PUSH) && ht_work_opens(p, access) &&
	       (state == HT_REQUESTED || state == HT_STARTED) && going && !p->person;
}

bool ht_work_has_pushed(const struct ht_process *p)
{
	static const uint8_t none[HT_SHA256];

	return memcmp(p->pushed, none, sizeof(none)) != 0;
}

struct ht_text ht_work_reasons(const struct ht_work *w, struct ht_text words)
{
	struct ht_json_out reason;

	if (!words.len)
		return words;
	ht_json_begin(&reason, w->arena);
	ht_json_open(&reason, NULL, '[');
	ht_json_put(&reason, NULL, words);
	ht_json_close(&reason, ']');
	return ht_json_end(&reason);
}

struct ht_use ht_work_use(const struct ht_work *w, struct ht_text who)
{
	return (struct ht_use){ .now_us = w->now_us, .who = who, .count = 1, .since_us = w->now_us };
}

enum ht_err ht_work_agreement_holds(struct ht_work *w, const struct ht_agreement *g, int64_t transfer, bool *holds, struct ht_refusal *why)
{
	struct ht_use use = ht_work_use(w, g->peer);
	struct ht_party_row party;
	struct ht_policy policy;

	if (g->role == HT_CONSUMER) {
		HT_TRY(ht_store_party(w->store, g->party, w->arena, &party, holds));
		assert(*holds);
		use.who = party.party.did;
	}
	HT_TRY(ht_store_process_started(w->store, g->negotiation, transfer, &use.count));
	use.count++;
	*holds = ht_odrl_read(g->policy, w->arena, &policy, why);
	if (*holds && !ht_policy_since(&policy, &use.since_us))
		use.since_us = g->made_us;
	*holds = *holds && ht_policy_permits(&policy, &use, w->arena, why);
	if (!*holds)
		why->code = HT_REFUSE_AGREEMENT_OVER;
	return HT_OK;
}

enum ht_err ht_work_transfer_holds(struct ht_work *w, const struct ht_process *p, bool *holds, struct ht_refusal *why)
{
	struct ht_agreement g;

	HT_TRY(ht_store_agreement(w->store, p->party, p->agreement, w->arena, &g, holds));
	assert(*holds);
	return ht_work_agreement_holds(w, &g, p->row, holds, why);
}

enum ht_err ht_work_leaf(struct ht_work *w, const struct ht_note *n, int64_t *index)
{
	struct ht_leaf_head head;
	struct ht_leaf leaf = {
		.kind = n->kind,
		.at_us = w->now_us,
		.party_row = n->party ? n->party->row : 0,
		.party = n->party ? n->party->did : (struct ht_text){ 0 },
		.peer = n->peer,
		.chain = n->chain_id,
		.process = n->process,
		.agreement = n->agreement,
		.content_type = ht_text_of(n->content_type),
		.content = ht_text_bytes(n->content),
	};

	w->wrote = true;
	HT_TRY(ht_store_leaf_head(w->store, leaf.party_row, n->chain, &head));
	leaf.index = head.index;
	leaf.event = head.event;
	leaf.seq = head.seq;
	leaf.previous = head.previous;
	leaf.chain_index = n->chain < 0 ? head.index : n->chain;
	w->random->fill(w->random, leaf.salt, sizeof(leaf.salt));
	ht_leaf_seal(&leaf, *w->arena);
	if (index)
		*index = leaf.index;
	if (leaf.party_row)
		ht_effects_party(w->effects, leaf.party_row);
	return ht_store_leaf_add(w->store, &leaf);
}

void ht_case_begin(struct ht_work *w, struct ht_case *c, enum ht_machine machine, enum ht_role role, const struct ht_process *negotiation)
{
	*c = (struct ht_case){ .fresh = true, .party = w->step->who.party };
	c->p = (struct ht_process){
		.party = c->party.row,
		.machine = machine,
		.role = role,
		.pid = ht_uuid7(w->random, w->now_us, w->arena),
		.chain = negotiation ? negotiation->chain : -1,
		.parent = negotiation ? negotiation->row : 0,
		.made_us = w->now_us,
	};
	c->chain = negotiation ? negotiation->pid : c->p.pid;
}

static enum ht_err fill_chain(struct ht_work *w, struct ht_case *c)
{
	struct ht_process parent;
	bool found;

	c->chain = c->p.pid;
	if (!c->p.parent)
		return HT_OK;
	HT_TRY(ht_store_process(w->store, c->p.parent, w->arena, &parent, &found));
	assert(found);
	c->chain = parent.pid;
	return HT_OK;
}

enum ht_err ht_case_fill(struct ht_work *w, struct ht_case *c)
{
	HT_TRY(fill_chain(w, c));
	return c->p.pending ? ht_store_letter(w->store, c->p.row, w->arena, &c->letter, &c->has_letter) : HT_OK;
}

enum ht_err ht_case_load(struct ht_work *w, struct ht_case *c, const struct ht_party *party, enum ht_machine machine, struct ht_text pid,
			 bool *found)
{
	*c = (struct ht_case){ .party = *party };
	HT_TRY(ht_store_process_by_pid(w->store, pid, w->arena, &c->p, found));
	*found = *found && c->p.party == party->row && c->p.machine == machine;
	return *found ? ht_case_fill(w, c) : HT_OK;
}

enum ht_err ht_case_load_row(struct ht_work *w, struct ht_case *c, int64_t row, bool *found)
{
	struct ht_party_row party;

	*c = (struct ht_case){ 0 };
	HT_TRY(ht_store_process(w->store, row, w->arena, &c->p, found));
	if (!*found)
		return HT_OK;
	HT_TRY(ht_store_party(w->store, c->p.party, w->arena, &party, found));
	assert(*found);
	c->party = party.party;
	return ht_case_fill(w, c);
}

enum ht_err ht_case_bind(struct ht_work *w, struct ht_case *c, struct ht_text peer_pid, bool *ok)
{
	struct ht_process other;
	bool found;

	HT_TRY(ht_store_process_by_peer(w->store, c->p.party, c->p.peer, peer_pid, c->p.machine, w->arena, &other, &found));
	*ok = !found;
	if (*ok) {
		c->p.peer_pid = peer_pid;
		c->bind = true;
	}
	return HT_OK;
}

enum ht_err ht_case_leaf(struct ht_work *w, struct ht_case *c, enum ht_event kind, const char *content_type, struct ht_text content,
			 int64_t *index)
{
	struct ht_note note = {
		.kind = kind,
		.party = &c->party,
		.peer = c->p.peer,
		.chain = c->p.chain,
		.chain_id = c->chain,
		.process = c->p.pid,
		.agreement = c->p.agreement,
		.content_type = content_type,
		.content = content,
	};
	int64_t at;

	HT_TRY(ht_work_leaf(w, &note, &at));
	if (c->p.chain < 0)
		c->p.chain = at;
	if (index)
		*index = at;
	return HT_OK;
}

enum ht_err ht_case_note(struct ht_work *w, struct ht_case *c, enum ht_event kind, struct ht_text json)
{
	return ht_case_leaf(w, c, kind, "application/json", json, NULL);
}

/* What comes after the peer's base for each message; %s is the peer's pid. Clause: DSP 2025-1 HTTPS bindings. */
static const char *const path_of[HT_MSG_COUNT] = {
	[HT_MSG_REQUEST] = "request",     [HT_MSG_OFFER] = "offers",
	[HT_MSG_ACCEPT] = "events",       [HT_MSG_AGREE] = "agreement",
	[HT_MSG_VERIFY] = "agreement/verification", [HT_MSG_FINALIZE] = "events",
	[HT_MSG_START] = "start",         [HT_MSG_SUSPEND] = "suspension",
	[HT_MSG_COMPLETE] = "completion", [HT_MSG_TERMINATE] = "termination",
};

static struct ht_text url_of(struct ht_work *w, const struct ht_process *p, enum ht_msg msg)
{
	const char *kind = p->machine == HT_NEGOTIATION ? "negotiations" : "transfers";
	struct ht_out o;

	ht_out_init(&o, w->arena);
	ht_out_text(&o, p->base);
	ht_out_char(&o, '/');
	ht_out_z(&o, kind);
	ht_out_char(&o, '/');
	if (p->peer_pid.len) {
		ht_out_text(&o, ht_percent(w->arena, p->peer_pid));
		ht_out_char(&o, '/');
	}
	ht_out_z(&o, path_of[msg]);
	return ht_out_done(&o);
}

enum ht_err ht_case_withdraw(struct ht_work *w, struct ht_case *c)
{
	struct ht_text json = ht_text_format(w->arena, "{\"message\":\"%s\"}", ht_msg_word(c->p.pending));

	HT_TRY(ht_case_note(w, c, HT_EVENT_WITHDRAWN, json));
	c->p.pending = HT_MSG_NONE;
	c->p.mark = HT_MARK_SENT;
	c->p.unanswered = c->p.stalled = false;
	c->letter_do = HT_LETTER_DROP;
	return HT_OK;
}

enum ht_err ht_case_send(struct ht_work *w, struct ht_case *c, struct ht_message *m)
{
	bool consumer = c->p.role == HT_CONSUMER;
	struct ht_text body;
	int64_t index;

	if (c->p.pending)
		HT_TRY(ht_case_withdraw(w, c));
	m->machine = c->p.machine;
	m->id = ht_uuid7(w->random, w->now_us, w->arena);
	m->consumer_pid = consumer ? c->p.pid : c->p.peer_pid;
	m->provider_pid = consumer ? c->p.peer_pid : c->p.pid;
	body = ht_dsp_write(m, w->arena);
	HT_TRY(ht_case_leaf(w, c, HT_EVENT_SENT, "application/json", body, &index));
	c->p.pending = m->msg;
	c->p.mark = HT_MARK_SENT;
	c->p.unanswered = c->p.stalled = c->p.person = false;
	c->letter = (struct ht_letter){
		.msg = m->msg, .id = m->id, .url = url_of(w, &c->p, m->msg), .leaf = index, .made_us = w->now_us, .due_us = w->now_us,
	};
	c->letter_do = HT_LETTER_SEND;
	c->body = ht_text_bytes(body);
	return HT_OK;
}

enum ht_err ht_case_last_offer(struct ht_work *w, const struct ht_case *c, bool acked, struct ht_text *out)
{
	bool ours = acked && (c->p.pending == HT_MSG_REQUEST || c->p.pending == HT_MSG_OFFER), found;
	struct ht_leaf leaf;

	*out = c->p.offer;
	if (!ours || c->p.state == HT_NONE || c->p.machine != HT_NEGOTIATION)
		return HT_OK;
	HT_TRY(ht_store_leaf(w->store, c->letter.leaf, w->arena, &leaf, &found));
	assert(found);
	*out = ht_json_span(ht_bytes_text(leaf.content), "offer");
	return HT_OK;
}

bool ht_case_explains(enum ht_msg msg)
{
	return msg == HT_MSG_TERMINATE || msg == HT_MSG_SUSPEND;
}

enum ht_err ht_case_ack(struct ht_work *w, struct ht_case *c, enum ht_event kind, struct ht_text json)
{
	assert(c->p.pending);
	HT_TRY(ht_case_last_offer(w, c, true, &c->p.offer));
	c->p.state = ht_msg_to(c->p.pending);
	if (!ht_case_explains(c->p.pending))
		c->p.reason = HT_TEXT("");
	c->p.pending = HT_MSG_NONE;
	c->p.mark = HT_MARK_SENT;
	c->p.unanswered = c->p.stalled = false;
	c->letter_do = HT_LETTER_DROP;
	return ht_case_note(w, c, kind, json);
}

enum ht_err ht_case_terminate(struct ht_work *w, struct ht_case *c, struct ht_text code, struct ht_text words)
{
	struct ht_message m = { .msg = HT_MSG_TERMINATE, .code = code, .reason = ht_work_reasons(w, words.len ? words : code) };

	c->p.reason = words.len ? words : code;
	return ht_case_send(w, c, &m);
}

/* The timer of a quiet process stands at whole numbers of quiet times after it was made. */
struct ht_timer ht_case_quiet_timer(const struct ht_work *w, const struct ht_process *p)
{
	int64_t quiet = w->settings->quiet_us;

	return (struct ht_timer){
		.due_us = p->made_us + ((w->now_us - p->made_us) / quiet + 1) * quiet, .process = p->row, .kind = HT_TIMER_QUIET,
	};
}

static enum ht_err close_process(struct ht_work *w, struct ht_case *c)
{
	c->p.changed_us = w->now_us;
	if (c->fresh) {
		HT_TRY(ht_store_process_add(w->store, &c->p, &c->p.row));
		ht_due_timer(w->due, ht_case_quiet_timer(w, &c->p).due_us);
		return ht_store_timer_add(w->store, ht_case_quiet_timer(w, &c->p));
	}
	HT_TRY(ht_store_process_save(w->store, &c->p));
	if (c->bind)
		HT_TRY(ht_store_process_peer_pid(w->store, c->p.row, c->p.peer_pid));
	return ht_state_final(c->p.machine, c->p.state) ? ht_store_timer_remove(w->store, ht_case_quiet_timer(w, &c->p)) : HT_OK;
}

static enum ht_err close_letter(struct ht_work *w, struct ht_case *c)
{
	c->letter.process = c->p.row;
	switch (c->letter_do) {
	case HT_LETTER_KEEP:
		return HT_OK;
	case HT_LETTER_DROP:
		ht_due_drop(w->due, c->p.row);
		return c->has_letter ? ht_store_letter_remove(w->store, c->p.row) : HT_OK;
	case HT_LETTER_PUT:
		ht_due_set(w->due, (struct ht_due_entry){ .due_us = c->letter.due_us, .process = c->p.row });
		break;
	case HT_LETTER_SEND:
		ht_due_send(w->due, c->p.row);
		ht_effects_post(w, c, c->body);
		break;
	case HT_LETTER_SAVE:
		break;
	}
	return ht_store_letter_put(w->store, &c->letter);
}

enum ht_err ht_case_close(struct ht_work *w, struct ht_case *c)
{
	w->wrote = true;
	HT_TRY(close_process(w, c));
	HT_TRY(close_letter(w, c));
	if (c->agreed) {
		c->agreement.party = c->p.party;
		c->agreement.negotiation = c->p.row;
		HT_TRY(ht_store_agreement_add(w->store, &c->agreement));
	}
	if (c->marked) {
		c->message.process = c->p.row;
		HT_TRY(ht_store_message_add(w->store, &c->message));
	}
	ht_effects_moved(w->effects, &c->p);
	w->step->out.process = c->p;
	return HT_OK;
}
