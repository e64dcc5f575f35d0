/* app/trade/history_test.c - a line for each kind of leaf, and no secret in it. */
#include "app/trade/history.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

#define HEAD(kind) "{\"index\":1,\"event\":1,\"at\":\"2026-11-24T08:00:00Z\",\"kind\":\"" kind "\",\"party\":\"did:web:a\","
#define PEER "\"peer\":\"did:web:b\",\"process\":\"urn:uuid:019a0000-0000-7000-8000-0123456789ab\","
#define BEGIN "2026-11-24T08:00:00.000Z  did:web:a  "
#define END "  did:web:b  0123456789ab\n"

static const struct {
	const char *row, *leaf;
	enum ht_lang lang;
	const char *line;
} leaves[] = {
	{ "a small document", HEAD("acked") PEER "\"content\":{\"message\":\"request\",\"status\":201}}", HT_EN,
	  BEGIN "message acknowledged  request  status=201" END },
	{ "the same as text", HEAD("acked") PEER "\"content\":\"{\\\"message\\\":\\\"request\\\",\\\"status\\\":201}\"}", HT_EN,
	  BEGIN "message acknowledged  request  status=201" END },
	{ "Chinese", HEAD("party_added") "\"peer\":null,\"process\":null,\"content\":{\"id\":\"a\",\"name\":\"A\"}}", HT_ZH,
	  BEGIN "已添加参与方  id=a\n" },
	{ "a message", HEAD("sent") PEER "\"content\":{\"@type\":\"ContractRequestMessage\",\"callbackAddress\":\"http://x\"}}", HT_EN,
	  BEGIN "message sent  request" END },
	{ "accepted", HEAD("received") PEER "\"content\":{\"@type\":\"ContractNegotiationEventMessage\",\"eventType\":\"ACCEPTED\"}}", HT_EN,
	  BEGIN "message received  accept" END },
	{ "finalized", HEAD("received") PEER "\"content\":{\"@type\":\"ContractNegotiationEventMessage\",\"eventType\":\"FINALIZED\"}}", HT_EN,
	  BEGIN "message received  finalize" END },
	{ "with a prefix", HEAD("received") PEER "\"content\":{\"@type\":\"dspace:TransferCompletionMessage\"}}", HT_EN,
	  BEGIN "message received  complete" END },
	{ "acknowledged by another message", HEAD("acked") PEER "\"content\":{\"by\":\"agree\",\"message\":\"request\"}}", HT_EN,
	  BEGIN "message acknowledged  request  by=agree" END },
	{ "a reason", HEAD("received") PEER
	  "\"content\":{\"@type\":\"TransferTerminationMessage\",\"code\":\"c\",\"reason\":[\"a\\nb\",{\"x\":1},\"d\"]}}", HT_EN,
	  BEGIN "message received  terminate  reason=c: a?b; d" END },
	{ "a reason without a code", HEAD("sent") PEER "\"content\":{\"@type\":\"TransferSuspensionMessage\",\"reason\":[\"a pause\"]}}", HT_ZH,
	  BEGIN "消息已发出  suspend  reason=a pause" END },
	{ "no reason", HEAD("sent") PEER "\"content\":{\"@type\":\"TransferSuspensionMessage\",\"reason\":[]}}", HT_EN, BEGIN "message sent  suspend" END },
	{ "what a regulator read", HEAD("read") "\"content\":{\"read\":\"history\",\"id\":\"urn:p\",\"after\":-1,\"rows\":3}}", HT_EN,
	  BEGIN "read by a regulator  read=history  rows=3  id=urn:p\n" },
	{ "a secret", HEAD("received") PEER
	  "\"content\":{\"@type\":\"TransferStartMessage\",\"token\":\"SECRET\",\"state\":\"SECRET\",\"dataAddress\":{\"endpointProperties\":[\"SECRET\"]}}}",
	  HT_EN, BEGIN "message received  start" END },
	{ "a token's number", HEAD("token_made") "\"content\":{\"token\":3,\"role\":\"consumer\"}}", HT_EN,
	  BEGIN "token made  role=consumer  token=3\n" },
	{ "a token's text", HEAD("token_made") "\"content\":{\"token\":\"SECRET\"}}", HT_EN, BEGIN "token made\n" },
	{ "erased", HEAD("sent") PEER "\"content\":null}", HT_EN, BEGIN "message sent" END },
	{ "of a newer node", HEAD("settled") "\"content\":\"not JSON\"}", HT_EN, BEGIN "settled\n" },
	{ "a hostile peer", HEAD("refused") "\"peer\":\"did:\\u001b[2J\\n\",\"content\":{\"reason\":\"a\\nb\"}}", HT_EN,
	  BEGIN "message refused by the peer  reason=a?b  did:?[2J?\n" },
};

TEST(a_line_for_each_leaf)
{
	struct ht_arena a;

	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < HT_COUNT(leaves); i++) {
		struct ht_refusal why;
		struct ht_json *json = ht_json_read(ht_text_bytes(ht_text_of(leaves[i].leaf)), &ht_json_small, &why);
		struct ht_text line;
		struct ht_out out;

		ht_out_init(&out, &a);
		CHECK_ROW(leaves[i].row, json);
		ht_history_line(json, leaves[i].lang, &out);
		line = ht_out_done(&out);
		CHECK_F(ht_text_is(line, leaves[i].line), "%s: " HT_TEXT_FMT, leaves[i].row, HT_TEXT_ARG(line));
		CHECK_ROW(leaves[i].row, !memmem(out.at, out.len, "SECRET", 6));
		ht_json_free(json);
	}
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(a_line_for_each_leaf))
