/* identity/peers_test.c - the peers file: what is read, what is refused and where, and who is found. */
#include "identity/peers.h"

#include "base/count.h"
#include "base/out.h"
#include "test/check.h"

#define ROW(id, base, send, accept) "{\"id\":\"" id "\",\"base\":\"" base "\",\"send\":\"" send "\",\"accept\":\"" accept "\"}"

static struct ht_arena arena;
static struct ht_peers peers;

static bool read_z(const char *file, struct ht_refusal *why)
{
	*why = (struct ht_refusal){ 0 };
	return ht_peers_read(ht_text_bytes(ht_text_of(file)), &arena, &peers, why);
}

TEST(who_is_found)
{
	static const char file[] = "[" ROW("did:web:a", "https://a.example/dsp/2025-1/", "jwt", "jwt") ","
				   ROW("edc", "http://127.0.0.1:8282/api/dsp", "header:secret one", "header:secret two") ","
				   ROW("c", "http://c.example", "jwt", "header:s") "]";
	struct ht_refusal why;
	const struct ht_peer *p;

	if (!CHECK(read_z(file, &why) && peers.count == 3))
		return;
	p = ht_peers_by_base(&peers, HT_TEXT("https://a.example/dsp/2025-1"));
	CHECK(p && ht_text_is(p->id, "did:web:a") && p->send == HT_PEER_JWT && p->accept == HT_PEER_JWT);
	CHECK(p == ht_peers_by_base(&peers, HT_TEXT("https://a.example/dsp/2025-1/")) && p == ht_peers_by_id(&peers, HT_TEXT("did:web:a")));
	p = ht_peers_by_id(&peers, HT_TEXT("edc"));
	CHECK(p && p->send == HT_PEER_HEADER && ht_text_is(p->send_value, "secret one") && ht_text_is(p->accept_value, "secret two"));
	CHECK(ht_peers_accept(&peers, HT_TEXT("secret two")) == p);
	CHECK(!ht_peers_accept(&peers, HT_TEXT("secret one")) && !ht_peers_accept(&peers, HT_TEXT("secret twO")));
	CHECK(!ht_peers_accept(&peers, HT_TEXT("")) && !ht_peers_accept(&peers, HT_TEXT("header:s")) &&
	      ht_peers_accept(&peers, HT_TEXT("s")));
	CHECK(!ht_peers_by_id(&peers, HT_TEXT("")) && !ht_peers_by_base(&peers, HT_TEXT("http://c.example/x")));
	CHECK(read_z("[]", &why) && peers.count == 0);
	ht_arena_reset(&arena);
}

#define MOCK(id) "{\"region\":\"eu\",\"audience\":\"http://localhost:1/x\",\"clientId\":\"" id "\"}"

static bool accepts(const char *header, const char *id)
{
	const struct ht_peer *p = ht_peers_accept(&peers, ht_text_of(header));

	return id ? p && ht_text_is(p->id, id) : !p;
}

/* Each row of "accept" once more, beside another with a fixed value: who is found by which header. */
TEST(mock_identity_of_edc)
{
	static const char file[] = "[" ROW("edc", "http://e.example/dsp/2025-1", "edc-mock:did:web:a:p:b", "edc-mock:edc-1") ","
				   ROW("b", "http://b.example", "jwt", "edc-mock:\\u738b \\\"b\\\"") ","
				   ROW("c", "http://c.example", "edc-mock:x", "header:edc-1") "]";
	static const struct {
		const char *header, *id;
	} rows[] = {
		{ MOCK("edc-1"), "edc" },
		{ " { \"clientId\" : \"edc\\u002d1\" } ", "edc" },
		{ "{\"clientId\":\"edc-1\",\"more\":\"\"}", "edc" },
		{ MOCK("\xe7\x8e\x8b \\\"b\\\""), "b" },
		{ "edc-1", "c" },
		{ MOCK("x"), NULL },
		{ MOCK("edc-12"), NULL },
		{ MOCK("EDC-1"), NULL },
		{ MOCK(""), NULL },
		{ "edc-mock:edc-1", NULL },
		{ "Bearer " MOCK("edc-1"), NULL },
		{ MOCK("edc-1") "x", NULL },
		{ "\"edc-1\"", NULL },
		{ "[" MOCK("edc-1") "]", NULL },
		{ "{\"region\":\"eu\",\"audience\":\"x\"}", NULL },
		{ "{\"clientId\":[\"edc-1\"]}", NULL },
		{ "{\"clientId\":\"edc-1\",\"audience\":null}", NULL },
		{ "{\"clientId\":\"edc-1\",\"a\":{}}", NULL },
		{ "{\"clientId\":\"edc-1\",\"a\":[[[]]]}", NULL },
		{ "{\"clientId\":\"x\",\"clientId\":\"edc-1\"}", NULL },
		{ "{\"clientId\":\"edc-1\"", NULL },
	};
	static char long_one[(4 << 10) + 64];
	struct ht_refusal why;

	if (!CHECK(read_z(file, &why) && peers.count == 3))
		return;
	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].header, accepts(rows[i].header, rows[i].id));
	for (size_t len = (4 << 10); len <= (4 << 10) + 1; len++) {
		struct ht_text header = { long_one, len };

		for (size_t i = 0; i < len; i++)
			long_one[i] = i < sizeof(MOCK("edc-1")) - 1 ? (MOCK("edc-1"))[i] : ' ';
		CHECK_F(!ht_peers_accept(&peers, header) == (len > 4 << 10), "%zu bytes", len);
	}
	CHECK(ht_text_is(
		ht_peer_authorization(ht_peers_by_id(&peers, HT_TEXT("edc")), &arena),
		"{\"region\":\"any\",\"audience\":\"http://e.example/dsp/2025-1\",\"clientId\":\"did:web:a:p:b\"}"));
	CHECK(ht_text_is(ht_peer_authorization(ht_peers_by_id(&peers, HT_TEXT("b")), &arena), ""));
	CHECK(read_z("[" ROW("a", "http://a", "header:x", "jwt") "]", &why) &&
	      ht_text_is(ht_peer_authorization(&peers.at[0], &arena), "x") && accepts(MOCK("edc-1"), NULL));
	ht_arena_reset(&arena);
}

TEST(what_is_refused)
{
	static const struct {
		const char *name, *file;
		enum ht_refuse code;
		const char *place;
	} rows[] = {
		{ "no JSON", "[", HT_REFUSE_JSON, NULL },
		{ "no array", "{}", HT_REFUSE_MEMBER_TYPE, "/" },
		{ "no object", "[1]", HT_REFUSE_MEMBER_TYPE, "/0" },
		{ "no id", "[{\"base\":\"http://a\",\"send\":\"jwt\",\"accept\":\"jwt\"}]", HT_REFUSE_MEMBER_MISSING, "/0/id" },
		{ "no accept", "[{\"id\":\"a\",\"base\":\"http://a\",\"send\":\"jwt\"}]", HT_REFUSE_MEMBER_MISSING, "/0/accept" },
		{ "id a number", "[{\"id\":1,\"base\":\"http://a\",\"send\":\"jwt\",\"accept\":\"jwt\"}]", HT_REFUSE_MEMBER_TYPE, "/0/id" },
		{ "empty id", "[" ROW("", "http://a", "jwt", "jwt") "]", HT_REFUSE_MEMBER_VALUE, "/0/id" },
		{ "unknown member", "[{\"id\":\"a\",\"what\":\"\"}]", HT_REFUSE_MEMBER_VALUE, "/0/what" },
		{ "no URL", "[" ROW("a", "a", "jwt", "jwt") "]", HT_REFUSE_MEMBER_VALUE, "/0/base" },
		{ "user info", "[" ROW("a", "http://u@a", "jwt", "jwt") "]", HT_REFUSE_MEMBER_VALUE, "/0/base" },
		{ "query", "[" ROW("a", "http://a/?b=c", "jwt", "jwt") "]", HT_REFUSE_MEMBER_VALUE, "/0/base" },
		{ "another way", "[" ROW("a", "http://a", "JWT", "jwt") "]", HT_REFUSE_MEMBER_VALUE, "/0/send" },
		{ "empty header", "[" ROW("a", "http://a", "jwt", "header:") "]", HT_REFUSE_MEMBER_VALUE, "/0/accept" },
		{ "line break in it", "[" ROW("a", "http://a", "header:x\\r\\nHost: y", "jwt") "]", HT_REFUSE_MEMBER_VALUE, "/0/send" },
		{ "blank at its end", "[" ROW("a", "http://a", "header:x ", "jwt") "]", HT_REFUSE_MEMBER_VALUE, "/0/send" },
		{ "EDC's mock without a name", "[" ROW("a", "http://a", "edc-mock:", "jwt") "]", HT_REFUSE_MEMBER_VALUE, "/0/send" },
		{ "control character in it", "[" ROW("a", "http://a", "jwt", "edc-mock:a\\n") "]", HT_REFUSE_MEMBER_VALUE, "/0/accept" },
		{ "delete in it", "[" ROW("a", "http://a", "jwt", "edc-mock:\x7f") "]", HT_REFUSE_MEMBER_VALUE, "/0/accept" },
		{ "doubled name", "[" ROW("a", "http://a", "jwt", "edc-mock:x") "," ROW("b", "http://b", "jwt", "edc-mock:x") "]",
		  HT_REFUSE_EXISTS, "/1/accept" },
		{ "doubled id", "[" ROW("a", "http://a", "jwt", "jwt") "," ROW("a", "http://b", "jwt", "jwt") "]", HT_REFUSE_EXISTS,
		  "/1/id" },
		{ "doubled base", "[" ROW("a", "http://a", "jwt", "jwt") "," ROW("b", "http://a/", "jwt", "jwt") "]", HT_REFUSE_EXISTS,
		  "/1/base" },
		{ "doubled accept", "[" ROW("a", "http://a", "jwt", "header:x") "," ROW("b", "http://b", "jwt", "header:x") "]",
		  HT_REFUSE_EXISTS,
		  "/1/accept" },
		{ "doubled member", "[{\"id\":\"a\",\"id\":\"a\"}]", HT_REFUSE_DUPLICATE_KEY, NULL },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_refusal why;

		CHECK_ROW(rows[i].name, !read_z(rows[i].file, &why) && why.code == rows[i].code);
		CHECK_F(!rows[i].place || ht_text_is(why.place, rows[i].place), "%s: " HT_TEXT_FMT, rows[i].name, HT_TEXT_ARG(why.place));
		ht_arena_reset(&arena);
	}
}

TEST(as_many_as_there_may_be)
{
	for (size_t n = HT_PEERS_MAX; n <= HT_PEERS_MAX + 1; n++) {
		struct ht_refusal why = { 0 };
		struct ht_out o;
		bool ok;

		ht_out_init(&o, &arena);
		for (size_t i = 0; i < n; i++)
			ht_out_format(&o, "%c" ROW("%zu", "http://a/%zu", "jwt", "header:%zu"), i ? ',' : '[', i, i, i);
		ht_out_char(&o, ']');
		ok = ht_peers_read(ht_out_done_bytes(&o), &arena, &peers, &why);
		CHECK_F(ok == (n <= HT_PEERS_MAX) && (ok || why.code == HT_REFUSE_TOO_MANY), "%zu rows: %s", n, ht_refuse_word(why.code));
		ht_arena_reset(&arena);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(who_is_found), TEST_ROW(mock_identity_of_edc), TEST_ROW(what_is_refused),
					   TEST_ROW(as_many_as_there_may_be) };

	ht_arena_init(&arena, 1 << 22);
	return check_main(tests, HT_COUNT(tests));
}
