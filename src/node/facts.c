/* node/facts.c - the facts of one exchange: the store, the cache of documents, what was fetched for it. */
#include <string.h>

#include "base/log.h"
#include "base/out.h"
#include "base/time.h"
#include "node/exchange.h"
#include "wire/dsp.h"

/* What a question to the shared store has found. A disk that fails is no "no". */
static enum ht_fact said(struct ht_node *n, enum ht_err err, bool found)
{
	ht_lock_give(n->facts_lock);
	if (!err)
		return found ? HT_FACT_HERE : HT_FACT_ABSENT;
	if (err == HT_E_SYNC)
		ht_node_die(err);
	HT_LOG(HT_ERROR, "facts_failed", HT_FIELD_Z("why", ht_err_word(err)));
	return HT_FACT_FAILED;
}

static enum ht_fact party(void *self, struct ht_text id, int64_t row, struct ht_arena *a, struct ht_party *out)
{
	struct ht_node *n = ((struct ht_exchange *)self)->node;
	struct ht_party_row got = { 0 };
	bool found = false;
	enum ht_err err;

	ht_lock_take(n->facts_lock);
	err = id.len ? ht_store_party_by_id(n->facts, id, a, &got, &found) : ht_store_party(n->facts, row, a, &got, &found);
	*out = got.party;
	return said(n, err, found);
}

static enum ht_fact grant(void *self, const uint8_t hash[32], struct ht_arena *a, struct ht_grant *out)
{
	struct ht_node *n = ((struct ht_exchange *)self)->node;
	struct ht_token_row row = { 0 };
	bool found = false;
	enum ht_err err;
	enum ht_fact is;

	ht_lock_take(n->facts_lock);
	err = ht_store_token_by_hash(n->facts, hash, a, &row, &found);
	is = said(n, err, found && !row.revoked_us);
	*out = (struct ht_grant){ .role = row.role };
	return is == HT_FACT_HERE && row.party ? party(self, HT_TEXT(""), row.party, a, &out->party) : is;
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
	enum ht_fact is;

	ht_lock_take(x->node->facts_lock);
	err = ht_store_party_by_did(x->node->facts, did, a, &row, &found);
	if (!err && found)
		err = ht_store_keys(x->node->facts, row.party.row, x->ask.now_us, a, &keys, &n);
	is = said(x->node, err, found);
	if (is != HT_FACT_HERE)
		return is;
	for (size_t i = 0; i < n && i < HT_DOC_KEYS_MAX; i++) {
		doc->keys[i].id = keys[i].kid;
		memcpy(doc->keys[i].pub, keys[i].pub, sizeof(keys[i].pub));
		doc->keys_count++;
	}
	ht_identity_document(row.party.did,
			     ht_dsp_base(x->node->door.public_url, row.party.id, a),
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
	case HT_DOCUMENT_NOBODY:
		return HT_FACT_NOBODY;
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
	ht_documents_verified(x->node->documents, issuer);
	return ht_seen_add(x->node->seen, jti, issuer, x->ask.now_us / HT_SECOND_US);
}

static enum ht_fact upload(void *self, struct ht_text id, const uint8_t sha256[32], int64_t *size)
{
	struct ht_exchange *x = self;
	enum ht_err err = ht_upload_size(x->node, id, sha256, size);

	if (!err)
		return HT_FACT_HERE;
	return err == HT_E_MISSING || err == HT_E_DENIED ? HT_FACT_ABSENT : HT_FACT_FAILED;
}

static enum ht_fact sink(void *self, int64_t party_row, struct ht_text pid, const uint8_t access[32])
{
	struct ht_exchange *x = self;
	struct ht_process p = { 0 };
	bool found = false;
	enum ht_err err;

	ht_lock_take(x->node->facts_lock);
	err = ht_store_process_by_pid(x->node->facts, pid, x->ask.arena, &p, &found);
	return said(x->node, err, found && p.party == party_row && ht_desk_takes_push(&p, access));
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
	if (n->publisher)
		ht_out_format(&o, "# HELP hutong_streams open streams of events\n# TYPE hutong_streams gauge\nhutong_streams %zu\n",
			      ht_publisher_streams(n->publisher));
	return ht_out_done(&o);
}

void ht_facts_fill(struct ht_facts *facts, struct ht_exchange *x)
{
	*facts = (struct ht_facts){
		.self = x,
		.party = party,
		.grant = grant,
		.document = document,
		.fetched = fetched,
		.fresh = fresh_token,
		.upload = upload,
		.sink = sink,
		.metrics = metrics,
	};
}
