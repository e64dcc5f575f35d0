/* model/leaf_test.c - numbers of the format stay what they are; each event has its words. */
#include "model/leaf.h"

#include <string.h>

#include "base/count.h"
#include "test/check.h"

/* Drawn a second time: a row that is renumbered or removed shows here. */
static const struct {
	uint64_t number;
	enum ht_event kind;
	const char *word;
} rows[] = {
	{ 1, HT_EVENT_PARTY_ADDED, "party_added" },    { 2, HT_EVENT_TOKEN_MADE, "token_made" },
	{ 3, HT_EVENT_TOKEN_REVOKED, "token_revoked" }, { 4, HT_EVENT_PUBLISHED, "published" },
	{ 5, HT_EVENT_SENT, "sent" },                  { 6, HT_EVENT_ACKED, "acked" },
	{ 7, HT_EVENT_REFUSED, "refused" },            { 8, HT_EVENT_RECEIVED, "received" },
	{ 9, HT_EVENT_GAVE_UP, "gave_up" },            { 10, HT_EVENT_RECONCILED, "reconciled" },
	{ 11, HT_EVENT_RETRIED, "retried" },           { 12, HT_EVENT_WITHDRAWN, "withdrawn" },
	{ 13, HT_EVENT_SERVED, "served" },             { 14, HT_EVENT_CHECKED, "checked" },
	{ 15, HT_EVENT_READ, "read" },                 { 16, HT_EVENT_NODE_STARTED, "node_started" },
	{ 17, HT_EVENT_PUSHED, "pushed" },
};

TEST(events)
{
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		CHECK_ROW(rows[i].word, rows[i].kind == rows[i].number && rows[i].number == i + 1);
		CHECK_ROW(rows[i].word, ht_event_known(rows[i].number));
		CHECK_ROW(rows[i].word, !strcmp(ht_event_word(rows[i].kind), rows[i].word));
		CHECK_ROW(rows[i].word, ht_event_text(rows[i].kind, HT_EN)[0] && ht_event_text(rows[i].kind, HT_ZH)[0]);
		CHECK_ROW(rows[i].word, strcmp(ht_event_text(rows[i].kind, HT_EN), ht_event_text(rows[i].kind, HT_ZH)));
	}
	CHECK(!ht_event_known(0));
	CHECK(!ht_event_known(HT_COUNT(rows) + 1));
	CHECK(!ht_event_known(UINT64_MAX));
}

CHECK_MAIN(TEST_ROW(events))
