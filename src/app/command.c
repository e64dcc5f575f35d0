/* app/command.c - a command line: found in the table, read by its row, run; help from the same rows. */
#include "app/command.h"

#include <assert.h>
#include <string.h>

#include "base/count.h"
#include "crypto/crypto.h"

enum { COMMON_DATA, COMMON_JSON, COMMON_HELP, COMMON_COUNT };

static const struct ht_setting common[COMMON_COUNT] = {
	[COMMON_DATA] = { .name = "data", .metavar = "DIR", .type = HT_SET_TEXT,
		.en = "data folder of the node: its serve.url and operator.token are used when HUTONG_URL and HUTONG_TOKEN are not set",
		.zh = "节点的数据目录：未设置 HUTONG_URL、HUTONG_TOKEN 时使用其中的 serve.url 与 operator.token" },
	[COMMON_JSON] = { .name = "json", .type = HT_SET_FLAG,
		.en = "one JSON document on standard output", .zh = "在标准输出给出一个 JSON 文档" },
	[COMMON_HELP] = { .name = "help", .type = HT_SET_FLAG, .en = "this text", .zh = "显示本说明" },
};

/* Short forms of settings. */
static const struct {
	const char *brief, *flag;
} briefs[] = { { "-o", "--output" }, { "-h", "--help" } };

static const char *const notes[] = {
	[HT_EN] = "\n"
		  "Environment\n"
		  "  HUTONG_URL     address of your node, as http://127.0.0.1:8080\n"
		  "  HUTONG_TOKEN   token for its API\n"
		  "  LC_ALL, LANG   the language: English or Chinese\n"
		  "\n"
		  "BASE is the address of a party: https://HOST/p/PARTY/dsp/2025-1\n"
		  "ID of a negotiation, transfer or agreement may be the end of it, as hutong history prints it\n"
		  "Exit status: 0 done, 1 refused, 2 wrong usage, 3 network or disk, 4 the data are not what was described\n"
		  "hutong COMMAND --help says more of one command, hutong --version the version.\n",
	[HT_ZH] = "\n"
		  "环境变量\n"
		  "  HUTONG_URL     您的节点地址,如 http://127.0.0.1:8080\n"
		  "  HUTONG_TOKEN   其 API 的令牌\n"
		  "  LC_ALL, LANG   语言：中文或英文\n"
		  "\n"
		  "BASE 是参与方地址：https://HOST/p/PARTY/dsp/2025-1\n"
		  "协商、传输、协议的 ID 可只写末段,如 hutong history 所显示\n"
		  "退出码：0 完成,1 被拒绝,2 用法错误,3 网络或磁盘,4 数据与描述不符\n"
		  "hutong COMMAND --help 查看某一命令,hutong --version 查看版本。\n",
};

/* How many of argv are the words, all of them; 0: they are not. */
static int match(const char *words, int argc, char *const *argv)
{
	struct ht_text rest = ht_text_of(words), word;
	int n = 0;

	while (rest.len) {
		ht_text_cut(rest, ' ', &word, &rest);
		if (n == argc || !ht_text_is(word, argv[n]))
			return 0;
		n++;
	}
	return n;
}

const struct ht_command *ht_command_find(int argc, char *const *argv, int *words)
{
	size_t n;
	const struct ht_command *rows = ht_commands(&n);

	for (size_t i = 0; i < n; i++) {
		*words = match(rows[i].words, argc, argv);
		if (*words)
			return &rows[i];
	}
	return NULL;
}

/* How many arguments a row takes. */
static void count_args(const char *args, size_t *least, size_t *most)
{
	struct ht_text rest = ht_text_of(args), name;

	*least = *most = 0;
	while (rest.len) {
		ht_text_cut(rest, ' ', &name, &rest);
		*least += *name.at != '[';
		*most += 1;
	}
}

/* Whether the row needs its setting i. */
static bool is_needed(const struct ht_command *command, size_t i)
{
	struct ht_text rest = ht_text_of(command->needs), name;

	while (rest.len) {
		ht_text_cut(rest, ' ', &name, &rest);
		if (ht_text_is(name, command->settings[i].name))
			return true;
	}
	return false;
}

/* Whether what the row needs was given. */
static bool complete(const struct ht_line *line, struct ht_refusal *why)
{
	const struct ht_command *command = line->command;

	for (size_t i = 0; i < command->settings_count; i++) {
		bool given = line->values[i].set && line->values[i].text.len;

		if (is_needed(command, i) && !given)
			return ht_refuse(why, HT_REFUSE_MEMBER_MISSING, ht_text_format(line->arena, "--%s", command->settings[i].name));
	}
	return true;
}

/* argv with short forms written out. */
static char **written_out(struct ht_arena *a, int argc, char *const *argv)
{
	char **out = HT_TAKE(a, char *, (size_t)argc + 1);
	bool plain = false;

	for (int i = 0; i < argc; i++) {
		out[i] = argv[i];
		plain = plain || !strcmp(argv[i], "--");
		for (size_t k = 0; !plain && k < HT_COUNT(briefs); k++) {
			if (!strcmp(argv[i], briefs[k].brief))
				out[i] = ht_text_z(a, ht_text_of(briefs[k].flag));
		}
	}
	return out;
}

static const char *none(const char *name)
{
	(void)name;
	return NULL;
}

bool ht_command_read(struct ht_line *line, int argc, char *const *argv, struct ht_refusal *why)
{
	const struct ht_command *command = line->command;
	struct ht_setting rows[COMMON_COUNT + HT_SETTINGS_MAX];
	struct ht_setting_value values[COMMON_COUNT + HT_SETTINGS_MAX];
	size_t n = COMMON_COUNT + command->settings_count, least, most, given;

	assert(command->settings_count <= HT_SETTINGS_MAX);
	memcpy(rows, common, sizeof common);
	if (command->settings_count)
		memcpy(rows + COMMON_COUNT, command->settings, sizeof rows[0] * command->settings_count);
	count_args(command->args, &least, &most);
	assert(most <= HT_ARGS_MAX);
	if (!ht_settings_read(rows, n, line->arena, argc, written_out(line->arena, argc, argv), none, HT_TEXT(""), values, line->args,
			      most, &given, why))
		return false;
	if (command->settings_count)
		memcpy(line->values, values + COMMON_COUNT, sizeof values[0] * command->settings_count);
	line->data = values[COMMON_DATA].set && values[COMMON_DATA].text.len ? ht_text_z(line->arena, values[COMMON_DATA].text) : NULL;
	line->json = values[COMMON_JSON].number;
	line->help = values[COMMON_HELP].number;
	if (line->help)
		return true;
	if (given < least)
		return ht_refuse(why, HT_REFUSE_MEMBER_MISSING, ht_text_of(command->args));
	return complete(line, why);
}

/* The words, the arguments and the settings that must be given: "hutong party add ID --name TEXT". */
static void usage_line(const struct ht_command *command, struct ht_out *out)
{
	ht_out_format(out, "hutong %s%s%s", command->words, *command->args ? " " : "", command->args);
	for (size_t i = 0; i < command->settings_count; i++) {
		if (is_needed(command, i))
			ht_out_format(out, " --%s %s", command->settings[i].name, command->settings[i].metavar);
	}
}

void ht_command_help(const struct ht_command *command, enum ht_lang lang, struct ht_out *out)
{
	usage_line(command, out);
	ht_out_format(out, "\n    %s\n\n", HT_PICK(lang, command->en, command->zh));
	for (size_t i = 0; i < command->settings_count; i++) {
		ht_settings_help(&command->settings[i], 1, lang, out);
		if (is_needed(command, i))
			ht_out_z(out, HT_PICK(lang, "      must be given\n", "      必须给出\n"));
	}
	ht_settings_help(common, COMMON_COUNT, lang, out);
}

static void summary(const struct ht_command *command, enum ht_lang lang, struct ht_out *out)
{
	ht_out_z(out, "  ");
	usage_line(command, out);
	ht_out_format(out, "\n      %s\n", HT_PICK(lang, command->en, command->zh));
}

/* The second words that the first one can have: "publish, ls". */
static struct ht_text second_words(const char *group, struct ht_arena *a)
{
	size_t n;
	const struct ht_command *rows = ht_commands(&n);
	struct ht_text first, rest;
	struct ht_out out;

	ht_out_init(&out, a);
	for (size_t i = 0; i < n; i++) {
		ht_text_cut(ht_text_of(rows[i].words), ' ', &first, &rest);
		if (!ht_text_is(first, group))
			continue;
		ht_out_z(&out, out.len ? ", " : "");
		ht_out_text(&out, rest);
	}
	return ht_out_done(&out);
}

void ht_command_help_group(const char *group, enum ht_lang lang, struct ht_out *out)
{
	size_t n;
	const struct ht_command *rows = ht_commands(&n);
	struct ht_text first, rest;

	for (size_t i = 0; i < n; i++) {
		ht_text_cut(ht_text_of(rows[i].words), ' ', &first, &rest);
		if (ht_text_is(first, group))
			summary(&rows[i], lang, out);
	}
}

void ht_command_help_all(enum ht_lang lang, struct ht_out *out)
{
	size_t n;
	const struct ht_command *rows = ht_commands(&n);

	ht_out_z(out, HT_PICK(lang,
			      "hutong " HT_VERSION ": parties offer data, agree on terms and take delivery (Dataspace Protocol 2025-1)\n\n",
			      "hutong " HT_VERSION ":参与方发布数据、协商条款、取得交付(数据空间协议 DSP 2025-1)\n\n"));
	for (size_t i = 0; i < n; i++)
		summary(&rows[i], lang, out);
	ht_out_z(out, notes[lang]);
}

static int print(FILE *file, const struct ht_out *out, int status)
{
	struct ht_text t = ht_out_done(out);

	fwrite(t.at, 1, t.len, file);
	if (fflush(file) || ferror(file))
		return HT_EXIT_ENVIRONMENT;
	return status;
}

/* A line that names no command: help when it asks for it, else a usage error. */
static int no_command(int argc, char **argv, enum ht_lang lang, struct ht_out *out)
{
	const char *first = argc ? argv[0] : "";
	bool asks = argc && (!strcmp(argv[argc - 1], "--help") || !strcmp(argv[argc - 1], "-h"));
	struct ht_text seconds = second_words(first, out->arena);

	if (argc && !strcmp(first, "--version")) {
		ht_out_z(out, "hutong " HT_VERSION "\n");
		return print(stdout, out, HT_EXIT_DONE);
	}
	if (argc == 1 && (asks || !strcmp(first, "help"))) {
		ht_command_help_all(lang, out);
		return print(stdout, out, HT_EXIT_DONE);
	}
	if (seconds.len && argc == 2 && asks) {
		ht_command_help_group(first, lang, out);
		return print(stdout, out, HT_EXIT_DONE);
	}
	if (seconds.len && argc == 1) {
		ht_command_help_group(first, lang, out);
		ht_out_format(
			out,
			HT_PICK(lang, "hutong %s: a word is missing: " HT_TEXT_FMT ".\n", "hutong %s：缺少子命令：" HT_TEXT_FMT "。\n"),
			first, HT_TEXT_ARG(seconds));
		return print(stderr, out, HT_EXIT_USAGE);
	}
	if (seconds.len) {
		ht_out_format(out,
			      HT_PICK(lang, "hutong %s: there is no '%s' here, but: " HT_TEXT_FMT ". hutong %s --help says more.\n",
				      "hutong %s：没有子命令 '%s',可用：" HT_TEXT_FMT "。详见 hutong %s --help。\n"),
			      first, argv[1], HT_TEXT_ARG(seconds), first);
		return print(stderr, out, HT_EXIT_USAGE);
	}
	if (argc)
		ht_out_format(out,
			      HT_PICK(lang, "hutong: there is no command '%s'. hutong --help lists them.\n",
				      "hutong:没有命令 '%s'。hutong --help 列出全部命令。\n"),
			      first);
	else
		ht_command_help_all(lang, out);
	return print(stderr, out, HT_EXIT_USAGE);
}

static void usage(const struct ht_line *line, const struct ht_refusal *why, struct ht_out *out)
{
	const char *words = line->command->words;

	ht_out_format(out, "hutong %s: " HT_TEXT_FMT ": ", words, HT_TEXT_ARG(why->place));
	if (why->code == HT_REFUSE_NOT_FOUND)
		ht_out_z(out, HT_PICK(line->lang, "there is no such setting", "没有此设置"));
	else if (why->code == HT_REFUSE_MEMBER_MISSING)
		ht_out_z(out, HT_PICK(line->lang, "is missing or lacks its value", "缺失或缺少取值"));
	else if (why->code == HT_REFUSE_TOO_MANY)
		ht_out_z(out, HT_PICK(line->lang, "one argument too many", "参数过多"));
	else
		ht_out_z(out, ht_refuse_text(why->code, line->lang));
	if (why->detail.len)
		ht_out_format(out, " (" HT_TEXT_FMT ")", HT_TEXT_ARG(why->detail));
	ht_out_format(out, HT_PICK(line->lang, ". hutong %s --help says how.\n", "。用法见 hutong %s --help。\n"), words);
}

static int run(struct ht_line *line, int argc, char **argv, struct ht_out *out)
{
	struct ht_refusal why = { 0 };

	if (!line->command->run)
		return line->command->plain(argc, argv, line->lang);
	if (!ht_command_read(line, argc, argv, &why)) {
		usage(line, &why, out);
		return print(stderr, out, HT_EXIT_USAGE);
	}
	if (line->help) {
		ht_command_help(line->command, line->lang, out);
		return print(stdout, out, HT_EXIT_DONE);
	}
	ht_crypto_start();
	return line->command->run(line);
}

static enum ht_lang language(const char *(*env)(const char *name))
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < HT_COUNT(names); i++) {
		const char *value = env(names[i]);

		if (value && *value)
			return ht_lang_of_locale(value);
	}
	return HT_EN;
}

int ht_command_main(int argc, char **argv, const char *(*env)(const char *name))
{
	struct ht_arena arena;
	struct ht_line line = { .lang = language(env), .arena = &arena, .env = env };
	struct ht_out out;
	int words = 0, status;

	ht_arena_init(&arena, (size_t)256 << 20);
	ht_out_init(&out, &arena);
	line.command = ht_command_find(argc, argv, &words);
	if (line.command)
		status = run(&line, argc - words, argv + words, &out);
	else
		status = no_command(argc, argv, line.lang, &out);
	if (fflush(stdout) || ferror(stdout))
		status = status ? status : HT_EXIT_ENVIRONMENT;
	ht_arena_fini(&arena);
	return status;
}
