/* app/commands.c - the rows of app/command.h. */
#include "app/command.h"

#include "app/serve/serve.h"
#include "app/trade/trade.h"
#include "base/count.h"

static const struct ht_setting party_add[] = {
	[HT_PARTY_NAME] = { .name = "name", .metavar = "TEXT", .type = HT_SET_TEXT,
		.en = "name for people", .zh = "供人阅读的名称" },
};

static const struct ht_setting token_new[] = {
	[HT_TOKEN_PARTY] = { .name = "party", .metavar = "P", .type = HT_SET_TEXT,
		.en = "party that the token acts for (provider and consumer)", .zh = "令牌所代表的参与方(provider 与 consumer 需要)" },
	[HT_TOKEN_ROLE] = { .name = "role", .metavar = "ROLE", .type = HT_SET_TEXT,
		.en = "provider, consumer, operator or regulator", .zh = "provider、consumer、operator 或 regulator" },
};

static const struct ht_setting publish[] = {
	[HT_PUBLISH_PARTY] = { .name = "party", .metavar = "P", .type = HT_SET_TEXT,
		.en = "party that publishes; without it the one of the token", .zh = "发布方;省略时为令牌所属参与方" },
	[HT_PUBLISH_ID] = { .name = "id", .metavar = "ID", .type = HT_SET_TEXT,
		.en = "@id of the dataset, used as it is", .zh = "数据集的 @id,原样使用" },
	[HT_PUBLISH_POLICY] = { .name = "policy", .metavar = "F.json", .type = HT_SET_TEXT,
		.en = "file with the ODRL policy of the offer, without @id and target; without it as the version before, at first a bare permission", .zh = "要约的 ODRL 策略文件,不含 @id 与 target;省略时同上一版本,首次为无约束许可" },
	[HT_PUBLISH_AUDIENCE] = { .name = "audience", .metavar = "DID[,DID...]", .type = HT_SET_TEXT,
		.en = "who may see it, or all; without it as the version before, at first all", .zh = "可见范围,all 为所有人;省略时同上一版本,首次为所有人" },
	[HT_PUBLISH_TITLE] = { .name = "title", .metavar = "TEXT", .type = HT_SET_TEXT,
		.en = "title in the catalog", .zh = "目录中的标题" },
};

static const struct ht_setting negotiate[] = {
	[HT_NEGOTIATE_PRODUCT] = { .name = "product", .metavar = "ID", .type = HT_SET_TEXT,
		.en = "@id of the dataset in the provider's catalog", .zh = "提供方目录中数据集的 @id" },
	[HT_NEGOTIATE_WAIT] = { .name = "wait", .type = HT_SET_FLAG,
		.en = "wait until it is settled", .zh = "等待协商有结果" },
};

static const struct ht_setting get[] = {
	[HT_GET_OUTPUT] = { .name = "output", .metavar = "FILE", .type = HT_SET_TEXT,
		.en = "where the file goes, also -o FILE; without it the last part of PRODUCT, here; - is standard output, once it is checked",
		.zh = "保存位置,也可写作 -o FILE;省略时取 PRODUCT 的最后一段,存于当前目录;- 为核对后写到标准输出" },
	[HT_GET_FORCE] = { .name = "force", .type = HT_SET_FLAG,
		.en = "replace a file that is there", .zh = "覆盖已有文件" },
	[HT_GET_NEW] = { .name = "new", .type = HT_SET_FLAG,
		.en = "negotiate a new agreement although one is valid", .zh = "即使已有有效协议也重新协商" },
};

static const struct ht_setting terminate[] = {
	[HT_TERMINATE_REASON] = { .name = "reason", .metavar = "TEXT", .type = HT_SET_TEXT,
		.en = "why; the peer reads it", .zh = "原因,对方可见" },
};

#define SETTINGS(rows) .settings = (rows), .settings_count = HT_COUNT(rows)

static const struct ht_command commands[] = {
	{ "serve", "", .plain = ht_app_serve,
		.en = "Runs the node.", .zh = "运行节点。" },
	{ "party add", "ID", SETTINGS(party_add), .needs = "name", .run = ht_trade_party_add,
		.en = "Adds a party to the node.", .zh = "在节点上添加参与方。" },
	{ "party ls", "", .of = "parties", .run = ht_trade_list,
		.en = "Lists the parties of the node.", .zh = "列出节点的参与方。" },
	{ "token new", "", SETTINGS(token_new), .needs = "role", .run = ht_trade_token_new,
		.en = "Makes a token for the API and prints it, this once.", .zh = "签发 API 令牌并打印,仅此一次。" },
	{ "token ls", "", .of = "tokens", .run = ht_trade_list,
		.en = "Lists the tokens, without their secrets.", .zh = "列出令牌(不含密文)。" },
	{ "token revoke", "ID", .run = ht_trade_token_revoke,
		.en = "Makes a token invalid.", .zh = "吊销令牌。" },
	{ "product publish", "FILE", SETTINGS(publish), .needs = "id", .run = ht_trade_publish,
		.en = "Offers a file in the catalog; the same id again is a new version.", .zh = "在目录中发布文件;同一 id 再次发布即为新版本。" },
	{ "product ls", "", .of = "products", .run = ht_trade_list,
		.en = "Lists what is published.", .zh = "列出已发布的产品。" },
	{ "catalog", "BASE", .run = ht_trade_catalog,
		.en = "Shows what a provider offers to your party.", .zh = "查看某提供方向您提供的目录。" },
	{ "negotiate", "BASE", SETTINGS(negotiate), .needs = "product", .run = ht_trade_negotiate,
		.en = "Negotiates an agreement on a product.", .zh = "就某产品协商协议。" },
	{ "get", "BASE PRODUCT", SETTINGS(get), .run = ht_trade_get,
		.en = "Fetches a product: agreement, transfer, download, check. Leaves FILE and FILE.hutong.json.",
		.zh = "获取产品:协商、传输、下载并核对。得到 FILE 与 FILE.hutong.json。" },
	{ "negotiation ls", "", .of = "negotiations", .run = ht_trade_list,
		.en = "Lists the negotiations.", .zh = "列出协商。" },
	{ "negotiation show", "ID", .of = "negotiations", .run = ht_trade_show,
		.en = "Shows one negotiation.", .zh = "查看一次协商。" },
	{ "negotiation terminate", "ID", SETTINGS(terminate), .of = "negotiations", .run = ht_trade_terminate,
		.en = "Ends a negotiation.", .zh = "终止协商。" },
	{ "agreement ls", "", .of = "agreements", .run = ht_trade_list,
		.en = "Lists the agreements.", .zh = "列出协议。" },
	{ "agreement show", "ID", .of = "agreements", .run = ht_trade_show,
		.en = "Shows one agreement.", .zh = "查看一份协议。" },
	{ "transfer ls", "", .of = "transfers", .run = ht_trade_list,
		.en = "Lists the transfers.", .zh = "列出传输。" },
	{ "transfer show", "ID", .of = "transfers", .run = ht_trade_show,
		.en = "Shows one transfer.", .zh = "查看一次传输。" },
	{ "transfer terminate", "ID", SETTINGS(terminate), .of = "transfers", .run = ht_trade_terminate,
		.en = "Ends a transfer.", .zh = "终止传输。" },
	{ "letters ls", "", .of = "letters", .run = ht_trade_list,
		.en = "Lists the messages that are not settled.", .zh = "列出尚未了结的消息。" },
	{ "letters retry", "ID", .of = "letters", .run = ht_trade_retry,
		.en = "Sends the message of process ID again.", .zh = "重发进程 ID 的消息。" },
	{ "history", "[ID]", .run = ht_trade_history,
		.en = "Shows what happened: everything, or one process, agreement or product. The end of an id, as it prints them, will do.",
		.zh = "查看历史:全部,或某一进程、协议、产品。可只写所显示的标识末段。" },
};

const struct ht_command *ht_commands(size_t *n)
{
	*n = HT_COUNT(commands);
	return commands;
}
