/* app/serve/settings.c - the table of the settings of a node. */
#include "app/serve/settings.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/count.h"
#include "base/out.h"
#include "base/time.h"
#include "os/os.h"

enum {
	DATA, LISTEN, PUBLIC_URL, TRUST, ALLOW_NET, PEERS, GATE_LISTEN, GATE_URL, CONFIG, HELP,
	CONNECTIONS_MAX, STREAMS_MAX, QUEUE_MAX, COURIER_MAX, BODY_MAX, UPLOAD_MAX,
	ANSWER_TIMEOUT, IDLE_TIMEOUT, REQUEST_TIMEOUT, STOP_TIMEOUT,
	RETRY_FIRST, RETRY_MOST, RETRY_HORIZON, REPEAT_FOR, QUIET,
	COUNT
};

#define HT_DAYS(n) ((uint64_t)(n) * HT_DAY_US)

static const struct ht_setting rows[COUNT] = {
	[DATA] = { "data", "HUTONG_DATA", "DIR", "data", HT_SET_TEXT, 0, 0,
		"data folder; the first start makes it", "数据目录,首次启动时创建" },
	[LISTEN] = { "listen", "HUTONG_LISTEN", "HOST:PORT", "127.0.0.1:8080", HT_SET_TEXT, 0, 0,
		"where to listen; port 0 takes a free one", "监听地址;端口 0 表示任选空闲端口" },
	[PUBLIC_URL] = { "public-url", "HUTONG_PUBLIC_URL", "URL", NULL, HT_SET_TEXT, 0, 0,
		"how others reach this node; fixed at the first start; default http://localhost:PORT", "外部访问地址,首次启动后固定;默认 http://localhost:端口" },
	[TRUST] = { "trust", "HUTONG_TRUST", "open|web|DID[,DID...]", NULL, HT_SET_TEXT, 0, 0,
		"whose identity counts; web: any did:web that verifies; DIDs: of these only the listed; open: as web, and addresses of this machine may be reached (the preset when all is on this machine)",
		"信任谁的身份;web:任何可验证的 did:web;DID:仅所列各方;open:同 web,并可访问本机地址(全部在本机时的默认值)" },
	[ALLOW_NET] = { "allow-net", "HUTONG_ALLOW_NET", "CIDR[,CIDR...]", NULL, HT_SET_TEXT, 0, 0,
		"private ranges that requests may go to all the same", "允许出站请求访问的内网地址段" },
	[PEERS] = { "peers", "HUTONG_PEERS", "FILE", NULL, HT_SET_TEXT, 0, 0,
		"peers with another identity than did:web (JSON)", "使用其他身份方式的对端(JSON 文件)" },
	[GATE_LISTEN] = { "gate-listen", "HUTONG_GATE_LISTEN", "HOST:PORT", NULL, HT_SET_TEXT, 0, 0,
		"a port of its own for deliveries", "数据交付使用的独立端口" },
	[GATE_URL] = { "gate-url", "HUTONG_GATE_URL", "URL", NULL, HT_SET_TEXT, 0, 0,
		"how others reach that port; default: host of the public URL", "外部访问该端口的地址;默认取公开地址的主机" },
	[CONFIG] = { "config", "HUTONG_CONFIG", "FILE", NULL, HT_SET_TEXT, 0, 0,
		"settings file: name = value lines", "设置文件,每行 名称 = 值" },
	[HELP] = { "help", NULL, NULL, NULL, HT_SET_FLAG, 0, 1,
		"this help", "显示帮助" },
	[CONNECTIONS_MAX] = { "connections-max", "HUTONG_CONNECTIONS_MAX", "N", "2048", HT_SET_COUNT, 8, 100000,
		"connections at once", "同时连接数上限" },
	[STREAMS_MAX] = { "streams-max", "HUTONG_STREAMS_MAX", "N", "256", HT_SET_COUNT, 1, 100000,
		"streams of events at once; more get 503", "同时事件流数上限,超出返回 503" },
	[QUEUE_MAX] = { "queue-max", "HUTONG_QUEUE_MAX", "N", "4096", HT_SET_COUNT, 1, 1000000,
		"steps that wait for the desk; more get 503", "等待处理的步骤上限,超出返回 503" },
	[COURIER_MAX] = { "courier-max", "HUTONG_COURIER_MAX", "N", "512", HT_SET_COUNT, 1, 10000,
		"outgoing requests at once", "同时出站请求数上限" },
	[BODY_MAX] = { "body-max", "HUTONG_BODY_MAX", "BYTES", "256K", HT_SET_BYTES, 1024, 256 << 10,
		"largest message", "消息大小上限" },
	[UPLOAD_MAX] = { "upload-max", "HUTONG_UPLOAD_MAX", "BYTES", "1024G", HT_SET_BYTES, 1, UINT64_C(1) << 50,
		"largest file", "文件大小上限" },
	[ANSWER_TIMEOUT] = { "answer-timeout", "HUTONG_ANSWER_TIMEOUT", "TIME", "10s", HT_SET_DURATION, HT_SECOND_US / 10, HT_DAYS(1),
		"wait for a peer's answer", "等待对方应答的时限" },
	[IDLE_TIMEOUT] = { "idle-timeout", "HUTONG_IDLE_TIMEOUT", "TIME", "60s", HT_SET_DURATION, HT_SECOND_US, HT_DAYS(1),
		"a connection without a request, or a stream that stands still", "空闲连接或停滞数据流的时限" },
	[REQUEST_TIMEOUT] = { "request-timeout", "HUTONG_REQUEST_TIMEOUT", "TIME", "10s", HT_SET_DURATION, HT_SECOND_US, HT_DAYS(1),
		"time for a message to arrive whole", "消息完整到达的时限" },
	[STOP_TIMEOUT] = { "stop-timeout", "HUTONG_STOP_TIMEOUT", "TIME", "30s", HT_SET_DURATION, 0, HT_DAYS(1),
		"open streams may go on so long when the node stops; then peers have --answer-timeout to answer what was sent",
		"停止时允许数据流继续的时间;此后对已发消息的应答再等待至多 --answer-timeout" },
	[RETRY_FIRST] = { "retry-first", "HUTONG_RETRY_FIRST", "TIME", "100ms", HT_SET_DURATION, 1000, HT_DAYS(1),
		"wait before the second attempt; doubles each time", "第二次发送前的等待,逐次加倍" },
	[RETRY_MOST] = { "retry-most", "HUTONG_RETRY_MOST", "TIME", "10m", HT_SET_DURATION, 1000, HT_DAYS(7),
		"longest wait between attempts", "两次发送之间的最长等待" },
	[RETRY_HORIZON] = { "retry-horizon", "HUTONG_RETRY_HORIZON", "TIME", "72h", HT_SET_DURATION, HT_SECOND_US, HT_DAYS(365),
		"then a message without an answer is a dead letter", "超过此时间仍无应答即为死信" },
	[REPEAT_FOR] = { "repeat-for", "HUTONG_REPEAT_FOR", "TIME", "1m", HT_SET_DURATION, 0, HT_DAYS(1),
		"a refused message is sent again so long while the peer's state is the same", "对方状态未变时,被拒消息的重发时长" },
	[QUIET] = { "quiet", "HUTONG_QUIET", "TIME", "24h", HT_SET_DURATION, HT_SECOND_US, HT_DAYS(365),
		"after so long without a message the peer is asked for its state", "无消息超过此时间即向对方查询状态" },
};

static const char *environment(const char *name)
{
	return getenv(name);
}

/* A variable of this family that no row has is as wrong as such a flag. Those of the client commands pass. */
static bool knows_environment(struct ht_refusal *why)
{
	static const char *const of_clients[] = { "HUTONG_URL", "HUTONG_TOKEN" };

	for (char **at = environ; *at; at++) {
		struct ht_text name, value;
		bool known = false;

		ht_text_cut(ht_text_of(*at), '=', &name, &value);
		if (!ht_text_starts(name, HT_TEXT("HUTONG_")))
			continue;
		for (size_t i = 0; i < HT_COUNT(of_clients) && !known; i++)
			known = ht_text_is(name, of_clients[i]);
		for (size_t i = 0; i < COUNT && !known; i++)
			known = rows[i].env && ht_text_is(name, rows[i].env);
		if (!known)
			return ht_refuse(why, HT_REFUSE_NOT_FOUND, name);
	}
	return true;
}

static bool take_listen(const struct ht_setting_value *v, const char *flag, struct ht_text *host, uint16_t *port, struct ht_refusal *why)
{
	if (!v->set || ht_host_port_read(v->text, host, port))
		return true;
	why->detail = v->text;
	return ht_refuse(why, HT_REFUSE_VALUE, ht_text_of(flag));
}

static void take(const struct ht_setting_value *v, struct ht_arena *a, struct ht_node_settings *out)
{
	*out = (struct ht_node_settings){
		.data = ht_text_z(a, v[DATA].text),
		.public_url = v[PUBLIC_URL].text,
		.trust = v[TRUST].text,
		.allow_net = v[ALLOW_NET].text,
		.peers_file = v[PEERS].text,
		.gate_url = v[GATE_URL].text,
		.connections_max = v[CONNECTIONS_MAX].number,
		.streams_max = v[STREAMS_MAX].number,
		.queue_max = v[QUEUE_MAX].number,
		.courier_max = v[COURIER_MAX].number,
		.body_max = v[BODY_MAX].number,
		.upload_max = (int64_t)v[UPLOAD_MAX].number,
		.answer_us = (int64_t)v[ANSWER_TIMEOUT].number,
		.idle_us = (int64_t)v[IDLE_TIMEOUT].number,
		.request_us = (int64_t)v[REQUEST_TIMEOUT].number,
		.stop_us = (int64_t)v[STOP_TIMEOUT].number,
		.desk = ht_desk_defaults,
	};
	out->desk.retry_first_us = (int64_t)v[RETRY_FIRST].number;
	out->desk.retry_most_us = (int64_t)v[RETRY_MOST].number;
	out->desk.horizon_us = (int64_t)v[RETRY_HORIZON].number;
	out->desk.again_us = (int64_t)v[REPEAT_FOR].number;
	out->desk.quiet_us = (int64_t)v[QUIET].number;
}

/* First pass: which file; second pass: with it. */
static bool read_all(int argc, char **argv, struct ht_arena *a, struct ht_setting_value *v, struct ht_refusal *why)
{
	struct ht_bytes file;
	const char *rest[1];
	size_t rests;
	bool ok;

	if (!ht_settings_read(rows, COUNT, a, argc, argv, environment, (struct ht_text){ 0 }, v, rest, 1, &rests, why))
		return false;
	if (rests)
		return ht_refuse(why, HT_REFUSE_VALUE, ht_text_of(rest[0]));
	if (!v[CONFIG].set)
		return true;
	if (ht_file_map(ht_text_z(a, v[CONFIG].text), &file)) {
		why->detail = v[CONFIG].text;
		return ht_refuse(why, HT_REFUSE_VALUE, HT_TEXT("--config"));
	}
	ok = ht_settings_read(rows, COUNT, a, argc, argv, environment, ht_text_copy(a, ht_bytes_text(file)), v, rest, 1, &rests, why);
	ht_file_unmap(file);
	return ok;
}

bool ht_serve_settings(int argc, char **argv, struct ht_arena *a, struct ht_node_settings *out, bool *help,
		       struct ht_refusal *why)
{
	struct ht_setting_value v[COUNT];

	*help = false;
	if (!read_all(argc, argv, a, v, why) || !knows_environment(why))
		return false;
	*help = v[HELP].number;
	take(v, a, out);
	if (v[GATE_URL].set && !v[GATE_LISTEN].set)
		return ht_refuse(why, HT_REFUSE_VALUE, HT_TEXT("--gate-url"));
	return take_listen(&v[LISTEN], "--listen", &out->host, &out->port, why) &&
	       take_listen(&v[GATE_LISTEN], "--gate-listen", &out->gate_host, &out->gate_port, why);
}

void ht_serve_presets(const char *data, struct ht_arena *a, struct ht_node_settings *out)
{
	struct ht_setting_value v[COUNT];
	struct ht_refusal why;
	const char *rest[1];
	size_t rests;
	char *none[] = { NULL };

	if (ht_settings_read(rows, COUNT, a, 0, none, environment, (struct ht_text){ 0 }, v, rest, 1, &rests, &why))
		take(v, a, out);
	out->data = data;
}

struct ht_text ht_serve_help(enum ht_lang lang, struct ht_arena *a)
{
	struct ht_out o;

	ht_out_init(&o, a);
	ht_out_z(
		&o,
		lang == HT_ZH ?
			"用法：hutong serve [设置...]\n\n运行节点：一个进程承载任意数量的参与方,直到收到 SIGTERM 或 Ctrl-C。\n每项设置可用命令行、环境变量或设置文件给出,优先级依次降低。\n\n" :
			"Usage: hutong serve [SETTING...]\n\nRuns a node: one process that hosts any number of parties, until SIGTERM or Ctrl-C.\n"
			"Each setting is a flag, an environment variable or a line of the settings file; the first of these wins.\n\n");
	ht_settings_help(rows, COUNT, lang, &o);
	return ht_out_done(&o);
}
