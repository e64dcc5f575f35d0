/* wire/dsp_test.c - each message accepted as DSP 2025-1 gives it, each refused shape, and round trips. */
#include "wire/dsp.h"

#include <string.h>

#include "base/count.h"
#include "base/out.h"
#include "model/names.h"
#include "test/check.h"

static struct ht_arena arena;

#define CTX "\"@context\":[\"https://w3id.org/dspace/2025/1/context.jsonld\"]"
#define HEAD(type) "{" CTX ",\"@type\":\"" type "\""
#define PP ",\"providerPid\":\"urn:uuid:a343fcbf-99fc-4ce8-8e9b-148c97605aab\""
#define CP ",\"consumerPid\":\"urn:uuid:32541fe6-c580-409e-85a8-8a9a32fbe833\""
#define BACK ",\"callbackAddress\":\"https://example.com/callback\""
#define OFFER_ "{\"@type\":\"Offer\",\"@id\":\"urn:uuid:2828282\",\"target\":\"urn:uuid:3dd1add8\",\"permission\":[{\"action\":\"use\"}]}"
#define AGREED "{\"@id\":\"urn:uuid:e8dc8655\",\"@type\":\"Agreement\",\"target\":\"urn:uuid:3dd1add4\",\"timestamp\":\"2023-01-01T01:00:00Z\"," \
	       "\"assigner\":\"did:example:p\",\"assignee\":\"did:example:c\",\"permission\":[{\"action\":\"use\"}]}"
#define PROPERTY(name, value) "{\"@type\":\"EndpointProperty\",\"name\":\"" name "\",\"value\":\"" value "\"}"
#define ADDRESS_ "{\"@type\":\"DataAddress\",\"endpointType\":\"https://w3id.org/idsa/v4.1/HTTP\",\"endpoint\":\"http://example.com\"," \
		 "\"endpointProperties\":[" PROPERTY("authorization", "TOKEN") "," PROPERTY("authType", "bearer") "]}"
#define N HT_NEGOTIATION
#define T HT_TRANSFER

static const struct {
	enum ht_machine machine;
	enum ht_msg msg;
	const char *body;
} accepted[] = {
	/* The examples of the specification, by their shapes. */
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") CP ",\"offer\":" OFFER_ BACK "}" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") PP CP ",\"offer\":" OFFER_ "}" },
	{ N, HT_MSG_OFFER, HEAD("ContractOfferMessage") PP ",\"offer\":" OFFER_ BACK "}" },
	{ N, HT_MSG_OFFER, HEAD("ContractOfferMessage") PP CP ",\"offer\":" OFFER_ "}" },
	{ N, HT_MSG_ACCEPT, HEAD("ContractNegotiationEventMessage") PP CP ",\"eventType\":\"ACCEPTED\"}" },
	{ N, HT_MSG_AGREE, HEAD("ContractAgreementMessage") PP CP ",\"agreement\":" AGREED "}" },
	{ N, HT_MSG_VERIFY, HEAD("ContractAgreementVerificationMessage") PP CP "}" },
	{ N, HT_MSG_FINALIZE, HEAD("ContractNegotiationEventMessage") PP CP ",\"eventType\":\"FINALIZED\"}" },
	{ N, HT_MSG_TERMINATE, HEAD("ContractNegotiationTerminationMessage") PP CP ",\"code\":\"1\",\"reason\":[\"no\",{\"message\":\"x\"}]}" },
	{ N, HT_MSG_TERMINATE, HEAD("ContractNegotiationTerminationMessage") PP CP ",\"code\":\"\"}" },
	{ T, HT_MSG_REQUEST, HEAD("TransferRequestMessage") CP ",\"agreementId\":\"urn:uuid:e8dc8655\",\"format\":\"HttpData-PULL\"" BACK "}" },
	{ T, HT_MSG_REQUEST, HEAD("TransferRequestMessage") CP ",\"agreementId\":\"urn:uuid:e8dc8655\",\"format\":\"x\",\"dataAddress\":" ADDRESS_ BACK "}" },
	{ T, HT_MSG_START, HEAD("TransferStartMessage") PP CP ",\"dataAddress\":" ADDRESS_ "}" },
	{ T, HT_MSG_START, HEAD("TransferStartMessage") PP CP "}" },
	{ T, HT_MSG_SUSPEND, HEAD("TransferSuspensionMessage") PP CP ",\"code\":\"c\",\"reason\":[]}" },
	{ T, HT_MSG_COMPLETE, HEAD("TransferCompletionMessage") PP CP "}" },
	{ T, HT_MSG_TERMINATE, HEAD("TransferTerminationMessage") PP CP "}" },
	/* What EDC and the TCK send: more contexts, an @id, prefixes and IRIs, members that we do not know, both pid and callback. */
	{ N, HT_MSG_VERIFY, "{\"@context\":[\"https://w3id.org/dspace/2025/1/context.jsonld\",\"https://w3id.org/edc/dspace/v0.0.1\",{\"x\":1}],"
			    "\"@type\":\"dspace:ContractAgreementVerificationMessage\",\"@id\":\"m\",\"more\":{\"a\":[1]}" PP CP "}" },
	{ N, HT_MSG_VERIFY, "{\"@context\":\"https://w3id.org/dspace/2025/1/context.jsonld\","
			    "\"@type\":\"https://w3id.org/dspace/2025/1/ContractAgreementVerificationMessage\"" PP CP "}" },
	{ N, HT_MSG_FINALIZE, HEAD("ContractNegotiationEventMessage") PP CP ",\"eventType\":\"dspace:FINALIZED\"}" },
	{ N, HT_MSG_ACCEPT, HEAD("ContractNegotiationEventMessage") PP CP ",\"eventType\":\"https://w3id.org/dspace/2025/1/ACCEPTED\"}" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") PP CP ",\"offer\":" OFFER_ BACK "}" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") CP BACK ",\"offer\":{\"@type\":\"odrl:Offer\",\"@id\":\"o\",\"target\":\"t\",\"permission\":[]}}" },
	{ N, HT_MSG_OFFER, HEAD("ContractOfferMessage") PP BACK ",\"offer\":{\"@type\":\"Offer\",\"@id\":\"o\",\"prohibition\":[]}}" },
	{ N, HT_MSG_AGREE, HEAD("ContractAgreementMessage") PP CP BACK ",\"agreement\":" AGREED "}" },
};

TEST(messages_are_accepted)
{
	for (size_t i = 0; i < HT_COUNT(accepted); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_message m;

		CHECK_F(ht_dsp_read(ht_text_bytes(ht_text_of(accepted[i].body)), accepted[i].machine, accepted[i].msg, &arena, &m, &why),
			"%s: %s at " HT_TEXT_FMT, accepted[i].body, ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
		CHECK_ROW(accepted[i].body, m.machine == accepted[i].machine && m.msg == accepted[i].msg);
		ht_arena_reset(&arena);
	}
}

#define REQUEST_WITH(offer) HEAD("ContractRequestMessage") CP BACK ",\"offer\":" offer "}"
#define AGREE_WITH(agreement) HEAD("ContractAgreementMessage") PP CP ",\"agreement\":" agreement "}"
#define START_WITH(address) HEAD("TransferStartMessage") PP CP ",\"dataAddress\":" address "}"
#define A_HEAD "{\"@type\":\"DataAddress\",\"endpointType\":\"t\""
#define TRANSFER HEAD("TransferRequestMessage")
#define VERIFY "ContractAgreementVerificationMessage"

static const struct {
	enum ht_machine machine;
	enum ht_msg msg;
	const char *body;
	enum ht_refuse code;
	const char *place;
} refused[] = {
	{ N, HT_MSG_VERIFY, "", HT_REFUSE_JSON, "" },
	{ N, HT_MSG_VERIFY, "{\"a\":1,\"a\":1}", HT_REFUSE_DUPLICATE_KEY, "" },
	{ N, HT_MSG_VERIFY, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", HT_REFUSE_TOO_DEEP, "" },
	{ N, HT_MSG_VERIFY, "[]", HT_REFUSE_MEMBER_TYPE, "" },
	{ N, HT_MSG_VERIFY, "{\"@type\":\"" VERIFY "\"" PP CP "}", HT_REFUSE_CONTEXT, "/@context" },
	{ N, HT_MSG_VERIFY, "{\"@context\":[],\"@type\":\"" VERIFY "\"" PP CP "}", HT_REFUSE_CONTEXT, "/@context" },
	{ N, HT_MSG_VERIFY, "{\"@context\":\"https://w3id.org/dspace/2024/1/context.json\",\"@type\":\"" VERIFY "\"" PP CP "}", HT_REFUSE_CONTEXT, "/@context" },
	{ N, HT_MSG_VERIFY, "{\"@context\":{\"a\":\"https://w3id.org/dspace/2025/1/context.jsonld\"},\"@type\":\"" VERIFY "\"" PP CP "}", HT_REFUSE_CONTEXT, "/@context" },
	{ N, HT_MSG_VERIFY, "{" CTX PP CP "}", HT_REFUSE_MEMBER_MISSING, "/@type" },
	{ N, HT_MSG_VERIFY, "{" CTX ",\"@type\":[\"" VERIFY "\"]" PP CP "}", HT_REFUSE_MEMBER_TYPE, "/@type" },
	{ N, HT_MSG_VERIFY, HEAD("ContractAgreementMessage") PP CP "}", HT_REFUSE_MEMBER_VALUE, "/@type" },
	{ N, HT_MSG_VERIFY, HEAD("odrl:" VERIFY) PP CP "}", HT_REFUSE_MEMBER_VALUE, "/@type" },
	{ N, HT_MSG_VERIFY, HEAD(VERIFY) ",\"@id\":1" PP CP "}", HT_REFUSE_MEMBER_TYPE, "/@id" },
	{ N, HT_MSG_VERIFY, HEAD(VERIFY) ",\"@id\":\"\"" PP CP "}", HT_REFUSE_MEMBER_VALUE, "/@id" },
	{ N, HT_MSG_VERIFY, HEAD(VERIFY) CP "}", HT_REFUSE_MEMBER_MISSING, "/providerPid" },
	{ N, HT_MSG_VERIFY, HEAD(VERIFY) PP "}", HT_REFUSE_MEMBER_MISSING, "/consumerPid" },
	{ N, HT_MSG_VERIFY, HEAD(VERIFY) PP ",\"consumerPid\":{\"@id\":\"x\"}}", HT_REFUSE_MEMBER_TYPE, "/consumerPid" },
	{ N, HT_MSG_VERIFY, HEAD(VERIFY) ",\"providerPid\":null" CP "}", HT_REFUSE_MEMBER_TYPE, "/providerPid" },
	{ N, HT_MSG_VERIFY, HEAD(VERIFY) ",\"providerPid\":\"\"" CP "}", HT_REFUSE_MEMBER_VALUE, "/providerPid" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") BACK ",\"offer\":" OFFER_ "}", HT_REFUSE_MEMBER_MISSING, "/consumerPid" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") CP ",\"offer\":" OFFER_ "}", HT_REFUSE_MEMBER_MISSING, "/callbackAddress" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") CP BACK "}", HT_REFUSE_MEMBER_MISSING, "/offer" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") CP ",\"callbackAddress\":7,\"offer\":" OFFER_ "}", HT_REFUSE_MEMBER_TYPE, "/callbackAddress" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") CP ",\"callbackAddress\":\"ftp://x/\",\"offer\":" OFFER_ "}", HT_REFUSE_MEMBER_VALUE, "/callbackAddress" },
	{ N, HT_MSG_REQUEST, HEAD("ContractRequestMessage") CP ",\"providerPid\":7,\"offer\":" OFFER_ "}", HT_REFUSE_MEMBER_TYPE, "/providerPid" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("7"), HT_REFUSE_MEMBER_TYPE, "/offer" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("\"urn:x\""), HT_REFUSE_MEMBER_TYPE, "/offer" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@id\":\"o\",\"target\":\"t\",\"permission\":[]}"), HT_REFUSE_MEMBER_MISSING, "/offer/@type" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":1,\"@id\":\"o\",\"target\":\"t\",\"permission\":[]}"), HT_REFUSE_MEMBER_TYPE, "/offer/@type" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Set\",\"@id\":\"o\",\"target\":\"t\",\"permission\":[]}"), HT_REFUSE_MEMBER_VALUE, "/offer/@type" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Offer\",\"target\":\"t\",\"permission\":[]}"), HT_REFUSE_MEMBER_MISSING, "/offer/@id" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Offer\",\"@id\":[],\"target\":\"t\",\"permission\":[]}"), HT_REFUSE_MEMBER_TYPE, "/offer/@id" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Offer\",\"@id\":\"o\",\"permission\":[]}"), HT_REFUSE_MEMBER_MISSING, "/offer/target" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Offer\",\"@id\":\"o\",\"target\":1,\"permission\":[]}"), HT_REFUSE_MEMBER_TYPE, "/offer/target" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Offer\",\"@id\":\"o\",\"target\":\"t\"}"), HT_REFUSE_MEMBER_MISSING, "/offer/permission" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Offer\",\"@id\":\"o\",\"target\":\"t\",\"permission\":1}"), HT_REFUSE_MEMBER_TYPE, "/offer/permission" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Offer\",\"@id\":\"o\",\"target\":\"t\",\"permission\":[{}]}"), HT_REFUSE_MEMBER_MISSING,
	  "/offer/permission/0/action" },
	{ N, HT_MSG_REQUEST, REQUEST_WITH("{\"@type\":\"Offer\",\"@id\":\"o\",\"target\":\"t\",\"permission\":[{\"action\":\"use\",\"constraint\":\"x\"}]}"),
	  HT_REFUSE_MEMBER_TYPE, "/offer/permission/0/constraint" },
	{ N, HT_MSG_OFFER, HEAD("ContractOfferMessage") CP BACK ",\"offer\":" OFFER_ "}", HT_REFUSE_MEMBER_MISSING, "/providerPid" },
	{ N, HT_MSG_OFFER, HEAD("ContractOfferMessage") PP ",\"offer\":" OFFER_ "}", HT_REFUSE_MEMBER_MISSING, "/callbackAddress" },
	{ N, HT_MSG_OFFER, HEAD("ContractOfferMessage") PP CP "}", HT_REFUSE_MEMBER_MISSING, "/offer" },
	{ N, HT_MSG_AGREE, HEAD("ContractAgreementMessage") CP ",\"agreement\":" AGREED "}", HT_REFUSE_MEMBER_MISSING, "/providerPid" },
	{ N, HT_MSG_AGREE, HEAD("ContractAgreementMessage") PP ",\"agreement\":" AGREED "}", HT_REFUSE_MEMBER_MISSING, "/consumerPid" },
	{ N, HT_MSG_AGREE, HEAD("ContractAgreementMessage") PP CP "}", HT_REFUSE_MEMBER_MISSING, "/agreement" },
	{ N, HT_MSG_AGREE, AGREE_WITH("[]"), HT_REFUSE_MEMBER_TYPE, "/agreement" },
	{ N, HT_MSG_AGREE, AGREE_WITH(OFFER_), HT_REFUSE_MEMBER_VALUE, "/agreement/@type" },
	{ N, HT_MSG_AGREE, AGREE_WITH("{\"@type\":\"Agreement\",\"target\":\"t\",\"assigner\":\"p\",\"assignee\":\"c\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"permission\":[]}"),
	  HT_REFUSE_MEMBER_MISSING, "/agreement/@id" },
	{ N, HT_MSG_AGREE, AGREE_WITH("{\"@type\":\"Agreement\",\"@id\":\"a\",\"assigner\":\"p\",\"assignee\":\"c\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"permission\":[]}"),
	  HT_REFUSE_MEMBER_MISSING, "/agreement/target" },
	{ N, HT_MSG_AGREE, AGREE_WITH("{\"@type\":\"Agreement\",\"@id\":\"a\",\"target\":\"t\",\"assignee\":\"c\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"permission\":[]}"),
	  HT_REFUSE_MEMBER_MISSING, "/agreement/assigner" },
	{ N, HT_MSG_AGREE, AGREE_WITH("{\"@type\":\"Agreement\",\"@id\":\"a\",\"target\":\"t\",\"assigner\":\"p\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"permission\":[]}"),
	  HT_REFUSE_MEMBER_MISSING, "/agreement/assignee" },
	{ N, HT_MSG_AGREE, AGREE_WITH("{\"@type\":\"Agreement\",\"@id\":\"a\",\"target\":\"t\",\"assigner\":\"p\",\"assignee\":\"c\",\"permission\":[]}"),
	  HT_REFUSE_MEMBER_MISSING, "/agreement/timestamp" },
	{ N, HT_MSG_AGREE, AGREE_WITH("{\"@type\":\"Agreement\",\"@id\":\"a\",\"target\":\"t\",\"assigner\":\"p\",\"assignee\":\"c\",\"timestamp\":\"yesterday\",\"permission\":[]}"),
	  HT_REFUSE_MEMBER_VALUE, "/agreement/timestamp" },
	{ N, HT_MSG_ACCEPT, HEAD("ContractNegotiationEventMessage") PP CP "}", HT_REFUSE_MEMBER_MISSING, "/eventType" },
	{ N, HT_MSG_ACCEPT, HEAD("ContractNegotiationEventMessage") PP CP ",\"eventType\":{}}", HT_REFUSE_MEMBER_TYPE, "/eventType" },
	{ N, HT_MSG_ACCEPT, HEAD("ContractNegotiationEventMessage") PP CP ",\"eventType\":\"FINALIZED\"}", HT_REFUSE_MEMBER_VALUE, "/eventType" },
	{ N, HT_MSG_FINALIZE, HEAD("ContractNegotiationEventMessage") PP CP ",\"eventType\":\"ACCEPTED\"}", HT_REFUSE_MEMBER_VALUE, "/eventType" },
	{ N, HT_MSG_FINALIZE, HEAD("ContractNegotiationEventMessage") CP ",\"eventType\":\"FINALIZED\"}", HT_REFUSE_MEMBER_MISSING, "/providerPid" },
	{ N, HT_MSG_TERMINATE, HEAD("ContractNegotiationTerminationMessage") PP "}", HT_REFUSE_MEMBER_MISSING, "/consumerPid" },
	{ N, HT_MSG_TERMINATE, HEAD("ContractNegotiationTerminationMessage") PP CP ",\"code\":7}", HT_REFUSE_MEMBER_TYPE, "/code" },
	{ N, HT_MSG_TERMINATE, HEAD("ContractNegotiationTerminationMessage") PP CP ",\"reason\":\"no\"}", HT_REFUSE_MEMBER_TYPE, "/reason" },
	{ T, HT_MSG_REQUEST, TRANSFER ",\"agreementId\":\"a\",\"format\":\"f\"" BACK "}", HT_REFUSE_MEMBER_MISSING, "/consumerPid" },
	{ T, HT_MSG_REQUEST, TRANSFER CP ",\"format\":\"f\"" BACK "}", HT_REFUSE_MEMBER_MISSING, "/agreementId" },
	{ T, HT_MSG_REQUEST, TRANSFER CP ",\"agreementId\":\"a\"" BACK "}", HT_REFUSE_MEMBER_MISSING, "/format" },
	{ T, HT_MSG_REQUEST, TRANSFER CP ",\"agreementId\":\"a\",\"format\":\"f\"}", HT_REFUSE_MEMBER_MISSING, "/callbackAddress" },
	{ T, HT_MSG_REQUEST, TRANSFER CP ",\"agreementId\":\"a\",\"format\":{\"@id\":\"f\"}" BACK "}", HT_REFUSE_MEMBER_TYPE, "/format" },
	{ T, HT_MSG_REQUEST, TRANSFER CP ",\"agreementId\":\"a\",\"format\":\"f\",\"dataAddress\":[]" BACK "}", HT_REFUSE_MEMBER_TYPE, "/dataAddress" },
	{ T, HT_MSG_START, HEAD("TransferStartMessage") CP "}", HT_REFUSE_MEMBER_MISSING, "/providerPid" },
	{ T, HT_MSG_START, START_WITH("\"http://x\""), HT_REFUSE_MEMBER_TYPE, "/dataAddress" },
	{ T, HT_MSG_START, START_WITH("{\"endpointType\":\"t\"}"), HT_REFUSE_MEMBER_MISSING, "/dataAddress/@type" },
	{ T, HT_MSG_START, START_WITH("{\"@type\":\"Address\",\"endpointType\":\"t\"}"), HT_REFUSE_MEMBER_VALUE, "/dataAddress/@type" },
	{ T, HT_MSG_START, START_WITH("{\"@type\":\"DataAddress\"}"), HT_REFUSE_MEMBER_MISSING, "/dataAddress/endpointType" },
	{ T, HT_MSG_START, START_WITH(A_HEAD ",\"endpoint\":1}"), HT_REFUSE_MEMBER_TYPE, "/dataAddress/endpoint" },
	{ T, HT_MSG_START, START_WITH(A_HEAD ",\"endpointProperties\":{}}"), HT_REFUSE_MEMBER_TYPE, "/dataAddress/endpointProperties" },
	{ T, HT_MSG_START, START_WITH(A_HEAD ",\"endpointProperties\":[1]}"), HT_REFUSE_MEMBER_TYPE, "/dataAddress/endpointProperties/0" },
	{ T, HT_MSG_START, START_WITH(A_HEAD ",\"endpointProperties\":[{\"value\":\"v\"}]}"), HT_REFUSE_MEMBER_MISSING, "/dataAddress/endpointProperties/0/name" },
	{ T, HT_MSG_START, START_WITH(A_HEAD ",\"endpointProperties\":[" PROPERTY("a", "b") ",{\"name\":\"n\"}]}"), HT_REFUSE_MEMBER_MISSING,
	  "/dataAddress/endpointProperties/1/value" },
	{ T, HT_MSG_START, START_WITH(A_HEAD ",\"endpointProperties\":[{\"name\":\"n\",\"value\":1}]}"), HT_REFUSE_MEMBER_TYPE,
	  "/dataAddress/endpointProperties/0/value" },
	{ T, HT_MSG_SUSPEND, HEAD("TransferSuspensionMessage") PP "}", HT_REFUSE_MEMBER_MISSING, "/consumerPid" },
	{ T, HT_MSG_SUSPEND, HEAD("TransferSuspensionMessage") PP CP ",\"reason\":{}}", HT_REFUSE_MEMBER_TYPE, "/reason" },
	{ T, HT_MSG_COMPLETE, HEAD("TransferCompletionMessage") CP "}", HT_REFUSE_MEMBER_MISSING, "/providerPid" },
	{ T, HT_MSG_TERMINATE, HEAD("TransferTerminationMessage") PP CP ",\"code\":[]}", HT_REFUSE_MEMBER_TYPE, "/code" },
};

TEST(shapes_are_refused)
{
	for (size_t i = 0; i < HT_COUNT(refused); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };
		struct ht_message m;

		CHECK_ROW(refused[i].body,
			  !ht_dsp_read(ht_text_bytes(ht_text_of(refused[i].body)), refused[i].machine, refused[i].msg, &arena, &m, &why));
		CHECK_F(why.code == refused[i].code && ht_text_is(why.place, refused[i].place), "row %zu: %s: %s at " HT_TEXT_FMT, i,
			refused[i].body, ht_refuse_word(why.code), HT_TEXT_ARG(why.place));
		ht_arena_reset(&arena);
	}
}

/* A verification with one text of n letters. */
static bool reads_with(const char *member, size_t n, const char *after, enum ht_machine machine, enum ht_msg msg, struct ht_refusal *why)
{
	struct ht_message m;
	struct ht_out o;

	ht_out_init(&o, &arena);
	ht_out_z(&o, "{" CTX ",\"@type\":\"");
	ht_out_z(&o, ht_msg_type(machine, msg));
	ht_out_z(&o, member);
	for (size_t i = 0; i < n; i++)
		ht_out_char(&o, 'x');
	ht_out_z(&o, after);
	return ht_dsp_read(ht_out_done_bytes(&o), machine, msg, &arena, &m, why);
}

TEST(lengths)
{
	static const struct {
		const char *member, *after;
		enum ht_machine machine;
		enum ht_msg msg;
		size_t fits;
		const char *place;
	} rows[] = {
		{ "\",\"@id\":\"", "\"" PP CP "}", N, HT_MSG_VERIFY, 256, "/@id" },
		{ "\",\"providerPid\":\"", "\"" CP "}", N, HT_MSG_VERIFY, 1024, "/providerPid" },
		{ "\",\"consumerPid\":\"", "\"" PP "}", N, HT_MSG_VERIFY, 1024, "/consumerPid" },
		{ "\",\"code\":\"", "\"" PP CP "}", T, HT_MSG_TERMINATE, 1024, "/code" },
		{ "\",\"agreementId\":\"", "\",\"format\":\"f\"" CP BACK "}", T, HT_MSG_REQUEST, 1024, "/agreementId" },
		{ "\",\"callbackAddress\":\"http://h/", "\",\"agreementId\":\"a\",\"format\":\"f\"" CP "}", T, HT_MSG_REQUEST, 2048 - 9, "/callbackAddress" },
		{ "\",\"offer\":{\"@type\":\"Offer\",\"target\":\"t\",\"permission\":[],\"@id\":\"", "\"}" CP BACK "}", N, HT_MSG_REQUEST, 1024, "/offer/@id" },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_refusal why = { HT_REFUSE_NONE, { NULL, 0 }, { NULL, 0 } };

		CHECK_ROW(rows[i].place, reads_with(rows[i].member, rows[i].fits, rows[i].after, rows[i].machine, rows[i].msg, &why));
		CHECK_ROW(rows[i].place, !reads_with(rows[i].member, rows[i].fits + 1, rows[i].after, rows[i].machine, rows[i].msg, &why));
		CHECK_ROW(rows[i].place, why.code == HT_REFUSE_MEMBER_VALUE && ht_text_is(why.place, rows[i].place));
		ht_arena_reset(&arena);
	}
}

#define COUNTER HEAD("ContractRequestMessage") PP CP ",\"offer\":" OFFER_ ",\"callbackAddress\":7}"
#define ODD_REQUEST REQUEST_WITH("{\"@type\":\"Offer\",\"@id\":\"o\",\"target\":\"t\",\"permission\":[{\"action\":\"x\"}]}")
#define REASONS HEAD("TransferTerminationMessage") PP CP ",\"code\":\"c\",\"reason\": [ \"a\" , {\"b\":1} ] }"

TEST(what_a_message_says)
{
	static const char body[] = "{ " CTX ", \"@id\":\"m-1\", \"@type\":\"ContractRequestMessage\"" CP
				   ", \"of\\u0066er\" : " OFFER_ " , \"callbackAddress\":\"https://example.com/call\\/back\"}";
	struct ht_refusal why;
	struct ht_message m;
	char copy[sizeof body];

	memcpy(copy, body, sizeof body);
	if (!CHECK(ht_dsp_read((struct ht_bytes){ (const uint8_t *)copy, sizeof body - 1 }, N, HT_MSG_REQUEST, &arena, &m, &why)))
		return;
	memset(copy, 0, sizeof copy); /* what was read outlives the body */
	CHECK(ht_text_is(m.id, "m-1") && ht_text_is(m.consumer_pid, "urn:uuid:32541fe6-c580-409e-85a8-8a9a32fbe833") &&
	      m.provider_pid.len == 0);
	CHECK(ht_text_is(m.callback, "https://example.com/call/back"));
	CHECK(ht_text_is(m.policy.text, OFFER_) && ht_text_is(m.policy.id, "urn:uuid:2828282") &&
	      ht_text_is(m.policy.target, "urn:uuid:3dd1add8"));
	CHECK(m.policy.count == 1 && !m.policy.odd && !m.has_address && m.reason.len == 0 && m.code.len == 0);
	/* A counter-request has no callback, whatever stands there. */
	CHECK(ht_dsp_read(ht_text_bytes(HT_TEXT(COUNTER)), N, HT_MSG_REQUEST,
			  &arena, &m, &why));
	CHECK(m.callback.len == 0 && m.provider_pid.len > 0);
	/* A part that is not understood is told below the policy. */
	CHECK(ht_dsp_read(ht_text_bytes(HT_TEXT(ODD_REQUEST)), N,
			  HT_MSG_REQUEST, &arena, &m, &why));
	CHECK(m.policy.odd && ht_text_is(m.policy.odd_place, "/permission/0/action"));
	CHECK(ht_dsp_read(ht_text_bytes(HT_TEXT(REASONS)), T,
			  HT_MSG_TERMINATE, &arena, &m, &why));
	CHECK(ht_text_is(m.code, "c") && ht_text_is(m.reason, "[ \"a\" , {\"b\":1} ]"));
	ht_arena_reset(&arena);
}

#define EVENT_OF(type) HEAD("ContractNegotiationEventMessage") PP CP ",\"eventType\":\"" type "\"}"

TEST(events)
{
	struct ht_refusal why;
	struct ht_message m;

	CHECK(ht_dsp_read_event(ht_text_bytes(HT_TEXT(EVENT_OF("ACCEPTED"))), &arena, &m, &why));
	CHECK(m.machine == N && m.msg == HT_MSG_ACCEPT);
	CHECK(ht_dsp_read_event(ht_text_bytes(HT_TEXT(EVENT_OF("dspace:FINALIZED"))), &arena, &m, &why));
	CHECK(m.msg == HT_MSG_FINALIZE);
	CHECK(!ht_dsp_read_event(ht_text_bytes(HT_TEXT(EVENT_OF("OFFERED"))), &arena, &m, &why));
	CHECK(why.code == HT_REFUSE_MEMBER_VALUE && ht_text_is(why.place, "/eventType") && ht_text_is(why.detail, "OFFERED"));
	CHECK(!ht_dsp_read_event(ht_text_bytes(HT_TEXT(HEAD("ContractNegotiationEventMessage") PP CP "}")), &arena, &m, &why));
	ht_arena_reset(&arena);
}

#define EDC "https://w3id.org/edc/v0.0.1/ns/"
static const struct {
	const char *address, *endpoint, *authorization, *type;
} addresses[] = {
	{ ADDRESS_, "http://example.com", "TOKEN", "bearer" },
	{ "{\"@type\":\"dspace:DataAddress\",\"endpointType\":\"t\"}", "", "", "" },
	{ A_HEAD ",\"endpointProperties\":[]}", "", "", "" },
	{ A_HEAD ",\"endpointProperties\":[{\"name\":\"authorization\",\"value\":\"\"}]}", "", "", "" },
	{ A_HEAD ",\"endpointProperties\":[" PROPERTY(EDC "endpoint", "http://e/") "," PROPERTY(EDC "authorization", "A") "," PROPERTY(EDC "authType", "bearer") ","
	  PROPERTY(EDC "endpointType", "x") "," PROPERTY("other", "y") "]}", "http://e/", "A", "bearer" },
	{ A_HEAD ",\"endpoint\":\"http://top/\",\"endpointProperties\":[" PROPERTY("endpoint", "http://e/") "," PROPERTY("authorization", "first") ","
	  PROPERTY("authorization", "second") "]}", "http://top/", "first", "" },
};

TEST(data_addresses)
{
	for (size_t i = 0; i < HT_COUNT(addresses); i++) {
		struct ht_text body = ht_text_format(&arena, "%s%s}",
						     HEAD("TransferStartMessage") PP CP ", \"dataAddress\" : ", addresses[i].address);
		struct ht_refusal why;
		struct ht_message m;

		if (!CHECK_ROW(addresses[i].address, ht_dsp_read(ht_text_bytes(body), T, HT_MSG_START, &arena, &m, &why)))
			continue;
		CHECK_ROW(addresses[i].address, m.has_address && ht_text_is(m.address.text, addresses[i].address));
		CHECK_ROW(addresses[i].address, ht_text_is(m.address.endpoint, addresses[i].endpoint));
		CHECK_ROW(addresses[i].address, ht_text_is(m.address.authorization, addresses[i].authorization));
		CHECK_ROW(addresses[i].address, ht_text_is(m.address.auth_type, addresses[i].type));
	}
	ht_arena_reset(&arena);
}

static bool same_message(const struct ht_message *a, const struct ht_message *b)
{
	return a->machine == b->machine && a->msg == b->msg && ht_text_same(a->id, b->id) &&
	       ht_text_same(a->consumer_pid, b->consumer_pid) && ht_text_same(a->provider_pid, b->provider_pid) &&
	       ht_text_same(a->callback, b->callback) && ht_text_same(a->policy.text, b->policy.text) &&
	       ht_text_same(a->agreement, b->agreement) && ht_text_same(a->format, b->format) && a->has_address == b->has_address &&
	       ht_text_same(a->address.text, b->address.text) && ht_text_same(a->code, b->code) && ht_text_same(a->reason, b->reason);
}

/* What was read is written, read again and is the same; what was written twice has the same bytes. */
TEST(round_trips)
{
	for (size_t i = 0; i < HT_COUNT(accepted); i++) {
		struct ht_refusal why;
		struct ht_message first, second;
		struct ht_text written;

		if (!ht_dsp_read(ht_text_bytes(ht_text_of(accepted[i].body)), accepted[i].machine, accepted[i].msg, &arena, &first, &why))
			continue;
		written = ht_dsp_write(&first, &arena);
		if (!CHECK_ROW(accepted[i].body,
			       ht_dsp_read(ht_text_bytes(written), accepted[i].machine, accepted[i].msg, &arena, &second, &why)))
			continue;
		CHECK_ROW(accepted[i].body, same_message(&first, &second));
		CHECK_ROW(accepted[i].body, ht_text_same(ht_dsp_write(&second, &arena), written));
		ht_arena_reset(&arena);
	}
}

#define EXACT_REQUEST \
	HEAD("ContractRequestMessage") ",\"@id\":\"i\",\"consumerPid\":\"c\",\"offer\":{ \"@id\" : 1 },\"callbackAddress\":\"http://c/\"}"
#define EXACT_START \
	HEAD("TransferStartMessage") ",\"providerPid\":\"p\",\"consumerPid\":\"c\",\"dataAddress\":{\"@type\":\"DataAddress\"," \
	"\"endpointType\":\"https://w3id.org/idsa/v4.1/HTTP\",\"endpoint\":\"http://e/\",\"endpointProperties\":[" \
	PROPERTY("authorization", "tok\\\"en") "," PROPERTY("authType", "bearer") "," PROPERTY(EDC "endpoint", "http://e/") "," \
	PROPERTY(EDC "authorization", "tok\\\"en") "," PROPERTY(EDC "authType", "bearer") "]}}"
#define EXACT_SINK \
	PROPERTY(EDC "authType", "bearer") "," PROPERTY(EDC "type", "HttpData") "," PROPERTY(EDC "baseUrl", "http://e/") "," \
	PROPERTY(EDC "authKey", "Authorization") "," PROPERTY(EDC "authCode", "token") "]}}"

TEST(exact_bytes)
{
	struct ht_message m = { .machine = N, .msg = HT_MSG_REQUEST };

	m.id = HT_TEXT("i");
	m.consumer_pid = HT_TEXT("c");
	m.callback = HT_TEXT("http://c/");
	m.policy.text = HT_TEXT("{ \"@id\" : 1 }");
	CHECK(ht_text_is(ht_dsp_write(&m, &arena), EXACT_REQUEST));
	m = (struct ht_message){ .machine = T, .msg = HT_MSG_START, .has_address = true };
	m.consumer_pid = HT_TEXT("c");
	m.provider_pid = HT_TEXT("p");
	m.address.endpoint = HT_TEXT("http://e/");
	m.address.authorization = HT_TEXT("tok\"en");
	m.address.auth_type = HT_TEXT("bearer");
	CHECK(ht_text_is(ht_dsp_write(&m, &arena), EXACT_START));
	m.address.authorization = HT_TEXT("token");
	m.address.sink = true; /* where data are pushed: what EDC reads there stands behind the rest */
	CHECK(ht_text_ends(ht_dsp_write(&m, &arena), HT_TEXT(EXACT_SINK)));
	m.address.sink = false;
	m.address.authorization = m.address.auth_type = HT_TEXT("");
	CHECK(ht_text_ends(ht_dsp_write(&m, &arena), HT_TEXT("\"endpointProperties\":[" PROPERTY(EDC "endpoint", "http://e/") "]}}")));
	ht_arena_reset(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { TEST_ROW(messages_are_accepted), TEST_ROW(shapes_are_refused), TEST_ROW(lengths),
						   TEST_ROW(what_a_message_says),   TEST_ROW(events),             TEST_ROW(data_addresses),
						   TEST_ROW(round_trips),           TEST_ROW(exact_bytes) };
	int result;

	ht_arena_init(&arena, 1 << 20);
	result = check_main(tests, HT_COUNT(tests));
	ht_arena_fini(&arena);
	return result;
}
