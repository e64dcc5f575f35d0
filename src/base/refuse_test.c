/* base/refuse_test.c - tests of base/refuse.h. */
#include "base/refuse.h"

#include <string.h>

#include "test/check.h"

TEST(every_row_has_word_group_and_texts)
{
	for (int i = HT_REFUSE_NONE; i < HT_REFUSE_COUNT; i++) {
		enum ht_refuse code = (enum ht_refuse)i;
		const char *word = ht_refuse_word(code);

		CHECK_ROW(word, word[0] && strspn(word, "abcdefghijklmnopqrstuvwxyz_") == strlen(word));
		CHECK_ROW(word, ht_refuse_text(code, HT_EN)[0] && ht_refuse_text(code, HT_ZH)[0]);
		CHECK_ROW(word, ht_text_utf8(ht_text_bytes(ht_text_of(ht_refuse_text(code, HT_ZH)))));
		CHECK_ROW(word, (ht_refuse_group(code) == HT_ABOUT_NOTHING) == (code == HT_REFUSE_NONE));
		CHECK_ROW(word, ht_refuse_of_word(ht_text_of(word)) == code); /* so each word stands once */
	}
	CHECK(ht_refuse_of_word(HT_TEXT("")) == HT_REFUSE_NONE && ht_refuse_of_word(HT_TEXT("STATE")) == HT_REFUSE_NONE);
	CHECK(ht_refuse_group(HT_REFUSE_PENDING) == HT_ABOUT_LATER && ht_refuse_group(HT_REFUSE_CHECKSUM) == HT_ABOUT_RULE);
}

TEST(fills_and_returns_false)
{
	struct ht_refusal why = { .detail = HT_TEXT("of an earlier one") };

	CHECK(!ht_refuse(&why, HT_REFUSE_STATE, HT_TEXT("/state")));
	CHECK(why.code == HT_REFUSE_STATE && ht_text_is(why.place, "/state") && !why.detail.len);
}

CHECK_MAIN(TEST_ROW(every_row_has_word_group_and_texts), TEST_ROW(fills_and_returns_false))
