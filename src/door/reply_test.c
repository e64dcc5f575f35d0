/* door/reply_test.c - what the API answers: each body whole, pages, and who sees which secret. */
#include "door/fixture.h"
#include "test/check.h"

#define ADDRESS                                                                                                              \
	"{\"@type\":\"DataAddress\",\"endpointType\":\"https://w3id.org/idsa/v4.1/HTTP\",\"endpoint\":\"https://e.example/d\","  \
	"\"endpointProperties\":[{\"@type\":\"EndpointProperty\",\"name\":\"authorization\",\"value\":\"very-secret\"}]}"

#define HASH_0 "0000000000000000000000000000000000000000000000000000000000000000"
#define DATES "\"made\":\"2026-11-24T08:00:00Z\",\"changed\":\"2026-11-24T08:00:01Z\""

/* Asks, takes the step as done, and gives the body. */
static void get(struct world *w, int token, const char *path)
{
	CHECK_ROW(path, world_ask(w, "GET", path, w->tokens[token], NULL) == 0);
}

static bool body_is(const struct world *w, const char *want)
{
	bool same = ht_text_is(w->answer.body, want);

	if (!same)
		fprintf(stderr, "# " HT_TEXT_FMT "\n", HT_TEXT_ARG(w->answer.body));
	return same;
}

TEST(answers_without_a_step)
{
	static struct world w;

	world_init(&w);
	CHECK(world_ask(&w, "GET", "/health", HT_TEXT(""), NULL) == 200 && body_is(&w, "{\"status\":\"ok\",\"version\":\"0.1.0\"}"));
	CHECK(world_ask(&w, "GET", "/metrics", w.tokens[TOKEN_OPERATOR], NULL) == 200 && body_is(&w, "hutong_up 1\n"));
	CHECK(strncmp(w.answer.content_type, "text/plain", 10) == 0);
	CHECK(world_ask(&w, "GET", "/api/v1/self", w.tokens[TOKEN_OPERATOR], NULL) == 200);
	CHECK(body_is(&w, "{\"role\":\"operator\",\"party\":null,\"did\":null,\"publicUrl\":\"" PUBLIC "\",\"allowNet\":\"\","
			  "\"version\":\"0.1.0\"}"));
	CHECK(world_ask(&w, "GET", "/api/v1/self", w.tokens[TOKEN_ALPHA_CONSUMER], NULL) == 200);
	CHECK(world_says(&w, "{\"role\":\"consumer\",\"party\":\"alpha\",\"did\":\"did:web:localhost%3A8700:p:alpha\","));
	world_fini(&w);
}

TEST(parties_and_tokens)
{
	static struct world w;
	struct ht_step *s = &w.result.step;
	struct ht_token_row tokens[] = {
		{ .id = 1, .role = HT_OPERATOR, .made_us = WORLD_NOW_US },
		{ .id = 2, .role = HT_CONSUMER, .made_us = WORLD_NOW_US, .revoked_us = WORLD_NOW_US, .party_id = HT_TEXT("alpha") },
	};
	struct ht_party_row parties[1];

	world_init(&w);
	parties[0] = (struct ht_party_row){ .party = w.alpha };
	world_ask(&w, "POST", "/api/v1/parties", w.tokens[TOKEN_OPERATOR], "{\"id\":\"alpha\",\"name\":\"Alpha\"}");
	s->out.party = w.alpha;
	CHECK(world_reply(&w) == 201 && body_is(&w, "{\"id\":\"alpha\",\"name\":\"Alpha\",\"did\":\"did:web:localhost%3A8700:p:alpha\"}"));
	s->why = (struct ht_refusal){ .code = HT_REFUSE_EXISTS, .place = HT_TEXT("/id") };
	CHECK(world_reply(&w) == 409 && world_says(&w, "\"place\":\"/id\""));
	get(&w, TOKEN_REGULATOR, "/api/v1/parties");
	CHECK(w.result.kind == HT_DOOR_STEP);
	s->out.parties = parties;
	s->out.count = 1;
	CHECK(world_reply(&w) == 200);
	CHECK(body_is(&w, "{\"parties\":[{\"id\":\"alpha\",\"name\":\"Alpha\",\"did\":\"did:web:localhost%3A8700:p:alpha\"}]}"));
	world_ask(&w, "POST", "/api/v1/tokens", w.tokens[TOKEN_OPERATOR], "{\"role\":\"operator\"}");
	s->out.token = 9;
	CHECK(world_reply(&w) == 201 && world_says(&w, "{\"id\":9,\"role\":\"operator\",\"party\":null,\"token\":\"ht_"));
	world_ask(&w, "DELETE", "/api/v1/tokens/9", w.tokens[TOKEN_OPERATOR], NULL);
	CHECK(world_reply(&w) == 200 && body_is(&w, "{\"id\":9}"));
	get(&w, TOKEN_OPERATOR, "/api/v1/tokens");
	s->out.tokens = tokens;
	s->out.count = 2;
	CHECK(world_reply(&w) == 200);
	CHECK(body_is(&w, "{\"tokens\":[{\"id\":1,\"role\":\"operator\",\"party\":null,\"made\":\"2026-11-24T08:00:00Z\",\"revoked\":null},"
			  "{\"id\":2,\"role\":\"consumer\",\"party\":\"alpha\",\"made\":\"2026-11-24T08:00:00Z\","
			  "\"revoked\":\"2026-11-24T08:00:00Z\"}]}"));
	world_fini(&w);
}

TEST(products)
{
	static struct world w;
	struct ht_step *s = &w.result.step;
	struct ht_product p = { .row = 3, .party = 2, .id = HT_TEXT("urn:t"), .version = 2, .offer = HT_TEXT("urn:o"), .policy = HT_TEXT("{}"),
				.audience = HT_TEXT("did:web:a,delta"), .file = HT_TEXT("a.csv"), .size = 42, .published_us = WORLD_NOW_US };

	world_init(&w);
	get(&w, TOKEN_REGULATOR, "/api/v1/products");
	s->out.products = &p;
	s->out.count = 1;
	CHECK(world_reply(&w) == 200);
	CHECK(body_is(&w,
		      "{\"products\":[{\"party\":\"beta\",\"id\":\"urn:t\",\"version\":2,\"title\":null,\"offer\":\"urn:o\",\"policy\":{},"
		      "\"manual\":false,\"audience\":[\"did:web:a\",\"delta\"],\"file\":\"a.csv\",\"size\":42,\"sha256\":\"" HASH_0 "\","
		      "\"published\":\"2026-11-24T08:00:00Z\"}]}"));
	world_ask(&w, "POST", "/api/v1/products", w.tokens[TOKEN_ALPHA_PROVIDER],
		  "{\"party\":\"alpha\",\"id\":\"urn:t\",\"file\":\"a.csv\",\"sha256\":\"" HASH "\"}");
	s->out.product = p;
	CHECK(world_reply(&w) == 201 && world_says(&w, "{\"party\":\"beta\",\"id\":\"urn:t\""));
	world_fini(&w);
}

static struct ht_process transfer(int64_t party, enum ht_role role)
{
	return (struct ht_process){ .row = 7, .party = party, .machine = HT_TRANSFER, .role = role, .state = HT_STARTED, .pid = HT_TEXT("urn:p"),
				    .peer_pid = HT_TEXT("urn:q"), .peer = HT_TEXT(GAMMA), .product = HT_TEXT("urn:t"),
				    .agreement = HT_TEXT("urn:a"), .format = HT_TEXT("HttpData-PULL"), .address = HT_TEXT(ADDRESS),
				    .made_us = WORLD_NOW_US, .changed_us = WORLD_NOW_US + HT_SECOND_US };
}

TEST(a_negotiation)
{
	static struct world w;
	struct ht_process *p = &w.result.step.out.process;

	world_init(&w);
	get(&w, TOKEN_ALPHA_CONSUMER, "/api/v1/negotiations/urn:p");
	*p = transfer(1, HT_CONSUMER);
	p->machine = HT_NEGOTIATION;
	p->state = HT_NONE;
	p->pending = HT_MSG_REQUEST;
	p->mark = HT_MARK_ONCE_MORE;
	p->peer_pid = p->agreement = HT_TEXT("");
	p->offer = HT_TEXT("{\"@id\":\"urn:o\"}");
	CHECK(world_reply(&w) == 200);
	CHECK(body_is(
		&w,
		"{\"id\":\"urn:p\",\"peerId\":null,\"party\":\"alpha\",\"role\":\"consumer\",\"peer\":\"" GAMMA "\","
		"\"state\":\"REQUESTED\",\"pending\":\"request\",\"mark\":\"once_more\",\"stalled\":false,\"person\":false,\"manual\":false,"
		"\"product\":\"urn:t\",\"offer\":{\"@id\":\"urn:o\"},\"agreement\":null,\"reason\":null," DATES "}"));
	world_fini(&w);
}

/* The data address is shown to the consumer whose transfer it is, one transfer at a time. */
TEST(who_sees_a_data_address)
{
	static const struct {
		int token;
		int64_t party;
		enum ht_role role;
		bool shown;
	} rows[] = {
		{ TOKEN_ALPHA_CONSUMER, 1, HT_CONSUMER, true },  { TOKEN_ALPHA_PROVIDER, 1, HT_CONSUMER, false },
		{ TOKEN_REGULATOR, 1, HT_CONSUMER, false },      { TOKEN_ALPHA_CONSUMER, 2, HT_CONSUMER, false },
		{ TOKEN_ALPHA_CONSUMER, 1, HT_PROVIDER, false },
	};
	static struct world w;
	struct ht_process p;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		get(&w, rows[i].token, "/api/v1/transfers/urn:p");
		w.result.step.out.process = transfer(rows[i].party, rows[i].role);
		CHECK_F(world_reply(&w) == 200 && world_says(&w, "very-secret") == rows[i].shown, "row %zu", i);
		CHECK_F(world_says(&w, "\"dataAddress\":{\"endpoint\":\"https://e.example/d\",\"authorization\":\"very-secret\"}") ==
				rows[i].shown,
			"row %zu", i);
		get(&w, rows[i].token, "/api/v1/transfers");
		p = transfer(rows[i].party, rows[i].role);
		w.result.step.out.processes = &p;
		w.result.step.out.count = 1;
		CHECK_F(world_reply(&w) == 200 && world_says(&w, "\"transfers\":[{") && !world_says(&w, "very-secret"), "row %zu", i);
	}
	world_ask(&w, "POST", "/api/v1/transfers", w.tokens[TOKEN_ALPHA_CONSUMER], "{\"agreement\":\"urn:a\"}");
	w.result.step.out.process = transfer(1, HT_CONSUMER);
	w.result.step.out.process.address = HT_TEXT("");
	CHECK(world_reply(&w) == 201 && world_says(&w, "\"format\":\"HttpData-PULL\"") && world_says(&w, "\"dataAddress\":null"));
	CHECK(world_says(&w, "\"pushed\":null"));
	world_fini(&w);
}

TEST(a_file_that_was_pushed)
{
	static struct world w;
	struct ht_process p = transfer(1, HT_CONSUMER);

	p.format = HT_TEXT("HttpData-PUSH");
	p.pushed[31] = 7;
	p.pushed_size = 42;
	world_init(&w);
	get(&w, TOKEN_ALPHA_CONSUMER, "/api/v1/transfers/urn:p");
	w.result.step.out.process = p;
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"format\":\"HttpData-PUSH\",\"pushed\":{\"sha256\":\"0000") &&
	      world_says(&w, "07\",\"size\":42}"));
	get(&w, TOKEN_ALPHA_CONSUMER, "/api/v1/transfers/urn:p/data");
	CHECK(w.result.kind == HT_DOOR_READ && w.result.step.kind == HT_STEP_PUSHED_FILE && w.result.step.in.read.machine == HT_TRANSFER);
	w.result.step.out.process = p;
	CHECK(world_reply(&w) == 200 && w.answer.deliver && w.answer.size == 42 && w.answer.sha256[31] == 7 && !w.answer.body.len);
	CHECK(ht_text_is(w.answer.party, "alpha") && !w.answer.pid.len); /* no delivery of ours */
	w.result.step.why.code = HT_REFUSE_STATE;
	CHECK(world_reply(&w) == 409 && !w.answer.deliver);
	world_fini(&w);
}

TEST(agreements)
{
	static struct world w;
	struct ht_step *s = &w.result.step;
	struct ht_agreement g = { .party = 1, .id = HT_TEXT("urn:a"), .role = HT_PROVIDER, .peer = HT_TEXT(GAMMA), .product = HT_TEXT("urn:t"),
				  .base = HT_TEXT("http://b"), .policy = HT_TEXT("{}"), .made_us = WORLD_NOW_US };
	struct ht_process n = { .offer = HT_TEXT("{\"@id\":\"urn:o\"}"), .pid = HT_TEXT("urn:n"), .state = HT_FINALIZED };

	world_init(&w);
	get(&w, TOKEN_ALPHA_PROVIDER, "/api/v1/agreements/urn:a");
	s->out.agreement = g;
	s->out.process = n;
	CHECK(world_reply(&w) == 200);
	CHECK(body_is(&w, "{\"id\":\"urn:a\",\"party\":\"alpha\",\"role\":\"provider\",\"peer\":\"" GAMMA "\",\"base\":\"http://b\","
			  "\"product\":\"urn:t\",\"negotiation\":\"urn:n\",\"state\":\"FINALIZED\",\"offer\":\"urn:o\",\"policy\":{},"
			  "\"made\":\"2026-11-24T08:00:00Z\"}"));
	get(&w, TOKEN_ALPHA_PROVIDER, "/api/v1/agreements?most=1");
	g.negotiation = 9;
	s->out.agreements = (struct ht_agreement[]){ g, g };
	s->out.processes = (struct ht_process[]){ n, n };
	s->out.count = 2;
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"negotiation\":\"urn:n\"") &&
	      world_says(&w, "{\"agreements\":[{\"id\":\"urn:a\"") && world_says(&w, "],\"next\":9}"));
	world_fini(&w);
}

TEST(letters)
{
	static struct world w;
	struct ht_step *s = &w.result.step;
	struct ht_letter_row row = { .letter = { .process = 7, .msg = HT_MSG_VERIFY, .id = HT_TEXT("urn:m"), .url = HT_TEXT("http://u"),
						 .made_us = WORLD_NOW_US, .due_us = INT64_MAX, .attempts = 3 },
				     .process = { .pid = HT_TEXT("urn:p"), .mark = HT_MARK_REFUSED, .reason = HT_TEXT("no") } };

	world_init(&w);
	get(&w, TOKEN_ALPHA_CONSUMER, "/api/v1/letters");
	s->out.letters = &row;
	s->out.count = 1;
	CHECK(world_reply(&w) == 200);
	CHECK(body_is(&w,
		      "{\"letters\":[{\"id\":\"urn:p\",\"messageId\":\"urn:m\",\"message\":\"verify\",\"url\":\"http://u\",\"attempts\":3,"
		      "\"due\":null,\"made\":\"2026-11-24T08:00:00Z\",\"dead\":true,\"mark\":\"refused\",\"reason\":\"no\"}]}"));
	world_fini(&w);
}

TEST(history)
{
	static const char message[] = "{\"@type\":\"TransferStartMessage\",\"dataAddress\":" ADDRESS ",\"x\":\"\\u0041\"}";
	static struct world w;
	struct ht_step *s = &w.result.step;
	struct ht_leaf leaf = { .index = 5, .kind = HT_EVENT_RECEIVED, .at_us = WORLD_NOW_US, .event = 2, .party = HT_TEXT("did:web:a"),
				.chain = HT_TEXT("urn:n"), .seq = 0, .previous = -1, .content_type = HT_TEXT("application/json") };
	struct ht_text one;

	world_init(&w);
	get(&w, TOKEN_REGULATOR, "/api/v1/history?chain=urn:n");
	leaf.content = ht_text_bytes(ht_text_of(message));
	s->out.leaves = &leaf;
	s->out.count = 1;
	CHECK(world_reply(&w) == 200);
	CHECK(body_is(
		&w, "{\"leaves\":[{\"index\":5,\"event\":2,\"at\":\"2026-11-24T08:00:00Z\",\"kind\":\"received\",\"party\":\"did:web:a\","
		    "\"peer\":null,\"chain\":\"urn:n\",\"process\":null,\"agreement\":null,\"seq\":0,\"previous\":null,"
		    "\"contentType\":\"application/json\",\"content\":\"{\\\"@type\\\":\\\"TransferStartMessage\\\",\\\"dataAddress\\\":{},"
		    "\\\"x\\\":\\\"\\\\u0041\\\"}\",\"commitment\":\"" HASH_0 "\"}]}"));
	/* an event is the same, by itself */
	one = ht_door_leaf(&leaf, &w.arena);
	CHECK(world_says(&w, ht_text_z(&w.arena, ht_text_format(&w.arena, "{\"leaves\":[" HT_TEXT_FMT "]}", HT_TEXT_ARG(one)))));
	leaf.content = ht_text_bytes(HT_TEXT("{\"urn:dataAddress\":" ADDRESS "}"));
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"content\":null") && !world_says(&w, "very-secret"));
	leaf.content = (struct ht_bytes){ 0 };
	leaf.erased = true;
	CHECK(world_reply(&w) == 200 && world_says(&w, "\"content\":null"));
	world_fini(&w);
}

/* One row more than is shown was asked for; at the most that can be asked for, a full page says that there may be more. */
TEST(pages)
{
	static const struct {
		const char *path;
		size_t count, shown;
		const char *end;
	} rows[] = {
		{ "/api/v1/negotiations?most=2", 2, 2, "}]}" },
		{ "/api/v1/negotiations?most=2", 3, 2, "],\"next\":2}" },
		{ "/api/v1/negotiations", 101, 100, "],\"next\":100}" },
		{ "/api/v1/negotiations?most=1000", 1000, 1000, "],\"next\":1000}" },
		{ "/api/v1/negotiations?most=1000", 999, 999, "}]}" },
		{ "/api/v1/negotiations", 0, 0, "{\"negotiations\":[]}" },
	};
	static struct world w;
	static struct ht_process list[HT_LIST_MAX];

	world_init(&w);
	for (int64_t i = 0; i < HT_LIST_MAX; i++)
		list[i] = (struct ht_process){
			.row = i + 1, .party = 1, .role = HT_CONSUMER, .state = HT_REQUESTED, .pid = HT_TEXT("urn:p")
		};
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		size_t shown = 0, at = 0;
		struct ht_text one;

		get(&w, TOKEN_ALPHA_CONSUMER, rows[i].path);
		w.result.step.out.processes = list;
		w.result.step.out.count = rows[i].count;
		CHECK_ROW(rows[i].path, world_reply(&w) == 200 && ht_text_ends(w.answer.body, ht_text_of(rows[i].end)));
		while (ht_json_element(ht_json_span(w.answer.body, "negotiations"), &at, &one))
			shown++;
		CHECK_F(shown == rows[i].shown, "%s: %zu", rows[i].path, shown);
	}
	world_fini(&w);
}

CHECK_MAIN(TEST_ROW(answers_without_a_step), TEST_ROW(parties_and_tokens), TEST_ROW(products), TEST_ROW(a_negotiation),
	   TEST_ROW(who_sees_a_data_address), TEST_ROW(a_file_that_was_pushed), TEST_ROW(agreements), TEST_ROW(letters), TEST_ROW(history),
	   TEST_ROW(pages))
