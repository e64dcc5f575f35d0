/* door/ask.c - the driver: every request takes the same way, and so does every answer. */
#include <assert.h>
#include <string.h>

#include "door/visit.h"

/* Route, party of the path, who asks. False as of ht_route.parse. */
static bool enter(struct ht_visit *v)
{
	const struct ht_facts *facts = v->door->facts;
	const char *allow;

	v->route = ht_route_find(v->door, v->ask, &v->party_id, &v->id, &allow);
	if (!v->route) {
		v->out->answer.allow = allow;
		return ht_visit_refuse(v, allow ? HT_REFUSE_METHOD : HT_REFUSE_NOT_FOUND, "");
	}
	v->out->route = v->route;
	v->out->step.kind = v->route->step;
	if (v->party_id.len) {
		if (!ht_visit_fact(v, facts->party(facts->self, v->party_id, 0, v->ask->arena, &v->party), HT_REFUSE_NOT_FOUND, ""))
			return false;
		v->out->step.who.party = v->party;
	}
	return ht_visit_admit(v);
}

/* No body at all stands for {} where nothing is needed. */
static bool may_be_empty(const struct ht_visit *v)
{
	const struct ht_member *m = v->route->members;

	if (v->ask->body.len || !m)
		return false;
	while (m->name && !m->needed)
		m++;
	return !m->name;
}

/* What the route takes, and its own parse. */
static bool take(struct ht_visit *v)
{
	static const struct ht_text nothing = HT_TEXT_ROW("{}");
	bool empty = may_be_empty(v), ok;
	struct ht_json *root;

	if (v->route->takes & HT_TAKES_FILE)
		return ht_visit_refuse(v, HT_REFUSE_TOO_LARGE, ""); /* it streams in past ht_door_upload() */
	if ((v->route->takes & HT_TAKES_JSON) && !empty && !ht_visit_media(v))
		return false;
	if (v->route->guard == HT_ADMIT_ROLES && !ht_visit_query(v))
		return false;
	if (!v->route->members)
		return !v->route->parse || v->route->parse(v);
	root = ht_json_read(empty ? ht_text_bytes(nothing) : v->ask->body, &ht_json_small, &v->why);
	if (!root)
		return false;
	v->body = root;
	ok = ht_visit_members(v) && v->route->parse(v);
	v->body = NULL;
	ht_json_free(root);
	return ok;
}

static void succeed(struct ht_visit *v, struct ht_answer *answer)
{
	*answer = (struct ht_answer){ .status = v->route->status, .content_type = "application/json" };
	v->route->reply(v, answer);
	if (v->why.code != HT_REFUSE_STORE_LATER)
		return;
	*answer = (struct ht_answer){ 0 };
	ht_visit_answer(v, &v->why, answer);
}

static struct ht_visit begin(const struct ht_door *door, const struct ht_ask *ask, struct ht_door_result *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = HT_DOOR_STEP;
	out->step.arena = ask->arena;
	return (struct ht_visit){ .door = door, .ask = ask, .out = out };
}

/* Turns a refusal into an answer; a need stays. */
static void stop(struct ht_visit *v)
{
	if (v->out->kind == HT_DOOR_NEED)
		return;
	v->out->kind = HT_DOOR_ANSWER;
	ht_visit_answer(v, &v->why, &v->out->answer);
}

/* Reads go to a reader, but a regulator's leave a leaf. */
static bool is_read(const struct ht_step *s)
{
	return s->kind >= HT_STEP_READS && s->who.role != HT_REGULATOR;
}

void ht_door_ask(const struct ht_door *door, const struct ht_ask *ask, struct ht_door_result *out)
{
	struct ht_visit v = begin(door, ask, out);

	if (!enter(&v) || !take(&v)) {
		stop(&v);
	} else if (v.route->step == HT_STEP_COUNT) {
		out->kind = HT_DOOR_ANSWER;
		succeed(&v, &out->answer);
	} else if (is_read(&out->step)) {
		out->kind = HT_DOOR_READ;
	}
}

/* Who asks is known without the body: not so of a peer, whose token is made for it. */
static bool known_early(const struct ht_ask *ask, const struct ht_route *route)
{
	return !ask->authorization.len || !route || (route->guard == HT_ADMIT_ROLES && (route->takes & HT_TAKES_JSON));
}

void ht_door_upload(const struct ht_door *door, const struct ht_ask *ask, bool *upload, struct ht_door_result *out)
{
	struct ht_visit v = begin(door, ask, out);
	bool in;

	v.route = ht_route_find(door, ask, &v.party_id, &v.id, &(const char *){ NULL });
	*upload = v.route && (v.route->takes & HT_TAKES_FILE);
	if (!*upload && !known_early(ask, v.route))
		return;
	in = enter(&v) && (!*upload || !v.route->parse || v.route->parse(&v));
	assert(out->kind != HT_DOOR_NEED);
	if (!in)
		stop(&v);
}

void ht_door_reply(const struct ht_door *door, const struct ht_ask *ask, struct ht_door_result *result, struct ht_answer *answer)
{
	const struct ht_step *s = &result->step;
	struct ht_visit v = { .door = door, .ask = ask, .out = result, .route = result->route, .party = s->who.party };

	assert(v.route);
	*answer = (struct ht_answer){ 0 };
	if (s->err) {
		ht_visit_refuse(&v, s->err == HT_E_FULL ? HT_REFUSE_DISK_FULL : HT_REFUSE_BUSY, "");
		ht_visit_answer(&v, &v.why, answer);
	} else if (s->why.code != HT_REFUSE_NONE) {
		ht_visit_answer(&v, &s->why, answer);
	} else {
		if (v.route->guard == HT_ADMIT_ROLES)
			ht_visit_query(&v);
		succeed(&v, answer);
	}
}

void ht_door_refuse(const struct ht_door *door, const struct ht_ask *ask, const struct ht_refusal *why, struct ht_answer *answer)
{
	struct ht_visit v = { .door = door, .ask = ask };

	*answer = (struct ht_answer){ 0 };
	ht_visit_answer(&v, why, answer);
}
