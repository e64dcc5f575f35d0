/* identity/bearer.h - the Bearer scheme of an Authorization header, and the API's own tokens.
 *
 * An API token is "ht_" and 43 letters of base64url (256 random bits). The store keeps only the SHA-256 of its text. */
#ifndef HT_IDENTITY_BEARER_H
#define HT_IDENTITY_BEARER_H

#include "base/random.h"
#include "crypto/crypto.h"

/* What stands after "Bearer" and blanks; a view. False: another scheme, or nothing after it. Clause: RFC 6750 section 2.1. */
bool ht_bearer_read(struct ht_text header, struct ht_text *token);

struct ht_text ht_bearer_make(struct ht_random *r, struct ht_arena *a);
/* From "Bearer ht_..."; false: not of that form. */
bool ht_bearer_hash(struct ht_text header, uint8_t hash[HT_SHA256]);

#endif
