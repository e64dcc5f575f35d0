/* wire/did.c - DID documents, did:web and their URLs. */
#include "wire/did.h"

#include <assert.h>
#include <string.h>

#include "base/count.h"
#include "base/net.h"
#include "wire/shape.h"

#define DID_WEB "did:web:"
#define CONTEXT_LIST "[\"https://www.w3.org/ns/did/v1\",\"https://w3id.org/security/suites/jws-2020/v1\"]"

enum { LIST_MAX = 4 * HT_DOC_KEYS_MAX }; /* of verification methods, of references to them */

static const char *const uses[] = { "authentication", "assertionMethod", "capabilityInvocation" };

struct ht_text ht_jwk_thumbprint(const uint8_t sha256_of_members[32], struct ht_arena *a)
{
	return ht_base64url(a, (struct ht_bytes){ sha256_of_members, 32 });
}

struct ht_text ht_jwk_members(const uint8_t pub[32], struct ht_arena *a)
{
	struct ht_text x = ht_base64url(a, (struct ht_bytes){ pub, 32 });

	return ht_text_format(a, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" HT_TEXT_FMT "\"}", HT_TEXT_ARG(x));
}

static void put_key(struct ht_json_out *w, const struct ht_did_key *key, struct ht_text did, struct ht_text x)
{
	ht_json_open(w, NULL, '{');
	ht_json_put(w, "id", key->id);
	ht_json_put_z(w, "type", "JsonWebKey2020");
	ht_json_put(w, "controller", did);
	ht_json_open(w, "publicKeyJwk", '{');
	ht_json_put_z(w, "kty", "OKP");
	ht_json_put_z(w, "crv", "Ed25519");
	ht_json_put(w, "x", x);
	ht_json_close(w, '}');
	ht_json_close(w, '}');
}

static void put_services(struct ht_json_out *w, const struct ht_did_doc *doc, struct ht_arena *a)
{
	if (!doc->services_count)
		return;
	ht_json_open(w, "service", '[');
	for (size_t i = 0; i < doc->services_count; i++) {
		ht_json_open(w, NULL, '{');
		ht_json_put(w, "id", ht_text_format(a, HT_TEXT_FMT "#service-%zu", HT_TEXT_ARG(doc->did), i + 1));
		ht_json_put(w, "type", doc->services[i].type);
		ht_json_put(w, "serviceEndpoint", doc->services[i].endpoint);
		ht_json_close(w, '}');
	}
	ht_json_close(w, ']');
}

struct ht_text ht_did_write(const struct ht_did_doc *doc, struct ht_arena *a)
{
	struct ht_json_out w;

	assert(doc->keys_count <= HT_DOC_KEYS_MAX && doc->services_count <= HT_DOC_SERVICES_MAX);
	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	ht_json_put_raw(&w, "@context", HT_TEXT(CONTEXT_LIST));
	ht_json_put(&w, "id", doc->did);
	ht_json_open(&w, "verificationMethod", '[');
	for (size_t i = 0; i < doc->keys_count; i++)
		put_key(&w, &doc->keys[i], doc->did, ht_base64url(a, (struct ht_bytes){ doc->keys[i].pub, 32 }));
	ht_json_close(&w, ']');
	for (size_t use = 0; use < HT_COUNT(uses); use++) {
		ht_json_open(&w, uses[use], '[');
		for (size_t i = 0; i < doc->keys_count; i++)
			ht_json_put(&w, NULL, doc->keys[i].id);
		ht_json_close(&w, ']');
	}
	put_services(&w, doc, a);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

static bool bad(const struct ht_shape *s, const struct ht_place *up, const char *name)
{
	return ht_shape_refuse(s, HT_REFUSE_DOCUMENT_BAD, up, name, HT_TEXT(""));
}

/* The absolute id of a verification method or of a reference to one: "#fragment" belongs to the document. Empty: neither. */
static struct ht_text whole_id(struct ht_arena *a, struct ht_text did, const struct ht_json *v)
{
	struct ht_text id = ht_json_text(v);

	if (!id.len || id.len > HT_ID_MAX)
		return HT_TEXT("");
	if (id.at[0] == '#')
		return ht_text_format(a, HT_TEXT_FMT HT_TEXT_FMT, HT_TEXT_ARG(did), HT_TEXT_ARG(id));
	return ht_text_copy(a, id);
}

/* Whether `authentication` refers to this id. */
static bool referred(const struct ht_json *authentication, struct ht_text did, struct ht_text id)
{
	struct ht_text fragment = ht_text_starts(id, did) ? (struct ht_text){ id.at + did.len, id.len - did.len } : HT_TEXT("");

	for (size_t i = 0; i < ht_json_count(authentication); i++) {
		struct ht_text reference = ht_json_text(ht_json_at(authentication, i));

		if (ht_text_same(reference, id) || (fragment.len && fragment.at[0] == '#' && ht_text_same(reference, fragment)))
			return true;
	}
	return false;
}

/* One verification method. authentication: where it must be listed; NULL: it is embedded there. */
static bool take_key(const struct ht_shape *s, const struct ht_json *v, const struct ht_place *up, const struct ht_json *authentication,
		     struct ht_did_doc *out)
{
	const struct ht_json *jwk = ht_json_member(v, "publicKeyJwk");
	struct ht_text id = whole_id(s->arena, out->did, ht_json_member(v, "id"));
	struct ht_did_key *key;
	struct ht_bytes x;

	if (!ht_json_is_object(v))
		return bad(s, up, NULL);
	if (!id.len)
		return bad(s, up, "id");
	if (!ht_text_is(ht_json_text(ht_json_member(jwk, "kty")), "OKP") ||
	    !ht_text_is(ht_json_text(ht_json_member(jwk, "crv")), "Ed25519"))
		return true;
	if (authentication && !referred(authentication, out->did, id))
		return true;
	if (!ht_base64url_read(s->arena, ht_json_text(ht_json_member(jwk, "x")), &x) || x.len != sizeof key->pub)
		return bad(s, up, "publicKeyJwk");
	if (out->keys_count == HT_DOC_KEYS_MAX)
		return bad(s, up, NULL);
	key = &out->keys[out->keys_count++];
	key->id = id;
	memcpy(key->pub, x.at, sizeof key->pub);
	return true;
}

/* The methods of a list. In `authentication` (embedded) a text is a reference, looked up from the other list. */
static bool take_keys(const struct ht_shape *s, const struct ht_json *root, const char *name, bool embedded, struct ht_did_doc *out)
{
	const struct ht_json *list = ht_json_member(root, name), *authentication = ht_json_member(root, "authentication");
	const struct ht_place in = { NULL, ht_text_of(name), 0 };
	struct ht_place element = { &in, { NULL, 0 }, 0 };

	if (!list)
		return true;
	if (!ht_json_is_array(list) || ht_json_count(list) > LIST_MAX)
		return bad(s, NULL, name);
	if (authentication && (!ht_json_is_array(authentication) || ht_json_count(authentication) > LIST_MAX))
		return bad(s, NULL, "authentication");
	for (; element.index < ht_json_count(list); element.index++) {
		const struct ht_json *v = ht_json_at(list, element.index);

		if (embedded && ht_json_is_text(v))
			continue;
		if (!embedded && !authentication)
			continue;
		if (!take_key(s, v, &element, embedded ? NULL : authentication, out))
			return false;
	}
	return true;
}

/* Services of one type and one endpoint; others are passed over. */
static bool take_services(const struct ht_shape *s, const struct ht_json *root, struct ht_did_doc *out)
{
	const struct ht_json *list = ht_json_member(root, "service");

	if (!list)
		return true;
	if (!ht_json_is_array(list))
		return bad(s, NULL, "service");
	for (size_t i = 0; i < ht_json_count(list); i++) {
		const struct ht_json *v = ht_json_at(list, i), *types = ht_json_member(v, "type");
		struct ht_text type = ht_json_text(ht_json_is_array(types) ? ht_json_at(types, 0) : types);
		struct ht_text endpoint = ht_json_text(ht_json_member(v, "serviceEndpoint"));

		if (!type.len || !endpoint.len || type.len > HT_ID_MAX || endpoint.len > HT_URL_MAX)
			continue;
		if (out->services_count == HT_DOC_SERVICES_MAX)
			return bad(s, NULL, "service");
		out->services[out->services_count++] = (struct ht_did_service){ ht_text_copy(s->arena, type),
										ht_text_copy(s->arena, endpoint) };
	}
	return true;
}

static bool take_document(const struct ht_shape *s, const struct ht_json *root, struct ht_did_doc *out)
{
	struct ht_text did = ht_json_text(ht_json_member(root, "id"));

	if (!ht_json_is_object(root))
		return bad(s, NULL, NULL);
	if (!ht_text_starts(did, HT_TEXT("did:")) || did.len > HT_ID_MAX)
		return bad(s, NULL, "id");
	out->did = ht_text_copy(s->arena, did);
	return take_keys(s, root, "verificationMethod", false, out) && take_keys(s, root, "authentication", true, out) &&
	       take_services(s, root, out);
}

bool ht_did_read(struct ht_bytes body, struct ht_arena *a, struct ht_did_doc *out, struct ht_refusal *why)
{
	const struct ht_shape s = { a, why };
	struct ht_json *root = ht_shape_read(&s, body, &ht_json_dsp);
	bool ok;

	memset(out, 0, sizeof *out);
	if (!root)
		return false;
	ok = take_document(&s, root, out);
	ht_json_free(root);
	return ok;
}

static bool letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool all_digits(struct ht_text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	}
	return t.len > 0;
}

/* A name whose last label is not a number, which would make it an IPv4 address. */
static bool host_name(struct ht_text t)
{
	struct ht_text before, last;

	ht_text_cut_last(t, '.', &before, &last);
	for (size_t i = 0; i < t.len; i++) {
		if (!letter_or_digit(t.at[i]) && t.at[i] != '-' && t.at[i] != '.')
			return false;
	}
	return t.len > 0 && t.at[0] != '.' && last.len > 0 && !all_digits(last);
}

/* HOST or HOST%3APORT; *host and *port are its parts. */
static bool host_port(struct ht_text t, struct ht_text *host, struct ht_text *port)
{
	uint64_t number;

	*host = t;
	*port = HT_TEXT("");
	if (ht_text_cut(t, '%', host, port)) {
		if (!ht_text_starts(*port, HT_TEXT("3A")) && !ht_text_starts(*port, HT_TEXT("3a")))
			return false;
		*port = (struct ht_text){ port->at + 2, port->len - 2 };
		if (!ht_text_u64(*port, UINT16_MAX, &number) || !number)
			return false;
	}
	return host_name(*host);
}

/* One part of the path. Nothing in it may be read as another path. Clause: did-core 1.0 section 3.1, idchar. */
static bool segment(struct ht_text t, struct ht_arena scratch)
{
	struct ht_text plain;

	for (size_t i = 0; i < t.len; i++) {
		if (!letter_or_digit(t.at[i]) && !memchr(".-_%", t.at[i], 4))
			return false;
	}
	if (!t.len || !ht_percent_read(&scratch, t, &plain) || ht_text_is(plain, ".") || ht_text_is(plain, ".."))
		return false;
	for (size_t i = 0; i < plain.len; i++) {
		if ((unsigned char)plain.at[i] <= 0x20 || memchr("/\\?#\x7f", plain.at[i], 5))
			return false;
	}
	return true;
}

bool ht_did_web_url(struct ht_text did, bool tls, struct ht_arena *a, struct ht_text *url)
{
	struct ht_text rest, part, host, port;
	struct ht_out o;
	bool path;

	if (did.len > HT_ID_MAX || !ht_text_starts(did, HT_TEXT(DID_WEB)))
		return false;
	rest = (struct ht_text){ did.at + strlen(DID_WEB), did.len - strlen(DID_WEB) };
	path = ht_text_cut(rest, ':', &part, &rest);
	if (!host_port(part, &host, &port))
		return false;
	ht_out_init(&o, a);
	ht_out_z(&o, tls ? "https://" : "http://");
	ht_out_text(&o, host);
	if (port.len)
		ht_out_char(&o, ':');
	ht_out_text(&o, port);
	if (!path)
		ht_out_z(&o, "/.well-known");
	while (path) {
		path = ht_text_cut(rest, ':', &part, &rest);
		if (!segment(part, *a))
			return false;
		ht_out_char(&o, '/');
		ht_out_text(&o, part);
	}
	ht_out_z(&o, "/did.json");
	*url = ht_out_done(&o);
	return true;
}

struct ht_text ht_did_web_of(struct ht_text public_url, struct ht_text party, struct ht_arena *a)
{
	struct ht_text part, rest;
	struct ht_url url;
	struct ht_out o;
	bool ok = ht_url_read(public_url, &url);

	assert(ok);
	ht_out_init(&o, a);
	ht_out_z(&o, DID_WEB);
	ht_out_text(&o, url.host);
	if (url.port_given)
		ht_out_format(&o, "%%3A%u", url.port);
	for (rest = url.path; rest.len;) {
		ht_text_cut(rest, '/', &part, &rest);
		if (part.len)
			ht_out_char(&o, ':');
		ht_out_text(&o, part);
	}
	ht_out_z(&o, ":p:");
	ht_out_text(&o, party);
	return ht_out_done(&o);
}
