/* wire/dcat_test.c - catalogs and datasets: what is written, what is read in which forms, what is refused. */
#include <string.h>

#include "base/count.h"
#include "test/check.h"
#include "wire/dsp.h"
#include "wire/json.h"

static struct ht_arena arena;

#define CTX "\"@context\":[\"https://w3id.org/dspace/2025/1/context.jsonld\"]"
#define BASE "http://localhost:8080/p/bj/dsp/2025-1"
#define SERVICE "{\"@id\":\"" BASE "\",\"@type\":\"DataService\",\"endpointURL\":\"" BASE "\"}"
#define OFFER_ "{\"@id\":\"o\",\"@type\":\"Offer\",\"permission\":[{\"action\":\"use\"}]}"
#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define DATASET_BODY "\"@id\":\"urn:d\",\"@type\":\"Dataset\",\"dct:title\":\"\xe8\xb7\xaf\xe5\x8f\xa3\",\"hasPolicy\":[" OFFER_ "]," \
		     "\"distribution\":[{\"@type\":\"Distribution\",\"format\":\"HttpData-PULL\",\"accessService\":" SERVICE "," \
		     "\"dcat:byteSize\":1234,\"spdx:checksum\":{\"spdx:algorithm\":{\"@id\":\"http://spdx.org/rdf/terms#checksumAlgorithm_sha256\"}," \
		     "\"spdx:checksumValue\":\"" HEX "\"}}]"

static struct ht_product product(void)
{
	struct ht_product p = { .id = HT_TEXT("urn:d"), .title = HT_TEXT("\xe8\xb7\xaf\xe5\x8f\xa3"), .offer = HT_TEXT("o"), .size = 1234,
				.policy = HT_TEXT("{\"permission\":{\"action\":\"use\"}}") };

	for (size_t i = 0; i < sizeof p.sha256; i++)
		p.sha256[i] = (uint8_t)i;
	return p;
}

#define CATALOG_HEAD "{" CTX ",\"@id\":\"urn:c\",\"@type\":\"Catalog\",\"participantId\":\"did:web:x\","
#define EXACT_TWO \
	CATALOG_HEAD "\"dct:title\":\"t\",\"service\":[" SERVICE "],\"dataset\":[{" DATASET_BODY "},{" DATASET_BODY "}]}"

TEST(exact_bytes)
{
	struct ht_product two[2] = { product(), product() };
	struct ht_text id = HT_TEXT("urn:c"), by = HT_TEXT("did:web:x"), base = HT_TEXT(BASE);

	CHECK(ht_text_is(ht_dcat_dataset(&two[0], base, &arena), "{" CTX "," DATASET_BODY "}"));
	CHECK(ht_text_is(ht_dcat_catalog(id, by, HT_TEXT("t"), base, two, 2, &arena), EXACT_TWO));
	CHECK(ht_text_is(ht_dcat_catalog(id, by, HT_TEXT(""), base, NULL, 0, &arena), CATALOG_HEAD "\"service\":[" SERVICE "]}"));
	ht_arena_reset(&arena);
}

TEST(comes_back)
{
	struct ht_product p = product();
	struct ht_text catalog = ht_dcat_catalog(HT_TEXT("urn:c"), HT_TEXT("did:web:x"), HT_TEXT(""), HT_TEXT(BASE), &p, 1, &arena);
	struct ht_refusal why;
	struct ht_dataset d;

	if (!CHECK(ht_dcat_dataset_read(ht_text_bytes(ht_json_span(catalog, "dataset/0")), &arena, &d, &why)))
		return;
	CHECK(ht_text_same(d.id, p.id) && ht_text_same(d.title, p.title) && ht_text_is(d.format, HT_DSP_PULL) &&
	      ht_text_is(d.endpoint, BASE));
	CHECK(d.size == 1234 && d.has_sha256 && !memcmp(d.sha256, p.sha256, sizeof d.sha256));
	CHECK(d.offers_count == 1 && ht_text_is(d.offers[0].text, OFFER_) && ht_text_is(d.offers[0].id, "o") &&
	      d.offers[0].target.len == 0);
	ht_arena_reset(&arena);
}

#define D(distribution) "{" CTX ",\"@id\":\"d\",\"@type\":\"Dataset\",\"hasPolicy\":[" OFFER_ "],\"distribution\":" distribution "}"
#define PULL "\"format\":\"HttpData-PULL\""
#define SUM(algorithm) ",\"checksum\":{\"algorithm\":" algorithm ",\"checksumValue\":\"" HEX "\"}"

/* Forms of what is said about the file. */
static const struct {
	const char *body;
	bool pull;
	const char *endpoint;
	int64_t size;
	bool has_sha256;
} forms[] = {
	{ D("[{" PULL ",\"accessService\":\"urn:s\"}]"), true, "", -1, false },
	{ D("{" PULL ",\"byteSize\":5" SUM("\"checksumAlgorithm_sha256\"") "}"), true, "", 5, true },
	{ D("[{" PULL ",\"http://www.w3.org/ns/dcat#byteSize\":{\"@value\":\"77\",\"@type\":\"xsd:nonNegativeInteger\"},\"http://spdx.org/rdf/terms#checksum\":"
	    "[{\"http://spdx.org/rdf/terms#algorithm\":{\"@id\":\"http://spdx.org/rdf/terms#checksumAlgorithm_sha256\"},"
	    "\"http://spdx.org/rdf/terms#checksumValue\":{\"@value\":\"" HEX "\"}}]}]"), true, "", 77, true },
	{ D("[{" PULL ",\"dcat:byteSize\":\"0\"" SUM("{\"@id\":\"spdx:checksumAlgorithm_sha256\"}") "}]"), true, "", 0, true },
	{ D("[{" PULL SUM("\"checksumAlgorithm_md5\"") "}]"), true, "", -1, false },
	{ D("[{" PULL ",\"checksum\":[]}]"), true, "", -1, false },
	{ D("[{" PULL ",\"checksum\":[{\"algorithm\":\"checksumAlgorithm_md5\",\"checksumValue\":\"x\"},"
	    "{\"algorithm\":\"checksumAlgorithm_sha256\",\"checksumValue\":\"" HEX "\"}]}]"), true, "", -1, true },
	{ D("[{\"format\":\"HttpData-PUSH\",\"byteSize\":\"x\"},{" PULL ",\"byteSize\":1,\"dcat:accessService\":{\"dcat:endpointURL\":\"http://e/\"}}]"),
	  true, "http://e/", 1, false },
	{ D("[{\"dct:format\":{\"@id\":\"HttpData-PULL\"},\"accessService\":[{\"endpointURL\":\"http://e/\"}]},{" PULL ",\"byteSize\":9}]"),
	  true, "http://e/", -1, false },
	{ D("[{\"format\":\"AmazonS3-PULL\"}]"), false, "", -1, false },
	{ D("[{}]"), false, "", -1, false },
	{ "{\"@id\":\"d\",\"@type\":\"dcat:Dataset\",\"hasPolicy\":" OFFER_ ",\"distribution\":[{}]}", false, "", -1, false },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"title\":[{\"@value\":\"t\",\"@language\":\"en\"}],\"hasPolicy\":[{\"@id\":\"o\",\"@type\":\"Offer\","
	  "\"permission\":[],\"prohibition\":[],\"obligation\":[]}],\"distribution\":[{}]}", false, "", -1, false },
};

TEST(forms_are_read)
{
	for (size_t i = 0; i < HT_COUNT(forms); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_dataset d;

		if (!CHECK_F(ht_dcat_dataset_read(ht_text_bytes(ht_text_of(forms[i].body)), &arena, &d, &why),
			     "row %zu: %s at " HT_TEXT_FMT, i, ht_refuse_word(why.code), HT_TEXT_ARG(why.place)))
			continue;
		CHECK_F(ht_text_is(d.format, forms[i].pull ? HT_DSP_PULL : "") && ht_text_is(d.endpoint, forms[i].endpoint),
			"row %zu: " HT_TEXT_FMT, i, HT_TEXT_ARG(d.endpoint));
		CHECK_F(d.size == forms[i].size && d.has_sha256 == forms[i].has_sha256, "row %zu: %s", i, forms[i].body);
		CHECK_F(!d.has_sha256 || (d.sha256[1] == 1 && d.sha256[31] == 31), "row %zu: %s", i, forms[i].body);
		CHECK_F(d.offers_count == 1 && ht_text_is(d.offers[0].id, "o"), "row %zu: %s", i, forms[i].body);
	}
	ht_arena_reset(&arena);
}

static const struct {
	const char *body;
	enum ht_refuse code;
	const char *place;
} refused[] = {
	{ "", HT_REFUSE_JSON, "" },
	{ "[]", HT_REFUSE_MEMBER_TYPE, "" },
	{ "{\"@id\":\"d\",\"hasPolicy\":[" OFFER_ "],\"distribution\":[{}]}", HT_REFUSE_MEMBER_MISSING, "/@type" },
	{ "{\"@id\":\"d\",\"@type\":\"Catalog\",\"hasPolicy\":[" OFFER_ "],\"distribution\":[{}]}", HT_REFUSE_MEMBER_VALUE, "/@type" },
	{ "{\"@type\":\"Dataset\",\"hasPolicy\":[" OFFER_ "],\"distribution\":[{}]}", HT_REFUSE_MEMBER_MISSING, "/@id" },
	{ "{\"@id\":1,\"@type\":\"Dataset\",\"hasPolicy\":[" OFFER_ "],\"distribution\":[{}]}", HT_REFUSE_MEMBER_TYPE, "/@id" },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"title\":7,\"hasPolicy\":[" OFFER_ "],\"distribution\":[{}]}", HT_REFUSE_MEMBER_TYPE, "/title" },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"distribution\":[{}]}", HT_REFUSE_MEMBER_MISSING, "/hasPolicy" },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"hasPolicy\":\"x\",\"distribution\":[{}]}", HT_REFUSE_MEMBER_TYPE, "/hasPolicy" },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"hasPolicy\":[],\"distribution\":[{}]}", HT_REFUSE_MEMBER_VALUE, "/hasPolicy" },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"hasPolicy\":[" OFFER_ ",7],\"distribution\":[{}]}", HT_REFUSE_MEMBER_TYPE, "/hasPolicy/1" },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"hasPolicy\":[{\"permission\":[{}]}],\"distribution\":[{}]}", HT_REFUSE_MEMBER_MISSING,
	  "/hasPolicy/0/permission/0/action" },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"hasPolicy\":{\"permission\":7},\"distribution\":[{}]}", HT_REFUSE_MEMBER_TYPE, "/hasPolicy/permission" },
	{ "{\"@id\":\"d\",\"@type\":\"Dataset\",\"hasPolicy\":[" OFFER_ "]}", HT_REFUSE_MEMBER_MISSING, "/distribution" },
	{ D("7"), HT_REFUSE_MEMBER_TYPE, "/distribution" },
	{ D("[]"), HT_REFUSE_MEMBER_VALUE, "/distribution" },
	{ D("[{},\"x\"]"), HT_REFUSE_MEMBER_TYPE, "/distribution/1" },
	{ D("[{\"format\":7}]"), HT_REFUSE_MEMBER_TYPE, "/distribution/0/format" },
	{ D("{\"format\":7}"), HT_REFUSE_MEMBER_TYPE, "/distribution/format" },
	{ D("[{" PULL ",\"accessService\":{\"endpointURL\":7}}]"), HT_REFUSE_MEMBER_TYPE, "/distribution/0/accessService/endpointURL" },
	{ D("[{" PULL ",\"byteSize\":true}]"), HT_REFUSE_MEMBER_TYPE, "/distribution/0/byteSize" },
	{ D("[{" PULL ",\"byteSize\":1.5}]"), HT_REFUSE_MEMBER_TYPE, "/distribution/0/byteSize" },
	{ D("[{" PULL ",\"dcat:byteSize\":-1}]"), HT_REFUSE_MEMBER_VALUE, "/distribution/0/dcat:byteSize" },
	{ D("[{" PULL ",\"dcat:byteSize\":\"9223372036854775808\"}]"), HT_REFUSE_MEMBER_VALUE, "/distribution/0/dcat:byteSize" },
	{ D("[{" PULL ",\"spdx:checksum\":\"abc\"}]"), HT_REFUSE_MEMBER_TYPE, "/distribution/0/spdx:checksum" },
	{ D("[{" PULL ",\"spdx:checksum\":[7]}]"), HT_REFUSE_MEMBER_TYPE, "/distribution/0/spdx:checksum/0" },
	{ D("[{" PULL ",\"checksum\":{\"algorithm\":7}}]"), HT_REFUSE_MEMBER_TYPE, "/distribution/0/checksum/algorithm" },
	{ D("[{" PULL ",\"checksum\":{\"spdx:algorithm\":\"checksumAlgorithm_sha256\",\"spdx:checksumValue\":\"00\"}}]"), HT_REFUSE_MEMBER_VALUE,
	  "/distribution/0/checksum/spdx:checksumValue" },
	{ D("[{" PULL ",\"checksum\":{\"algorithm\":\"checksumAlgorithm_sha256\",\"checksumValue\":7}}]"), HT_REFUSE_MEMBER_TYPE,
	  "/distribution/0/checksum/checksumValue" },
};

TEST(shapes_are_refused)
{
	for (size_t i = 0; i < HT_COUNT(refused); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_dataset d;

		CHECK_ROW(refused[i].body, !ht_dcat_dataset_read(ht_text_bytes(ht_text_of(refused[i].body)), &arena, &d, &why));
		CHECK_F(why.code == refused[i].code && ht_text_is(why.place, refused[i].place), "%s: %s at " HT_TEXT_FMT, refused[i].body,
			ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
	}
	ht_arena_reset(&arena);
}

#define ODD_OFFER "{\"@id\":\"p\", \"permission\":[{\"action\":\"x\"}]}"
#define TWO_OFFERS "{\"@id\":\"d\",\"@type\":\"Dataset\",\"hasPolicy\":[" OFFER_ " , " ODD_OFFER " ],\"distribution\":[{}]}"

TEST(an_offer_that_is_odd_is_still_shown)
{
	struct ht_refusal why;
	struct ht_dataset d;

	CHECK(ht_dcat_dataset_read(ht_text_bytes(HT_TEXT(TWO_OFFERS)), &arena, &d, &why));
	CHECK(d.offers_count == 2 && !d.offers[0].odd && d.offers[1].odd && ht_text_is(d.offers[1].odd_place, "/permission/0/action"));
	CHECK(ht_text_is(d.offers[1].text, ODD_OFFER));
	ht_arena_reset(&arena);
}

#define ASK(rest) "{" CTX ",\"@type\":\"CatalogRequestMessage\"" rest "}"
#define EDC "https://w3id.org/edc/v0.0.1/ns/"
static const struct {
	const char *body;
	enum ht_refuse code;
	const char *place;
	int64_t most;
} requests[] = {
	{ ASK(""), HT_REFUSE_NONE, "", 0 },
	{ ASK(",\"filter\":[]"), HT_REFUSE_NONE, "", 0 },
	{ ASK(",\"@id\":\"x\",\"filter\":[{\"@type\":\"" EDC "QuerySpec\",\"" EDC "offset\":0,\"" EDC "limit\":50,\"" EDC "filterExpression\":[],"
	      "\"" EDC "sortOrder\":\"ASC\"}]"), HT_REFUSE_NONE, "", 50 },
	{ ASK(",\"filter\":{\"@type\":\"edc:QuerySpec\",\"edc:offset\":0,\"edc:filterExpression\":[]}"), HT_REFUSE_NONE, "", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\",\"limit\":9},{\"@type\":\"QuerySpec\",\"limit\":{\"@value\":7}},{\"@type\":\"QuerySpec\",\"limit\":8}]"), HT_REFUSE_NONE, "", 7 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\",\"filterExpression\":[{\"operandLeft\":\"x\"}]}]"), HT_REFUSE_FILTER, "/filter/0/filterExpression", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\",\"filterExpression\":{\"operandLeft\":\"x\"}}]"), HT_REFUSE_FILTER, "/filter/0/filterExpression", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\",\"offset\":50}]"), HT_REFUSE_FILTER, "/filter/0/offset", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\",\"offset\":\"0\"}]"), HT_REFUSE_FILTER, "/filter/0/offset", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\",\"limit\":0}]"), HT_REFUSE_FILTER, "/filter/0/limit", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\"},{\"@type\":\"QuerySpec\",\"limit\":\"9\"}]"), HT_REFUSE_FILTER, "/filter/1/limit", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\",\"sortField\":\"title\"}]"), HT_REFUSE_FILTER, "/filter/0/sortField", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"QuerySpec\",\"sortOrder\":\"DESC\"}]"), HT_REFUSE_FILTER, "/filter/0/sortOrder", 0 },
	{ ASK(",\"filter\":[{\"@type\":\"Other\"}]"), HT_REFUSE_FILTER, "/filter/0/@type", 0 },
	{ ASK(",\"filter\":[{\"title\":\"x\"}]"), HT_REFUSE_FILTER, "/filter/0", 0 },
	{ ASK(",\"filter\":[\"x\"]"), HT_REFUSE_FILTER, "/filter/0", 0 },
	{ ASK(",\"filter\":{}"), HT_REFUSE_FILTER, "/filter", 0 },
	{ ASK(",\"filter\":\"x\""), HT_REFUSE_FILTER, "/filter", 0 },
	{ ASK(",\"filter\":null"), HT_REFUSE_FILTER, "/filter", 0 },
	{ "{", HT_REFUSE_JSON, "", 0 },
	{ "[]", HT_REFUSE_MEMBER_TYPE, "", 0 },
	{ "{\"@type\":\"CatalogRequestMessage\"}", HT_REFUSE_CONTEXT, "/@context", 0 },
	{ "{" CTX "}", HT_REFUSE_MEMBER_MISSING, "/@type", 0 },
	{ "{" CTX ",\"@type\":7}", HT_REFUSE_MEMBER_TYPE, "/@type", 0 },
	{ "{" CTX ",\"@type\":\"DatasetRequestMessage\"}", HT_REFUSE_MEMBER_VALUE, "/@type", 0 },
};

TEST(a_title_has_a_limit)
{
	struct ht_product p = product();
	struct ht_refusal why;
	struct ht_dataset d;
	char letters[4097];

	memset(letters, 'x', sizeof letters);
	p.title = (struct ht_text){ letters, sizeof letters - 1 };
	CHECK(ht_dcat_dataset_read(ht_text_bytes(ht_dcat_dataset(&p, HT_TEXT(BASE), &arena)), &arena, &d, &why) &&
	      ht_text_same(d.title, p.title));
	p.title.len++;
	CHECK(!ht_dcat_dataset_read(ht_text_bytes(ht_dcat_dataset(&p, HT_TEXT(BASE), &arena)), &arena, &d, &why));
	CHECK(why.code == HT_REFUSE_MEMBER_VALUE && ht_text_is(why.place, "/dct:title"));
	ht_arena_reset(&arena);
}

TEST(catalog_requests)
{
	for (size_t i = 0; i < HT_COUNT(requests); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		int64_t most = -1;
		bool ok = ht_dcat_request_read(ht_text_bytes(ht_text_of(requests[i].body)), &arena, &most, &why);

		CHECK_ROW(requests[i].body, !ok || most == requests[i].most);
		CHECK_F(ok == (why.code == HT_REFUSE_NONE) && why.code == requests[i].code && ht_text_is(why.place, requests[i].place),
			"%s: %s at " HT_TEXT_FMT, requests[i].body, ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
	}
	CHECK(ht_text_is(ht_dcat_request(&arena), ASK("")));
	ht_arena_reset(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(exact_bytes), TEST_ROW(comes_back), TEST_ROW(forms_are_read), TEST_ROW(shapes_are_refused),
						   TEST_ROW(an_offer_that_is_odd_is_still_shown), TEST_ROW(catalog_requests), TEST_ROW(a_title_has_a_limit) };
	int result;

	ht_arena_init(&arena, 1 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
