/* app/command.h - the table of commands: words, arguments, settings, action and help of each stand in one row.
 *
 * A command line is `hutong WORDS ARGS --SETTING ...`; base/settings.h reads the settings. Help, usage errors and the list of
 * all commands are made from the rows (app/commands.c).
 * Memory  everything of a line lives until the process ends. */
#ifndef HT_APP_COMMAND_H
#define HT_APP_COMMAND_H

#include <stdio.h>

#include "base/out.h"
#include "base/settings.h"

enum ht_exit { HT_EXIT_DONE, HT_EXIT_REFUSED, HT_EXIT_USAGE, HT_EXIT_ENVIRONMENT, HT_EXIT_UNVERIFIED };

/* One of two literals; formats of both are checked by the compiler. */
#define HT_PICK(lang, en, zh) ((lang) == HT_ZH ? (zh) : (en))

struct ht_line;

struct ht_command {
	const char *words;                /* "party add" */
	const char *args;                 /* "BASE [PRODUCT]": names of what stands after the words; in brackets: may be left out */
	const struct ht_setting *settings; /* its own; --data, --json and --help come before them */
	size_t settings_count;
	const char *needs;                /* names of its settings that must be given: "party id"; NULL: none */
	const char *of;                   /* what an action that serves more rows is about: the list of the API, "negotiations" */
	int (*run)(const struct ht_line *line); /* NULL: `plain` reads its arguments itself */
	int (*plain)(int argc, char **argv, enum ht_lang lang); /* argv: what stands after the words */
	const char *en, *zh;              /* one sentence */
};

enum { HT_ARGS_MAX = 4, HT_SETTINGS_MAX = 16 };

/* A command line that was understood. */
struct ht_line {
	const struct ht_command *command;
	enum ht_lang lang;
	struct ht_arena *arena;
	const char *(*env)(const char *name);
	const char *args[HT_ARGS_MAX]; /* NULL: left out */
	struct ht_setting_value values[HT_SETTINGS_MAX]; /* of the command's own settings, by their index */
	const char *data; /* --data; NULL: not given */
	bool json;
	bool help;
};

/* The rows; *n is their number. */
const struct ht_command *ht_commands(size_t *n);

/* The row whose words begin argv; *words is how many they are. NULL: none. */
const struct ht_command *ht_command_find(int argc, char *const *argv, int *words);

/* Reads what stands after the words. line->command, lang, arena and env are given. False: *why says what is wrong. */
bool ht_command_read(struct ht_line *line, int argc, char *const *argv, struct ht_refusal *why);

/* Help of all commands, of those whose words begin with `group`, of one. */
void ht_command_help_all(enum ht_lang lang, struct ht_out *out);
void ht_command_help_group(const char *group, enum ht_lang lang, struct ht_out *out);
void ht_command_help(const struct ht_command *command, enum ht_lang lang, struct ht_out *out);

/* Does what the command line says; the exit status. argv without the program's name. */
int ht_command_main(int argc, char **argv, const char *(*env)(const char *name));

#endif
