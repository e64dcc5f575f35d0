/* base/log_test.c - tests of base/log.h. */
#include "base/log.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

static char line[8192];
static size_t line_len, lines;

static void keep(struct ht_text t)
{
	lines++;
	line_len = t.len;
	if (t.len < sizeof(line)) {
		memcpy(line, t.at, t.len);
		line[t.len] = 0;
	}
}

static int64_t clock_us(void)
{
	return INT64_C(1795507200500000);
}

#define HEAD(level) "{\"at\":\"2026-11-24T08:00:00.5Z\",\"level\":\"" level "\",\"event\":\"step\""

TEST(a_line)
{
	ht_log_start(HT_INFO, keep, clock_us);
	HT_LOG(HT_INFO, "step", HT_FIELD("party", HT_TEXT("alpha")), HT_FIELD_Z("why", NULL), HT_FIELD_N("n", -5), HT_FIELD_N("m", 0));
	CHECK_ROW(line, !strcmp(line, HEAD("info") ",\"party\":\"alpha\",\"why\":\"\",\"n\":-5,\"m\":0}\n"));
	ht_log_fields(HT_ERROR, "step", NULL, 0);
	CHECK_ROW(line, !strcmp(line, HEAD("error") "}\n"));
	HT_LOG(HT_WARN, "step", HT_FIELD_N("low", INT64_MIN), HT_FIELD_N("high", INT64_MAX));
	CHECK_ROW(line, !strcmp(line, HEAD("warn") ",\"low\":-9223372036854775808,\"high\":9223372036854775807}\n"));
}

TEST(levels)
{
	for (int least = HT_DEBUG; least <= HT_ERROR; least++) {
		ht_log_start((enum ht_level)least, keep, clock_us);
		for (int level = HT_DEBUG; level <= HT_ERROR; level++) {
			size_t before = lines;

			ht_log_fields((enum ht_level)level, "step", NULL, 0);
			CHECK_F(lines == before + (level >= least), "least %d, level %d", least, level);
		}
	}
	ht_log_start(HT_DEBUG, NULL, NULL);
	lines = 0;
	HT_LOG(HT_ERROR, "step", HT_FIELD_N("n", 1));
	CHECK(!lines);
}

TEST(escapes)
{
	static const struct {
		struct ht_text value;
		const char *json;
	} rows[] = {
		{ HT_TEXT_ROW("a\"b\\c"), "a\\\"b\\\\c" },
		{ HT_TEXT_ROW("\n\r\t"), "\\n\\r\\t" },
		{ HT_TEXT_ROW("\0\x1f\x7f"), "\\u0000\\u001f\\u007f" },
		{ HT_TEXT_ROW("北京"), "北京" },
		{ HT_TEXT_ROW("a\xff" "b\xe5\x8c"), "a\xef\xbf\xbd" "b\xef\xbf\xbd\xef\xbf\xbd" },
		{ HT_TEXT_ROW("\"}\n{\"forged\":\""), "\\\"}\\n{\\\"forged\\\":\\\"" },
	};
	char expected[512];

	ht_log_start(HT_INFO, keep, clock_us);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		HT_LOG(HT_INFO, "step", HT_FIELD("v", rows[i].value));
		snprintf(expected, sizeof(expected), HEAD("info") ",\"v\":\"%s\"}\n", rows[i].json);
		CHECK_ROW(rows[i].json, !strcmp(line, expected));
	}
}

static bool whole(void)
{
	struct ht_bytes b = { (const uint8_t *)line, line_len };

	return line_len <= 4096 && line[line_len - 1] == '\n' && line[line_len - 2] == '}' && !memchr(line, '\n', line_len - 1) &&
	       ht_text_utf8(b);
}

/* Around the length where the line is full, with characters of 1, 2 (escaped), 3 and 6 (escaped) bytes. */
TEST(long_values_are_cut_at_a_character)
{
	static const char *const of[] = { "x", "\"", "城", "\x01" };
	static char value[20000];

	ht_log_start(HT_INFO, keep, clock_us);
	for (size_t k = 0; k < HT_COUNT(of); k++) {
		size_t unit = strlen(of[k]);

		for (size_t n = 600; n < 4200; n += n < 650 || n > 3900 ? 1 : 50) {
			for (size_t i = 0; i < n; i++)
				memcpy(value + i * unit, of[k], unit);
			HT_LOG(HT_INFO, "step", HT_FIELD("a", ((struct ht_text){ value, n * unit })), HT_FIELD_Z("b", "end"));
			CHECK_F(whole() && strstr(line, ",\"b\":\"end\"}"), "%zu of row %zu", n, k);
		}
		CHECK_F(strstr(line, "...\",\"b\"") && line_len > 2000, "row %zu", k);
	}
	/* One long value alone has nearly all the room; one that just fits is not cut. */
	memset(value, 'x', sizeof(value));
	for (size_t n = 4000; n < 4030; n++) {
		size_t all = sizeof(HEAD("info")) - 1 + sizeof(",\"a\":\"\"}\n") - 1 + n;

		HT_LOG(HT_INFO, "step", HT_FIELD("a", ((struct ht_text){ value, n })));
		CHECK_F(whole() && (all <= 4096 ? line_len == all && !strstr(line, "...") : line_len == 4096 && !!strstr(line, "...")),
			"%zu", n);
	}
}

TEST(most_fields)
{
	static char value[5000];
	struct ht_field fields[32];

	ht_log_start(HT_INFO, keep, clock_us);
	memset(value, 1, sizeof(value));
	for (size_t i = 0; i < HT_COUNT(fields); i++)
		fields[i] = (struct ht_field){ .key = "a_key_of_64_letters_that_is_as_long_as_a_key_may_ever_become_123",
					       .value = { value, sizeof(value) } };
	ht_log_fields(HT_WARN, "step", fields, HT_COUNT(fields));
	CHECK(whole());
	for (size_t i = 0; i < HT_COUNT(fields); i += 2)
		fields[i] = (struct ht_field)HT_FIELD_N("n", INT64_MIN);
	ht_log_fields(HT_WARN, "step", fields, HT_COUNT(fields));
	CHECK(whole());
}

CHECK_MAIN(TEST_ROW(a_line), TEST_ROW(levels), TEST_ROW(escapes), TEST_ROW(long_values_are_cut_at_a_character), TEST_ROW(most_fields))
