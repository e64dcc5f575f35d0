/* core/evidence/leaf.c - LEAF format 1: opening, commitment and entry of a leaf. */
#include "core/evidence/leaf.h"

#include <assert.h>
#include <string.h>

#include "base/out.h"
#include "base/time.h"
#include "crypto/crypto.h"

static void write_opening(struct ht_out *o, const struct ht_leaf *leaf)
{
	ht_out_u8(o, HT_LEAF_VERSION);
	ht_out_str(o, leaf->party);
	ht_out_str(o, leaf->peer);
	ht_out_str(o, leaf->chain);
	ht_out_str(o, leaf->process);
	ht_out_str(o, leaf->agreement);
	ht_out_u64(o, (uint64_t)leaf->seq);
	ht_out_u64(o, (uint64_t)leaf->previous); /* -1 is 2^64 - 1 */
	ht_out_str(o, leaf->content_type);
	ht_out_bytes(o, (struct ht_bytes){ leaf->content_sha256, sizeof leaf->content_sha256 });
}

static void commit(const struct ht_leaf *leaf, struct ht_arena scratch, uint8_t commitment[HT_SHA256])
{
	struct ht_out o;

	ht_out_init(&o, &scratch);
	ht_out_bytes(&o, (struct ht_bytes){ leaf->salt, sizeof leaf->salt });
	write_opening(&o, leaf);
	ht_sha256(ht_out_done_bytes(&o), commitment);
}

struct ht_bytes ht_leaf_opening(const struct ht_leaf *leaf, struct ht_arena *a)
{
	struct ht_out o;

	ht_out_init(&o, a);
	write_opening(&o, leaf);
	return ht_out_done_bytes(&o);
}

void ht_leaf_seal(struct ht_leaf *leaf, struct ht_arena scratch)
{
	assert(!leaf->erased);
	ht_sha256(leaf->content, leaf->content_sha256);
	commit(leaf, scratch, leaf->commitment);
}

static uint8_t *put(uint8_t *at, uint64_t v, size_t len)
{
	for (size_t i = len; i-- > 0; v >>= 8)
		at[i] = (uint8_t)v;
	return at + len;
}

void ht_leaf_entry(const struct ht_leaf *leaf, uint8_t out[HT_LEAF_ENTRY])
{
	uint8_t *at = out;

	assert(leaf->at_us >= 0);
	at = put(at, HT_LEAF_VERSION, 1);
	at = put(at, (uint64_t)leaf->kind, 2);
	at = put(at, (uint64_t)(leaf->at_us / HT_SECOND_US), 8);
	memcpy(at, leaf->commitment, sizeof leaf->commitment);
}

bool ht_leaf_holds(const struct ht_leaf *leaf, struct ht_arena scratch)
{
	uint8_t hash[HT_SHA256];

	if (leaf->erased)
		return true;
	ht_sha256(leaf->content, hash);
	if (memcmp(hash, leaf->content_sha256, sizeof hash) != 0)
		return false;
	commit(leaf, scratch, hash);
	return memcmp(hash, leaf->commitment, sizeof hash) == 0;
}
