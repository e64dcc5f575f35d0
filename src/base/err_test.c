/* base/err_test.c - tests of base/err.h. */
#include "base/err.h"

#include <string.h>

#include "test/check.h"

TEST(every_row_has_word_and_texts)
{
	for (int i = HT_OK; i < HT_ERR_COUNT; i++) {
		enum ht_err err = (enum ht_err)i;
		const char *word = ht_err_word(err), *zh = ht_err_text(err, HT_ZH);

		CHECK_ROW(word, word[0] && strspn(word, "abcdefghijklmnopqrstuvwxyz_") == strlen(word));
		CHECK_ROW(word, ht_err_text(err, HT_EN)[0] && zh[0]);
		CHECK_ROW(word, ht_text_utf8(ht_text_bytes(ht_text_of(zh))) && (uint8_t)zh[0] >= 0x80);
		for (int k = HT_OK; k < i; k++)
			CHECK_ROW(word, strcmp(word, ht_err_word((enum ht_err)k)));
	}
	CHECK(!strcmp(ht_err_word(HT_OK), "ok") && !strcmp(ht_err_word(HT_E_PORT), "port"));
	CHECK(!strcmp(ht_err_text(HT_E_FULL, HT_EN), "no room on the disk") && !strcmp(ht_err_text(HT_E_FULL, HT_ZH), "磁盘已满"));
}

static enum ht_err through(enum ht_err err)
{
	HT_TRY(err);
	return HT_E_BUSY;
}

TEST(try_returns_only_errors)
{
	CHECK(through(HT_OK) == HT_E_BUSY && through(HT_E_IO) == HT_E_IO);
}

CHECK_MAIN(TEST_ROW(every_row_has_word_and_texts), TEST_ROW(try_returns_only_errors))
