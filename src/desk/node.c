/* desk/node.c - steps of the node and its operator: started, party added, tokens, products published. */
#include <string.h>

#include "base/log.h"
#include "crypto/crypto.h"
#include "desk/work.h"
#include "model/names.h"
#include "wire/json.h"

static enum ht_err node_leaf(struct ht_work *w, enum ht_event kind, struct ht_text json)
{
	struct ht_note note = {
		.kind = kind, .chain = w->node_chain, .chain_id = HT_TEXT("node"), .content_type = "application/json", .content = json,
	};
	int64_t index;

	HT_TRY(ht_work_leaf(w, &note, &index));
	if (w->node_chain >= 0)
		return HT_OK;
	w->node_chain = index;
	return ht_store_meta_put(w->store, "node_chain", ht_text_format(w->arena, "%lld", (long long)index));
}

enum ht_err ht_step_node_started(struct ht_work *w)
{
	return node_leaf(w, HT_EVENT_NODE_STARTED, HT_TEXT("{}"));
}

enum ht_err ht_step_party_add(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_party_row row = { .party = { .id = s->in.party_add.id, .name = s->in.party_add.name, .did = s->in.party_add.did },
				    .made_us = w->now_us };
	struct ht_key_row key = { .kid = s->in.party_add.kid, .made_us = w->now_us };
	struct ht_note note = { .kind = HT_EVENT_PARTY_ADDED, .party = &row.party, .chain = -1, .chain_id = row.party.did,
				.content_type = "application/json" };
	struct ht_json_out json;
	struct ht_party_row other;
	struct ht_leaf_head head;
	bool found;

	HT_TRY(ht_store_party_by_id(w->store, row.party.id, w->arena, &other, &found));
	if (found)
		return ht_work_refuse(w, HT_REFUSE_EXISTS, "/id");
	ht_json_begin(&json, w->arena);
	ht_json_open(&json, NULL, '{');
	ht_json_put(&json, "id", row.party.id);
	ht_json_put(&json, "name", row.party.name);
	ht_json_put(&json, "kid", key.kid);
	ht_json_close(&json, '}');
	note.content = ht_json_end(&json);
	HT_TRY(ht_store_leaf_head(w->store, 0, -1, &head));
	row.chain = head.index; /* the leaf that follows begins the chain */
	w->wrote = true;
	HT_TRY(ht_store_party_add(w->store, &row, &row.party.row));
	HT_TRY(ht_work_leaf(w, &note, NULL));
	key.party = row.party.row;
	for (size_t i = 0; i < sizeof(key.pub); i++)
		key.pub[i] = s->in.party_add.pub[i];
	s->out.party = row.party;
	return ht_store_key_add(w->store, &key);
}

/* A leaf about a token: in the chain of its party, or of the node. */
static enum ht_err token_leaf(struct ht_work *w, enum ht_event kind, const struct ht_party_row *party, int64_t id, enum ht_role role)
{
	struct ht_text json = ht_text_format(w->arena, "{\"token\":%lld,\"role\":\"%s\"}", (long long)id, ht_role_word(role));
	struct ht_note note = { .kind = kind, .party = &party->party, .chain = party->chain, .chain_id = party->party.did,
				.content_type = "application/json", .content = json };

	return party->party.row ? ht_work_leaf(w, &note, NULL) : node_leaf(w, kind, json);
}

enum ht_err ht_step_token_new(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_party_row party = { 0 };
	struct ht_token_row row = { .role = s->in.token_new.role, .made_us = w->now_us };
	bool found = true;

	if (s->in.token_new.party.len)
		HT_TRY(ht_store_party_by_id(w->store, s->in.token_new.party, w->arena, &party, &found));
	if (!found)
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "/party");
	row.party = party.party.row;
	for (size_t i = 0; i < sizeof(row.hash); i++)
		row.hash[i] = s->in.token_new.hash[i];
	w->wrote = true;
	HT_TRY(ht_store_token_add(w->store, &row, &s->out.token));
	s->out.party = party.party;
	return token_leaf(w, HT_EVENT_TOKEN_MADE, &party, s->out.token, row.role);
}

/* Without an operator nobody could ever make a token again. */
static enum ht_err is_last_operator(struct ht_work *w, int64_t id, bool *last)
{
	struct ht_page page = { .most = HT_LIST_MAX };
	struct ht_token_row *rows;
	size_t n;

	*last = true;
	do {
		HT_TRY(ht_store_tokens(w->store, page, w->arena, &rows, &n));
		for (size_t i = 0; i < n && *last; i++)
			*last = rows[i].id == id || rows[i].role != HT_OPERATOR || rows[i].revoked_us;
		page.after = n ? rows[n - 1].id : 0;
	} while (*last && n == page.most);
	return HT_OK;
}

enum ht_err ht_step_token_revoke(struct ht_work *w)
{
	bool last = false;
	struct ht_token_row row;
	struct ht_party_row party = { 0 };
	bool found;

	HT_TRY(ht_store_token(w->store, w->step->in.token_revoke.id, w->arena, &row, &found));
	if (!found || row.revoked_us)
		return ht_work_refuse(w, HT_REFUSE_NOT_FOUND, "");
	if (row.role == HT_OPERATOR)
		HT_TRY(is_last_operator(w, row.id, &last));
	if (last)
		return ht_work_refuse(w, HT_REFUSE_LAST_OPERATOR, "");
	if (row.party)
		HT_TRY(ht_store_party(w->store, row.party, w->arena, &party, &found));
	w->wrote = true;
	w->step->out.token = row.id;
	HT_TRY(ht_store_token_revoke(w->store, row.id, w->now_us));
	return token_leaf(w, HT_EVENT_TOKEN_REVOKED, &party, row.id, row.role);
}

static struct ht_text published_json(struct ht_work *w, const struct ht_product *p)
{
	struct ht_json_out json;

	ht_json_begin(&json, w->arena);
	ht_json_open(&json, NULL, '{');
	ht_json_put(&json, "id", p->id);
	ht_json_put_int(&json, "version", p->version);
	ht_json_put(&json, "offer", p->offer);
	ht_json_put_raw(&json, "policy", p->policy);
	ht_json_put(&json, "audience", p->audience);
	ht_json_put_bool(&json, "manual", p->manual);
	ht_json_put(&json, "file", p->file);
	ht_json_put_int(&json, "size", p->size);
	ht_json_put(&json, "sha256", ht_hex(w->arena, (struct ht_bytes){ p->sha256, sizeof(p->sha256) }));
	ht_json_close(&json, '}');
	return ht_json_end(&json);
}

/* An offer's @id stands for one product, its terms and its content: agreements name it. */
static bool is_same_offer(const struct ht_product *a, const struct ht_product *b)
{
	return ht_text_same(a->id, b->id) && ht_text_same(a->policy, b->policy) && memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

enum ht_err ht_step_publish(struct ht_work *w)
{
	struct ht_step *s = w->step;
	struct ht_product p = s->in.publish, before, other;
	bool found, taken;
	struct ht_note note = { .kind = HT_EVENT_PUBLISHED, .party = &s->who.party, .chain_id = p.id, .content_type = "application/json" };

	p.party = s->who.party.row;
	p.published_us = w->now_us;
	HT_TRY(ht_store_product(w->store, p.party, p.id, 0, w->arena, &before, &found));
	p.version = found ? before.version + 1 : 1;
	if (!p.policy.len) /* the terms stay unless others are named: a new version opens nothing by itself */
		p.policy = found ? before.policy : HT_TEXT("{\"permission\":[{\"action\":\"use\"}]}");
	if (!p.audience.at)
		p.audience = found ? before.audience : HT_TEXT("");
	if (!p.offer.len)
		p.offer = ht_work_offer_id(w, &p, p.policy);
	HT_TRY(ht_store_product_offered(w->store, p.party, p.offer, w->arena, &other, &taken));
	if (taken && !is_same_offer(&other, &p))
		return ht_work_refuse(w, HT_REFUSE_EXISTS, "/offerId");
	note.chain = found ? before.chain : -1;
	note.content = published_json(w, &p);
	HT_TRY(ht_work_leaf(w, &note, &p.chain));
	if (found)
		p.chain = before.chain;
	HT_TRY(ht_store_product_add(w->store, &p, &p.row));
	s->out.product = p;
	return HT_OK;
}

/* What was read, without what came of it. */
enum ht_err ht_step_read_noted(struct ht_work *w)
{
	const struct ht_step *s = w->step;
	struct ht_json_out json;

	HT_TRY(ht_step_read(w));
	ht_json_begin(&json, w->arena);
	ht_json_open(&json, NULL, '{');
	ht_json_put_z(&json, "read", ht_step_word(s->kind));
	ht_json_put_some(&json, "id", s->in.read.id);
	ht_json_put_int(&json, "after", s->in.read.page.after);
	ht_json_put_int(&json, "rows", (int64_t)s->out.count);
	if (s->why.code)
		ht_json_put_z(&json, "refused", ht_refuse_word(s->why.code));
	ht_json_close(&json, '}');
	return node_leaf(w, HT_EVENT_READ, ht_json_end(&json));
}
