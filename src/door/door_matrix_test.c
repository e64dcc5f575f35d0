/* door/door_matrix_test.c - every route and every asker: the relation of doc/api.md and IDENTITY drawn a second time, by outcome. */
#include "door/fixture.h"
#include "test/check.h"

enum { ASKERS = 9, ROUTES_MAX = 100 };
static const char *const askers[ASKERS] = { "operator", "regulator", "provider", "consumer", "other provider", "other consumer",
					    "peer", "peer by header", "nobody" };

/* s: a step, r: a read, a: answered, n: another node is asked first; 1 401, 3 403, 4 404. Columns as askers[]; the first two parties
 * of ours are alpha and beta, and paths and bodies name alpha. */
static const struct row {
	const char *method, *path, *outcome, *body;
} rows[] = {
	{ "GET", "/health", "aaaaaaaaa", NULL },
	{ "GET", "/metrics", "aa3333111", NULL },
	{ "GET", "/p/alpha/did.json", "aaaaaaaaa", NULL },
	{ "GET", "/p/alpha/dsp/.well-known/dspace-version", "aaaaaaaaa", NULL },
	{ "POST", "/p/alpha/dsp/2025-1/catalog/request", "111111rrr", CATALOG_REQUEST },
	{ "GET", "/p/alpha/dsp/2025-1/catalog/datasets/urn:t", "111111rrr", NULL },
	{ "GET", "/p/alpha/dsp/2025-1/negotiations/urn:p", "444444rr4", NULL },
	{ "POST", "/p/alpha/dsp/2025-1/negotiations/request", "444444ss4", NEGOTIATION_REQUEST(BASE_GAMMA) },
	{ "POST", "/p/alpha/dsp/2025-1/negotiations/offers", "444444ss4", NEGOTIATION_OFFER(BASE_GAMMA) },
	{ "POST", "/p/alpha/dsp/2025-1/negotiations/urn:p/request", "444444ss4", NEGOTIATION_REQUEST(BASE_GAMMA) },
	{ "POST", "/p/alpha/dsp/2025-1/negotiations/urn:c/offers", "444444ss4", NEGOTIATION_OFFER(BASE_GAMMA) },
	{ "POST", "/p/alpha/dsp/2025-1/negotiations/urn:c/agreement", "444444ss4",
	  "{" PIDS ",\"@type\":\"ContractAgreementMessage\",\"agreement\":{\"@type\":\"Agreement\",\"@id\":\"urn:a\",\"target\":\"urn:t\","
	  "\"assigner\":\"x\",\"assignee\":\"y\",\"timestamp\":\"2026-11-24T08:00:00Z\",\"permission\":[{\"action\":\"use\"}]}}" },
	{ "POST", "/p/alpha/dsp/2025-1/negotiations/urn:p/events", "444444ss4",
	  "{" PIDS ",\"@type\":\"ContractNegotiationEventMessage\",\"eventType\":\"FINALIZED\"}" },
	{ "POST", "/p/alpha/dsp/2025-1/negotiations/urn:p/agreement/verification", "444444ss4",
	  "{" PIDS ",\"@type\":\"ContractAgreementVerificationMessage\"}" },
	{ "POST", "/p/alpha/dsp/2025-1/negotiations/urn:p/termination", "444444ss4",
	  "{" PIDS ",\"@type\":\"ContractNegotiationTerminationMessage\"}" },
	{ "GET", "/p/alpha/dsp/2025-1/transfers/urn:p", "444444rr4", NULL },
	{ "POST", "/p/alpha/dsp/2025-1/transfers/request", "444444ss4", TRANSFER_REQUEST(BASE_GAMMA) },
	{ "POST", "/p/alpha/dsp/2025-1/transfers/urn:c/start", "444444ss4", "{" PIDS ",\"@type\":\"TransferStartMessage\"}" },
	{ "POST", "/p/alpha/dsp/2025-1/transfers/urn:c/suspension", "444444ss4", "{" PIDS ",\"@type\":\"TransferSuspensionMessage\"}" },
	{ "POST", "/p/alpha/dsp/2025-1/transfers/urn:c/completion", "444444ss4", "{" PIDS ",\"@type\":\"TransferCompletionMessage\"}" },
	{ "POST", "/p/alpha/dsp/2025-1/transfers/urn:c/termination", "444444ss4", "{" PIDS ",\"@type\":\"TransferTerminationMessage\"}" },
	{ "GET", "/p/alpha/data/urn:p", "rrrrrrrr1", NULL },
	{ "POST", "/p/alpha/push/urn:p", "444444441", "bytes" },
	{ "GET", "/api/v1/self", "aaaaaa111", NULL },
	{ "GET", "/api/v1/events", "33aaaa111", NULL },
	{ "POST", "/api/v1/parties", "s33333111", "{\"id\":\"new\",\"name\":\"New\"}" },
	{ "GET", "/api/v1/parties", "rs3333111", NULL },
	{ "POST", "/api/v1/tokens", "s33333111", "{\"role\":\"provider\",\"party\":\"alpha\"}" },
	{ "GET", "/api/v1/tokens", "rs3333111", NULL },
	{ "DELETE", "/api/v1/tokens/7", "s33333111", NULL },
	{ "POST", "/api/v1/uploads", "33s3s3111", "bytes" },
	{ "POST", "/api/v1/products", "33s343111",
	  "{\"party\":\"alpha\",\"id\":\"urn:t\",\"file\":\"a.csv\",\"sha256\":\"" HASH "\"}" },
	{ "GET", "/api/v1/products", "3sr3r3111", NULL },
	{ "GET", "/api/v1/catalog?base=" BASE_GAMMA, "333n3n111", NULL },
	{ "POST", "/api/v1/negotiations", "33snsn111", "{\"base\":\"" BASE_GAMMA "\",\"product\":\"urn:t\"}" },
	{ "GET", "/api/v1/negotiations", "3srrrr111", NULL },
	{ "GET", "/api/v1/negotiations/urn:p", "3srrrr111", NULL },
	{ "POST", "/api/v1/negotiations/urn:p/terminate", "33ssss111", "{\"reason\":\"enough\"}" },
	{ "GET", "/api/v1/agreements", "3srrrr111", NULL },
	{ "GET", "/api/v1/agreements/urn:a", "3srrrr111", NULL },
	{ "POST", "/api/v1/transfers", "333s3s111", "{\"agreement\":\"urn:a\"}" },
	{ "GET", "/api/v1/transfers", "3srrrr111", NULL },
	{ "GET", "/api/v1/transfers/urn:p", "3srrrr111", NULL },
	{ "POST", "/api/v1/transfers/urn:p/complete", "33ssss111", "{\"sha256\":\"" HASH "\",\"size\":42}" },
	{ "POST", "/api/v1/transfers/urn:p/terminate", "33ssss111", "{\"reason\":\"\"}" },
	{ "GET", "/api/v1/letters", "3srrrr111", NULL },
	{ "POST", "/api/v1/negotiations/urn:p/offer", "33s3s3111", "{}" },
	{ "POST", "/api/v1/negotiations/urn:p/counter", "333s3s111", "{\"policy\":{\"permission\":[{\"action\":\"use\"}]}}" },
	{ "POST", "/api/v1/negotiations/urn:p/accept", "333s3s111", "{}" },
	{ "POST", "/api/v1/negotiations/urn:p/agree", "33s3s3111", "{}" },
	{ "POST", "/api/v1/negotiations/urn:p/verify", "333s3s111", "{}" },
	{ "POST", "/api/v1/negotiations/urn:p/finalize", "33s3s3111", "{}" },
	{ "POST", "/api/v1/transfers/urn:p/start", "33s3s3111", "{}" },
	{ "POST", "/api/v1/transfers/urn:p/suspend", "33ssss111", "{\"reason\":\"\"}" },
	{ "POST", "/api/v1/transfers/urn:p/resume", "33ssss111", "{}" },
	{ "GET", "/api/v1/transfers/urn:p/data", "333r3r111", NULL },
	{ "POST", "/api/v1/letters/urn:p/retry", "33ssss111", NULL },
	{ "GET", "/api/v1/history", "3srrrr111", NULL },
};

static struct ht_text header_of(struct world *w, int asker, const char *body)
{
	if (asker < WORLD_TOKENS)
		return w->tokens[asker];
	if (asker == WORLD_TOKENS)
		return world_jwt(w, ht_text_of(body));
	return asker == WORLD_TOKENS + 1 ? HT_TEXT(DELTA_HEADER) : HT_TEXT("");
}

/* As a node asks: what is known without the body comes first. */
static char outcome_of(struct world *w, const struct row *row, int asker)
{
	int status = world_ask(w, row->method, row->path, header_of(w, asker, row->body), row->body);
	bool upload;

	ht_door_upload(&w->door, &w->ask, &upload, &w->result);
	if (upload || w->result.kind == HT_DOOR_ANSWER)
		status = w->result.kind == HT_DOOR_ANSWER ? w->result.answer.status : 0;
	else
		ht_door_ask(&w->door, &w->ask, &w->result);
	switch (w->result.kind) {
	case HT_DOOR_STEP: return 's';
	case HT_DOOR_READ: return 'r';
	case HT_DOOR_NEED: return 'n';
	case HT_DOOR_ANSWER: return status / 100 == 2 ? 'a' : "0123456789"[status % 10];
	}
	return '?';
}

/* Whose step it is: of the token's party on the API, else of the party that is addressed. */
static int64_t row_of(int asker)
{
	return asker < WORLD_TOKENS ? world_grants[asker].party : 1;
}

TEST(every_route_and_every_asker)
{
	static struct world w;

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		char got[ASKERS + 1] = "";

		for (int asker = 0; asker < ASKERS; asker++) {
			bool dsp = strncmp(rows[i].path, "/p/", 3) == 0;

			world_init(&w);
			w.fetched_fact = HT_FACT_LACKS;
			got[asker] = outcome_of(&w, &rows[i], asker);
			CHECK_F(got[asker] == rows[i].outcome[asker], "%s %s by %s: %c, not %c", rows[i].method, rows[i].path,
				askers[asker], got[asker], rows[i].outcome[asker]);
			if (w.result.kind == HT_DOOR_STEP || w.result.kind == HT_DOOR_READ)
				CHECK_F(w.result.step.who.party.row == (dsp ? 1 : row_of(asker)), "%s %s by %s: party", rows[i].method,
					rows[i].path, askers[asker]);
			world_fini(&w);
		}
		printf("# %s  %-6s %s\n", got, rows[i].method, rows[i].path);
	}
}

/* No route without a row here, and no two rows of one route. */
TEST(the_matrix_is_whole)
{
	static struct world w;
	struct ht_route_view routes[ROUTES_MAX];
	const struct ht_route *hit[HT_COUNT(rows)];

	CHECK(ht_door_routes(routes, ROUTES_MAX) == HT_COUNT(rows));
	world_init(&w);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		world_ask(&w, rows[i].method, rows[i].path, HT_TEXT(""), rows[i].body);
		hit[i] = w.result.route;
		CHECK_ROW(rows[i].path, hit[i]);
		for (size_t before = 0; before < i; before++)
			CHECK_ROW(rows[i].path, hit[before] != hit[i]);
	}
	world_fini(&w);
}

CHECK_MAIN(TEST_ROW(every_route_and_every_asker), TEST_ROW(the_matrix_is_whole))
