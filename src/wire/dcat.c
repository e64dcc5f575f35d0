/* wire/dcat.c - catalogs and datasets. Clause: DSP 2025-1 catalog and dataset schemas; DCAT 3; SPDX 2 checksum.
 *
 * Title, size and checksum have no name in the DSP context: they are written with the prefixes of their vocabularies, and read with
 * the prefix, without it, and as full IRIs; values plain or as {"@value"} or {"@id"}. */
#include <string.h>

#include "base/count.h"
#include "wire/dsp.h"
#include "wire/odrl.h"

#define SPDX "http://spdx.org/rdf/terms#"
#define DCAT "http://www.w3.org/ns/dcat#"
#define DCT "http://purl.org/dc/terms/"
#define SHA256_NAME "checksumAlgorithm_sha256"

enum { TITLE_MAX_BYTES = 4096, FORMS = 3 };

/* The three names of a member; the first one is written. */
struct forms {
	const char *name[FORMS];
};
static const struct forms title = { { "dct:title", "title", DCT "title" } };
static const struct forms byte_size = { { "dcat:byteSize", "byteSize", DCAT "byteSize" } };
static const struct forms checksum = { { "spdx:checksum", "checksum", SPDX "checksum" } };
static const struct forms algorithm = { { "spdx:algorithm", "algorithm", SPDX "algorithm" } };
static const struct forms checksum_value = { { "spdx:checksumValue", "checksumValue", SPDX "checksumValue" } };
static const struct forms format = { { "format", "dct:format", DCT "format" } };
static const struct forms service = { { "accessService", "dcat:accessService", DCAT "accessService" } };
static const struct forms endpoint = { { "endpointURL", "dcat:endpointURL", DCAT "endpointURL" } };

static void put_service(struct ht_json_out *w, const char *name, struct ht_text base)
{
	ht_json_open(w, name, '{');
	ht_json_put(w, "@id", base);
	ht_json_put_z(w, "@type", "DataService");
	ht_json_put(w, endpoint.name[0], base);
	ht_json_close(w, '}');
}

/* The hex digits are put together here: a piece of the arena would stop the text from growing where it is. */
static void put_checksum(struct ht_json_out *w, const uint8_t sha256[32])
{
	char hex[64];

	for (size_t i = 0; i < sizeof hex; i++)
		hex[i] = "0123456789abcdef"[sha256[i / 2] >> (i % 2 ? 0 : 4) & 15];
	ht_json_open(w, checksum.name[0], '{');
	ht_json_open(w, algorithm.name[0], '{');
	ht_json_put_z(w, "@id", SPDX SHA256_NAME);
	ht_json_close(w, '}');
	ht_json_put(w, checksum_value.name[0], (struct ht_text){ hex, sizeof hex });
	ht_json_close(w, '}');
}

/* w: in the object of the dataset. */
static void put_dataset(struct ht_json_out *w, const struct ht_product *p, struct ht_text base)
{
	ht_json_put(w, "@id", p->id);
	ht_json_put_z(w, "@type", "Dataset");
	ht_json_put_some(w, title.name[0], p->title);
	ht_json_open(w, "hasPolicy", '[');
	ht_odrl_put_offer(w, NULL, p->policy, p->offer, HT_TEXT(""));
	ht_json_close(w, ']');
	ht_json_open(w, "distribution", '[');
	ht_json_open(w, NULL, '{');
	ht_json_put_z(w, "@type", "Distribution");
	ht_json_put_z(w, format.name[0], HT_DSP_PULL);
	put_service(w, service.name[0], base);
	ht_json_put_int(w, byte_size.name[0], p->size);
	put_checksum(w, p->sha256);
	ht_json_close(w, '}');
	ht_json_close(w, ']');
}

static void put_context(struct ht_json_out *w)
{
	ht_json_put_raw(w, "@context", HT_TEXT("[\"" HT_DSP_CONTEXT "\"]"));
}

struct ht_text ht_dcat_catalog(struct ht_text id, struct ht_text participant, struct ht_text name, struct ht_text base,
			       const struct ht_product *products, size_t n, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	put_context(&w);
	ht_json_put(&w, "@id", id);
	ht_json_put_z(&w, "@type", "Catalog");
	ht_json_put(&w, "participantId", participant);
	ht_json_put_some(&w, title.name[0], name);
	ht_json_open(&w, "service", '[');
	put_service(&w, NULL, base);
	ht_json_close(&w, ']');
	if (n)
		ht_json_open(&w, "dataset", '[');
	for (size_t i = 0; i < n; i++) {
		ht_json_open(&w, NULL, '{');
		put_dataset(&w, &products[i], base);
		ht_json_close(&w, '}');
	}
	if (n)
		ht_json_close(&w, ']');
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

struct ht_text ht_dcat_dataset(const struct ht_product *p, struct ht_text base, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	put_context(&w);
	put_dataset(&w, p, base);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

struct ht_text ht_dcat_request(struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	put_context(&w);
	ht_json_put_z(&w, "@type", "CatalogRequestMessage");
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

/* What is behind the last ':', '#' or '/'. */
static struct ht_text local(struct ht_text name)
{
	size_t at = name.len;

	while (at && !memchr(":#/", name.at[at - 1], 3))
		at--;
	return (struct ht_text){ name.at + at, name.len - at };
}

/* The first of an array, and the inside of {"@value"} or {"@id"}. */
static const struct ht_json *plain(const struct ht_json *v)
{
	if (ht_json_is_array(v))
		v = ht_json_at(v, 0);
	if (ht_json_is_object(v))
		v = ht_json_member(v, "@value") ? ht_json_member(v, "@value") : ht_json_member(v, "@id");
	return v;
}

/* The words of EDC's QuerySpec that ask for everything, in our order, a page at a time. Source: EDC 0.15.1, QuerySpec and its JSON-LD.
 * Clause: DSP 2025-1 catalog request: what is in a filter is up to the implementation, and what is not supported is 400. */
static bool take_word(const struct ht_shape *s, const struct ht_json_member *m, const struct ht_place *query, int64_t *most)
{
	const struct ht_json *v = plain(m->value);
	struct ht_text name = local(m->name);
	int64_t number = -1;
	bool fits = false;

	ht_json_int(v, &number);
	if (ht_text_is(m->name, "@type"))
		fits = ht_text_is(local(ht_json_text(v)), "QuerySpec");
	else if (ht_text_is(name, "filterExpression"))
		fits = ht_json_is_array(m->value) && !ht_json_count(m->value);
	else if (ht_text_is(name, "sortOrder"))
		fits = ht_text_is(local(ht_json_text(v)), "ASC");
	else if (ht_text_is(name, "offset"))
		fits = number == 0;
	else if (ht_text_is(name, "limit"))
		fits = number > 0;
	if (!fits)
		return ht_shape_refuse(s, HT_REFUSE_FILTER, query, ht_text_z(s->arena, m->name), HT_TEXT(""));
	if (ht_text_is(name, "limit") && (!*most || number < *most))
		*most = number;
	return true;
}

/* EDC sends its QuerySpec with every request. */
static bool take_query(const struct ht_shape *s, const struct ht_json *query, const struct ht_place *at, int64_t *most)
{
	struct ht_json_member m;
	void *cursor = NULL;

	if (!ht_json_is_object(query) || !ht_json_member(query, "@type"))
		return ht_shape_refuse(s, HT_REFUSE_FILTER, at, NULL, HT_TEXT(""));
	while (ht_json_next(query, &cursor, &m)) {
		if (!take_word(s, &m, at, most))
			return false;
	}
	return true;
}

static bool take_filter(const struct ht_shape *s, const struct ht_json *filter, int64_t *most)
{
	const struct ht_place in = { NULL, HT_TEXT("filter"), 0 };
	struct ht_place element = { &in, { NULL, 0 }, 0 };

	if (filter && !ht_json_is_array(filter))
		return take_query(s, filter, &in, most);
	for (; element.index < ht_json_count(filter); element.index++) {
		if (!take_query(s, ht_json_at(filter, element.index), &element, most))
			return false;
	}
	return true;
}

static bool request(const struct ht_shape *s, const struct ht_json *root, int64_t *most)
{
	const struct ht_json *type = ht_json_member(root, "@type");

	if (!ht_json_is_object(root))
		return ht_refuse(s->why, HT_REFUSE_MEMBER_TYPE, HT_TEXT(""));
	if (!ht_shape_names_dsp(root))
		return ht_refuse(s->why, HT_REFUSE_CONTEXT, HT_TEXT("/@context"));
	if (!type)
		return ht_refuse(s->why, HT_REFUSE_MEMBER_MISSING, HT_TEXT("/@type"));
	if (!ht_json_is_text(type))
		return ht_refuse(s->why, HT_REFUSE_MEMBER_TYPE, HT_TEXT("/@type"));
	if (!ht_text_is(ht_shape_bare(&ht_vocabulary_dspace, ht_json_text(type)), "CatalogRequestMessage"))
		return ht_refuse(s->why, HT_REFUSE_MEMBER_VALUE, HT_TEXT("/@type"));
	return take_filter(s, ht_json_member(root, "filter"), most);
}

bool ht_dcat_request_read(struct ht_bytes body, struct ht_arena *a, int64_t *most, struct ht_refusal *why)
{
	const struct ht_shape s = { a, why };
	struct ht_json *root = ht_json_read(body, &ht_json_dsp, why);
	bool ok;

	*most = 0;
	ok = root && request(&s, root, most);
	ht_json_free(root);
	return ok;
}

/* The member by whichever of its names it has, and that name. */
static const struct ht_json *find(const struct ht_json *object, const struct forms *forms, const char **name)
{
	const struct ht_json *v = NULL;

	for (size_t i = 0; i < FORMS && !v; i++) {
		*name = forms->name[i];
		v = ht_json_member(object, *name);
	}
	if (!v)
		*name = forms->name[0];
	return v;
}

/* An optional text. */
static bool take_text(const struct ht_shape *s, const struct ht_json *object, const struct ht_place *up, const struct forms *forms,
		      size_t max, struct ht_text *out)
{
	const char *name;
	const struct ht_json *v = find(object, forms, &name);
	struct ht_text t = ht_json_text(plain(v));

	*out = HT_TEXT("");
	if (!v)
		return true;
	if (!ht_json_is_text(plain(v)))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, up, name, HT_TEXT(""));
	if (t.len > max)
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, up, name, HT_TEXT(""));
	*out = ht_text_copy(s->arena, t);
	return true;
}

static bool take_size(const struct ht_shape *s, const struct ht_json *distribution, const struct ht_place *up, int64_t *out)
{
	const char *name;
	const struct ht_json *v = find(distribution, &byte_size, &name), *inside = plain(v);
	uint64_t number;

	if (!v)
		return true;
	if (ht_json_is_text(inside)) {
		if (!ht_text_u64(ht_json_text(inside), INT64_MAX, &number))
			return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, up, name, ht_json_text(inside));
		*out = (int64_t)number;
		return true;
	}
	if (!ht_json_int(inside, out))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, up, name, HT_TEXT(""));
	return *out >= 0 || ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, up, name, HT_TEXT(""));
}

/* One checksum; those of other algorithms are passed over. */
static bool take_checksum(const struct ht_shape *s, const struct ht_json *v, const struct ht_place *up, struct ht_dataset *out)
{
	struct ht_text by, value;

	if (!ht_json_is_object(v))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, up, NULL, HT_TEXT(""));
	if (!take_text(s, v, up, &algorithm, HT_ID_MAX, &by))
		return false;
	if (!ht_text_is(local(by), SHA256_NAME))
		return true;
	if (!take_text(s, v, up, &checksum_value, HT_ID_MAX, &value))
		return false;
	if (!ht_hex_read(value, out->sha256, sizeof out->sha256))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, up, checksum_value.name[0], value);
	out->has_sha256 = true;
	return true;
}

static bool take_checksums(const struct ht_shape *s, const struct ht_json *distribution, const struct ht_place *up, struct ht_dataset *out)
{
	const char *name;
	const struct ht_json *v = find(distribution, &checksum, &name);
	const struct ht_place place = { up, ht_text_of(name), 0 };
	struct ht_place element = { &place, { NULL, 0 }, 0 };

	if (!v)
		return true;
	if (!ht_json_is_array(v))
		return take_checksum(s, v, &place, out);
	for (; element.index < ht_json_count(v) && !out->has_sha256; element.index++) {
		if (!take_checksum(s, ht_json_at(v, element.index), &element, out))
			return false;
	}
	return true;
}

/* A distribution; only the first that we can take is looked at closely. */
static bool take_distribution(const struct ht_shape *s, const struct ht_json *v, const struct ht_place *up, struct ht_dataset *out)
{
	const char *name;
	struct ht_text how;
	const struct ht_json *access = find(v, &service, &name);
	const struct ht_place place = { up, ht_text_of(name), 0 };

	if (!ht_json_is_object(v))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, up, NULL, HT_TEXT(""));
	if (!take_text(s, v, up, &format, HT_ID_MAX, &how))
		return false;
	if (how.len)
		out->formats[out->formats_count++] = how;
	if (out->format.len || !ht_text_is(how, HT_DSP_PULL))
		return true;
	out->format = how;
	if (ht_json_is_array(access))
		access = ht_json_at(access, 0);
	return take_text(s, access, &place, &endpoint, HT_URL_MAX, &out->endpoint) && take_size(s, v, up, &out->size) &&
	       take_checksums(s, v, up, out);
}

/* A required member that is an array, or one object by itself. */
static const struct ht_json *list(const struct ht_shape *s, const struct ht_json *root, const char *name, size_t *n)
{
	const struct ht_json *v = ht_json_member(root, name);

	*n = ht_json_is_object(v) ? 1 : ht_json_count(v);
	if (!v)
		ht_shape_refuse(s, HT_REFUSE_MEMBER_MISSING, NULL, name, HT_TEXT(""));
	else if (!ht_json_is_object(v) && !ht_json_is_array(v))
		ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, NULL, name, HT_TEXT(""));
	else if (!*n)
		ht_shape_refuse(s, HT_REFUSE_MEMBER_VALUE, NULL, name, HT_TEXT(""));
	else
		return v;
	return NULL;
}

static bool take_offers(const struct ht_shape *s, const struct ht_json *root, struct ht_text body, struct ht_dataset *out)
{
	size_t n, at = 0;
	const struct ht_json *v = list(s, root, "hasPolicy", &n);
	const struct ht_place in = { NULL, HT_TEXT("hasPolicy"), 0 };
	struct ht_place element = { &in, { NULL, 0 }, 0 };
	struct ht_text text = ht_json_span(body, "hasPolicy"), offer = text;

	if (!v)
		return false;
	if (n > HT_OFFERS_MAX)
		return ht_shape_refuse(s, HT_REFUSE_TOO_MANY, NULL, "hasPolicy", HT_TEXT(""));
	out->offers = HT_TAKE(s->arena, struct ht_policy, n);
	for (; out->offers_count < n; out->offers_count++) {
		const struct ht_json *policy = ht_json_is_object(v) ? v : ht_json_at(v, out->offers_count);

		element.index = out->offers_count;
		if (policy != v)
			ht_json_element(text, &at, &offer);
		if (!ht_odrl_take(s, policy, policy == v ? &in : &element, ht_text_copy(s->arena, offer), &out->offers[out->offers_count]))
			return false;
	}
	return true;
}

static bool take_dataset(const struct ht_shape *s, const struct ht_json *root, struct ht_text body, struct ht_dataset *out)
{
	size_t n;
	const struct ht_json *distributions;
	const struct ht_place in = { NULL, HT_TEXT("distribution"), 0 };
	struct ht_place element = { &in, { NULL, 0 }, 0 };

	if (!ht_json_is_object(root))
		return ht_shape_refuse(s, HT_REFUSE_MEMBER_TYPE, NULL, NULL, HT_TEXT(""));
	if (!ht_shape_type(s, root, NULL, &ht_vocabulary_dcat, "Dataset") ||
	    !ht_shape_text(s, root, NULL, "@id", HT_ID_MAX, true, &out->id) ||
	    !take_text(s, root, NULL, &title, TITLE_MAX_BYTES, &out->title) || !take_offers(s, root, body, out))
		return false;
	distributions = list(s, root, "distribution", &n);
	if (!distributions)
		return false;
	out->formats = HT_TAKE(s->arena, struct ht_text, n);
	if (ht_json_is_object(distributions))
		return take_distribution(s, distributions, &in, out);
	for (; element.index < n; element.index++) {
		if (!take_distribution(s, ht_json_at(distributions, element.index), &element, out))
			return false;
	}
	return true;
}

bool ht_dcat_dataset_read(struct ht_bytes body, struct ht_arena *a, struct ht_dataset *out, struct ht_refusal *why)
{
	const struct ht_shape s = { a, why };
	struct ht_json *root = ht_shape_read(&s, body, &ht_json_large);
	bool ok;

	*out = (struct ht_dataset){ .size = -1 };
	if (!root)
		return false;
	ok = take_dataset(&s, root, ht_bytes_text(body), out);
	ht_json_free(root);
	return ok;
}
