/* core/market/policy_test.c - what policies permit, when two are the same, who may see a product. */
#include "core/market/policy.h"

#include "base/count.h"
#include "test/check.h"

#define HERE(place_) { .place = HT_TEXT_ROW(place_) }
#define ATOM(place_, left_, op_, right_) \
	{ .part = HERE(place_), .left = HT_LEFT_##left_, .op = HT_OP_##op_, .right = HT_TEXT_ROW(#right_), .number = (right_) }
#define WHO(place_, op_, ids_, right_) \
	{ .part = HERE(place_), .left = HT_LEFT_RECIPIENT, .op = HT_OP_##op_, .right = HT_TEXT_ROW(right_), .ids = (ids_), .ids_count = HT_COUNT(ids_) }
#define JOIN(place_, join_, parts_) { .part = HERE(place_), .join = HT_JOIN_##join_, .parts = (parts_), .parts_count = HT_COUNT(parts_) }
#define RULE(place_, constraints_) { .part = HERE(place_), .action = { "use", 3 }, .constraints = (constraints_), .count = HT_COUNT(constraints_) }
#define BARE(place_) { .part = HERE(place_), .action = { "use", 3 } }
#define PERMITS(rules_) { .permissions = (rules_), .count = HT_COUNT(rules_) }
#define BOTH(rules_, not_) \
	{ .permissions = (rules_), .count = HT_COUNT(rules_), .prohibitions = (not_), .prohibitions_count = HT_COUNT(not_) }

/* Each operand by each operator around its right side: one letter each for below, at, above; + holds. */
static const struct {
	enum ht_operator op;
	const char *holds;
} ordered[] = {
	{ HT_OP_EQ, "-+-" }, { HT_OP_NEQ, "+-+" }, { HT_OP_LT, "+--" }, { HT_OP_LTEQ, "++-" }, { HT_OP_GT, "--+" }, { HT_OP_GTEQ, "-++" },
	{ HT_OP_IS_ANY_OF, "---" }, { HT_OP_IS_NONE_OF, "---" },
};

TEST(each_operand_and_operator_at_its_boundary)
{
	enum { RIGHT = 100, AGREED = 7000 };

	for (size_t i = 0; i < HT_COUNT(ordered); i++) {
		for (int off = -1; off <= 1; off++) {
			const struct {
				enum ht_left left;
				struct ht_use use;
			} rows[] = {
				{ HT_LEFT_DATE_TIME, { .now_us = RIGHT + off, .count = RIGHT, .since_us = 0 } },
				{ HT_LEFT_TRANSFERS, { .now_us = RIGHT, .count = RIGHT + off, .since_us = 0 } },
				{ HT_LEFT_ELAPSED, { .now_us = AGREED + RIGHT + off, .count = RIGHT, .since_us = AGREED } },
			};

			for (size_t k = 0; k < HT_COUNT(rows); k++) {
				struct ht_constraint c = { .left = rows[k].left, .op = ordered[i].op, .number = RIGHT };

				CHECK_F(ht_constraint_holds(&c, &rows[k].use) == (ordered[i].holds[off + 1] == '+'), "left %zu op %d %+d",
					k, (int)c.op, off);
			}
		}
	}
}

TEST(recipients)
{
	static struct ht_text one[] = { HT_TEXT_ROW("did:web:b") }, two[] = { HT_TEXT_ROW("did:web:b"), HT_TEXT_ROW("did:web:c") };
	static const struct {
		struct ht_constraint c;
		const char *holds; /* for did:web:a, did:web:b, did:web:c, did:web:bb, nobody */
	} rows[] = {
		{ WHO("", EQ, one, ""), "-+---" },         { WHO("", NEQ, one, ""), "+-+++" },         { WHO("", IS_ANY_OF, one, ""), "-+---" },
		{ WHO("", IS_ANY_OF, two, ""), "-++--" },  { WHO("", IS_NONE_OF, one, ""), "+-+++" },  { WHO("", IS_NONE_OF, two, ""), "+--++" },
		{ WHO("", LT, one, ""), "-----" },         { WHO("", GTEQ, two, ""), "-----" },
	};
	static const char *const who[] = { "did:web:a", "did:web:b", "did:web:c", "did:web:bb", "" };

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		for (size_t k = 0; k < HT_COUNT(who); k++) {
			struct ht_use use = { .who = ht_text_of(who[k]) };

			CHECK_F(ht_constraint_holds(&rows[i].c, &use) == (rows[i].holds[k] == '+'), "row %zu: %s", i, who[k]);
		}
	}
}

/* Times and counts at the ends of their range do not wrap. */
TEST(elapsed_does_not_wrap)
{
	struct ht_constraint c = { .left = HT_LEFT_ELAPSED, .op = HT_OP_LTEQ, .number = 1 };

	CHECK(!ht_constraint_holds(&c, &(struct ht_use){ .now_us = INT64_MAX, .since_us = INT64_MIN }));
	CHECK(ht_constraint_holds(&c, &(struct ht_use){ .now_us = INT64_MIN, .since_us = INT64_MAX }));
	/* An agreement of the future has not lasted any time. */
	CHECK(ht_constraint_holds(&c, &(struct ht_use){ .now_us = 10, .since_us = 1000 }));
}

static struct ht_constraint p_early[] = { ATOM("/p/0", DATE_TIME, GTEQ, 100) };
static struct ht_constraint p_zone[] = { { .left = HT_LEFT_DATE_TIME, .op = HT_OP_GTEQ, .right = { "100 elsewhere", 13 }, .number = 100 } };
static struct ht_constraint p_between[] = { ATOM("/p/0", DATE_TIME, GTEQ, 100), ATOM("/p/1", DATE_TIME, LT, 200) };
static struct ht_constraint p_turned[] = { ATOM("/p/0", DATE_TIME, LT, 200), ATOM("/p/1", DATE_TIME, GTEQ, 100) };
static struct ht_constraint p_doubled[] = { ATOM("/p/0", DATE_TIME, GTEQ, 100), ATOM("/p/1", DATE_TIME, GTEQ, 100) };
static struct ht_constraint p_count[] = { ATOM("/p/0", TRANSFERS, GTEQ, 100) };
static struct ht_constraint p_equal[] = { ATOM("/q/0", DATE_TIME, EQ, 150) };
static struct ht_constraint p_unequal[] = { ATOM("/q/0", DATE_TIME, NEQ, 150) };
static struct ht_constraint p_late[] = { ATOM("/n/0", DATE_TIME, GTEQ, 180) };

static struct ht_text ids_ab[] = { HT_TEXT_ROW("a"), HT_TEXT_ROW("b") }, ids_ac[] = { HT_TEXT_ROW("a"), HT_TEXT_ROW("c") };
static struct ht_constraint who_ab[] = { WHO("/w/0", IS_ANY_OF, ids_ab, "a,b") };
static struct ht_constraint who_ac[] = { WHO("/w/0", IS_ANY_OF, ids_ac, "a,c") };
static struct ht_constraint few[] = { ATOM("/f/0", TRANSFERS, LTEQ, 5), ATOM("/f/1", ELAPSED, LT, 50) };
static struct ht_constraint few_turned[] = { ATOM("/f/0", ELAPSED, LT, 50), ATOM("/f/1", TRANSFERS, LTEQ, 5) };
static struct ht_constraint either_few[] = { JOIN("/t/0", OR, few) }, either_turned[] = { JOIN("/t/0", OR, few_turned) };
static struct ht_constraint both_few[] = { JOIN("/t/0", AND, few) };
static struct ht_constraint mixed[] = { JOIN("/m/0", OR, few), ATOM("/m/1", DATE_TIME, LT, 200) };
static struct ht_constraint mixed_turned[] = { ATOM("/m/0", DATE_TIME, LT, 200), JOIN("/m/1", OR, few_turned) };
static struct ht_constraint nested[] = { JOIN("/x/0", AND, mixed) }, nested_turned[] = { JOIN("/x/0", AND, mixed_turned) };

static struct ht_rule bare[] = { BARE("/permission/0") }, never[] = { BARE("/prohibition/0") };
static struct ht_rule sell[] = { { .action = { "sell", 4 } } };
static struct ht_rule early[] = { RULE("/p", p_early) }, zone[] = { RULE("/p", p_zone) }, between[] = { RULE("/p", p_between) };
static struct ht_rule turned[] = { RULE("/p", p_turned) }, doubled[] = { RULE("/p", p_doubled) }, counted[] = { RULE("/p", p_count) };
static struct ht_rule equal[] = { RULE("/q", p_equal) }, unequal[] = { RULE("/q", p_unequal) };
static struct ht_rule two[] = { RULE("/q", p_equal), RULE("/p", p_between) }, two_turned[] = { RULE("/p", p_turned), RULE("/q", p_equal) };
static struct ht_rule sell_or_equal[] = { { .action = { "sell", 4 } }, RULE("/q", p_equal) };
static struct ht_rule ab[] = { RULE("/w", who_ab) }, ac[] = { RULE("/w", who_ac) };
static struct ht_rule either[] = { RULE("/t", either_few) }, either_other[] = { RULE("/t", either_turned) },
		      both[] = { RULE("/t", both_few) };
static struct ht_rule flat[] = { RULE("/t", few) }, tree[] = { RULE("/x", nested) }, tree_other[] = { RULE("/x", nested_turned) };
static struct ht_rule not_late[] = { RULE("/prohibition/0", p_late) }, not_tree[] = { RULE("/prohibition/0", nested) };
static struct ht_rule not_early_or_late[] = { RULE("/prohibition/0", p_equal), RULE("/prohibition/1", p_late) };

TEST(permits)
{
	static const struct {
		const char *name;
		struct ht_policy policy;
		struct ht_use use;
		bool want;
		const char *place, *detail;
	} rows[] = {
		{ "bare", PERMITS(bare), { .now_us = 0 }, true, "", "" },
		{ "no permission", { .count = 0 }, { .now_us = 0 }, false, "/permission", "" },
		{ "another action", PERMITS(sell), { .now_us = 0 }, false, "/permission", "" },
		{ "before gteq", PERMITS(early), { .now_us = 99 }, false, "/p/0", "dateTime gteq 100" },
		{ "at gteq", PERMITS(early), { .now_us = 100 }, true, "", "" },
		{ "before lt", PERMITS(between), { .now_us = 199 }, true, "", "" },
		{ "at lt", PERMITS(between), { .now_us = 200 }, false, "/p/1", "dateTime lt 200" },
		{ "the second permission", PERMITS(two), { .now_us = 120 }, true, "", "" },
		{ "neither: the first says", PERMITS(two), { .now_us = 99 }, false, "/q/0", "dateTime eq 150" },
		{ "another action first", PERMITS(sell_or_equal), { .now_us = 99 }, false, "/q/0", "dateTime eq 150" },
		{ "one of a list", PERMITS(ab), { .who = { "b", 1 } }, true, "", "" },
		{ "not of a list", PERMITS(ab), { .who = { "c", 1 } }, false, "/w/0", "recipient isAnyOf a,b" },
		{ "or: the first", PERMITS(either), { .count = 5, .now_us = 50 }, true, "", "" },
		{ "or: the second", PERMITS(either), { .count = 6, .now_us = 49 }, true, "", "" },
		{ "or: neither", PERMITS(either), { .count = 6, .now_us = 50 }, false, "/t/0", "(count lteq 5 or elapsedTime lt 50)" },
		{ "and: both", PERMITS(both), { .count = 5, .now_us = 49 }, true, "", "" },
		{ "and: not the first", PERMITS(both), { .count = 6, .now_us = 49 }, false, "/f/0", "count lteq 5" },
		{ "and: not the second", PERMITS(both), { .count = 5, .now_us = 50 }, false, "/f/1", "elapsedTime lt 50" },
		{ "tree", PERMITS(tree), { .count = 6, .now_us = 199, .since_us = 150 }, true, "", "" },
		{ "tree: the or in the and", PERMITS(tree), { .count = 6, .now_us = 199, .since_us = 149 }, false, "/m/0",
		  "(count lteq 5 or elapsedTime lt 50)" },
		{ "tree: beside it", PERMITS(tree), { .count = 5, .now_us = 200 }, false, "/m/1", "dateTime lt 200" },
		{ "prohibited", BOTH(bare, never), { .now_us = 0 }, false, "/prohibition/0", "prohibited" },
		{ "prohibited another action", BOTH(bare, sell), { .now_us = 0 }, true, "", "" },
		{ "before the prohibition", BOTH(early, not_late), { .now_us = 179 }, true, "", "" },
		{ "it wins", BOTH(early, not_late), { .now_us = 180 }, false, "/prohibition/0", "prohibited: dateTime gteq 180" },
		{ "it says first", BOTH(equal, not_late), { .now_us = 180 }, false, "/prohibition/0", "prohibited: dateTime gteq 180" },
		{ "the second prohibition", BOTH(bare, not_early_or_late), { .now_us = 200 }, false, "/prohibition/1", "prohibited: dateTime gteq 180" },
		{ "between the prohibitions", BOTH(bare, not_early_or_late), { .now_us = 151 }, true, "", "" },
		{ "prohibited tree", BOTH(bare, not_tree), { .count = 5, .now_us = 10 }, false, "/prohibition/0",
		  "prohibited: ((count lteq 5 or elapsedTime lt 50) and dateTime lt 200)" },
		{ "prohibited tree does not hold", BOTH(bare, not_tree), { .count = 5, .now_us = 200 }, true, "", "" },
		{ "only prohibited", { .prohibitions = not_late, .prohibitions_count = 1 }, { .now_us = 0 }, false, "/permission", "" },
	};
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_refusal why = { 0 };

		CHECK_ROW(rows[i].name, ht_policy_permits(&rows[i].policy, &rows[i].use, &a, &why) == rows[i].want);
		CHECK_ROW(rows[i].name, why.code == (rows[i].want ? HT_REFUSE_NONE : HT_REFUSE_POLICY_DENIES));
		CHECK_F(ht_text_is(why.place, rows[i].place), "%s: " HT_TEXT_FMT, rows[i].name, HT_TEXT_ARG(why.place));
		CHECK_F(ht_text_is(why.detail, rows[i].detail), "%s: " HT_TEXT_FMT, rows[i].name, HT_TEXT_ARG(why.detail));
	}
	ht_arena_fini(&a);
}

TEST(an_odd_policy_permits_nothing)
{
	static const struct ht_policy odd = { .permissions = bare, .count = 1, .odd = true, .odd_place = { "/duty", 5 },
					      .odd_what = { .kind = HT_ODD_DUTY, .value = { "duty", 4 } } };
	static struct ht_constraint parts[] = { { .part = { .odd = true } } };
	static const struct ht_constraint odd_atom = { .part = { .odd = true }, .op = HT_OP_NEQ, .number = 1 },
					  around = JOIN("", AND, parts);
	const struct ht_use use = { 0 };
	struct ht_refusal why = { 0 };

	struct ht_arena a;

	ht_arena_init(&a, 1 << 12);
	CHECK(!ht_policy_permits(&odd, &use, &a, &why) && why.code == HT_REFUSE_POLICY_UNSUPPORTED && ht_text_is(why.place, "/duty"));
	CHECK_F(ht_text_is(why.detail, "\"duty\": duties are not supported"), HT_TEXT_FMT, HT_TEXT_ARG(why.detail));
	ht_arena_fini(&a);
	CHECK(!ht_constraint_holds(&odd_atom, &use) && !ht_constraint_holds(&around, &use));
}

TEST(a_long_detail_is_cut)
{
	static struct ht_text ids[1] = { { "a", 1 } };
	char text[2000];
	struct ht_constraint c[] = { WHO("/w/0", IS_ANY_OF, ids, "") };
	struct ht_rule r[] = { RULE("/w", c) };
	struct ht_policy p = PERMITS(r);
	const struct ht_use use = { 0 };
	struct ht_refusal why = { 0 };
	struct ht_arena a;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = 'x';
	c[0].right = (struct ht_text){ text, sizeof text };
	ht_arena_init(&a, 1 << 16);
	CHECK(!ht_policy_permits(&p, &use, &a, &why) && why.detail.len == HT_POLICY_DETAIL_MAX &&
	      ht_text_ends(why.detail, HT_TEXT("x...")));
	ht_arena_fini(&a);
}

TEST(since)
{
	struct ht_policy p = { .timestamp = HT_TEXT("1970-01-01T00:00:02Z") };
	int64_t us = 7;

	CHECK(ht_policy_since(&p, &us) && us == 2000000);
	p.timestamp = HT_TEXT("yesterday");
	CHECK(!ht_policy_since(&p, &us) && us == 2000000);
	p.timestamp = HT_TEXT("");
	CHECK(!ht_policy_since(&p, &us));
}

TEST(same)
{
	static const struct {
		const char *name;
		struct ht_policy a, b;
		bool want;
	} rows[] = {
		{ "empty", { .count = 0 }, { .count = 0 }, true },
		{ "bare", PERMITS(bare), PERMITS(bare), true },
		{ "none and bare", { .count = 0 }, PERMITS(bare), false },
		{ "another action", PERMITS(bare), PERMITS(sell), false },
		{ "bare and bound", PERMITS(bare), PERMITS(early), false },
		{ "another operator", PERMITS(equal), PERMITS(unequal), false },
		{ "another left", PERMITS(counted), PERMITS(early), false },
		{ "another zone, same time", PERMITS(early), PERMITS(zone), true },
		{ "constraints turned", PERMITS(between), PERMITS(turned), true },
		{ "one twice is not two", PERMITS(doubled), PERMITS(between), false },
		{ "permissions turned", PERMITS(two), PERMITS(two_turned), true },
		{ "recipients", PERMITS(ab), PERMITS(ab), true },
		{ "another recipient", PERMITS(ab), PERMITS(ac), false },
		{ "operands turned", PERMITS(either), PERMITS(either_other), true },
		{ "or is not and", PERMITS(either), PERMITS(both), false },
		{ "and is not a list", PERMITS(both), PERMITS(flat), false },
		{ "trees turned", PERMITS(tree), PERMITS(tree_other), true },
		{ "another tree", PERMITS(tree), PERMITS(either), false },
		{ "with prohibition", BOTH(bare, not_late), BOTH(bare, not_late), true },
		{ "prohibition left out", BOTH(bare, not_late), PERMITS(bare), false },
		{ "another prohibition", BOTH(bare, not_late), BOTH(bare, never), false },
		{ "a permission is no prohibition", PERMITS(bare), { .prohibitions = bare, .prohibitions_count = 1 }, false },
		{ "an odd one", { .odd = true }, { .odd = true }, false },
		{ "an odd one and none", { .odd = true }, { .odd = false }, false },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].name, ht_policy_same(&rows[i].a, &rows[i].b) == rows[i].want);
		CHECK_ROW(rows[i].name, ht_policy_same(&rows[i].b, &rows[i].a) == rows[i].want);
	}
}

/* As many nodes as a policy may have, in two orders: the worst that a peer can ask for. */
TEST(sameness_is_bound)
{
	static struct ht_constraint leaves[2][HT_NODES_MAX];
	static struct ht_rule rules[2] = { RULE("", leaves[0]), RULE("", leaves[1]) };
	struct ht_policy a = { .permissions = &rules[0], .count = 1 }, b = { .permissions = &rules[1], .count = 1 };

	for (size_t i = 0; i < HT_NODES_MAX; i++) {
		leaves[0][i] = (struct ht_constraint){ .left = HT_LEFT_TRANSFERS, .number = (int64_t)i };
		leaves[1][HT_NODES_MAX - 1 - i] = leaves[0][i];
	}
	for (int i = 0; i < 1000; i++)
		CHECK(ht_policy_same(&a, &b));
	leaves[1][0].number = 0;
	CHECK(!ht_policy_same(&a, &b));
}

TEST(audience)
{
	static const struct {
		const char *list, *did;
		bool want;
	} rows[] = {
		{ "", "did:web:a", true },
		{ "", "", true },
		{ "did:web:a", "did:web:a", true },
		{ "did:web:a", "", false },
		{ "did:web:a,,did:web:b", "", false },
		{ "did:web:ab", "did:web:a", false },
		{ "did:web:a", "did:web:ab", false },
		{ "did:web:a,did:web:b,did:web:c", "did:web:b", true },
		{ "did:web:a,did:web:b,did:web:c", "did:web:c", true },
		{ "did:web:a,did:web:b", "did:web:a,did:web:b", false },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_F(ht_audience_has(ht_text_of(rows[i].list), ht_text_of(rows[i].did)) == rows[i].want, "'%s' in '%s'", rows[i].did,
			rows[i].list);
}

CHECK_MAIN(TEST_ROW(each_operand_and_operator_at_its_boundary), TEST_ROW(recipients), TEST_ROW(elapsed_does_not_wrap), TEST_ROW(permits),
	   TEST_ROW(an_odd_policy_permits_nothing), TEST_ROW(a_long_detail_is_cut), TEST_ROW(since), TEST_ROW(same),
	   TEST_ROW(sameness_is_bound), TEST_ROW(audience))
