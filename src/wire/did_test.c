/* wire/did_test.c - DID documents, did:web addresses, thumbprints. */
#include "wire/did.h"

#include <string.h>

#include "base/count.h"
#include "base/out.h"
#include "test/check.h"

static struct ht_arena arena;

#define DID "did:web:example.com:p:bj"
#define X1 "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" /* RFC 8037 appendix A.2 */
#define JWK "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X1 "\"}"
#define METHOD(id, jwk) "{\"id\":\"" id "\",\"type\":\"JsonWebKey2020\",\"controller\":\"" DID "\",\"publicKeyJwk\":" jwk "}"

static const uint8_t key1[32] = { 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
				  0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a };

/* Source: RFC 8037 appendix A.3. */
TEST(thumbprint)
{
	static const uint8_t hash[32] = { 0x90, 0xfa, 0xca, 0xfe, 0xa9, 0xb1, 0x55, 0x66, 0x98, 0x54, 0x0f, 0x70, 0xc0, 0x11, 0x7a, 0x22,
					  0xea, 0x37, 0xbd, 0x5c, 0xf3, 0xed, 0x3c, 0x47, 0x07, 0x3c, 0x17, 0x07, 0x28, 0x2b, 0x4b, 0x89 };

	CHECK(ht_text_is(ht_jwk_members(key1, &arena), "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" X1 "\"}"));
	CHECK(ht_text_is(ht_jwk_thumbprint(hash, &arena), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHBzwXBygrS4k"));
	ht_arena_reset(&arena);
}

static struct ht_did_doc document(size_t keys, size_t services)
{
	struct ht_did_doc d = { .did = HT_TEXT(DID), .keys_count = keys, .services_count = services };

	for (size_t i = 0; i < keys; i++) {
		d.keys[i].id = ht_text_format(&arena, DID "#k%zu", i);
		memcpy(d.keys[i].pub, key1, sizeof key1);
		d.keys[i].pub[31] ^= (uint8_t)i;
	}
	for (size_t i = 0; i < services; i++)
		d.services[i] = (struct ht_did_service){ HT_TEXT("CatalogService"), ht_text_format(&arena, "https://example.com/%zu", i) };
	return d;
}

#define CONTEXTS "\"@context\":[\"https://www.w3.org/ns/did/v1\",\"https://w3id.org/security/suites/jws-2020/v1\"]"
#define EXACT_ONE \
	"{" CONTEXTS ",\"id\":\"" DID "\",\"verificationMethod\":[" METHOD(DID "#k0", JWK) "],\"authentication\":[\"" DID "#k0\"]," \
	"\"assertionMethod\":[\"" DID "#k0\"],\"capabilityInvocation\":[\"" DID "#k0\"],\"service\":[{\"id\":\"" DID "#service-1\"," \
	"\"type\":\"CatalogService\",\"serviceEndpoint\":\"https://example.com/0\"}]}"
#define EXACT_EMPTY \
	"{" CONTEXTS ",\"id\":\"" DID "\",\"verificationMethod\":[],\"authentication\":[],\"assertionMethod\":[],\"capabilityInvocation\":[]}"

TEST(exact_bytes)
{
	struct ht_did_doc d = document(1, 1);

	CHECK(ht_text_is(ht_did_write(&d, &arena), EXACT_ONE));
	d = document(0, 0);
	CHECK(ht_text_is(ht_did_write(&d, &arena), EXACT_EMPTY));
	ht_arena_reset(&arena);
}

TEST(comes_back)
{
	struct ht_did_doc d = document(HT_DOC_KEYS_MAX, HT_DOC_SERVICES_MAX), back;
	struct ht_refusal why;

	if (!CHECK(ht_did_read(ht_text_bytes(ht_did_write(&d, &arena)), &arena, &back, &why)))
		return;
	CHECK(ht_text_same(back.did, d.did) && back.keys_count == d.keys_count && back.services_count == d.services_count);
	for (size_t i = 0; i < d.keys_count; i++)
		CHECK_F(ht_text_same(back.keys[i].id, d.keys[i].id) && !memcmp(back.keys[i].pub, d.keys[i].pub, 32), "key %zu", i);
	for (size_t i = 0; i < d.services_count; i++)
		CHECK_F(ht_text_same(back.services[i].endpoint, d.services[i].endpoint) &&
				ht_text_is(back.services[i].type, "CatalogService"),
			"service %zu", i);
	ht_arena_reset(&arena);
}

#define DOC(methods, authentication) "{\"id\":\"" DID "\",\"verificationMethod\":[" methods "],\"authentication\":[" authentication "]}"

/* How many keys count; the first one is key1 under the id. */
static const struct {
	const char *body;
	size_t keys;
	const char *id;
} accepted[] = {
	{ "{\"id\":\"did:x:y\"}", 0, NULL },
	{ DOC(METHOD(DID "#a", JWK), "\"" DID "#a\""), 1, DID "#a" },
	{ DOC(METHOD("#a", JWK), "\"" DID "#a\""), 1, DID "#a" },
	{ DOC(METHOD(DID "#a", JWK), "\"#a\""), 1, DID "#a" },
	{ DOC(METHOD("#a", JWK), "\"#a\""), 1, DID "#a" },
	{ DOC(METHOD("#a", JWK), ""), 0, NULL },
	{ DOC(METHOD("#a", JWK), "\"#b\""), 0, NULL },
	{ DOC(METHOD("#a", JWK), "\"did:web:other#a\""), 0, NULL },
	{ DOC(METHOD("did:web:other#a", JWK), "\"#a\""), 0, NULL },
	{ DOC(METHOD("did:web:other#a", JWK), "\"did:web:other#a\""), 1, "did:web:other#a" },
	{ DOC("", METHOD("#a", JWK)), 1, DID "#a" },
	{ DOC(METHOD("#a", JWK) "," METHOD("#b", JWK), METHOD("#c", JWK) ",\"#a\",\"#b\""), 3, DID "#a" },
	{ "{\"id\":\"" DID "\",\"verificationMethod\":[" METHOD("#a", JWK) "],\"assertionMethod\":[\"#a\"]}", 0, NULL },
	{ DOC(METHOD("#p", "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"1\",\"y\":\"2\"}") "," METHOD("#a", JWK), "\"#p\",\"#a\""), 1, DID "#a" },
	{ DOC(METHOD("#p", "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" X1 "\"}"), "\"#p\""), 0, NULL },
	{ DOC("{\"id\":\"#m\",\"type\":\"Multikey\",\"publicKeyMultibase\":\"z6Mk\"}", "\"#m\""), 0, NULL },
};

TEST(keys_that_count)
{
	for (size_t i = 0; i < HT_COUNT(accepted); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_did_doc d;

		CHECK_F(ht_did_read(ht_text_bytes(ht_text_of(accepted[i].body)), &arena, &d, &why), "%s: " HT_TEXT_FMT, accepted[i].body,
			HT_TEXT_ARG(why.place));
		CHECK_ROW(accepted[i].body, d.keys_count == accepted[i].keys);
		if (d.keys_count)
			CHECK_ROW(accepted[i].body, ht_text_is(d.keys[0].id, accepted[i].id) && !memcmp(d.keys[0].pub, key1, 32));
	}
	ht_arena_reset(&arena);
}

#define SERVICES \
	"{\"id\":\"" DID "\",\"service\":[{\"type\":\"A\",\"serviceEndpoint\":\"http://a/\"},{\"type\":[\"B\",\"C\"]," \
	"\"serviceEndpoint\":\"http://b/\"},{\"type\":\"D\",\"serviceEndpoint\":{}},{\"serviceEndpoint\":\"x\"},7]}"

TEST(services)
{
	struct ht_refusal why;
	struct ht_did_doc d;

	CHECK(ht_did_read(ht_text_bytes(HT_TEXT(SERVICES)), &arena, &d, &why));
	CHECK(d.services_count == 2 && ht_text_is(d.services[0].type, "A") && ht_text_is(d.services[1].type, "B"));
	CHECK(ht_text_is(d.services[1].endpoint, "http://b/"));
	ht_arena_reset(&arena);
}

static const struct {
	const char *body;
	enum ht_refuse code;
	const char *place;
} refused[] = {
	{ "", HT_REFUSE_JSON, "" },
	{ "{\"id\":\"" DID "\",\"id\":\"" DID "\"}", HT_REFUSE_DUPLICATE_KEY, "" },
	{ "[]", HT_REFUSE_DOCUMENT_BAD, "" },
	{ "{}", HT_REFUSE_DOCUMENT_BAD, "/id" },
	{ "{\"id\":7}", HT_REFUSE_DOCUMENT_BAD, "/id" },
	{ "{\"id\":\"http://x\"}", HT_REFUSE_DOCUMENT_BAD, "/id" },
	{ "{\"id\":\"" DID "\",\"verificationMethod\":{}}", HT_REFUSE_DOCUMENT_BAD, "/verificationMethod" },
	{ "{\"id\":\"" DID "\",\"authentication\":\"#a\"}", HT_REFUSE_DOCUMENT_BAD, "/authentication" },
	{ "{\"id\":\"" DID "\",\"verificationMethod\":[],\"authentication\":\"#a\"}", HT_REFUSE_DOCUMENT_BAD, "/authentication" },
	{ "{\"id\":\"" DID "\",\"service\":{}}", HT_REFUSE_DOCUMENT_BAD, "/service" },
	{ DOC("7", ""), HT_REFUSE_DOCUMENT_BAD, "/verificationMethod/0" },
	{ DOC("{}", ""), HT_REFUSE_DOCUMENT_BAD, "/verificationMethod/0/id" },
	{ DOC("", "7"), HT_REFUSE_DOCUMENT_BAD, "/authentication/0" },
	{ DOC(METHOD("#a", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}"), "\"#a\""), HT_REFUSE_DOCUMENT_BAD, "/verificationMethod/0/publicKeyJwk" },
	{ DOC(METHOD("#a", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X1 "=\"}"), "\"#a\""), HT_REFUSE_DOCUMENT_BAD, "/verificationMethod/0/publicKeyJwk" },
	{ DOC(METHOD("#a", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}"), "\"#a\""), HT_REFUSE_DOCUMENT_BAD, "/verificationMethod/0/publicKeyJwk" },
};

TEST(documents_are_refused)
{
	for (size_t i = 0; i < HT_COUNT(refused); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_did_doc d;

		CHECK_ROW(refused[i].body, !ht_did_read(ht_text_bytes(ht_text_of(refused[i].body)), &arena, &d, &why));
		CHECK_F(why.code == refused[i].code && ht_text_is(why.place, refused[i].place), "%s: %s at " HT_TEXT_FMT, refused[i].body,
			ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
	}
	ht_arena_reset(&arena);
}

/* A document whose list has n of a thing. */
static bool reads_list(const char *before, const char *thing, size_t n, const char *after)
{
	struct ht_refusal why;
	struct ht_did_doc d;
	struct ht_out o;

	ht_out_init(&o, &arena);
	ht_out_z(&o, "{\"id\":\"" DID "\"");
	ht_out_z(&o, before);
	for (size_t i = 0; i < n; i++) {
		ht_out_z(&o, i ? "," : "");
		ht_out_z(&o, thing);
	}
	ht_out_z(&o, after);
	return ht_did_read(ht_out_done_bytes(&o), &arena, &d, &why);
}

TEST(lists_have_limits)
{
	static const char service[] = "{\"type\":\"A\",\"serviceEndpoint\":\"http://a/\"}";

	CHECK(reads_list(",\"authentication\":[", METHOD("#a", JWK), HT_DOC_KEYS_MAX, "]}"));
	CHECK(!reads_list(",\"authentication\":[", METHOD("#a", JWK), HT_DOC_KEYS_MAX + 1, "]}"));
	CHECK(reads_list(",\"service\":[", service, HT_DOC_SERVICES_MAX, "]}"));
	CHECK(!reads_list(",\"service\":[", service, HT_DOC_SERVICES_MAX + 1, "]}"));
	CHECK(reads_list(",\"authentication\":[", "\"#a\"", 64, "]}"));
	CHECK(!reads_list(",\"authentication\":[", "\"#a\"", 65, "]}"));
	CHECK(!reads_list(",\"authentication\":[],\"verificationMethod\":[", METHOD("#a", JWK), 65, "]}"));
	ht_arena_reset(&arena);
}

/* url NULL: refused. */
static const struct {
	const char *did, *url;
} addresses[] = {
	{ "did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json" },
	{ "did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json" },
	{ "did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json" },
	{ "did:web:localhost%3a8080", "https://localhost:8080/.well-known/did.json" },
	{ "did:web:example.com:a%20b", NULL },
	{ "did:web:example.com:a%2Db_c.d", "https://example.com/a%2Db_c.d/did.json" },
	{ "did:web:example.com:%E4%B8%AD", "https://example.com/%E4%B8%AD/did.json" },
	{ "did:web:1.example", "https://1.example/.well-known/did.json" },
	{ "did:web:", NULL },
	{ "did:web::a", NULL },
	{ "did:web:example.com:", NULL },
	{ "did:web:example.com::a", NULL },
	{ "did:key:z6Mk", NULL },
	{ "web:example.com", NULL },
	{ "", NULL },
	{ "did:web:127.0.0.1", NULL },
	{ "did:web:127.0.0.1%3A8080:p:x", NULL },
	{ "did:web:2130706433", NULL },
	{ "did:web:example.com.", NULL },
	{ "did:web:.example.com", NULL },
	{ "did:web:[--1]", NULL },
	{ "did:web:user@example.com", NULL },
	{ "did:web:example.com%2Fx", NULL },
	{ "did:web:example.com%3A", NULL },
	{ "did:web:example.com%3A0", NULL },
	{ "did:web:example.com%3A65536", NULL },
	{ "did:web:example.com%3A80%3A80", NULL },
	{ "did:web:example.com:..:x", NULL },
	{ "did:web:example.com:%2e%2e:x", NULL },
	{ "did:web:example.com:.", NULL },
	{ "did:web:example.com:a%2Fb", NULL },
	{ "did:web:example.com:a%5Cb", NULL },
	{ "did:web:example.com:a%3Fb", NULL },
	{ "did:web:example.com:a%0Ab", NULL },
	{ "did:web:example.com:a%zz", NULL },
	{ "did:web:example.com:a%00", NULL },
	{ "did:web:example.com:a/b", NULL },
	{ "did:web:example.com:a#b", NULL },
	{ "did:web:example.com:a?b", NULL },
};

TEST(addresses_of_documents)
{
	for (size_t i = 0; i < HT_COUNT(addresses); i++) {
		struct ht_text url = HT_TEXT("");
		bool ok = ht_did_web_url(ht_text_of(addresses[i].did), true, &arena, &url);

		CHECK_F(ok == (addresses[i].url != NULL) && ht_text_is(url, ok ? addresses[i].url : ""), "%s: " HT_TEXT_FMT,
			addresses[i].did, HT_TEXT_ARG(url));
	}
	ht_arena_reset(&arena);
}

static const struct {
	const char *public_url, *did, *url;
} parties[] = {
	{ "http://localhost:8080", "did:web:localhost%3A8080:p:bj", "http://localhost:8080/p/bj/did.json" },
	{ "http://localhost:8080/", "did:web:localhost%3A8080:p:bj", "http://localhost:8080/p/bj/did.json" },
	{ "https://data.example.com", "did:web:data.example.com:p:bj", "http://data.example.com/p/bj/did.json" },
	{ "https://data.example.com/hu/tong/", "did:web:data.example.com:hu:tong:p:bj", "http://data.example.com/hu/tong/p/bj/did.json" },
};

TEST(parties_of_a_node)
{
	for (size_t i = 0; i < HT_COUNT(parties); i++) {
		struct ht_text did = ht_did_web_of(ht_text_of(parties[i].public_url), HT_TEXT("bj"), &arena), url = HT_TEXT("");

		CHECK_F(ht_text_is(did, parties[i].did), "%s: " HT_TEXT_FMT, parties[i].public_url, HT_TEXT_ARG(did));
		CHECK_ROW(parties[i].public_url, ht_did_web_url(did, false, &arena, &url) && ht_text_is(url, parties[i].url));
	}
	ht_arena_reset(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(thumbprint), TEST_ROW(exact_bytes), TEST_ROW(comes_back), TEST_ROW(keys_that_count),
						   TEST_ROW(services), TEST_ROW(documents_are_refused), TEST_ROW(lists_have_limits),
						   TEST_ROW(addresses_of_documents), TEST_ROW(parties_of_a_node) };
	int result;

	ht_arena_init(&arena, 1 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
