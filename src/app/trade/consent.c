/* app/trade/consent.c - y or n. */
#include "app/trade/consent.h"

#include <errno.h>
#include <poll.h>
#include <strings.h>
#include <unistd.h>

#include "app/trade/terms.h"
#include "base/count.h"

enum { ANSWER_MAX = 256, LOOK_MS = 100 };

bool ht_consent_is_yes(struct ht_text answer)
{
	static const char *const words[] = { "y", "yes", "是" };
	struct ht_text word = ht_text_trim(answer);

	for (size_t i = 0; i < HT_COUNT(words); i++) {
		struct ht_text yes = ht_text_of(words[i]);

		if (word.len == yes.len && !strncasecmp(word.at, yes.at, yes.len))
			return true;
	}
	return false;
}

static void show(struct ht_client *c, struct ht_text policy)
{
	struct ht_lines lines = ht_terms_lines(c->arena, policy, c->lang);

	fputs(HT_PICK(c->lang, "terms:\n", "条款：\n"), stderr);
	for (size_t i = 0; i < lines.count; i++)
		fprintf(stderr, "  " HT_TEXT_FMT "\n", HT_TEXT_ARG(lines.at[i]));
}

/* A line from the terminal. False: the user wants to stop. */
static bool read_line(const struct ht_client *c, char *line, ssize_t *len)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	*len = -1;
	while (*len < 0) {
		int ready = poll(&input, 1, LOOK_MS);

		if (c->stop && atomic_load(c->stop))
			return false;
		if (ready > 0)
			*len = read(STDIN_FILENO, line, ANSWER_MAX);
		if (*len < 0 && (ready < 0 || ready > 0) && errno != EINTR && errno != EAGAIN)
			*len = 0;
	}
	return true;
}

int ht_consent(struct ht_client *c, struct ht_text policy, bool yes)
{
	char line[ANSWER_MAX];
	ssize_t len;

	show(c, policy);
	if (yes)
		return HT_EXIT_DONE;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return ht_client_wrong(c, HT_EXIT_USAGE, "usage",
				       HT_PICK(c->lang, "there is no terminal to ask whether these terms will do; --yes agrees to them",
					       "没有终端可供确认上述条款;--yes 表示同意"));
	fprintf(stderr, "%s", HT_PICK(c->lang, "agree to these terms? [y/N] ", "同意以上条款吗?[y/N] "));
	if (!read_line(c, line, &len))
		return ht_client_wrong(c, HT_EXIT_ENVIRONMENT, "interrupted", HT_PICK(c->lang, "interrupted", "已中断"));
	if (ht_consent_is_yes((struct ht_text){ line, (size_t)len }))
		return HT_EXIT_DONE;
	return ht_client_wrong(c, HT_EXIT_REFUSED, "declined",
			       HT_PICK(c->lang, "you did not agree, and nothing was sent", "您未同意,未发送任何内容"));
}
