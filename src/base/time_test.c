/* base/time_test.c - tests of base/time.h. */
#include "base/time.h"

#include <time.h>

#include "base/count.h"
#include "base/random.h"
#include "test/check.h"

#define FIRST_US INT64_C(-62135596800000000)
#define LAST_US INT64_C(253402300799999999)

TEST(known_times)
{
	static const struct {
		int64_t at_us;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ 1, "1970-01-01T00:00:00.000001Z" },
		{ INT64_C(1795507200000000), "2026-11-24T08:00:00Z" },
		{ INT64_C(1795507200123456), "2026-11-24T08:00:00.123456Z" },
		{ INT64_C(1795507200120000), "2026-11-24T08:00:00.12Z" },
		{ INT64_C(951782400000000), "2000-02-29T00:00:00Z" },
		{ INT64_C(951868800000000), "2000-03-01T00:00:00Z" },
		{ INT64_C(4107542399000000), "2100-02-28T23:59:59Z" },
		{ INT64_C(4107542400000000), "2100-03-01T00:00:00Z" },
		{ FIRST_US, "0001-01-01T00:00:00Z" },
		{ LAST_US, "9999-12-31T23:59:59.999999Z" },
	};
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		int64_t at_us = 77;

		CHECK_ROW(rows[i].text, ht_text_is(ht_time_text(&a, rows[i].at_us), rows[i].text));
		CHECK_ROW(rows[i].text, ht_time_read(ht_text_of(rows[i].text), &at_us) && at_us == rows[i].at_us);
	}
	CHECK(ht_text_is(ht_time_text_ms(&a, 0), "1970-01-01T00:00:00.000Z"));
	CHECK(ht_text_is(ht_time_text_ms(&a, -1), "1969-12-31T23:59:59.999Z"));
	CHECK(ht_text_is(ht_time_text_ms(&a, INT64_C(1795507200120000)), "2026-11-24T08:00:00.120Z"));
	CHECK(ht_text_is(ht_time_text_ms(&a, FIRST_US + 1), "0001-01-01T00:00:00.000Z"));
	CHECK(ht_text_is(ht_time_text_ms(&a, LAST_US), "9999-12-31T23:59:59.999Z"));
	ht_arena_fini(&a);
}

TEST(other_forms)
{
	static const struct {
		const char *text, *same;
	} rows[] = {
		{ "2026-11-24T16:00:00+08:00", "2026-11-24T08:00:00Z" },
		{ "2026-11-24T00:30:00-07:30", "2026-11-24T08:00:00Z" },
		{ "2026-11-24T08:00:00", "2026-11-24T08:00:00Z" },
		{ "2026-11-24T08:00:00.5+00:00", "2026-11-24T08:00:00.5Z" },
		{ "2026-11-24T08:00:00.1234567899Z", "2026-11-24T08:00:00.123456Z" },
		{ "2026-11-24T08:00:00.0000009Z", "2026-11-24T08:00:00Z" },
		{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
		{ "2026-12-31T24:00:00Z", "2027-01-01T00:00:00Z" },
		{ "2026-12-31T23:00:00-14:00", "2027-01-01T13:00:00Z" },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		int64_t at_us = 1, same_us = 2;

		CHECK_ROW(rows[i].text, ht_time_read(ht_text_of(rows[i].text), &at_us));
		CHECK_ROW(rows[i].text, ht_time_read(ht_text_of(rows[i].same), &same_us) && at_us == same_us);
	}
}

TEST(not_times)
{
	static const char *const rows[] = {
		"", "2026", "2026-11-24", "2026-11-24T08:00", "2026-11-24 08:00:00Z", "2026-11-24T08:00:00z", "2026-11-24t08:00:00Z",
		"2026-00-24T08:00:00Z", "2026-13-24T08:00:00Z", "2026-11-00T08:00:00Z", "2026-11-31T08:00:00Z", "2026-02-29T08:00:00Z",
		"1900-02-29T00:00:00Z", "2026-11-24T25:00:00Z", "2026-11-24T24:00:01Z", "2026-11-24T24:01:00Z", "2026-11-24T24:00:00.1Z",
		"2026-11-24T08:60:00Z", "2026-11-24T08:00:61Z", "2026-11-24T08:00:00.Z", "2026-11-24T08:00:00,5Z", "2026-11-24T08:00:00+8:00",
		"2026-11-24T08:00:00+0800", "2026-11-24T08:00:00+14:01", "2026-11-24T08:00:00+15:00", "2026-11-24T08:00:00+00:60",
		"2026-11-24T08:00:00ZZ", "2026-11-24T08:00:00Z ", " 2026-11-24T08:00:00Z", "-2026-11-24T08:00:00Z", "+2026-11-24T08:00:00Z",
		"12026-11-24T08:00:00Z", "0000-11-24T08:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z", "9999-12-31T24:00:00Z",
		"2026-1a-24T08:00:00Z", "9999-12-31T23:59:59-00:01", "2026-11-24T08:00:00 08:00",
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		int64_t at_us = 77;

		CHECK_ROW(rows[i], !ht_time_read(ht_text_of(rows[i]), &at_us) && at_us == 77);
	}
}

/* Any time comes back, and is the one of libc. */
TEST(come_back_and_agree_with_libc)
{
	struct ht_random r;
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	ht_random_seed(&r, check_seed());
	for (int i = 0; i < 20000; i++) {
		int64_t at_us = FIRST_US + (int64_t)ht_random_below(&r, (uint64_t)(LAST_US - FIRST_US) + 1), back = 0;
		struct ht_text t = ht_time_text(&a, at_us);
		time_t s = (at_us - FIRST_US) / HT_SECOND_US + FIRST_US / HT_SECOND_US;
		struct tm tm;
		char form[64];

		CHECK_F(ht_time_read(t, &back) && back == at_us, HT_TEXT_FMT, HT_TEXT_ARG(t));
		gmtime_r(&s, &tm);
		snprintf(form, sizeof(form), "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			 tm.tm_min, tm.tm_sec);
		CHECK_F(ht_text_starts(t, ht_text_of(form)), HT_TEXT_FMT, HT_TEXT_ARG(t));
		ht_arena_reset(&a);
	}
	ht_arena_fini(&a);
}

TEST(durations)
{
	static const struct {
		const char *text;
		int64_t us; /* -1: not one */
	} rows[] = {
		{ "P1D", HT_DAY_US }, { "P30D", 30 * HT_DAY_US }, { "P2W", 14 * HT_DAY_US }, { "P1W1D", 8 * HT_DAY_US }, { "PT1H", 3600 * HT_SECOND_US },
		{ "PT90M", 5400 * HT_SECOND_US }, { "PT0S", 0 }, { "P0D", 0 }, { "PT0.5S", 500000 }, { "PT1.0000019S", 1000001 },
		{ "P1DT2H3M4.5S", HT_DAY_US + 7384500000 }, { "P1WT1S", 7 * HT_DAY_US + HT_SECOND_US }, { "P3652059D", 3652059 * HT_DAY_US },
		{ "P007D", 7 * HT_DAY_US }, { "P3652060D", -1 }, { "P3652059DT1S", -1 }, { "P99999999999999999999D", -1 }, { "PT9223372036854775807S", -1 },
		{ "", -1 }, { "P", -1 }, { "PT", -1 }, { "P1", -1 }, { "P1DT", -1 }, { "1D", -1 }, { "p1D", -1 }, { "-P1D", -1 }, { "P-1D", -1 }, { "P+1D", -1 },
		{ "P1Y", -1 }, { "P1M", -1 }, { "P1Y2D", -1 }, { "P1H", -1 }, { "PT1D", -1 }, { "PT1W", -1 }, { "P1D1W", -1 }, { "PT1S1M", -1 }, { "P1D1D", -1 },
		{ "P1.5D", -1 }, { "PT1.5H", -1 }, { "PT1.S", -1 }, { "PT.5S", -1 }, { "PTS", -1 }, { "PD", -1 }, { "P1D ", -1 }, { " P1D", -1 }, { "PT1HT1M", -1 },
		{ "P1d", -1 },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		int64_t us = -1;

		CHECK_ROW(rows[i].text, ht_duration_read(ht_text_of(rows[i].text), &us) == (rows[i].us >= 0) && us == rows[i].us);
	}
}

CHECK_MAIN(TEST_ROW(known_times), TEST_ROW(other_forms), TEST_ROW(not_times), TEST_ROW(come_back_and_agree_with_libc), TEST_ROW(durations))
