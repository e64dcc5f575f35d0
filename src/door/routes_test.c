/* door/routes_test.c - finding a route: unknown paths, other methods, prefix, encoded segments, the gate's own port. */
#include "door/fixture.h"
#include "test/check.h"

TEST(unknown_paths)
{
	static const struct {
		const char *method, *path;
		int status;
		const char *allow; /* NULL: none */
		const char *says;  /* NULL: no body */
	} rows[] = {
		{ "GET", "/", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "/nothing", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "health", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "/health/", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "//health", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "/api/v1/nothing", 404, NULL, "\"code\":\"not_found\"" },
		{ "POST", "/health", 405, "GET", "\"code\":\"method\"" },
		{ "HEAD", "/health", 405, "GET", "\"code\":\"method\"" },
		{ "PUT", "/api/v1/parties", 405, "GET, POST", "\"code\":\"method\"" },
		{ "GET", "/api/v1/uploads", 405, "POST", "\"code\":\"method\"" },
		{ "GET", "/api/v1/tokens/1", 405, "DELETE", "\"code\":\"method\"" },
		{ "GET", "/p/alpha/dsp/2025-1/catalog/request", 405, "POST", "CatalogError" },
		{ "PUT", "/p/alpha/dsp/2025-1/negotiations/urn:p", 405, "GET", "ContractNegotiationError" },
		{ "GET", "/p/alpha/dsp/2025-1/transfers/urn:p/start", 405, "POST", "TransferError" },
		{ "POST", "/p/alpha/dsp/2025-1/negotiations/urn:p/nothing", 404, NULL, NULL },
		{ "POST", "/p/alpha/dsp/2025-1/transfers/urn:p/suspension", 404, NULL, NULL },
		{ "POST", "/p/alpha/dsp/2025-1/catalog/nothing", 404, NULL, "CatalogError" },
		{ "POST", "/p/alpha/push/urn:p/x", 404, NULL, "\"code\":\"not_found\"" },
		{ "PUT", "/p/alpha/push/urn:p", 405, "POST", "\"code\":\"method\"" },
		{ "GET", "/p/nobody/dsp/2025-1/negotiations/urn:p", 404, NULL, NULL },
		{ "GET", "/p/nobody/dsp/.well-known/dspace-version", 404, NULL, "CatalogError" },
		{ "GET", "/p/nobody/did.json", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "/p//did.json", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "/p/%zz/did.json", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "/p/%ff/did.json", 404, NULL, "\"code\":\"not_found\"" },
		{ "GET", "/p/al%70ha/did.json", 200, NULL, "did:web:" },
	};
	static struct world w;

	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].path, world_ask(&w, rows[i].method, rows[i].path, HT_TEXT(""), NULL) == rows[i].status);
		CHECK_ROW(rows[i].path, rows[i].allow ? w.answer.allow && strcmp(w.answer.allow, rows[i].allow) == 0 : !w.answer.allow);
		CHECK_ROW(rows[i].path, rows[i].says ? world_says(&w, rows[i].says) : !w.answer.body.len && !w.answer.content_type);
	}
	world_fini(&w);
}

TEST(ids_are_decoded)
{
	static struct world w;

	world_init(&w);
	world_ask(&w, "GET", "/p/alpha/dsp/2025-1/catalog/datasets/http%3A%2F%2Fa%2Fb%20c", HT_TEXT(""), NULL);
	CHECK(w.result.kind == HT_DOOR_READ && ht_text_is(w.result.step.in.read.id, "http://a/b c"));
	world_fini(&w);
}

TEST(prefix_is_taken_or_not)
{
	static struct world w;

	world_init(&w);
	w.door.public_url = HT_TEXT("https://city.example/hutong");
	w.door.prefix = HT_TEXT("/hutong");
	CHECK(world_ask(&w, "GET", "/hutong/health", HT_TEXT(""), NULL) == 200);
	CHECK(world_ask(&w, "GET", "/health", HT_TEXT(""), NULL) == 200);
	CHECK(world_ask(&w, "GET", "/hutongs/health", HT_TEXT(""), NULL) == 404);
	CHECK(world_ask(&w, "GET", "/hutong", HT_TEXT(""), NULL) == 404);
	CHECK(world_ask(&w, "GET", "/hutong/hutong/health", HT_TEXT(""), NULL) == 404);
	CHECK(world_ask(&w, "GET", "/hutong/p/alpha/dsp/.well-known/dspace-version", HT_TEXT(""), NULL) == 200);
	CHECK(world_says(&w, "\"path\":\"/2025-1\""));
	world_fini(&w);
}

TEST(the_gate_delivers_and_nothing_else)
{
	static struct world w;
	uint8_t hash[32];

	world_init(&w);
	w.ask.gate = true;
	CHECK(world_ask(&w, "GET", "/health", HT_TEXT(""), NULL) == 404);
	CHECK(world_ask(&w, "GET", "/api/v1/self", w.tokens[TOKEN_OPERATOR], NULL) == 404);
	CHECK(world_ask(&w, "GET", "/p/alpha/data/urn:p", HT_TEXT(""), NULL) == 401);
	CHECK(world_ask(&w, "POST", "/p/alpha/data/urn:p", HT_TEXT("x"), NULL) == 405);
	CHECK(world_ask(&w, "GET", "/p/nobody/data/urn:p", HT_TEXT("x"), NULL) == 404);
	ht_sha256(ht_text_bytes(HT_TEXT("secret")), hash);
	for (int i = 0; i < 3; i++) {
		static const char *const forms[] = { "secret", "Bearer secret", "bearer  secret" };

		world_ask(&w, "GET", "/p/alpha/data/urn:p", ht_text_of(forms[i]), NULL);
		CHECK_ROW(forms[i], w.result.kind == HT_DOOR_READ && w.result.step.kind == HT_STEP_DELIVERY);
		CHECK_ROW(forms[i], memcmp(w.result.step.in.read.access, hash, sizeof(hash)) == 0);
	}
	world_fini(&w);
}

CHECK_MAIN(TEST_ROW(unknown_paths), TEST_ROW(ids_are_decoded), TEST_ROW(prefix_is_taken_or_not),
	   TEST_ROW(the_gate_delivers_and_nothing_else))
