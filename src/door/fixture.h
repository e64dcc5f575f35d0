/* door/fixture.h - a small world for the tests of the door: two parties of ours, two foreign ones, facts in memory, steps that are answered
 * by hand. Only tests include it. Addresses are of documentation ranges or example names (RFC 2606). */
#ifndef HT_DOOR_FIXTURE_H
#define HT_DOOR_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/log.h"
#include "base/net.h"
#include "base/time.h"
#include "door/door.h"
#include "wire/did.h"
#include "wire/dsp.h"
#include "wire/json.h"

#define PUBLIC "http://localhost:8700"
#define BASE_ALPHA PUBLIC "/p/alpha/dsp/2025-1"
#define BASE_GAMMA "https://gamma.example/p/gamma/dsp/2025-1"
#define BASE_DELTA "https://delta.example/api/dsp"
#define GAMMA "did:web:gamma.example:p:gamma"
#define DELTA_HEADER "delta's fixed value"
#define HASH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define CONTEXT "\"@context\":[\"" HT_DSP_CONTEXT "\"]"

enum { WORLD_ARENA = 32 << 20, WORLD_TOKENS = 6 };
#define WORLD_NOW_US (INT64_C(1795507200) * HT_SECOND_US)

struct world {
	struct ht_arena arena;
	struct ht_random random;
	struct ht_door door;
	struct ht_facts facts;
	struct ht_peers peers;
	struct ht_ranges allow;
	struct ht_party alpha, beta;
	struct ht_text tokens[WORLD_TOKENS]; /* headers of an operator, a regulator, alpha's two, beta's two */
	struct ht_signer gamma;
	struct ht_did_doc gamma_doc, alpha_doc;
	enum ht_fact gamma_fact, gamma_fresh; /* what is known of gamma's document */
	bool key_is_new;                      /* it stands only in the fresh one */
	enum ht_fact fetched_fact;
	struct ht_fetched fetched;
	char fetched_url[512];
	bool replayed, uploaded;
	bool store_fails;                     /* no fact can be had of it */
	struct ht_ask ask;
	struct ht_door_result result;
	struct ht_answer answer;
};

enum { TOKEN_OPERATOR, TOKEN_REGULATOR, TOKEN_ALPHA_PROVIDER, TOKEN_ALPHA_CONSUMER, TOKEN_BETA_PROVIDER, TOKEN_BETA_CONSUMER };
static const struct {
	enum ht_role role;
	int party; /* 0: none, 1: alpha, 2: beta */
} world_grants[WORLD_TOKENS] = {
	{ HT_OPERATOR, 0 }, { HT_REGULATOR, 0 }, { HT_PROVIDER, 1 }, { HT_CONSUMER, 1 }, { HT_PROVIDER, 2 }, { HT_CONSUMER, 2 },
};

static char world_logged[4096]; /* the last line */

static inline void world_log(struct ht_text line)
{
	snprintf(world_logged, sizeof(world_logged), HT_TEXT_FMT, HT_TEXT_ARG(line));
}

static inline int64_t world_clock(void)
{
	return WORLD_NOW_US;
}

static inline const struct ht_party *world_party(const struct world *w, int64_t row)
{
	return row == 1 ? &w->alpha : row == 2 ? &w->beta : NULL;
}

static inline enum ht_fact fact_party(void *self, struct ht_text id, int64_t row, struct ht_arena *a, struct ht_party *out)
{
	struct world *w = self;

	(void)a;
	if (w->store_fails)
		return HT_FACT_FAILED;
	for (int64_t at = 1; at <= 2; at++) {
		if (id.len ? ht_text_same(world_party(w, at)->id, id) : at == row) {
			*out = *world_party(w, at);
			return HT_FACT_HERE;
		}
	}
	return HT_FACT_ABSENT;
}

static inline enum ht_fact fact_grant(void *self, const uint8_t hash[32], struct ht_arena *a, struct ht_grant *out)
{
	struct world *w = self;
	uint8_t mine[32];

	(void)a;
	if (w->store_fails)
		return HT_FACT_FAILED;
	for (size_t i = 0; i < WORLD_TOKENS; i++) {
		if (!ht_bearer_hash(w->tokens[i], mine) || memcmp(mine, hash, sizeof(mine)) != 0)
			continue;
		*out = (struct ht_grant){ .role = world_grants[i].role };
		if (world_grants[i].party)
			out->party = *world_party(w, world_grants[i].party);
		return HT_FACT_HERE;
	}
	return HT_FACT_ABSENT;
}

static inline enum ht_fact fact_document(void *self, struct ht_text did, bool fresh, struct ht_arena *a, const struct ht_did_doc **out)
{
	struct world *w = self;
	static const struct ht_did_doc old = { .did = { GAMMA, sizeof(GAMMA) - 1 } };

	(void)a;
	*out = &w->alpha_doc;
	if (ht_text_same(did, w->alpha.did))
		return HT_FACT_HERE;
	if (!ht_text_is(did, GAMMA))
		return HT_FACT_ABSENT;
	*out = w->key_is_new && !fresh ? &old : &w->gamma_doc;
	return fresh ? w->gamma_fresh : w->gamma_fact;
}

static inline enum ht_fact fact_fetched(void *self, const char *method, struct ht_text url, struct ht_fetched *out)
{
	struct world *w = self;

	snprintf(w->fetched_url, sizeof(w->fetched_url), "%s " HT_TEXT_FMT, method, HT_TEXT_ARG(url));
	*out = w->fetched;
	return w->fetched_fact;
}

static inline bool fact_fresh(void *self, struct ht_text jti, struct ht_text issuer, int64_t until_s)
{
	struct world *w = self;

	return jti.len && issuer.len && until_s > WORLD_NOW_US / HT_SECOND_US && !w->replayed;
}

static inline enum ht_fact fact_upload(void *self, struct ht_text party, const uint8_t sha256[32], int64_t *size)
{
	struct world *w = self;

	*size = 42;
	if (w->store_fails)
		return HT_FACT_FAILED;
	return w->uploaded && party.len && sha256[0] == 0xaa ? HT_FACT_HERE : HT_FACT_ABSENT;
}

static inline struct ht_text fact_metrics(void *self, struct ht_arena *a)
{
	(void)self;
	return ht_text_copy(a, HT_TEXT("hutong_up 1\n"));
}

/* A file may be pushed to the first party with the token "sesame". */
static inline enum ht_fact fact_sink(void *self, int64_t party, struct ht_text pid, const uint8_t access[32])
{
	uint8_t sesame[HT_SHA256];

	(void)self;
	ht_sha256(ht_text_bytes(HT_TEXT("sesame")), sesame);
	return party == 1 && ht_text_is(pid, "urn:p") && memcmp(access, sesame, sizeof(sesame)) == 0 ? HT_FACT_HERE : HT_FACT_ABSENT;
}

static inline void world_people(struct world *w)
{
	struct ht_text public_url = w->door.public_url;

	w->alpha = (struct ht_party){ 1, HT_TEXT("alpha"), HT_TEXT("Alpha"), ht_did_web_of(public_url, HT_TEXT("alpha"), &w->arena) };
	w->beta = (struct ht_party){ 2, HT_TEXT("beta"), HT_TEXT("Beta"), ht_did_web_of(public_url, HT_TEXT("beta"), &w->arena) };
	for (size_t i = 0; i < WORLD_TOKENS; i++) {
		struct ht_text token = ht_bearer_make(&w->random, &w->arena);

		w->tokens[i] = ht_text_format(&w->arena, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token));
	}
	ht_key_new(&w->random, &w->gamma.key);
	w->gamma.did = HT_TEXT(GAMMA);
	w->gamma.kid = ht_identity_kid(w->gamma.did, w->gamma.key.pub, &w->arena);
	w->gamma_doc = (struct ht_did_doc){ .did = w->gamma.did, .keys_count = 1, .services_count = 1 };
	w->gamma_doc.keys[0].id = w->gamma.kid;
	memcpy(w->gamma_doc.keys[0].pub, w->gamma.key.pub, sizeof(w->gamma.key.pub));
	w->gamma_doc.services[0] = (struct ht_did_service){ HT_TEXT("CatalogService"), HT_TEXT(BASE_GAMMA) };
	w->alpha_doc = w->gamma_doc;
	w->alpha_doc.did = w->alpha.did;
	w->alpha_doc.services[0].endpoint = HT_TEXT(BASE_ALPHA);
}

static inline void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	ht_crypto_start();
	ht_arena_init(&w->arena, WORLD_ARENA);
	ht_random_seed(&w->random, 7);
	ht_log_start(HT_DEBUG, world_log, world_clock);
	w->facts = (struct ht_facts){ w,	  fact_party,  fact_grant, fact_document, fact_fetched,
				      fact_fresh, fact_upload, fact_sink,  fact_metrics };
	w->door = (struct ht_door){ .public_url = HT_TEXT(PUBLIC), .version = HT_TEXT("0.1.0"), .trust = { .kind = HT_TRUST_WEB },
				    .allow = &w->allow, .allow_text = HT_TEXT(""), .peers = &w->peers, .random = &w->random, .facts = &w->facts };
	w->peers.at[0] = (struct ht_peer){ HT_TEXT("delta"), HT_TEXT(BASE_DELTA), HT_PEER_HEADER, HT_PEER_HEADER, HT_TEXT("x"),
					   HT_TEXT(DELTA_HEADER) };
	w->peers.count = 1;
	world_people(w);
	w->gamma_fact = w->gamma_fresh = HT_FACT_HERE;
	w->fetched_fact = HT_FACT_HERE;
	w->uploaded = true;
	w->ask = (struct ht_ask){ .method = HT_TEXT("GET"), .now_us = WORLD_NOW_US, .arena = &w->arena };
}

static inline void world_fini(struct world *w)
{
	ht_log_start(HT_DEBUG, NULL, NULL);
	ht_arena_fini(&w->arena);
}

/* A token of gamma for alpha and this body. */
static inline struct ht_text world_jwt(struct world *w, struct ht_text body)
{
	struct ht_text token = ht_token_make(&w->gamma, w->alpha.did, ht_text_bytes(body), WORLD_NOW_US, &w->random, &w->arena);

	return ht_text_format(&w->arena, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token));
}

/* Asks, and returns the status, or 0 when it is no answer yet. path may have a query. body NULL: none. */
static inline int world_ask(struct world *w, const char *method, const char *path, struct ht_text authorization, const char *body)
{
	w->ask.method = ht_text_of(method);
	ht_text_cut(ht_text_of(path), '?', &w->ask.path, &w->ask.query);
	w->ask.authorization = authorization;
	w->ask.content_type = body ? HT_TEXT("application/json") : HT_TEXT("");
	w->ask.body = ht_text_bytes(ht_text_of(body));
	ht_door_ask(&w->door, &w->ask, &w->result);
	w->answer = w->result.answer;
	return w->result.kind == HT_DOOR_ANSWER ? w->answer.status : 0;
}

/* The answer to the step that was asked for, with the results that a test has put into it. */
static inline int world_reply(struct world *w)
{
	ht_door_reply(&w->door, &w->ask, &w->result, &w->answer);
	return w->answer.status;
}

static inline bool world_says(const struct world *w, const char *part)
{
	return w->answer.body.len && memmem(w->answer.body.at, w->answer.body.len, part, strlen(part));
}

static inline bool world_logs(const char *part)
{
	return strstr(world_logged, part);
}

/* A valid request for each route of the table with a body. */
#define PIDS CONTEXT ",\"providerPid\":\"urn:p\",\"consumerPid\":\"urn:c\""
#define NEGOTIATION_REQUEST(callback)                                                                                           \
	"{" CONTEXT ",\"@type\":\"ContractRequestMessage\",\"@id\":\"urn:m\",\"consumerPid\":\"urn:c\",\"offer\":{\"@type\":\"Offer\"," \
	"\"@id\":\"urn:o\",\"target\":\"urn:t\",\"permission\":[{\"action\":\"use\"}]},\"callbackAddress\":\"" callback "\"}"
#define NEGOTIATION_OFFER(callback)                                                                                             \
	"{" CONTEXT ",\"@type\":\"ContractOfferMessage\",\"@id\":\"urn:m\",\"providerPid\":\"urn:c\",\"offer\":{\"@type\":\"Offer\"," \
	"\"@id\":\"urn:o\",\"target\":\"urn:t\",\"permission\":[{\"action\":\"use\"}]},\"callbackAddress\":\"" callback "\"}"
#define TRANSFER_REQUEST(callback)                                                                                            \
	"{" CONTEXT ",\"@type\":\"TransferRequestMessage\",\"consumerPid\":\"urn:c\",\"agreementId\":\"urn:a\",\"format\":\"HttpData-PULL\"," \
	"\"callbackAddress\":\"" callback "\"}"
#define CATALOG_REQUEST "{" CONTEXT ",\"@type\":\"CatalogRequestMessage\"}"

#endif
