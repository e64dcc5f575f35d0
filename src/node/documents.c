/* node/documents.c - a hash table of documents, each in a piece of memory of its own. */
#include "node/documents.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/time.h"
#include "os/os.h"

enum { HT_DOC_BUCKETS = 1024, HT_DOC_ARENA = 1 << 20 };

static const int64_t good_us = 600 * HT_SECOND_US, pause_us = 10 * HT_SECOND_US;

struct entry {
	struct entry *next;
	int64_t tried_us;
	bool good, verified, nobody;
	struct ht_arena arena; /* of did and doc */
	struct ht_text did;
	struct ht_did_doc doc;
};

struct ht_documents {
	struct ht_lock *lock;
	size_t count;
	struct entry *buckets[HT_DOC_BUCKETS];
	struct ht_document_want *fetches[HT_DOC_BUCKETS]; /* by host */
};

struct ht_documents *ht_documents_new(void)
{
	struct ht_documents *d = ht_memory_take(NULL, sizeof(*d));

	d->lock = ht_lock_new();
	return d;
}

static void entry_free(struct entry *e)
{
	ht_arena_fini(&e->arena);
	ht_memory_give(e);
}

void ht_documents_free(struct ht_documents *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < HT_DOC_BUCKETS; i++) {
		while (d->buckets[i]) {
			struct entry *e = d->buckets[i];

			d->buckets[i] = e->next;
			entry_free(e);
		}
	}
	ht_lock_free(d->lock);
	ht_memory_give(d);
}

static struct entry **find(struct ht_documents *d, struct ht_text did)
{
	struct entry **at = &d->buckets[ht_hash(ht_text_bytes(did)) % HT_DOC_BUCKETS];

	while (*at && !ht_text_same((*at)->did, did))
		at = &(*at)->next;
	return at;
}

static void copy_doc(struct ht_did_doc *to, const struct ht_did_doc *from, struct ht_arena *a)
{
	*to = *from;
	to->did = ht_text_copy(a, from->did);
	for (size_t i = 0; i < from->keys_count; i++)
		to->keys[i].id = ht_text_copy(a, from->keys[i].id);
	for (size_t i = 0; i < from->services_count; i++) {
		to->services[i].type = ht_text_copy(a, from->services[i].type);
		to->services[i].endpoint = ht_text_copy(a, from->services[i].endpoint);
	}
}

static enum ht_document judge(const struct entry *e, int64_t since_us, int64_t now_us)
{
	bool recent = now_us - e->tried_us < pause_us && now_us >= e->tried_us;

	if (!e->good)
		return !recent ? HT_DOCUMENT_LACKS : e->nobody ? HT_DOCUMENT_NOBODY : HT_DOCUMENT_FAILED;
	if (now_us - e->tried_us >= good_us || now_us < e->tried_us)
		return HT_DOCUMENT_LACKS;
	return e->tried_us >= since_us || recent ? HT_DOCUMENT_HERE : HT_DOCUMENT_LACKS;
}

enum ht_document ht_documents_get(struct ht_documents *d, struct ht_text did, int64_t since_us, int64_t now_us, struct ht_arena *a,
				  const struct ht_did_doc **out)
{
	enum ht_document is = HT_DOCUMENT_LACKS;
	struct entry *e;

	ht_lock_take(d->lock);
	e = *find(d, did);
	if (e)
		is = judge(e, since_us, now_us);
	if (is == HT_DOCUMENT_HERE) {
		struct ht_did_doc *copy = HT_TAKE(a, struct ht_did_doc, 1);

		copy_doc(copy, &e->doc, a);
		*out = copy;
	}
	ht_lock_give(d->lock);
	return is;
}

static bool goes_before(const struct entry *a, const struct entry *b)
{
	return a->verified != b->verified ? b->verified : a->tried_us < b->tried_us;
}

/* Room for one more. Rare: the table is far larger than a market's number of peers. */
static void drop_oldest(struct ht_documents *d)
{
	struct entry **oldest = NULL;

	for (size_t i = 0; i < HT_DOC_BUCKETS; i++) {
		for (struct entry **at = &d->buckets[i]; *at; at = &(*at)->next) {
			if (!oldest || goes_before(*at, *oldest))
				oldest = at;
		}
	}
	if (oldest) {
		struct entry *e = *oldest;

		*oldest = e->next;
		entry_free(e);
		d->count--;
	}
}

void ht_documents_put(struct ht_documents *d, struct ht_text did, const struct ht_did_doc *doc, int64_t now_us)
{
	struct entry **at, *e;
	bool verified;

	ht_lock_take(d->lock);
	if (d->count >= HT_DOCUMENTS_MAX && !*find(d, did))
		drop_oldest(d);
	at = find(d, did);
	if (*at && !doc && (*at)->good && now_us - (*at)->tried_us < good_us) {
		(*at)->tried_us = now_us - pause_us; /* a good one stays good; its peer was asked just now */
		ht_lock_give(d->lock);
		return;
	}
	e = *at;
	verified = e && e->verified;
	if (e) {
		*at = e->next;
		entry_free(e);
		d->count--;
	}
	e = ht_memory_take(NULL, sizeof(*e));
	ht_arena_init(&e->arena, HT_DOC_ARENA);
	e->did = ht_text_copy(&e->arena, did);
	e->tried_us = now_us;
	e->good = doc;
	e->verified = verified;
	if (doc)
		copy_doc(&e->doc, doc, &e->arena);
	at = &d->buckets[ht_hash(ht_text_bytes(did)) % HT_DOC_BUCKETS];
	e->next = *at;
	*at = e;
	d->count++;
	ht_lock_give(d->lock);
}

void ht_documents_verified(struct ht_documents *d, struct ht_text did)
{
	struct entry *e;

	ht_lock_take(d->lock);
	e = *find(d, did);
	if (e)
		e->verified = e->good;
	ht_lock_give(d->lock);
}

void ht_documents_nobody(struct ht_documents *d, struct ht_text did)
{
	struct entry *e;

	ht_lock_take(d->lock);
	e = *find(d, did);
	if (e)
		e->nobody = !e->good;
	ht_lock_give(d->lock);
}

static struct ht_text host_of(struct ht_text did)
{
	struct ht_text host, rest;

	ht_text_cut(did, ':', &host, &rest);
	ht_text_cut(rest, ':', &host, &rest);
	ht_text_cut(rest, ':', &host, &rest);
	return host;
}

static struct ht_document_want **fetches_of(struct ht_documents *d, struct ht_text host)
{
	return &d->fetches[ht_hash(ht_text_bytes(host)) % HT_DOC_BUCKETS];
}

enum ht_document_turn ht_documents_want(struct ht_documents *d, struct ht_document_want *w)
{
	struct ht_text host = host_of(w->did);
	struct ht_document_want **all = fetches_of(d, host), *same = NULL;
	enum ht_document_turn turn = HT_DOCUMENT_FETCH;
	const struct entry *known;
	size_t count = 0;

	ht_lock_take(d->lock);
	for (struct ht_document_want *at = *all; at && !same; at = at->next) {
		same = ht_text_same(at->did, w->did) ? at : NULL;
		count += ht_text_same(host_of(at->did), host);
	}
	known = *find(d, w->did);
	if (same) {
		w->others = same->others;
		same->others = w;
		turn = HT_DOCUMENT_JOINED;
	} else if (count >= HT_DOCUMENTS_OF_HOST && !(known && known->verified)) {
		turn = HT_DOCUMENT_CROWDED;
	} else {
		w->others = NULL;
		w->next = *all;
		*all = w;
	}
	ht_lock_give(d->lock);
	return turn;
}

struct ht_document_want *ht_documents_land(struct ht_documents *d, struct ht_text did)
{
	struct ht_document_want **at = fetches_of(d, host_of(did)), *w;

	ht_lock_take(d->lock);
	while (*at && !ht_text_same((*at)->did, did))
		at = &(*at)->next;
	w = *at;
	if (w)
		*at = w->next;
	ht_lock_give(d->lock);
	return w;
}
