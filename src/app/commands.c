/* app/commands.c - the rows of app/command.h. */
#include "app/command.h"

#include "app/serve/serve.h"
#include "app/trade/trade.h"
#include "app/trade/verbs.h"
#include "base/count.h"
#include "wire/dsp.h"

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
	[HT_PUBLISH_OFFER] = { .name = "offer-id", .metavar = "OID", .type = HT_SET_TEXT,
		.en = "@id of the offer; without it a hash of party, id, version and policy", .zh = "要约的 @id;省略时为参与方、id、版本与策略的散列" },
	[HT_PUBLISH_MANUAL] = { .name = "manual", .type = HT_SET_FLAG,
		.en = "what peers begin about it is answered by hand (hutong negotiation, hutong transfer); your own offers of it need hutong negotiate --manual themselves",
		.zh = "对方就该产品发起的一切均由人工答复(hutong negotiation、hutong transfer);自己提出的要约须另加 hutong negotiate --manual" },
};

static const struct ht_setting catalog[] = {
	[HT_CATALOG_MOST] = { .name = "most", .metavar = "N", .type = HT_SET_COUNT, .low = 1, .high = UINT32_MAX,
		.en = "at most so many datasets; without it all", .zh = "最多取多少个数据集;省略时取全部" },
};

static const struct ht_setting negotiate[] = {
	[HT_NEGOTIATE_PRODUCT] = { .name = "product", .metavar = "ID", .type = HT_SET_TEXT,
		.en = "@id of the dataset in the provider's catalog", .zh = "提供方目录中数据集的 @id" },
	[HT_NEGOTIATE_OFFER] = { .name = "offer", .metavar = "OID", .type = HT_SET_TEXT,
		.en = "@id of an offer of the dataset; without it the first", .zh = "数据集中要约的 @id;省略时为第一个" },
	[HT_NEGOTIATE_POLICY] = { .name = "policy", .metavar = "F.json", .type = HT_SET_TEXT,
		.en = "file with the ODRL policy that is asked for, or offered; without it that of the offer, or of the product",
		.zh = "所请求或所提出的 ODRL 策略文件;省略时为要约或产品的策略" },
	[HT_NEGOTIATE_MANUAL] = { .name = "manual", .type = HT_SET_FLAG,
		.en = "each further message is sent by hand: hutong negotiation", .zh = "后续消息均由人工发送：hutong negotiation" },
	[HT_NEGOTIATE_YES] = { .name = "yes", .type = HT_SET_FLAG,
		.en = "agree to the terms that are shown, without a question", .zh = "同意所显示的条款,不再询问" },
	[HT_NEGOTIATE_WAIT] = { .name = "wait", .type = HT_SET_FLAG,
		.en = "wait until it is settled; with --manual also until it waits for you", .zh = "等待协商有结果;用 --manual 时也等到待您处理" },
};

static const struct ht_setting get[] = {
	[HT_GET_OUTPUT] = { .name = "output", .metavar = "FILE", .type = HT_SET_TEXT,
		.en = "where the file goes, also -o FILE; without it the last part of PRODUCT, here; - is standard output, once it is checked",
		.zh = "保存位置,也可写作 -o FILE;省略时取 PRODUCT 的最后一段,存于当前目录;- 为核对后写到标准输出" },
	[HT_GET_FORCE] = { .name = "force", .type = HT_SET_FLAG,
		.en = "replace a file that is there", .zh = "覆盖已有文件" },
	[HT_GET_NEW] = { .name = "new", .type = HT_SET_FLAG,
		.en = "negotiate a new agreement although one is valid", .zh = "即使已有有效协议也重新协商" },
	[HT_GET_YES] = { .name = "yes", .type = HT_SET_FLAG,
		.en = "agree to the terms that are shown, without a question, when it has to negotiate", .zh = "需要协商时同意所显示的条款,不再询问" },
	[HT_GET_FORMAT] = { .name = "format", .metavar = "FORMAT", .type = HT_SET_TEXT, .preset = HT_DSP_PULL,
		.en = "HttpData-PULL: the file is fetched; HttpData-PUSH: the provider pushes it to your node, and from there it is fetched (a hutong provider does not push yet)",
		.zh = "HttpData-PULL:主动下载;HttpData-PUSH:由提供方推送到您的节点,再从节点取回(hutong 提供方尚不支持推送)" },
	[HT_GET_AGREEMENT] = { .name = "agreement", .metavar = "AID", .type = HT_SET_TEXT,
		.en = "use exactly this agreement, also one that was made by hand; the end of its id will do", .zh = "使用指定的协议(包括人工订立的);可只写标识末段" },
};

static const struct ht_setting fetch[] = {
	[HT_GET_OUTPUT] = { .name = "output", .metavar = "FILE", .type = HT_SET_TEXT,
		.en = "where the file goes, also -o FILE; without it the last part of the product's id, here; - is standard output, once it is checked",
		.zh = "保存位置,也可写作 -o FILE;省略时取产品标识的最后一段,存于当前目录;- 为核对后写到标准输出" },
	[HT_GET_FORCE] = { .name = "force", .type = HT_SET_FLAG,
		.en = "replace a file that is there", .zh = "覆盖已有文件" },
};

static const struct ht_setting request[] = {
	[HT_REQUEST_FORMAT] = { .name = "format", .metavar = "FORMAT", .type = HT_SET_TEXT,
		.en = "HttpData-PULL, also without it, or HttpData-PUSH (a hutong provider does not push yet)",
		.zh = "HttpData-PULL(省略时亦同)或 HttpData-PUSH(hutong 提供方尚不支持推送)" },
	[HT_REQUEST_MANUAL] = { .name = "manual", .type = HT_SET_FLAG,
		.en = "each further message is sent by hand: hutong transfer", .zh = "后续消息均由人工发送：hutong transfer" },
	[HT_REQUEST_WAIT] = { .name = "wait", .type = HT_SET_FLAG,
		.en = "wait until it is started, or has ended", .zh = "等待传输开始或结束" },
};

/* What the verbs of app/trade/verbs.h take. */
#define VERB_WAIT                                                \
	[HT_VERB_WAIT] = { .name = "wait", .type = HT_SET_FLAG,  \
		.en = "wait until the peer has received the message; not for what it decides on it", .zh = "等待对方收到该消息;不等待其决定" }

static const struct ht_setting verb_nothing[] = { VERB_WAIT };

static const struct ht_setting verb_terms[] = {
	VERB_WAIT,
	[HT_VERB_OWN] = { .name = "policy", .metavar = "F.json", .type = HT_SET_TEXT,
		.en = "file with the ODRL policy that is offered; without it that of the product", .zh = "所提出的 ODRL 策略文件;省略时为产品的策略" },
};

static const struct ht_setting verb_other[] = {
	VERB_WAIT,
	[HT_VERB_OWN] = { .name = "policy", .metavar = "F.json", .type = HT_SET_TEXT,
		.en = "file with the ODRL policy that is asked for", .zh = "所请求的 ODRL 策略文件" },
};

static const struct ht_setting verb_reason[] = {
	VERB_WAIT,
	[HT_VERB_OWN] = { .name = "reason", .metavar = "TEXT", .type = HT_SET_TEXT,
		.en = "why; the peer reads it", .zh = "原因,对方可见" },
};

static const struct ht_setting verb_yes[] = {
	VERB_WAIT,
	[HT_VERB_OWN] = { .name = "yes", .type = HT_SET_FLAG,
		.en = "agree to the terms that are shown, without a question", .zh = "同意所显示的条款,不再询问" },
};

/* What must be given of it. */
#define NEEDS_nothing NULL
#define NEEDS_terms NULL
#define NEEDS_other "policy"
#define NEEDS_reason NULL
#define NEEDS_yes NULL

static const struct ht_setting watch[] = {
	[HT_WATCH_AFTER] = { .name = "after", .metavar = "N", .type = HT_SET_COUNT, .low = 0, .high = INT64_MAX,
		.en = "begin after the event with this number, 0 for all; without it with what happens from now on",
		.zh = "从该编号之后的事件开始,0 为全部;省略时只显示此后的事件" },
};

static const struct ht_setting explain[] = {
	[HT_EXPLAIN_AS] = { .name = "as", .metavar = "DID", .type = HT_SET_TEXT,
		.en = "who uses it: a DID, or an id of the peers file; without it the assignee of the policy, else somebody whom its recipients may mean",
		.zh = "使用方：DID 或对端文件中的标识;省略时为策略中的受让方,没有则视为符合 recipient 的某一方" },
	[HT_EXPLAIN_AT] = { .name = "at", .metavar = "TIME", .type = HT_SET_TEXT,
		.en = "when, as 2026-12-31T00:00:00Z; without it now", .zh = "使用时间,如 2026-12-31T00:00:00Z;省略时为现在" },
	[HT_EXPLAIN_COUNT] = { .name = "count", .metavar = "N", .type = HT_SET_COUNT, .high = INT64_MAX,
		.en = "which transfer under the agreement it is; without it the first", .zh = "协议下的第几次传输;省略时为第一次" },
	[HT_EXPLAIN_AGREED] = { .name = "agreed", .metavar = "TIME", .type = HT_SET_TEXT,
		.en = "when the agreement was made; without it the timestamp of the policy, or the time of --at", .zh = "协议时间;省略时取策略的 timestamp,没有则同 --at" },
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
		.en = "Lists the tokens, without their secrets.", .zh = "列出令牌,不含令牌明文。" },
	{ "token revoke", "ID", .run = ht_trade_token_revoke,
		.en = "Makes a token invalid.", .zh = "吊销令牌。" },
	{ "product publish", "FILE", SETTINGS(publish), .needs = "id", .run = ht_trade_publish,
		.en = "Offers a file in the catalog; the same id again is a new version.", .zh = "在目录中发布文件;同一 id 再次发布即为新版本。" },
	{ "product ls", "", .of = "products", .run = ht_trade_list,
		.en = "Lists what is published.", .zh = "列出已发布的产品。" },
	{ "catalog", "BASE", SETTINGS(catalog), .run = ht_trade_catalog,
		.en = "Shows what a provider offers to your party.", .zh = "查看某提供方向您提供的目录。" },
	{ "negotiate", "BASE", SETTINGS(negotiate), .needs = "product", .run = ht_trade_negotiate,
		.en = "Asks a provider for an agreement on a product; with a provider's token offers one to the consumer at BASE.",
		.zh = "就某产品向提供方请求协议;使用提供方令牌时向 BASE 的消费方提出要约。" },
	{ "get", "BASE PRODUCT", SETTINGS(get), .run = ht_trade_get,
		.en = "Fetches a product: agreement, transfer, download, check. Leaves FILE and FILE.hutong.json.",
		.zh = "获取产品：协商、传输、下载并核对。得到 FILE 与 FILE.hutong.json。" },
	{ "negotiation ls", "", .of = "negotiations", .run = ht_trade_list,
		.en = "Lists the negotiations.", .zh = "列出协商。" },
	{ "negotiation show", "ID", .of = "negotiations", .run = ht_trade_show,
		.en = "Shows one negotiation.", .zh = "查看一次协商。" },
#define X(word, msg, roles, takes, en_text, zh_text, may_en, may_zh)                                             \
	{ "negotiation " word, "ID", SETTINGS(verb_##takes), .needs = NEEDS_##takes, .of = "negotiations", .run = ht_trade_verb, \
		.en = en_text, .zh = zh_text },
	HT_VERBS_OF_NEGOTIATION(X)
#undef X
	{ "agreement ls", "", .of = "agreements", .run = ht_trade_list,
		.en = "Lists the agreements.", .zh = "列出协议。" },
	{ "agreement show", "ID", .of = "agreements", .run = ht_trade_show,
		.en = "Shows one agreement.", .zh = "查看一份协议。" },
	{ "transfer ls", "", .of = "transfers", .run = ht_trade_list,
		.en = "Lists the transfers.", .zh = "列出传输。" },
	{ "transfer show", "ID", .of = "transfers", .run = ht_trade_show,
		.en = "Shows one transfer.", .zh = "查看一次传输。" },
	{ "transfer request", "AGREEMENT", SETTINGS(request), .of = "transfers", .run = ht_trade_request,
		.en = "Asks for the data under an agreement; hutong get does all of it.", .zh = "按协议请求数据;hutong get 会完成全部步骤。" },
	{ "transfer fetch", "ID", SETTINGS(fetch), .of = "transfers", .run = ht_trade_fetch,
		.en = "Downloads the data of a transfer that is started, checks them, and completes it. Leaves FILE and FILE.hutong.json.",
		.zh = "下载已开始的传输的数据,核对后完成传输。得到 FILE 与 FILE.hutong.json。" },
#define X(word, msg, roles, takes, en_text, zh_text, may_en, may_zh)                                             \
	{ "transfer " word, "ID", SETTINGS(verb_##takes), .needs = NEEDS_##takes, .of = "transfers", .run = ht_trade_verb, \
		.en = en_text, .zh = zh_text },
	HT_VERBS_OF_TRANSFER(X)
#undef X
	{ "letters ls", "", .of = "letters", .run = ht_trade_list,
		.en = "Lists the messages that are not settled.", .zh = "列出尚未了结的消息。" },
	{ "letters retry", "ID", .of = "letters", .run = ht_trade_retry,
		.en = "Sends the message of process ID again.", .zh = "重发进程 ID 的消息。" },
	{ "watch", "", SETTINGS(watch), .run = ht_trade_watch,
		.en = "Follows what happens to your party, a line for each event, until Ctrl-C; with --json an object for each.",
		.zh = "持续显示本参与方的事件,每行一个,直到 Ctrl-C;用 --json 时每行一个对象。" },
	{ "history", "[ID]", .run = ht_trade_history,
		.en = "Shows what happened: everything, or one process, agreement or product. The end of an id, as it prints them, will do.",
		.zh = "查看历史：全部,或某一进程、协议、产品。可只写所显示的标识末段。" },
	{ "policy explain", "FILE", SETTINGS(explain), .run = ht_trade_policy_explain,
		.en = "Says a policy in plain words and whether it permits a use. Asks no node. Exit status 1 when it denies what was given; what only depends on who asks is permitted.",
		.zh = "用自然语言说明策略,并判断是否允许使用。无需节点。按所给条件被禁止时退出码为 1;仅取决于由谁使用时视为允许。" },
};

const struct ht_command *ht_commands(size_t *n)
{
	*n = HT_COUNT(commands);
	return commands;
}
