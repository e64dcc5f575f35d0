/* app/trade/client.h - the management API of the user's own node as one call function.
 *
 * Where   HUTONG_URL, else DIR/serve.url; HUTONG_TOKEN, else DIR/operator.token. The node may be at any address.
 * Memory  the answer of a call is valid until the next one; texts that are kept are copied. */
#ifndef HT_APP_TRADE_CLIENT_H
#define HT_APP_TRADE_CLIENT_H

#include <stdatomic.h>

#include "app/command.h"
#include "base/err.h"
#include "wire/json.h"

struct ht_client {
	const struct ht_line *line;
	enum ht_lang lang;
	struct ht_arena *arena;
	struct ht_text url;   /* of the API: "http://127.0.0.1:8080/api/v1" */
	struct ht_text token; /* "Bearer ..."; empty: none */
	bool offline;         /* calls go to the data folder itself */
	bool said;            /* with --json: the one document has been printed */
	bool may_lack;        /* that what is asked for is not there is not said: `lacks` tells */
	bool may_be_late;     /* nor that a process is in another state by now: `late` tells */
	bool may_fail;        /* nor anything else that goes wrong */
	const char *who;      /* NULL or: the roles whose token may do it, said when another one is refused */
	struct ht_http_client *http;
	atomic_bool *stop;    /* NULL or: the user wants to stop */
	/* of the last call */
	int status;
	bool lacks, late;
	struct ht_text text;
	struct ht_json *json; /* an object */
};

/* HT_EXIT_DONE, or what is wrong is said and its exit status returned. ht_client_fini() in both cases. */
int ht_client_init(struct ht_client *c, const struct ht_line *line);
/* For what an operator may also do while no server runs: with --data and without HUTONG_URL, when no server has the folder. */
int ht_client_init_operator(struct ht_client *c, const struct ht_line *line);
void ht_client_fini(struct ht_client *c); /* zeroed memory is accepted */

/* From now on the first SIGINT or SIGTERM ends what is waited for with HT_EXIT_ENVIRONMENT, the second one the process. */
void ht_client_stoppable(struct ht_client *c);

/* One request. HT_EXIT_DONE: a 2xx answer, its object in c->json and c->text. Else it is said on standard error (with --json
 * also as a document on standard output) and the exit status returned. */
int ht_client_call(struct ht_client *c, const char *method, struct ht_text path, struct ht_text body);

struct ht_client_body {
	const char *content_type; /* NULL: none */
	struct ht_bytes bytes;
	int64_t timeout_us;       /* 0: none, but a stall ends it */
};
int ht_client_call_body(struct ht_client *c, const char *method, struct ht_text path, const struct ht_client_body *body);

/* The answer in c->status and c->text, as of ht_client_call(). */
int ht_client_judge(struct ht_client *c);

/* The path of a thing of a list: ("transfers", id, "/complete"). */
struct ht_text ht_client_path(struct ht_client *c, const char *of, struct ht_text id, const char *after);

/* A member of the last answer, copied; empty: absent, null or no string. */
struct ht_text ht_client_text(struct ht_client *c, const char *member);

/* The process of the last answer (a negotiation or transfer of the list `of`) until it is settled. What takes long is said, and what
 * stays when the user stops. HT_EXIT_DONE: it is in one
 * of the states `good` ("STARTED COMPLETED"), else what became of it is said. */
int ht_client_wait(struct ht_client *c, const char *of, const char *good);

/* A transfer of the last answer until it is STARTED with a file that was pushed for it, or over; one that was terminated has none. */
int ht_client_wait_pushed(struct ht_client *c);

/* The same until nothing of ours is on its way any more, whatever became of it. HT_EXIT_ENVIRONMENT: it is not sent any more. */
int ht_client_settle(struct ht_client *c, const char *of);

/* One line on standard error, made harmless for a terminal. */
void ht_client_say(const struct ht_client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same after the name of the command, for what went wrong; with --json also {"code","text"} on standard output, when nothing
 * was printed there yet. Returns status. */
int ht_client_wrong(struct ht_client *c, int status, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* An error of the environment, what it is about, and advice (may be NULL); HT_EXIT_ENVIRONMENT. */
int ht_client_fail(struct ht_client *c, struct ht_text about, enum ht_err err, const char *advice);
/* Wrong use of a setting or argument; HT_EXIT_USAGE. */
int ht_client_usage(struct ht_client *c, const char *place, const char *what);

/* Text on standard output. */
void ht_client_print(struct ht_text t);
/* With --json the last answer as it came, when nothing was printed yet; else `plain` and a line end. */
void ht_client_print_answer(struct ht_client *c, struct ht_text plain);

#endif
