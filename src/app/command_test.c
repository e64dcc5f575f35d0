/* app/command_test.c - command lines: found, read, refused, and the help of every row. */
#include "app/command.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

enum { ARGV_MAX = 12 };

static struct ht_arena arena;

/* Splits at blanks. */
static int split(const char *text, char **argv)
{
	struct ht_text rest = ht_text_of(text), word;
	int n = 0;

	while (rest.len && n < ARGV_MAX) {
		ht_text_cut(rest, ' ', &word, &rest);
		argv[n++] = ht_text_z(&arena, word);
	}
	return n;
}

static const struct {
	const char *line, *words; /* NULL: no command */
	int taken;
} finds[] = {
	{ "party add x", "party add", 2 },
	{ "party ls", "party ls", 2 },
	{ "party", NULL, 0 },
	{ "", NULL, 0 },
	{ "part ls", NULL, 0 },
	{ "get", "get", 1 },
	{ "gets", NULL, 0 },
	{ "history urn:uuid:1", "history", 1 },
	{ "serve --listen x", "serve", 1 },
	{ "ls party", NULL, 0 },
	{ "--json party ls", NULL, 0 },
};

TEST(finds_the_row)
{
	ht_arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(finds); i++) {
		char *argv[ARGV_MAX];
		int argc = split(finds[i].line, argv), taken = 0;
		const struct ht_command *found = ht_command_find(argc, argv, &taken);

		CHECK_ROW(finds[i].line, !found == !finds[i].words);
		CHECK_ROW(finds[i].line, !found || (!strcmp(found->words, finds[i].words) && taken == finds[i].taken));
	}
	ht_arena_fini(&arena);
}

static const struct {
	const char *line;
	enum ht_refuse code;
	const char *place;
} reads[] = {
	{ "party add a --name A", HT_REFUSE_NONE, "" },
	{ "party add --name=A a", HT_REFUSE_NONE, "" },
	{ "party add a", HT_REFUSE_MEMBER_MISSING, "--name" },
	{ "party add a --name", HT_REFUSE_MEMBER_MISSING, "--name" },
	{ "party add --name A", HT_REFUSE_MEMBER_MISSING, "ID" },
	{ "party add a b --name A", HT_REFUSE_TOO_MANY, "b" },
	{ "party add a --nam A", HT_REFUSE_NOT_FOUND, "--nam" },
	{ "party add a -n A", HT_REFUSE_NOT_FOUND, "-n" },
	{ "party ls x", HT_REFUSE_TOO_MANY, "x" },
	{ "get B P -o f", HT_REFUSE_NONE, "" },
	{ "get B P -o", HT_REFUSE_MEMBER_MISSING, "--output" },
	{ "get B", HT_REFUSE_MEMBER_MISSING, "BASE PRODUCT" },
	{ "get B P --yes", HT_REFUSE_NONE, "" },
	{ "get B P --manual", HT_REFUSE_NOT_FOUND, "--manual" },
	{ "negotiation counter i", HT_REFUSE_MEMBER_MISSING, "--policy" },
	{ "negotiation counter i --policy f", HT_REFUSE_NONE, "" },
	{ "negotiation offer i", HT_REFUSE_NONE, "" },
	{ "negotiation verify i --yes", HT_REFUSE_NOT_FOUND, "--yes" },
	{ "negotiation accept i --yes --wait", HT_REFUSE_NONE, "" },
	{ "negotiation accept", HT_REFUSE_MEMBER_MISSING, "ID" },
	{ "transfer suspend i --reason r", HT_REFUSE_NONE, "" },
	{ "transfer start i --reason r", HT_REFUSE_NOT_FOUND, "--reason" },
	{ "get B -- -o", HT_REFUSE_NONE, "" },
	{ "get --help", HT_REFUSE_NONE, "" },
	{ "get -h", HT_REFUSE_NONE, "" },
	{ "history", HT_REFUSE_NONE, "" },
	{ "history c", HT_REFUSE_NONE, "" },
	{ "history c d", HT_REFUSE_TOO_MANY, "d" },
	{ "negotiate B --product p --wait", HT_REFUSE_NONE, "" },
	{ "negotiate B --wait", HT_REFUSE_MEMBER_MISSING, "--product" },
	{ "negotiate B --product p --wait=soon", HT_REFUSE_VALUE, "--wait" },
	{ "token new --role consumer --party a", HT_REFUSE_NONE, "" },
	{ "token new --party a", HT_REFUSE_MEMBER_MISSING, "--role" },
};

TEST(reads_the_line)
{
	ht_arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < HT_COUNT(reads); i++) {
		char *argv[ARGV_MAX];
		int argc = split(reads[i].line, argv), taken = 0;
		struct ht_line line = { .arena = &arena, .command = ht_command_find(argc, argv, &taken) };
		struct ht_refusal why = { 0 };
		bool read = ht_command_read(&line, argc - taken, argv + taken, &why);

		CHECK_ROW(reads[i].line, read == !reads[i].code && why.code == reads[i].code);
		CHECK_ROW(reads[i].line, read || ht_text_is(why.place, reads[i].place));
	}
	ht_arena_fini(&arena);
}

TEST(keeps_values_and_arguments)
{
	char *argv[ARGV_MAX], line_text[] = "get B --json P --output=x/y --data d --force";
	int argc, taken = 0;
	struct ht_line line = { .arena = &arena };
	struct ht_refusal why = { 0 };

	ht_arena_init(&arena, 1 << 20);
	argc = split(line_text, argv);
	line.command = ht_command_find(argc, argv, &taken);
	CHECK(ht_command_read(&line, argc - taken, argv + taken, &why));
	CHECK(!strcmp(line.args[0], "B") && !strcmp(line.args[1], "P") && !line.args[2]);
	CHECK(line.json && !line.help && !strcmp(line.data, "d"));
	CHECK(ht_text_is(line.values[0].text, "x/y") && line.values[1].number == 1 && !line.values[2].number);
	ht_arena_fini(&arena);
}

static bool has(struct ht_text text, const char *word)
{
	return memmem(text.at, text.len, word, strlen(word));
}

/* Every row has help in both languages, and every setting stands in it. */
TEST(helps_with_every_row)
{
	size_t n;
	const struct ht_command *rows = ht_commands(&n);

	ht_arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < n; i++) {
		for (int lang = HT_EN; lang <= HT_ZH; lang++) {
			struct ht_out out;

			ht_out_init(&out, &arena);
			ht_command_help(&rows[i], (enum ht_lang)lang, &out);
			CHECK_ROW(rows[i].words, has(ht_out_done(&out), rows[i].words) && has(ht_out_done(&out), rows[i].args));
			CHECK_ROW(rows[i].words, has(ht_out_done(&out), lang == HT_ZH ? rows[i].zh : rows[i].en));
			for (size_t k = 0; k < rows[i].settings_count; k++)
				CHECK_ROW(rows[i].settings[k].name, has(ht_out_done(&out), rows[i].settings[k].name));
			ht_out_init(&out, &arena);
			ht_command_help_all((enum ht_lang)lang, &out);
			CHECK_ROW(rows[i].words, has(ht_out_done(&out), rows[i].words));
		}
		CHECK_ROW(rows[i].words, !rows[i].run == !!rows[i].plain);
	}
	ht_arena_fini(&arena);
}

/* What must be given stands in the first line of the help, and is marked below. */
TEST(marks_what_is_needed)
{
	char *argv[] = { "party", "add" };
	struct ht_out out;
	int words;

	ht_arena_init(&arena, 1 << 20);
	ht_out_init(&out, &arena);
	ht_command_help(ht_command_find(2, argv, &words), HT_EN, &out);
	CHECK(ht_text_starts(ht_out_done(&out), HT_TEXT("hutong party add ID --name TEXT\n")));
	CHECK(has(ht_out_done(&out), "  --name TEXT\n      name for people\n      must be given\n  --data"));
	ht_out_init(&out, &arena);
	ht_command_help_group("party", HT_ZH, &out);
	CHECK(has(ht_out_done(&out), "  hutong party add ID --name TEXT\n") && has(ht_out_done(&out), "  hutong party ls\n"));
	ht_arena_fini(&arena);
}

/* What a row needs are settings of its own. */
TEST(needs_what_it_has)
{
	size_t n;
	const struct ht_command *rows = ht_commands(&n);

	for (size_t i = 0; i < n; i++) {
		struct ht_text rest = ht_text_of(rows[i].needs), name;

		while (rest.len) {
			bool found = false;

			ht_text_cut(rest, ' ', &name, &rest);
			for (size_t k = 0; k < rows[i].settings_count; k++)
				found = found || ht_text_is(name, rows[i].settings[k].name);
			CHECK_ROW(rows[i].words, found);
		}
	}
}

CHECK_MAIN(TEST_ROW(finds_the_row), TEST_ROW(reads_the_line), TEST_ROW(keeps_values_and_arguments), TEST_ROW(helps_with_every_row),
	   TEST_ROW(marks_what_is_needed), TEST_ROW(needs_what_it_has))
