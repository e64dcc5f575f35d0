/* door/status_test.c - every code of the table of refusals, in each form of a path and in both languages. */
#include "door/fixture.h"
#include "test/check.h"

enum { FORMS = 5 };
static const struct {
	const char *path, *type; /* type: of the body; NULL: a refusal of the API */
	bool empty404;
} forms[FORMS] = {
	{ "/api/v1/self", NULL, false },
	{ "/p/alpha/dsp/2025-1/catalog/request", "CatalogError", false },
	{ "/p/alpha/dsp/2025-1/negotiations/urn:p", "ContractNegotiationError", true },
	{ "/p/alpha/dsp/2025-1/transfers/urn:p", "TransferError", true },
	{ "/p/alpha/data/urn:p", NULL, false },
};

/* By group: API, catalog, negotiation, transfer, gate. */
static const int statuses[][FORMS] = {
	[HT_ABOUT_SHAPE] = { 400, 400, 400, 400, 400 }, [HT_ABOUT_LARGE] = { 413, 413, 413, 413, 413 }, [HT_ABOUT_MEDIA] = { 415, 415, 415, 415, 415 },
	[HT_ABOUT_RULE] = { 422, 400, 400, 400, 403 }, [HT_ABOUT_STATE] = { 409, 400, 400, 400, 409 }, [HT_ABOUT_LATER] = { 503, 503, 503, 503, 503 },
	[HT_ABOUT_FULL] = { 507, 507, 507, 507, 507 }, [HT_ABOUT_BROKEN] = { 500, 500, 500, 500, 500 },
	[HT_ABOUT_WHO] = { 401, 401, 404, 404, 401 }, [HT_ABOUT_ABSENT] = { 404, 404, 404, 404, 404 },
	[HT_ABOUT_METHOD] = { 405, 405, 405, 405, 405 }, [HT_ABOUT_ROLE] = { 403, 403, 403, 403, 403 }, [HT_ABOUT_CONFLICT] = { 409, 409, 409, 409, 409 },
	[HT_ABOUT_PEER] = { 502, 502, 502, 502, 502 },
};

static void check_body(const struct world *w, const char *row, enum ht_refuse code, int form, enum ht_lang lang)
{
	bool who = ht_refuse_group(code) == HT_ABOUT_WHO && code != HT_REFUSE_TOKEN_MISSING;
	enum ht_refuse said = who ? HT_REFUSE_TOKEN_UNKNOWN : code;

	if (forms[form].empty404 && w->answer.status == 404) {
		CHECK_F(!w->answer.body.len && !w->answer.content_type, "%s %s", row, forms[form].path);
		return;
	}
	CHECK_F(world_says(w, ht_refuse_word(said)), "%s %s", row, forms[form].path);
	CHECK_F(world_says(w, ht_refuse_text(said, lang)), "%s %s", row, forms[form].path);
	CHECK_F(world_says(w, forms[form].type ? forms[form].type : "\"code\":"), "%s %s", row, forms[form].path);
	CHECK_F(strcmp(w->answer.content_type, "application/json") == 0, "%s %s", row, forms[form].path);
	CHECK_F(who || world_says(w, "/here"), "%s %s", row, forms[form].path);
}

TEST(every_refusal_in_every_form)
{
	static struct world w;

	world_init(&w);
	for (int code = HT_REFUSE_NONE + 1; code < HT_REFUSE_COUNT; code++) {
		struct ht_refusal why = { (enum ht_refuse)code, HT_TEXT("/here"), HT_TEXT("\"found\"") };
		const char *row = ht_refuse_word(why.code);

		for (int form = 0; form < FORMS; form++) {
			enum ht_lang lang = (code + form) % 2 ? HT_ZH : HT_EN;

			w.ask.path = ht_text_of(forms[form].path);
			w.ask.accept_language = lang == HT_ZH ? HT_TEXT("zh-CN,zh;q=0.9,en;q=0.8") : HT_TEXT("en-GB");
			ht_door_refuse(&w.door, &w.ask, &why, &w.answer);
			CHECK_F(w.answer.status == statuses[ht_refuse_group(why.code)][form], "%s %s: %d", row, forms[form].path,
				w.answer.status);
			CHECK_ROW(row, w.answer.retry_after_s == (w.answer.status == 503));
			check_body(&w, row, why.code, form, lang);
		}
	}
	world_fini(&w);
}

/* A step that the disk has failed, and one that the desk has refused, with the pids of its message. */
TEST(a_step_that_failed)
{
	static struct world w;

	world_init(&w);
	CHECK(world_ask(&w, "POST", "/p/alpha/dsp/2025-1/negotiations/request", HT_TEXT(DELTA_HEADER), NEGOTIATION_REQUEST(BASE_GAMMA)) ==
	      0);
	w.result.step.err = HT_E_FULL;
	CHECK(world_reply(&w) == 507 && world_says(&w, "disk_full") && world_says(&w, "\"consumerPid\":\"urn:c\""));
	w.result.step.err = HT_E_BUSY;
	CHECK(world_reply(&w) == 503 && w.answer.retry_after_s == 1);
	w.result.step.err = HT_OK;
	w.result.step.why = (struct ht_refusal){ .code = HT_REFUSE_OFFER_UNKNOWN, .place = HT_TEXT("/offer/@id") };
	CHECK(world_reply(&w) == 400 && world_says(&w, "offer_unknown") && world_says(&w, "/offer/@id"));
	w.result.step.why = (struct ht_refusal){ .code = HT_REFUSE_PENDING };
	CHECK(world_reply(&w) == 503 && w.answer.retry_after_s == 1);
	w.result.step.why = (struct ht_refusal){ .code = HT_REFUSE_TOKEN_REPLAY, .place = HT_TEXT("Authorization") };
	CHECK(world_reply(&w) == 404 && !w.answer.body.len && world_logs("token_replay"));
	world_fini(&w);
}

CHECK_MAIN(TEST_ROW(every_refusal_in_every_form), TEST_ROW(a_step_that_failed))
