/* wire/dsp_answer_test.c - states of processes, errors and versions. */
#include <string.h>

#include "base/count.h"
#include "base/out.h"
#include "model/names.h"
#include "test/check.h"
#include "wire/dsp.h"

static struct ht_arena arena;

#define CTX "\"@context\":[\"https://w3id.org/dspace/2025/1/context.jsonld\"]"
#define NEGOTIATION(state) "{" CTX ",\"@type\":\"ContractNegotiation\",\"providerPid\":\"p\",\"consumerPid\":\"c\",\"state\":" state "}"
#define TRANSFER(state) "{" CTX ",\"@type\":\"TransferProcess\",\"providerPid\":\"p\",\"consumerPid\":\"c\",\"state\":" state "}"
#define N HT_NEGOTIATION
#define T HT_TRANSFER

static const struct {
	enum ht_machine machine;
	const char *body;
	enum ht_refuse code;
	const char *place;
	enum ht_state state;
} rows[] = {
	{ N, NEGOTIATION("\"REQUESTED\""), HT_REFUSE_NONE, NULL, HT_REQUESTED },
	{ N, NEGOTIATION("\"OFFERED\""), HT_REFUSE_NONE, NULL, HT_OFFERED },
	{ N, NEGOTIATION("\"ACCEPTED\""), HT_REFUSE_NONE, NULL, HT_ACCEPTED },
	{ N, NEGOTIATION("\"AGREED\""), HT_REFUSE_NONE, NULL, HT_AGREED },
	{ N, NEGOTIATION("\"VERIFIED\""), HT_REFUSE_NONE, NULL, HT_VERIFIED },
	{ N, NEGOTIATION("\"dspace:FINALIZED\""), HT_REFUSE_NONE, NULL, HT_FINALIZED },
	{ N, NEGOTIATION("\"https://w3id.org/dspace/2025/1/TERMINATED\""), HT_REFUSE_NONE, NULL, HT_TERMINATED },
	{ T, TRANSFER("\"REQUESTED\""), HT_REFUSE_NONE, NULL, HT_REQUESTED },
	{ T, TRANSFER("\"STARTED\""), HT_REFUSE_NONE, NULL, HT_STARTED },
	{ T, TRANSFER("\"SUSPENDED\""), HT_REFUSE_NONE, NULL, HT_SUSPENDED },
	{ T, TRANSFER("\"COMPLETED\""), HT_REFUSE_NONE, NULL, HT_COMPLETED },
	{ T, TRANSFER("\"TERMINATED\""), HT_REFUSE_NONE, NULL, HT_TERMINATED },
	{ N, "{\"@type\":\"dspace:ContractNegotiation\",\"@id\":\"x\",\"providerPid\":\"p\",\"consumerPid\":\"c\",\"state\":\"AGREED\",\"more\":1}",
	  HT_REFUSE_NONE, NULL, HT_AGREED },
	{ N, "", HT_REFUSE_JSON, "", HT_NONE },
	{ N, "[]", HT_REFUSE_MEMBER_TYPE, "", HT_NONE },
	{ N, TRANSFER("\"REQUESTED\""), HT_REFUSE_MEMBER_VALUE, "/@type", HT_NONE },
	{ T, NEGOTIATION("\"REQUESTED\""), HT_REFUSE_MEMBER_VALUE, "/@type", HT_NONE },
	{ N, "{\"providerPid\":\"p\",\"consumerPid\":\"c\",\"state\":\"AGREED\"}", HT_REFUSE_MEMBER_MISSING, "/@type", HT_NONE },
	{ N, "{\"@type\":\"ContractNegotiation\",\"providerPid\":7,\"consumerPid\":\"c\",\"state\":\"AGREED\"}", HT_REFUSE_MEMBER_TYPE, "/providerPid", HT_NONE },
	{ N, "{\"@type\":\"ContractNegotiation\",\"state\":\"AGREED\"}", HT_REFUSE_MEMBER_MISSING, "/consumerPid", HT_NONE },
	{ N, "{\"@type\":\"ContractNegotiation\",\"providerPid\":\"p\",\"consumerPid\":\"c\"}", HT_REFUSE_MEMBER_MISSING, "/state", HT_NONE },
	{ N, NEGOTIATION("7"), HT_REFUSE_MEMBER_TYPE, "/state", HT_NONE },
	{ N, NEGOTIATION("\"NONE\""), HT_REFUSE_MEMBER_VALUE, "/state", HT_NONE },
	{ N, NEGOTIATION("\"STARTED\""), HT_REFUSE_MEMBER_VALUE, "/state", HT_NONE },
	{ T, TRANSFER("\"FINALIZED\""), HT_REFUSE_MEMBER_VALUE, "/state", HT_NONE },
	{ T, TRANSFER("\"started\""), HT_REFUSE_MEMBER_VALUE, "/state", HT_NONE },
};

TEST(processes)
{
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_dsp_process p;
		bool ok = ht_dsp_read_process(ht_text_bytes(ht_text_of(rows[i].body)), rows[i].machine, &arena, &p, &why);

		CHECK_F(why.code == rows[i].code && ht_text_is(why.place, rows[i].place ? rows[i].place : ""), "%s: %s at " HT_TEXT_FMT,
			rows[i].body, ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
		CHECK_ROW(rows[i].body, ok == (rows[i].code == HT_REFUSE_NONE));
		if (ok)
			CHECK_ROW(rows[i].body,
				  p.state == rows[i].state && ht_text_is(p.provider_pid, "p") && ht_text_is(p.consumer_pid, "c"));
	}
	ht_arena_reset(&arena);
}

/* A side that gave its first message up shows a process whose other pid it never learned. */
TEST(a_process_of_one_pid)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_text body = ht_dsp_write_process(T, HT_TEXT("c"), HT_TEXT(""), HT_TERMINATED, &arena);
	struct ht_dsp_process p;

	CHECK(ht_dsp_read_process(ht_text_bytes(body), T, &arena, &p, &why));
	CHECK(p.state == HT_TERMINATED && ht_text_is(p.consumer_pid, "c") && !p.provider_pid.len);
	body = ht_dsp_write_process(N, HT_TEXT(""), HT_TEXT("p"), HT_TERMINATED, &arena);
	CHECK(ht_dsp_read_process(ht_text_bytes(body), N, &arena, &p, &why));
	CHECK(p.state == HT_TERMINATED && !p.consumer_pid.len && ht_text_is(p.provider_pid, "p"));
	body = ht_dsp_write_process(N, HT_TEXT(""), HT_TEXT(""), HT_TERMINATED, &arena);
	CHECK(!ht_dsp_read_process(ht_text_bytes(body), N, &arena, &p, &why) && why.code == HT_REFUSE_MEMBER_MISSING);
	ht_arena_reset(&arena);
}

TEST(processes_are_written)
{
	CHECK(ht_text_is(ht_dsp_write_process(N, HT_TEXT("c"), HT_TEXT("p"), HT_AGREED, &arena), NEGOTIATION("\"AGREED\"")));
	CHECK(ht_text_is(ht_dsp_write_process(T, HT_TEXT("c"), HT_TEXT("p"), HT_STARTED, &arena), TRANSFER("\"STARTED\"")));
	CHECK(ht_text_is(ht_dsp_write_process(T, HT_TEXT("c"), HT_TEXT(""), HT_REQUESTED, &arena),
			 "{" CTX ",\"@type\":\"TransferProcess\",\"consumerPid\":\"c\",\"state\":\"REQUESTED\"}"));
	ht_arena_reset(&arena);
}

TEST(errors_are_written)
{
	struct ht_text c = HT_TEXT("c"), p = HT_TEXT("p"), none = HT_TEXT("");

	CHECK(ht_text_is(ht_dsp_write_error(N, c, p, HT_TEXT("state"), HT_TEXT("/x"), HT_TEXT("not now"), &arena),
			 "{" CTX ",\"@type\":\"ContractNegotiationError\",\"providerPid\":\"p\",\"consumerPid\":\"c\",\"code\":\"state\","
			 "\"reason\":[\"not now\",\"/x\"]}"));
	CHECK(ht_text_is(ht_dsp_write_error(T, c, none, HT_TEXT("state"), none, HT_TEXT("not now"), &arena),
			 "{" CTX ",\"@type\":\"TransferError\",\"consumerPid\":\"c\",\"code\":\"state\",\"reason\":[\"not now\"]}"));
	CHECK(ht_text_is(ht_dsp_write_error(HT_MACHINE_COUNT, c, p, HT_TEXT("not_found"), none, none, &arena),
			 "{" CTX ",\"@type\":\"CatalogError\",\"code\":\"not_found\"}"));
	ht_arena_reset(&arena);
}

static const struct {
	const char *body, *words;
} words[] = {
	{ "{\"code\":\"409\",\"reason\":[\"a\",\"b\",\"c\",\"d\"]}", "409: a; b; c" },
	{ "{\"code\":\"409\"}", "409" },
	{ "{\"reason\":[\"a\"]}", "a" },
	{ "{\"code\":\"x\",\"reason\":\"alone\"}", "x: alone" },
	{ "{\"reason\":[{\"message\":\"m\"},{\"@value\":\"v\"},7]}", "m; v" },
	{ "[{\"message\":\"from EDC\",\"type\":\"X\"}]", "from EDC" },
	{ "{\"error\":\"no\"}", "{\"error\":\"no\"}" },
	{ "<html>\n<b>502</b>\t</html>\r\n", "<html> <b>502</b> </html>" },
	{ "{\"code\":\"a\\nb\\u0007\"}", "a b" },
	{ "\xe4\xb8\xad\xff", "????" },
	{ "{\"code\":", "{\"code\":" },
	{ "", "" },
	{ "[]", "[]" },
};

TEST(errors_in_words)
{
	struct ht_out o;

	for (size_t i = 0; i < HT_COUNT(words); i++) {
		struct ht_text got = ht_dsp_error_words(ht_text_bytes(ht_text_of(words[i].body)), &arena);

		CHECK_F(ht_text_is(got, words[i].words), "%s: " HT_TEXT_FMT, words[i].body, HT_TEXT_ARG(got));
	}
	/* 200 characters of 3 bytes are cut between two of them. */
	ht_out_init(&o, &arena);
	for (int i = 0; i < 200; i++)
		ht_out_z(&o, "\xe4\xb8\xad");
	CHECK(ht_dsp_error_words(ht_out_done_bytes(&o), &arena).len == 510);
	ht_arena_reset(&arena);
}

TEST(version)
{
	CHECK(ht_text_is(ht_dsp_version(HT_TEXT("/2025-1"), &arena),
			 "{\"protocolVersions\":[{\"version\":\"2025-1\",\"path\":\"/2025-1\",\"binding\":\"HTTPS\"}]}"));
	ht_arena_reset(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(processes), TEST_ROW(a_process_of_one_pid),
						   TEST_ROW(processes_are_written), TEST_ROW(errors_are_written),
						   TEST_ROW(errors_in_words), TEST_ROW(version) };
	int result;

	ht_arena_init(&arena, 1 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
