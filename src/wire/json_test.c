/* wire/json_test.c - what is read and refused, spans, and the writer. */
#include "wire/json.h"

#include <string.h>

#include "base/count.h"
#include "base/random.h"
#include "test/check.h"

static struct ht_arena arena;

static struct ht_bytes bytes(const char *z)
{
	return ht_text_bytes(ht_text_of(z));
}

static enum ht_refuse code_of(struct ht_bytes text, const struct ht_json_limits *limits)
{
	struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };

	ht_json_free(ht_json_read(text, limits, &why));
	return why.code;
}

static const struct {
	const char *text;
	enum ht_refuse code;
} rows[] = {
	{ "{}", HT_REFUSE_NONE },
	{ "[]", HT_REFUSE_NONE },
	{ " \t\r\n{ \"a\" : [ 1 , -2.5e3 , true , false , null , \"\" ] } \n", HT_REFUSE_NONE },
	{ "\"text\"", HT_REFUSE_NONE },
	{ "9223372036854775807", HT_REFUSE_NONE },
	{ "{\"a\":{\"a\":{\"a\":1}}}", HT_REFUSE_NONE },
	{ "\"\\ud83d\\ude00 \\u4e2d \\/ \\b\"", HT_REFUSE_NONE },
	{ "\"\xe4\xb8\xad\"", HT_REFUSE_NONE },
	{ "", HT_REFUSE_JSON },
	{ " ", HT_REFUSE_JSON },
	{ "{", HT_REFUSE_JSON },
	{ "}", HT_REFUSE_JSON },
	{ "]]]]", HT_REFUSE_JSON },
	{ "{\"a\":1,}", HT_REFUSE_JSON },
	{ "[1,]", HT_REFUSE_JSON },
	{ "[1 2]", HT_REFUSE_JSON },
	{ "{} {}", HT_REFUSE_JSON },
	{ "{'a':1}", HT_REFUSE_JSON },
	{ "{a:1}", HT_REFUSE_JSON },
	{ "// no\n{}", HT_REFUSE_JSON },
	{ "01", HT_REFUSE_JSON },
	{ "+1", HT_REFUSE_JSON },
	{ ".5", HT_REFUSE_JSON },
	{ "1.", HT_REFUSE_JSON },
	{ "NaN", HT_REFUSE_JSON },
	{ "True", HT_REFUSE_JSON },
	{ "9223372036854775808", HT_REFUSE_JSON },
	{ "1e999", HT_REFUSE_JSON },
	{ "\"a", HT_REFUSE_JSON },
	{ "\"a\\\"", HT_REFUSE_JSON },
	{ "\"\\x\"", HT_REFUSE_JSON },
	{ "\"a\nb\"", HT_REFUSE_JSON },
	{ "\"\\u0000\"", HT_REFUSE_JSON },
	{ "{\"\\u0000\":1}", HT_REFUSE_JSON },
	{ "\"\\ud800\"", HT_REFUSE_JSON },
	{ "\"\\udc00\\ud800\"", HT_REFUSE_JSON },
	{ "\"\xff\"", HT_REFUSE_JSON },
	{ "\"\xc0\x80\"", HT_REFUSE_JSON },
	{ "\"\xed\xa0\x80\"", HT_REFUSE_JSON },
	{ "\"\xf4\x90\x80\x80\"", HT_REFUSE_JSON },
	{ "\xef\xbb\xbf{}", HT_REFUSE_JSON },
	{ "{\"a\":1,\"a\":2}", HT_REFUSE_DUPLICATE_KEY },
	{ "{\"a\":1,\"\\u0061\":2}", HT_REFUSE_DUPLICATE_KEY },
	{ "[{\"b\":{\"a\":[],\"a\":[]}}]", HT_REFUSE_DUPLICATE_KEY },
	{ "{\"a\":{\"x\":1},\"b\":{\"x\":1}}", HT_REFUSE_NONE },
};

TEST(reads_and_refuses)
{
	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].text, code_of(bytes(rows[i].text), &ht_json_small) == rows[i].code);
	CHECK(code_of((struct ht_bytes){ NULL, 0 }, &ht_json_small) == HT_REFUSE_JSON);
	CHECK(code_of((struct ht_bytes){ (const uint8_t *)"\"a\0b\"", 5 }, &ht_json_small) == HT_REFUSE_JSON);
	CHECK(code_of((struct ht_bytes){ (const uint8_t *)"{}\0", 3 }, &ht_json_small) == HT_REFUSE_JSON);
	CHECK(code_of((struct ht_bytes){ (const uint8_t *)"[4\0,5]", 7 }, &ht_json_small) == HT_REFUSE_JSON);
	CHECK(code_of((struct ht_bytes){ (const uint8_t *)"7\0", 2 }, &ht_json_small) == HT_REFUSE_JSON);
}

TEST(a_refusal_says_where)
{
	struct ht_refusal why;

	CHECK(!ht_json_read(bytes("{\n  \"a\": 1,\n  \"b\": x\n}"), &ht_json_small, &why));
	CHECK(ht_text_starts(why.detail, HT_TEXT("line 3, column ")));
	CHECK(why.place.len == 0);
}

/* Each at its limit and one over it. */
static const struct {
	const char *text;
	struct ht_json_limits limits;
	enum ht_refuse code;
} limits[] = {
	{ "[1,2]",                      { 5, 8, 8 }, HT_REFUSE_NONE      },
	{ "[1,2]",                      { 4, 8, 8 }, HT_REFUSE_TOO_LARGE },
	{ "[[{}]]",                     { 99, 3, 8 }, HT_REFUSE_NONE     },
	{ "[[{}]]",                     { 99, 2, 8 }, HT_REFUSE_TOO_DEEP },
	{ "[\"[[[[\",\"{{{\\\"[[\"]",   { 99, 1, 8 }, HT_REFUSE_NONE     },
	{ "[\"\\\\\",[[]]]",            { 99, 2, 8 }, HT_REFUSE_TOO_DEEP },
	{ "[[],[],[]]",                 { 99, 2, 4 }, HT_REFUSE_NONE     },
	{ "[[],[],[]]",                 { 99, 2, 3 }, HT_REFUSE_TOO_MANY },
	{ "[ ]",                        { 99, 2, 1 }, HT_REFUSE_NONE     },
	{ "{ \"a\" : { } }",            { 99, 2, 2 }, HT_REFUSE_NONE     },
	{ "{\"a\":1,\"b\":[2,3]}",      { 99, 2, 5 }, HT_REFUSE_NONE     },
	{ "{\"a\":1,\"b\":[2,3]}",      { 99, 2, 4 }, HT_REFUSE_TOO_MANY },
	{ "[\",,,,,,,\",\"\\\",,,,\"]", { 99, 2, 3 }, HT_REFUSE_NONE     },
	{ "[,,,,,,,,,,,",               { 99, 2, 9 }, HT_REFUSE_TOO_MANY },
	{ "[[[[",                       { 99, 4, 9 }, HT_REFUSE_JSON     },
};

TEST(limits_hold)
{
	for (size_t i = 0; i < HT_COUNT(limits); i++)
		CHECK_F(code_of(bytes(limits[i].text), &limits[i].limits) == limits[i].code, "row %zu: %s", i, limits[i].text);
}

TEST(values)
{
	struct ht_refusal why;
	struct ht_json *root = ht_json_read(bytes("{\"t\":\"a\\u00e9\",\"n\":-7,\"r\":1.5,\"y\":true,\"l\":[1,[]],\"z\":null}"),
					    &ht_json_small, &why);
	struct ht_json_member m;
	void *cursor = NULL;
	char order[16] = "";
	int64_t n = 0;
	size_t seen = 0;

	CHECK(ht_json_is_object(root) && !ht_json_is_array(root) && ht_json_count(root) == 6);
	CHECK(ht_text_is(ht_json_text(ht_json_member(root, "t")), "a\xc3\xa9") && ht_json_is_text(ht_json_member(root, "t")));
	CHECK(ht_json_int(ht_json_member(root, "n"), &n) && n == -7);
	CHECK(!ht_json_int(ht_json_member(root, "r"), &n) && !ht_json_int(ht_json_member(root, "t"), &n) && n == -7);
	CHECK(ht_json_bool(ht_json_member(root, "y"), false) && !ht_json_bool(ht_json_member(root, "n"), false));
	CHECK(ht_json_bool(ht_json_member(root, "no"), true));
	CHECK(ht_json_is_array(ht_json_member(root, "l")) && ht_json_count(ht_json_member(root, "l")) == 2);
	CHECK(ht_json_is_array(ht_json_at(ht_json_member(root, "l"), 1)) && !ht_json_at(ht_json_member(root, "l"), 2));
	CHECK(!ht_json_member(root, "no") && !ht_json_member(NULL, "t") && !ht_json_member(ht_json_member(root, "l"), "t"));
	CHECK(!ht_json_at(root, 0) && !ht_json_is_text(NULL) && !ht_json_is_object(NULL) && !ht_json_is_array(NULL));
	CHECK(ht_json_text(NULL).len == 0 && ht_json_count(NULL) == 0);
	while (ht_json_next(root, &cursor, &m) && seen < sizeof order - 1)
		order[seen++] = m.name.at[0];
	CHECK(!strcmp(order, "tnrylz"));
	cursor = NULL;
	CHECK(!ht_json_next(NULL, &cursor, &m));
	ht_json_free(root);
	ht_json_free(NULL);
}

static const struct {
	const char *text, *path, *span;
} spans[] = {
	{ " {\"a\" : 1 } ", "", "{\"a\" : 1 }" },
	{ "{\"a\":1,\"b\":{\"c\":[10, 20 ,{\"d\":\"x\"}]}}", "b/c/2/d", "\"x\"" },
	{ "{\"a\":1,\"b\":{\"c\":[10, 20 ,{\"d\":\"x\"}]}}", "b/c/1", "20" },
	{ "{\"a\":1,\"b\":{\"c\":[10, 20 ,{\"d\":\"x\"}]}}", "b/c/3", "" },
	{ "{\"a\":1,\"b\":{\"c\":[10, 20 ,{\"d\":\"x\"}]}}", "b/c/x", "" },
	{ "{\"a\":1,\"b\":{\"c\":[10, 20 ,{\"d\":\"x\"}]}}", "b", "{\"c\":[10, 20 ,{\"d\":\"x\"}]}" },
	{ "{\"a\":1}", "b", "" },
	{ "{\"a\":1}", "a/b", "" },
	{ "{\"a\":\"}]\\\"{\",\"b\":\"\\\\\",\"c\":[\"]\"]}", "c", "[\"]\"]" },
	{ "{\"a\":\"}]\\\"{\",\"b\":\"\\\\\",\"c\":[\"]\"]}", "a", "\"}]\\\"{\"" },
	{ "{ \"x\" : { \"a\" : 1 } , \"a\" : -2.5e3 }", "a", "-2.5e3" },
	{ "{\"off\\u0065r\":{\"@id\":1}}", "offer", "{\"@id\":1}" },
	{ "{\"\\u4E2d\\ud83d\\ude00\\/\\\"\":true}", "\xe4\xb8\xad\xf0\x9f\x98\x80", "" },
	{ "{\"\\u4E2d\\ud83d\\ude00\":true}", "\xe4\xb8\xad\xf0\x9f\x98\x80", "true" },
	{ "{\"\\u00e9\\u0041\":7}", "\xc3\xa9" "A", "7" },
	{ "{\"a\":1}", "a/", "1" },
	{ "{\"offers\":1,\"offe\":2,\"offer\":3}", "offer", "3" },
	{ "{\"a\":null}", "a", "null" },
	{ "[]", "0", "" },
	{ "[[],{}]", "0", "[]" },
	{ "[[],{}]", "1", "{}" },
	{ "{}", "a", "" },
	{ "\"a\"", "0", "" },
	{ "", "", "" },
};

TEST(spans_are_exact)
{
	for (size_t i = 0; i < HT_COUNT(spans); i++) {
		struct ht_text span = ht_json_span(ht_text_of(spans[i].text), spans[i].path);

		CHECK_F(ht_text_is(span, spans[i].span), "row %zu: %s at %s gives " HT_TEXT_FMT, i, spans[i].text, spans[i].path,
			HT_TEXT_ARG(span));
	}
}

TEST(elements)
{
	static const char *const expected[] = { "1", "[2,3]", "\"a,b\"", "{}" };
	struct ht_text text = HT_TEXT("[1, [2,3] ,\"a,b\",{}]"), found;
	size_t at = 0, n = 0;

	while (ht_json_element(text, &at, &found) && n < HT_COUNT(expected)) {
		CHECK_ROW(expected[n], ht_text_is(found, expected[n]));
		n++;
	}
	CHECK(n == HT_COUNT(expected));
	at = 0;
	CHECK(!ht_json_element(HT_TEXT("[ ]"), &at, &found));
}

#define WRITTEN \
	"{\"a\":\"q\\\"b\\\\n\\nt\\tr\\rb\\bf\\fe\\u001b/\x7f\xe4\xb8\xad\",\"b\":\"here\",\"list\":[0,-9223372036854775808," \
	"9223372036854775807,{},true],\"no\":false,\"raw\":{\"x\": 1},\"empty\":\"\"}"

TEST(writes)
{
	struct ht_json_out w;

	ht_json_begin(&w, &arena);
	ht_json_open(&w, NULL, '{');
	ht_json_put_z(&w, "a", "q\"b\\n\nt\tr\rb\bf\fe\x1b/\x7f\xe4\xb8\xad");
	ht_json_put_some(&w, "gone", HT_TEXT(""));
	ht_json_put_some(&w, "b", HT_TEXT("here"));
	ht_json_open(&w, "list", '[');
	ht_json_put_int(&w, NULL, 0);
	ht_json_put_int(&w, NULL, INT64_MIN);
	ht_json_put_int(&w, NULL, INT64_MAX);
	ht_json_open(&w, NULL, '{');
	ht_json_close(&w, '}');
	ht_json_put_bool(&w, NULL, true);
	ht_json_close(&w, ']');
	ht_json_put_bool(&w, "no", false);
	ht_json_put_raw(&w, "raw", HT_TEXT("{\"x\": 1}"));
	ht_json_put(&w, "empty", HT_TEXT(""));
	ht_json_close(&w, '}');
	CHECK(ht_text_is(ht_json_end(&w), WRITTEN));
}

/* Any text of ASCII and Chinese comes back as it was written. */
TEST(random_texts_come_back)
{
	struct ht_random r;

	ht_random_seed(&r, check_seed());
	for (int run = 0; run < 2000; run++) {
		struct ht_refusal why;
		struct ht_json_out w;
		struct ht_json *root;
		struct ht_out text;
		uint64_t len = ht_random_below(&r, 40);

		ht_out_init(&text, &arena);
		for (uint64_t i = 0; i < len; i++) {
			uint64_t c = ht_random_below(&r, 140);

			if (c < 127)
				ht_out_char(&text, (char)(c + 1));
			else
				ht_out_z(&text, "\xe8\xb7\xaf");
		}
		ht_json_begin(&w, &arena);
		ht_json_put(&w, NULL, ht_out_done(&text));
		root = ht_json_read(ht_text_bytes(ht_json_end(&w)), &ht_json_small, &why);
		if (!CHECK(ht_text_same(ht_json_text(root), ht_out_done(&text))))
			run = 2000;
		ht_json_free(root);
		ht_arena_reset(&arena);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(reads_and_refuses), TEST_ROW(a_refusal_says_where), TEST_ROW(limits_hold),
						   TEST_ROW(values),            TEST_ROW(spans_are_exact),      TEST_ROW(elements),
						   TEST_ROW(writes),            TEST_ROW(random_texts_come_back) };
	int result;

	ht_arena_init(&arena, 1 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
