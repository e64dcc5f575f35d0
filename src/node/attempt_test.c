/* node/attempt_test.c - what an answer tells the desk about the attempt that it answers. */
#include "node/attempt.h"

#include "base/count.h"
#include "test/check.h"

enum { OPEN_US = 421000000 };

/* Until when the attempt can still be taken: no longer once the peer has said that it judged it. */
TEST(open_after_an_answer)
{
	static const struct {
		const char *name, *body;
		int status;
		int64_t open_us;
	} rows[] = {
		{ "no answer",               "", 0, OPEN_US },
		{ "a 503 of a proxy",        "<html>busy</html>", 503, OPEN_US },
		{ "an empty 503",            "", 503, OPEN_US },
		{ "a 503 of a busy peer",    "{\"@type\":\"TransferError\",\"code\":\"busy\"}", 503, OPEN_US },
		{ "a 503 that judged it",    "{\"@type\":\"TransferError\",\"code\":\"pending\",\"reason\":[\"later\"]}", 503, 0 },
		{ "the word in another way", "pending: later", 503, OPEN_US },
		{ "the word of no 503",      "{\"code\":\"pending\"}", 404, OPEN_US },
	};
	struct ht_arena a;
	struct ht_post post = { .process = 7, .id = HT_TEXT("urn:letter:1"), .machine = HT_TRANSFER, .role = HT_CONSUMER };

	ht_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_step s;

		ht_attempt_answered(&post, OPEN_US, rows[i].status, ht_text_bytes(ht_text_of(rows[i].body)), 0, &a, &s);
		CHECK_ROW(rows[i].name, s.in.answered.open_us == rows[i].open_us && s.in.answered.status == rows[i].status);
		CHECK_ROW(rows[i].name, s.in.answered.process == 7 && ht_text_same(s.in.answered.letter, post.id));
	}
	ht_arena_fini(&a);
}

/* The answer to a first message brings the peer's pid, when it is about the process that we began. */
TEST(the_pid_of_a_process_that_begins)
{
	static const struct {
		const char *name, *pids, *pid;
		enum ht_role role;
	} rows[] = {
		{ "as consumer",            "\"consumerPid\":\"urn:o\",\"providerPid\":\"urn:t\"", "urn:t", HT_CONSUMER },
		{ "as provider",            "\"consumerPid\":\"urn:t\",\"providerPid\":\"urn:o\"", "urn:t", HT_PROVIDER },
		{ "theirs alone",           "\"providerPid\":\"urn:t\"", "urn:t", HT_CONSUMER },
		{ "of another one of ours", "\"consumerPid\":\"urn:x\",\"providerPid\":\"urn:t\"", "", HT_CONSUMER },
		{ "the two the wrong way",  "\"consumerPid\":\"urn:t\",\"providerPid\":\"urn:o\"", "", HT_CONSUMER },
	};
	struct ht_arena a;

	ht_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		struct ht_post post = { .first = true, .pid = HT_TEXT("urn:o"), .machine = HT_NEGOTIATION, .role = rows[i].role };
		struct ht_text body = ht_text_format(&a,
						     "{\"@context\":[\"https://w3id.org/dspace/2025/1/context.jsonld\"],"
						     "\"@type\":\"ContractNegotiation\",%s,\"state\":\"REQUESTED\"}",
						     rows[i].pids);
		struct ht_step s;

		ht_attempt_answered(&post, OPEN_US, 201, ht_text_bytes(body), 0, &a, &s);
		CHECK_ROW(rows[i].name, ht_text_is(s.in.answered.peer_pid, rows[i].pid));
	}
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(open_after_an_answer), TEST_ROW(the_pid_of_a_process_that_begins))
