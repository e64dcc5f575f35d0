/* node/keys.h - private keys of our parties: one file each in keys/ (0600), and in memory for the courier.
 * Threads any (a lock inside). */
#ifndef HT_NODE_KEYS_H
#define HT_NODE_KEYS_H

#include "base/disk.h"
#include "identity/token.h"

struct ht_keys;
struct ht_keys *ht_keys_new(void);
void ht_keys_free(struct ht_keys *k); /* wipes; NULL is accepted */

/* Writes keys/KID-THUMBPRINT.key, durably. A key that its party's step did not take is removed again by ht_keys_remove(). */
enum ht_err ht_keys_write(struct ht_disk *disk, struct ht_text kid, const struct ht_key *key);
void ht_keys_remove(struct ht_disk *disk, struct ht_text kid);
/* The file of a key, below the data folder. */
const char *ht_keys_path(struct ht_text kid, struct ht_arena *a);
/* HT_E_MISSING, HT_E_DENIED (also: no plain file), HT_E_IO, HT_E_DAMAGED: not a key, or not the one of pub. */
enum ht_err ht_keys_read(struct ht_disk *disk, struct ht_text kid, const uint8_t pub[HT_PUBLIC], struct ht_key *out);

/* The signer of a party from now on. Copied. */
void ht_keys_put(struct ht_keys *k, int64_t party, struct ht_text did, struct ht_text kid, const struct ht_key *key);
/* NULL: none. Valid while k is. */
const struct ht_signer *ht_keys_signer(struct ht_keys *k, int64_t party);

#endif
