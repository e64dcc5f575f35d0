/* node/facts.c - the facts of one exchange: the store, the cache of documents, what was fetched for it. */
#include <string.h>

#include "base/out.h"
#include "base/time.h"
#include "node/exchange.h"

/* A question to the shared store. A disk that fails ends the process, as it does at the desk: "no" would be a wrong answer. */
static bool ask(struct ht_node *n, enum ht_err err, bool found)
{
	ht_lock_give(n->facts_lock);
	if (err)
		ht_node_die(err);
	return !err && found;
}

static bool party(void *self, struct ht_text id, struct ht_arena *a, struct ht_party *out)
{
	struct ht_exchange *x = self;
	struct ht_party_row row;
	bool found = false;
	enum ht_err err;

	ht_lock_take(x->node->facts_lock);
	err = ht_store_party_by_id(x->node->facts, id, a, &row, &found);
	if (!ask(x->node, err, found))
		return false;
	*out = row.party;
	return true;
}

static bool party_row(void *self, int64_t row, struct ht_arena *a, struct ht_party *out)
{
	struct ht_exchange *x = self;
	struct ht_party_row found_row;
	bool found = false;
	enum ht_err err;

	ht_lock_take(x->node->facts_lock);
	err = ht_store_party(x->node->facts, row, a, &found_row, &found);
	if (!ask(x->node, err, found))
		return false;
	*out = found_row.party;
	return true;
}

static bool grant(void *self, const uint8_t hash[32], struct ht_arena *a, struct ht_grant *out)
{
	struct ht_exchange *x = self;
	struct ht_token_row row;
	bool found = false;
	enum ht_err err;

	ht_lock_take(x->node->facts_lock);
	err = ht_store_token_by_hash(x->node->facts, hash, a, &row, &found);
	if (!ask(x->node, err, found) || row.revoked_us)
		return false;
	*out = (struct ht_grant){ .role = row.role };
	return !row.party || party_row(self, row.party, a, &out->party);
}

/* The document of a party of ours, from the store. */
static enum ht_fact own_document(struct ht_exchange *x, struct ht_text did, struct ht_arena *a, const struct ht_did_doc **out)
{
	struct ht_did_doc *doc = HT_TAKE(a, struct ht_did_doc, 1);
	struct ht_party_row row;
	struct ht_key_row *keys;
	size_t n = 0;
	bool found = false;
	enum ht_err err;

	ht_lock_take(x->node->facts_lock);
	err = ht_store_party_by_did(x->node->facts, did, a, &row, &found);
	if (!err && found)
		err = ht_store_keys(x->node->facts, row.party.row, x->ask.now_us, a, &keys, &n);
	if (!ask(x->node, err, found))
		return HT_FACT_ABSENT;
	for (size_t i = 0; i < n && i < HT_DOC_KEYS_MAX; i++) {
		doc->keys[i].id = keys[i].kid;
		memcpy(doc->keys[i].pub, keys[i].pub, sizeof(keys[i].pub));
		doc->keys_count++;
	}
	ht_identity_document(row.party.did,
			     ht_text_format(a, HT_TEXT_FMT "/p/" HT_TEXT_FMT "/dsp/2025-1", HT_TEXT_ARG(x->node->door.public_url),
					    HT_TEXT_ARG(row.party.id)),
			     doc);
	*out = doc;
	return HT_FACT_HERE;
}

static enum ht_fact document(void *self, struct ht_text did, bool fresh, struct ht_arena *a, const struct ht_did_doc **out)
{
	struct ht_exchange *x = self;

	if (ht_text_starts(did, x->node->did_prefix))
		return own_document(x, did, a, out);
	/* By the clock of now: what was fetched for this request is later than its begin. */
	switch (ht_documents_get(x->node->documents, did, fresh ? x->began_us : 0, ht_now_us(), a, out)) {
	case HT_DOCUMENT_HERE:
		return HT_FACT_HERE;
	case HT_DOCUMENT_FAILED:
		return HT_FACT_FAILED;
	case HT_DOCUMENT_LACKS:
		break;
	}
	return HT_FACT_LACKS;
}

static enum ht_fact fetched(void *self, const char *method, struct ht_text url, struct ht_fetched *out)
{
	struct ht_exchange *x = self;

	for (struct ht_fetch *f = x->fetches; f; f = f->next) {
		if (ht_text_is(ht_text_of(method), f->method) && ht_text_same(f->url, url)) {
			*out = f->got;
			return HT_FACT_HERE;
		}
	}
	return HT_FACT_LACKS;
}

static bool fresh_token(void *self, struct ht_text jti, struct ht_text issuer, int64_t until_s)
{
	struct ht_exchange *x = self;

	(void)until_s; /* the table keeps every token for the longest life */
	return ht_seen_add(x->node->seen, jti, issuer, x->ask.now_us / HT_SECOND_US);
}

static bool upload(void *self, struct ht_text id, const uint8_t sha256[32], int64_t *size)
{
	struct ht_exchange *x = self;

	return ht_upload_size(x->node, id, sha256, size);
}

static struct ht_text metrics(void *self, struct ht_arena *a)
{
	struct ht_exchange *x = self;
	struct ht_node *n = x->node;
	struct ht_out o;

	ht_out_init(&o, a);
#define X(field, name, help)                                                                                \
	ht_out_format(&o, "# HELP %s %s\n# TYPE %s counter\n%s %lld\n", name, help, name, name,              \
		      (long long)atomic_load(&n->metrics.field));
	HT_METRIC_TABLE(X)
#undef X
	if (n->server)
		ht_out_format(&o, "# HELP hutong_connections open connections\n# TYPE hutong_connections gauge\nhutong_connections %zu\n",
			      ht_http_server_connections(n->server));
	return ht_out_done(&o);
}

void ht_facts_fill(struct ht_facts *facts, struct ht_exchange *x)
{
	*facts = (struct ht_facts){
		.self = x,
		.party = party,
		.party_row = party_row,
		.grant = grant,
		.document = document,
		.fetched = fetched,
		.fresh = fresh_token,
		.upload = upload,
		.metrics = metrics,
	};
}
