/* door/api.c - what the API takes (doc/api.md): the members of its bodies, and from requests to steps. */
#include "base/count.h"
#include "base/time.h"
#include "door/visit.h"
#include "model/names.h"
#include "model/odd.h"
#include "wire/did.h"
#include "wire/dsp.h"

enum { ID_MAX = 1024, URL_MAX = 2048, NAME_MAX_BYTES = 256, FILE_MAX_BYTES = 255, PARTY_MAX = 63, REASON_MAX = 1024, HEX = 64, WAIT_MAX_S = 300 };

const struct ht_member ht_api_party[] = {
	{ "id",   HT_MEMBER_TEXT, true, 1, PARTY_MAX      },
	{ "name", HT_MEMBER_TEXT, true, 1, NAME_MAX_BYTES },
	{ 0 },
};
const struct ht_member ht_api_token[] = {
	{ "role",  HT_MEMBER_TEXT, true,  1, NAME_MAX_BYTES },
	{ "party", HT_MEMBER_TEXT, false, 1, PARTY_MAX      },
	{ 0 },
};
const struct ht_member ht_api_product[] = {
	{ "party",    HT_MEMBER_TEXT,   true,  1,   PARTY_MAX      },
	{ "id",       HT_MEMBER_TEXT,   true,  1,   ID_MAX         },
	{ "title",    HT_MEMBER_TEXT,   false, 0,   ID_MAX         },
	{ "file",     HT_MEMBER_TEXT,   true,  1,   FILE_MAX_BYTES },
	{ "sha256",   HT_MEMBER_TEXT,   true,  HEX, HEX            },
	{ "policy",   HT_MEMBER_OBJECT, false, 0,   0              },
	{ "offerId",  HT_MEMBER_TEXT,   false, 1,   ID_MAX         },
	{ "audience", HT_MEMBER_TEXTS,  false, 1,   ID_MAX         },
	{ "manual",   HT_MEMBER_BOOL,   false, 0,   0              },
	{ 0 },
};
const struct ht_member ht_api_negotiation[] = {
	{ "base",    HT_MEMBER_TEXT,   true,  1, URL_MAX    },
	{ "product", HT_MEMBER_TEXT,   true,  1, ID_MAX     },
	{ "offer",   HT_MEMBER_OBJECT, false, 0, 0          },
	{ "offerId", HT_MEMBER_TEXT,   false, 1, ID_MAX     },
	{ "policy",  HT_MEMBER_OBJECT, false, 0, 0          },
	{ "manual",  HT_MEMBER_BOOL,   false, 0, 0          },
	{ "wait",    HT_MEMBER_INT,    false, 0, WAIT_MAX_S },
	{ 0 },
};
const struct ht_member ht_api_transfer[] = {
	{ "agreement", HT_MEMBER_TEXT, true,  1, ID_MAX     },
	{ "format",    HT_MEMBER_TEXT, false, 1, ID_MAX     },
	{ "manual",    HT_MEMBER_BOOL, false, 0, 0          },
	{ "wait",      HT_MEMBER_INT,  false, 0, WAIT_MAX_S },
	{ 0 },
};
const struct ht_member ht_api_complete[] = {
	{ "sha256", HT_MEMBER_TEXT, false, HEX, HEX       },
	{ "size",   HT_MEMBER_INT,  false, 0,   INT64_MAX },
	{ 0 },
};
const struct ht_member ht_api_offer[] = {
	{ "policy", HT_MEMBER_OBJECT, false, 0, 0 },
	{ 0 },
};
const struct ht_member ht_api_counter[] = {
	{ "policy", HT_MEMBER_OBJECT, true, 0, 0 },
	{ 0 },
};
const struct ht_member ht_api_reason[] = {
	{ "reason", HT_MEMBER_TEXT, true, 0, REASON_MAX },
	{ 0 },
};
const struct ht_member ht_api_nothing[] = {
	{ 0 },
};

/* Not given: *out is left alone. */
static bool take_number(struct ht_visit *v, struct ht_text text, const char *place, int64_t *out)
{
	uint64_t number;

	if (!text.len)
		return true;
	if (!ht_text_u64(text, INT64_MAX, &number))
		return ht_visit_refuse(v, HT_REFUSE_VALUE, place);
	*out = (int64_t)number;
	return true;
}

/* Where a list goes on: the key of the last row that was seen. */
static bool take_page(struct ht_visit *v, struct ht_page *page)
{
	page->most = v->most < HT_LIST_MAX ? v->most + 1 : HT_LIST_MAX; /* one more tells whether there is more */
	page->after = v->route->step == HT_STEP_HISTORY ? -1 : 0;
	return take_number(v, v->after, "after", &page->after);
}

/* Where a stream of events goes on: what a reader saw last is newer than the address that it began with. */
bool ht_api_parse_events(struct ht_visit *v)
{
	int64_t *after = &v->out->step.in.read.page.after;

	*after = -1;
	return take_number(v, v->after, "after", after) && take_number(v, v->ask->last_event_id, "Last-Event-ID", after);
}

bool ht_api_parse_read(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;

	if (v->base.len && !v->product.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "product");
	if (v->product.len && !v->base.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "base");
	if (v->base.len && s->who.role != HT_CONSUMER)
		return ht_visit_refuse(v, HT_REFUSE_ROLE, "base");
	s->in.read.id = v->id.len ? v->id : v->chain.len ? v->chain : v->product;
	s->in.read.base = ht_text_no_slash(v->base);
	s->in.read.machine = v->route->machine;
	return take_page(v, &s->in.read.page);
}

/* 1 to 63 of a-z 0-9 -, beginning with a letter or digit: it stands in paths and DIDs. */
static bool is_party_id(struct ht_text id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.at[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0)))
			return false;
	}
	return id.len >= 1 && id.len <= PARTY_MAX;
}

bool ht_api_parse_party(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;

	s->in.party_add.id = ht_visit_text(v, "id");
	s->in.party_add.name = ht_visit_text(v, "name");
	if (!is_party_id(s->in.party_add.id))
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_VALUE, "/id");
	s->in.party_add.did = ht_did_web_of(v->door->public_url, s->in.party_add.id, v->ask->arena);
	return true;
}

static bool has_party(struct ht_visit *v, struct ht_text id)
{
	const struct ht_facts *facts = v->door->facts;
	struct ht_party party;

	return ht_visit_fact(v, facts->party(facts->self, id, 0, v->ask->arena, &party), HT_REFUSE_NOT_FOUND, "/party");
}

/* A new token is shown once, in the reply; only its hash goes further. */
bool ht_api_parse_token(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;
	enum ht_role role = ht_role_of(ht_json_text(ht_json_member(v->body, "role")));
	struct ht_text party = ht_visit_text(v, "party");
	bool acts = role == HT_CONSUMER || role == HT_PROVIDER;
	struct ht_text header;

	if (role == HT_NOBODY)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_VALUE, "/role");
	if (acts && !party.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "/party");
	if (!acts && party.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_VALUE, "/party");
	if (acts && !has_party(v, party))
		return false;
	s->in.token_new.role = role;
	s->in.token_new.party = party;
	v->out->secret = ht_bearer_make(v->door->random, v->ask->arena);
	header = ht_text_format(v->ask->arena, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(v->out->secret));
	return ht_bearer_hash(header, s->in.token_new.hash);
}

bool ht_api_parse_revoke(struct ht_visit *v)
{
	uint64_t id;

	if (!ht_text_u64(v->id, INT64_MAX, &id))
		return ht_visit_refuse(v, HT_REFUSE_NOT_FOUND, "");
	v->out->step.in.token_revoke.id = (int64_t)id;
	return true;
}

bool ht_visit_refuse_at(struct ht_visit *v, enum ht_refuse code, const char *at, struct ht_text below)
{
	return ht_refuse(&v->why, code, ht_text_format(v->ask->arena, "%s" HT_TEXT_FMT, at, HT_TEXT_ARG(below)));
}

bool ht_visit_refuse_odd(struct ht_visit *v, const char *at, const struct ht_policy *p)
{
	(void)ht_visit_refuse_at(v, HT_REFUSE_POLICY_UNSUPPORTED, at, p->odd_place);
	v->why.detail = ht_odd_text(&p->odd_what, ht_lang_of_header(v->ask->accept_language), v->ask->arena);
	return false;
}

/* Members that an offer or agreement gets here: whoever published one would not get what it says. */
static bool is_template(struct ht_visit *v, const struct ht_policy *p)
{
	const struct {
		struct ht_text value;
		const char *place;
	} ours[] = {
		{ p->id, "/@id" }, { p->target, "/target" }, { p->assigner, "/assigner" }, { p->assignee, "/assignee" }, { p->timestamp, "/timestamp" },
	};

	for (size_t i = 0; i < HT_COUNT(ours); i++) {
		if (ours[i].value.len)
			return ht_visit_refuse_at(v, HT_REFUSE_POLICY_UNSUPPORTED, "/policy", ht_text_of(ours[i].place));
	}
	return true;
}

bool ht_visit_policy(struct ht_visit *v, struct ht_text *out)
{
	struct ht_policy policy = { 0 };

	*out = ht_json_span(ht_bytes_text(v->ask->body), "policy");
	if (!out->len)
		return true;
	if (!ht_odrl_read(*out, v->ask->arena, &policy, &v->why))
		return ht_visit_refuse_at(v, v->why.code, "/policy", v->why.place);
	if (policy.odd)
		return ht_visit_refuse_odd(v, "/policy", &policy);
	if (!is_template(v, &policy))
		return false;
	return policy.count || ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "/policy/permission");
}

/* DIDs, or ids of the peers file, as one text with commas between; empty: everybody. at NULL: not given, as for the policy. */
static bool take_audience(struct ht_visit *v, struct ht_text *out)
{
	const struct ht_json *list = ht_json_member(v->body, "audience");
	struct ht_text comma, rest;
	struct ht_out o;

	ht_out_init(&o, v->ask->arena);
	for (size_t i = 0; i < ht_json_count(list); i++) {
		struct ht_text one = ht_json_text(ht_json_at(list, i));

		if (ht_text_cut(one, ',', &comma, &rest) ||
		    (!ht_text_starts(one, HT_TEXT("did:web:")) && !ht_peers_by_id(v->door->peers, one)))
			return ht_visit_refuse_at(v, HT_REFUSE_MEMBER_VALUE, "/audience/", ht_text_format(v->ask->arena, "%zu", i));
		ht_out_z(&o, i ? "," : "");
		ht_out_text(&o, one);
	}
	*out = o.len ? ht_out_done(&o) : list ? HT_TEXT("") : (struct ht_text){ NULL, 0 };
	return true;
}

static bool is_file_name(struct ht_text name)
{
	struct ht_text head, tail;

	return !ht_text_cut(name, '/', &head, &tail) && !ht_text_cut(name, '\\', &head, &tail) && !ht_text_is(name, ".") &&
	       !ht_text_is(name, "..");
}

bool ht_api_parse_product(struct ht_visit *v)
{
	const struct ht_facts *facts = v->door->facts;
	struct ht_step *s = &v->out->step;
	struct ht_product *p = &s->in.publish;

	if (!ht_text_same(ht_json_text(ht_json_member(v->body, "party")), s->who.party.id))
		return ht_visit_refuse(v, HT_REFUSE_NOT_FOUND, "/party");
	p->party = s->who.party.row;
	p->id = ht_visit_text(v, "id");
	p->title = ht_visit_text(v, "title");
	p->file = ht_visit_text(v, "file");
	p->offer = ht_visit_text(v, "offerId");
	p->manual = ht_visit_bool(v, "manual");
	if (!is_file_name(p->file))
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_VALUE, "/file");
	if (!ht_visit_policy(v, &p->policy) || !take_audience(v, &p->audience) || !ht_visit_hash(v, "sha256", p->sha256))
		return false;
	return ht_visit_fact(v, facts->upload(facts->self, s->who.party.id, p->sha256, &p->size), HT_REFUSE_NOT_FOUND, "/sha256");
}

bool ht_api_parse_transfer(struct ht_visit *v)
{
	struct ht_text format = ht_visit_text(v, "format");

	v->out->step.in.transfer.agreement = ht_visit_text(v, "agreement");
	v->out->step.in.transfer.manual = ht_visit_bool(v, "manual");
	v->out->step.in.transfer.push = ht_text_is(format, HT_DSP_PUSH);
	v->out->wait_us = ht_visit_int(v, "wait", 0) * HT_SECOND_US;
	return !format.len || v->out->step.in.transfer.push || ht_text_is(format, HT_DSP_PULL) ||
	       ht_visit_refuse(v, HT_REFUSE_MEMBER_VALUE, "/format");
}

/* What a consumer has checked: both members, or neither. */
static bool take_check(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;
	bool hash = ht_json_member(v->body, "sha256"), size = ht_json_member(v->body, "size");

	s->in.send.checked = hash && s->who.role == HT_CONSUMER;
	s->in.send.size = ht_visit_int(v, "size", 0);
	if (hash != size)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, hash ? "/size" : "/sha256");
	return !hash || ht_visit_hash(v, "sha256", s->in.send.sha256);
}

bool ht_api_parse_send(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;

	s->in.send.machine = v->route->machine;
	s->in.send.msg = v->route->msg;
	s->in.send.resume = v->route->takes & HT_TAKES_RESUME;
	s->in.send.pid = v->id;
	s->in.send.reason = ht_visit_text(v, "reason");
	if (v->route->msg == HT_MSG_COMPLETE)
		return take_check(v);
	return ht_visit_policy(v, &s->in.send.policy);
}

bool ht_api_parse_retry(struct ht_visit *v)
{
	v->out->step.in.retry.pid = v->id;
	return true;
}
