/* base/lang.c - which of the two languages a locale or a header asks for. */
#include "base/lang.h"

#include "base/count.h"

static const struct {
	const char *tag;
	enum ht_lang lang;
} langs[] = { { "en", HT_EN }, { "zh", HT_ZH } };

/* By the first subtag: "zh", "zh-CN", "zh_CN.UTF-8". False: neither. */
static bool named(struct ht_text tag, enum ht_lang *out)
{
	size_t len = 0;

	while (len < tag.len && ((tag.at[len] >= 'a' && tag.at[len] <= 'z') || (tag.at[len] >= 'A' && tag.at[len] <= 'Z')))
		len++;
	for (size_t i = 0; i < HT_COUNT(langs); i++) {
		if (ht_text_same_case((struct ht_text){ tag.at, len }, langs[i].tag)) {
			*out = langs[i].lang;
			return true;
		}
	}
	return false;
}

enum ht_lang ht_lang_of_locale(const char *locale)
{
	enum ht_lang lang = HT_EN;

	(void)named(ht_text_of(locale), &lang);
	return lang;
}

/* "q=0.8" in thousandths; 1000 for everything that is not a weight (RFC 9110 section 12.4.2). */
static unsigned weight(struct ht_text t)
{
	unsigned q = 0, unit = 1000;

	t = ht_text_trim(t);
	if (t.len < 3 || t.len > 7 || (t.at[0] != 'q' && t.at[0] != 'Q') || t.at[1] != '=' || (t.at[2] != '0' && t.at[2] != '1'))
		return 1000;
	for (size_t i = 2; i < t.len; i++) {
		unsigned digit = (unsigned)(uint8_t)t.at[i] - '0';

		if (i == 3 && t.at[i] == '.')
			continue;
		if (i == 3 || digit > 9)
			return 1000;
		q += digit * unit;
		unit /= 10;
	}
	return q < 1000 ? q : 1000;
}

enum ht_lang ht_lang_of_header(struct ht_text accept_language)
{
	struct ht_text rest = accept_language, part, tag, q;
	enum ht_lang best = HT_EN, lang;
	unsigned best_q = 0;

	while (rest.len) {
		ht_text_cut(rest, ',', &part, &rest);
		ht_text_cut(part, ';', &tag, &q);
		if (named(ht_text_trim(tag), &lang) && weight(q) > best_q) {
			best = lang;
			best_q = weight(q);
		}
	}
	return best;
}
