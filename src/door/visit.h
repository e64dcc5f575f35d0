/* door/visit.h - inside the door: a row of the table of routes, and a request on its way through.
 *
 * The driver (ask.c) takes each request the same way: route, party of the path, who asks (who.c), query and body by their tables
 * (shape.c), the route's own parse, and later its reply. What they refuse is in visit->why; status.c alone knows HTTP statuses. */
#ifndef HT_DOOR_VISIT_H
#define HT_DOOR_VISIT_H

#include "door/door.h"
#include "wire/json.h"

/* What a refusal looks like there, and its statuses. */
enum ht_form { HT_FORM_API, HT_FORM_CATALOG, HT_FORM_NEGOTIATION, HT_FORM_TRANSFER, HT_FORM_GATE, HT_FORM_COUNT };

enum ht_guard {
	HT_ADMIT_ALL,
	HT_ADMIT_ROLES,  /* a token of the API with one of route->roles */
	HT_ADMIT_PEERS,  /* an authenticated peer */
	HT_ADMIT_GUESTS, /* the same, or nobody: without an Authorization header */
	HT_ADMIT_ACCESS, /* an access token, which the step judges */
};

/* A member of a JSON body of the API. */
enum ht_member_kind { HT_MEMBER_TEXT, HT_MEMBER_INT, HT_MEMBER_BOOL, HT_MEMBER_OBJECT, HT_MEMBER_TEXTS };
struct ht_member {
	const char *name; /* NULL ends a list */
	enum ht_member_kind kind;
	bool needed;
	size_t least, most; /* bytes of a text (each text of TEXTS), or value */
};

/* What a route takes: of bodies, and of parameters of the query. */
enum {
	HT_TAKES_JSON    = 1 << 0,
	HT_TAKES_FILE    = 1 << 1,
	HT_TAKES_RESUME  = 1 << 2, /* its START is one from SUSPENDED */
	HT_QUERY_PAGE    = 1 << 3,
	HT_QUERY_BASE    = 1 << 4,
	HT_QUERY_PRODUCT = 1 << 5,
	HT_QUERY_CHAIN   = 1 << 6,
	HT_QUERY_AFTER   = 1 << 7,
	HT_QUERY_TOKEN   = 1 << 8, /* of a page of our catalog */
	HT_QUERY_TURN    = 1 << 9, /* `page`: of another's */
};

struct ht_visit;
struct ht_route {
	const char *method, *path;
	enum ht_form form;
	enum ht_guard guard;
	unsigned roles;
	enum ht_step_kind step; /* HT_STEP_COUNT: answered at once */
	enum ht_machine machine;
	enum ht_msg msg;        /* of a message, received (ACCEPT stands for both events) or sent by hand */
	unsigned takes;
	const struct ht_member *members; /* of a body of the API */
	int status;             /* of a success */
	/* False: refused, visit->why says it, or out->kind is HT_DOOR_NEED. NULL: nothing to do. */
	bool (*parse)(struct ht_visit *v);
	void (*reply)(struct ht_visit *v, struct ht_answer *answer);
};

struct ht_visit {
	const struct ht_door *door;
	const struct ht_ask *ask;
	const struct ht_route *route;
	struct ht_door_result *out;
	struct ht_refusal why;
	struct ht_text party_id, id; /* of the path, decoded */
	struct ht_party party;       /* of the path */
	struct ht_text peer;         /* who was authenticated on DSP; empty: nobody */
	struct ht_claim claim;       /* its token; empty for a peer with a fixed header */
	struct ht_text base, product, chain, after; /* of the query */
	struct ht_text token, page;                 /* the same; at NULL: absent */
	size_t most;
	const struct ht_json *body;
	struct ht_text made;         /* of a route that is answered at once: what its parse made */
};

/* routes.c. *allow: NULL, or the methods of the path when only the method is wrong. */
const struct ht_route *ht_route_find(const struct ht_door *door, const struct ht_ask *ask, struct ht_text *party_id, struct ht_text *id,
				     const char **allow);
enum ht_form ht_route_form(const struct ht_door *door, const struct ht_ask *ask);

/* who.c: the guard of the route. Results as of ht_route.parse. */
bool ht_visit_admit(struct ht_visit *v);
/* A URL that will be called later: http or https, and no literal address that nobody may be sent to. */
bool ht_visit_url(struct ht_visit *v, struct ht_text url, const char *place);

/* shape.c */
bool ht_visit_media(struct ht_visit *v);
bool ht_visit_query(struct ht_visit *v);
bool ht_visit_members(struct ht_visit *v);
struct ht_text ht_visit_text(const struct ht_visit *v, const char *name); /* a copy of a text member; empty: absent */
bool ht_visit_bool(const struct ht_visit *v, const char *name); /* false: absent too */
/* The member `policy`, when it is understood whole and says nothing that an offer gets here; empty: absent. */
bool ht_visit_policy(struct ht_visit *v, struct ht_text *out);
int64_t ht_visit_int(const struct ht_visit *v, const char *name, int64_t preset);
bool ht_visit_hash(struct ht_visit *v, const char *name, uint8_t sha256[32]); /* 64 hex digits */
bool ht_visit_plain(struct ht_text t); /* no control characters */

/* status.c */
bool ht_visit_refuse(struct ht_visit *v, enum ht_refuse code, const char *place);
/* What the store says of something: HERE is true, ABSENT this refusal, FAILED one that says "later". */
bool ht_visit_fact(struct ht_visit *v, enum ht_fact is, enum ht_refuse absent, const char *place);
/* The same for a place below another. */
bool ht_visit_refuse_at(struct ht_visit *v, enum ht_refuse code, const char *at, struct ht_text below);
/* A policy that is odd: the detail says what is allowed there, in the asker's language. */
bool ht_visit_refuse_odd(struct ht_visit *v, const char *at, const struct ht_policy *p);
void ht_visit_answer(struct ht_visit *v, const struct ht_refusal *why, struct ht_answer *answer);

/* dsp.c */
bool ht_dsp_parse_message(struct ht_visit *v);
bool ht_dsp_parse_read(struct ht_visit *v);
bool ht_dsp_parse_catalog(struct ht_visit *v);
bool ht_dsp_parse_delivery(struct ht_visit *v);
bool ht_dsp_parse_push(struct ht_visit *v);
void ht_dsp_reply_push(struct ht_visit *v, struct ht_answer *answer);
void ht_dsp_reply_process(struct ht_visit *v, struct ht_answer *answer);
void ht_dsp_reply_catalog(struct ht_visit *v, struct ht_answer *answer);
void ht_dsp_reply_dataset(struct ht_visit *v, struct ht_answer *answer);
void ht_dsp_reply_delivery(struct ht_visit *v, struct ht_answer *answer);
void ht_dsp_reply_document(struct ht_visit *v, struct ht_answer *answer);
void ht_dsp_reply_version(struct ht_visit *v, struct ht_answer *answer);

/* api.c: what the API takes. */
extern const struct ht_member ht_api_party[], ht_api_token[], ht_api_product[], ht_api_negotiation[], ht_api_transfer[], ht_api_complete[],
	ht_api_offer[], ht_api_counter[], ht_api_reason[], ht_api_nothing[];
bool ht_api_parse_read(struct ht_visit *v);
bool ht_api_parse_party(struct ht_visit *v);
bool ht_api_parse_token(struct ht_visit *v);
bool ht_api_parse_revoke(struct ht_visit *v);
bool ht_api_parse_product(struct ht_visit *v);
bool ht_api_parse_transfer(struct ht_visit *v);
bool ht_api_parse_send(struct ht_visit *v);
bool ht_api_parse_retry(struct ht_visit *v);
bool ht_api_parse_events(struct ht_visit *v);

/* other.c: what needs another node. */
bool ht_api_parse_negotiation(struct ht_visit *v);
bool ht_api_parse_offers(struct ht_visit *v);
void ht_api_reply_offers(struct ht_visit *v, struct ht_answer *answer);

/* reply.c: what the API answers. */
void ht_visit_put(struct ht_json_out *w, const char *name, struct ht_text value); /* null when it is empty */
void ht_api_reply_health(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_upload(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_metrics(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_self(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_party(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_parties(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_token(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_revoke(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_tokens(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_product(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_products(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_process(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_processes(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_agreement(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_agreements(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_pushed(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_letters(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_history(struct ht_visit *v, struct ht_answer *answer);
void ht_api_reply_events(struct ht_visit *v, struct ht_answer *answer);

#endif
