/* base/refuse.c - the words, groups and texts of the table in base/refuse.h. */
#include "base/refuse.h"

#include <assert.h>

#define X(name, group, word, en, zh) { HT_ABOUT_##group, word, { en, zh } },
static const struct {
	enum ht_refuse_group group;
	const char *word, *text[2];
} rows[HT_REFUSE_COUNT] = { { HT_ABOUT_NOTHING, "none", { "nothing is refused", "未拒绝" } }, HT_REFUSE_TABLE(X) };
#undef X

enum ht_refuse_group ht_refuse_group(enum ht_refuse code)
{
	assert(code < HT_REFUSE_COUNT);
	return rows[code].group;
}

const char *ht_refuse_word(enum ht_refuse code)
{
	assert(code < HT_REFUSE_COUNT);
	return rows[code].word;
}

const char *ht_refuse_text(enum ht_refuse code, enum ht_lang lang)
{
	assert(code < HT_REFUSE_COUNT);
	return rows[code].text[lang == HT_ZH];
}

enum ht_refuse ht_refuse_of_word(struct ht_text word)
{
	for (int code = HT_REFUSE_NONE; code < HT_REFUSE_COUNT; code++) {
		if (ht_text_is(word, rows[code].word))
			return (enum ht_refuse)code;
	}
	return HT_REFUSE_NONE;
}

bool ht_refuse(struct ht_refusal *why, enum ht_refuse code, struct ht_text place)
{
	assert(code != HT_REFUSE_NONE);
	*why = (struct ht_refusal){ .code = code, .place = place };
	return false;
}
