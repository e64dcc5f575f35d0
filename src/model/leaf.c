/* model/leaf.c - the table of events, by number. */
#include "model/leaf.h"

#include <assert.h>

#include "base/count.h"

static const struct {
	uint64_t number;
	const char *word, *text[2];
} events[] = {
#define X(number, name, word, en, zh) { number, word, { [HT_EN] = en, [HT_ZH] = zh } },
	HT_EVENT_TABLE(X)
#undef X
};

bool ht_event_known(uint64_t number)
{
	return number >= 1 && number <= HT_COUNT(events);
}

const char *ht_event_word(enum ht_event kind)
{
	assert(ht_event_known(kind));
	return events[kind - 1].word;
}

const char *ht_event_text(enum ht_event kind, enum ht_lang lang)
{
	assert(ht_event_known(kind));
	return events[kind - 1].text[lang];
}
