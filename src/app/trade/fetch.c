/* app/trade/fetch.c - the steps from a description to a checked file and its sidecar. */
#include "app/trade/fetch.h"

#include <string.h>

#include "app/trade/negotiate.h"
#include "app/trade/plain.h"
#include "app/trade/trade.h"
#include "base/count.h"
#include "base/time.h"
#include "os/http_client.h"
#include "os/os.h"
#include "wire/dsp.h"

/* Whether a file is there already, and may be replaced. */
static int check_free(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_bytes map;
	enum ht_err err = ht_file_map(f->path, &map);

	ht_file_unmap(map);
	if (err == HT_E_MISSING || (!err && c->line->values[HT_GET_FORCE].number))
		return HT_EXIT_DONE;
	if (err)
		return ht_client_fail(c, ht_text_of(f->path), err, NULL);
	return ht_client_wrong(
		c, HT_EXIT_USAGE, "exists",
		HT_PICK(c->lang, "%s exists; --force replaces it, -o FILE names another", "%s 已存在;--force 覆盖,-o FILE 另选名称"),
		f->path);
}

/* -o -: the bytes wait in a temporary file until they are checked, then they go to standard output. */
static int find_room(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	const char *given = c->line->env("TMPDIR");
	enum ht_err err;

	if (c->line->json)
		return ht_client_usage(c, "--output -",
				       HT_PICK(c->lang, "goes to standard output, and so does --json: only one of them can",
					       "与 --json 都写到标准输出,只能用其一"));
	f->room = given && *given ? given : "/tmp";
	f->path = "-";
	err = ht_disk_open(f->room, &f->disk);
	return err ? ht_client_fail(c, ht_text_of(f->room), err, NULL) : HT_EXIT_DONE;
}

/* Where the file goes: -o FILE, -o FOLDER, or the last part of the product's id here. */
int ht_fetch_target(struct ht_fetch *f)
{
	struct ht_arena *a = f->client.arena;
	struct ht_text given = f->client.line->values[HT_GET_OUTPUT].text, folder = given, name = ht_plain_name(a, f->product);
	enum ht_err err;

	if (ht_text_is(given, "-"))
		return find_room(f);
	if (!given.len)
		folder = HT_TEXT(".");
	err = ht_disk_open(ht_text_z(a, folder), &f->disk);
	if (err && given.len) { /* not a folder: a file in one */
		if (!ht_text_cut_last(given, '/', &folder, &name))
			folder = HT_TEXT(".");
		else if (!folder.len)
			folder = HT_TEXT("/");
		err = ht_disk_open(ht_text_z(a, folder), &f->disk);
	}
	if (err)
		return ht_client_fail(&f->client, folder, err, NULL);
	f->name = ht_text_z(a, name);
	if (!name.len || strstr(f->name, ".."))
		return ht_client_usage(
			&f->client, "--output",
			HT_PICK(f->client.lang, "is no name of a file here (nor may it have ..)", "不是可用的文件名(也不可含 ..)"));
	f->sidecar = ht_text_z(a, ht_text_format(a, "%s.hutong.json", f->name));
	f->path = ht_text_z(a, ht_text_is(folder, ".") ? name : ht_text_format(a, HT_TEXT_FMT "/%s", HT_TEXT_ARG(folder), f->name));
	return check_free(f);
}

int ht_fetch_self(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_text bad;
	int status = ht_client_call(c, "GET", HT_TEXT("/self"), HT_TEXT(""));

	if (status)
		return status;
	if (!ht_ranges_read(ht_client_text(c, "allowNet"), &f->allow, &bad))
		return ht_client_wrong(c, HT_EXIT_ENVIRONMENT, "answer", "allowNet: " HT_TEXT_FMT, HT_TEXT_ARG(bad));
	return HT_EXIT_DONE;
}

/* The @ids of the offers that the catalog shows. */
static void keep_offers(struct ht_fetch *f, const struct ht_json *offers)
{
	f->offers = HT_TAKE(f->client.arena, struct ht_text, ht_json_count(offers));
	for (; f->offers_count < ht_json_count(offers); f->offers_count++)
		f->offers[f->offers_count] =
			ht_text_copy(f->client.arena, ht_json_text(ht_json_member(ht_json_at(offers, f->offers_count), "@id")));
}

/* The dataset that is meant, in the last answer. */
static const struct ht_json *find_dataset(const struct ht_fetch *f)
{
	const struct ht_json *datasets = ht_json_member(f->client.json, "datasets");

	for (size_t i = 0; i < ht_json_count(datasets); i++) {
		if (ht_text_same(ht_json_text(ht_json_member(ht_json_at(datasets, i), "id")), f->product))
			return ht_json_at(datasets, i);
	}
	return NULL;
}

/* Whether the provider pushes it, too, as far as the node tells. */
static bool offers_push(const struct ht_json *dataset)
{
	const struct ht_json *formats = ht_json_member(dataset, "formats");
	bool found = !formats;

	for (size_t i = 0; i < ht_json_count(formats) && !found; i++)
		found = ht_text_is(ht_json_text(ht_json_at(formats, i)), HT_DSP_PUSH);
	return found;
}

static void keep_description(struct ht_fetch *f, const struct ht_json *dataset)
{
	struct ht_client *c = &f->client;
	uint8_t hash[HT_SHA256];

	ht_json_int(ht_json_member(dataset, "size"), &f->size);
	f->sha256 = ht_text_copy(c->arena, ht_json_text(ht_json_member(dataset, "sha256")));
	f->has_hash = ht_hex_read(f->sha256, hash, sizeof hash);
	f->pushes = offers_push(dataset);
	f->peer = ht_client_text(c, "peer");
	keep_offers(f, ht_json_member(dataset, "offers"));
	f->offer = ht_trade_offer(c, f->product, HT_TEXT(""));
}

static void say_description(const struct ht_fetch *f, bool found)
{
	const struct ht_client *c = &f->client;

	if (!found)
		ht_client_say(c,
			      HT_PICK(c->lang,
				      "warning: the catalog does not show " HT_TEXT_FMT " (any more), so the content cannot be checked",
				      "警告:目录中没有(或不再有)" HT_TEXT_FMT ",无法核对内容"),
			      HT_TEXT_ARG(f->product));
	else if (f->has_hash)
		ht_client_say(c,
			      HT_PICK(c->lang, "catalog: " HT_TEXT_FMT ", %lld bytes, SHA-256 " HT_TEXT_FMT,
				      "目录:" HT_TEXT_FMT ",%lld 字节,SHA-256 " HT_TEXT_FMT),
			      HT_TEXT_ARG(f->product), (long long)f->size, HT_TEXT_ARG(f->sha256));
	else
		ht_client_say(c,
			      HT_PICK(c->lang,
				      "catalog: " HT_TEXT_FMT
				      "; warning: the provider describes no SHA-256, so the content cannot be checked",
				      "目录:" HT_TEXT_FMT ";警告:提供方未给出 SHA-256,无法核对内容"),
			      HT_TEXT_ARG(f->product));
}

int ht_fetch_describe(struct ht_fetch *f, bool optional)
{
	struct ht_client *c = &f->client;
	struct ht_pair which[] = { { "base", f->base }, { "product", f->product } };
	const struct ht_json *found;
	int status;

	f->size = -1;
	c->may_fail = optional;
	status = ht_client_call(c, "GET", ht_trade_query(c, "/catalog", which, HT_COUNT(which)), HT_TEXT(""));
	c->may_fail = false;
	if (status && (!optional || atomic_load(c->stop)))
		return status;
	found = status ? NULL : find_dataset(f);
	if (!found && !optional)
		return ht_client_wrong(
			c, HT_EXIT_REFUSED, "not_found",
			HT_PICK(c->lang, "the catalog does not have " HT_TEXT_FMT " for you", "目录中没有向您提供的 " HT_TEXT_FMT),
			HT_TEXT_ARG(f->product));
	if (found)
		keep_description(f, found);
	say_description(f, found);
	return HT_EXIT_DONE;
}

bool ht_fetch_is_shown(const struct ht_fetch *f, struct ht_text offer)
{
	for (size_t i = 0; i < f->offers_count; i++) {
		if (ht_text_same(f->offers[i], offer))
			return true;
	}
	return false;
}

void ht_fetch_served(struct ht_fetch *f)
{
	const struct ht_json *address = ht_json_member(f->client.json, "dataAddress");

	f->download.url = ht_text_copy(f->client.arena, ht_json_text(ht_json_member(address, "endpoint")));
	f->download.authorization = ht_text_copy(f->client.arena, ht_json_text(ht_json_member(address, "authorization")));
}

void ht_fetch_pushed(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_text path = ht_client_path(c, "transfers", f->transfer, "/data");

	f->pushed = true;
	f->download.url = ht_text_format(c->arena, HT_TEXT_FMT HT_TEXT_FMT, HT_TEXT_ARG(c->url), HT_TEXT_ARG(path));
	f->download.authorization = c->token;
	f->allow = ht_ranges_all;
}

/* A name that no other file of the folder has. */
static const char *temporary(struct ht_fetch *f)
{
	struct ht_arena *a = f->client.arena;

	return ht_text_z(a, ht_text_format(a, ".hutong-%016llx", (unsigned long long)ht_random_u64(&ht_random_os)));
}

/* What may be done about bytes that are not those of the description. */
static const char *hint(const struct ht_fetch *f)
{
	if (f->current)
		return HT_PICK(f->client.lang, "hutong get --new takes a new agreement", "hutong get --new 可重新协商");
	return HT_PICK(f->client.lang, "the agreement is not on an offer that the catalog shows, so it may be on an older version",
		       "该协议所依据的要约不在目录中,可能对应较旧的版本");
}

/* Length and hash against the description. */
static int check(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_download *d = &f->download;
	uint8_t hash[HT_SHA256];
	struct ht_text found = ht_hex(c->arena, (struct ht_bytes){ d->sha256, sizeof d->sha256 });

	if (f->size >= 0 && d->got != f->size)
		return ht_client_wrong(c, HT_EXIT_UNVERIFIED, "checksum",
				       d->got > f->size ? HT_PICK(c->lang, "WRONG LENGTH: more than the %lld bytes described; %s",
								  "长度不符:多于描述的 %lld 字节;%s") :
							  HT_PICK(c->lang, "WRONG LENGTH: less than the %lld bytes described; %s",
								  "长度不符:少于描述的 %lld 字节;%s"),
				       (long long)f->size, hint(f));
	if (!f->has_hash)
		return HT_EXIT_DONE;
	if (!ht_hex_read(f->sha256, hash, sizeof hash) || memcmp(hash, d->sha256, sizeof hash))
		return ht_client_wrong(c, HT_EXIT_UNVERIFIED, "checksum",
				       HT_PICK(c->lang, "WRONG CONTENT: SHA-256 is " HT_TEXT_FMT ", described is " HT_TEXT_FMT "; %s",
					       "内容不符:SHA-256 为 " HT_TEXT_FMT ",描述为 " HT_TEXT_FMT ";%s"),
				       HT_TEXT_ARG(found), HT_TEXT_ARG(f->sha256), hint(f));
	ht_client_say(c, HT_PICK(c->lang, "received: %lld bytes, SHA-256 as described", "已接收:%lld 字节,SHA-256 与描述一致"),
		      (long long)d->got);
	return HT_EXIT_DONE;
}

static struct ht_text sidecar_text(struct ht_fetch *f)
{
	struct ht_arena *a = f->client.arena;
	struct ht_json_out out;

	ht_json_begin(&out, a);
	ht_json_open(&out, NULL, '{');
	ht_json_put_z(&out, "file", f->name);
	ht_json_put(&out, "product", f->product);
	ht_json_put(&out, "agreement", f->agreement);
	ht_json_put(&out, "transfer", f->transfer);
	ht_json_put(&out, "base", f->base);
	ht_json_put_some(&out, "peer", f->peer);
	ht_json_put(&out, "sha256", ht_hex(a, (struct ht_bytes){ f->download.sha256, HT_SHA256 }));
	ht_json_put_int(&out, "size", f->download.got);
	ht_json_put_bool(&out, "checked", f->has_hash);
	ht_json_put(&out, "received", ht_time_text(a, ht_now_us()));
	ht_json_close(&out, '}');
	return ht_json_end(&out);
}

/* Both files under their names; first the sidecar, which needs room. Whatever fails, no temporary file is left. */
static int keep(struct ht_fetch *f, struct ht_text sidecar)
{
	struct ht_disk *disk = &f->disk;
	struct ht_text line = ht_text_format(f->client.arena, HT_TEXT_FMT "\n", HT_TEXT_ARG(sidecar));
	struct ht_bytes map = { NULL, 0 };
	enum ht_err err = HT_OK, left;

	if (!f->client.line->values[HT_GET_FORCE].number && ht_file_map(f->path, &map) != HT_E_MISSING)
		err = HT_E_DENIED; /* somebody made one meanwhile */
	ht_file_unmap(map);
	if (!err)
		err = ht_disk_put(disk, f->sidecar, temporary(f), 0666, line);
	if (!err)
		err = disk->rename(disk->self, f->download.name, f->name);
	if (!err)
		return HT_EXIT_DONE;
	left = disk->remove(disk->self, f->download.name);
	return ht_client_fail(&f->client, ht_text_of(f->path), left ? left : err, NULL);
}

/* The bytes on standard output. The temporary file has no name any more while they are written, so it goes however that ends. */
static int put_out(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_text path = ht_text_format(c->arena, "%s/%s", f->room, f->download.name);
	struct ht_bytes map = { NULL, 0 };
	enum ht_err err = ht_file_map(ht_text_z(c->arena, path), &map), left = f->disk.remove(f->disk.self, f->download.name);
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
static bool is_completed(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	int status = ht_client_call(c, "GET", ht_client_path(c, "transfers", f->transfer, ""), HT_TEXT(""));

	return !status && ht_text_is(ht_client_text(c, "state"), "COMPLETED");
}

/* What was pushed the provider may complete at the same time. */
static int complete(struct ht_fetch *f)
{
	struct ht_client *c = &f->client;
	struct ht_text path = ht_client_path(c, "transfers", f->transfer, "/complete");
	struct ht_json_out body;
	int status;

	if (f->over)
		return HT_EXIT_DONE;
	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put(&body, "sha256", ht_hex(c->arena, (struct ht_bytes){ f->download.sha256, HT_SHA256 }));
	ht_json_put_int(&body, "size", f->download.got);
	ht_json_close(&body, '}');
	f->running = false;
	c->may_be_late = f->pushed;
	status = ht_client_call(c, "POST", path, ht_json_end(&body));
	c->may_be_late = false;
	if (!c->late)
		return status;
	return is_completed(f) ? HT_EXIT_DONE : ht_client_call(c, "POST", path, ht_json_end(&body));
}

int ht_fetch_receive(struct ht_fetch *f, struct ht_text *sidecar)
{
	struct ht_client *c = &f->client;
	enum ht_err left;
	int status;

	f->download.disk = &f->disk;
	f->download.name = temporary(f);
	f->download.path = f->room ? f->room : f->path;
	f->download.mode = f->room ? 0600 : 0666;
	f->download.allow = &f->allow;
	f->download.size = f->size;
	status = ht_download(c, &f->download);
	if (status)
		return status;
	status = check(f);
	if (status) {
		left = f->disk.remove(f->disk.self, f->download.name);
		return left ? ht_client_fail(c, ht_text_of(f->download.name), left, NULL) : status;
	}
	if (f->room) {
		status = put_out(f);
		return status ? status : complete(f);
	}
	*sidecar = sidecar_text(f);
	status = keep(f, *sidecar);
	if (!status)
		ht_client_say(c, HT_PICK(c->lang, "saved: %s", "已保存:%s"), f->path);
	return status ? status : complete(f);
}
