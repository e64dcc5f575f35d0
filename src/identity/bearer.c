/* identity/bearer.c - the Bearer scheme of an Authorization header, and the API's own tokens. */
#include "identity/bearer.h"

enum { BEARER_BYTES = 32, BEARER_LETTERS = 43 };

static const struct ht_text prefix = { "ht_", 3 };

bool ht_bearer_read(struct ht_text header, struct ht_text *token)
{
	struct ht_text scheme;

	if (!ht_text_cut(header, ' ', &scheme, token) || !ht_text_same_case(scheme, "bearer"))
		return false;
	*token = ht_text_trim(*token);
	return token->len > 0;
}

struct ht_text ht_bearer_make(struct ht_random *r, struct ht_arena *a)
{
	uint8_t secret[BEARER_BYTES];
	struct ht_text text;

	r->fill(r, secret, sizeof secret);
	text = ht_base64url(a, (struct ht_bytes){ secret, sizeof secret });
	return ht_text_format(a, HT_TEXT_FMT HT_TEXT_FMT, HT_TEXT_ARG(prefix), HT_TEXT_ARG(text));
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool ht_bearer_hash(struct ht_text header, uint8_t hash[HT_SHA256])
{
	struct ht_text token;

	if (!ht_bearer_read(header, &token) || token.len != prefix.len + BEARER_LETTERS || !ht_text_starts(token, prefix))
		return false;
	for (size_t i = prefix.len; i < token.len; i++)
		if (!is_letter(token.at[i]))
			return false;
	ht_sha256(ht_text_bytes(token), hash);
	return true;
}
