/* door/reply.c - what the API answers (doc/api.md): from results of steps to JSON. Absent is null; secrets are shown to whom they are. */
#include <string.h>

#include "base/time.h"
#include "door/visit.h"
#include "model/names.h"
#include "wire/dsp.h"

enum { LEAVES_BYTES_MAX = 4 << 20 }; /* a page of history ends behind the leaf that reaches it */

static const char *const mark_word[HT_MARK_COUNT] = {
	[HT_MARK_SENT] = "sent", [HT_MARK_REFUSED] = "refused", [HT_MARK_ONCE_MORE] = "once_more", [HT_MARK_AGAIN] = "again",
	[HT_MARK_REFUSED_AGAIN] = "refused_again",
};

static void put_null(struct ht_json_out *w, const char *name)
{
	ht_json_put_raw(w, name, HT_TEXT("null"));
}

void ht_visit_put(struct ht_json_out *w, const char *name, struct ht_text value)
{
	if (value.len)
		ht_json_put(w, name, value);
	else
		put_null(w, name);
}

static void put_json(struct ht_json_out *w, const char *name, struct ht_text json)
{
	ht_json_put_raw(w, name, json.len ? json : HT_TEXT("null"));
}

static void put_time(struct ht_json_out *w, const char *name, int64_t at_us)
{
	char text[HT_TIME_MAX];

	if (at_us)
		ht_json_put(w, name, (struct ht_text){ text, ht_time_put(text, at_us) });
	else
		put_null(w, name);
}

static void put_hex(struct ht_json_out *w, const char *name, const uint8_t hash[32])
{
	ht_json_put(w, name, ht_hex(w->out.arena, (struct ht_bytes){ hash, 32 }));
}

static struct ht_text id_of_party(struct ht_visit *v, int64_t row)
{
	const struct ht_facts *facts = v->door->facts;
	struct ht_party party = v->out->step.who.party;

	enum ht_fact is = HT_FACT_HERE;

	if (party.row != row)
		is = facts->party(facts->self, HT_TEXT(""), row, v->ask->arena, &party);
	if (is == HT_FACT_FAILED)
		(void)ht_visit_refuse(v, HT_REFUSE_STORE_LATER, ""); /* the driver says it instead of what is written here */
	return is == HT_FACT_HERE ? party.id : HT_TEXT("");
}

static void open_body(struct ht_visit *v, struct ht_json_out *w)
{
	ht_json_begin(w, v->ask->arena);
	ht_json_open(w, NULL, '{');
}

static void close_body(struct ht_json_out *w, struct ht_answer *answer)
{
	ht_json_close(w, '}');
	answer->body = ht_json_end(w);
}

/* How many rows of a list are shown, and whether there is more: one more than that was asked for, where it could be. */
struct page {
	size_t shown;
	bool more;
};

static struct page page_of(const struct ht_visit *v)
{
	size_t count = v->out->step.out.count;

	return (struct page){ count < v->most ? count : v->most, count > v->most || count == HT_LIST_MAX || v->out->step.out.more };
}

/* Ends a list whose last shown row has the key `last`. */
static void close_list(struct ht_json_out *w, struct page page, int64_t last, struct ht_answer *answer)
{
	ht_json_close(w, ']');
	if (page.more)
		ht_json_put_int(w, "next", last);
	close_body(w, answer);
}

/* Writes the members of row i and returns its key, after which the list goes on. */
typedef int64_t put_row(struct ht_visit *v, struct ht_json_out *w, size_t i);

static void reply_list(struct ht_visit *v, const char *name, put_row *put, struct ht_answer *answer)
{
	struct page page = page_of(v);
	struct ht_json_out w;
	int64_t last = 0;

	open_body(v, &w);
	ht_json_open(&w, name, '[');
	for (size_t i = 0; i < page.shown; i++) {
		ht_json_open(&w, NULL, '{');
		last = put(v, &w, i);
		ht_json_close(&w, '}');
	}
	page.more = page.more && !v->out->step.in.read.base.len; /* agreements for a base are no pages */
	close_list(&w, page, last, answer);
}

void ht_api_reply_health(struct ht_visit *v, struct ht_answer *answer)
{
	struct ht_json_out w;

	open_body(v, &w);
	ht_json_put_z(&w, "status", "ok");
	ht_json_put(&w, "version", v->door->version);
	close_body(&w, answer);
}

/* Prometheus text format 0.0.4. */
void ht_api_reply_metrics(struct ht_visit *v, struct ht_answer *answer)
{
	answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
	answer->body = v->door->facts->metrics(v->door->facts->self, v->ask->arena);
}

void ht_api_reply_self(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_who *who = &v->out->step.who;
	struct ht_json_out w;

	open_body(v, &w);
	ht_json_put_z(&w, "role", ht_role_word(who->role));
	ht_visit_put(&w, "party", who->party.id);
	ht_visit_put(&w, "did", who->party.did);
	ht_json_put(&w, "publicUrl", v->door->public_url);
	ht_json_put(&w, "allowNet", v->door->allow_text);
	ht_json_put(&w, "version", v->door->version);
	close_body(&w, answer);
}

void ht_api_reply_upload(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_product *p = &v->out->step.out.product;
	struct ht_json_out w;

	open_body(v, &w);
	put_hex(&w, "sha256", p->sha256);
	ht_json_put_int(&w, "size", p->size);
	close_body(&w, answer);
}

static void put_party(struct ht_json_out *w, const struct ht_party *p)
{
	ht_json_put(w, "id", p->id);
	ht_json_put(w, "name", p->name);
	ht_json_put(w, "did", p->did);
}

void ht_api_reply_party(struct ht_visit *v, struct ht_answer *answer)
{
	struct ht_json_out w;

	open_body(v, &w);
	put_party(&w, &v->out->step.out.party);
	close_body(&w, answer);
}

static int64_t put_party_row(struct ht_visit *v, struct ht_json_out *w, size_t i)
{
	const struct ht_party_row *row = &v->out->step.out.parties[i];

	put_party(w, &row->party);
	return row->party.row;
}

void ht_api_reply_parties(struct ht_visit *v, struct ht_answer *answer)
{
	reply_list(v, "parties", put_party_row, answer);
}

void ht_api_reply_token(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_step *s = &v->out->step;
	struct ht_json_out w;

	open_body(v, &w);
	ht_json_put_int(&w, "id", s->out.token);
	ht_json_put_z(&w, "role", ht_role_word(s->in.token_new.role));
	ht_visit_put(&w, "party", s->in.token_new.party);
	ht_json_put(&w, "token", v->out->secret);
	close_body(&w, answer);
}

void ht_api_reply_revoke(struct ht_visit *v, struct ht_answer *answer)
{
	struct ht_json_out w;

	open_body(v, &w);
	ht_json_put_int(&w, "id", v->out->step.in.token_revoke.id);
	close_body(&w, answer);
}

static int64_t put_token_row(struct ht_visit *v, struct ht_json_out *w, size_t i)
{
	const struct ht_token_row *row = &v->out->step.out.tokens[i];

	ht_json_put_int(w, "id", row->id);
	ht_json_put_z(w, "role", ht_role_word(row->role));
	ht_visit_put(w, "party", row->party_id);
	put_time(w, "made", row->made_us);
	put_time(w, "revoked", row->revoked_us);
	return row->id;
}

void ht_api_reply_tokens(struct ht_visit *v, struct ht_answer *answer)
{
	reply_list(v, "tokens", put_token_row, answer);
}

static void put_product(struct ht_visit *v, struct ht_json_out *w, const struct ht_product *p)
{
	struct ht_text rest = p->audience, one;
	bool more = rest.len > 0;

	ht_visit_put(w, "party", id_of_party(v, p->party));
	ht_json_put(w, "id", p->id);
	ht_json_put_int(w, "version", p->version);
	ht_visit_put(w, "title", p->title);
	ht_json_put(w, "offer", p->offer);
	put_json(w, "policy", p->policy);
	ht_json_put_bool(w, "manual", p->manual);
	ht_json_open(w, "audience", '[');
	while (more) {
		more = ht_text_cut(rest, ',', &one, &rest);
		ht_json_put(w, NULL, one);
	}
	ht_json_close(w, ']');
	ht_json_put(w, "file", p->file);
	ht_json_put_int(w, "size", p->size);
	put_hex(w, "sha256", p->sha256);
	put_time(w, "published", p->published_us);
}

void ht_api_reply_product(struct ht_visit *v, struct ht_answer *answer)
{
	struct ht_json_out w;

	open_body(v, &w);
	put_product(v, &w, &v->out->step.out.product);
	close_body(&w, answer);
}

static int64_t put_product_row(struct ht_visit *v, struct ht_json_out *w, size_t i)
{
	const struct ht_product *row = &v->out->step.out.products[i];

	put_product(v, w, row);
	return row->row;
}

void ht_api_reply_products(struct ht_visit *v, struct ht_answer *answer)
{
	reply_list(v, "products", put_product_row, answer);
}

/* Endpoint and token of a data address, by the reader of the message that brings one. */
static void put_address(struct ht_visit *v, struct ht_json_out *w, struct ht_text address)
{
	struct ht_message m = { .machine = HT_TRANSFER, .msg = HT_MSG_START, .provider_pid = HT_TEXT("p"), .consumer_pid = HT_TEXT("c"),
				.has_address = true, .address = { .text = address } };
	struct ht_refusal why = { 0 };
	struct ht_message got = { 0 };

	if (!address.len ||
	    !ht_dsp_read(ht_text_bytes(ht_dsp_write(&m, v->ask->arena)), HT_TRANSFER, HT_MSG_START, v->ask->arena, &got, &why)) {
		put_null(w, "dataAddress");
		return;
	}
	ht_json_open(w, "dataAddress", '{');
	ht_json_put(w, "endpoint", got.address.endpoint);
	ht_json_put(w, "authorization", got.address.authorization);
	ht_json_close(w, '}');
}

/* How a transfer delivers, and the file that was pushed to us. */
static void put_delivery(struct ht_json_out *w, const struct ht_process *p)
{
	static const uint8_t none[32];

	ht_visit_put(w, "format", p->format);
	if (memcmp(p->pushed, none, sizeof(none)) == 0) {
		put_null(w, "pushed");
		return;
	}
	ht_json_open(w, "pushed", '{');
	put_hex(w, "sha256", p->pushed);
	ht_json_put_int(w, "size", p->pushed_size);
	ht_json_close(w, '}');
}

static void put_process(struct ht_visit *v, struct ht_json_out *w, const struct ht_process *p)
{
	bool pending = p->pending != HT_MSG_NONE;

	ht_json_put(w, "id", p->pid);
	ht_visit_put(w, "peerId", p->peer_pid);
	ht_visit_put(w, "party", id_of_party(v, p->party));
	ht_json_put_z(w, "role", ht_role_word(p->role));
	ht_json_put(w, "peer", p->peer);
	ht_json_put_z(w, "state", ht_state_word(ht_desk_shown(p)));
	ht_visit_put(w, "pending", ht_text_of(pending ? ht_msg_word(p->pending) : ""));
	ht_visit_put(w, "mark", ht_text_of(pending ? mark_word[p->mark] : ""));
	ht_json_put_bool(w, "stalled", p->stalled);
	ht_json_put_bool(w, "person", p->person);
	ht_json_put_bool(w, "manual", p->manual);
	ht_visit_put(w, "product", p->product);
	if (p->machine == HT_NEGOTIATION)
		put_json(w, "offer", p->offer);
	else
		put_delivery(w, p);
	ht_visit_put(w, "agreement", p->agreement);
	ht_visit_put(w, "reason", p->reason);
	put_time(w, "made", p->made_us);
	put_time(w, "changed", p->changed_us);
}

/* One process; with its data address for the consumer whose transfer it is. */
void ht_api_reply_process(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_step *s = &v->out->step;
	const struct ht_process *p = &s->out.process;
	struct ht_json_out w;

	open_body(v, &w);
	put_process(v, &w, p);
	if (p->machine == HT_TRANSFER && p->role == HT_CONSUMER && s->who.role == HT_CONSUMER && s->who.party.row == p->party)
		put_address(v, &w, p->address);
	close_body(&w, answer);
}

static int64_t put_process_row(struct ht_visit *v, struct ht_json_out *w, size_t i)
{
	const struct ht_process *row = &v->out->step.out.processes[i];

	put_process(v, w, row);
	return row->row;
}

void ht_api_reply_processes(struct ht_visit *v, struct ht_answer *answer)
{
	reply_list(v, v->route->machine == HT_NEGOTIATION ? "negotiations" : "transfers", put_process_row, answer);
}

static void put_agreement(struct ht_visit *v, struct ht_json_out *w, const struct ht_agreement *g, const struct ht_process *negotiation)
{
	ht_json_put(w, "id", g->id);
	ht_visit_put(w, "party", id_of_party(v, g->party));
	ht_json_put_z(w, "role", ht_role_word(g->role));
	ht_json_put(w, "peer", g->peer);
	ht_visit_put(w, "base", g->base);
	ht_json_put(w, "product", g->product);
	ht_visit_put(w, "negotiation", negotiation ? negotiation->pid : HT_TEXT(""));
	ht_visit_put(w, "state", ht_text_of(negotiation ? ht_state_word(ht_desk_shown(negotiation)) : ""));
	put_json(w, "offer", negotiation ? ht_json_span(negotiation->offer, "@id") : HT_TEXT(""));
	put_json(w, "policy", g->policy);
	put_time(w, "made", g->made_us);
}

void ht_api_reply_agreement(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_step *s = &v->out->step;
	struct ht_json_out w;

	open_body(v, &w);
	put_agreement(v, &w, &s->out.agreement, &s->out.process);
	close_body(&w, answer);
}

static int64_t put_agreement_row(struct ht_visit *v, struct ht_json_out *w, size_t i)
{
	const struct ht_agreement *row = &v->out->step.out.agreements[i];

	put_agreement(v, w, row, &v->out->step.out.processes[i]);
	return row->negotiation;
}

void ht_api_reply_agreements(struct ht_visit *v, struct ht_answer *answer)
{
	reply_list(v, "agreements", put_agreement_row, answer);
}

static int64_t put_letter_row(struct ht_visit *v, struct ht_json_out *w, size_t i)
{
	const struct ht_letter_row *row = &v->out->step.out.letters[i];
	const struct ht_letter *l = &row->letter;
	bool dead = l->due_us == INT64_MAX;

	ht_json_put(w, "id", row->process.pid); /* a process has at most one letter */
	ht_json_put(w, "messageId", l->id);
	ht_json_put_z(w, "message", ht_msg_word(l->msg));
	ht_json_put(w, "url", l->url);
	ht_json_put_int(w, "attempts", l->attempts);
	put_time(w, "due", dead ? 0 : l->due_us);
	put_time(w, "made", l->made_us);
	ht_json_put_bool(w, "dead", dead);
	ht_json_put_z(w, "mark", mark_word[row->process.mark]);
	ht_visit_put(w, "reason", row->process.reason);
	return l->process;
}

void ht_api_reply_letters(struct ht_visit *v, struct ht_answer *answer)
{
	reply_list(v, "letters", put_letter_row, answer);
}

static bool has(struct ht_text in, const char *word)
{
	return in.len && memmem(in.at, in.len, word, strlen(word));
}

/* The content of a leaf without a data address, which holds an access token; none when a token could still be in it. */
static struct ht_text shown_content(struct ht_bytes content, struct ht_arena *a)
{
	struct ht_text text = content.at ? ht_bytes_text(content) : HT_TEXT(""), address;
	struct ht_out o;

	if (!ht_text_utf8(ht_text_bytes(text)))
		return HT_TEXT("");
	address = ht_json_span(text, "dataAddress");
	if (address.len) {
		size_t before = (size_t)(address.at - text.at);

		ht_out_init(&o, a);
		ht_out_text(&o, (struct ht_text){ text.at, before });
		ht_out_z(&o, "{}");
		ht_out_text(&o, (struct ht_text){ address.at + address.len, text.len - before - address.len });
		text = ht_out_done(&o);
	}
	return has(text, "uthorization") ? HT_TEXT("") : text;
}

static void put_leaf(struct ht_json_out *w, const struct ht_leaf *leaf)
{
	ht_json_put_int(w, "index", leaf->index);
	ht_json_put_int(w, "event", leaf->event);
	put_time(w, "at", leaf->at_us);
	ht_json_put_z(w, "kind", ht_event_word(leaf->kind));
	ht_visit_put(w, "party", leaf->party);
	ht_visit_put(w, "peer", leaf->peer);
	ht_visit_put(w, "chain", leaf->chain);
	ht_visit_put(w, "process", leaf->process);
	ht_visit_put(w, "agreement", leaf->agreement);
	ht_json_put_int(w, "seq", leaf->seq);
	if (leaf->previous >= 0)
		ht_json_put_int(w, "previous", leaf->previous);
	else
		put_null(w, "previous");
	ht_visit_put(w, "contentType", leaf->content_type);
	ht_visit_put(w, "content", shown_content(leaf->content, w->out.arena));
	put_hex(w, "commitment", leaf->commitment);
}

struct ht_text ht_door_leaf(const struct ht_leaf *leaf, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	put_leaf(&w, leaf);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

/* Clause: WHATWG HTML section 9.2.5: an event stream is UTF-8. */
void ht_api_reply_events(struct ht_visit *v, struct ht_answer *answer)
{
	answer->content_type = "text/event-stream; charset=utf-8";
	answer->follow = true;
	answer->party_row = v->out->step.who.party.row;
	answer->after = v->out->step.in.read.page.after;
}

void ht_api_reply_history(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_leaf *rows = v->out->step.out.leaves;
	struct page page = page_of(v);
	struct ht_json_out w;
	size_t i = 0;

	open_body(v, &w);
	ht_json_open(&w, "leaves", '[');
	for (; i < page.shown && w.out.len < LEAVES_BYTES_MAX; i++) {
		ht_json_open(&w, NULL, '{');
		put_leaf(&w, &rows[i]);
		ht_json_close(&w, '}');
	}
	page.more |= i < page.shown;
	close_list(&w, page, i ? rows[i - 1].index : 0, answer);
}

/* What was pushed to the asker's party. */
void ht_api_reply_pushed(struct ht_visit *v, struct ht_answer *answer)
{
	const struct ht_process *p = &v->out->step.out.process;

	answer->content_type = "application/octet-stream";
	answer->deliver = true;
	answer->party = v->out->step.who.party.id;
	answer->size = p->pushed_size;
	memcpy(answer->sha256, p->pushed, sizeof(answer->sha256));
}
