/* core/market/policy_test.c - what policies permit, when two are the same, who may see a product. */
#include "core/market/policy.h"

#include "base/count.h"
#include "test/check.h"

/* One constraint on dateTime, its right side for people and in microseconds. */
#define AT(op_, right_) { .left = { "dateTime", 8 }, .op = HT_OP_##op_, .right = { #right_, sizeof #right_ - 1 }, .right_us = (right_) }
#define USE(constraints_) { .action = { "use", 3 }, .constraints = (constraints_), .count = HT_COUNT(constraints_) }

static struct ht_constraint early[] = { AT(GTEQ, 100) };
static struct ht_constraint between[] = { AT(GTEQ, 100), AT(LT, 200) };
static struct ht_constraint turned[] = { AT(LT, 200), AT(GTEQ, 100) };
static struct ht_constraint doubled[] = { AT(GTEQ, 100), AT(GTEQ, 100) };
static struct ht_constraint equal[] = { AT(EQ, 150) };
static struct ht_constraint unequal[] = { AT(NEQ, 150) };
static struct ht_constraint lteq[] = { AT(LTEQ, 150) };
static struct ht_constraint gt[] = { AT(GT, 150) };
static struct ht_constraint purpose[] = { { .left = { "purpose", 7 }, .op = HT_OP_EQ, .right = { "x", 1 } } };
static struct ht_constraint zone[] = { { .left = { "dateTime", 8 }, .op = HT_OP_GTEQ, .right = { "100 elsewhere", 13 }, .right_us = 100 } };

static struct ht_rule bare[] = { { .action = { "use", 3 } } };
static struct ht_rule sell[] = { { .action = { "sell", 4 } } };
static struct ht_rule use_early[] = { USE(early) };
static struct ht_rule use_zone[] = { USE(zone) };
static struct ht_rule use_between[] = { USE(between) };
static struct ht_rule use_turned[] = { USE(turned) };
static struct ht_rule use_doubled[] = { USE(doubled) };
static struct ht_rule use_equal[] = { USE(equal) };
static struct ht_rule use_unequal[] = { USE(unequal) };
static struct ht_rule use_lteq[] = { USE(lteq) };
static struct ht_rule use_gt[] = { USE(gt) };
static struct ht_rule use_purpose[] = { USE(purpose) };
static struct ht_rule two[] = { USE(equal), USE(between) };
static struct ht_rule two_turned[] = { USE(turned), USE(equal) };
static struct ht_rule sell_or_equal[] = { { .action = { "sell", 4 } }, USE(equal) };

#define POLICY(rules_) { .permissions = (rules_), .count = HT_COUNT(rules_) }

TEST(permits)
{
	static const struct {
		const char *name;
		struct ht_policy policy;
		int64_t now_us;
		bool want;
		enum ht_refuse code;
		const char *place, *detail;
	} rows[] = {
		{ "bare", POLICY(bare), 0, true, 0, "", "" },
		{ "no permission", { .count = 0 }, 0, false, HT_REFUSE_POLICY_DENIES, "/permission", "" },
		{ "another action", POLICY(sell), 0, false, HT_REFUSE_POLICY_DENIES, "/permission", "" },
		{ "odd", { .permissions = bare, .count = 1, .odd = true, .odd_place = { "/duty", 5 } }, 0, false,
		  HT_REFUSE_POLICY_UNSUPPORTED, "/duty", "" },
		{ "before gteq", POLICY(use_early), 99, false, HT_REFUSE_POLICY_DENIES, "/permission/0/constraint/0", "dateTime gteq 100" },
		{ "at gteq", POLICY(use_early), 100, true, 0, "", "" },
		{ "before lt", POLICY(use_between), 199, true, 0, "", "" },
		{ "at lt", POLICY(use_between), 200, false, HT_REFUSE_POLICY_DENIES, "/permission/0/constraint/1", "dateTime lt 200" },
		{ "at eq", POLICY(use_equal), 150, true, 0, "", "" },
		{ "beside eq", POLICY(use_equal), 151, false, HT_REFUSE_POLICY_DENIES, "/permission/0/constraint/0", "dateTime eq 150" },
		{ "at neq", POLICY(use_unequal), 150, false, HT_REFUSE_POLICY_DENIES, "/permission/0/constraint/0", "dateTime neq 150" },
		{ "beside neq", POLICY(use_unequal), 149, true, 0, "", "" },
		{ "at lteq", POLICY(use_lteq), 150, true, 0, "", "" },
		{ "after lteq", POLICY(use_lteq), 151, false, HT_REFUSE_POLICY_DENIES, "/permission/0/constraint/0", "dateTime lteq 150" },
		{ "at gt", POLICY(use_gt), 150, false, HT_REFUSE_POLICY_DENIES, "/permission/0/constraint/0", "dateTime gt 150" },
		{ "after gt", POLICY(use_gt), 151, true, 0, "", "" },
		{ "unknown left", POLICY(use_purpose), 0, false, HT_REFUSE_POLICY_DENIES, "/permission/0/constraint/0", "purpose eq x" },
		{ "the second permission", POLICY(two), 120, true, 0, "", "" },
		{ "neither: the first says", POLICY(two), 99, false, HT_REFUSE_POLICY_DENIES, "/permission/0/constraint/0",
		  "dateTime eq 150" },
		{ "another action first", POLICY(sell_or_equal), 99, false, HT_REFUSE_POLICY_DENIES, "/permission/1/constraint/0",
		  "dateTime eq 150" },
	};
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_refusal why = { 0 };

		CHECK_ROW(rows[i].name, ht_policy_permits(&rows[i].policy, rows[i].now_us, &a, &why) == rows[i].want);
		CHECK_ROW(rows[i].name, rows[i].want || why.code == rows[i].code);
		CHECK_ROW(rows[i].name, rows[i].want || ht_text_is(why.place, rows[i].place));
		CHECK_ROW(rows[i].name, rows[i].want || ht_text_is(why.detail, rows[i].detail));
	}
	ht_arena_fini(&a);
}

TEST(same)
{
	static const struct {
		const char *name;
		struct ht_policy a, b;
		bool want;
	} rows[] = {
		{ "empty", { .count = 0 }, { .count = 0 }, true },
		{ "bare", POLICY(bare), POLICY(bare), true },
		{ "none and bare", { .count = 0 }, POLICY(bare), false },
		{ "another action", POLICY(bare), POLICY(sell), false },
		{ "bare and bound", POLICY(bare), POLICY(use_early), false },
		{ "another operator", POLICY(use_equal), POLICY(use_unequal), false },
		{ "another left", POLICY(use_purpose), POLICY(use_early), false },
		{ "another zone, same time", POLICY(use_early), POLICY(use_zone), true },
		{ "constraints turned", POLICY(use_between), POLICY(use_turned), true },
		{ "one twice is not two", POLICY(use_doubled), POLICY(use_between), false },
		{ "permissions turned", POLICY(two), POLICY(two_turned), true },
		{ "an odd one", { .odd = true }, { .odd = true }, false },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].name, ht_policy_same(&rows[i].a, &rows[i].b) == rows[i].want);
		CHECK_ROW(rows[i].name, ht_policy_same(&rows[i].b, &rows[i].a) == rows[i].want);
	}
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

CHECK_MAIN(TEST_ROW(permits), TEST_ROW(same), TEST_ROW(audience))
