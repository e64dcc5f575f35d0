/* app/trade/verbs_test.c - each verb is a command and a route; who may do what, drawn a second time; what comes next in words. */
#include "app/trade/verbs.h"

#include <string.h>

#include "app/trade/trade.h"
#include "base/count.h"
#include "door/door.h"
#include "test/check.h"

enum { ROUTES_MAX = 256 };

/* The settings of what a verb takes, by its index. */
static const char *const settings[HT_VERB_TAKES_COUNT] = {
	[HT_VERB_TAKES_nothing] = NULL, [HT_VERB_TAKES_terms] = "policy", [HT_VERB_TAKES_other] = "policy",
	[HT_VERB_TAKES_reason] = "reason", [HT_VERB_TAKES_yes] = "yes",
};

static bool is_command_of(const struct ht_command *command, const struct ht_verb *verb)
{
	struct ht_text noun, word;

	ht_text_cut(ht_text_of(command->words), ' ', &noun, &word);
	return command->run == ht_trade_verb && !strcmp(command->of, verb->of) && ht_text_is(word, verb->word) &&
	       !strncmp(verb->of, noun.at, noun.len) && strlen(verb->of) == noun.len + 1;
}

TEST(each_verb_is_a_command)
{
	size_t n, m, found, all = 0;
	const struct ht_verb *verbs = ht_verbs(&n);
	const struct ht_command *commands = ht_commands(&m);

	for (size_t k = 0; k < m; k++)
		all += commands[k].run == ht_trade_verb;
	CHECK(all == n);
	for (size_t i = 0; i < n; i++) {
		const char *own = settings[verbs[i].takes];

		found = 0;
		for (size_t k = 0; k < m; k++) {
			if (!is_command_of(&commands[k], &verbs[i]))
				continue;
			found++;
			CHECK_ROW(commands[k].words, commands[k].settings_count == (own ? 2u : 1u));
			CHECK_ROW(commands[k].words, !strcmp(commands[k].settings[HT_VERB_WAIT].name, "wait"));
			CHECK_ROW(commands[k].words, !own || !strcmp(commands[k].settings[HT_VERB_OWN].name, own));
			CHECK_ROW(commands[k].words, !commands[k].needs == (verbs[i].takes != HT_VERB_TAKES_other));
		}
		CHECK_ROW(verbs[i].word, found == 1);
	}
}

/* Each POST below a negotiation or transfer has its verb, of the same roles, and the other way round. */
TEST(each_verb_is_a_route)
{
	struct ht_route_view routes[ROUTES_MAX];
	size_t n, all = 0, count = ht_door_routes(routes, ROUTES_MAX);
	const struct ht_verb *verbs = ht_verbs(&n);
	struct ht_arena a;

	CHECK(count <= ROUTES_MAX);
	ht_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < count; i++) {
		struct ht_text path = ht_text_of(routes[i].path);

		all += !strcmp(routes[i].method, "POST") && (ht_text_starts(path, HT_TEXT("/api/v1/negotiations/:id/")) ||
							     ht_text_starts(path, HT_TEXT("/api/v1/transfers/:id/")));
	}
	CHECK(all == n);
	for (size_t i = 0; i < n; i++) {
		struct ht_text path = ht_text_format(&a, "/api/v1/%s/:id/%s", verbs[i].of, verbs[i].word);
		size_t found = 0;

		for (size_t k = 0; k < count; k++)
			found += ht_text_is(path, routes[k].path) && !strcmp(routes[k].method, "POST") && routes[k].roles == verbs[i].roles;
		CHECK_ROW(verbs[i].word, found == 1);
	}
	ht_arena_fini(&a);
}

/* What each side may do in each state, by the first letters of the verbs. */
static const struct {
	const char *of, *state, *pending; /* pending: a message of ours */
	const char *consumer, *provider; /* NULL: it has no such message */
} moments[] = {
	{ "negotiations", "REQUESTED", NULL, "te", "of ag te" },
	{ "negotiations", "OFFERED", NULL, "co ac te", "te" },
	{ "negotiations", "ACCEPTED", NULL, "", "ag te" },
	{ "negotiations", "AGREED", NULL, "ve te", "" },
	{ "negotiations", "VERIFIED", NULL, "", "fi te" },
	{ "negotiations", "FINALIZED", NULL, "", "" },
	{ "negotiations", "TERMINATED", NULL, "", "" },
	{ "negotiations", "REQUESTED", "request", "te", NULL },
	{ "negotiations", "OFFERED", "offer", NULL, "te" },
	{ "negotiations", "OFFERED", "accept", "te", NULL },
	{ "negotiations", "VERIFIED", "finalize", NULL, "" },
	{ "negotiations", "REQUESTED", "terminate", "", "" },
	{ "negotiations", "REVIEWED", NULL, "", "" }, /* of a newer node */
	{ "transfers", "REQUESTED", NULL, "te", "st te" },
	{ "transfers", "STARTED", NULL, "su co te", "su co te" },
	{ "transfers", "SUSPENDED", NULL, "re te", "re te" },
	{ "transfers", "SUSPENDED", "start", "te", "te" },
	{ "transfers", "COMPLETED", NULL, "", "" },
	{ "transfers", "TERMINATED", NULL, "", "" },
};

static struct ht_json *process(struct ht_arena *a, size_t row, const char *role, bool person)
{
	struct ht_refusal why;
	struct ht_json_out out;

	ht_json_begin(&out, a);
	ht_json_open(&out, NULL, '{');
	ht_json_put_z(&out, "state", moments[row].state);
	ht_json_put_z(&out, "role", role);
	ht_json_put_bool(&out, "person", person);
	if (moments[row].pending)
		ht_json_put_z(&out, "pending", moments[row].pending);
	ht_json_close(&out, '}');
	return ht_json_read(ht_text_bytes(ht_json_end(&out)), &ht_json_small, &why);
}

/* "co ac te" */
static struct ht_text allowed(struct ht_arena *a, const char *of, const struct ht_json *json)
{
	size_t n;
	const struct ht_verb *verbs = ht_verbs(&n);
	struct ht_out out;

	ht_out_init(&out, a);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(verbs[i].of, of) || ht_verb_refusal(&verbs[i], json))
			continue;
		ht_out_z(&out, out.len ? " " : "");
		ht_out_text(&out, (struct ht_text){ verbs[i].word, 2 });
	}
	return ht_out_done(&out);
}

TEST(who_may_do_what)
{
	static const char *const roles[] = { "consumer", "provider" };
	struct ht_arena a;

	ht_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(moments); i++) {
		for (size_t r = 0; r < HT_COUNT(roles); r++) {
			const char *want = r ? moments[i].provider : moments[i].consumer;
			struct ht_json *json = process(&a, i, roles[r], false);
			struct ht_text may = allowed(&a, moments[i].of, json);

			CHECK_F(!want || ht_text_is(may, want), "%s %s of %s, pending %s: " HT_TEXT_FMT, moments[i].state, moments[i].of,
				roles[r], moments[i].pending ? moments[i].pending : "nothing", HT_TEXT_ARG(may));
			ht_json_free(json);
		}
	}
	ht_arena_fini(&a);
}

static const struct {
	size_t moment;
	const char *role;
	bool person;
	enum ht_lang lang;
	const char *words;
} nexts[] = {
	{ 0, "provider", true, HT_EN,
	  "it waits for a decision of this side; this side (the provider) may: offer terms (offer), make the agreement (agree), end it (terminate); "
	  "the peer (the consumer) may: end it (terminate)" },
	{ 2, "consumer", false, HT_EN, "what comes next; the peer (the provider) may: make the agreement (agree), end it (terminate)" },
	{ 5, "consumer", false, HT_EN, "nothing more is to be done" },
	{ 9, "consumer", false, HT_EN,
	  "accept is on its way to the peer; this side (the consumer) may: end it (terminate); the peer (the provider) may: make the agreement (agree), "
	  "end it (terminate)" },
	{ 15, "provider", false, HT_ZH, "接下来; 本方(提供方)可以:恢复(resume)、终止(terminate); 对方(消费方)可以:恢复(resume)、终止(terminate)" },
	{ 12, "provider", false, HT_EN, "" },
};

TEST(says_what_comes_next)
{
	struct ht_arena a;

	ht_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(nexts); i++) {
		struct ht_json *json = process(&a, nexts[i].moment, nexts[i].role, nexts[i].person);
		struct ht_text got;
		struct ht_out out;

		ht_out_init(&out, &a);
		ht_verbs_next(moments[nexts[i].moment].of, json, "; ", nexts[i].lang, &out);
		got = ht_out_done(&out);
		CHECK_F(ht_text_is(got, nexts[i].words), "row %zu: " HT_TEXT_FMT, i, HT_TEXT_ARG(got));
		ht_json_free(json);
	}
	ht_arena_fini(&a);
}

CHECK_MAIN(TEST_ROW(each_verb_is_a_command), TEST_ROW(each_verb_is_a_route), TEST_ROW(who_may_do_what), TEST_ROW(says_what_comes_next))
