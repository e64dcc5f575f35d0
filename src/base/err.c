/* base/err.c - the words and texts of the table in base/err.h. */
#include "base/err.h"

#include <assert.h>

#define X(name, word, en, zh) { word, { en, zh } },
static const struct {
	const char *word, *text[2];
} rows[HT_ERR_COUNT] = { { "ok", { "done", "完成" } }, HT_ERR_TABLE(X) };
#undef X

const char *ht_err_word(enum ht_err err)
{
	assert(err < HT_ERR_COUNT);
	return rows[err].word;
}

const char *ht_err_text(enum ht_err err, enum ht_lang lang)
{
	assert(err < HT_ERR_COUNT);
	return rows[err].text[lang == HT_ZH];
}
