/* app/trade/table_test.c - tables and single things as they are printed. */
#include "app/trade/table.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

#define USE "{\"permission\":[{\"action\":\"use\"}]}"
#define UNTIL                                                                                                      \
	"{\"permission\":[{\"action\":\"use\",\"constraint\":[{\"leftOperand\":\"dateTime\",\"operator\":\"lteq\"," \
	"\"rightOperand\":\"2027-01-01T00:00:00Z\"}]}]}"

static const char list[] =
	"[{\"id\":\"a\",\"name\":\"北京\",\"n\":12,\"on\":true},"
	"{\"id\":\"long-one\",\"name\":\"x\\u001b[2J\",\"n\":null,\"on\":false,\"tags\":[1,2],\"policy\":{}}]";

static const struct {
	const char *row, *json, *columns;
	enum ht_lang lang;
	const char *out;
} tables[] = {
	{ "widths", list, "id name n", HT_EN,
	  "id        name   n\n"
	  "a         北京   12\n"
	  "long-one  x?[2J  -\n" },
	{ "Chinese heads", list, "name id", HT_ZH,
	  "名称   标识\n"
	  "北京   a\n"
	  "x?[2J  long-one\n" },
	{ "types", list, "id on tags policy", HT_EN,
	  "id        on   tags  terms\n"
	  "a         yes  -     -\n"
	  "long-one  no   2     {...}\n" },
	{ "times of one width", "[{\"made\":\"2026-11-24T08:00:00Z\",\"due\":null},{\"made\":\"2026-11-24T08:00:00.25Z\",\"due\":\"soon\"}]", "made due",
	  HT_EN,
	  "made                      next attempt\n"
	  "2026-11-24T08:00:00.000Z  -\n"
	  "2026-11-24T08:00:00.250Z  soon\n" },
	{ "terms", "[{\"id\":\"p\",\"policy\":" USE "},{\"id\":\"q\",\"offers\":[" USE "," UNTIL "]}]", "id policy offers", HT_EN,
	  "id  terms                            terms\n"
	  "p   may be used, without conditions  -\n"
	  "q   -                                may be used, without conditions | may be used: until 2027-01-01 00:00 UTC\n" },
	{ "no rows", "[]", "id name", HT_EN, "id  name\n" },
	{ "no list", "{}", "id", HT_EN, "id\n" },
};

TEST(prints_columns)
{
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(tables); i++) {
		struct ht_refusal why;
		struct ht_json *json = ht_json_read(ht_text_bytes(ht_text_of(tables[i].json)), &ht_json_small, &why);
		bool array = ht_json_is_array(json);
		struct ht_out out;
		struct ht_text printed;

		ht_out_init(&out, &a);
		ht_table_rows(&(struct ht_table){ .columns = tables[i].columns }, array ? ht_text_of(tables[i].json) : HT_TEXT(""),
			      array ? json : NULL, tables[i].lang, &out);
		printed = ht_out_done(&out);
		CHECK_F(ht_text_is(printed, tables[i].out), "%s:\n" HT_TEXT_FMT, tables[i].row, HT_TEXT_ARG(printed));
		ht_json_free(json);
	}
	ht_arena_fini(&a);
}

/* Two pieces under one head: the second is as wide as the first, and wider where it has to be. */
TEST(prints_columns_in_pieces)
{
	static const char *const pieces[] = { "[{\"id\":\"wide-one\",\"n\":1}]", "[]", "[{\"id\":\"a\",\"n\":2}]",
					      "[{\"id\":\"wider-than-one\",\"n\":3}]" };
	static const char want[] = "id        n\n"
				   "wide-one  1\n"
				   "a         2\n"
				   "wider-than-one  3\n";
	struct ht_table t = { .columns = "id n" };
	struct ht_arena a;
	struct ht_text printed;
	struct ht_out out;

	ht_arena_init(&a, 1 << 16);
	ht_out_init(&out, &a);
	for (size_t i = 0; i < HT_COUNT(pieces); i++) {
		struct ht_refusal why;
		struct ht_json *json = ht_json_read(ht_text_bytes(ht_text_of(pieces[i])), &ht_json_small, &why);

		ht_table_rows(&t, ht_text_of(pieces[i]), json, HT_EN, &out);
		ht_json_free(json);
	}
	printed = ht_out_done(&out);
	CHECK_F(ht_text_is(printed, want), HT_TEXT_FMT, HT_TEXT_ARG(printed));
	CHECK(t.count == 3);
	ht_arena_fini(&a);
}

TEST(prints_a_thing_without_its_secret)
{
	struct ht_text text = HT_TEXT(
		"{\"id\":\"t1\",\"state\":\"STARTED\",\"dataAddress\":{\"endpoint\":\"http://h/d\",\"authorization\":\"Bearer secret\"},"
		"\"offer\":{\"@id\":\"o\",\"n\":[1]},\"reason\":null,\"odd\":true,"
		"\"made\":\"2026-11-24T08:00:00.5Z\",\"policy\":" USE "}");
	static const char want[] =
		"id            t1\n"
		"state         STARTED\n"
		"data address  http://h/d\n"
		"offer         {\"@id\":\"o\",\"n\":[1]}\n"
		"reason        -\n"
		"odd           yes\n"
		"made          2026-11-24T08:00:00.500Z\n"
		"terms         may be used, without conditions\n";
	struct ht_arena a;
	struct ht_refusal why;
	struct ht_json *json = ht_json_read(ht_text_bytes(text), &ht_json_small, &why);
	struct ht_text printed;
	struct ht_out out;

	ht_arena_init(&a, 1 << 16);
	ht_out_init(&out, &a);
	ht_table_thing(text, json, HT_EN, &out);
	printed = ht_out_done(&out);
	CHECK_F(ht_text_is(printed, want), HT_TEXT_FMT, HT_TEXT_ARG(printed));
	ht_json_free(json);
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(prints_columns), TEST_ROW(prints_columns_in_pieces), TEST_ROW(prints_a_thing_without_its_secret))
