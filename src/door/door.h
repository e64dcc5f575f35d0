/* door/door.h - the door: a pure function from (request, facts) to an answer, a step, or a fact that it lacks.
 *
 * It knows routes, roles, shapes, limits and HTTP statuses; no socket, no clock, no store. The table of routes is door/routes.c.
 * Use     ht_door_ask() until it says no HT_DOOR_NEED; a step goes to the desk (or, when `read`, to a reader); ht_door_reply() makes
 *         the answer from what the step says.
 * Memory  of ask->arena. Threads: any, with an arena each; facts must allow it. */
#ifndef HT_DOOR_DOOR_H
#define HT_DOOR_DOOR_H

#include "desk/desk.h"
#include "identity/bearer.h"
#include "identity/document.h"
#include "identity/peers.h"
#include "identity/token.h"
#include "identity/trust.h"

struct ht_ask {
	struct ht_text method, path, query; /* path as it came, percent-encoded */
	struct ht_text authorization, accept_language, content_type, last_event_id;
	struct ht_bytes body;
	bool gate;       /* came in at the gate's own port: only data routes */
	int64_t now_us;
	struct ht_arena *arena;
};

struct ht_answer {
	int status;
	const char *content_type; /* NULL: no body */
	struct ht_text body;
	int retry_after_s;        /* 0: none */
	const char *allow;        /* methods of the path, for 405; NULL: none */
	struct ht_text link;      /* value of the Link header; empty: none */
	/* a delivery: the file of this party with this hash */
	bool deliver;
	struct ht_text party, pid;
	uint8_t sha256[32];
	int64_t size;
	/* live events: those of the party (its row) after this number; -1: from now on */
	bool follow;
	int64_t party_row, after;
};

/* What is asked of another node before the door can go on. */
enum ht_need_kind { HT_NEED_DOCUMENT, HT_NEED_FETCH };
struct ht_need {
	enum ht_need_kind kind;
	struct ht_text did;   /* DOCUMENT: whose */
	bool fresh;           /* DOCUMENT: what is cached lacks a key */
	/* FETCH */
	const char *method;
	struct ht_text url;
	struct ht_text audience; /* whom to make the token for */
	struct ht_bytes body;
	int64_t party;        /* who asks */
};

enum ht_fact {
	HT_FACT_HERE,
	HT_FACT_ABSENT,
	HT_FACT_LACKS,  /* not asked for yet */
	HT_FACT_FAILED, /* cannot be had just now */
	HT_FACT_NOBODY, /* of a document: neither, and its host says that it has none */
};

struct ht_fetched {
	enum ht_err err; /* HT_OK: there is a status */
	int status;
	struct ht_bytes body;
	struct ht_text link; /* Link headers, joined by commas */
};

struct ht_grant {
	enum ht_role role;
	struct ht_party party; /* row 0: none */
};

/* The facts, given by the node or a test. */
struct ht_facts {
	void *self;
	/* A party of ours by its id, or when that is empty by its row. HERE, ABSENT, FAILED. */
	enum ht_fact (*party)(void *self, struct ht_text id, int64_t row, struct ht_arena *a, struct ht_party *out);
	/* HERE, ABSENT, FAILED. */
	enum ht_fact (*grant)(void *self, const uint8_t hash[32], struct ht_arena *a, struct ht_grant *out);
	/* The document of a DID; of our own parties it is always here. fresh: one that was fetched after this request began to ask. */
	enum ht_fact (*document)(void *self, struct ht_text did, bool fresh, struct ht_arena *a, const struct ht_did_doc **out);
	/* What a HT_NEED_FETCH of this request brought. */
	enum ht_fact (*fetched)(void *self, const char *method, struct ht_text url, struct ht_fetched *out);
	/* False: this token, whose signature verified, was seen in this process before; marks it as seen until until_s. */
	bool (*fresh)(void *self, struct ht_text jti, struct ht_text issuer, int64_t until_s);
	/* Size of a file that this party uploaded. HERE, ABSENT, FAILED. */
	enum ht_fact (*upload)(void *self, struct ht_text party, const uint8_t sha256[32], int64_t *size);
	/* Whether a file may be pushed for this transfer of a party of ours. HERE, ABSENT, FAILED. */
	enum ht_fact (*sink)(void *self, int64_t party, struct ht_text pid, const uint8_t access[32]);
	/* Text of /metrics and the few numbers of /health. */
	struct ht_text (*metrics)(void *self, struct ht_arena *a);
};

struct ht_door {
	struct ht_text public_url; /* without a last slash */
	struct ht_text prefix;     /* path of public_url: "" or "/hutong"; stripped or not by a proxy, both are taken */
	struct ht_text version;
	struct ht_trust trust;
	const struct ht_ranges *allow;
	struct ht_text allow_text; /* as the setting says it, for clients */
	const struct ht_peers *peers;
	struct ht_random *random;  /* of new tokens; the caller's lock when threads share it */
	const struct ht_facts *facts;
};

enum ht_door_kind { HT_DOOR_ANSWER, HT_DOOR_STEP, HT_DOOR_READ, HT_DOOR_NEED };

struct ht_door_result {
	enum ht_door_kind kind;
	struct ht_answer answer;
	struct ht_step step;
	struct ht_need need;
	int64_t wait_us;              /* of a step: how long its caller waits for the process to settle; 0: not at all */
	const struct ht_route *route; /* for ht_door_reply() */
	struct ht_text secret;        /* a new token, shown once in the reply */
};

void ht_door_ask(const struct ht_door *door, const struct ht_ask *ask, struct ht_door_result *out);

/* The answer to result->step, which has been run. */
void ht_door_reply(const struct ht_door *door, const struct ht_ask *ask, struct ht_door_result *result, struct ht_answer *answer);

/* Before the body is there: whether this is an upload and by whom. HT_DOOR_ANSWER: refused, whatever the body may be; HT_DOOR_STEP: an upload
 * may go on (step.who), and when *upload is false, collect the body and ask as usual. When the bytes are kept: put their size and sha256 into
 * step.out.product, or of a HT_STEP_PUSHED into its input, which is to be run; then ht_door_reply() makes the answer. */
void ht_door_upload(const struct ht_door *door, const struct ht_ask *ask, bool *upload, struct ht_door_result *out);

/* A leaf as a history shows it: one line of JSON. */
struct ht_text ht_door_leaf(const struct ht_leaf *leaf, struct ht_arena *a);

/* A short answer of the whole node (503 busy, 507 full, 404 ...) in the asker's language and in the form of the path. */
void ht_door_refuse(const struct ht_door *door, const struct ht_ask *ask, const struct ht_refusal *why, struct ht_answer *answer);

/* Whether a URL is below our own public URL: its party is reached without a socket, wherever that URL points. */
bool ht_door_owns(const struct ht_door *door, struct ht_text url);

/* The table of routes, for tests and the manual. */
struct ht_route_view {
	const char *method, *path;
	unsigned roles; /* sum of enum ht_role; 0: anybody */
	bool peers;     /* DSP peers */
	bool guests;    /* and who has no token */
	bool access;    /* the access token of a transfer */
};
size_t ht_door_routes(struct ht_route_view *out, size_t max);

#endif
