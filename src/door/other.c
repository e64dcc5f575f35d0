/* door/other.c - calls of the API that look at another node: its catalog, and the offer that a negotiation begins with. */
#include <assert.h>

#include "base/log.h"
#include "base/time.h"
#include "door/visit.h"
#include "wire/dsp.h"

static bool need(struct ht_visit *v, const struct ht_need *what)
{
	v->out->kind = HT_DOOR_NEED;
	v->out->need = *what;
	return false;
}

static bool refuse_with(struct ht_visit *v, enum ht_refuse code, const char *place, struct ht_text detail)
{
	(void)ht_visit_refuse(v, code, place);
	v->why.detail = detail;
	return false;
}

/* The did:web of a base, when its document names the base as its service. */
static bool find_did(struct ht_visit *v, struct ht_text base, const char *place, struct ht_text *did)
{
	const struct ht_facts *facts = v->door->facts;
	const struct ht_did_doc *doc = NULL;

	if (!ht_identity_did_of_base(base, v->ask->arena, did))
		return ht_visit_refuse(v, HT_REFUSE_BASE, place);
	switch (facts->document(facts->self, *did, false, v->ask->arena, &doc)) {
	case HT_FACT_HERE: return ht_identity_serves(doc, base) || refuse_with(v, HT_REFUSE_PEER_ANSWER, place, *did);
	case HT_FACT_ABSENT:
	case HT_FACT_NOBODY: return refuse_with(v, HT_REFUSE_PARTY_UNKNOWN, place, *did);
	case HT_FACT_FAILED: return refuse_with(v, HT_REFUSE_PEER_UNREACHABLE, place, *did);
	case HT_FACT_LACKS: break;
	}
	return need(v, &(struct ht_need){ .kind = HT_NEED_DOCUMENT, .did = *did });
}

/* Whom to address at a base. */
static bool find_peer(struct ht_visit *v, struct ht_text base, const char *place, struct ht_text *peer)
{
	const struct ht_peer *known = ht_peers_by_base(v->door->peers, base);

	if (!ht_visit_url(v, base, place))
		return false;
	if (!known)
		return find_did(v, base, place, peer);
	*peer = known->id;
	return true;
}

/* No answer came. */
static bool refuse_error(struct ht_visit *v, enum ht_err err, const char *place)
{
	struct ht_text word = ht_text_of(ht_err_word(err));

	if (err == HT_E_FORBIDDEN)
		return ht_visit_refuse(v, HT_REFUSE_ADDRESS, place);
	return refuse_with(v, err == HT_E_TOO_BIG ? HT_REFUSE_PEER_ANSWER : HT_REFUSE_PEER_UNREACHABLE, place, word);
}

/* The body of a 2xx answer. */
static bool fetch(struct ht_visit *v, const struct ht_need *what, const char *place, struct ht_bytes *out)
{
	const struct ht_facts *facts = v->door->facts;
	struct ht_fetched got = { 0 };
	struct ht_text words;

	switch (facts->fetched(facts->self, what->method, what->url, &got)) {
	case HT_FACT_HERE: break;
	case HT_FACT_ABSENT:
	case HT_FACT_NOBODY:
	case HT_FACT_FAILED: return ht_visit_refuse(v, HT_REFUSE_PEER_UNREACHABLE, place);
	case HT_FACT_LACKS: return need(v, what);
	}
	if (got.err)
		return refuse_error(v, got.err, place);
	*out = got.body;
	if (got.status >= 200 && got.status < 300)
		return true;
	words = ht_dsp_error_words(got.body, v->ask->arena);
	return refuse_with(v, got.status >= 400 && got.status < 500 ? HT_REFUSE_PEER_REFUSED : HT_REFUSE_PEER_ANSWER, place,
			   ht_text_trim(ht_text_format(v->ask->arena, "%d " HT_TEXT_FMT, got.status, HT_TEXT_ARG(words))));
}

/* What was fetched is not what it should be: the peer's fault. */
static bool refuse_answer(struct ht_visit *v, const struct ht_refusal *found, const char *place)
{
	return refuse_with(v, HT_REFUSE_PEER_ANSWER, place,
			   ht_text_format(v->ask->arena, "%s " HT_TEXT_FMT, ht_refuse_word(found->code), HT_TEXT_ARG(found->place)));
}

/* The first offer of a dataset, when all of it is understood. */
static bool take_offer(struct ht_visit *v, struct ht_bytes body, struct ht_text product, struct ht_policy *out)
{
	struct ht_refusal why = { 0 };
	struct ht_dataset dataset = { 0 };

	if (!ht_dcat_dataset_read(body, v->ask->arena, &dataset, &why))
		return refuse_answer(v, &why, "/product");
	if (!ht_text_same(dataset.id, product))
		return refuse_with(v, HT_REFUSE_PEER_ANSWER, "/product", dataset.id);
	if (!dataset.offers_count)
		return ht_visit_refuse(v, HT_REFUSE_OFFER_UNKNOWN, "/product");
	*out = dataset.offers[0];
	return !out->odd || ht_refuse(&v->why, HT_REFUSE_POLICY_UNSUPPORTED, out->odd_place);
}

/* The offer that the asker saw in the catalog and names: nothing is fetched. */
static bool take_named_offer(struct ht_visit *v, struct ht_text offer, struct ht_policy *out)
{
	if (!ht_odrl_read(offer, v->ask->arena, out, &v->why))
		return ht_visit_refuse_at(v, v->why.code, "/offer", v->why.place);
	if (!out->id.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "/offer/@id");
	return !out->odd || ht_visit_refuse_at(v, HT_REFUSE_POLICY_UNSUPPORTED, "/offer", out->odd_place);
}

bool ht_api_parse_negotiation(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;
	struct ht_need what = { .kind = HT_NEED_FETCH, .method = "GET", .party = s->who.party.row };
	struct ht_text base = ht_text_no_slash(ht_visit_text(v, "base")), product = ht_visit_text(v, "product");
	struct ht_text offer = ht_json_span(ht_bytes_text(v->ask->body), "offer"), encoded = ht_percent(v->ask->arena, product);
	struct ht_bytes body;

	v->out->wait_us = ht_visit_int(v, "wait", 0) * HT_SECOND_US;
	s->in.negotiate.base = base;
	s->in.negotiate.product = product;
	if (!find_peer(v, base, "/base", &s->in.negotiate.peer))
		return false;
	if (offer.len)
		return take_named_offer(v, offer, &s->in.negotiate.offer);
	what.audience = s->in.negotiate.peer;
	what.url = ht_text_format(v->ask->arena, HT_TEXT_FMT "/catalog/datasets/" HT_TEXT_FMT, HT_TEXT_ARG(base), HT_TEXT_ARG(encoded));
	return fetch(v, &what, "/base", &body) && take_offer(v, body, product, &s->in.negotiate.offer);
}

static void put_dataset(struct ht_json_out *w, const struct ht_dataset *d, struct ht_arena *a)
{
	ht_json_open(w, NULL, '{');
	ht_json_put(w, "id", d->id);
	ht_visit_put(w, "title", d->title);
	if (d->size >= 0)
		ht_json_put_int(w, "size", d->size);
	else
		ht_json_put_raw(w, "size", HT_TEXT("null"));
	ht_visit_put(w, "sha256", d->has_sha256 ? ht_hex(a, (struct ht_bytes){ d->sha256, sizeof(d->sha256) }) : HT_TEXT(""));
	ht_visit_put(w, "format", d->format);
	ht_json_open(w, "offers", '[');
	for (size_t i = 0; i < d->offers_count; i++)
		ht_json_put_raw(w, NULL, d->offers[i].text);
	ht_json_close(w, ']');
	ht_json_close(w, '}');
}

/* One dataset that cannot be read does not hide the others; the log tells. */
static void put_read(struct ht_visit *v, struct ht_json_out *w, struct ht_text text)
{
	struct ht_refusal why = { 0 };
	struct ht_dataset dataset = { 0 };

	if (ht_dcat_dataset_read(ht_text_bytes(text), v->ask->arena, &dataset, &why)) {
		put_dataset(w, &dataset, v->ask->arena);
		return;
	}
	HT_LOG(HT_WARN, "dataset_unreadable", HT_FIELD("base", v->base), HT_FIELD_Z("code", ht_refuse_word(why.code)),
	       HT_FIELD("place", why.place));
}

/* The datasets of a catalog: a list, or one alone. */
static void put_catalog(struct ht_visit *v, struct ht_json_out *w, struct ht_text catalog)
{
	struct ht_text list = ht_json_span(catalog, "dataset"), one;
	size_t at = 0;

	ht_json_open(w, "datasets", '[');
	if (list.len && list.at[0] == '{')
		put_read(v, w, list);
	while (list.len && list.at[0] == '[' && ht_json_element(list, &at, &one))
		put_read(v, w, one);
	ht_json_close(w, ']');
}

/* The catalog of a peer, as far as it can be read. */
bool ht_api_parse_offers(struct ht_visit *v)
{
	struct ht_need what = { .kind = HT_NEED_FETCH, .method = "POST", .party = v->out->step.who.party.row };
	struct ht_refusal why = { 0 };
	struct ht_json_out w;
	struct ht_json *root;
	struct ht_text peer;
	struct ht_bytes body;

	v->base = ht_text_no_slash(v->base);
	if (!v->base.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "base");
	if (!find_peer(v, v->base, "base", &peer))
		return false;
	what.audience = peer;
	what.body = ht_text_bytes(ht_dcat_request(v->ask->arena));
	what.url = ht_text_format(v->ask->arena, HT_TEXT_FMT "/catalog/request", HT_TEXT_ARG(v->base));
	if (!fetch(v, &what, "base", &body))
		return false;
	root = ht_json_read(body, &ht_json_large, &why);
	if (!ht_json_is_object(root)) {
		ht_json_free(root);
		return why.code ? refuse_answer(v, &why, "base") : ht_visit_refuse(v, HT_REFUSE_PEER_ANSWER, "base");
	}
	ht_json_free(root);
	ht_json_begin(&w, v->ask->arena);
	ht_json_open(&w, NULL, '{');
	ht_json_put(&w, "base", v->base);
	ht_json_put(&w, "peer", peer);
	put_catalog(v, &w, ht_bytes_text(body));
	ht_json_close(&w, '}');
	v->made = ht_json_end(&w);
	return true;
}

void ht_api_reply_offers(struct ht_visit *v, struct ht_answer *answer)
{
	answer->body = v->made;
}
