/* door/other.c - calls of the API that look at another node: its catalog, and the offer that a negotiation begins with. */
#include <assert.h>

#include "base/count.h"
#include "base/log.h"
#include "base/time.h"
#include "door/visit.h"
#include "wire/dsp.h"
#include "wire/link.h"

/* Of catalogs of others: how deep they are nested, datasets of one answer, memory for one of them. */
enum { CATALOGS_DEEP = 8, DATASETS_MAX = 10000, ROOM_BYTES = 64 << 20, STATUS_ABSENT = 404 };

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

/* An answer, whatever it is. */
static bool fetch_any(struct ht_visit *v, const struct ht_need *what, const char *place, struct ht_fetched *got)
{
	const struct ht_facts *facts = v->door->facts;

	*got = (struct ht_fetched){ 0 };
	switch (facts->fetched(facts->self, what->method, what->url, got)) {
	case HT_FACT_HERE: return !got->err || refuse_error(v, got->err, place);
	case HT_FACT_ABSENT:
	case HT_FACT_NOBODY:
	case HT_FACT_FAILED: return ht_visit_refuse(v, HT_REFUSE_PEER_UNREACHABLE, place);
	case HT_FACT_LACKS: break;
	}
	return need(v, what);
}

static bool is_good(struct ht_visit *v, const struct ht_fetched *got, const char *place)
{
	struct ht_text words;

	if (got->status >= 200 && got->status < 300)
		return true;
	words = ht_dsp_error_words(got->body, v->ask->arena);
	return refuse_with(v, got->status >= 400 && got->status < 500 ? HT_REFUSE_PEER_REFUSED : HT_REFUSE_PEER_ANSWER, place,
			   ht_text_trim(ht_text_format(v->ask->arena, "%d " HT_TEXT_FMT, got->status, HT_TEXT_ARG(words))));
}

/* A 2xx answer. */
static bool fetch(struct ht_visit *v, const struct ht_need *what, const char *place, struct ht_fetched *got)
{
	return fetch_any(v, what, place, got) && is_good(v, got, place);
}

/* What was fetched is not what it should be: the peer's fault. */
static bool refuse_answer(struct ht_visit *v, const struct ht_refusal *found, const char *place)
{
	return refuse_with(v, HT_REFUSE_PEER_ANSWER, place,
			   ht_text_format(v->ask->arena, "%s " HT_TEXT_FMT, ht_refuse_word(found->code), HT_TEXT_ARG(found->place)));
}

/* The offer of a dataset with this id (empty: the first), when all of it is understood. */
static bool take_offer(struct ht_visit *v, struct ht_bytes body, struct ht_text product, struct ht_policy *out)
{
	struct ht_text id = ht_visit_text(v, "offerId");
	struct ht_refusal why = { 0 };
	struct ht_dataset dataset = { 0 };
	size_t i = 0;

	if (!ht_dcat_dataset_read(body, v->ask->arena, &dataset, &why))
		return refuse_answer(v, &why, "/product");
	if (!ht_text_same(dataset.id, product))
		return refuse_with(v, HT_REFUSE_PEER_ANSWER, "/product", dataset.id);
	while (id.len && i < dataset.offers_count && !ht_text_same(dataset.offers[i].id, id))
		i++;
	if (i == dataset.offers_count)
		return ht_visit_refuse(v, HT_REFUSE_OFFER_UNKNOWN, id.len ? "/offerId" : "/product");
	*out = dataset.offers[i];
	return !out->odd || ht_visit_refuse_odd(v, "", out);
}

/* The offer that the asker saw in the catalog and names: nothing is fetched. */
static bool take_named_offer(struct ht_visit *v, struct ht_text offer, struct ht_policy *out)
{
	if (!ht_odrl_read(offer, v->ask->arena, out, &v->why))
		return ht_visit_refuse_at(v, v->why.code, "/offer", v->why.place);
	if (!out->id.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "/offer/@id");
	return !out->odd || ht_visit_refuse_odd(v, "/offer", out);
}

/* A provider offers by itself: the offer is its own, nothing is fetched. */
static bool take_own_offer(struct ht_visit *v)
{
	static const char *const consumers[] = { "offer", "offerId" };

	for (size_t i = 0; i < HT_COUNT(consumers); i++) {
		if (ht_json_member(v->body, consumers[i]))
			return ht_visit_refuse_at(v, HT_REFUSE_MEMBER_UNKNOWN, "/", ht_text_of(consumers[i]));
	}
	return true;
}

static struct ht_text dataset_url(struct ht_visit *v, struct ht_text base, struct ht_text product)
{
	struct ht_text encoded = ht_percent(v->ask->arena, product);

	return ht_text_format(v->ask->arena, HT_TEXT_FMT "/catalog/datasets/" HT_TEXT_FMT, HT_TEXT_ARG(base), HT_TEXT_ARG(encoded));
}

bool ht_api_parse_negotiation(struct ht_visit *v)
{
	struct ht_step *s = &v->out->step;
	struct ht_need what = { .kind = HT_NEED_FETCH, .method = "GET", .party = s->who.party.row };
	struct ht_text base = ht_text_no_slash(ht_visit_text(v, "base")), product = ht_visit_text(v, "product");
	struct ht_text offer = ht_json_span(ht_bytes_text(v->ask->body), "offer");
	struct ht_fetched got;

	v->out->wait_us = ht_visit_int(v, "wait", 0) * HT_SECOND_US;
	s->in.negotiate.base = base;
	s->in.negotiate.product = product;
	s->in.negotiate.manual = ht_visit_bool(v, "manual");
	if (!find_peer(v, base, "/base", &s->in.negotiate.peer) || !ht_visit_policy(v, &s->in.negotiate.policy))
		return false;
	if (s->who.role == HT_PROVIDER)
		return take_own_offer(v);
	if (offer.len)
		return take_named_offer(v, offer, &s->in.negotiate.offer);
	what.audience = s->in.negotiate.peer;
	what.url = dataset_url(v, base, product);
	return fetch(v, &what, "/base", &got) && take_offer(v, got.body, product, &s->in.negotiate.offer);
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
	ht_json_open(w, "formats", '[');
	for (size_t i = 0; i < d->formats_count; i++)
		ht_json_put(w, NULL, d->formats[i]);
	ht_json_close(w, ']');
	ht_json_open(w, "offers", '[');
	for (size_t i = 0; i < d->offers_count; i++)
		ht_json_put_raw(w, NULL, d->offers[i].text);
	ht_json_close(w, ']');
	ht_json_close(w, '}');
}

/* What is shown of an answer. Datasets lie in `room` while they are read, so that `out` grows where it is. */
struct shown {
	struct ht_visit *v;
	struct ht_json_out out;
	struct ht_arena room;
	size_t count, unreadable;
	enum ht_refuse code; /* of the first that cannot be read */
	struct ht_text place;
};

static void pass_over(struct shown *s, const struct ht_refusal *why)
{
	if (!s->unreadable++) {
		s->code = why->code;
		s->place = ht_text_copy(s->v->ask->arena, why->place);
	}
}

/* One dataset that cannot be read does not hide the others. */
static void put_read(struct shown *s, struct ht_text text)
{
	struct ht_refusal why = { 0 };
	struct ht_dataset dataset = { 0 };

	if (ht_dcat_dataset_read(ht_text_bytes(text), &s->room, &dataset, &why))
		put_dataset(&s->out, &dataset, &s->room);
	else
		pass_over(s, &why);
	ht_arena_reset(&s->room);
}

/* The next of a list, or the one that stands alone. */
static bool next_of(struct ht_text list, size_t *at, struct ht_text *one)
{
	if (list.len && list.at[0] == '[')
		return ht_json_element(list, at, one);
	*one = list;
	return list.len && !(*at)++;
}

/* The datasets of a catalog and of the catalogs in it. */
static bool put_catalog(struct shown *s, struct ht_text catalog, int depth)
{
	struct ht_text datasets = ht_json_span(catalog, "dataset"), catalogs = ht_json_span(catalog, "catalog"), one;

	if (depth > CATALOGS_DEEP)
		return ht_refuse(&s->v->why, HT_REFUSE_TOO_DEEP, HT_TEXT("/catalog"));
	for (size_t at = 0; next_of(datasets, &at, &one); s->count++) {
		if (s->count == DATASETS_MAX)
			return ht_refuse(&s->v->why, HT_REFUSE_TOO_MANY, HT_TEXT("/dataset"));
		put_read(s, one);
	}
	for (size_t at = 0; next_of(catalogs, &at, &one);) {
		if (one.at[0] != '{')
			pass_over(s, &(struct ht_refusal){ .code = HT_REFUSE_MEMBER_TYPE, .place = HT_TEXT("/catalog") });
		else if (!put_catalog(s, one, depth + 1))
			return false;
	}
	return true;
}

/* JSON text of an object. */
static bool is_object(struct ht_visit *v, struct ht_bytes body)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_json *root = ht_json_read(body, &ht_json_large, &why);
	bool good = ht_json_is_object(root);

	ht_json_free(root);
	if (good)
		return true;
	return why.code ? refuse_answer(v, &why, "base") : ht_visit_refuse(v, HT_REFUSE_PEER_ANSWER, "base");
}

/* The member by which an answer goes on there: the query of a link of the peer's, which is all that is taken of it. */
static void put_turn(struct shown *s, const char *name, struct ht_text link, const char *other)
{
	struct ht_text query = ht_link_query(link, name);

	ht_visit_put(&s->out, name, query.len || !other ? query : ht_link_query(link, other));
}

/* What the API answers: got is a catalog, or (with a product) that dataset or 404. */
static bool show(struct ht_visit *v, struct ht_text peer, const struct ht_fetched *got)
{
	struct shown s = { .v = v };
	bool good = true;

	ht_arena_init(&s.room, ROOM_BYTES);
	ht_json_begin(&s.out, v->ask->arena);
	ht_json_open(&s.out, NULL, '{');
	ht_json_put(&s.out, "base", v->base);
	ht_json_put(&s.out, "peer", peer);
	ht_json_open(&s.out, "datasets", '[');
	if (!v->product.len)
		good = put_catalog(&s, ht_bytes_text(got->body), 0);
	else if (got->status != STATUS_ABSENT)
		put_read(&s, ht_bytes_text(got->body));
	ht_json_close(&s.out, ']');
	put_turn(&s, "next", got->link, NULL);
	put_turn(&s, "previous", got->link, "prev");
	ht_json_put_int(&s.out, "unreadable", (int64_t)s.unreadable);
	ht_json_close(&s.out, '}');
	ht_arena_fini(&s.room);
	v->made = ht_json_end(&s.out);
	if (s.unreadable)
		HT_LOG(HT_WARN, "dataset_unreadable", HT_FIELD("base", v->base), HT_FIELD_N("count", (int64_t)s.unreadable),
		       HT_FIELD_Z("code", ht_refuse_word(s.code)), HT_FIELD("place", s.place));
	return good || refuse_answer(v, &v->why, "base");
}

/* The one dataset of a peer; that there is none is an answer too. */
static bool show_one(struct ht_visit *v, struct ht_need *what, struct ht_text peer)
{
	struct ht_fetched got;

	what->method = "GET";
	what->url = dataset_url(v, v->base, v->product);
	if (!fetch_any(v, what, "base", &got))
		return false;
	if (got.status != STATUS_ABSENT && (!is_good(v, &got, "base") || !is_object(v, got.body)))
		return false;
	got.link = HT_TEXT("");
	return show(v, peer, &got);
}

/* A page of the catalog of a peer, as far as it can be read, or one dataset of it. */
bool ht_api_parse_offers(struct ht_visit *v)
{
	struct ht_need what = { .kind = HT_NEED_FETCH, .method = "POST", .party = v->out->step.who.party.row };
	struct ht_fetched got;
	struct ht_text peer;

	v->base = ht_text_no_slash(v->base);
	if (!v->base.len)
		return ht_visit_refuse(v, HT_REFUSE_MEMBER_MISSING, "base");
	if (v->page.at && (v->product.len || !ht_link_is_query(v->page)))
		return ht_visit_refuse(v, HT_REFUSE_VALUE, "page");
	if (!find_peer(v, v->base, "base", &peer))
		return false;
	what.audience = peer;
	if (v->product.len)
		return show_one(v, &what, peer);
	what.body = ht_text_bytes(ht_dcat_request(v->ask->arena));
	what.url = ht_text_format(v->ask->arena, HT_TEXT_FMT "/catalog/request%s" HT_TEXT_FMT, HT_TEXT_ARG(v->base), v->page.at ? "?" : "",
				  HT_TEXT_ARG(v->page));
	return fetch(v, &what, "base", &got) && is_object(v, got.body) && show(v, peer, &got);
}

void ht_api_reply_offers(struct ht_visit *v, struct ht_answer *answer)
{
	answer->body = v->made;
}
