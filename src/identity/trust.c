/* identity/trust.c - who is trusted (--trust). */
#include "identity/trust.h"

static const struct ht_text did_web = { "did:web:", 8 };

static bool is_did_web(struct ht_text did)
{
	return did.len > did_web.len && ht_text_starts(did, did_web);
}

static bool refuse_value(struct ht_text value, struct ht_refusal *why)
{
	(void)ht_refuse(why, HT_REFUSE_VALUE, HT_TEXT("--trust"));
	why->detail = value;
	return false;
}

bool ht_trust_read(struct ht_text setting, struct ht_trust *out, struct ht_refusal *why)
{
	struct ht_text did, rest = setting;
	bool more = true;

	*out = (struct ht_trust){ .kind = HT_TRUST_WEB };
	if (ht_text_is(setting, "web"))
		return true;
	if (ht_text_is(setting, "open")) {
		out->kind = HT_TRUST_OPEN;
		return true;
	}
	while (more) {
		more = ht_text_cut(rest, ',', &did, &rest);
		if (!is_did_web(did) || ht_text_trim(did).len != did.len)
			return refuse_value(did, why);
	}
	*out = (struct ht_trust){ HT_TRUST_LIST, setting };
	return true;
}

static bool listed(struct ht_text dids, struct ht_text did)
{
	struct ht_text one;
	bool more = true;

	while (more) {
		more = ht_text_cut(dids, ',', &one, &dids);
		if (ht_text_same(one, did))
			return true;
	}
	return false;
}

bool ht_trusts(const struct ht_trust *t, struct ht_text did)
{
	if (!is_did_web(did))
		return false;
	switch (t->kind) {
	case HT_TRUST_WEB:
	case HT_TRUST_OPEN: return true;
	case HT_TRUST_LIST: return listed(t->dids, did);
	}
	return false;
}
