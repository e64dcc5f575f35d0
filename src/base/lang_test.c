/* base/lang_test.c - tests of base/lang.h. */
#include "base/lang.h"

#include "base/count.h"
#include "test/check.h"

TEST(locales)
{
	static const struct {
		const char *locale;
		enum ht_lang lang;
	} rows[] = {
		{ "zh_CN.UTF-8", HT_ZH }, { "zh", HT_ZH }, { "ZH_tw", HT_ZH }, { "en_US.UTF-8", HT_EN }, { "C", HT_EN }, { "", HT_EN },
		{ "zhx_CN", HT_EN }, { "de_DE", HT_EN }, { "zh.GB18030", HT_ZH },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].locale, ht_lang_of_locale(rows[i].locale) == rows[i].lang);
	CHECK(ht_lang_of_locale(NULL) == HT_EN);
}

TEST(headers)
{
	static const struct {
		const char *header;
		enum ht_lang lang;
	} rows[] = {
		{ "", HT_EN },
		{ "zh-CN,zh;q=0.9,en;q=0.5", HT_ZH },
		{ "en-US,en;q=0.9,zh;q=0.8", HT_EN },
		{ "en;q=0.5, zh;q=0.8", HT_ZH },
		{ "en;q=0.8, zh;q=0.8", HT_EN },
		{ "zh;q=0.8, en;q=0.8", HT_ZH },
		{ "de, fr;q=0.9, zh;q=0.1", HT_ZH },
		{ "de", HT_EN },
		{ "*", HT_EN },
		{ "zh;q=0", HT_EN },
		{ "zh;q=0.000, en;q=0.001", HT_EN },
		{ "en;q=0.001, zh;q=0.01", HT_ZH },
		{ "en ; q=0.5 , ZH ; Q=0.75", HT_ZH },
		{ "zh;q=1.5, en", HT_ZH },
		{ "zh;q=", HT_ZH },
		{ "en;q=0.5;x, zh", HT_EN }, /* what is not a weight counts as 1 */
		{ ",;,=;q,zh", HT_ZH },
	};

	for (size_t i = 0; i < HT_COUNT(rows); i++)
		CHECK_ROW(rows[i].header, ht_lang_of_header(ht_text_of(rows[i].header)) == rows[i].lang);
}

CHECK_MAIN(TEST_ROW(locales), TEST_ROW(headers))
