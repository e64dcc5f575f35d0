/* door/api_test.c - what the API takes: bodies member by member, queries, and the steps that come of them. */
#include "door/fixture.h"
#include "test/check.h"

#define PRODUCT(more) "{\"party\":\"alpha\",\"id\":\"urn:t\",\"file\":\"a.csv\",\"sha256\":\"" HASH "\"" more "}"

static const struct refused {
	int token;
	const char *method, *path, *body;
	int status;
	const char *code, *place;
} refused[] = {
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "", 400, "json", "" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "[]", 400, "member_type", "" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"a\"}", 400, "member_missing", "/name" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"a\",\"name\":\"A\",\"more\":1}", 400, "member_unknown", "/more" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"a\",\"name\":7}", 400, "member_type", "/name" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"a\",\"name\":\"\"}", 400, "member_value", "/name" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"a\",\"name\":\"a\\nb\"}", 400, "member_value", "/name" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"a\",\"name\":\"a\\u0085b\"}", 400, "member_value", "/name" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"-a\",\"name\":\"A\"}", 400, "member_value", "/id" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"A\",\"name\":\"A\"}", 400, "member_value", "/id" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"a_b\",\"name\":\"A\"}", 400, "member_value", "/id" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/parties", "{\"id\":\"0123456789012345678901234567890123456789012345678901234567890123\",\"name\":\"A\"}",
	  400, "member_value", "/id" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/tokens", "{\"role\":\"king\"}", 400, "member_value", "/role" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/tokens", "{\"role\":\"provider\"}", 400, "member_missing", "/party" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/tokens", "{\"role\":\"operator\",\"party\":\"alpha\"}", 400, "member_value", "/party" },
	{ TOKEN_OPERATOR, "POST", "/api/v1/tokens", "{\"role\":\"consumer\",\"party\":\"nobody\"}", 404, "not_found", "/party" },
	{ TOKEN_OPERATOR, "DELETE", "/api/v1/tokens/x", NULL, 404, "not_found", "" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", "{\"party\":\"beta\",\"id\":\"a\",\"file\":\"f\",\"sha256\":\"" HASH "\"}", 404,
	  "not_found", "/party" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", PRODUCT(",\"policy\":[]"), 400, "member_type", "/policy" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", PRODUCT(",\"policy\":{}"), 400, "member_missing", "/policy" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", PRODUCT(",\"policy\":{\"permission\":7}"), 400, "member_type", "/policy/permission" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products",
	  PRODUCT(",\"policy\":{\"permission\":[{\"action\":\"use\"}],\"prohibition\":[{\"action\":\"sell\"}]}"), 422, "policy_unsupported",
	  "/policy/prohibition/0/action" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products",
	  PRODUCT(",\"policy\":{\"assignee\":\"did:web:x\",\"permission\":[{\"action\":\"use\"}]}"), 422, "policy_unsupported",
	  "/policy/assignee" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", PRODUCT(",\"audience\":[\"alpha\"]"), 400, "member_value", "/audience/0" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", PRODUCT(",\"audience\":[\"did:web:a\",\"did:web:a,b\"]"), 400, "member_value",
	  "/audience/1" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", PRODUCT(",\"audience\":\"did:web:a\""), 400, "member_type", "/audience" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", "{\"party\":\"alpha\",\"id\":\"a\",\"file\":\"a/b\",\"sha256\":\"" HASH "\"}", 400,
	  "member_value", "/file" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", "{\"party\":\"alpha\",\"id\":\"a\",\"file\":\"..\",\"sha256\":\"" HASH "\"}", 400,
	  "member_value", "/file" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products", "{\"party\":\"alpha\",\"id\":\"a\\tb\",\"file\":\"f\",\"sha256\":\"" HASH "\"}", 400,
	  "member_value", "/id" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products",
	  "{\"party\":\"alpha\",\"id\":\"a\",\"file\":\"f\",\"sha256\":\"bbaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", 404,
	  "not_found", "/sha256" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/products",
	  "{\"party\":\"alpha\",\"id\":\"a\",\"file\":\"f\",\"sha256\":\"zzaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", 400,
	  "member_value", "/sha256" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/transfers", "{\"agreement\":\"a\",\"wait\":301}", 400, "member_value", "/wait" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/transfers", "{\"agreement\":\"a\",\"wait\":-1}", 400, "member_value", "/wait" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/transfers", "{\"agreement\":\"a\",\"wait\":\"1\"}", 400, "member_type", "/wait" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/transfers/urn:p/complete", "{\"sha256\":\"" HASH "\",\"size\":1.5}", 400, "member_type", "/size" },
	{ TOKEN_ALPHA_CONSUMER, "GET", "/api/v1/negotiations?most=0", NULL, 400, "value", "most" },
	{ TOKEN_ALPHA_CONSUMER, "GET", "/api/v1/negotiations?most=1001", NULL, 400, "value", "most" },
	{ TOKEN_ALPHA_CONSUMER, "GET", "/api/v1/negotiations?after=x", NULL, 400, "value", "after" },
	{ TOKEN_ALPHA_CONSUMER, "GET", "/api/v1/negotiations?chain=x", NULL, 400, "member_unknown", "chain" },
	{ TOKEN_ALPHA_CONSUMER, "GET", "/api/v1/negotiations/urn:p?most=1", NULL, 400, "member_unknown", "most" },
	{ TOKEN_ALPHA_CONSUMER, "GET", "/api/v1/history?chain=%ff", NULL, 400, "value", "query" },
	{ TOKEN_ALPHA_CONSUMER, "GET", "/api/v1/agreements?base=http://a", NULL, 400, "member_missing", "product" },
	{ TOKEN_ALPHA_CONSUMER, "GET", "/api/v1/agreements?product=a", NULL, 400, "member_missing", "base" },
	{ TOKEN_ALPHA_PROVIDER, "GET", "/api/v1/agreements?product=a&base=http://a", NULL, 403, "role", "base" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/negotiations", "{\"base\":\"" BASE_GAMMA "\",\"product\":\"a\",\"manual\":1}", 400, "member_type", "/manual" },
	{ TOKEN_ALPHA_PROVIDER, "POST", "/api/v1/negotiations/urn:p/accept", "{}", 403, "role", "" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/negotiations/urn:p/agree", "{}", 403, "role", "" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/negotiations/urn:p/counter", "{}", 400, "member_missing", "/policy" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/negotiations/urn:p/counter", "{\"policy\":{\"permission\":[{\"action\":\"sell\"}]}}", 422,
	  "policy_unsupported", "/policy/permission/0/action" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/negotiations/urn:p/accept", "{\"reason\":\"a\"}", 400, "member_unknown", "/reason" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/transfers/urn:p/complete", "{\"size\":1}", 400, "member_missing", "/sha256" },
	/* Without a body, where something is needed. */
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/negotiations/urn:p/terminate", NULL, 415, "media_type", "Content-Type" },
	{ TOKEN_ALPHA_CONSUMER, "POST", "/api/v1/negotiations/urn:p/terminate", "", 400, "json", "" },
};

/* A policy that is not understood: what stands there and what may, in the asker's language. */
TEST(what_a_policy_may_say)
{
	static const char body[] = "{\"policy\":{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"count\","
				   "\"operator\":\"<=\",\"rightOperand\":5}]}]}}";
	static struct world w;

	world_init(&w);
	for (int zh = 0; zh < 2; zh++) {
		w.ask.accept_language = ht_text_of(zh ? "zh" : "en");
		CHECK(world_ask(&w, "POST", "/api/v1/negotiations/urn:p/counter", w.tokens[TOKEN_ALPHA_CONSUMER], body) == 422);
		CHECK_F(world_says(&w, zh ? "\\\"<=\\\"：可用：eq、neq、lt、lteq、gt、gteq" :
					    "\\\"<=\\\": allowed: eq, neq, lt, lteq, gt, gteq"),
			HT_TEXT_FMT, HT_TEXT_ARG(w.answer.body));
	}
	w.ask.accept_language = HT_TEXT("");
	world_fini(&w);
}

/* Where nothing is needed, no body is an empty object. */
TEST(verbs_without_a_body)
{
	static const struct {
		int token;
		const char *path;
		enum ht_msg msg;
	} rows[] = {
		{ TOKEN_ALPHA_CONSUMER, "/api/v1/negotiations/urn:p/accept", HT_MSG_ACCEPT },
		{ TOKEN_ALPHA_PROVIDER, "/api/v1/negotiations/urn:p/agree", HT_MSG_AGREE },
		{ TOKEN_ALPHA_PROVIDER, "/api/v1/negotiations/urn:p/offer", HT_MSG_OFFER },
		{ TOKEN_ALPHA_PROVIDER, "/api/v1/transfers/urn:p/start", HT_MSG_START },
		{ TOKEN_ALPHA_CONSUMER, "/api/v1/transfers/urn:p/complete", HT_MSG_COMPLETE },
	};
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_F(world_ask(&w, "POST", rows[i].path, w.tokens[rows[i].token], NULL) == 0, "%s: %d", rows[i].path, w.answer.status);
		CHECK_ROW(rows[i].path, w.result.step.kind == HT_STEP_SEND && w.result.step.in.send.msg == rows[i].msg);
	}
	world_fini(&w);
}

TEST(what_is_refused)
{
	static struct world w;
	char place[128];

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(refused); i++) {
		const struct refused *r = &refused[i];
		const char *row = r->body ? r->body : r->path;

		CHECK_F(world_ask(&w, r->method, r->path, w.tokens[r->token], r->body) == r->status, "%s: %d", row, w.answer.status);
		snprintf(place, sizeof(place), "{\"code\":\"%s\",\"place\":\"%s", r->code, r->place);
		CHECK_F(world_says(&w, place), "%s: " HT_TEXT_FMT, row, HT_TEXT_ARG(w.answer.body));
	}
	world_fini(&w);
}

TEST(parties_and_tokens)
{
	static struct world w;
	const struct ht_step *s = &w.result.step;
	uint8_t hash[32];

	world_init(&w);
	CHECK(world_ask(&w, "POST", "/api/v1/parties", w.tokens[TOKEN_OPERATOR], "{\"id\":\"0-a\",\"name\":\"\xe5\x8c\x97\"}") == 0);
	CHECK(s->kind == HT_STEP_PARTY_ADD && ht_text_is(s->in.party_add.id, "0-a"));
	CHECK(ht_text_is(s->in.party_add.did, "did:web:localhost%3A8700:p:0-a"));
	CHECK(world_ask(&w, "POST", "/api/v1/tokens", w.tokens[TOKEN_OPERATOR], "{\"role\":\"consumer\",\"party\":\"beta\"}") == 0);
	CHECK(s->kind == HT_STEP_TOKEN_NEW && s->in.token_new.role == HT_CONSUMER && ht_text_is(s->in.token_new.party, "beta"));
	ht_sha256(ht_text_bytes(w.result.secret), hash);
	CHECK(w.result.secret.len == 46 && memcmp(hash, s->in.token_new.hash, sizeof(hash)) == 0);
	CHECK(world_ask(&w, "POST", "/api/v1/tokens", w.tokens[TOKEN_OPERATOR], "{\"role\":\"regulator\"}") == 0);
	CHECK(!s->in.token_new.party.len);
	CHECK(world_ask(&w, "DELETE", "/api/v1/tokens/12", w.tokens[TOKEN_OPERATOR], NULL) == 0 && s->in.token_revoke.id == 12);
	world_fini(&w);
}

TEST(products)
{
	static struct world w;
	const struct ht_product *p = &w.result.step.in.publish;

	world_init(&w);
	CHECK(world_ask(&w, "POST", "/api/v1/products", w.tokens[TOKEN_ALPHA_PROVIDER], PRODUCT("")) == 0);
	CHECK(!p->policy.len && !p->audience.at && !p->title.len && p->size == 42);
	CHECK(ht_text_is(p->id, "urn:t") && ht_text_is(p->file, "a.csv") && p->party == 1);
	CHECK(world_ask(&w, "POST", "/api/v1/products", w.tokens[TOKEN_ALPHA_PROVIDER],
			PRODUCT(",\"title\":\"T\",\"audience\":[\"" GAMMA
				"\",\"delta\"],\"policy\":{ \"permission\" : [{\"action\":\"use\",\"constraint\":"
				"[{\"leftOperand\":\"dateTime\",\"operator\":\"lteq\",\"rightOperand\":\"2027-01-01T00:00:00Z\"}]}]}")) ==
	      0);
	CHECK(ht_text_is(p->audience, GAMMA ",delta") && ht_text_starts(p->policy, HT_TEXT("{ \"permission\" :")));
	w.uploaded = false;
	CHECK(world_ask(&w, "POST", "/api/v1/products", w.tokens[TOKEN_ALPHA_PROVIDER], PRODUCT("")) == 404);
	world_fini(&w);
}

TEST(processes)
{
	static struct world w;
	const struct ht_step *s = &w.result.step;

	world_init(&w);
	CHECK(world_ask(&w, "POST", "/api/v1/transfers", w.tokens[TOKEN_BETA_CONSUMER], "{\"agreement\":\"urn:a\",\"wait\":300}") == 0);
	CHECK(s->kind == HT_STEP_TRANSFER && ht_text_is(s->in.transfer.agreement, "urn:a") && s->who.party.row == 2);
	CHECK(w.result.wait_us == 300 * HT_SECOND_US);
	CHECK(world_ask(&w, "POST", "/api/v1/transfers/urn:p/complete", w.tokens[TOKEN_BETA_CONSUMER],
			"{\"sha256\":\"" HASH "\",\"size\":42}") == 0);
	CHECK(ht_text_is(s->in.send.pid, "urn:p") && s->in.send.size == 42 && s->in.send.sha256[31] == 0xaa &&
	      !w.result.wait_us);
	CHECK(world_ask(&w, "POST", "/api/v1/transfers/urn:p/terminate", w.tokens[TOKEN_ALPHA_PROVIDER], "{\"reason\":\"r\"}") == 0);
	CHECK(s->in.send.machine == HT_TRANSFER && ht_text_is(s->in.send.reason, "r") && s->who.role == HT_PROVIDER);
	CHECK(world_ask(&w, "POST", "/api/v1/letters/urn:p/retry", w.tokens[TOKEN_ALPHA_PROVIDER], NULL) == 0);
	CHECK(s->kind == HT_STEP_RETRY && ht_text_is(s->in.retry.pid, "urn:p"));
	world_fini(&w);
}

TEST(queries)
{
	static struct world w;
	const struct ht_step *s = &w.result.step;
	struct ht_text token;

	world_init(&w);
	token = w.tokens[TOKEN_ALPHA_CONSUMER];
	CHECK(world_ask(&w, "GET", "/api/v1/transfers?after=5&most=10&", token, NULL) == 0);
	CHECK(s->in.read.machine == HT_TRANSFER && s->in.read.page.after == 5 && s->in.read.page.most == 11);
	CHECK(world_ask(&w, "GET", "/api/v1/transfers?most=1000", token, NULL) == 0 && s->in.read.page.most == HT_LIST_MAX);
	CHECK(world_ask(&w, "GET", "/api/v1/history", token, NULL) == 0 && s->in.read.page.after == -1 && !s->in.read.id.len);
	CHECK(world_ask(&w, "GET", "/api/v1/history?chain=urn%3Ax&after=0", token, NULL) == 0);
	CHECK(s->in.read.page.after == 0 && ht_text_is(s->in.read.id, "urn:x"));
	CHECK(world_ask(&w, "GET", "/api/v1/agreements?base=http%3A%2F%2Fa%2Fdsp%2F&product=a+b%2Bc", token, NULL) == 0);
	CHECK(ht_text_is(s->in.read.base, "http://a/dsp") && ht_text_is(s->in.read.id, "a b+c"));
	CHECK(world_ask(&w, "GET", "/api/v1/agreements?after=7", token, NULL) == 0 && s->in.read.page.after == 7);
	world_fini(&w);
}

/* Where a stream of events begins: the header wins; both must be numbers. */
TEST(events)
{
	static const struct {
		const char *path, *header;
		int status;
		const char *place; /* of a refusal */
		int64_t after;
	} rows[] = {
		{ "/api/v1/events", "", 200, NULL, -1 },
		{ "/api/v1/events?after=0", "", 200, NULL, 0 },
		{ "/api/v1/events?after=", "", 200, NULL, -1 },
		{ "/api/v1/events?after=9223372036854775807", "", 200, NULL, INT64_MAX },
		{ "/api/v1/events", "12", 200, NULL, 12 },
		{ "/api/v1/events?after=3", "12", 200, NULL, 12 },
		{ "/api/v1/events?after=12", "3", 200, NULL, 3 },
		{ "/api/v1/events?after=-1", "", 400, "after", 0 },
		{ "/api/v1/events?after=01", "", 400, "after", 0 },
		{ "/api/v1/events?after=9223372036854775808", "", 400, "after", 0 },
		{ "/api/v1/events?after=x", "12", 400, "after", 0 },
		{ "/api/v1/events?after=3", "x", 400, "Last-Event-ID", 0 },
		{ "/api/v1/events", "1 2", 400, "Last-Event-ID", 0 },
		{ "/api/v1/events?most=1", "", 400, "most", 0 },
	};
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		w.ask.last_event_id = ht_text_of(rows[i].header);
		CHECK_ROW(rows[i].path, world_ask(&w, "GET", rows[i].path, w.tokens[TOKEN_ALPHA_PROVIDER], NULL) == rows[i].status);
		CHECK_ROW(rows[i].path, w.result.kind == HT_DOOR_ANSWER && w.result.answer.follow == !rows[i].place);
		if (rows[i].place)
			CHECK_ROW(rows[i].path,
				  world_says(&w, ht_text_z(&w.arena, ht_text_format(&w.arena, "\"place\":\"%s\"", rows[i].place))));
		else
			CHECK_ROW(rows[i].path, w.result.answer.after == rows[i].after && w.result.answer.party_row == 1);
	}
	world_fini(&w);
}

TEST(uploads)
{
	static struct world w;
	bool upload;

	world_init(&w);
	world_ask(&w, "POST", "/api/v1/uploads", w.tokens[TOKEN_ALPHA_PROVIDER], NULL);
	CHECK(w.answer.status == 413);
	ht_door_upload(&w.door, &w.ask, &upload, &w.result);
	CHECK(upload && w.result.kind == HT_DOOR_STEP && w.result.step.who.party.row == 1);
	w.result.step.out.product.size = 42;
	CHECK(world_reply(&w) == 201 && world_says(&w, "\"size\":42") && world_says(&w, "\"sha256\":\"0000"));
	w.ask.authorization = w.tokens[TOKEN_ALPHA_CONSUMER];
	ht_door_upload(&w.door, &w.ask, &upload, &w.result);
	CHECK(upload && w.result.kind == HT_DOOR_ANSWER && w.result.answer.status == 403);
	w.ask.authorization = HT_TEXT("");
	ht_door_upload(&w.door, &w.ask, &upload, &w.result);
	CHECK(upload && w.result.kind == HT_DOOR_ANSWER && w.result.answer.status == 401);
	w.ask.path = HT_TEXT("/api/v1/products");
	ht_door_upload(&w.door, &w.ask, &upload, &w.result);
	CHECK(!upload && w.result.kind == HT_DOOR_ANSWER && w.result.answer.status == 401);
	w.ask.authorization = w.tokens[TOKEN_ALPHA_PROVIDER];
	ht_door_upload(&w.door, &w.ask, &upload, &w.result);
	CHECK(!upload && w.result.kind == HT_DOOR_STEP);
	w.ask.path = HT_TEXT("/api/v1/uploads");
	w.ask.method = HT_TEXT("GET");
	ht_door_upload(&w.door, &w.ask, &upload, &w.result);
	CHECK(!upload);
	world_fini(&w);
}

/* A file that is pushed: what opens the place is known before the file comes. */
TEST(pushes)
{
	static const struct {
		const char *path, *authorization;
		int status; /* 0: let it come */
	} rows[] = {
		{ "/p/alpha/push/urn:p", "sesame", 0 }, { "/p/alpha/push/urn:p", "Bearer sesame", 0 }, { "/p/alpha/push/urn:p", "bearer sesame", 0 },
		{ "/p/alpha/push/urn:p", "", 401 }, { "/p/alpha/push/urn:p", "sesam", 404 }, { "/p/alpha/push/urn:p", "Basic sesame", 404 },
		{ "/p/alpha/push/urn:q", "sesame", 404 }, { "/p/beta/push/urn:p", "sesame", 404 }, { "/p/none/push/urn:p", "sesame", 404 },
	};
	static struct world w;
	bool upload;

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		world_init(&w);
		world_ask(&w, "POST", rows[i].path, ht_text_of(rows[i].authorization), NULL);
		ht_door_upload(&w.door, &w.ask, &upload, &w.result);
		CHECK_F(upload && (rows[i].status ?
					   w.result.kind == HT_DOOR_ANSWER && w.result.answer.status == rows[i].status :
					   w.result.kind == HT_DOOR_STEP && w.result.step.kind == HT_STEP_PUSHED &&
						   w.result.step.who.party.row == 1 && ht_text_is(w.result.step.in.pushed.pid, "urn:p")),
			"row %zu: %d", i, w.result.answer.status);
		if (!rows[i].status)
			CHECK_F(world_reply(&w) == 200 && !w.answer.content_type && !w.answer.body.len, "row %zu", i);
		world_fini(&w);
	}
	world_init(&w);
	w.store_fails = true;
	world_ask(&w, "POST", "/p/alpha/push/urn:p", HT_TEXT("sesame"), NULL);
	ht_door_upload(&w.door, &w.ask, &upload, &w.result);
	CHECK(w.result.kind == HT_DOOR_ANSWER && w.result.answer.status == 503);
	world_fini(&w);
}

CHECK_MAIN(TEST_ROW(what_is_refused), TEST_ROW(verbs_without_a_body), TEST_ROW(what_a_policy_may_say), TEST_ROW(parties_and_tokens),
	   TEST_ROW(products), TEST_ROW(processes), TEST_ROW(queries), TEST_ROW(events), TEST_ROW(uploads), TEST_ROW(pushes))
