/* door/dsp_test.c - the routes of DSP: media types, shapes, callback addresses, and the bodies of answers. */
#include "door/fixture.h"
#include "test/check.h"
#include "wire/link.h"

#define REQUEST_PATH "/p/alpha/dsp/2025-1/negotiations/request"
#define TRANSFER_PATH "/p/alpha/dsp/2025-1/transfers/request"
#define CATALOG_PATH "/p/alpha/dsp/2025-1/catalog/request"

static int tell(struct world *w, const char *path, const char *body)
{
	return world_ask(w, "POST", path, world_jwt(w, ht_text_of(body)), body);
}

TEST(media_types)
{
	static const struct {
		const char *type;
		int status;
	} rows[] = {
		{ "application/json", 0 }, { "application/json; charset=utf-8", 0 }, { "application/ld+json", 0 }, { "APPLICATION/JSON", 0 },
		{ "application/vnd.x+JSON;a=b", 0 }, { "text/plain", 415 }, { "", 415 }, { "application/+json", 415 },
		{ "application/jsonp", 415 }, { "text/ld+json", 415 }, { "application/x-www-form-urlencoded", 415 },
	};
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		tell(&w, REQUEST_PATH, NEGOTIATION_REQUEST(BASE_GAMMA));
		w.ask.content_type = ht_text_of(rows[i].type);
		ht_door_ask(&w.door, &w.ask, &w.result);
		CHECK_ROW(rows[i].type, (w.result.kind == HT_DOOR_ANSWER ? w.result.answer.status : 0) == rows[i].status);
	}
	CHECK(world_ask(&w, "POST", "/api/v1/parties", w.tokens[TOKEN_OPERATOR], "{}") == 400);
	w.ask.content_type = HT_TEXT("text/plain");
	ht_door_ask(&w.door, &w.ask, &w.result);
	CHECK(w.result.answer.status == 415);
	world_fini(&w);
}

TEST(callback_addresses)
{
	static const struct {
		const char *body, *code; /* NULL: taken */
	} rows[] = {
		{ NEGOTIATION_REQUEST("https://gamma.example/dsp"), NULL },
		{ NEGOTIATION_REQUEST("http://198.41.0.4:8080/dsp/"), NULL },
		{ NEGOTIATION_REQUEST(PUBLIC "/p/beta/dsp/2025-1"), NULL }, /* reached without a socket */
		{ NEGOTIATION_REQUEST("http://10.1.2.3/dsp"), NULL },       /* allowed below */
		{ NEGOTIATION_REQUEST("ftp://gamma.example/dsp"), "member_value" },
		{ NEGOTIATION_REQUEST("gamma.example"), "member_value" },
		{ NEGOTIATION_REQUEST("https://u:p@gamma.example/"), "member_value" },
		{ NEGOTIATION_REQUEST("https://gamma.example/dsp?a=b"), "member_value" },
		{ NEGOTIATION_REQUEST("http://127.0.0.1:9/"), "address_forbidden" },
		{ NEGOTIATION_REQUEST("http://10.2.2.3/"), "address_forbidden" },
		{ NEGOTIATION_REQUEST("http://169.254.169.254/latest"), "address_forbidden" },
		{ NEGOTIATION_REQUEST("http://[::1]:80/"), "address_forbidden" },
		{ NEGOTIATION_REQUEST("http://[::ffff:192.168.0.1]/"), "address_forbidden" },
		{ NEGOTIATION_REQUEST("http://localhost:9/"), "address_forbidden" },
		{ NEGOTIATION_REQUEST("http://LocalHost/"), "address_forbidden" },
		{ NEGOTIATION_REQUEST("http://a.localhost/"), "address_forbidden" },
		{ NEGOTIATION_REQUEST("http://localhost:87001/p/"), "member_value" },
		{ NEGOTIATION_REQUEST("http://localhost:8700x/p/"), "member_value" },
	};
	static struct world w;
	struct ht_text bad;

	world_init(&w);
	CHECK(ht_ranges_read(HT_TEXT("10.1.0.0/16"), &w.allow, &bad));
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].body, tell(&w, REQUEST_PATH, rows[i].body) == (rows[i].code ? 400 : 0));
		CHECK_ROW(rows[i].body, !rows[i].code || (world_says(&w, rows[i].code) && world_says(&w, "/callbackAddress")));
	}
	CHECK(tell(&w, TRANSFER_PATH, TRANSFER_REQUEST("http://127.0.0.1/")) == 400 && world_says(&w, "TransferError"));
	CHECK(ht_ranges_read(HT_TEXT("::1"), &w.allow, &bad));
	CHECK(tell(&w, TRANSFER_PATH, TRANSFER_REQUEST("http://localhost/dsp//")) == 0);
	CHECK(ht_text_is(w.result.step.in.receive.message.callback, "http://localhost/dsp"));
	world_fini(&w);
}

TEST(a_message_becomes_a_step)
{
	static struct world w;
	const struct ht_step *s = &w.result.step;

	world_init(&w);
	CHECK(tell(&w, REQUEST_PATH, NEGOTIATION_REQUEST(BASE_GAMMA)) == 0);
	CHECK(w.result.kind == HT_DOOR_STEP && s->kind == HT_STEP_RECEIVE && s->in.receive.message.msg == HT_MSG_REQUEST);
	CHECK(ht_text_is(s->in.receive.peer, GAMMA) && !s->in.receive.pid.len && s->in.receive.jti.len && s->in.receive.token.len);
	CHECK(memcmp(s->in.receive.key, w.gamma.key.pub, sizeof(s->in.receive.key)) == 0);
	CHECK(s->in.receive.until_s == WORLD_NOW_US / HT_SECOND_US + HT_TOKEN_LIFE_S + HT_TOKEN_SKEW_S);
	CHECK(s->in.receive.body.len == strlen(NEGOTIATION_REQUEST(BASE_GAMMA)) && s->who.party.row == 1 && s->who.role == HT_NOBODY);
	CHECK(tell(&w, "/p/alpha/dsp/2025-1/negotiations/urn%3Ap/events",
		   "{" PIDS ",\"@type\":\"ContractNegotiationEventMessage\",\"eventType\":\"FINALIZED\"}") == 0);
	CHECK(s->in.receive.message.msg == HT_MSG_FINALIZE && ht_text_is(s->in.receive.pid, "urn:p"));
	world_fini(&w);
}

TEST(shapes_are_refused_with_their_place)
{
	static const struct {
		const char *path, *body, *type, *says;
		int status;
	} rows[] = {
		{ REQUEST_PATH, "", "ContractNegotiationError", "\"code\":\"json\"", 400 },
		{ REQUEST_PATH, "[]", "ContractNegotiationError", "member_type", 400 },
		{ REQUEST_PATH, "{\"a\":1,\"a\":2}", "ContractNegotiationError", "duplicate_key", 400 },
		{ REQUEST_PATH, "{" CONTEXT ",\"@type\":\"ContractRequestMessage\",\"consumerPid\":\"urn:c\"}", "ContractNegotiationError",
		  "/callbackAddress", 400 },
		{ TRANSFER_PATH, "{" CONTEXT ",\"@type\":\"TransferRequestMessage\",\"consumerPid\":\"urn:c\"}", "TransferError", "/agreementId",
		  400 },
		{ CATALOG_PATH, "{" CONTEXT ",\"@type\":\"CatalogRequestMessage\",\"filter\":[1]}", "CatalogError", "filter_unsupported", 400 },
		{ CATALOG_PATH, "{}", "CatalogError", "context", 400 },
	};
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].body, tell(&w, rows[i].path, rows[i].body) == rows[i].status);
		CHECK_ROW(rows[i].body, world_says(&w, rows[i].type) && world_says(&w, rows[i].says));
	}
	CHECK(tell(&w, TRANSFER_PATH, rows[4].body) == 400 && world_says(&w, "\"consumerPid\":\"urn:c\""));
	world_fini(&w);
}

TEST(answers_to_messages)
{
	static struct world w;
	struct ht_process *p = &w.result.step.out.process;

	world_init(&w);
	tell(&w, REQUEST_PATH, NEGOTIATION_REQUEST(BASE_GAMMA));
	*p = (struct ht_process){ .machine = HT_NEGOTIATION, .role = HT_PROVIDER, .state = HT_REQUESTED, .pid = HT_TEXT("urn:ours"),
				  .peer_pid = HT_TEXT("urn:c") };
	w.result.step.out.created = true;
	CHECK(world_reply(&w) == 201 && world_says(&w, "\"ContractNegotiation\"") && world_says(&w, "\"state\":\"REQUESTED\""));
	CHECK(world_says(&w, "\"providerPid\":\"urn:ours\"") && world_says(&w, "\"consumerPid\":\"urn:c\""));
	w.result.step.out.known = true;
	CHECK(world_reply(&w) == 201);
	tell(&w, "/p/alpha/dsp/2025-1/transfers/urn:c/start", "{" PIDS ",\"@type\":\"TransferStartMessage\"}");
	*p = (struct ht_process){ .machine = HT_TRANSFER, .role = HT_CONSUMER, .state = HT_STARTED, .pid = HT_TEXT("urn:c"),
				  .peer_pid = HT_TEXT("urn:p") };
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"TransferProcess\"") && world_says(&w, "\"consumerPid\":\"urn:c\""));
	world_ask(&w, "GET", "/p/alpha/dsp/2025-1/negotiations/urn:c", HT_TEXT(DELTA_HEADER), NULL);
	*p = (struct ht_process){ .machine = HT_NEGOTIATION, .role = HT_CONSUMER, .pending = HT_MSG_REQUEST, .pid = HT_TEXT("urn:c") };
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"state\":\"REQUESTED\""));
	world_fini(&w);
}

TEST(answers_about_products)
{
	static struct world w;
	struct ht_product product = { .row = 1, .party = 1, .id = HT_TEXT("urn:t"), .version = 1, .title = HT_TEXT("Counts"),
				      .policy = HT_TEXT("{\"permission\":[{\"action\":\"use\"}]}"), .offer = HT_TEXT("urn:o"),
				      .file = HT_TEXT("a.csv"), .size = 42 };

	world_init(&w);
	tell(&w, CATALOG_PATH, CATALOG_REQUEST);
	CHECK(w.result.step.in.read.page.most == 100 && ht_text_is(w.result.step.in.read.peer, GAMMA));
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"Catalog\"") && world_says(&w, "p:alpha"));
	w.result.step.out.products = &product;
	w.result.step.out.count = 1;
	CHECK(world_reply(&w) == 200 && world_says(&w, "urn:o") && world_says(&w, BASE_ALPHA));
	world_ask(&w, "GET", "/p/alpha/dsp/2025-1/catalog/datasets/urn:t", HT_TEXT(""), NULL);
	w.result.step.out.product = product;
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"Dataset\"") && world_says(&w, "urn:t"));
	w.result.step.why.code = HT_REFUSE_NOT_FOUND;
	CHECK(world_reply(&w) == 404 && world_says(&w, "CatalogError"));
	world_fini(&w);
}

TEST(answers_of_the_gate)
{
	static struct world w;
	struct ht_step *s = &w.result.step;

	world_init(&w);
	world_ask(&w, "GET", "/p/alpha/data/urn:p", HT_TEXT("x"), NULL);
	s->out.process.pid = HT_TEXT("urn:p");
	s->out.product.size = 42;
	s->out.product.sha256[31] = 7;
	CHECK(world_reply(&w) == 200 && w.answer.deliver && w.answer.size == 42 && w.answer.sha256[31] == 7 && !w.answer.body.len);
	CHECK(ht_text_is(w.answer.party, "alpha") && ht_text_is(w.answer.pid, "urn:p"));
	s->why.code = HT_REFUSE_AGREEMENT_OVER;
	CHECK(world_reply(&w) == 403 && !w.answer.deliver && world_says(&w, "agreement_over"));
	s->why.code = HT_REFUSE_NOT_FOUND;
	CHECK(world_reply(&w) == 404);
	world_fini(&w);
}

TEST(documents_for_anybody)
{
	static struct world w;

	world_init(&w);
	CHECK(world_ask(&w, "GET", "/p/alpha/did.json", HT_TEXT(""), NULL) == 200);
	CHECK(world_says(&w, "JsonWebKey2020") && world_says(&w, BASE_ALPHA));
	CHECK(world_ask(&w, "GET", "/p/beta/did.json", HT_TEXT(""), NULL) == 503);
	CHECK(world_ask(&w, "GET", "/p/alpha/dsp/.well-known/dspace-version", HT_TEXT(""), NULL) == 200 && world_says(&w, "2025-1"));
	world_fini(&w);
}

/* The query of a link of the last answer, as a path. */
static const char *page_path(struct world *w, const char *rel)
{
	struct ht_text query = ht_link_query(w->answer.link, rel);

	return ht_text_z(&w->arena, ht_text_format(&w->arena, CATALOG_PATH "?" HT_TEXT_FMT, HT_TEXT_ARG(query)));
}

TEST(pages_of_the_catalog)
{
	static struct world w;
	const struct ht_step *s = &w.result.step;
	const char *next, *previous;
	char broken[128];

	world_init(&w);
	tell(&w, CATALOG_PATH, CATALOG_REQUEST);
	CHECK(world_reply(&w) == 200 && w.answer.link.len == 0 && s->in.read.page.after == 0 && !s->in.read.back);
	w.result.step.out.next = 100;
	w.result.step.out.previous = INT64_C(1) << 40;
	CHECK(world_reply(&w) == 200 && ht_text_starts(w.answer.link, HT_TEXT("<" BASE_ALPHA "/catalog/request?continuationToken=")));
	next = page_path(&w, "next");
	previous = page_path(&w, "previous");
	CHECK(tell(&w, next, CATALOG_REQUEST) == 0 && s->in.read.page.after == 100 && !s->in.read.back && s->in.read.page.most == 100);
	CHECK(tell(&w, previous, CATALOG_REQUEST) == 0 && s->in.read.page.after == INT64_C(1) << 40 && s->in.read.back);
	for (size_t i = strlen(CATALOG_PATH "?continuationToken="); i < strlen(next); i++) { /* changed in one place */
		(void)snprintf(broken, sizeof(broken), "%s", next);
		broken[i] = broken[i] == 'A' ? 'B' : 'A';
		CHECK_ROW(broken, tell(&w, broken, CATALOG_REQUEST) == 400 && world_says(&w, "CatalogError"));
		CHECK_ROW(broken, world_says(&w, "continuationToken"));
	}
	w.alpha.did = w.beta.did; /* a token of another party */
	CHECK(tell(&w, next, CATALOG_REQUEST) == 400 && world_says(&w, "continuationToken"));
	world_fini(&w);
}

TEST(tokens_that_are_not_ours)
{
	static const char *const tokens[] = { "",   "x", "AAAA", "%00", "AAAAAAAAAAAAAAAAAA", "bgAAAAAAAAAAAAAAAA", "cP__________AAAAAA",
					      "100" };
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(tokens); i++) {
		struct ht_text path = ht_text_format(&w.arena, CATALOG_PATH "?continuationToken=%s", tokens[i]);

		CHECK_ROW(tokens[i], tell(&w, ht_text_z(&w.arena, path), CATALOG_REQUEST) == 400 && world_says(&w, "CatalogError"));
	}
	CHECK(tell(&w, CATALOG_PATH "?page=1", CATALOG_REQUEST) == 400);
	world_fini(&w);
}

/* EDC's limit is the size of a page, when it is smaller than ours. */
TEST(limits_of_a_filter)
{
	static const struct {
		const char *body;
		size_t most; /* 0: refused */
	} rows[] = {
		{ "{" CONTEXT ",\"@type\":\"CatalogRequestMessage\",\"filter\":[{\"@type\":\"QuerySpec\",\"limit\":50}]}", 50 },
		{ "{" CONTEXT ",\"@type\":\"CatalogRequestMessage\",\"filter\":[{\"@type\":\"QuerySpec\",\"limit\":101}]}", 100 },
		{ "{" CONTEXT ",\"@type\":\"CatalogRequestMessage\",\"filter\":[{\"@type\":\"QuerySpec\",\"limit\":0}]}", 0 },
	};
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].body, tell(&w, CATALOG_PATH, rows[i].body) == (rows[i].most ? 0 : 400));
		CHECK_ROW(rows[i].body, rows[i].most ? w.result.step.in.read.page.most == rows[i].most : world_says(&w, "/filter/0/limit"));
	}
	world_fini(&w);
}

CHECK_MAIN(TEST_ROW(media_types), TEST_ROW(callback_addresses), TEST_ROW(a_message_becomes_a_step),
	   TEST_ROW(shapes_are_refused_with_their_place), TEST_ROW(answers_to_messages), TEST_ROW(answers_about_products),
	   TEST_ROW(pages_of_the_catalog), TEST_ROW(tokens_that_are_not_ours), TEST_ROW(limits_of_a_filter),
	   TEST_ROW(answers_of_the_gate), TEST_ROW(documents_for_anybody))
