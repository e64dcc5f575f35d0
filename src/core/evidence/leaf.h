/* core/evidence/leaf.h - LEAF format 1: opening, commitment and entry of a leaf. */
#ifndef HT_CORE_EVIDENCE_LEAF_H
#define HT_CORE_EVIDENCE_LEAF_H

#include "model/leaf.h"

enum { HT_LEAF_VERSION = 1, HT_LEAF_ENTRY = 43 };

struct ht_bytes ht_leaf_opening(const struct ht_leaf *leaf, struct ht_arena *a);
/* Fills leaf->content_sha256 from the content and leaf->commitment from the salt. */
void ht_leaf_seal(struct ht_leaf *leaf, struct ht_arena scratch);
void ht_leaf_entry(const struct ht_leaf *leaf, uint8_t out[HT_LEAF_ENTRY]);
/* Recomputes the commitment. False: the row was changed. An erased leaf cannot be recomputed and passes. */
bool ht_leaf_holds(const struct ht_leaf *leaf, struct ht_arena scratch);

#endif
