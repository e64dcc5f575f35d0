/* model/market.h - the nouns of the market as plain structs: party, policy, product, process, agreement. No rules here.
 *
 * Memory  texts are views: of the request, of the store's row, of the peer's document. Who keeps a struct longer copies.
 * Names   as DSP 2025-1, DCAT 3 and ODRL 2.2 spell them. */
#ifndef HT_MODEL_MARKET_H
#define HT_MODEL_MARKET_H

#include "base/text.h"

/* Who acts. The first two are also the two sides of a process. A set of roles is their sum. */
enum ht_role { HT_NOBODY = 0, HT_CONSUMER = 1, HT_PROVIDER = 2, HT_OPERATOR = 4, HT_REGULATOR = 8 };

struct ht_party {
	int64_t row;          /* of the store; 0 is the node itself */
	struct ht_text id;    /* in paths: 1 to 63 of a-z 0-9 -, beginning with a letter or digit */
	struct ht_text name;  /* for people */
	struct ht_text did;
};

/* What a constraint is about. */
enum ht_left {
	HT_LEFT_DATE_TIME, /* now */
	HT_LEFT_TRANSFERS, /* how many there are under the agreement, with the one that is asked for */
	HT_LEFT_ELAPSED,   /* since the agreement */
	HT_LEFT_RECIPIENT, /* who gets it: a DID, or an id of the peers file */
	HT_LEFT_COUNT
};

enum ht_operator {
	HT_OP_EQ, HT_OP_NEQ, HT_OP_LT, HT_OP_LTEQ, HT_OP_GT, HT_OP_GTEQ, HT_OP_IS_ANY_OF, HT_OP_IS_NONE_OF, HT_OP_COUNT
};

/* How a constraint is made of others; an atom is not. */
enum ht_join { HT_JOIN_NONE, HT_JOIN_AND, HT_JOIN_OR, HT_JOIN_COUNT };

/* What is not understood of a policy. */
enum ht_odd_kind {
	HT_ODD_MEMBER,   /* nothing with this name */
	HT_ODD_TYPE,     /* @type */
	HT_ODD_ACTION,
	HT_ODD_DUTY,     /* duties, remedies, obligations */
	HT_ODD_JOIN,     /* constraints in something else than `and` and `or` */
	HT_ODD_EMPTY,    /* `and` or `or` of nothing */
	HT_ODD_LEFT,
	HT_ODD_OPERATOR,
	HT_ODD_RIGHT,
	HT_ODD_MANY,     /* too many rules or constraints, or too deep */
	HT_ODD_COUNT
};
enum { HT_ODD_VALUE_MAX = 64 };
struct ht_oddity {
	enum ht_odd_kind kind;
	enum ht_left left;    /* of OPERATOR and RIGHT */
	struct ht_text value; /* a text or name that stands there, at most HT_ODD_VALUE_MAX bytes of it; empty: no text */
};

/* One part of a policy. An odd part has something in it that is not understood; of what else stands there nothing is said. */
struct ht_part {
	struct ht_text place; /* JSON pointer below the policy: "/permission/0/constraint/1"; odd: of what is not understood */
	bool odd;
	struct ht_oddity what; /* when it is odd */
};

/* One node of a tree of constraints. Clause: DSP 2025-1 contract-schema AtomicConstraint, LogicalConstraint. */
struct ht_constraint {
	struct ht_part part;
	enum ht_join join;
	/* an atom: left op right */
	enum ht_left left;
	enum ht_operator op;
	struct ht_text right; /* as it came, a list with commas between */
	int64_t number;       /* its time in us since 1970, number of transfers, or duration in us */
	struct ht_text *ids;  /* its recipients, each once, by ht_text_order() */
	size_t ids_count;
	/* `and`, `or` of these */
	struct ht_constraint *parts;
	size_t parts_count;
};

/* A permission or prohibition: all of its constraints are meant. Obligations are not understood and make a policy odd. */
struct ht_rule {
	struct ht_part part;
	struct ht_text action; /* "use" */
	struct ht_constraint *constraints;
	size_t count;
};

/* Rules of a kind; constraints of a policy with those that are `and` or `or`, and how deep these stand in each other; ids of a list. */
enum { HT_RULES_MAX = 16, HT_NODES_MAX = 64, HT_NODES_DEPTH_MAX = 8, HT_RECIPIENTS_MAX = 64 };

/* An ODRL policy: the text that it came with and what was understood of it. An odd policy has a part that is not
 * understood: nobody may rely on its rules. */
struct ht_policy {
	struct ht_text text; /* the JSON object, byte for byte */
	struct ht_text id;   /* its @id; empty when it has none */
	struct ht_text target, assigner, assignee, timestamp; /* empty when absent */
	struct ht_rule *permissions, *prohibitions;
	size_t count, prohibitions_count;
	bool odd;
	struct ht_text odd_place; /* of the first such part: "/permission/0/action" */
	struct ht_oddity odd_what;
};

/* One version of something that can be delivered; the first kind is a file. */
struct ht_product {
	int64_t row;
	int64_t party;        /* row of its provider */
	struct ht_text id;    /* the dataset's @id, verbatim */
	int64_t version;      /* from 1 */
	struct ht_text title; /* may be empty */
	struct ht_text policy;   /* the ODRL policy as it was published, a JSON object without @id and target */
	struct ht_text offer;    /* @id of its offer */
	struct ht_text audience; /* DIDs separated by commas; empty: everybody */
	bool manual;             /* a person decides each step of what is negotiated and delivered */
	struct ht_text file;     /* name of the file as published, without folders */
	int64_t size;            /* bytes */
	uint8_t sha256[32];
	int64_t published_us;
	int64_t chain;
};

/* A process is a negotiation or a transfer, seen by one party (LIFECYCLE). */
enum ht_machine { HT_NEGOTIATION, HT_TRANSFER, HT_MACHINE_COUNT };

enum ht_state {
	HT_NONE, /* the first message is not acknowledged yet */
	HT_REQUESTED, HT_OFFERED, HT_ACCEPTED, HT_AGREED, HT_VERIFIED, HT_FINALIZED, /* negotiation */
	HT_STARTED, HT_SUSPENDED, HT_COMPLETED,                                      /* transfer, which also begins with REQUESTED */
	HT_TERMINATED,                                                               /* both */
	HT_STATE_COUNT
};

enum ht_msg {
	HT_MSG_NONE,
	HT_MSG_REQUEST, HT_MSG_OFFER, HT_MSG_ACCEPT, HT_MSG_AGREE, HT_MSG_VERIFY, HT_MSG_FINALIZE,
	HT_MSG_START, HT_MSG_SUSPEND, HT_MSG_COMPLETE,
	HT_MSG_TERMINATE,
	HT_MSG_COUNT
};

/* What became of the pending message so far. */
enum ht_mark {
	HT_MARK_SENT,          /* to be sent, in flight, or without an answer */
	HT_MARK_REFUSED,       /* refused; to be reconciled */
	HT_MARK_ONCE_MORE,     /* the first message, refused but not for sure: once more when no attempt is open */
	HT_MARK_AGAIN,         /* sent again after a refusal */
	HT_MARK_REFUSED_AGAIN, /* refused after that: it was meant */
	HT_MARK_COUNT
};

struct ht_process {
	int64_t row;
	int64_t party;            /* row of the party whose side this is */
	enum ht_machine machine;
	enum ht_role role;        /* our side */
	bool manual;              /* a person decides; else the rows of rules */
	enum ht_state state;      /* what both sides are known to agree on */
	enum ht_msg pending;      /* committed for sending, not settled; HT_MSG_NONE: nothing */
	enum ht_mark mark;        /* of the pending message */
	bool unanswered;          /* an attempt of the pending first message went without an answer */
	bool stalled;             /* the retry horizon is over: a dead letter */
	bool person;              /* waits for a person */
	struct ht_text pid;       /* minted by us */
	struct ht_text peer_pid;  /* minted by the peer; empty while unknown */
	struct ht_text peer;      /* DID, or id of the peers file */
	struct ht_text base;      /* where the peer takes messages: callbackAddress or the provider's base, without a last slash */
	struct ht_text product;   /* @id of the dataset */
	int64_t version;          /* of our own product; 0 at a consumer */
	struct ht_text offer;     /* the last offer as it came or went, a JSON object; negotiation */
	struct ht_text agreement; /* @id; empty until there is one */
	struct ht_text format;    /* transfer: "HttpData-PULL" */
	struct ht_text address;   /* transfer: the DataAddress that came, or that we gave, a JSON object; empty before the first START */
	uint8_t access
		[32]; /* transfer: SHA-256 of the access token that we gave, as provider of the data or for what is pushed to us; zero: none */
	uint8_t pushed[32];       /* transfer at the consumer: SHA-256 of the file that was pushed to us; zero: none yet */
	int64_t pushed_size;
	struct ht_text reason;    /* why it was refused, suspended or terminated: the peer's or our own words; may be empty */
	uint8_t last[32];         /* SHA-256 of the last accepted message body */
	int64_t chain;            /* index of the first leaf of its chain */
	int64_t parent;           /* transfer: row of the negotiation; else 0 */
	int64_t made_us, changed_us;
};

/* A contract: an ODRL agreement that was negotiated. It counts when its negotiation is FINALIZED. */
struct ht_agreement {
	int64_t party;           /* row of the party whose copy this is */
	struct ht_text id;
	int64_t negotiation;     /* row of its process */
	enum ht_role role;       /* our side */
	struct ht_text peer;
	struct ht_text product;
	int64_t version;
	struct ht_text base;     /* the peer's base */
	struct ht_text policy;   /* the agreement as it came or went, a JSON object */
	int64_t made_us;
};

/* An outgoing message that is not settled: at most one for each process. */
struct ht_letter {
	int64_t process;     /* row */
	enum ht_msg msg;
	struct ht_text id;   /* @id of the message */
	struct ht_text url;
	int64_t leaf;        /* index of the leaf whose content is the body */
	int64_t made_us;     /* when it was written: the retry horizon counts from here */
	int64_t due_us;      /* next attempt; INT64_MAX: a dead letter */
	int64_t open_us;     /* until then an attempt without an answer can still arrive; 0: none is open */
	int64_t again_us;    /* until when a refused message is sent again after a reconciliation; 0: no such time */
	int64_t attempts;
};

/* One DataAddress of DSP. Names of endpointProperties may be short or full IRIs of EDC (exchange.md 3.6). */
struct ht_data_address {
	struct ht_text text;          /* the JSON object as it came */
	struct ht_text endpoint;
	struct ht_text authorization; /* "Bearer ..." value or bare token */
	struct ht_text auth_type;     /* "bearer" */
	bool sink;                    /* data are pushed there */
};

/* A message of DSP, of either machine. Empty: absent. */
struct ht_message {
	enum ht_machine machine;
	enum ht_msg msg;
	struct ht_text id; /* @id */
	struct ht_text consumer_pid, provider_pid;
	struct ht_text callback;          /* callbackAddress */
	struct ht_policy policy;          /* offer or agreement */
	struct ht_text agreement, format; /* transfer request */
	bool has_address;
	struct ht_data_address address;
	struct ht_text code, reason;      /* termination; reason is the JSON array as it came */
};

/* What a catalog says of one dataset, as a consumer reads it. */
enum { HT_OFFERS_MAX = 64 };
struct ht_dataset {
	struct ht_text id, title;
	struct ht_policy *offers;
	size_t offers_count;
	struct ht_text format;   /* the first distribution that we can take: "HttpData-PULL"; empty: none */
	struct ht_text *formats; /* of all distributions that name one */
	size_t formats_count;
	struct ht_text endpoint; /* endpointURL of its service; may be empty */
	int64_t size;            /* dcat:byteSize; -1: not said */
	bool has_sha256;
	uint8_t sha256[32];      /* spdx:checksum */
};

/* A DID document as far as we use it: Ed25519 keys listed under `authentication`, and services. */
enum { HT_DOC_KEYS_MAX = 16, HT_DOC_SERVICES_MAX = 16 };
struct ht_did_key {
	struct ht_text id; /* DID#fragment */
	uint8_t pub[32];
};
struct ht_did_service {
	struct ht_text type, endpoint;
};
struct ht_did_doc {
	struct ht_text did;
	struct ht_did_key keys[HT_DOC_KEYS_MAX];
	size_t keys_count;
	struct ht_did_service services[HT_DOC_SERVICES_MAX];
	size_t services_count;
};

#endif
