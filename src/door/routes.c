/* door/routes.c - the table of routes, and finding a row by method and path. */
#include <string.h>

#include "base/count.h"
#include "door/visit.h"
#include "wire/dsp.h"

#define API "/api/v1"
#define DSP "/p/:party" HT_DSP_PATH
#define ONE_NEGOTIATION DSP "/negotiations/:id"
#define ONE_TRANSFER DSP "/transfers/:id"

enum { C = HT_CONSUMER, P = HT_PROVIDER, O = HT_OPERATOR, R = HT_REGULATOR, ANY = C | P | O | R };
enum { JSON = HT_TAKES_JSON, FILE_BODY = HT_TAKES_FILE, RESUME = HT_TAKES_RESUME };
enum { PAGE = HT_QUERY_PAGE, BASE = HT_QUERY_BASE, PRODUCT = HT_QUERY_PRODUCT, CHAIN = HT_QUERY_CHAIN, AFTER = HT_QUERY_AFTER };
enum { TOKEN = HT_QUERY_TOKEN, TURN = HT_QUERY_TURN };

/* A row: a route of anybody, answered at once; a question of a peer, or of guests; a message of a peer; a call of the API that is
 * answered at once; one that reads; one with a JSON body; a message of a process, sent by hand; a file; one without a body. */
#define OPEN(path, form, reply) \
	{ "GET", path, HT_FORM_##form, HT_ADMIT_ALL, 0, HT_STEP_COUNT, HT_NEGOTIATION, HT_MSG_NONE, 0, NULL, 200, NULL, reply }
#define ASK(method, path, form, guard, step, machine, takes, parse, reply) \
	{ method, path, HT_FORM_##form, HT_ADMIT_##guard, 0, HT_STEP_##step, HT_##machine, HT_MSG_NONE, takes, NULL, 200, ht_dsp_parse_##parse, ht_dsp_reply_##reply }
#define MESSAGE(path, machine, msg, status) \
	{ "POST", path, HT_FORM_##machine, HT_ADMIT_PEERS, 0, HT_STEP_RECEIVE, HT_##machine, HT_MSG_##msg, JSON, NULL, status, ht_dsp_parse_message, ht_dsp_reply_process }
#define TELL(path, roles, takes, parse, reply) \
	{ "GET", path, HT_FORM_API, HT_ADMIT_ROLES, roles, HT_STEP_COUNT, HT_NEGOTIATION, HT_MSG_NONE, takes, NULL, 200, parse, ht_api_reply_##reply }
#define READ(path, roles, step, machine, takes, reply) \
	{ "GET", path, HT_FORM_API, HT_ADMIT_ROLES, roles, HT_STEP_##step, HT_##machine, HT_MSG_NONE, takes, NULL, 200, ht_api_parse_read, ht_api_reply_##reply }
#define MAKE(path, roles, step, machine, members, status, parse, reply) \
	{ "POST", path, HT_FORM_API, HT_ADMIT_ROLES, roles, HT_STEP_##step, HT_##machine, HT_MSG_NONE, JSON, ht_api_##members, status, ht_api_parse_##parse, ht_api_reply_##reply }
#define VERB(path, roles, machine, msg, members, takes) \
	{ "POST", path, HT_FORM_API, HT_ADMIT_ROLES, roles, HT_STEP_SEND, HT_##machine, HT_MSG_##msg, JSON | takes, ht_api_##members, 200, ht_api_parse_send, ht_api_reply_process }
#define UPLOAD(path, roles) \
	{ "POST", path, HT_FORM_API, HT_ADMIT_ROLES, roles, HT_STEP_COUNT, HT_NEGOTIATION, HT_MSG_NONE, FILE_BODY, NULL, 201, NULL, ht_api_reply_upload }
#define CALL(method, path, roles, step, status, parse, reply) \
	{ method, path, HT_FORM_API, HT_ADMIT_ROLES, roles, HT_STEP_##step, HT_NEGOTIATION, HT_MSG_NONE, 0, NULL, status, ht_api_parse_##parse, ht_api_reply_##reply }

/* Clause: DSP 2025-1 HTTPS bindings of catalog, negotiation and transfer; doc/api.md. */
static const struct ht_route rows[] = {
	OPEN("/health", API, ht_api_reply_health),
	OPEN("/p/:party/did.json", API, ht_dsp_reply_document),
	OPEN("/p/:party/dsp/.well-known/dspace-version", CATALOG, ht_dsp_reply_version),

	/*  method  path                         form         guard   step          machine      takes parse     reply */
	ASK("POST", DSP "/catalog/request",      CATALOG,     GUESTS, OFFERS,       NEGOTIATION, JSON | TOKEN, catalog, catalog),
	ASK("GET",  DSP "/catalog/datasets/:id", CATALOG,     GUESTS, DATASET,      NEGOTIATION, 0,    read,     dataset),
	ASK("GET",  ONE_NEGOTIATION,             NEGOTIATION, PEERS,  PEER_PROCESS, NEGOTIATION, 0,    read,     process),
	ASK("GET",  ONE_TRANSFER,                TRANSFER,    PEERS,  PEER_PROCESS, TRANSFER,    0,    read,     process),
	ASK("GET",  "/p/:party/data/:id",        GATE,        ACCESS, DELIVERY,     TRANSFER,    0,    delivery, delivery),
	ASK("POST", "/p/:party/push/:id",        GATE,        ACCESS, PUSHED,       TRANSFER,    FILE_BODY, push, push),

	/*      path                                       machine      message    status */
	MESSAGE(DSP "/negotiations/request",               NEGOTIATION, REQUEST,   201),
	MESSAGE(DSP "/negotiations/offers",                NEGOTIATION, OFFER,     201),
	MESSAGE(ONE_NEGOTIATION "/request",                NEGOTIATION, REQUEST,   200),
	MESSAGE(ONE_NEGOTIATION "/offers",                 NEGOTIATION, OFFER,     200),
	MESSAGE(ONE_NEGOTIATION "/agreement",              NEGOTIATION, AGREE,     200),
	MESSAGE(ONE_NEGOTIATION "/events",                 NEGOTIATION, ACCEPT,    200),
	MESSAGE(ONE_NEGOTIATION "/agreement/verification", NEGOTIATION, VERIFY,    200),
	MESSAGE(ONE_NEGOTIATION "/termination",            NEGOTIATION, TERMINATE, 200),
	MESSAGE(DSP "/transfers/request",                  TRANSFER,    REQUEST,   201),
	MESSAGE(ONE_TRANSFER "/start",                     TRANSFER,    START,     200),
	MESSAGE(ONE_TRANSFER "/suspension",                TRANSFER,    SUSPEND,   200),
	MESSAGE(ONE_TRANSFER "/completion",                TRANSFER,    COMPLETE,  200),
	MESSAGE(ONE_TRANSFER "/termination",               TRANSFER,    TERMINATE, 200),

	/*   path          roles   takes parse              reply */
	TELL("/metrics",   O | R,  0,    NULL,              metrics),
	TELL(API "/self",  ANY,    0,    NULL,              self),
	TELL(API "/catalog", C,    BASE | PRODUCT | TURN, ht_api_parse_offers, offers),
	TELL(API "/events", C | P, AFTER, ht_api_parse_events, events),

	/*   path                     roles      step        machine      takes                  reply */
	READ(API "/parties",          O | R,     PARTIES,    NEGOTIATION, PAGE,                  parties),
	READ(API "/tokens",           O | R,     TOKENS,     NEGOTIATION, PAGE,                  tokens),
	READ(API "/products",         P | R,     PRODUCTS,   NEGOTIATION, PAGE,                  products),
	READ(API "/negotiations",     C | P | R, PROCESSES,  NEGOTIATION, PAGE,                  processes),
	READ(API "/negotiations/:id", C | P | R, PROCESS,    NEGOTIATION, 0,                     process),
	READ(API "/agreements",       C | P | R, AGREEMENTS, NEGOTIATION, PAGE | BASE | PRODUCT, agreements),
	READ(API "/agreements/:id",   C | P | R, AGREEMENT,  NEGOTIATION, 0,                     agreement),
	READ(API "/transfers",        C | P | R, PROCESSES,  TRANSFER,    PAGE,                  processes),
	READ(API "/transfers/:id",    C | P | R, PROCESS,    TRANSFER,    0,                     process),
	READ(API "/transfers/:id/data", C,         PUSHED_FILE, TRANSFER,   0,                     pushed),
	READ(API "/letters",          C | P | R, LETTERS,    NEGOTIATION, PAGE,                  letters),
	READ(API "/history",          C | P | R, HISTORY,    NEGOTIATION, PAGE | CHAIN,          history),

	/*   path                               roles  step       machine      members      status parse        reply */
	MAKE(API "/parties",                    O,     PARTY_ADD, NEGOTIATION, party,       201,   party,       party),
	MAKE(API "/tokens",                     O,     TOKEN_NEW, NEGOTIATION, token,       201,   token,       token),
	MAKE(API "/products",                   P,     PUBLISH,   NEGOTIATION, product,     201,   product,     product),
	MAKE(API "/negotiations",               C | P, NEGOTIATE, NEGOTIATION, negotiation, 201,   negotiation, process),
	MAKE(API "/transfers",                  C,     TRANSFER,  TRANSFER,    transfer,    201,   transfer,    process),

	/*   path                               roles  machine      message    members   takes */
	VERB(API "/negotiations/:id/offer",     P,     NEGOTIATION, OFFER,     offer,    0),
	VERB(API "/negotiations/:id/counter",   C,     NEGOTIATION, REQUEST,   counter,  0),
	VERB(API "/negotiations/:id/accept",    C,     NEGOTIATION, ACCEPT,    nothing,  0),
	VERB(API "/negotiations/:id/agree",     P,     NEGOTIATION, AGREE,     nothing,  0),
	VERB(API "/negotiations/:id/verify",    C,     NEGOTIATION, VERIFY,    nothing,  0),
	VERB(API "/negotiations/:id/finalize",  P,     NEGOTIATION, FINALIZE,  nothing,  0),
	VERB(API "/negotiations/:id/terminate", C | P, NEGOTIATION, TERMINATE, reason,   0),
	VERB(API "/transfers/:id/start",        P,     TRANSFER,    START,     nothing,  0),
	VERB(API "/transfers/:id/suspend",      C | P, TRANSFER,    SUSPEND,   reason,   0),
	VERB(API "/transfers/:id/resume",       C | P, TRANSFER,    START,     nothing,  RESUME),
	VERB(API "/transfers/:id/complete",     C | P, TRANSFER,    COMPLETE,  complete, 0),
	VERB(API "/transfers/:id/terminate",    C | P, TRANSFER,    TERMINATE, reason,   0),

	/*   method    path                     roles  step          status parse   reply */
	CALL("DELETE", API "/tokens/:id",       O,     TOKEN_REVOKE, 200,   revoke, revoke),
	CALL("POST",   API "/letters/:id/retry", C | P, RETRY,       200,   retry,  process),
	UPLOAD(API "/uploads",                  P),
};

/* The path below the prefix of the public URL, whether a proxy has stripped that or not. */
static struct ht_text below(struct ht_text path, struct ht_text prefix)
{
	if (prefix.len > 0 && path.len > prefix.len && ht_text_starts(path, prefix) && path.at[prefix.len] == '/')
		return (struct ht_text){ path.at + prefix.len, path.len - prefix.len };
	return path;
}

/* The segment that begins behind the slash at *at; *at comes to stand at the next slash or the end. */
static struct ht_text segment(struct ht_text path, size_t *at)
{
	size_t from = *at + 1, to = from;

	while (to < path.len && path.at[to] != '/')
		to++;
	*at = to;
	return (struct ht_text){ path.at + from, to - from };
}

/* Whether the path is one of the pattern; *party and *id get its named segments as they came. */
static bool matches(struct ht_text pattern, struct ht_text path, struct ht_text *party, struct ht_text *id)
{
	size_t p = 0, q = 0;

	while (p < pattern.len && q < path.len) {
		struct ht_text want, have;

		if (path.at[q] != '/')
			return false;
		want = segment(pattern, &p);
		have = segment(path, &q);
		if (want.at[0] != ':') {
			if (!ht_text_same(want, have))
				return false;
			continue;
		}
		if (!have.len)
			return false;
		*(ht_text_is(want, ":party") ? party : id) = have;
	}
	return p == pattern.len && q == path.len;
}

/* A named segment in UTF-8. The arena owns it. */
static bool decode(struct ht_arena *a, struct ht_text *t)
{
	return !t->len || (ht_percent_read(a, *t, t) && ht_text_utf8(ht_text_bytes(*t)));
}

const struct ht_route *ht_route_find(const struct ht_door *door, const struct ht_ask *ask, struct ht_text *party_id, struct ht_text *id,
				     const char **allow)
{
	struct ht_text path = below(ask->path, door->prefix);
	struct ht_out methods;

	ht_out_init(&methods, ask->arena);
	*allow = NULL;
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		*party_id = *id = HT_TEXT("");
		if ((ask->gate && rows[i].form != HT_FORM_GATE) || !matches(ht_text_of(rows[i].path), path, party_id, id))
			continue;
		if (ht_text_is(ask->method, rows[i].method))
			return decode(ask->arena, party_id) && decode(ask->arena, id) ? &rows[i] : NULL;
		ht_out_z(&methods, methods.len ? ", " : "");
		ht_out_z(&methods, rows[i].method);
	}
	if (methods.len)
		*allow = ht_text_z(ask->arena, ht_out_done(&methods));
	return NULL;
}

/* By the first row that has the path, then by its beginning. */
enum ht_form ht_route_form(const struct ht_door *door, const struct ht_ask *ask)
{
	static const struct {
		const char *part;
		enum ht_form form;
	} parts[] = {
		{ "/2025-1/catalog/", HT_FORM_CATALOG }, { "/2025-1/negotiations/", HT_FORM_NEGOTIATION },
		{ "/2025-1/transfers/", HT_FORM_TRANSFER }, { "/data/", HT_FORM_GATE },
	};
	struct ht_text path = below(ask->path, door->prefix), party, id;

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		if (matches(ht_text_of(rows[i].path), path, &party, &id))
			return rows[i].form;
	}
	for (size_t i = 0; i < HT_COUNT(parts) && ht_text_starts(path, HT_TEXT("/p/")); i++) {
		if (memmem(path.at, path.len, parts[i].part, strlen(parts[i].part)))
			return parts[i].form;
	}
	return HT_FORM_API;
}

size_t ht_door_routes(struct ht_route_view *out, size_t max)
{
	for (size_t i = 0; i < HT_COUNT(rows) && i < max; i++) {
		enum ht_guard guard = rows[i].guard;

		out[i] = (struct ht_route_view){
			.method = rows[i].method,
			.path = rows[i].path,
			.roles = rows[i].roles,
			.peers = guard == HT_ADMIT_PEERS || guard == HT_ADMIT_GUESTS,
			.guests = guard == HT_ADMIT_GUESTS,
			.access = guard == HT_ADMIT_ACCESS,
		};
	}
	return HT_COUNT(rows);
}
