/* app/trade/consent_test.c - which answers agree. */
#include "app/trade/consent.h"

#include "base/count.h"
#include "test/check.h"

static const struct {
	const char *answer;
	bool yes;
} answers[] = {
	{ "y\n", true }, { "Y\r\n", true }, { " yes \n", true }, { "YES", true }, { "是\n", true },
	{ "", false }, { "\n", false }, { "n\n", false }, { "no\n", false }, { "ye\n", false }, { "yes!\n", false }, { "y n\n", false }, { "不是\n", false },
};

TEST(only_yes_agrees)
{
	for (size_t i = 0; i < HT_COUNT(answers); i++)
		CHECK_ROW(answers[i].answer, ht_consent_is_yes(ht_text_of(answers[i].answer)) == answers[i].yes);
}

CHECK_MAIN(TEST_ROW(only_yes_agrees))
