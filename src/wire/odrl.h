/* wire/odrl.h - policies inside other messages. Private to wire; wire/dsp.h has the public half. */
#ifndef HT_WIRE_ODRL_H
#define HT_WIRE_ODRL_H

#include "model/market.h"
#include "wire/shape.h"

/* The policy at `up`, whose text (already in the arena) is `text`. As ht_odrl_read(). */
bool ht_odrl_take(const struct ht_shape *s, const struct ht_json *v, const struct ht_place *up, struct ht_text text, struct ht_policy *out);

/* A member or element that is an Offer, made of a policy's text. target empty: in a catalog. */
void ht_odrl_put_offer(struct ht_json_out *w, const char *name, struct ht_text policy, struct ht_text id, struct ht_text target);

#endif
