/* app/trade/get.c - a product from its catalog entry to a checked file: one step after the other, each said as it happens. */
#include <stdlib.h>
#include <string.h>

#include "app/trade/download.h"
#include "app/trade/negotiate.h"
#include "app/trade/plain.h"
#include "app/trade/trade.h"
#include "base/count.h"
#include "base/time.h"
#include "os/http_client.h"
#include "os/os.h"
#include "wire/dsp.h"

struct get {
	struct ht_client client;
	struct ht_text base, product;
	const char *path, *name, *sidecar; /* of the target; its name and the other one's below folder */
	struct ht_disk disk;               /* the folder of the target */
	const char *room;                  /* -o -: the folder of the temporary file; else NULL */
	struct ht_ranges allow;
	/* the description */
	struct ht_text *offers; /* @ids of the offers that the catalog shows */
	size_t offers_count;
	struct ht_text offer; /* the first of them, whole */
	bool has_hash;
	struct ht_text sha256, peer;
	int64_t size; /* -1: not said */
	/* what there is so far */
	struct ht_text agreement, transfer;
	struct ht_download download;
	bool running; /* the transfer is to be completed or terminated */
	bool pushed;  /* the provider has sent the data by itself, and may have completed the transfer */
};

static atomic_bool interrupted;
static struct ht_thread *watcher; /* until the process ends */

/* The first SIGINT or SIGTERM asks to stop; the second ends the process at once. */
static void watch(void *self)
{
	(void)self;
	ht_signals_wait();
	if (atomic_exchange(&interrupted, true))
		return;
	ht_signals_wait();
	_Exit(HT_EXIT_ENVIRONMENT);
}

/* Whether a file is there already, and may be replaced. */
static int check_free(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_bytes map;
	enum ht_err err = ht_file_map(g->path, &map);

	ht_file_unmap(map);
	if (err == HT_E_MISSING || (!err && c->line->values[HT_GET_FORCE].number))
		return HT_EXIT_DONE;
	if (err)
		return ht_client_fail(c, ht_text_of(g->path), err, NULL);
	return ht_client_wrong(
		c, HT_EXIT_USAGE, "exists",
		HT_PICK(c->lang, "%s exists; --force replaces it, -o FILE names another", "%s 已存在;--force 覆盖,-o FILE 另选名称"),
		g->path);
}

/* -o -: the bytes wait in a temporary file until they are checked, then they go to standard output. */
static int find_room(struct get *g)
{
	struct ht_client *c = &g->client;
	const char *given = c->line->env("TMPDIR");
	enum ht_err err;

	if (c->line->json)
		return ht_client_usage(c, "--output -",
				       HT_PICK(c->lang, "goes to standard output, and so does --json: only one of them can",
					       "与 --json 都写到标准输出,只能用其一"));
	g->room = given && *given ? given : "/tmp";
	g->path = "-";
	err = ht_disk_open(g->room, &g->disk);
	return err ? ht_client_fail(c, ht_text_of(g->room), err, NULL) : HT_EXIT_DONE;
}

/* Where the file goes: -o FILE, -o FOLDER, or the last part of the product's id here. */
static int find_target(struct get *g)
{
	struct ht_arena *a = g->client.arena;
	struct ht_text given = g->client.line->values[HT_GET_OUTPUT].text, folder = given, name = ht_plain_name(a, g->product);
	enum ht_err err;

	if (ht_text_is(given, "-"))
		return find_room(g);
	if (!given.len)
		folder = HT_TEXT(".");
	err = ht_disk_open(ht_text_z(a, folder), &g->disk);
	if (err && given.len) { /* not a folder: a file in one */
		if (!ht_text_cut_last(given, '/', &folder, &name))
			folder = HT_TEXT(".");
		else if (!folder.len)
			folder = HT_TEXT("/");
		err = ht_disk_open(ht_text_z(a, folder), &g->disk);
	}
	if (err)
		return ht_client_fail(&g->client, folder, err, NULL);
	g->name = ht_text_z(a, name);
	if (!name.len || strstr(g->name, ".."))
		return ht_client_usage(
			&g->client, "--output",
			HT_PICK(g->client.lang, "is no name of a file here (nor may it have ..)", "不是可用的文件名(也不可含 ..)"));
	g->sidecar = ht_text_z(a, ht_text_format(a, "%s.hutong.json", g->name));
	g->path = ht_text_z(a, ht_text_is(folder, ".") ? name : ht_text_format(a, HT_TEXT_FMT "/%s", HT_TEXT_ARG(folder), g->name));
	return check_free(g);
}

static int ask_self(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_text bad;
	int status = ht_client_call(c, "GET", HT_TEXT("/self"), HT_TEXT(""));

	if (status)
		return status;
	if (!ht_ranges_read(ht_client_text(c, "allowNet"), &g->allow, &bad))
		return ht_client_wrong(c, HT_EXIT_ENVIRONMENT, "answer", "allowNet: " HT_TEXT_FMT, HT_TEXT_ARG(bad));
	return HT_EXIT_DONE;
}

/* The @ids of the offers that the catalog shows. */
static void keep_offers(struct get *g, const struct ht_json *offers)
{
	g->offers = HT_TAKE(g->client.arena, struct ht_text, ht_json_count(offers));
	for (; g->offers_count < ht_json_count(offers); g->offers_count++)
		g->offers[g->offers_count] =
			ht_text_copy(g->client.arena, ht_json_text(ht_json_member(ht_json_at(offers, g->offers_count), "@id")));
}

/* Whether an agreement is about what the catalog describes: it took an offer that is still shown. Where no content is described, any is. */
static bool is_current(const struct get *g, const struct ht_json *agreement)
{
	struct ht_text offer = ht_json_text(ht_json_member(agreement, "offer"));

	for (size_t i = 0; i < g->offers_count; i++) {
		if (ht_text_same(g->offers[i], offer))
			return true;
	}
	return !g->has_hash;
}

/* What the provider says of the product. */
static int ask_catalog(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_pair which[] = { { "base", g->base }, { "product", g->product } };
	const struct ht_json *datasets, *found = NULL;
	uint8_t hash[HT_SHA256];
	int status = ht_client_call(c, "GET", ht_trade_query(c, "/catalog", which, HT_COUNT(which)), HT_TEXT(""));

	if (status)
		return status;
	datasets = ht_json_member(c->json, "datasets");
	for (size_t i = 0; i < ht_json_count(datasets) && !found; i++) {
		const struct ht_json *one = ht_json_at(datasets, i);

		if (ht_text_same(ht_json_text(ht_json_member(one, "id")), g->product))
			found = one;
	}
	if (!found)
		return ht_client_wrong(
			c, HT_EXIT_REFUSED, "not_found",
			HT_PICK(c->lang, "the catalog does not have " HT_TEXT_FMT " for you", "目录中没有向您提供的 " HT_TEXT_FMT),
			HT_TEXT_ARG(g->product));
	g->size = -1;
	ht_json_int(ht_json_member(found, "size"), &g->size);
	g->sha256 = ht_text_copy(c->arena, ht_json_text(ht_json_member(found, "sha256")));
	g->has_hash = ht_hex_read(g->sha256, hash, sizeof hash);
	g->peer = ht_client_text(c, "peer");
	keep_offers(g, ht_json_member(found, "offers"));
	g->offer = ht_trade_offer(c, g->product, HT_TEXT(""));
	if (g->has_hash)
		ht_client_say(c,
			      HT_PICK(c->lang, "catalog: " HT_TEXT_FMT ", %lld bytes, SHA-256 " HT_TEXT_FMT,
				      "目录:" HT_TEXT_FMT ",%lld 字节,SHA-256 " HT_TEXT_FMT),
			      HT_TEXT_ARG(g->product), (long long)g->size, HT_TEXT_ARG(g->sha256));
	else
		ht_client_say(c,
			      HT_PICK(c->lang,
				      "catalog: " HT_TEXT_FMT
				      "; warning: the provider describes no SHA-256, so the content cannot be checked",
				      "目录:" HT_TEXT_FMT ";警告:提供方未给出 SHA-256,无法核对内容"),
			      HT_TEXT_ARG(g->product));
	return HT_EXIT_DONE;
}

/* A new agreement on the first offer of the catalog, when its terms will do. */
static int agree_anew(struct get *g)
{
	struct ht_client *c = &g->client;
	const struct ht_deal deal = { .base = g->base, .product = g->product, .offer = g->offer };
	int status = ht_trade_ask(c, &deal, c->line->values[HT_GET_YES].number);

	if (status)
		return status;
	ht_client_say(c, HT_PICK(c->lang, "negotiating", "协商中"));
	return ht_trade_begin(c, &deal, true);
}

/* A valid agreement again, else a new one. */
static int find_agreement(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_pair which[] = { { "base", g->base }, { "product", g->product } };
	const struct ht_json *agreements;
	int status = HT_EXIT_DONE;

	if (!c->line->values[HT_GET_NEW].number) {
		status = ht_client_call(c, "GET", ht_trade_query(c, "/agreements", which, HT_COUNT(which)), HT_TEXT(""));
		if (status)
			return status;
		agreements = ht_json_member(c->json, "agreements");
		for (size_t i = 0; i < ht_json_count(agreements) && !g->agreement.len; i++) {
			if (is_current(g, ht_json_at(agreements, i)))
				g->agreement = ht_text_copy(c->arena, ht_json_text(ht_json_member(ht_json_at(agreements, i), "id")));
		}
	}
	if (g->agreement.len) {
		ht_client_say(c, HT_PICK(c->lang, "agreement: " HT_TEXT_FMT " (again)", "协议:" HT_TEXT_FMT "(沿用)"),
			      HT_TEXT_ARG(g->agreement));
		return HT_EXIT_DONE;
	}
	status = agree_anew(g);
	if (status)
		return status;
	g->agreement = ht_client_text(c, "agreement");
	ht_client_say(c, HT_PICK(c->lang, "agreement: " HT_TEXT_FMT, "协议:" HT_TEXT_FMT), HT_TEXT_ARG(g->agreement));
	return HT_EXIT_DONE;
}

/* What the provider serves: where, and the token for it. */
static int find_served(struct get *g)
{
	struct ht_client *c = &g->client;
	const struct ht_json *address;
	int status = ht_client_wait(c, "transfers", "STARTED");

	if (status)
		return status;
	address = ht_json_member(c->json, "dataAddress");
	g->download.url = ht_text_copy(c->arena, ht_json_text(ht_json_member(address, "endpoint")));
	g->download.authorization = ht_text_copy(c->arena, ht_json_text(ht_json_member(address, "authorization")));
	return HT_EXIT_DONE;
}

/* What the provider has pushed to our own node, which may be at any address. */
static int find_pushed(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_text path;
	int status = ht_client_wait_pushed(c);

	if (status)
		return status;
	g->pushed = true;
	path = ht_client_path(c, "transfers", g->transfer, "/data");
	g->download.url = ht_text_format(c->arena, HT_TEXT_FMT HT_TEXT_FMT, HT_TEXT_ARG(c->url), HT_TEXT_ARG(path));
	g->download.authorization = c->token;
	g->allow = ht_ranges_all;
	return HT_EXIT_DONE;
}

static int start_transfer(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_text format = c->line->values[HT_GET_FORMAT].text;
	struct ht_pair pairs[] = { { "agreement", g->agreement }, { "format", format } };
	int status = ht_trade_post(c, HT_TEXT("/transfers"), pairs, HT_COUNT(pairs), HT_WAIT_MAX_S);

	g->transfer = ht_client_text(c, "id");
	g->running = g->transfer.len > 0;
	if (!status)
		status = ht_text_is(format, HT_DSP_PUSH) ? find_pushed(g) : find_served(g);
	if (!status)
		ht_client_say(c, HT_PICK(c->lang, "transfer: " HT_TEXT_FMT, "传输:" HT_TEXT_FMT), HT_TEXT_ARG(g->transfer));
	return status;
}

/* A name that no other file of the folder has. */
static const char *temporary(struct get *g)
{
	struct ht_arena *a = g->client.arena;

	return ht_text_z(a, ht_text_format(a, ".hutong-%016llx", (unsigned long long)ht_random_u64(&ht_random_os)));
}

/* Length and hash against the description. */
static int check(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_download *d = &g->download;
	uint8_t hash[HT_SHA256];
	struct ht_text found = ht_hex(c->arena, (struct ht_bytes){ d->sha256, sizeof d->sha256 });

	if (g->size >= 0 && d->got != g->size)
		return ht_client_wrong(
			c, HT_EXIT_UNVERIFIED, "checksum",
			d->got > g->size ? HT_PICK(c->lang, "WRONG LENGTH: more than the %lld bytes described; --new takes a new agreement",
						   "长度不符:多于描述的 %lld 字节;--new 可重新协商") :
					   HT_PICK(c->lang, "WRONG LENGTH: less than the %lld bytes described; --new takes a new agreement",
						   "长度不符:少于描述的 %lld 字节;--new 可重新协商"),
			(long long)g->size);
	if (!g->has_hash)
		return HT_EXIT_DONE;
	if (!ht_hex_read(g->sha256, hash, sizeof hash) || memcmp(hash, d->sha256, sizeof hash))
		return ht_client_wrong(c, HT_EXIT_UNVERIFIED, "checksum",
				       HT_PICK(c->lang,
					       "WRONG CONTENT: SHA-256 is " HT_TEXT_FMT ", described is " HT_TEXT_FMT
					       "; --new takes a new agreement",
					       "内容不符:SHA-256 为 " HT_TEXT_FMT ",描述为 " HT_TEXT_FMT ";--new 可重新协商"),
				       HT_TEXT_ARG(found), HT_TEXT_ARG(g->sha256));
	ht_client_say(c, HT_PICK(c->lang, "received: %lld bytes, SHA-256 as described", "已接收:%lld 字节,SHA-256 与描述一致"),
		      (long long)d->got);
	return HT_EXIT_DONE;
}

static struct ht_text sidecar_text(struct get *g)
{
	struct ht_arena *a = g->client.arena;
	struct ht_json_out out;

	ht_json_begin(&out, a);
	ht_json_open(&out, NULL, '{');
	ht_json_put_z(&out, "file", g->name);
	ht_json_put(&out, "product", g->product);
	ht_json_put(&out, "agreement", g->agreement);
	ht_json_put(&out, "transfer", g->transfer);
	ht_json_put(&out, "base", g->base);
	ht_json_put_some(&out, "peer", g->peer);
	ht_json_put(&out, "sha256", ht_hex(a, (struct ht_bytes){ g->download.sha256, HT_SHA256 }));
	ht_json_put_int(&out, "size", g->download.got);
	ht_json_put_bool(&out, "checked", g->has_hash);
	ht_json_put(&out, "received", ht_time_text(a, ht_now_us()));
	ht_json_close(&out, '}');
	return ht_json_end(&out);
}

/* Both files under their names; first the sidecar, which needs room. Whatever fails, no temporary file is left. */
static int keep(struct get *g, struct ht_text sidecar)
{
	struct ht_disk *disk = &g->disk;
	struct ht_text line = ht_text_format(g->client.arena, HT_TEXT_FMT "\n", HT_TEXT_ARG(sidecar));
	struct ht_bytes map = { NULL, 0 };
	enum ht_err err = HT_OK, left;

	if (!g->client.line->values[HT_GET_FORCE].number && ht_file_map(g->path, &map) != HT_E_MISSING)
		err = HT_E_DENIED; /* somebody made one meanwhile */
	ht_file_unmap(map);
	if (!err)
		err = ht_disk_put(disk, g->sidecar, temporary(g), 0666, line);
	if (!err)
		err = disk->rename(disk->self, g->download.name, g->name);
	if (!err)
		return HT_EXIT_DONE;
	left = disk->remove(disk->self, g->download.name);
	return ht_client_fail(&g->client, ht_text_of(g->path), left ? left : err, NULL);
}

/* The bytes on standard output. The temporary file has no name any more while they are written, so it goes however that ends. */
static int put_out(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_text path = ht_text_format(c->arena, "%s/%s", g->room, g->download.name);
	struct ht_bytes map = { NULL, 0 };
	enum ht_err err = ht_file_map(ht_text_z(c->arena, path), &map), left = g->disk.remove(g->disk.self, g->download.name);
	bool whole = map.len == 0 || fwrite(map.at, 1, map.len, stdout) == map.len;

	ht_file_unmap(map);
	if (err || left)
		return ht_client_fail(c, path, err ? err : left, NULL);
	if (!whole || fflush(stdout))
		return ht_client_wrong(c, HT_EXIT_ENVIRONMENT, "output",
				       HT_PICK(c->lang, "standard output does not take the bytes", "无法写入标准输出"));
	return HT_EXIT_DONE;
}

/* Whether the provider has said that all is done. */
static bool is_completed(struct get *g)
{
	struct ht_client *c = &g->client;
	int status = ht_client_call(c, "GET", ht_client_path(c, "transfers", g->transfer, ""), HT_TEXT(""));

	return !status && ht_text_is(ht_client_text(c, "state"), "COMPLETED");
}

/* What was pushed the provider may complete at the same time. */
static int complete(struct get *g)
{
	struct ht_client *c = &g->client;
	struct ht_text path = ht_client_path(c, "transfers", g->transfer, "/complete");
	struct ht_json_out body;
	int status;

	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put(&body, "sha256", ht_hex(c->arena, (struct ht_bytes){ g->download.sha256, HT_SHA256 }));
	ht_json_put_int(&body, "size", g->download.got);
	ht_json_close(&body, '}');
	g->running = false;
	c->may_be_late = g->pushed;
	status = ht_client_call(c, "POST", path, ht_json_end(&body));
	c->may_be_late = false;
	if (!c->late)
		return status;
	return is_completed(g) ? HT_EXIT_DONE : ht_client_call(c, "POST", path, ht_json_end(&body));
}

static int receive(struct get *g, struct ht_text *sidecar)
{
	struct ht_client *c = &g->client;
	enum ht_err left;
	int status;

	g->download.disk = &g->disk;
	g->download.name = temporary(g);
	g->download.path = g->room ? g->room : g->path;
	g->download.mode = g->room ? 0600 : 0666;
	g->download.allow = &g->allow;
	g->download.size = g->size;
	status = ht_download(c, &g->download);
	if (status)
		return status;
	status = check(g);
	if (status) {
		left = g->disk.remove(g->disk.self, g->download.name);
		return left ? ht_client_fail(c, ht_text_of(g->download.name), left, NULL) : status;
	}
	if (g->room) {
		status = put_out(g);
		return status ? status : complete(g);
	}
	*sidecar = sidecar_text(g);
	status = keep(g, *sidecar);
	if (!status)
		ht_client_say(c, HT_PICK(c->lang, "saved: %s", "已保存:%s"), g->path);
	return status ? status : complete(g);
}

/* Ends a transfer that did not bring the data, as well as it goes; what is wrong has been said. It may be over already. */
static void give_up(struct get *g, int status)
{
	static const char *const reasons[] = {
		[HT_EXIT_DONE] = "", [HT_EXIT_REFUSED] = "the data could not be fetched", [HT_EXIT_USAGE] = "",
		[HT_EXIT_ENVIRONMENT] = "the download was interrupted", [HT_EXIT_UNVERIFIED] = "the bytes are not those that were described",
	};
	struct ht_client *c = &g->client;
	struct ht_json_out body;

	c->stop = NULL;
	c->may_be_late = true;
	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put_z(&body, "reason", reasons[status]);
	ht_json_close(&body, '}');
	ht_client_call(c, "POST", ht_client_path(c, "transfers", g->transfer, "/terminate"), ht_json_end(&body));
}

int ht_trade_get(const struct ht_line *line)
{
	static int (*const steps[])(struct get * g) = { find_target, ask_self, ask_catalog, find_agreement, start_transfer };
	struct get g = { .base = ht_text_of(line->args[0]), .product = ht_text_of(line->args[1]) };
	struct ht_text sidecar = HT_TEXT("");
	int status = ht_client_init(&g.client, line);

	ht_signals_block();
	watcher = ht_thread_start("signals", watch, NULL);
	g.client.stop = &interrupted;
	for (size_t i = 0; i < HT_COUNT(steps) && !status; i++)
		status = steps[i](&g);
	if (!status)
		status = receive(&g, &sidecar);
	if (status && line->json) /* a process that did not come to its end is the answer */
		ht_client_print_answer(&g.client, HT_TEXT(""));
	if (g.running)
		give_up(&g, status);
	if (!status && line->json) {
		ht_client_print(sidecar);
		ht_client_print(HT_TEXT("\n"));
	}
	ht_disk_close(&g.disk);
	ht_client_fini(&g.client);
	return status;
}
