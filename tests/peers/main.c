/* tests/peers/main.c - test_peers: agreements that no negotiation made, for kits that begin with them.
 *
 *   test_peers STORE PARTY PEER BASE     for each line "ROLE AGREEMENT PRODUCT" one FINALIZED negotiation of PARTY with PEER, whose base
 *                                        is BASE, and its agreement. ROLE: ours; of a provider's, PRODUCT is one of PARTY's.
 *
 * It is the writer of the store: the node is stopped meanwhile. It writes what the desk would have, with one leaf for each chain: the
 * agreement, sent or received. All of it or nothing. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "core/evidence/leaf.h"
#include "crypto/crypto.h"
#include "model/names.h"
#include "os/os.h"
#include "store/store.h"
#include "wire/dsp.h"

enum { ARENA = 64 << 20, LINE = 4096 };

struct seed {
	struct ht_store *store;
	struct ht_arena *arena;
	struct ht_party party;
	struct ht_text peer, base;
	int64_t now_us;
};

/* One line. */
struct wanted {
	enum ht_role role;
	struct ht_text agreement;
	struct ht_product product;
};

static bool read_line(struct seed *s, struct ht_text line, struct wanted *out)
{
	struct ht_text role, rest, product;
	bool found = true;

	if (!ht_text_cut(line, ' ', &role, &rest) || !ht_text_cut(rest, ' ', &out->agreement, &product) || !product.len)
		return false;
	out->role = ht_role_of(role);
	out->product = (struct ht_product){ .id = product,
					    .policy = HT_TEXT("{\"permission\":[{\"action\":\"use\"}]}"),
					    .offer = HT_TEXT("offer") };
	if (out->role == HT_PROVIDER && (ht_store_product(s->store, s->party.row, product, 0, s->arena, &out->product, &found) || !found))
		return false;
	return out->role == HT_PROVIDER || out->role == HT_CONSUMER;
}

/* The agreement message, in a chain of its own. */
static enum ht_err add_leaf(struct seed *s, struct ht_process *p, struct ht_text policy)
{
	bool provider = p->role == HT_PROVIDER;
	struct ht_message m = {
		.machine = HT_NEGOTIATION, .msg = HT_MSG_AGREE, .id = ht_uuid7(&ht_random_os, s->now_us, s->arena),
		.consumer_pid = provider ? p->peer_pid : p->pid, .provider_pid = provider ? p->pid : p->peer_pid, .policy = { .text = policy },
	};
	struct ht_leaf leaf = {
		.kind = provider ? HT_EVENT_SENT : HT_EVENT_RECEIVED, .at_us = s->now_us, .party_row = s->party.row, .party = s->party.did,
		.peer = p->peer, .chain = p->pid, .process = p->pid, .agreement = p->agreement, .content_type = HT_TEXT("application/json"),
		.content = ht_text_bytes(ht_dsp_write(&m, s->arena)),
	};
	struct ht_leaf_head head;

	HT_TRY(ht_store_leaf_head(s->store, s->party.row, -1, &head));
	leaf.index = leaf.chain_index = p->chain = head.index;
	leaf.event = head.event;
	leaf.seq = head.seq;
	leaf.previous = head.previous;
	ht_random_os.fill(&ht_random_os, leaf.salt, sizeof(leaf.salt));
	ht_leaf_seal(&leaf, *s->arena);
	ht_sha256(leaf.content, p->last);
	return ht_store_leaf_add(s->store, &leaf);
}

static enum ht_err add(struct seed *s, const struct wanted *wanted)
{
	bool provider = wanted->role == HT_PROVIDER;
	const struct ht_product *product = &wanted->product;
	struct ht_text ours = s->party.did, theirs = s->peer;
	struct ht_text policy = ht_odrl_agreement(product->policy, wanted->agreement, product->id, provider ? ours : theirs,
						  provider ? theirs : ours, ht_time_text(s->arena, s->now_us), s->arena);
	struct ht_process p = {
		.party = s->party.row, .machine = HT_NEGOTIATION, .role = wanted->role, .manual = product->manual, .state = HT_FINALIZED,
		.pid = ht_uuid7(&ht_random_os, s->now_us, s->arena), .peer_pid = ht_uuid7(&ht_random_os, s->now_us, s->arena), .peer = s->peer,
		.base = s->base, .product = product->id, .version = product->version, .agreement = wanted->agreement,
		.offer = ht_odrl_offer(product->policy, product->offer, product->id, s->arena), .made_us = s->now_us, .changed_us = s->now_us,
	};
	struct ht_agreement g = {
		.party = s->party.row, .id = wanted->agreement, .role = wanted->role, .peer = s->peer, .product = product->id,
		.version = product->version, .base = s->base, .policy = policy, .made_us = s->now_us,
	};

	HT_TRY(add_leaf(s, &p, policy));
	HT_TRY(ht_store_process_add(s->store, &p, &g.negotiation));
	return ht_store_agreement_add(s->store, &g);
}

static int fail(const char *what, enum ht_err err)
{
	fprintf(stderr, "test_peers: %s: %s\n", what, err ? ht_err_word(err) : "wrong");
	return 1;
}

static int seed(struct seed *s)
{
	char line[LINE];
	enum ht_err err = ht_store_begin(s->store);

	while (!err && fgets(line, sizeof line, stdin)) {
		struct wanted wanted;

		if (!read_line(s, ht_text_copy(s->arena, ht_text_trim(ht_text_of(line))), &wanted))
			return fail(line, HT_OK);
		err = add(s, &wanted);
	}
	if (!err)
		err = ht_store_commit(s->store);
	return err ? fail("the store", err) : 0;
}

int main(int argc, char **argv)
{
	struct ht_arena arena;
	struct ht_party_row party = { 0 };
	struct seed s = { .arena = &arena, .now_us = ht_now_us() };
	bool found = false;
	enum ht_err err;
	int code;

	if (argc != 5)
		return fail("test_peers STORE PARTY PEER BASE", HT_OK);
	ht_crypto_start();
	ht_arena_init(&arena, ARENA);
	err = ht_store_open(argv[1], &s.store);
	if (!err)
		err = ht_store_party_by_id(s.store, ht_text_of(argv[2]), &arena, &party, &found);
	s.party = party.party;
	s.peer = ht_text_of(argv[3]);
	s.base = ht_text_of(argv[4]);
	code = err || !found ? fail(argv[1], err) : seed(&s);
	ht_store_close(s.store);
	ht_arena_fini(&arena);
	return code;
}
