/* door/status.c - what a refusal looks like outside: its HTTP status, and its body in the form of the path. */
#include "base/log.h"
#include "door/visit.h"
#include "wire/dsp.h"

enum { LATER_S = 1 };

/* One row for each group, one column for each form. Clause: DSP 2025-1 HTTPS bindings: what is not authorized is 404. */
static const short statuses[][HT_FORM_COUNT] = {
	/*                       API  catalog negotiation transfer gate */
	[HT_ABOUT_NOTHING]  = {  500, 500,    500,        500,     500 },
	[HT_ABOUT_SHAPE]    = {  400, 400,    400,        400,     400 },
	[HT_ABOUT_LARGE]    = {  413, 413,    413,        413,     413 },
	[HT_ABOUT_MEDIA]    = {  415, 415,    415,        415,     415 },
	[HT_ABOUT_RULE]     = {  422, 400,    400,        400,     403 },
	[HT_ABOUT_STATE]    = {  409, 400,    400,        400,     409 },
	[HT_ABOUT_LATER]    = {  503, 503,    503,        503,     503 },
	[HT_ABOUT_FULL]     = {  507, 507,    507,        507,     507 },
	[HT_ABOUT_BROKEN]   = {  500, 500,    500,        500,     500 },
	[HT_ABOUT_WHO]      = {  401, 401,    404,        404,     401 },
	[HT_ABOUT_ABSENT]   = {  404, 404,    404,        404,     404 },
	[HT_ABOUT_METHOD]   = {  405, 405,    405,        405,     405 },
	[HT_ABOUT_ROLE]     = {  403, 403,    403,        403,     403 },
	[HT_ABOUT_CONFLICT] = {  409, 409,    409,        409,     409 },
	[HT_ABOUT_PEER]     = {  502, 502,    502,        502,     502 },
};

bool ht_visit_refuse(struct ht_visit *v, enum ht_refuse code, const char *place)
{
	return ht_refuse(&v->why, code, ht_text_of(place));
}

bool ht_visit_fact(struct ht_visit *v, enum ht_fact is, enum ht_refuse absent, const char *place)
{
	switch (is) {
	case HT_FACT_HERE: return true;
	case HT_FACT_ABSENT: return ht_visit_refuse(v, absent, place);
	case HT_FACT_LACKS:
	case HT_FACT_NOBODY:
	case HT_FACT_FAILED: break;
	}
	return ht_visit_refuse(v, HT_REFUSE_STORE_LATER, "");
}

/* Why a token was not taken is for the log only. */
static struct ht_refusal outside(const struct ht_refusal *why)
{
	if (ht_refuse_group(why->code) != HT_ABOUT_WHO || why->code == HT_REFUSE_TOKEN_MISSING)
		return *why;
	return (struct ht_refusal){ .code = HT_REFUSE_TOKEN_UNKNOWN, .place = HT_TEXT("Authorization") };
}

static struct ht_text api_body(const struct ht_refusal *why, enum ht_lang lang, struct ht_arena *a)
{
	struct ht_json_out w;

	ht_json_begin(&w, a);
	ht_json_open(&w, NULL, '{');
	ht_json_put_z(&w, "code", ht_refuse_word(why->code));
	ht_json_put(&w, "place", why->place);
	ht_json_put_z(&w, "text", ht_refuse_text(why->code, lang));
	ht_json_put(&w, "detail", why->detail);
	ht_json_close(&w, '}');
	return ht_json_end(&w);
}

static struct ht_text dsp_body(const struct ht_visit *v, enum ht_form form, const struct ht_refusal *why, enum ht_lang lang)
{
	static const enum ht_machine machines[HT_FORM_COUNT] = {
		[HT_FORM_API] = HT_MACHINE_COUNT, [HT_FORM_CATALOG] = HT_MACHINE_COUNT, [HT_FORM_NEGOTIATION] = HT_NEGOTIATION,
		[HT_FORM_TRANSFER] = HT_TRANSFER, [HT_FORM_GATE] = HT_MACHINE_COUNT,
	};
	struct ht_message none = { 0 };
	const struct ht_message *m = v->out && v->out->step.kind == HT_STEP_RECEIVE ? &v->out->step.in.receive.message : &none;
	struct ht_text reason = ht_text_of(ht_refuse_text(why->code, lang));

	if (why->detail.len)
		reason = ht_text_format(v->ask->arena, HT_TEXT_FMT ": " HT_TEXT_FMT, HT_TEXT_ARG(reason), HT_TEXT_ARG(why->detail));
	return ht_dsp_write_error(machines[form], m->consumer_pid, m->provider_pid, ht_text_of(ht_refuse_word(why->code)), why->place,
				  reason, v->ask->arena);
}

/* What a peer wrote may be no UTF-8. */
static struct ht_text readable(struct ht_text t)
{
	return ht_text_utf8(ht_text_bytes(t)) ? t : HT_TEXT("");
}

void ht_visit_answer(struct ht_visit *v, const struct ht_refusal *why, struct ht_answer *answer)
{
	enum ht_form form = v->route ? v->route->form : ht_route_form(v->door, v->ask);
	enum ht_lang lang = ht_lang_of_header(v->ask->accept_language);
	struct ht_refusal said = outside(why);
	bool process = form == HT_FORM_NEGOTIATION || form == HT_FORM_TRANSFER;

	said.place = readable(said.place);
	said.detail = readable(said.detail);
	answer->status = statuses[ht_refuse_group(why->code)][form];
	answer->retry_after_s = ht_refuse_group(why->code) == HT_ABOUT_LATER ? LATER_S : 0;
	HT_LOG(HT_INFO, "refused", HT_FIELD_Z("code", ht_refuse_word(why->code)), HT_FIELD("place", why->place),
	       HT_FIELD("detail", why->detail), HT_FIELD("method", v->ask->method), HT_FIELD("path", v->ask->path),
	       HT_FIELD("peer", v->claim.did), HT_FIELD_N("status", answer->status));
	if (process && answer->status == 404)
		return;
	answer->content_type = "application/json";
	answer->body = process || form == HT_FORM_CATALOG ? dsp_body(v, form, &said, lang) : api_body(&said, lang, v->ask->arena);
}
