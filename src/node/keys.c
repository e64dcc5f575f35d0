/* node/keys.c - key files ("ed25519 " and the seed in hex) and a list of signers. */
#include "node/keys.h"

#include <string.h>

#include "base/memory.h"
#include "base/out.h"
#include "os/os.h"

enum { HT_KEY_FILE_MAX = 256, HT_KEY_ARENA = 16 << 10, HT_SIGNER_ARENA = 8 << 10 };

struct own {
	int64_t party;
	struct ht_arena arena;
	struct ht_signer signer;
	struct own *next;
};

struct ht_keys {
	struct ht_lock *lock;
	struct own **buckets;
	size_t cap, count;
};

struct ht_keys *ht_keys_new(void)
{
	struct ht_keys *k = ht_memory_take(NULL, sizeof(*k));

	k->lock = ht_lock_new();
	k->cap = 64;
	k->buckets = ht_memory_take(NULL, k->cap * sizeof(struct own *));
	return k;
}

void ht_keys_free(struct ht_keys *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->cap; i++) {
		while (k->buckets[i]) {
			struct own *o = k->buckets[i];

			k->buckets[i] = o->next;
			ht_key_wipe(&o->signer.key);
			ht_arena_fini(&o->arena);
			ht_memory_give(o);
		}
	}
	ht_lock_free(k->lock);
	ht_memory_give(k->buckets);
	ht_memory_give(k);
}

static void grow(struct ht_keys *k)
{
	size_t cap = k->cap * 2;
	struct own **buckets = ht_memory_take(NULL, cap * sizeof(struct own *));

	for (size_t i = 0; i < k->cap; i++) {
		while (k->buckets[i]) {
			struct own *o = k->buckets[i];

			k->buckets[i] = o->next;
			o->next = buckets[(size_t)o->party % cap];
			buckets[(size_t)o->party % cap] = o;
		}
	}
	ht_memory_give(k->buckets);
	k->buckets = buckets;
	k->cap = cap;
}

static const char *path_of(struct ht_text kid, const char *suffix, struct ht_arena *a)
{
	struct ht_text did, thumbprint;

	ht_text_cut_last(kid, '#', &did, &thumbprint);
	return ht_text_z(a, ht_text_format(a, "keys/" HT_TEXT_FMT "%s", HT_TEXT_ARG(thumbprint), suffix));
}

/* A key that nobody names is of no use to anybody: when it stays, nothing is lost. */
static void remove_file(struct ht_disk *disk, const char *path)
{
	enum ht_err ignored = disk->remove(disk->self, path);

	(void)ignored;
}

enum ht_err ht_keys_write(struct ht_disk *disk, struct ht_text kid, const struct ht_key *key)
{
	struct ht_arena a;
	struct ht_text seed;
	enum ht_err err;

	ht_arena_init(&a, HT_KEY_ARENA);
	seed = ht_hex(&a, (struct ht_bytes){ key->seed, HT_SEED });
	err = ht_disk_put(disk, ht_keys_path(kid, &a), path_of(kid, ".new", &a), 0600,
			  ht_text_format(&a, "ed25519 " HT_TEXT_FMT "\n", HT_TEXT_ARG(seed)));
	memset(a.base, 0, HT_KEY_ARENA);
	ht_arena_fini(&a);
	return err;
}

const char *ht_keys_path(struct ht_text kid, struct ht_arena *a)
{
	return path_of(kid, ".key", a);
}

void ht_keys_remove(struct ht_disk *disk, struct ht_text kid)
{
	struct ht_arena a;

	ht_arena_init(&a, HT_KEY_ARENA);
	remove_file(disk, ht_keys_path(kid, &a));
	ht_arena_fini(&a);
}

enum ht_err ht_keys_read(struct ht_disk *disk, struct ht_text kid, const uint8_t pub[HT_PUBLIC], struct ht_key *out)
{
	struct ht_arena a;
	struct ht_bytes content;
	struct ht_text word, hex;
	uint8_t seed[HT_SEED];
	enum ht_err err;

	ht_arena_init(&a, HT_KEY_ARENA);
	err = disk->read(disk->self, ht_keys_path(kid, &a), HT_KEY_FILE_MAX, &a, &content);
	if (!err) {
		ht_text_cut(ht_text_trim(ht_bytes_text(content)), ' ', &word, &hex);
		if (ht_text_is(word, "ed25519") && ht_hex_read(hex, seed, sizeof(seed)))
			ht_key_of_seed(seed, out);
		else
			err = HT_E_DAMAGED;
		if (!err && memcmp(out->pub, pub, HT_PUBLIC) != 0)
			err = HT_E_DAMAGED;
	}
	if (err == HT_E_TOO_BIG)
		err = HT_E_DAMAGED;
	memset(seed, 0, sizeof(seed));
	ht_arena_fini(&a);
	return err;
}

void ht_keys_put(struct ht_keys *k, int64_t party, struct ht_text did, struct ht_text kid, const struct ht_key *key)
{
	struct own *o = ht_memory_take(NULL, sizeof(*o));

	ht_arena_init(&o->arena, HT_SIGNER_ARENA);
	o->party = party;
	o->signer = (struct ht_signer){ .did = ht_text_copy(&o->arena, did), .kid = ht_text_copy(&o->arena, kid), .key = *key };
	ht_lock_take(k->lock);
	if (k->count++ > k->cap)
		grow(k);
	o->next = k->buckets[(size_t)party % k->cap];
	k->buckets[(size_t)party % k->cap] = o;
	ht_lock_give(k->lock);
}

const struct ht_signer *ht_keys_signer(struct ht_keys *k, int64_t party)
{
	struct own *o;

	ht_lock_take(k->lock);
	o = k->buckets[(size_t)party % k->cap];
	while (o && o->party != party)
		o = o->next;
	ht_lock_give(k->lock);
	return o ? &o->signer : NULL;
}
