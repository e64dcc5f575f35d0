/* wire/odrl_test.c - policies: what is understood, what is odd and where, what is refused and where; writing. */
#include <string.h>

#include "base/count.h"
#include "base/out.h"
#include "test/check.h"
#include "wire/dsp.h"

static struct ht_arena arena;

#define DATE "{\"leftOperand\":\"dateTime\",\"operator\":\"lteq\",\"rightOperand\":\"2026-12-31T00:00:00Z\"}"
#define RULE(constraints) "{\"permission\":[{\"action\":\"use\",\"constraint\":[" constraints "]}]}"

/* Understood: odd is NULL. Else where it is odd. */
static const struct {
	const char *policy, *odd;
} taken[] = {
	{ "{\"permission\":[{\"action\":\"use\"}]}", NULL },
	{ "{\"permission\":{\"action\":\"odrl:use\"}}", NULL },
	{ "{\"permission\":[{\"action\":\"http://www.w3.org/ns/odrl/2/use\",\"constraint\":[],\"duty\":[]}]}", NULL },
	{ "{\"@context\":\"http://www.w3.org/ns/odrl.jsonld\",\"@type\":\"odrl:Set\",\"@id\":\"x\",\"permission\":[],\"prohibition\":[],\"obligation\":[]}", NULL },
	{ "{\"@type\":\"Policy\",\"prohibition\":[]}", NULL },
	{ "{\"@type\":\"Agreement\",\"@id\":\"a\",\"target\":\"t\",\"assigner\":\"p\",\"assignee\":\"c\",\"timestamp\":\"now\",\"permission\":[]}", NULL },
	{ RULE(DATE), NULL },
	{ RULE("{\"leftOperand\":\"odrl:dateTime\",\"operator\":\"odrl:gteq\",\"rightOperand\":\"2026-01-01T00:00:00+08:00\"}"), NULL },
	{ RULE("{\"leftOperand\":\"http://www.w3.org/ns/odrl/2/dateTime\",\"operator\":\"http://www.w3.org/ns/odrl/2/neq\","
	       "\"rightOperand\":{\"@value\":\"2026-01-01T00:00:00\",\"@type\":\"xsd:dateTime\"}}"), NULL },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\",\"rightOperand\":{\"@value\":\"2026-01-01T00:00:00Z\"}}"), NULL },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"gt\","
	       "\"rightOperand\":{\"@type\":\"http://www.w3.org/2001/XMLSchema#dateTime\",\"@value\":\"2026-01-01T00:00:00Z\"}}"), NULL },
	{ "{\"permission\":[{\"action\":\"distribute\"}]}", "/permission/0/action" },
	{ "{\"permission\":{\"action\":\"distribute\"}}", "/permission/action" },
	{ "{\"permission\":[{\"action\":\"use\"},{\"action\":\"use\",\"target\":\"x\"}]}", "/permission/1/target" },
	{ "{\"permission\":[{\"action\":\"use\",\"duty\":[{\"action\":\"attribute\"}]}]}", "/permission/0/duty" },
	{ "{\"permission\":[{\"action\":\"use\",\"duty\":{\"action\":\"attribute\"}}]}", "/permission/0/duty" },
	{ "{\"@type\":\"Ticket\",\"permission\":[]}", "/@type" },
	{ "{\"profile\":\"https://example.com/profile\",\"permission\":[]}", "/profile" },
	{ "{\"permission\":[],\"a~b/c\":1}", "/a~0b~1c" },
	{ "{\"permission\":[],\"prohibition\":[{\"action\":\"use\"}]}", "/prohibition" },
	{ "{\"permission\":[],\"prohibition\":{\"action\":\"use\"}}", "/prohibition" },
	{ "{\"permission\":[],\"obligation\":[{\"action\":\"use\"}]}", "/obligation" },
	{ RULE("{\"and\":[]}"), "/permission/0/constraint/0/and" },
	{ RULE(DATE ",{\"or\":[" DATE "]}"), "/permission/0/constraint/1/or" },
	{ RULE("{\"xone\":[]}"), "/permission/0/constraint/0/xone" },
	{ RULE("{\"andSequence\":[]}"), "/permission/0/constraint/0/andSequence" },
	{ RULE("{\"leftOperand\":\"spatial\",\"operator\":\"eq\",\"rightOperand\":\"http://example.org/EU\"}"), "/permission/0/constraint/0/leftOperand" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"isPartOf\",\"rightOperand\":\"2026-01-01T00:00:00Z\"}"), "/permission/0/constraint/0/operator" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\",\"rightOperand\":\"2023-12-31T06:00Z\"}"), "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\",\"rightOperand\":[\"2026-01-01T00:00:00Z\"]}"), "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\",\"rightOperand\":{\"@id\":\"x\"}}"), "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\",\"rightOperand\":{\"@value\":\"2026-01-01T00:00:00Z\",\"@type\":\"xsd:date\"}}"),
	  "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\",\"rightOperand\":{\"@value\":\"2026-01-01T00:00:00Z\",\"@language\":\"en\"}}"),
	  "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\",\"rightOperand\":\"2026-01-01T00:00:00Z\",\"unit\":\"day\"}"), "/permission/0/constraint/0/unit" },
};

TEST(understood_or_odd)
{
	for (size_t i = 0; i < HT_COUNT(taken); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_policy p;

		CHECK_F(ht_odrl_read(ht_text_of(taken[i].policy), &arena, &p, &why), "%s: refused, %s at " HT_TEXT_FMT, taken[i].policy,
			ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
		CHECK_ROW(taken[i].policy, p.odd == (taken[i].odd != NULL));
		CHECK_F(ht_text_same(p.odd_place, ht_text_of(taken[i].odd)), "%s: odd at " HT_TEXT_FMT, taken[i].policy,
			HT_TEXT_ARG(p.odd_place));
		CHECK_ROW(taken[i].policy, ht_text_is(p.text, taken[i].policy));
		ht_arena_reset(&arena);
	}
}

static const struct {
	const char *policy;
	enum ht_refuse code;
	const char *place;
} refused[] = {
	{ "[]", HT_REFUSE_MEMBER_TYPE, "" },
	{ "\"use\"", HT_REFUSE_MEMBER_TYPE, "" },
	{ "{", HT_REFUSE_JSON, "" },
	{ "{\"permission\":[],\"permission\":[]}", HT_REFUSE_DUPLICATE_KEY, "" },
	{ "{}", HT_REFUSE_MEMBER_MISSING, "/permission" },
	{ "{\"@id\":7,\"permission\":[]}", HT_REFUSE_MEMBER_TYPE, "/@id" },
	{ "{\"@id\":\"\",\"permission\":[]}", HT_REFUSE_MEMBER_VALUE, "/@id" },
	{ "{\"@type\":[\"Offer\"],\"permission\":[]}", HT_REFUSE_MEMBER_TYPE, "/@type" },
	{ "{\"target\":{},\"permission\":[]}", HT_REFUSE_MEMBER_TYPE, "/target" },
	{ "{\"assigner\":1,\"permission\":[]}", HT_REFUSE_MEMBER_TYPE, "/assigner" },
	{ "{\"assignee\":null,\"permission\":[]}", HT_REFUSE_MEMBER_TYPE, "/assignee" },
	{ "{\"timestamp\":1,\"permission\":[]}", HT_REFUSE_MEMBER_TYPE, "/timestamp" },
	{ "{\"permission\":7}", HT_REFUSE_MEMBER_TYPE, "/permission" },
	{ "{\"permission\":\"use\"}", HT_REFUSE_MEMBER_TYPE, "/permission" },
	{ "{\"permission\":[7]}", HT_REFUSE_MEMBER_TYPE, "/permission/0" },
	{ "{\"permission\":[],\"prohibition\":7}", HT_REFUSE_MEMBER_TYPE, "/prohibition" },
	{ "{\"permission\":[],\"obligation\":\"x\"}", HT_REFUSE_MEMBER_TYPE, "/obligation" },
	{ "{\"permission\":[{}]}", HT_REFUSE_MEMBER_MISSING, "/permission/0/action" },
	{ "{\"permission\":{}}", HT_REFUSE_MEMBER_MISSING, "/permission/action" },
	{ "{\"permission\":[{\"action\":7}]}", HT_REFUSE_MEMBER_TYPE, "/permission/0/action" },
	{ "{\"permission\":[{\"action\":{\"@id\":\"use\"}}]}", HT_REFUSE_MEMBER_TYPE, "/permission/0/action" },
	{ "{\"permission\":[{\"action\":\"use\",\"duty\":1}]}", HT_REFUSE_MEMBER_TYPE, "/permission/0/duty" },
	{ "{\"permission\":[{\"action\":\"use\",\"constraint\":\"x\"}]}", HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint" },
	{ "{\"permission\":[{\"action\":\"use\",\"constraint\":" DATE "}]}", HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint" },
	{ RULE("\"x\""), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0" },
	{ RULE("{\"and\":{}}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/and" },
	{ RULE("{}"), HT_REFUSE_MEMBER_MISSING, "/permission/0/constraint/0/leftOperand" },
	{ RULE(DATE ",{\"leftOperand\":\"dateTime\",\"rightOperand\":\"x\"}"), HT_REFUSE_MEMBER_MISSING, "/permission/0/constraint/1/operator" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\"}"), HT_REFUSE_MEMBER_MISSING, "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":{},\"operator\":\"eq\",\"rightOperand\":\"x\"}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/leftOperand" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":[],\"rightOperand\":\"x\"}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/operator" },
	{ RULE("{\"leftOperand\":\"dateTime\",\"operator\":\"eq\",\"rightOperand\":5}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/rightOperand" },
	/* Behind something odd the types still count. */
	{ "{\"permission\":[{\"action\":\"distribute\"},{\"action\":7}]}", HT_REFUSE_MEMBER_TYPE, "/permission/1/action" },
};

TEST(refused)
{
	for (size_t i = 0; i < HT_COUNT(refused); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_policy p;

		CHECK_ROW(refused[i].policy, !ht_odrl_read(ht_text_of(refused[i].policy), &arena, &p, &why));
		CHECK_F(why.code == refused[i].code && ht_text_is(why.place, refused[i].place), "%s: %s at " HT_TEXT_FMT, refused[i].policy,
			ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
		ht_arena_reset(&arena);
	}
}

TEST(what_is_understood)
{
	struct ht_text text = HT_TEXT(
		" {\"@id\":\"o\",\"@type\":\"Offer\",\"target\":\"t\",\"assigner\":\"p\",\"permission\":[{\"action\":\"use\",\"constraint\":[" DATE
		",{\"leftOperand\":\"odrl:dateTime\",\"operator\":\"gteq\",\"rightOperand\":{\"@value\":\"1970-01-01T08:00:01+08:00\"}}]},"
		"{\"action\":\"use\"}]} ");
	struct ht_refusal why;
	struct ht_policy p;

	if (!CHECK(ht_odrl_read(text, &arena, &p, &why)))
		return;
	CHECK(ht_text_is(p.id, "o") && ht_text_is(p.target, "t") && ht_text_is(p.assigner, "p") && p.assignee.len == 0 &&
	      p.timestamp.len == 0);
	CHECK(p.text.len == text.len - 2 && p.text.at[0] == '{' && p.text.at[p.text.len - 1] == '}');
	if (!CHECK(p.count == 2 && p.permissions[0].count == 2 && p.permissions[1].count == 0 && !p.odd))
		return;
	CHECK(ht_text_is(p.permissions[0].action, "use") && ht_text_is(p.permissions[1].action, "use"));
	CHECK(ht_text_is(p.permissions[0].constraints[0].left, "dateTime") && p.permissions[0].constraints[0].op == HT_OP_LTEQ);
	CHECK(ht_text_is(p.permissions[0].constraints[0].right, "2026-12-31T00:00:00Z"));
	CHECK(p.permissions[0].constraints[0].right_us == INT64_C(1798675200000000));
	CHECK(ht_text_is(p.permissions[0].constraints[1].left, "dateTime") && p.permissions[0].constraints[1].op == HT_OP_GTEQ);
	CHECK(ht_text_is(p.permissions[0].constraints[1].right, "1970-01-01T08:00:01+08:00"));
	CHECK(p.permissions[0].constraints[1].right_us == 1000000);
}

/* A list of n things. */
static struct ht_text list_of(const char *before, const char *thing, size_t n, const char *after)
{
	struct ht_out o;

	ht_out_init(&o, &arena);
	ht_out_z(&o, before);
	for (size_t i = 0; i < n; i++) {
		ht_out_z(&o, i ? "," : "");
		ht_out_z(&o, thing);
	}
	ht_out_z(&o, after);
	return ht_out_done(&o);
}

TEST(more_than_the_limits_is_odd)
{
	struct ht_refusal why;
	struct ht_policy p;

	CHECK(ht_odrl_read(list_of("{\"permission\":[", "{\"action\":\"use\"}", HT_RULES_MAX, "]}"), &arena, &p, &why));
	CHECK(!p.odd && p.count == HT_RULES_MAX);
	CHECK(ht_odrl_read(list_of("{\"permission\":[", "{\"action\":\"use\"}", HT_RULES_MAX + 1, "]}"), &arena, &p, &why));
	CHECK(p.odd && ht_text_is(p.odd_place, "/permission") && p.count == HT_RULES_MAX);
	CHECK(ht_odrl_read(list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[", DATE, HT_CONSTRAINTS_MAX, "]}]}"), &arena, &p,
			   &why));
	CHECK(!p.odd && p.permissions[0].count == HT_CONSTRAINTS_MAX);
	CHECK(ht_odrl_read(list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[", DATE, HT_CONSTRAINTS_MAX + 1, "]}]}"), &arena,
			   &p, &why));
	CHECK(p.odd && ht_text_is(p.odd_place, "/permission/0/constraint"));
	/* An id at its limit and over it; a name that is too long to be told. */
	CHECK(ht_odrl_read(list_of("{\"permission\":[],\"@id\":\"", "xxxx", 205, "\"}"), &arena, &p, &why) && p.id.len == 1024);
	CHECK(!ht_odrl_read(list_of("{\"permission\":[],\"@id\":\"", "x", 513, "\"}"), &arena, &p, &why) &&
	      why.code == HT_REFUSE_MEMBER_VALUE);
	CHECK(ht_odrl_read(list_of("{\"permission\":[],\"", "x", 64, "\":1}"), &arena, &p, &why) && p.odd && p.odd_place.len == 128);
	CHECK(ht_odrl_read(list_of("{\"permission\":[],\"", "x", 65, "\":1}"), &arena, &p, &why) && p.odd && p.odd_place.len == 0);
	ht_arena_reset(&arena);
}

static const struct {
	const char *policy, *offer, *agreement;
} written[] = {
	{ "{\"permission\":[{\"action\":\"use\"}]}",
	  "{\"@id\":\"o\",\"@type\":\"Offer\",\"target\":\"t\",\"permission\":[{\"action\":\"use\"}]}",
	  "{\"@id\":\"a\",\"@type\":\"Agreement\",\"target\":\"t\",\"assigner\":\"p\",\"assignee\":\"c\",\"timestamp\":\"2026-01-01T00:00:00Z\","
	  "\"permission\":[{\"action\":\"use\"}]}" },
	{ " { \"@id\" : \"old\" , \"target\":\"old\", \"permission\" : { \"action\" : \"use\" } , \"prohibition\" : [ ] , \"obligation\":[{\"action\":\"x\"}], "
	  "\"profile\" : [\"y\"] } ",
	  "{\"@id\":\"o\",\"@type\":\"Offer\",\"target\":\"t\",\"profile\":[\"y\"],\"permission\":[{ \"action\" : \"use\" }],\"obligation\":[{\"action\":\"x\"}]}",
	  "{\"@id\":\"a\",\"@type\":\"Agreement\",\"target\":\"t\",\"assigner\":\"p\",\"assignee\":\"c\",\"timestamp\":\"2026-01-01T00:00:00Z\","
	  "\"profile\":[\"y\"],\"permission\":[{ \"action\" : \"use\" }],\"obligation\":[{\"action\":\"x\"}]}" },
};

TEST(writes_under_another_id)
{
	for (size_t i = 0; i < HT_COUNT(written); i++) {
		struct ht_text policy = ht_text_of(written[i].policy);
		struct ht_text agreement = ht_odrl_agreement(policy, HT_TEXT("a"), HT_TEXT("t"), HT_TEXT("p"), HT_TEXT("c"),
							     HT_TEXT("2026-01-01T00:00:00Z"), &arena);

		CHECK_ROW(written[i].policy, ht_text_is(ht_odrl_offer(policy, HT_TEXT("o"), HT_TEXT("t"), &arena), written[i].offer));
		CHECK_ROW(written[i].policy, ht_text_is(agreement, written[i].agreement));
	}
	CHECK(ht_text_is(ht_odrl_offer(ht_text_of(written[0].policy), HT_TEXT("o"), HT_TEXT(""), &arena),
			 "{\"@id\":\"o\",\"@type\":\"Offer\",\"permission\":[{\"action\":\"use\"}]}"));
	ht_arena_reset(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(understood_or_odd), TEST_ROW(refused), TEST_ROW(what_is_understood),
						   TEST_ROW(more_than_the_limits_is_odd), TEST_ROW(writes_under_another_id) };
	int result;

	ht_arena_init(&arena, 1 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
