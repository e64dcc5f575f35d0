/* identity/document_test.c - our documents read again, and whom a BASE belongs to. */
#include "identity/document.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"
#include "wire/did.h"

TEST(whom_a_base_belongs_to)
{
	static const struct {
		const char *base, *did; /* NULL: nobody */
	} rows[] = {
		{ "http://localhost:8080/p/north/dsp/2025-1", "did:web:localhost%3A8080:p:north" },
		{ "http://localhost:8080/p/north/dsp/2025-1/", "did:web:localhost%3A8080:p:north" },
		{ "https://hutong.example/p/north/dsp/2025-1", "did:web:hutong.example:p:north" },
		{ "https://hutong.example/city/p/north/dsp/2025-1", "did:web:hutong.example:city:p:north" },
		{ "https://connector.example/dsp/2025-1", "did:web:connector.example" },
		{ "https://connector.example/dsp", NULL },
		{ "https://connector.example/dsp/2025-1/catalog", NULL },
		{ "/dsp/2025-1", NULL },
		{ "", NULL },
		{ "ftp://connector.example/dsp/2025-1", NULL },
		{ "https://u:p@connector.example/dsp/2025-1", NULL },
		{ "https://connector.example/?x=/dsp/2025-1", NULL },
		{ "https://127.0.0.1:8080/p/north/dsp/2025-1", NULL },
		{ "https://[::1]:8080/p/north/dsp/2025-1", NULL },
		{ "https://connector.example/a:b/dsp/2025-1", NULL },
		{ "https://connector.example//dsp/2025-1", NULL },
		{ "https://connector.example/../dsp/2025-1", NULL },
	};
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_text did = HT_TEXT("");
		bool ok = ht_identity_did_of_base(ht_text_of(rows[i].base), &a, &did);

		CHECK_F(ok == (rows[i].did != NULL) && (!ok || ht_text_is(did, rows[i].did)), "%s: " HT_TEXT_FMT, rows[i].base,
			HT_TEXT_ARG(did));
	}
	/* the same as our own id is made */
	CHECK(ht_text_is(ht_did_web_of(HT_TEXT("http://localhost:8080"), HT_TEXT("north"), &a), rows[0].did));
	ht_arena_fini(&a);
}

TEST(our_document)
{
	static const struct ht_did_key keys[] = {
		{ { "did:web:a#one", 13 }, { 1, 2, 3 } },
		{ { "did:web:a#two", 13 }, { 4, 5, 6 } },
	};
	struct ht_refusal why = { 0 };
	struct ht_did_doc ours = { .keys_count = 0 }, doc;
	struct ht_arena a;
	struct ht_text text;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(keys); i++)
		ours.keys[ours.keys_count++] = keys[i];
	ht_identity_document(HT_TEXT("did:web:a"), HT_TEXT("https://a/dsp/2025-1"), &ours);
	text = ht_did_write(&ours, &a);
	if (CHECK(ht_did_read(ht_text_bytes(text), &a, &doc, &why)) && CHECK(doc.keys_count == 2 && doc.services_count == 1)) {
		CHECK(ht_text_is(doc.did, "did:web:a") && ht_text_is(doc.services[0].type, "CatalogService"));
		for (size_t i = 0; i < HT_COUNT(keys); i++)
			CHECK(ht_text_same(doc.keys[i].id, keys[i].id) && memcmp(doc.keys[i].pub, keys[i].pub, sizeof keys[i].pub) == 0);
		CHECK(ht_identity_serves(&doc, HT_TEXT("https://a/dsp/2025-1")) &&
		      ht_identity_serves(&doc, HT_TEXT("https://a/dsp/2025-1/")));
		CHECK(!ht_identity_serves(&doc, HT_TEXT("https://a/dsp")) && !ht_identity_serves(&doc, HT_TEXT("https://b/dsp/2025-1")));
	}
	CHECK(!ht_identity_serves(&(struct ht_did_doc){ .services_count = 0 }, HT_TEXT("https://a/dsp/2025-1")));
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(whom_a_base_belongs_to), TEST_ROW(our_document))
