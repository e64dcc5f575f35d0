/* door/who_test.c - who is taken for whom at the routes of DSP: every fault of a token has one answer outside and its code in the log. */
#include "door/fixture.h"
#include "test/check.h"

#define NEGOTIATION_PATH "/p/alpha/dsp/2025-1/negotiations/urn:p"
#define DATASET_PATH "/p/alpha/dsp/2025-1/catalog/datasets/urn:t"

/* A token of gamma as it should be, to be spoiled. */
static struct ht_jwt sound(const struct world *w)
{
	struct ht_jwt t = { .alg = HT_TEXT("EdDSA"), .kid = w->gamma.kid, .iss = w->gamma.did, .sub = w->gamma.did, .aud = w->alpha.did,
			    .jti = HT_TEXT("once"), .body = HT_TEXT("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU") /* of nothing */ };

	t.iat_s = WORLD_NOW_US / HT_SECOND_US;
	t.exp_s = t.iat_s + HT_TOKEN_LIFE_S;
	return t;
}

static struct ht_text signed_with(struct world *w, const struct ht_jwt *t, const struct ht_key *key)
{
	struct ht_text input = ht_jwt_input(t, &w->arena), whole;
	uint8_t signature[HT_SIGNATURE];

	ht_sign(key, ht_text_bytes(input), signature);
	whole = ht_jwt_whole(input, signature, &w->arena);
	return ht_text_format(&w->arena, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(whole));
}

static void expire(struct world *w, struct ht_jwt *t)
{
	(void)w;
	t->iat_s -= 500;
	t->exp_s -= 500;
}

static void live_long(struct world *w, struct ht_jwt *t)
{
	(void)w;
	t->exp_s += 30;
}

static void other_alg(struct world *w, struct ht_jwt *t)
{
	(void)w;
	t->alg = HT_TEXT("none");
}

static void other_subject(struct world *w, struct ht_jwt *t)
{
	t->sub = w->alpha.did;
}

static void other_kid(struct world *w, struct ht_jwt *t)
{
	t->kid = ht_text_format(&w->arena, HT_TEXT_FMT "#x", HT_TEXT_ARG(w->alpha.did));
}

static void other_audience(struct world *w, struct ht_jwt *t)
{
	t->aud = w->beta.did;
}

static void other_body(struct world *w, struct ht_jwt *t)
{
	(void)w;
	t->body = HT_TEXT("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

static void distrust(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->door.trust = (struct ht_trust){ HT_TRUST_LIST, HT_TEXT("did:web:other.example") };
}

static void unknown_key(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->gamma_doc.keys_count = 0;
}

static void other_key(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->gamma_doc.keys[0].pub[0] ^= 1;
}

static void no_document(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->gamma_fact = HT_FACT_ABSENT;
}

static void document_of_other(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->gamma_doc.did = w->alpha.did;
}

static void document_later(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->gamma_fact = HT_FACT_FAILED;
}

static void document_of_nobody(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->gamma_fact = HT_FACT_NOBODY;
}

static void fresh_later(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->key_is_new = true;
	w->gamma_fresh = HT_FACT_FAILED;
}

static void replay(struct world *w, struct ht_jwt *t)
{
	(void)t;
	w->replayed = true;
}

static const struct fault {
	const char *code;
	void (*spoil)(struct world *w, struct ht_jwt *t);
	int process, catalog; /* statuses */
} faults[] = {
	{ "token_alg", other_alg, 404, 401 },
	{ "token_issuer", other_subject, 404, 401 },
	{ "token_issuer", other_kid, 404, 401 },
	{ "token_audience", other_audience, 404, 401 },
	{ "token_time", expire, 404, 401 },
	{ "token_time", live_long, 404, 401 },
	{ "token_untrusted", distrust, 404, 401 },
	{ "token_key", unknown_key, 404, 401 },
	{ "token_signature", other_key, 404, 401 },
	{ "token_body", other_body, 404, 401 },
	{ "token_replay", replay, 404, 401 },
	{ "document_bad", no_document, 404, 401 },
	{ "document_bad", document_of_other, 404, 401 },
	{ "document_unavailable", document_later, 503, 503 },
	{ "document_unavailable", document_of_nobody, 503, 503 },
	{ "document_unavailable", fresh_later, 503, 503 },
};

static bool logged_code(const char *code)
{
	char part[128];

	snprintf(part, sizeof(part), "\"code\":\"%s\"", code);
	return world_logs(part);
}

TEST(each_fault_is_one_answer_outside)
{
	static struct world w;

	for (size_t i = 0; i < HT_COUNT(faults); i++) {
		const struct fault *f = &faults[i];
		struct ht_jwt t;
		struct ht_text header;

		world_init(&w);
		t = sound(&w);
		f->spoil(&w, &t);
		header = signed_with(&w, &t, &w.gamma.key);
		CHECK_ROW(f->code, world_ask(&w, "GET", NEGOTIATION_PATH, header, NULL) == f->process);
		CHECK_ROW(f->code, logged_code(f->code));
		CHECK_ROW(f->code, f->process == 503 ? w.answer.retry_after_s == 1 : !w.answer.body.len);
		CHECK_ROW(f->code, world_ask(&w, "GET", DATASET_PATH, header, NULL) == f->catalog);
		CHECK_ROW(f->code, world_says(&w, "CatalogError"));
		CHECK_ROW(f->code, f->catalog == 503 || (world_says(&w, "token_unknown") && !world_says(&w, f->code)));
		world_fini(&w);
	}
}

TEST(no_token_and_no_form)
{
	static struct world w;
	struct ht_text longer;

	world_init(&w);
	CHECK(world_ask(&w, "GET", NEGOTIATION_PATH, HT_TEXT(""), NULL) == 404);
	CHECK(logged_code("token_missing"));
	CHECK(world_ask(&w, "GET", NEGOTIATION_PATH, HT_TEXT("Basic YTpi"), NULL) == 404);
	CHECK(logged_code("token_shape"));
	CHECK(world_ask(&w, "GET", NEGOTIATION_PATH, HT_TEXT("Bearer a.b.c"), NULL) == 404);
	CHECK(logged_code("token_shape"));
	longer = ht_text_format(&w.arena, "Bearer %09000d.a.b", 0);
	CHECK(world_ask(&w, "GET", NEGOTIATION_PATH, longer, NULL) == 404);
	CHECK(logged_code("token_shape"));
	CHECK(!world_logs("00000000"));
	world_fini(&w);
}

TEST(a_sound_token)
{
	static struct world w;
	struct ht_jwt t;

	world_init(&w);
	t = sound(&w);
	CHECK(world_ask(&w, "GET", NEGOTIATION_PATH, signed_with(&w, &t, &w.gamma.key), NULL) == 0);
	CHECK(w.result.kind == HT_DOOR_READ && w.result.step.kind == HT_STEP_PEER_PROCESS);
	CHECK(ht_text_is(w.result.step.in.read.peer, GAMMA) && ht_text_is(w.result.step.in.read.id, "urn:p"));
	world_fini(&w);
}

/* The document is asked for once, and once more when it lacks the key. */
TEST(the_document_is_a_fact)
{
	static struct world w;
	struct ht_text header;

	world_init(&w);
	header = world_jwt(&w, HT_TEXT(""));
	w.gamma_fact = HT_FACT_LACKS;
	world_ask(&w, "GET", NEGOTIATION_PATH, header, NULL);
	CHECK(w.result.kind == HT_DOOR_NEED && w.result.need.kind == HT_NEED_DOCUMENT && !w.result.need.fresh);
	CHECK(ht_text_is(w.result.need.did, GAMMA));
	w.gamma_fact = HT_FACT_HERE;
	w.key_is_new = true;
	w.gamma_fresh = HT_FACT_LACKS;
	world_ask(&w, "GET", NEGOTIATION_PATH, header, NULL);
	CHECK(w.result.kind == HT_DOOR_NEED && w.result.need.fresh);
	w.gamma_fresh = HT_FACT_HERE;
	world_ask(&w, "GET", NEGOTIATION_PATH, header, NULL);
	CHECK(w.result.kind == HT_DOOR_READ);
	world_fini(&w);
}

TEST(guests_see_the_catalog_only)
{
	static struct world w;

	world_init(&w);
	world_ask(&w, "GET", DATASET_PATH, HT_TEXT(""), NULL);
	CHECK(w.result.kind == HT_DOOR_READ && !w.result.step.in.read.peer.len);
	world_ask(&w, "GET", DATASET_PATH, HT_TEXT(DELTA_HEADER), NULL);
	CHECK(w.result.kind == HT_DOOR_READ && ht_text_is(w.result.step.in.read.peer, "delta"));
	world_fini(&w);
}

TEST(tokens_of_the_api)
{
	static struct world w;

	world_init(&w);
	CHECK(world_ask(&w, "GET", "/api/v1/self", HT_TEXT(""), NULL) == 401 && world_says(&w, "token_missing"));
	CHECK(world_ask(&w, "GET", "/api/v1/self", HT_TEXT("Bearer x"), NULL) == 401 && world_says(&w, "token_unknown"));
	CHECK(logged_code("token_shape"));
	CHECK(world_ask(&w, "GET", "/api/v1/self", HT_TEXT("Bearer ht_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), NULL) == 401);
	CHECK(world_says(&w, "token_unknown") && logged_code("token_unknown"));
	world_fini(&w);
}

/* A store that cannot be read says neither that a token is valid nor that it is not. */
TEST(a_store_that_fails)
{
	static struct world w;

	world_init(&w);
	w.store_fails = true;
	CHECK(world_ask(&w, "GET", "/api/v1/self", w.tokens[TOKEN_OPERATOR], NULL) == 503 && world_says(&w, "store_unavailable"));
	CHECK(w.answer.retry_after_s == 1);
	CHECK(world_ask(&w, "GET", "/p/alpha/dsp/2025-1/negotiations/urn:p", world_jwt(&w, HT_TEXT("")), NULL) == 503);
	CHECK(world_says(&w, "store_unavailable"));
	world_fini(&w);
}

/* The store fails between the read and its answer. */
TEST(a_store_that_fails_in_an_answer)
{
	static struct world w;
	struct ht_product products[1] = { { .party = 2, .id = HT_TEXT("urn:p") } };

	world_init(&w);
	CHECK(world_ask(&w, "GET", "/api/v1/products", w.tokens[TOKEN_ALPHA_PROVIDER], NULL) == 0);
	w.result.step.out.products = products;
	w.result.step.out.count = 1;
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"party\":\"beta\""));
	w.store_fails = true;
	CHECK(world_reply(&w) == 503 && world_says(&w, "store_unavailable") && !world_says(&w, "urn:p"));
	world_fini(&w);
}

CHECK_MAIN(TEST_ROW(each_fault_is_one_answer_outside), TEST_ROW(no_token_and_no_form), TEST_ROW(a_sound_token),
	   TEST_ROW(the_document_is_a_fact), TEST_ROW(guests_see_the_catalog_only), TEST_ROW(tokens_of_the_api),
	   TEST_ROW(a_store_that_fails), TEST_ROW(a_store_that_fails_in_an_answer))
