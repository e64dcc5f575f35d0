/* node/shares.c - a table by peer and by host: how many errands are out there, and when the next one may try. */
#include "node/shares.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/net.h"
#include "base/time.h"
#include "crypto/crypto.h"

enum { HT_REPORTS_EXTRA = 1024, HT_HOST_MAX = 256, HT_TABLE_FIRST = 16 };

/* When those that found no room try again: from then on, and that far apart. */
struct pace {
	int64_t from_us, apart_us;
};
static const struct pace busy = { HT_SECOND_US / 10, HT_SECOND_US / 4000 };  /* all are out */
static const struct pace quick = { HT_SECOND_US / 50, HT_SECOND_US / 4000 }; /* the peer answers */
static const struct pace slow = { HT_SECOND_US, HT_SECOND_US / 250 };        /* it does not */

static const int64_t silent_us = HT_SECOND_US; /* without any answer for so long: slow */

struct row {
	uint64_t key;     /* 0: a free place */
	size_t out;
	bool heard;       /* it has answered */
	int64_t since_us; /* when it last did, or when it was first out there */
	int64_t next_us;  /* the last time that was given to one that tries again */
};

struct ht_shares {
	size_t most, out, letters; /* letters: of `out`, with looks */
	int64_t next_us;           /* as of a row, for those that found no room at all */
	struct row *table;         /* open addressing; at most half full: an errand has two rows */
	size_t cap;
};

struct ht_shares *ht_shares_new(size_t most)
{
	struct ht_shares *s = ht_memory_take(NULL, sizeof(*s));

	s->most = most;
	s->cap = HT_TABLE_FIRST;
	while (s->cap < 4 * most)
		s->cap *= 2;
	s->table = ht_memory_take(NULL, s->cap * sizeof(*s->table));
	return s;
}

void ht_shares_free(struct ht_shares *s)
{
	if (!s)
		return;
	ht_memory_give(s->table);
	ht_memory_give(s);
}

static uint64_t key_of(struct ht_bytes b)
{
	uint8_t hash[HT_SHA256];
	uint64_t key;

	ht_sha256(b, hash);
	memcpy(&key, hash, sizeof(key));
	return key ? key : 1;
}

struct ht_share ht_share_of(struct ht_text peer, struct ht_text url)
{
	struct ht_share who = { .peer = key_of(ht_text_bytes(peer)) };
	uint8_t place[HT_HOST_MAX + 2];
	struct ht_url parts;

	if (!ht_url_read(url, &parts) || parts.host.len > HT_HOST_MAX)
		return who;
	for (size_t i = 0; i < parts.host.len; i++) {
		char c = parts.host.at[i];

		place[i] = (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	place[parts.host.len] = (uint8_t)(parts.port >> 8);
	place[parts.host.len + 1] = (uint8_t)parts.port;
	who.host = key_of((struct ht_bytes){ place, parts.host.len + 2 });
	return who;
}

/* Where the key stands, or the free place where it would. */
static struct row *find(const struct ht_shares *s, uint64_t key)
{
	size_t i = key & (s->cap - 1);

	while (s->table[i].key && s->table[i].key != key)
		i = (i + 1) & (s->cap - 1);
	return &s->table[i];
}

/* Frees a place; those behind it that would not be found any more move up. */
static void empty(struct ht_shares *s, struct row *row)
{
	size_t mask = s->cap - 1, i = (size_t)(row - s->table);

	for (size_t j = (i + 1) & mask; s->table[j].key; j = (j + 1) & mask) {
		if (((j - s->table[j].key) & mask) >= ((j - i) & mask)) {
			s->table[i] = s->table[j];
			i = j;
		}
	}
	s->table[i] = (struct row){ 0 };
}

static bool is_silent(const struct row *row, int64_t now_us)
{
	return now_us - row->since_us > silent_us;
}

static void count(struct ht_shares *s, uint64_t key, int64_t now_us)
{
	struct row *row = find(s, key);

	if (!key)
		return;
	if (!row->key)
		*row = (struct row){ .key = key, .since_us = now_us };
	row->out++;
}

static void discount(struct ht_shares *s, uint64_t key, bool heard, int64_t now_us)
{
	struct row *row = find(s, key);

	if (!key)
		return;
	assert(row->out);
	if (heard) {
		if (is_silent(row, now_us))
			row->next_us = 0; /* it is back: those that try now need not wait behind those of before */
		row->heard = true;
		row->since_us = now_us;
	}
	if (--row->out == 0)
		empty(s, row);
}

static int64_t again(int64_t *next_us, struct pace pace, int64_t now_us)
{
	*next_us += pace.apart_us;
	if (*next_us < now_us + pace.from_us)
		*next_us = now_us + pace.from_us;
	return *next_us - now_us;
}

static bool is_full(struct ht_shares *s, uint64_t key, int64_t now_us, int64_t *again_us)
{
	size_t room = s->most - s->out, share = room;
	struct row *row = find(s, key);

	if (!key || row->out == 0)
		return false;
	if (room <= s->most / 8)
		share = 0;
	else if (!row->heard || is_silent(row, now_us))
		share = room / 3;
	if (row->out < share)
		return false;
	*again_us = again(&row->next_us, is_silent(row, now_us) ? slow : quick, now_us);
	return true;
}

static bool is_letter(enum ht_errand_kind kind)
{
	return kind == HT_ERRAND_POST || kind == HT_ERRAND_LOOK;
}

/* Documents are asked for by strangers too: they leave room for what our own users fetch, this for letters, and all for reports, which must
 * not be lost. Letters leave room for the others by their shares. */
static bool has_room(const struct ht_shares *s, enum ht_errand_kind kind)
{
	size_t others = s->out - s->letters;

	switch (kind) {
	case HT_ERRAND_DOCUMENT:
		return s->out < s->most && others < (s->most + 1) / 2;
	case HT_ERRAND_FETCH:
		return s->out < s->most && others < (3 * s->most + 3) / 4;
	case HT_ERRAND_POST:
	case HT_ERRAND_LOOK:
		return s->out < s->most;
	case HT_ERRAND_REPORT:
		break;
	}
	return s->out < s->most + HT_REPORTS_EXTRA;
}

enum ht_share_is ht_shares_take(struct ht_shares *s, enum ht_errand_kind kind, struct ht_share who, int64_t now_us, int64_t *again_us)
{
	if (!has_room(s, kind)) {
		*again_us = again(&s->next_us, busy, now_us);
		return HT_SHARE_BUSY;
	}
	if (is_letter(kind)) {
		if (is_full(s, who.host, now_us, again_us) || is_full(s, who.peer, now_us, again_us))
			return HT_SHARE_FULL;
		s->letters++;
		count(s, who.peer, now_us);
		count(s, who.host, now_us);
	}
	s->out++;
	return HT_SHARE_TAKEN;
}

void ht_shares_give(struct ht_shares *s, enum ht_errand_kind kind, struct ht_share who, bool heard, int64_t now_us)
{
	assert(s->out);
	s->out--;
	if (!is_letter(kind))
		return;
	s->letters--;
	discount(s, who.peer, heard, now_us);
	discount(s, who.host, heard, now_us);
}

size_t ht_shares_out(const struct ht_shares *s)
{
	return s->out;
}
