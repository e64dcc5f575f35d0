/* node/open.c - the data folder: lock, store, keys, public URL; then door and desk. No threads here. */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "node/exchange.h"
#include "wire/did.h"

enum { HT_PEERS_FILE_MAX = 1 << 20, HT_NODE_ARENA = 16 << 20 };

static const char loopback[] = "127.0.0.0/8,::1/128";

static const char *below(const struct ht_node *n, const char *name, struct ht_arena *a)
{
	return ht_text_z(a, ht_text_format(a, "%s/%s", n->settings->data, name));
}

enum ht_err ht_node_about(enum ht_err err, const char *name, struct ht_refusal *why)
{
	if (err)
		why->place = ht_text_of(name);
	return err;
}

/* The store's file is there, for its owner only: what SQLite makes beside it takes over the mode. */
static enum ht_err make_store_file(struct ht_node *n)
{
	struct ht_file *f;
	int64_t size;
	int fd;
	enum ht_err err = ht_disk_file(&n->disk, HT_STORE_FILE, &fd, &size);

	if (!err)
		close(fd);
	if (err != HT_E_MISSING)
		return err;
	HT_TRY(n->disk.create(n->disk.self, HT_STORE_FILE, 0600, &f));
	n->disk.close(n->disk.self, f);
	return HT_OK;
}

static enum ht_err open_stores(struct ht_node *n)
{
	const char *path = below(n, HT_STORE_FILE, &n->arena);

	HT_TRY(make_store_file(n));
	HT_TRY(ht_store_open(path, &n->writer));
	HT_TRY(ht_store_open_reader(path, &n->reader));
	HT_TRY(ht_store_open_reader(path, &n->facts));
	return ht_store_open_reader(path, &n->live);
}

enum ht_err ht_node_open(struct ht_node *n, const struct ht_node_settings *settings, struct ht_refusal *why)
{
	struct ht_bytes file;
	enum ht_err err;

	ht_arena_init(&n->arena, HT_NODE_ARENA);
	n->settings = settings;
	HT_TRY(ht_folder_make(settings->data, 0700));
	err = ht_folder_lock(settings->data, &n->lock_fd);
	HT_TRY(err == HT_E_LOCKED ? err : ht_node_about(err, "lock", why));
	HT_TRY(ht_disk_open(settings->data, &n->disk));
	HT_TRY(ht_node_about(ht_disk_folder(&n->disk, "keys", 0700), "keys", why));
	HT_TRY(ht_node_about(ht_disk_folder(&n->disk, "products", 0700), "products", why));
	HT_TRY(ht_node_about(open_stores(n), HT_STORE_FILE, why));
	n->facts_lock = ht_lock_new();
	n->documents = ht_documents_new();
	n->seen = ht_seen_new();
	n->keys = ht_keys_new();
	if (!settings->peers_file.len)
		return HT_OK;
	HT_TRY(ht_file_map(ht_text_z(&n->arena, settings->peers_file), &file));
	if (!ht_peers_read(file, &n->arena, &n->peers, why))
		why->detail = why->place, why->place = HT_TEXT("--peers");
	ht_file_unmap(file);
	return HT_OK;
}

/* The public URL is fixed at the first start: the ids of parties are made of it. */
static enum ht_err fix_public_url(struct ht_node *n, uint16_t port, struct ht_refusal *why)
{
	struct ht_text given = ht_text_no_slash(n->settings->public_url), stored;
	struct ht_url url;
	bool found;

	HT_TRY(ht_store_meta(n->writer, "public_url", &n->arena, &stored, &found));
	if (found && given.len && !ht_text_same(stored, given)) {
		*why = (struct ht_refusal){ .code = HT_REFUSE_VALUE, .place = HT_TEXT("--public-url"), .detail = stored };
		return HT_OK;
	}
	if (!found)
		stored = given.len ? ht_text_copy(&n->arena, given) : ht_text_format(&n->arena, "http://localhost:%u", port);
	if (!ht_url_read(stored, &url) || url.query.len) {
		*why = (struct ht_refusal){ .code = HT_REFUSE_VALUE, .place = HT_TEXT("--public-url"), .detail = stored };
		return HT_OK;
	}
	n->door.public_url = stored;
	n->door.prefix = url.path;
	if (found)
		return HT_OK;
	HT_TRY(ht_store_begin(n->writer));
	HT_TRY(ht_store_meta_put(n->writer, "public_url", stored));
	return ht_store_commit(n->writer);
}

static bool listens_on_loopback(const struct ht_node_settings *s)
{
	struct ht_address at;
	struct ht_ranges ranges;
	struct ht_text bad;

	if (ht_text_is(s->host, "localhost"))
		return true;
	return ht_ranges_read(HT_TEXT(loopback), &ranges, &bad) && ht_address_read(s->host, &at) && ht_ranges_have(&ranges, &at);
}

/* IDENTITY, Trust: open only when everything is on this machine. */
static bool choose_trust(struct ht_node *n, struct ht_refusal *why)
{
	const struct ht_node_settings *s = n->settings;
	struct ht_text allow = s->allow_net, bad;
	struct ht_url url;
	bool at_home = listens_on_loopback(s) && ht_url_read(n->door.public_url, &url) && ht_text_is(url.host, "localhost");

	if (!ht_trust_read(s->trust.len ? s->trust : at_home ? HT_TEXT("open") : HT_TEXT("web"), &n->door.trust, why))
		return false;
	if (n->door.trust.kind == HT_TRUST_OPEN && !allow.len)
		allow = HT_TEXT(loopback);
	if (n->door.trust.kind == HT_TRUST_OPEN)
		HT_LOG(HT_WARN, "trust_open", HT_FIELD("allow_net", allow));
	n->door.allow_text = ht_text_copy(&n->arena, allow);
	if (!allow.len || ht_ranges_read(n->door.allow_text, &n->allow, &bad))
		return true;
	why->detail = bad;
	return ht_refuse(why, HT_REFUSE_VALUE, HT_TEXT("--allow-net"));
}

/* The preset of the public URL is for trying things out on one machine. */
static void warn_of_localhost(const struct ht_node *n)
{
	struct ht_url url;

	if (listens_on_loopback(n->settings) || !ht_url_read(n->door.public_url, &url) || !ht_text_is(url.host, "localhost"))
		return;
	HT_LOG(HT_WARN, "public_url_is_localhost", HT_FIELD("listen", n->settings->host), HT_FIELD("public_url", n->door.public_url),
	       HT_FIELD_Z("means", "it listens for other machines, but its parties are named by an address that means themselves there"),
	       HT_FIELD_Z("set", "--public-url, at the first start of a new data folder"));
}

/* Where data addresses point to. */
static bool choose_gate_url(struct ht_node *n, uint16_t gate_port, struct ht_refusal *why)
{
	struct ht_text given = ht_text_no_slash(n->settings->gate_url);
	struct ht_url url;

	n->desk_settings.gate_url = given.len ? given : n->door.public_url;
	if (given.len && (!ht_url_read(given, &url) || url.query.len)) {
		why->detail = given;
		return ht_refuse(why, HT_REFUSE_VALUE, HT_TEXT("--gate-url"));
	}
	if (!given.len && n->settings->gate_host.len && ht_url_read(n->door.public_url, &url))
		n->desk_settings.gate_url = ht_text_format(&n->arena, "%s://" HT_TEXT_FMT ":%u", url.tls ? "https" : "http",
							   HT_TEXT_ARG(url.host), gate_port);
	return true;
}

/* Signers of all parties. */
static enum ht_err load_keys(struct ht_node *n, struct ht_arena *scratch, struct ht_refusal *why)
{
	struct ht_page page = { .most = HT_LIST_MAX };
	struct ht_party_row *rows;
	size_t count;

	do {
		struct ht_arena a = *scratch;

		HT_TRY(ht_store_parties(n->writer, page, &a, &rows, &count));
		for (size_t i = 0; i < count; i++) {
			struct ht_key_row *keys;
			struct ht_key key;
			size_t n_keys;
			enum ht_err err;

			HT_TRY(ht_store_keys(n->writer, rows[i].party.row, ht_now_us(), &a, &keys, &n_keys));
			if (!n_keys)
				continue;
			err = ht_keys_read(&n->disk, keys[0].kid, keys[0].pub, &key);
			if (err)
				return ht_node_about(err, ht_keys_path(keys[0].kid, &n->arena), why);
			ht_keys_put(n->keys, rows[i].party.row, rows[i].party.did, keys[0].kid, &key);
			ht_key_wipe(&key);
		}
		page.after = count ? rows[count - 1].party.row : 0;
	} while (count == page.most);
	return HT_OK;
}

enum ht_err ht_node_furnish(struct ht_node *n, uint16_t port, uint16_t gate_port, struct ht_refusal *why)
{
	struct ht_arena scratch;
	enum ht_err err;

	HT_TRY(fix_public_url(n, port, why));
	if (why->code || !choose_trust(n, why))
		return HT_OK;
	warn_of_localhost(n);
	n->did_prefix = ht_did_web_of(n->door.public_url, (struct ht_text){ 0 }, &n->arena);
	n->door.version = HT_TEXT(HT_VERSION);
	n->door.allow = &n->allow;
	n->door.peers = &n->peers;
	n->door.random = &ht_random_os;
	n->desk_settings = n->settings->desk;
	n->desk_settings.public_url = n->door.public_url;
	if (!choose_gate_url(n, gate_port, why))
		return HT_OK;
	n->desk = ht_desk_new(n->writer, &n->desk_settings, &ht_random_os);
	ht_arena_init(&scratch, HT_NODE_ARENA);
	err = load_keys(n, &scratch, why);
	ht_arena_reset(&scratch);
	if (!err)
		err = ht_desk_start(n->desk, ht_now_us(), &scratch);
	ht_arena_fini(&scratch);
	if (!err)
		ht_upload_sweep(n);
	return err;
}

enum ht_err ht_node_step(struct ht_node *n, struct ht_step *step)
{
	struct ht_arena a;
	struct ht_effects effects = { .arena = &a };
	struct ht_step *const steps[] = { step };
	enum ht_err err;

	ht_arena_init(&a, HT_SMALL_ARENA);
	err = ht_desk_batch(n->desk, steps, 1, ht_now_us(), &effects);
	ht_arena_fini(&a);
	return err;
}

/* The file of the store is complete without its log: it alone can be copied. What stays in the log is taken up at the next start. */
static void move_log(struct ht_node *n)
{
	enum ht_err err = HT_OK;

	if (n->writer && !ht_store_in_step(n->writer))
		err = ht_store_checkpoint(n->writer, 0);
	if (err)
		HT_LOG(HT_WARN, "checkpoint_failed", HT_FIELD_Z("why", ht_err_word(err)));
}

void ht_node_close(struct ht_node *n)
{
	ht_desk_free(n->desk);
	ht_keys_free(n->keys);
	ht_seen_free(n->seen);
	ht_documents_free(n->documents);
	ht_lock_free(n->facts_lock);
	ht_store_close(n->live);
	ht_store_close(n->facts);
	ht_store_close(n->reader);
	move_log(n);
	ht_store_close(n->writer);
	ht_disk_close(&n->disk);
	if (n->lock_fd > 0)
		close(n->lock_fd);
	ht_arena_fini(&n->arena);
}
