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
	{ "{\"permission\":[],\"prohibition\":[{\"action\":\"use\",\"constraint\":[],\"remedy\":[]}]}", NULL },
	{ "{\"prohibition\":{\"action\":\"odrl:use\",\"constraint\":[" DATE "]}}", NULL },
	{ "{\"permission\":[],\"prohibition\":[{\"action\":\"use\"},{\"action\":\"sell\"}]}", "/prohibition/1/action" },
	{ "{\"permission\":[],\"prohibition\":{\"action\":\"sell\"}}", "/prohibition/action" },
	{ "{\"prohibition\":[{\"action\":\"use\",\"remedy\":[{\"action\":\"delete\"}]}]}", "/prohibition/0/remedy" },
	{ "{\"prohibition\":[{\"action\":\"use\",\"duty\":[]}]}", "/prohibition/0/duty" },
	{ "{\"prohibition\":[{\"action\":\"use\",\"constraint\":[{\"xone\":[]}]}]}", "/prohibition/0/constraint/0/xone" },
	{ "{\"permission\":[],\"obligation\":[{\"action\":\"use\"}]}", "/obligation" },
	{ RULE("{\"and\":[]}"), "/permission/0/constraint/0/and" },
	{ RULE("{\"or\":[]}"), "/permission/0/constraint/0/or" },
	{ RULE(DATE ",{\"or\":[" DATE "]}"), NULL },
	{ RULE("{\"and\":[" DATE ",{\"or\":[" DATE "," DATE "]}]}"), NULL },
	{ RULE("{\"and\":[" DATE "],\"or\":[" DATE "]}"), "/permission/0/constraint/0/or" },
	{ RULE("{\"or\":[" DATE "],\"leftOperand\":\"count\"}"), "/permission/0/constraint/0/leftOperand" },
	{ RULE("{\"and\":[" DATE ",{\"or\":[" DATE ",{\"xone\":[" DATE "]}]}]}"), "/permission/0/constraint/0/and/1/or/1/xone" },
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

/* One constraint. Understood: odd is NULL, and number or ids say as what. Else the member that is odd. */
#define ATOM(left, op, right) "{\"leftOperand\":\"" left "\",\"operator\":\"" op "\",\"rightOperand\":" right "}"
#define TYPED(value, type) "{\"@value\":" value ",\"@type\":\"" type "\"}"
#define XSD "http://www.w3.org/2001/XMLSchema#"
static const struct {
	const char *atom, *odd;
	int64_t number;
	const char *right;
	size_t ids;
} atoms[] = {
	{ ATOM("count", "lteq", "5"), NULL, 5, "5", 0 },
	{ ATOM("odrl:count", "odrl:lt", "\"5\""), NULL, 5, "5", 0 },
	{ ATOM("http://www.w3.org/ns/odrl/2/count", "eq", TYPED("\"7\"", "xsd:integer")), NULL, 7, "7", 0 },
	{ ATOM("count", "neq", TYPED("7", XSD "nonNegativeInteger")), NULL, 7, "7", 0 },
	{ ATOM("count", "gt", "{\"@value\":0}"), NULL, 0, "0", 0 },
	{ ATOM("count", "gteq", "9223372036854775807"), NULL, INT64_MAX, "9223372036854775807", 0 },
	{ ATOM("count", "gteq", "-1"), "rightOperand", 0, "", 0 },
	{ ATOM("count", "gteq", "\"-1\""), "rightOperand", 0, "", 0 },
	{ ATOM("count", "gteq", "\"5.0\""), "rightOperand", 0, "", 0 },
	{ ATOM("count", "gteq", "\"\""), "rightOperand", 0, "", 0 },
	{ ATOM("count", "gteq", "\"9223372036854775808\""), "rightOperand", 0, "", 0 },
	{ ATOM("count", "gteq", TYPED("5", "xsd:decimal")), "rightOperand", 0, "", 0 },
	{ ATOM("count", "gteq", TYPED("5", "integer")), "rightOperand", 0, "", 0 },
	{ ATOM("count", "gteq", TYPED("5.5", "xsd:integer")), "rightOperand", 0, "", 0 },
	{ ATOM("count", "gteq", "[5]"), "rightOperand", 0, "", 0 },
	{ ATOM("count", "isAnyOf", "[5,6]"), "operator", 0, "", 0 },
	{ ATOM("count", "isAnyOf", "\"5\""), "operator", 0, "", 0 },
	{ ATOM("elapsedTime", "lteq", "\"P30D\""), NULL, 30 * 86400 * INT64_C(1000000), "P30D", 0 },
	{ ATOM("odrl:elapsedTime", "gt", TYPED("\"PT1H30M\"", "xsd:duration")), NULL, 5400 * INT64_C(1000000), "PT1H30M", 0 },
	{ ATOM("elapsedTime", "eq", TYPED("\"P2W\"", XSD "duration")), NULL, 14 * 86400 * INT64_C(1000000), "P2W", 0 },
	{ ATOM("elapsedTime", "lteq", TYPED("\"PT0.5S\"", "xsd:dayTimeDuration")), NULL, 500000, "PT0.5S", 0 },
	{ ATOM("elapsedTime", "lteq", "\"P1M\""), "rightOperand", 0, "", 0 },
	{ ATOM("elapsedTime", "lteq", "\"P1Y\""), "rightOperand", 0, "", 0 },
	{ ATOM("elapsedTime", "lteq", "\"-P1D\""), "rightOperand", 0, "", 0 },
	{ ATOM("elapsedTime", "lteq", "\"2026-01-01T00:00:00Z\""), "rightOperand", 0, "", 0 },
	{ ATOM("elapsedTime", "lteq", TYPED("\"P1D\"", "xsd:dateTime")), "rightOperand", 0, "", 0 },
	{ ATOM("elapsedTime", "isNoneOf", "\"P1D\""), "operator", 0, "", 0 },
	{ ATOM("recipient", "eq", "\"did:web:a\""), NULL, 0, "did:web:a", 1 },
	{ ATOM("odrl:recipient", "odrl:neq", "[\"did:web:a\"]"), NULL, 0, "did:web:a", 1 },
	{ ATOM("recipient", "isAnyOf", "[\"did:web:b\",\"did:web:a\",\"did:web:b\"]"), NULL, 0, "did:web:a,did:web:b", 2 },
	{ ATOM("recipient", "http://www.w3.org/ns/odrl/2/isNoneOf", "\"edc\""), NULL, 0, "edc", 1 },
	{ ATOM("recipient", "isAnyOf", "[" TYPED("\"a\"", "xsd:string") "," TYPED("\"b\"", XSD "anyURI") ",{\"@value\":\"c\"}]"), NULL, 0, "a,b,c", 3 },
	{ ATOM("recipient", "isAnyOf", "[]"), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "eq", "\"\""), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "eq", "[\"a\",\"b\"]"), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "neq", "[\"a\",\"b\"]"), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "isAnyOf", "[\"a\",5]"), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "isAnyOf", "[\"a\",[\"b\"]]"), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "isAnyOf", "[\"a\",{\"@id\":\"b\"}]"), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "eq", "\"a; without conditions\""), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "eq", "\"a,b\""), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "eq", "\"a\\u001b\""), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "eq", "\"甲\""), "rightOperand", 0, "", 0 },
	{ ATOM("recipient", "lt", "\"a\""), "operator", 0, "", 0 },
	{ ATOM("recipient", "isAllOf", "\"a\""), "operator", 0, "", 0 },
	{ ATOM("dateTime", "isAnyOf", "\"2026-01-01T00:00:00Z\""), "operator", 0, "", 0 },
	{ ATOM("dateTime", "lt", TYPED("5", "xsd:dateTime")), "rightOperand", 0, "", 0 },
	{ ATOM("Count", "lt", "\"5\""), "leftOperand", 0, "", 0 },
	{ ATOM("odrl:odrl:count", "lt", "\"5\""), "leftOperand", 0, "", 0 },
};

TEST(atoms_of_each_operand)
{
	for (size_t i = 0; i < HT_COUNT(atoms); i++) {
		struct ht_text text = ht_text_format(&arena, "{\"permission\":[{\"action\":\"use\",\"constraint\":[%s]}]}", atoms[i].atom);
		const char *place = ht_text_z(&arena, ht_text_format(&arena, "/permission/0/constraint/0%s%s", atoms[i].odd ? "/" : "",
								     atoms[i].odd ? atoms[i].odd : ""));
		struct ht_refusal why;
		struct ht_policy p;
		const struct ht_constraint *c;

		if (!CHECK_ROW(atoms[i].atom, ht_odrl_read(text, &arena, &p, &why) && p.count == 1 && p.permissions[0].count == 1))
			continue;
		c = p.permissions[0].constraints;
		CHECK_ROW(atoms[i].atom, p.odd == (atoms[i].odd != NULL) && c->part.odd == p.odd);
		CHECK_F(ht_text_is(c->part.place, place), "%s at " HT_TEXT_FMT, atoms[i].atom, HT_TEXT_ARG(c->part.place));
		CHECK_ROW(atoms[i].atom, p.odd || (c->number == atoms[i].number && c->ids_count == atoms[i].ids));
		CHECK_ROW(atoms[i].atom, p.odd || ht_text_is(c->right, atoms[i].right));
		ht_arena_reset(&arena);
	}
}

/* What is remembered of what is not understood: kind, what it is compared to, and the text that stands there. */
#define LONG "\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2\xe7\x94\xb2"
static const struct {
	const char *policy;
	enum ht_odd_kind kind;
	enum ht_left left;
	const char *value;
} oddities[] = {
	{ RULE(ATOM("count", "<=", "5")), HT_ODD_OPERATOR, HT_LEFT_TRANSFERS, "<=" },
	{ RULE(ATOM("count", "lteq", "-1")), HT_ODD_RIGHT, HT_LEFT_TRANSFERS, "-1" },
	{ RULE(ATOM("dateTime", "lteq", TYPED("\"soon\"", "xsd:dateTime"))), HT_ODD_RIGHT, HT_LEFT_DATE_TIME, "soon" },
	{ RULE(ATOM("recipient", "isAnyOf", "[]")), HT_ODD_RIGHT, HT_LEFT_RECIPIENT, "" },
	{ RULE(ATOM("purpose", "<=", "\"x\"")), HT_ODD_LEFT, HT_LEFT_COUNT, "purpose" },
	{ RULE("{\"xone\":[]}"), HT_ODD_JOIN, HT_LEFT_DATE_TIME, "xone" },
	{ RULE("{\"or\":[]}"), HT_ODD_EMPTY, HT_LEFT_DATE_TIME, "or" },
	{ RULE("{\"or\":[" DATE "],\"unit\":1}"), HT_ODD_MEMBER, HT_LEFT_DATE_TIME, "unit" },
	{ "{\"permission\":[{\"action\":\"odrl:sell\"}]}", HT_ODD_ACTION, HT_LEFT_DATE_TIME, "odrl:sell" },
	{ "{\"permission\":[{\"action\":\"use\",\"duty\":[{}]}]}", HT_ODD_DUTY, HT_LEFT_DATE_TIME, "duty" },
	{ "{\"permission\":[],\"obligation\":[{}]}", HT_ODD_DUTY, HT_LEFT_DATE_TIME, "obligation" },
	{ "{\"permission\":[],\"@type\":\"Ticket\"}", HT_ODD_TYPE, HT_LEFT_DATE_TIME, "Ticket" },
	/* The first 64 bytes, whole characters. */
	{ "{\"permission\":[],\"@type\":\"" LONG LONG LONG "\"}", HT_ODD_TYPE, HT_LEFT_DATE_TIME, LONG LONG "\xe7\x94\xb2" },
};

TEST(what_stands_there)
{
	for (size_t i = 0; i < HT_COUNT(oddities); i++) {
		struct ht_refusal why;
		struct ht_policy p;

		CHECK_ROW(oddities[i].policy, ht_odrl_read(ht_text_of(oddities[i].policy), &arena, &p, &why) && p.odd);
		CHECK_ROW(oddities[i].policy, p.odd_what.kind == oddities[i].kind && p.odd_what.left == oddities[i].left);
		CHECK_F(ht_text_is(p.odd_what.value, oddities[i].value), "%s: " HT_TEXT_FMT, oddities[i].policy,
			HT_TEXT_ARG(p.odd_what.value));
		ht_arena_reset(&arena);
	}
}

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
	{ RULE("{\"leftOperand\":\"spatial\",\"operator\":\"eq\",\"rightOperand\":5}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":\"count\",\"operator\":\"eq\",\"rightOperand\":5.5}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":\"count\",\"operator\":\"eq\",\"rightOperand\":null}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"leftOperand\":\"count\",\"operator\":\"eq\",\"rightOperand\":true}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/rightOperand" },
	{ RULE("{\"and\":[" DATE ",{\"or\":[5]}]}"), HT_REFUSE_MEMBER_TYPE, "/permission/0/constraint/0/and/1/or/0" },
	{ RULE("{\"or\":[{\"leftOperand\":\"count\"}]}"), HT_REFUSE_MEMBER_MISSING, "/permission/0/constraint/0/or/0/operator" },
	{ "{\"prohibition\":[{}]}", HT_REFUSE_MEMBER_MISSING, "/prohibition/0/action" },
	{ "{\"prohibition\":[{\"action\":\"use\",\"constraint\":{}}]}", HT_REFUSE_MEMBER_TYPE, "/prohibition/0/constraint" },
	{ "{\"prohibition\":[{\"action\":\"use\",\"remedy\":1}]}", HT_REFUSE_MEMBER_TYPE, "/prohibition/0/remedy" },
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
	CHECK(p.permissions[0].constraints[0].left == HT_LEFT_DATE_TIME && p.permissions[0].constraints[0].op == HT_OP_LTEQ);
	CHECK(ht_text_is(p.permissions[0].constraints[0].right, "2026-12-31T00:00:00Z"));
	CHECK(p.permissions[0].constraints[0].number == INT64_C(1798675200000000));
	CHECK(p.permissions[0].constraints[1].left == HT_LEFT_DATE_TIME && p.permissions[0].constraints[1].op == HT_OP_GTEQ);
	CHECK(ht_text_is(p.permissions[0].constraints[1].right, "1970-01-01T08:00:01+08:00"));
	CHECK(p.permissions[0].constraints[1].number == 1000000);
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
	CHECK(ht_odrl_read(list_of("{\"prohibition\":[", "{\"action\":\"use\"}", HT_RULES_MAX + 1, "]}"), &arena, &p, &why));
	CHECK(p.odd && ht_text_is(p.odd_place, "/prohibition") && p.prohibitions_count == HT_RULES_MAX);
	CHECK(ht_odrl_read(list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[", DATE, HT_NODES_MAX, "]}]}"), &arena, &p, &why));
	CHECK(!p.odd && p.permissions[0].count == HT_NODES_MAX);
	CHECK(ht_odrl_read(list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[", DATE, HT_NODES_MAX + 1, "]}]}"), &arena, &p,
			   &why));
	CHECK(p.odd && ht_text_is(p.odd_place, "/permission/0/constraint/64") && p.permissions[0].count == HT_NODES_MAX);
	/* Of all rules together, and an `or` is one itself. */
	CHECK(ht_odrl_read(list_of("{\"prohibition\":[{\"action\":\"use\",\"constraint\":[" DATE
				   "]}],\"permission\":[{\"action\":\"use\",\"constraint\":[{\"or\":[",
				   DATE, HT_NODES_MAX - 2, "]}]}]}"),
			   &arena, &p, &why) &&
	      !p.odd);
	CHECK(ht_odrl_read(list_of("{\"prohibition\":[{\"action\":\"use\",\"constraint\":[" DATE
				   "]}],\"permission\":[{\"action\":\"use\",\"constraint\":[{\"or\":[",
				   DATE, HT_NODES_MAX - 1, "]}]}]}"),
			   &arena, &p, &why));
	CHECK(p.odd && ht_text_is(p.odd_place, "/prohibition/0/constraint/0"));
	CHECK(ht_odrl_read(
		      list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"recipient\",\"operator\":\"isAnyOf\",\"rightOperand\":[",
			      "\"a\"", HT_RECIPIENTS_MAX, "]}]}]}"),
		      &arena, &p, &why) &&
	      !p.odd);
	CHECK(ht_odrl_read(
		list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"recipient\",\"operator\":\"isAnyOf\",\"rightOperand\":[",
			"\"a\"", HT_RECIPIENTS_MAX + 1, "]}]}]}"),
		&arena, &p, &why));
	CHECK(p.odd && ht_text_is(p.odd_place, "/permission/0/constraint/0/rightOperand"));
	/* An id at its limit and over it; a name that is too long to be told. */
	CHECK(ht_odrl_read(list_of("{\"permission\":[],\"@id\":\"", "xxxx", 205, "\"}"), &arena, &p, &why) && p.id.len == 1024);
	CHECK(!ht_odrl_read(list_of("{\"permission\":[],\"@id\":\"", "x", 513, "\"}"), &arena, &p, &why) &&
	      why.code == HT_REFUSE_MEMBER_VALUE);
	CHECK(ht_odrl_read(list_of("{\"permission\":[],\"", "x", 64, "\":1}"), &arena, &p, &why) && p.odd && p.odd_place.len == 128);
	CHECK(ht_odrl_read(list_of("{\"permission\":[],\"", "x", 65, "\":1}"), &arena, &p, &why) && p.odd && p.odd_place.len == 0);
	ht_arena_reset(&arena);
}

/* A constraint at a depth of n. */
static struct ht_text deep(size_t n)
{
	struct ht_out o;

	ht_out_init(&o, &arena);
	ht_out_z(&o, "{\"permission\":[{\"action\":\"use\",\"constraint\":[");
	for (size_t i = 1; i < n; i++)
		ht_out_z(&o, i % 2 ? "{\"and\":[" : "{\"or\":[");
	ht_out_z(&o, DATE);
	for (size_t i = 1; i < n; i++)
		ht_out_z(&o, "]}");
	ht_out_z(&o, "]}]}");
	return ht_out_done(&o);
}

TEST(too_deep_is_odd)
{
	struct ht_refusal why;
	struct ht_policy p;

	CHECK(ht_odrl_read(deep(HT_NODES_DEPTH_MAX), &arena, &p, &why) && !p.odd);
	CHECK(ht_odrl_read(deep(HT_NODES_DEPTH_MAX + 1), &arena, &p, &why) && p.odd);
	CHECK(ht_text_is(p.odd_place, "/permission/0/constraint/0/and/0/or/0/and/0/or/0/and/0/or/0/and/0/or/0"));
	ht_arena_reset(&arena);
}

/* Refused by the limits of the text, before anything is made of it: what it costs is the text itself. */
TEST(huge_policies_are_refused_by_limits)
{
	struct ht_text texts[] = { deep(1000), list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[", DATE, 10000, "]}]}"),
				   list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[", "{}", 10000, "]}]}") };
	static const enum ht_refuse codes[] = { HT_REFUSE_TOO_DEEP, HT_REFUSE_TOO_LARGE, HT_REFUSE_TOO_MANY };

	for (size_t i = 0; i < HT_COUNT(texts); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		const char *before = arena.at;
		struct ht_policy p;

		CHECK_F(!ht_odrl_read(texts[i], &arena, &p, &why) && why.code == codes[i], "%zu: %s", i, ht_refuse_word(why.code));
		CHECK_F(arena.at - before < 1024, "%zu: %td bytes", i, arena.at - before);
	}
	ht_arena_reset(&arena);
}

/* As many values as a message may have: the reader takes no more than its limits say. */
TEST(memory_is_bound)
{
	struct ht_text text = list_of("{\"permission\":[{\"action\":\"use\",\"constraint\":[", "{\"and\":[]}", 4000, "]}]}");
	struct ht_refusal why;
	struct ht_policy p;
	const char *before = arena.at;

	CHECK(ht_odrl_read(text, &arena, &p, &why) && p.odd && ht_text_is(p.odd_place, "/permission/0/constraint/0/and"));
	CHECK_F((size_t)(arena.at - before) < text.len + (64 << 10), "%td bytes", arena.at - before);
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
	static const struct CMUnitTest tests[] = { TEST_ROW(understood_or_odd), TEST_ROW(what_stands_there), TEST_ROW(refused), TEST_ROW(what_is_understood),
						   TEST_ROW(more_than_the_limits_is_odd), TEST_ROW(writes_under_another_id),
						   TEST_ROW(atoms_of_each_operand), TEST_ROW(too_deep_is_odd),
						   TEST_ROW(huge_policies_are_refused_by_limits), TEST_ROW(memory_is_bound) };
	int result;

	ht_arena_init(&arena, 8 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
