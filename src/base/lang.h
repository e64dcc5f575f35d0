/* base/lang.h - the two languages of everything that a user reads. */
#ifndef HT_BASE_LANG_H
#define HT_BASE_LANG_H

#include "base/text.h"

enum ht_lang { HT_EN, HT_ZH };

/* From LANG, LC_ALL ("zh_CN.UTF-8") or an Accept-Language header ("zh-CN,zh;q=0.9,en;q=0.5"): the first that is
 * Chinese or English by order and q; English when neither is named. */
enum ht_lang ht_lang_of_locale(const char *locale);
enum ht_lang ht_lang_of_header(struct ht_text accept_language);

#endif
