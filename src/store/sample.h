/* store/sample.h - for the tests of the store: a store in a folder of its own, and rows whose every field differs. */
#ifndef HT_STORE_SAMPLE_H
#define HT_STORE_SAMPLE_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/row.h"

struct sample {
	struct ht_store *s;
	struct ht_arena a;
	char folder[64], path[96];
};

/* A folder, a path in it, and an arena. */
static inline void sample_init(struct sample *m)
{
	*m = (struct sample){ .folder = "/tmp/hutong-store-XXXXXX" };
	if (!mkdtemp(m->folder))
		abort();
	snprintf(m->path, sizeof m->path, "%s/store.db", m->folder);
	ht_arena_init(&m->a, 16 << 20);
}

static inline void sample_open(struct sample *m)
{
	enum ht_err err;

	sample_init(m);
	err = ht_store_open(m->path, &m->s);
	assert(!err);
}

static inline void sample_fini(struct sample *m)
{
	static const char *const tails[] = { "", "-wal", "-shm", "-journal" };
	char path[128];

	ht_store_close(m->s);
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(path, sizeof path, "%s%s", m->path, tails[i]);
		unlink(path);
	}
	rmdir(m->folder);
	ht_arena_fini(&m->a);
}

static inline void sample_hash(uint8_t hash[32], int n)
{
	for (int i = 0; i < 32; i++)
		hash[i] = (uint8_t)(n + 7 * i + 1);
}

static inline struct ht_party_row sample_party(struct sample *m, int n)
{
	return (struct ht_party_row){ .party = { .id = ht_text_format(&m->a, "party-%d", n), .name = ht_text_format(&m->a, "甲方 %d", n),
						 .did = ht_text_format(&m->a, "did:web:example.org:p:%d", n) },
				      .chain = 10 + n, .made_us = 1000 + n };
}

static inline struct ht_product sample_product(struct sample *m, int64_t party, const char *id, int64_t version)
{
	struct ht_product p = { .party = party, .id = ht_text_of(id), .version = version, .title = HT_TEXT("路口流量"),
				.policy = HT_TEXT("{\"permission\":[]}"), .offer = ht_text_format(&m->a, "%s#%d", id, (int)version),
				.audience = HT_TEXT("did:web:a,did:web:b"), .file = HT_TEXT("a.csv"), .size = INT64_C(5000000000),
				.published_us = 70 + version, .chain = 21 };

	sample_hash(p.sha256, (int)version);
	return p;
}

static inline struct ht_process sample_process(int64_t party, const char *pid)
{
	struct ht_process p = { .party = party, .machine = HT_TRANSFER, .role = HT_PROVIDER, .manual = true, .state = HT_SUSPENDED,
				.pending = HT_MSG_START, .mark = HT_MARK_AGAIN, .unanswered = true, .stalled = false, .person = true,
				.pid = ht_text_of(pid), .peer_pid = HT_TEXT("urn:uuid:peer"), .peer = HT_TEXT("did:web:peer"),
				.base = HT_TEXT("https://peer/dsp"), .product = HT_TEXT("urn:product"), .version = 31,
				.offer = HT_TEXT("{\"@id\":\"o\"}"), .agreement = HT_TEXT("urn:agreement"), .format = HT_TEXT("HttpData-PULL"),
				.address = HT_TEXT("{\"endpoint\":\"x\"}"), .reason = HT_TEXT("为什么"), .chain = 32, .parent = 33,
				.made_us = 34, .changed_us = 35 };

	sample_hash(p.access, 36);
	sample_hash(p.last, 37);
	sample_hash(p.pushed, 38);
	p.pushed_size = 39;
	return p;
}

static inline struct ht_agreement sample_agreement(int64_t party, const char *id, int64_t negotiation)
{
	return (struct ht_agreement){ .party = party, .id = ht_text_of(id), .negotiation = negotiation, .role = HT_CONSUMER,
				      .peer = HT_TEXT("did:web:peer"), .product = HT_TEXT("urn:product"), .version = 41,
				      .base = HT_TEXT("https://peer/dsp"), .policy = HT_TEXT("{\"@type\":\"Agreement\"}"), .made_us = 42 };
}

static inline struct ht_letter sample_letter(int64_t process)
{
	return (struct ht_letter){ .process = process, .msg = HT_MSG_AGREE, .id = HT_TEXT("urn:uuid:letter"), .url = HT_TEXT("https://peer/x"),
				   .leaf = 51, .made_us = 52, .due_us = 53, .open_us = 54, .again_us = 55, .attempts = 56 };
}

static inline struct ht_message_row sample_message(int64_t process, const char *id)
{
	struct ht_message_row m = { .process = process, .id = ht_text_of(id), .leaf = 61, .token = HT_TEXT("head.body.signature") };

	sample_hash(m.key, 62);
	return m;
}

/* The next leaf of a party; chain -1 begins one. */
static inline struct ht_leaf sample_leaf(struct ht_store *s, int64_t party, int64_t chain)
{
	struct ht_leaf_head head;
	enum ht_err err = ht_store_leaf_head(s, party, chain, &head);
	struct ht_leaf leaf = { .index = head.index, .kind = HT_EVENT_RECEIVED, .at_us = 80 + head.index, .party_row = party, .event = head.event,
				.chain_index = chain < 0 ? head.index : chain, .party = HT_TEXT("did:web:us"), .peer = HT_TEXT("did:web:peer"),
				.chain = HT_TEXT("urn:chain"), .process = HT_TEXT("urn:process"), .agreement = HT_TEXT("urn:agreement"),
				.seq = head.seq, .previous = head.previous, .content_type = HT_TEXT("application/json"),
				.content = { (const uint8_t *)"{\"a\":1}", 7 } };

	assert(!err);
	sample_hash(leaf.content_sha256, 81);
	sample_hash(leaf.salt, 82);
	sample_hash(leaf.commitment, 83);
	return leaf;
}

#endif
