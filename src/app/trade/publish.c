/* app/trade/publish.c - a file into the catalog: uploaded from its pages, so that memory does not grow with it. */
#include <string.h>

#include "app/trade/client.h"
#include "app/trade/policy_file.h"
#include "app/trade/trade.h"
#include "base/time.h"
#include "core/market/policy.h"
#include "crypto/crypto.h"
#include "os/os.h"
#include "wire/dsp.h"

/* Sends the file and compares what arrived with what was read. */
static int upload(struct ht_client *c, struct ht_text *sha256)
{
	struct ht_bytes map;
	uint8_t hash[HT_SHA256];
	int64_t size = -1;
	int status;
	enum ht_err err = ht_file_map(c->line->args[0], &map);

	if (err)
		return ht_client_fail(c, ht_text_of(c->line->args[0]), err, NULL);
	status = ht_client_call_body(c, "POST", HT_TEXT("/uploads"), &(struct ht_client_body){
		.content_type = "application/octet-stream", .bytes = map });
	if (!status) {
		ht_sha256(map, hash);
		*sha256 = ht_hex(c->arena, (struct ht_bytes){ hash, sizeof hash });
		ht_json_int(ht_json_member(c->json, "size"), &size);
		if (size != (int64_t)map.len || !ht_text_same(*sha256, ht_client_text(c, "sha256"))) {
			status = ht_client_wrong(c, HT_EXIT_UNVERIFIED, "checksum",
						 HT_PICK(c->lang, "the node received other bytes than the file has; nothing is published",
							 "节点收到的字节与文件不一致,未发布"));
		}
	}
	ht_file_unmap(map);
	return status;
}

/* Not given: as the version before. "all" is the empty list: everybody. */
static void put_audience(struct ht_json_out *body, struct ht_text audience)
{
	struct ht_text did;

	if (!audience.len)
		return;
	ht_json_open(body, "audience", '[');
	if (ht_text_is(audience, "all"))
		audience = HT_TEXT("");
	while (audience.len) {
		ht_text_cut(audience, ',', &did, &audience);
		did = ht_text_trim(did);
		if (did.len)
			ht_json_put(body, NULL, did);
	}
	ht_json_close(body, ']');
}

/* The party that publishes: given, or the one of the token. */
static int find_party(struct ht_client *c, struct ht_text *party)
{
	int status;

	*party = c->line->values[HT_PUBLISH_PARTY].text;
	if (party->len)
		return HT_EXIT_DONE;
	status = ht_client_call(c, "GET", HT_TEXT("/self"), HT_TEXT(""));
	if (status)
		return status;
	*party = ht_client_text(c, "party");
	return party->len ? HT_EXIT_DONE :
			    ht_client_usage(
				    c, "HUTONG_TOKEN",
				    HT_PICK(c->lang, "acts for no party; a provider's token is needed", "不代表任何参与方;需要提供方令牌"));
}

static int publish(struct ht_client *c)
{
	const struct ht_line *line = c->line;
	struct ht_text policy, sha256, party, folders, name;
	struct ht_json_out body;
	const struct ht_setting_value *audience = &line->values[HT_PUBLISH_AUDIENCE];
	int status = ht_policy_file(c, &line->values[HT_PUBLISH_POLICY], &policy);

	if (!status && audience->set && !audience->text.len)
		status = ht_client_usage(c, "--audience",
					 HT_PICK(c->lang, "names nobody; all is everybody", "未指定任何人;all 表示所有人"));
	if (!status)
		status = find_party(c, &party);
	if (!status)
		status = upload(c, &sha256);
	if (status)
		return status;
	ht_text_cut_last(ht_text_of(line->args[0]), '/', &folders, &name);
	ht_json_begin(&body, c->arena);
	ht_json_open(&body, NULL, '{');
	ht_json_put(&body, "party", party);
	ht_json_put(&body, "id", line->values[HT_PUBLISH_ID].text);
	ht_json_put_some(&body, "title", line->values[HT_PUBLISH_TITLE].text);
	ht_json_put(&body, "file", name);
	ht_json_put(&body, "sha256", sha256);
	if (policy.len)
		ht_json_put_raw(&body, "policy", policy);
	ht_json_put_some(&body, "offerId", line->values[HT_PUBLISH_OFFER].text);
	if (line->values[HT_PUBLISH_MANUAL].number)
		ht_json_put_bool(&body, "manual", true);
	put_audience(&body, audience->text);
	ht_json_close(&body, '}');
	return ht_client_call(c, "POST", HT_TEXT("/products"), ht_json_end(&body));
}

/* Whoever is asked about: in a permission every recipient is one, in a prohibition none. */
static void forget_recipients(struct ht_constraint *list, size_t n, bool holds)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].join != HT_JOIN_NONE)
			forget_recipients(list[i].parts, list[i].parts_count, holds);
		else if (list[i].left == HT_LEFT_RECIPIENT)
			list[i] = (struct ht_constraint){
				.part = list[i].part, .left = HT_LEFT_TRANSFERS, .op = HT_OP_LTEQ, .number = holds ? INT64_MAX : 0
			};
	}
}

/* Terms that hold for nobody now hide the product; they may be meant for later. */
static void warn(struct ht_client *c)
{
	const struct ht_use use = { .now_us = ht_now_us(), .count = 1, .since_us = ht_now_us() };
	struct ht_text text = ht_text_copy(c->arena, ht_json_span(c->text, "policy"));
	struct ht_refusal why = { 0 };
	struct ht_policy policy;

	if (!text.len || !ht_odrl_read(text, c->arena, &policy, &why))
		return;
	for (size_t i = 0; i < policy.count; i++)
		forget_recipients(policy.permissions[i].constraints, policy.permissions[i].count, true);
	for (size_t i = 0; i < policy.prohibitions_count; i++)
		forget_recipients(policy.prohibitions[i].constraints, policy.prohibitions[i].count, false);
	if (ht_policy_permits(&policy, &use, c->arena, &why))
		return;
	ht_client_say(c,
		      HT_PICK(c->lang, "warning: nobody is shown it now, as its terms do not hold: " HT_TEXT_FMT,
			      "警告:其条款目前不成立,无人可见:" HT_TEXT_FMT),
		      HT_TEXT_ARG(why.detail.len ? why.detail : why.place));
}

int ht_trade_publish(const struct ht_line *line)
{
	struct ht_client c;
	struct ht_text id, sha256;
	int64_t version = 0, size = 0;
	size_t readers;
	int status = ht_client_init(&c, line);

	c.who = "provider";
	if (!status)
		status = publish(&c);
	if (!status && line->json) {
		ht_client_print_answer(&c, HT_TEXT(""));
	} else if (!status) {
		ht_json_int(ht_json_member(c.json, "version"), &version);
		ht_json_int(ht_json_member(c.json, "size"), &size);
		id = ht_client_text(&c, "id");
		sha256 = ht_client_text(&c, "sha256");
		readers = ht_json_count(ht_json_member(c.json, "audience"));
		ht_client_say(
			&c,
			HT_PICK(line->lang, "published " HT_TEXT_FMT " version %lld, %lld bytes, SHA-256 " HT_TEXT_FMT "; offered to %s",
				"已发布 " HT_TEXT_FMT ",版本 %lld,%lld 字节,SHA-256 " HT_TEXT_FMT ";提供对象:%s"),
			HT_TEXT_ARG(id), (long long)version, (long long)size, HT_TEXT_ARG(sha256),
			readers ? HT_PICK(line->lang, "its audience only", "仅指定对象") : HT_PICK(line->lang, "everybody", "所有人"));
	}
	if (!status)
		warn(&c);
	ht_client_fini(&c);
	return status;
}
