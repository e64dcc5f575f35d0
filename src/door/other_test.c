/* door/other_test.c - calls that look at another node: whom to address, what is fetched, and what comes of each answer. */
#include "door/fixture.h"
#include "test/check.h"

#define USE "[{\"action\":\"use\"}]"
#define DATASET(id, offer) "{\"@id\":\"" id "\",\"@type\":\"Dataset\",\"hasPolicy\":[" offer "]," \
	"\"distribution\":[{\"@type\":\"Distribution\",\"format\":\"HttpData-PULL\",\"accessService\":\"urn:s\"}]}"
#define OFFER "{\"@type\":\"Offer\",\"@id\":\"urn:o\",\"permission\":" USE "}"
#define ODD "{\"@type\":\"Offer\",\"@id\":\"urn:o\",\"permission\":" USE ",\"obligation\":" USE "}"
#define NEGOTIATE(base) "{\"base\":\"" base "\",\"product\":\"urn:t/1\",\"wait\":5}"

static void brings(struct world *w, int status, const char *body)
{
	w->fetched_fact = HT_FACT_HERE;
	w->fetched = (struct ht_fetched){ .err = HT_OK, .status = status, .body = ht_text_bytes(ht_text_of(body)) };
}

static int negotiate(struct world *w, const char *body)
{
	return world_ask(w, "POST", "/api/v1/negotiations", w->tokens[TOKEN_ALPHA_CONSUMER], body);
}

TEST(a_negotiation_begins)
{
	static struct world w;
	const struct ht_step *s = &w.result.step;
	const struct ht_need *need = &w.result.need;

	world_init(&w);
	w.gamma_fact = HT_FACT_LACKS;
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 0 && w.result.kind == HT_DOOR_NEED);
	CHECK(need->kind == HT_NEED_DOCUMENT && ht_text_is(need->did, GAMMA));
	w.gamma_fact = HT_FACT_HERE;
	w.fetched_fact = HT_FACT_LACKS;
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 0 && w.result.kind == HT_DOOR_NEED && need->kind == HT_NEED_FETCH);
	CHECK(ht_text_is(need->url, BASE_GAMMA "/catalog/datasets/urn:t%2F1") && strcmp(need->method, "GET") == 0);
	CHECK(ht_text_is(need->audience, GAMMA) && need->party == 1);
	brings(&w, 200, DATASET("urn:t/1", OFFER));
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA "/")) == 0 && w.result.kind == HT_DOOR_STEP && s->kind == HT_STEP_NEGOTIATE);
	CHECK(ht_text_is(s->in.negotiate.base, BASE_GAMMA) && ht_text_is(s->in.negotiate.peer, GAMMA));
	CHECK(ht_text_is(s->in.negotiate.product, "urn:t/1") && ht_text_is(s->in.negotiate.offer.id, "urn:o"));
	CHECK(ht_text_is(s->in.negotiate.offer.text, OFFER) && w.result.wait_us == 5 * HT_SECOND_US);
	CHECK(negotiate(&w, NEGOTIATE(BASE_DELTA)) == 0 && ht_text_is(s->in.negotiate.peer, "delta"));
	world_fini(&w);
}

#define NAMING(offer) "{\"base\":\"" BASE_GAMMA "\",\"product\":\"urn:t\",\"offer\":" offer "}"

TEST(an_offer_that_was_seen_is_not_fetched_again)
{
	static const struct {
		const char *body, *code, *place;
	} rows[] = {
		{ NAMING(ODD), "policy_unsupported", "/offer/obligation" },
		{ NAMING("{\"permission\":" USE "}"), "member_missing", "/offer/@id" },
		{ NAMING("{\"@id\":\"urn:o\",\"permission\":7}"), "member_type", "/offer/permission" },
		{ NAMING("\"urn:o\""), "member_type", "/offer" },
	};
	static struct world w;
	const struct ht_step *s = &w.result.step;

	world_init(&w);
	w.fetched_fact = HT_FACT_LACKS;
	CHECK(negotiate(&w, NAMING(OFFER)) == 0 && w.result.kind == HT_DOOR_STEP && s->kind == HT_STEP_NEGOTIATE);
	CHECK(ht_text_is(s->in.negotiate.offer.text, OFFER) && ht_text_is(s->in.negotiate.offer.id, "urn:o"));
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].body,
			  negotiate(&w, rows[i].body) >= 400 && world_says(&w, rows[i].code) && world_says(&w, rows[i].place));
	}
	world_fini(&w);
}

TEST(whom_to_address)
{
	static const struct {
		const char *body, *code;
		int status;
	} rows[] = {
		{ NEGOTIATE("gamma"), "member_value", 400 },
		{ NEGOTIATE("https://gamma.example/other"), "\"base\"", 400 },
		{ NEGOTIATE("https://nobody.example/p/x/dsp/2025-1"), "party_unknown", 502 },
		{ NEGOTIATE("http://10.0.0.1/p/x/dsp/2025-1"), "address_forbidden", 422 },
		{ NEGOTIATE("http://localhost:9/p/x/dsp/2025-1"), "address_forbidden", 422 },
	};
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].body, negotiate(&w, rows[i].body) == rows[i].status);
		CHECK_ROW(rows[i].body, world_says(&w, rows[i].code) && world_says(&w, "\"place\":\"/base\""));
	}
	w.gamma_fact = HT_FACT_FAILED;
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 502 && world_says(&w, "peer_unreachable"));
	w.gamma_fact = HT_FACT_NOBODY;
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 502 && world_says(&w, "party_unknown"));
	w.gamma_fact = HT_FACT_HERE;
	w.gamma_doc.services[0].endpoint = HT_TEXT("https://gamma.example/elsewhere");
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 502 && world_says(&w, "peer_answer"));
	world_fini(&w);
}

TEST(what_comes_of_an_answer)
{
	static const struct {
		int status;
		const char *body, *code, *says;
		int answer;
	} rows[] = {
		{ 404, "", "peer_refused", "404", 502 },
		{ 400, "{\"code\":\"odd\",\"reason\":[\"because\"]}", "peer_refused", "because", 502 },
		{ 301, "", "peer_answer", "301", 502 },
		{ 500, "no", "peer_answer", "500 no", 502 },
		{ 200, "", "peer_answer", "json", 502 },
		{ 200, DATASET("urn:other", OFFER), "peer_answer", "urn:other", 502 },
		{ 200, DATASET("urn:t/1", ODD), "policy_unsupported", "/obligation", 422 },
	};
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		brings(&w, rows[i].status, rows[i].body);
		CHECK_ROW(rows[i].body, negotiate(&w, NEGOTIATE(BASE_GAMMA)) == rows[i].answer);
		CHECK_F(world_says(&w, rows[i].code) && world_says(&w, rows[i].says), "%s: " HT_TEXT_FMT, rows[i].body,
			HT_TEXT_ARG(w.answer.body));
	}
	w.fetched_fact = HT_FACT_FAILED;
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 502 && world_says(&w, "peer_unreachable"));
	brings(&w, 0, "");
	w.fetched.err = HT_E_FORBIDDEN;
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 422 && world_says(&w, "address_forbidden"));
	w.fetched.err = HT_E_TIMEOUT;
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 502 && world_says(&w, "peer_unreachable") && world_says(&w, "timeout"));
	w.fetched.err = HT_E_TOO_BIG;
	CHECK(negotiate(&w, NEGOTIATE(BASE_GAMMA)) == 502 && world_says(&w, "peer_answer"));
	world_fini(&w);
}

TEST(a_catalog_is_shown)
{
	static struct world w;
	struct ht_text token;
	int64_t most;

	world_init(&w);
	token = w.tokens[TOKEN_ALPHA_CONSUMER];
	CHECK(world_ask(&w, "GET", "/api/v1/catalog", token, NULL) == 400 && world_says(&w, "\"place\":\"base\""));
	w.fetched_fact = HT_FACT_LACKS;
	CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == 0 && w.result.kind == HT_DOOR_NEED);
	CHECK(ht_text_is(w.result.need.url, BASE_GAMMA "/catalog/request") && strcmp(w.result.need.method, "POST") == 0);
	CHECK(ht_dcat_request_read(w.result.need.body, &w.arena, &most, &(struct ht_refusal){ 0 }) && !most);
	brings(&w, 200,
	       "{" CONTEXT ",\"@type\":\"Catalog\",\"dataset\":[" DATASET("urn:1", OFFER) ",{\"@id\":7} , " DATASET("urn:2", ODD) "]}");
	CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == 200);
	CHECK(world_says(&w,
			 "{\"base\":\"" BASE_GAMMA "\",\"peer\":\"" GAMMA "\",\"datasets\":[{\"id\":\"urn:1\",\"title\":null,\"size\":null,"
			 "\"sha256\":null,\"format\":\"HttpData-PULL\",\"formats\":[\"HttpData-PULL\"],\"offers\":[" OFFER
			 "]},{\"id\":\"urn:2\""));
	CHECK(world_logs("dataset_unreadable"));
	brings(&w, 200, "{\"dataset\":" DATASET("urn:1", OFFER) "}");
	CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == 200 &&
	      world_says(&w, "\"datasets\":[{\"id\":\"urn:1\""));
	brings(&w, 200, "{}");
	CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == 200 &&
	      world_says(&w, "\"datasets\":[],\"next\":null,\"previous\":null,\"unreadable\":0}"));
	brings(&w, 200, "[]");
	CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == 502 && world_says(&w, "peer_answer"));
	brings(&w, 200, "{");
	CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == 502 && world_says(&w, "peer_answer"));
	world_fini(&w);
}

/* Of a link of the peer's only the query is taken, whatever host and path it names. */
TEST(pages_of_a_catalog)
{
	static const struct {
		const char *link, *says;
	} rows[] = {
		{ "<" BASE_GAMMA "/catalog/request?t=2>; rel=\"next\", <?t=0>; rel=\"previous\"", "\"next\":\"t=2\",\"previous\":\"t=0\"" },
		{ "<http://169.254.169.254/latest?t=2>; rel=next, </other?t=0>; rel=prev", "\"next\":\"t=2\",\"previous\":\"t=0\"" },
		{ "<http://169.254.169.254/latest>; rel=next", "\"next\":null,\"previous\":null" },
		{ "nonsense", "\"next\":null,\"previous\":null" },
		{ "", "\"next\":null,\"previous\":null" },
	};
	static const char *const wrong[] = { "page=", "page=a%20b", "page=a%23b", "page=%3Ca", "page=%0a", "page=x&product=urn:1" };
	static struct world w;
	struct ht_text token, path;

	world_init(&w);
	token = w.tokens[TOKEN_ALPHA_CONSUMER];
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		brings(&w, 200, "{}");
		w.fetched.link = ht_text_of(rows[i].link);
		CHECK_ROW(rows[i].link,
			  world_ask(&w, "GET", "/api/v1/catalog?page=t%3D1%26u%3Da%252Fb&base=" BASE_GAMMA, token, NULL) == 200);
		CHECK_ROW(rows[i].link, world_says(&w, rows[i].says));
		CHECK_ROW(w.fetched_url, strcmp(w.fetched_url, "POST " BASE_GAMMA "/catalog/request?t=1&u=a%2Fb") == 0);
	}
	for (size_t i = 0; i < HT_COUNT(wrong); i++) {
		path = ht_text_format(&w.arena, "/api/v1/catalog?base=" BASE_GAMMA "&%s", wrong[i]);
		CHECK_ROW(wrong[i], world_ask(&w, "GET", ht_text_z(&w.arena, path), token, NULL) == 400);
	}
	world_fini(&w);
}

/* The JSON text of catalogs in catalogs; each has one dataset. */
static const char *nested(struct world *w, int deep)
{
	struct ht_text text = HT_TEXT("{\"dataset\":[" DATASET("urn:deep", OFFER) "]}");

	for (int i = 0; i < deep; i++)
		text = ht_text_format(&w->arena, "{\"dataset\":" DATASET("urn:in", OFFER) ",\"catalog\":[" HT_TEXT_FMT ",7]}",
				      HT_TEXT_ARG(text));
	return ht_text_z(&w->arena, text);
}

TEST(catalogs_in_catalogs)
{
	static struct world w;
	struct ht_text token;
	struct ht_out many;

	world_init(&w);
	token = w.tokens[TOKEN_ALPHA_CONSUMER];
	brings(&w, 200, nested(&w, 8));
	CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == 200);
	CHECK(world_says(&w, "urn:deep") && world_says(&w, "\"unreadable\":8") && world_logs("dataset_unreadable") &&
	      world_logs("/catalog"));
	brings(&w, 200, nested(&w, 9));
	CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == 502 && world_says(&w, "too_deep /catalog"));
	for (int extra = 0; extra < 2; extra++) {
		ht_out_init(&many, &w.arena);
		ht_out_z(&many, "{\"catalog\":{\"dataset\":[");
		for (int i = 0; i < 10000 + extra; i++)
			ht_out_z(&many, i ? ",7" : "7");
		ht_out_z(&many, "]}}");
		brings(&w, 200, ht_text_z(&w.arena, ht_out_done(&many)));
		CHECK(world_ask(&w, "GET", "/api/v1/catalog?base=" BASE_GAMMA, token, NULL) == (extra ? 502 : 200));
		CHECK(world_says(&w, extra ? "too_many /dataset" : "\"unreadable\":10000"));
	}
	world_fini(&w);
}

/* With a product it is asked for that alone. */
TEST(one_dataset_of_a_catalog)
{
	static const char path[] = "/api/v1/catalog?product=urn:t/1&base=" BASE_GAMMA;
	static struct world w;
	struct ht_text token;

	world_init(&w);
	token = w.tokens[TOKEN_ALPHA_CONSUMER];
	brings(&w, 200, DATASET("urn:t/1", OFFER));
	CHECK(world_ask(&w, "GET", path, token, NULL) == 200 && world_says(&w, "\"datasets\":[{\"id\":\"urn:t/1\""));
	CHECK(strcmp(w.fetched_url, "GET " BASE_GAMMA "/catalog/datasets/urn:t%2F1") == 0);
	brings(&w, 404, "");
	CHECK(world_ask(&w, "GET", path, token, NULL) == 200 && world_says(&w, "\"datasets\":[]"));
	brings(&w, 200, "{\"@id\":7}");
	CHECK(world_ask(&w, "GET", path, token, NULL) == 200 && world_says(&w, "\"unreadable\":1"));
	brings(&w, 200, "[]");
	CHECK(world_ask(&w, "GET", path, token, NULL) == 502 && world_says(&w, "peer_answer"));
	brings(&w, 403, "");
	CHECK(world_ask(&w, "GET", path, token, NULL) == 502 && world_says(&w, "peer_refused"));
	world_fini(&w);
}

CHECK_MAIN(TEST_ROW(a_negotiation_begins), TEST_ROW(an_offer_that_was_seen_is_not_fetched_again), TEST_ROW(whom_to_address),
	   TEST_ROW(what_comes_of_an_answer), TEST_ROW(a_catalog_is_shown), TEST_ROW(pages_of_a_catalog),
	   TEST_ROW(catalogs_in_catalogs), TEST_ROW(one_dataset_of_a_catalog))
