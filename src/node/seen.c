/* node/seen.c - two generations of open-addressed sets of 128-bit hashes. */
#include "node/seen.h"

#include <string.h>

#include "base/memory.h"
#include "base/out.h"
#include "crypto/crypto.h"
#include "identity/token.h"
#include "os/os.h"

enum {
	HT_SEEN_FIRST = 1 << 10,
	HT_GENERATION_S = HT_TOKEN_LIFE_S + 2 * HT_TOKEN_SKEW_S, /* no token lives longer, seen from its first moment */
};

struct mark {
	uint64_t at[2]; /* 0, 0: free */
};

struct set {
	struct mark *marks;
	size_t cap, count;
};

struct ht_seen {
	struct ht_lock *lock;
	struct set now, before;
	int64_t began_s; /* of the generation `now` */
};

struct ht_seen *ht_seen_new(void)
{
	struct ht_seen *s = ht_memory_take(NULL, sizeof(*s));

	s->lock = ht_lock_new();
	return s;
}

void ht_seen_free(struct ht_seen *s)
{
	if (!s)
		return;
	ht_lock_free(s->lock);
	ht_memory_give(s->now.marks);
	ht_memory_give(s->before.marks);
	ht_memory_give(s);
}

static struct mark *slot(const struct set *set, struct mark m)
{
	size_t i = m.at[0] & (set->cap - 1);

	while ((set->marks[i].at[0] || set->marks[i].at[1]) && memcmp(&set->marks[i], &m, sizeof(m)) != 0)
		i = (i + 1) & (set->cap - 1);
	return &set->marks[i];
}

static bool has(const struct set *set, struct mark m)
{
	return set->cap && (slot(set, m)->at[0] || slot(set, m)->at[1]);
}

static void put(struct set *set, struct mark m)
{
	struct set old = *set;

	if (set->count * 2 >= set->cap) {
		set->cap = set->cap ? set->cap * 2 : HT_SEEN_FIRST;
		set->marks = ht_memory_take(NULL, set->cap * sizeof(*set->marks));
		for (size_t i = 0; i < old.cap; i++) {
			if (old.marks[i].at[0] || old.marks[i].at[1])
				*slot(set, old.marks[i]) = old.marks[i];
		}
		ht_memory_give(old.marks);
	}
	*slot(set, m) = m;
	set->count++;
}

static struct mark mark_of(struct ht_text jti, struct ht_text issuer)
{
	uint8_t hash[HT_SHA256];
	struct ht_sha256_run *run = ht_sha256_new();
	struct mark m;

	ht_sha256_add(run, ht_text_bytes(jti));
	ht_sha256_add(run, (struct ht_bytes){ (const uint8_t *)"", 1 });
	ht_sha256_add(run, ht_text_bytes(issuer));
	ht_sha256_end(run, hash);
	ht_sha256_free(run);
	memcpy(&m, hash, sizeof(m));
	return m;
}

bool ht_seen_add(struct ht_seen *s, struct ht_text jti, struct ht_text issuer, int64_t now_s)
{
	struct mark m = mark_of(jti, issuer);
	bool fresh;

	ht_lock_take(s->lock);
	if (now_s < s->began_s)
		s->began_s = now_s; /* the clock was set back: this generation lives on from here */
	if (now_s - s->began_s >= HT_GENERATION_S) {
		ht_memory_give(s->before.marks);
		s->before = s->now;
		s->now = (struct set){ 0 };
		s->began_s = now_s;
	}
	fresh = !has(&s->now, m) && !has(&s->before, m) && s->now.count < HT_SEEN_MAX;
	if (fresh)
		put(&s->now, m);
	ht_lock_give(s->lock);
	return fresh;
}
