/* node/documents_test.c - tests of node/documents.h: how long a document counts, and that it is a copy. */
#include "node/documents.h"

#include <string.h>

#include "base/count.h"
#include "base/time.h"
#include "test/check.h"

static const int64_t begin_us = INT64_C(1700000000000000);
static struct ht_arena arena;

static struct ht_did_doc doc_of(struct ht_text did)
{
	struct ht_did_doc doc = { .did = did, .keys_count = 1, .services_count = 1 };

	doc.keys[0].id = ht_text_format(&arena, HT_TEXT_FMT "#k", HT_TEXT_ARG(did));
	doc.keys[0].pub[31] = 7;
	doc.services[0] = (struct ht_did_service){ HT_TEXT("CatalogService"), HT_TEXT("https://a.example/dsp") };
	return doc;
}

static enum ht_document get(struct ht_documents *d, struct ht_text did, int64_t since_s, int64_t now_s)
{
	const struct ht_did_doc *out = NULL;

	return ht_documents_get(d, did, since_s < 0 ? 0 : begin_us + since_s * HT_SECOND_US, begin_us + now_s * HT_SECOND_US, &arena, &out);
}

TEST(how_long_it_counts)
{
	static const struct {
		const char *name;
		bool good;
		int64_t since_s, now_s; /* since_s -1: any */
		enum ht_document is;
	} rows[] = {
		{ "good, at once", true, -1, 0, HT_DOCUMENT_HERE },
		{ "good, to its last moment", true, -1, 599, HT_DOCUMENT_HERE },
		{ "good, too old", true, -1, 600, HT_DOCUMENT_LACKS },
		{ "good, before it came: the clock was set back", true, -1, -1, HT_DOCUMENT_LACKS },
		{ "good, wanted fresh, asked just now", true, 5, 9, HT_DOCUMENT_HERE },
		{ "good, wanted fresh, and may be asked again", true, 5, 10, HT_DOCUMENT_LACKS },
		{ "good, fetched since", true, 0, 100, HT_DOCUMENT_HERE },
		{ "failed, just now", false, -1, 9, HT_DOCUMENT_FAILED },
		{ "failed, and may be asked again", false, -1, 10, HT_DOCUMENT_LACKS },
	};

	ht_arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_documents *d = ht_documents_new();
		struct ht_text did = HT_TEXT("did:web:a.example");
		struct ht_did_doc doc = doc_of(did);
		enum ht_document nobody = rows[i].is == HT_DOCUMENT_FAILED ? HT_DOCUMENT_NOBODY : rows[i].is;

		ht_documents_put(d, did, rows[i].good ? &doc : NULL, begin_us);
		CHECK_ROW(rows[i].name, get(d, did, rows[i].since_s, rows[i].now_s) == rows[i].is);
		ht_documents_nobody(d, did);
		CHECK_ROW(rows[i].name, get(d, did, rows[i].since_s, rows[i].now_s) == nobody);
		CHECK_ROW(rows[i].name, get(d, HT_TEXT("did:web:b.example"), -1, 0) == HT_DOCUMENT_LACKS);
		ht_documents_free(d);
	}
	ht_documents_free(NULL);
	ht_arena_fini(&arena);
}

TEST(it_is_a_copy)
{
	struct ht_documents *d = ht_documents_new();
	char text[] = "did:web:a.example";
	struct ht_text did = ht_text_of(text);
	struct ht_did_doc doc;
	const struct ht_did_doc *out = NULL;

	ht_arena_init(&arena, 1 << 20);
	doc = doc_of(did);
	ht_documents_put(d, did, &doc, begin_us);
	memset(text, 'x', sizeof(text) - 1);
	memset(&doc, 0, sizeof(doc));
	CHECK(ht_documents_get(d, HT_TEXT("did:web:a.example"), 0, begin_us, &arena, &out) == HT_DOCUMENT_HERE);
	ht_documents_free(d);
	if (CHECK(out)) {
		CHECK(ht_text_is(out->did, "did:web:a.example"));
		CHECK(out->keys_count == 1 && ht_text_is(out->keys[0].id, "did:web:a.example#k") && out->keys[0].pub[31] == 7);
		CHECK(out->services_count == 1 && ht_text_is(out->services[0].type, "CatalogService"));
		CHECK(ht_text_is(out->services[0].endpoint, "https://a.example/dsp"));
	}
	ht_arena_fini(&arena);
}

/* A peer that cannot be reached for a while does not lose what is known of it. */
TEST(a_failure_leaves_a_good_one)
{
	struct ht_documents *d = ht_documents_new();
	struct ht_text did = HT_TEXT("did:web:a.example");
	struct ht_did_doc doc;

	ht_arena_init(&arena, 1 << 20);
	doc = doc_of(did);
	ht_documents_put(d, did, &doc, begin_us);
	ht_documents_put(d, did, NULL, begin_us + 100 * HT_SECOND_US);
	CHECK(get(d, did, -1, 101) == HT_DOCUMENT_HERE);
	ht_documents_put(d, did, NULL, begin_us + 2000 * HT_SECOND_US);
	CHECK(get(d, did, -1, 2001) == HT_DOCUMENT_FAILED);
	ht_documents_put(d, did, &doc, begin_us + 2002 * HT_SECOND_US);
	CHECK(get(d, did, 2002, 2003) == HT_DOCUMENT_HERE);
	ht_arena_fini(&arena);
	ht_documents_free(d);
}

TEST(the_oldest_goes)
{
	struct ht_documents *d = ht_documents_new();

	ht_arena_init(&arena, 16 << 20);
	for (int i = 0; i <= HT_DOCUMENTS_MAX; i++) {
		struct ht_text did = ht_text_format(&arena, "did:web:%d.example", i);
		struct ht_did_doc doc = doc_of(did);

		ht_documents_put(d, did, &doc, begin_us + i);
	}
	CHECK(get(d, HT_TEXT("did:web:0.example"), -1, 1) == HT_DOCUMENT_LACKS);
	CHECK(get(d, HT_TEXT("did:web:1.example"), -1, 1) == HT_DOCUMENT_HERE);
	CHECK(get(d, ht_text_format(&arena, "did:web:%d.example", HT_DOCUMENTS_MAX), -1, 1) == HT_DOCUMENT_HERE);
	ht_arena_fini(&arena);
	ht_documents_free(d);
}

/* Documents that verified nothing come and go; one that did stays, also when it is fetched anew. */
TEST(a_verified_one_stays)
{
	struct ht_documents *d = ht_documents_new();
	struct ht_text did = HT_TEXT("did:web:good.example");
	struct ht_did_doc doc;

	ht_arena_init(&arena, 64 << 20);
	doc = doc_of(did);
	ht_documents_verified(d, did); /* not there: nothing */
	ht_documents_put(d, did, &doc, begin_us);
	ht_documents_verified(d, did);
	ht_documents_put(d, did, &doc, begin_us + 1);
	for (int i = 0; i <= 2 * HT_DOCUMENTS_MAX; i++) {
		struct ht_text other = ht_text_format(&arena, "did:web:%d.example", i);

		ht_documents_put(d, other, i % 2 ? &doc : NULL, begin_us + 2 + i);
	}
	CHECK(get(d, did, -1, 1) == HT_DOCUMENT_HERE);
	CHECK(get(d, HT_TEXT("did:web:1.example"), -1, 1) == HT_DOCUMENT_LACKS);
	ht_arena_fini(&arena);
	ht_documents_free(d);
}

static size_t count_of(const struct ht_document_want *w)
{
	size_t n = 0;

	for (; w; w = w->others)
		n++;
	return n;
}

TEST(one_fetch_for_all_who_want_it)
{
	struct ht_documents *d = ht_documents_new();
	struct ht_text did = HT_TEXT("did:web:a.example");
	struct ht_document_want wants[4] = { { .did = did }, { .did = did }, { .did = did }, { .did = HT_TEXT("did:web:a.example:p:x") } };

	CHECK(ht_documents_want(d, &wants[0]) == HT_DOCUMENT_FETCH);
	CHECK(ht_documents_want(d, &wants[3]) == HT_DOCUMENT_FETCH);
	CHECK(ht_documents_want(d, &wants[1]) == HT_DOCUMENT_JOINED && ht_documents_want(d, &wants[2]) == HT_DOCUMENT_JOINED);
	CHECK(count_of(ht_documents_land(d, did)) == 3);
	CHECK(count_of(ht_documents_land(d, did)) == 0);
	CHECK(ht_documents_want(d, &wants[1]) == HT_DOCUMENT_FETCH && count_of(ht_documents_land(d, did)) == 1);
	CHECK(count_of(ht_documents_land(d, wants[3].did)) == 1);
	ht_documents_free(d);
}

TEST(few_at_once_from_one_host)
{
	struct ht_documents *d = ht_documents_new();
	struct ht_document_want wants[HT_DOCUMENTS_OF_HOST + 1], other = { .did = HT_TEXT("did:web:b.example:p:0") };
	struct ht_did_doc doc;

	ht_arena_init(&arena, 1 << 20);
	for (int i = 0; i <= HT_DOCUMENTS_OF_HOST; i++) {
		wants[i] = (struct ht_document_want){ .did = ht_text_format(&arena, "did:web:a.example%%3A8080:p:%d", i) };
		CHECK_F(ht_documents_want(d, &wants[i]) == (i < HT_DOCUMENTS_OF_HOST ? HT_DOCUMENT_FETCH : HT_DOCUMENT_CROWDED), "%d", i);
	}
	CHECK(ht_documents_want(d, &other) == HT_DOCUMENT_FETCH);
	doc = doc_of(wants[HT_DOCUMENTS_OF_HOST].did);
	ht_documents_put(d, doc.did, &doc, begin_us);
	CHECK(ht_documents_want(d, &wants[HT_DOCUMENTS_OF_HOST]) == HT_DOCUMENT_CROWDED);
	ht_documents_verified(d, doc.did); /* who is known is not held up by who invents names of its host */
	CHECK(ht_documents_want(d, &wants[HT_DOCUMENTS_OF_HOST]) == HT_DOCUMENT_FETCH);
	for (int i = 0; i <= HT_DOCUMENTS_OF_HOST; i++)
		CHECK_F(ht_documents_land(d, wants[i].did) == &wants[i], "%d", i);
	CHECK(ht_documents_want(d, &wants[0]) == HT_DOCUMENT_FETCH);
	ht_arena_fini(&arena);
	ht_documents_free(d);
}

CHECK_MAIN(TEST_ROW(how_long_it_counts), TEST_ROW(it_is_a_copy), TEST_ROW(a_failure_leaves_a_good_one), TEST_ROW(the_oldest_goes),
	   TEST_ROW(a_verified_one_stays), TEST_ROW(one_fetch_for_all_who_want_it), TEST_ROW(few_at_once_from_one_host))
