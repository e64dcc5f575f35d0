/* door/api.c - what the API takes (doc/api.md): the members of its bodies, and from requests to steps. */
#include "base/count.h"
#include "base/time.h"
#include "model/names.h"
#include "door/visit.h"
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
	{ "audience", HT_MEMBER_TEXTS,  false, 1,   ID_MAX         },
	{ 0 },
};
const struct ht_member ht_api_negotiation[] = {
	{ "base",    HT_MEMBER_TEXT, true,  1, URL_MAX    },
	{ "product", HT_MEMBER_TEXT, true,  1, ID_MAX     },
	{ "offer",   HT_MEMBER_OBJECT, false, 0, 0        },
	{ "wait",    HT_MEMBER_INT,  false, 0, WAIT_MAX_S },
	{ 0 },
};
const struct ht_member ht_api_transfer[] = {
	{ "agreement", HT_MEMBER_TEXT, true,  1, ID_MAX     },
	{ "wait",      HT_MEMBER_INT,  false, 0, WAIT_MAX_S },
	{ 0 },
};
const struct ht_member ht_api_complete[] = {
	{ "sha256", HT_MEMBER_TEXT, true, HEX, HEX       },
	{ "size",   HT_MEMBER_INT,  true, 0,   INT64_MAX },
	{ 0 },
};
const struct ht_member ht_api_terminate[] = {
	{ "reason", HT_MEMBER_TEXT, true, 0, REASON_MAX },
	{ 0 },
};

/* Where a list goes on: the key of the last row that was seen. */
static bool take_page(struct ht_visit *v, struct ht_page *page)
{
	uint64_t after;

	page->most = v->most < HT_LIST_MAX ? v->most + 1 : HT_LIST_MAX; /* one more tells whether there is more */
	page->after = v->route->step == HT_STEP_HISTORY ? -1 : 0;
	if (!v->after.len)
		return true;
	if (!ht_text_u64(v->after, INT64_MAX, &after))
		return ht_visit_refuse(v, HT_REFUSE_VALUE, "after");
	page->after = (int64_t)after;
	return true;
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

/* Empty: not given; the desk takes that of the version before, or a bare permission. */
static bool take_policy(struct ht_visit *v, struct ht_text *out)
{
	struct ht_policy policy = { 0 };

	*out = ht_json_span(ht_bytes_text(v->ask->body), "policy");
	if (!out->len)
		return true;
	if (!ht_odrl_read(*out, v->ask->arena, &policy, &v->why))
		return ht_visit_refuse_at(v, v->why.code, "/policy", v->why.place);
	if (policy.odd)
		return ht_visit_refuse_at(v, HT_REFUSE_POLICY_UNSUPPORTED, "/policy", policy.odd_place);
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
	if (!is_file_name(p->file))
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_VALUE, "/file");
	if (!take_policy(v, &p->policy) || !take_audience(v, &p->audience) || !ht_visit_hash(v, "sha256", p->sha256))
		return false;
	return ht_visit_fact(v, facts->upload(facts->self, s->who.party.id, p->sha256, &p->size), HT_REFUSE_NOT_FOUND, "/sha256");
}

bool ht_api_parse_transfer(struct ht_visit *v)
{
	v->out->step.in.transfer.agreement = ht_visit_text(v, "agreement");
	v->out->wait_us = ht_visit_int(v, "wait", 0) * HT_SECOND_US;
	return true;
}

bool ht_api_parse_complete(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;

	s->in.complete.pid = v->id;
	s->in.complete.size = ht_visit_int(v, "size", 0);
	return ht_visit_hash(v, "sha256", s->in.complete.sha256);
}

bool ht_api_parse_terminate(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;

	s->in.terminate.machine = v->route->machine;
	s->in.terminate.pid = v->id;
	s->in.terminate.reason = ht_visit_text(v, "reason");
	return true;
}

bool ht_api_parse_retry(struct ht_visit *v)
{
	v->out->step.in.retry.pid = v->id;
	return true;
}

/* The bytes of a file stream in past ht_door_upload(); as one body they are not taken. */
bool ht_api_parse_upload(struct ht_visit *v)
{
	return ht_visit_refuse(v, HT_REFUSE_TOO_LARGE, "");
}
