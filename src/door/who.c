/* door/who.c - the guards: who asks, by a token of the API, a header of the peers file, or a self-issued token (IDENTITY). */
#include "base/net.h"
#include "door/visit.h"

static const char place[] = "Authorization";

static bool admit_role(struct ht_visit *v)
{
	const struct ht_facts *facts = v->door->facts;
	struct ht_grant grant = { 0 };
	uint8_t hash[HT_SHA256];

	if (!v->ask->authorization.len)
		return ht_visit_refuse(v, HT_REFUSE_TOKEN_MISSING, place);
	if (!ht_bearer_hash(v->ask->authorization, hash))
		return ht_visit_refuse(v, HT_REFUSE_TOKEN_SHAPE, place);
	if (!ht_visit_fact(v, facts->grant(facts->self, hash, v->ask->arena, &grant), HT_REFUSE_TOKEN_UNKNOWN, place))
		return false;
	v->out->step.who = (struct ht_who){ .role = grant.role, .party = grant.party };
	return (v->route->roles & (unsigned)grant.role) || ht_visit_refuse(v, HT_REFUSE_ROLE, "");
}

/* The document of the issuer, or why there is none yet. */
static bool document(struct ht_visit *v, bool fresh, const struct ht_did_doc **doc)
{
	const struct ht_facts *facts = v->door->facts;

	switch (facts->document(facts->self, v->claim.did, fresh, v->ask->arena, doc)) {
	case HT_FACT_HERE: return true;
	case HT_FACT_ABSENT: return ht_visit_refuse(v, HT_REFUSE_DOCUMENT_BAD, place);
	case HT_FACT_NOBODY:
	case HT_FACT_FAILED: return ht_visit_refuse(v, HT_REFUSE_DOCUMENT_LATER, place);
	case HT_FACT_LACKS: break;
	}
	v->out->kind = HT_DOOR_NEED;
	v->out->need = (struct ht_need){ .kind = HT_NEED_DOCUMENT, .did = v->claim.did, .fresh = fresh };
	return false;
}

/* A key that the document does not have yet may stand in a newer one. */
static bool verify(struct ht_visit *v)
{
	const struct ht_did_doc *doc = NULL;
	bool unknown_kid = false;

	if (!document(v, false, &doc))
		return false;
	if (ht_token_verify(&v->claim, doc, v->ask->body, &unknown_kid, &v->why))
		return true;
	return unknown_kid && document(v, true, &doc) && ht_token_verify(&v->claim, doc, v->ask->body, &unknown_kid, &v->why);
}

static bool admit_peer(struct ht_visit *v)
{
	const struct ht_facts *facts = v->door->facts;
	const struct ht_peer *known = ht_peers_accept(v->door->peers, v->ask->authorization);

	if (known) {
		v->peer = known->id;
		return true;
	}
	if (!ht_token_open(v->ask->authorization, v->party.did, &v->door->trust, v->ask->now_us, v->ask->arena, &v->claim, &v->why) ||
	    !verify(v))
		return false;
	if (!facts->fresh(facts->self, v->claim.jti, v->claim.did, v->claim.until_s))
		return ht_visit_refuse(v, HT_REFUSE_TOKEN_REPLAY, place);
	v->peer = v->claim.did;
	return true;
}

bool ht_visit_admit(struct ht_visit *v)
{
	switch (v->route->guard) {
	case HT_ADMIT_ALL: return true;
	case HT_ADMIT_ROLES: return admit_role(v);
	case HT_ADMIT_PEERS: return admit_peer(v);
	case HT_ADMIT_GUESTS: return !v->ask->authorization.len || admit_peer(v);
	case HT_ADMIT_ACCESS: return v->ask->authorization.len || ht_visit_refuse(v, HT_REFUSE_TOKEN_MISSING, place);
	}
	return false;
}

/* localhost and names below it (RFC 6761 section 6.3). */
static bool is_localhost(struct ht_text host)
{
	const struct ht_text word = HT_TEXT("localhost");
	struct ht_text tail = host;

	if (host.len < word.len)
		return false;
	tail.at += host.len - word.len;
	tail.len = word.len;
	return ht_text_same_case(tail, word.at) && (host.len == word.len || host.at[host.len - word.len - 1] == '.');
}

/* What a host says without asking anybody; the courier judges the addresses that a name resolves to. */
static bool host_allowed(const struct ht_ranges *allow, struct ht_text host)
{
	struct ht_address at, other;

	if (is_localhost(host)) {
		return ht_address_read(HT_TEXT("127.0.0.1"), &at) && ht_address_read(HT_TEXT("::1"), &other) &&
		       (ht_ranges_have(allow, &at) || ht_ranges_have(allow, &other));
	}
	return !ht_address_read(host, &at) || !ht_address_special(&at) || ht_ranges_have(allow, &at);
}

bool ht_door_owns(const struct ht_door *door, struct ht_text url)
{
	return ht_text_starts(url, door->public_url) && url.len > door->public_url.len && url.at[door->public_url.len] == '/';
}

bool ht_visit_url(struct ht_visit *v, struct ht_text url, const char *where)
{
	struct ht_url parts;

	if (!ht_url_read(url, &parts) || parts.query.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_VALUE, where);
	if (ht_door_owns(v->door, url) || host_allowed(v->door->allow, parts.host))
		return true;
	(void)ht_visit_refuse(v, HT_REFUSE_ADDRESS, where);
	v->why.detail = parts.host;
	return false;
}
