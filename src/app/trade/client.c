/* app/trade/client.c - asking the node, and saying what it answered. */
#include "app/trade/client.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "app/serve/offline.h"
#include "app/trade/plain.h"
#include "base/count.h"
#include "base/net.h"
#include "base/time.h"
#include "os/http_client.h"
#include "os/os.h"

enum { ANSWER_MAX = 64 << 20, FILE_MAX = 4096, LINE_MAX_BYTES = 4096, LOOK_US = 100000 };

static const int64_t timeout_us = 60 * HT_SECOND_US, poll_us = HT_SECOND_US, poll_first_us = HT_SECOND_US / 50;
static const int64_t patience_us = 2 * HT_SECOND_US; /* then it is said what is waited for */

/* Our own node is trusted, its lists are long. */
static const struct ht_json_limits limits = { .bytes = ANSWER_MAX, .depth = 64, .count = 4 << 20 };

static const struct {
	const char *word, *en, *zh;
} advices[] = {
	{ "token_missing", "set HUTONG_TOKEN (hutong token new makes one)", "请设置 HUTONG_TOKEN(用 hutong token new 签发)" },
	{ "role", "a token of another role is needed", "需要其他角色的令牌" },
	{ "audience", "hutong product publish --audience says who may have it", "可见范围由 hutong product publish --audience 决定" },
	{ "address_forbidden", "your node decides it: hutong serve --allow-net", "由您的节点决定:hutong serve --allow-net" },
};

/* What may stand at a place that was refused, by command; below it counts too: "/audience/0". */
static const struct {
	const char *words, *place, *en, *zh;
} allowed[] = {
	{ "party add", "/id", "1 to 63 of a-z, 0-9 and -, the first not -", "1 至 63 个 a-z、0-9、- 字符,且不以 - 开头" },
	{ "party add", "/name", "1 to 256 bytes, no control characters", "1 至 256 字节,不含控制字符" },
	{ "token new", "/role", "provider, consumer, operator or regulator", "provider、consumer、operator 或 regulator" },
	{ "token new", "/party", "--party is for provider and consumer: a party of hutong party ls",
	  "--party 用于 provider 与 consumer,取值见 hutong party ls" },
	{ "product publish", "/party", "the party of the token", "令牌所属参与方" },
	{ "product publish", "/id", "1 to 1024 bytes, no control characters", "1 至 1024 字节,不含控制字符" },
	{ "product publish", "/title", "at most 1024 bytes, no control characters", "至多 1024 字节,不含控制字符" },
	{ "product publish", "/audience", "DIDs as did:web:example.com:p:lab or ids of the peers file, with commas between, or all",
	  "以逗号分隔的 DID(如 did:web:example.com:p:lab)或对端文件中的标识,或 all" },
	{ "negotiate", "/product", "1 to 1024 bytes, no control characters", "1 至 1024 字节,不含控制字符" },
	{ "negotiation terminate", "/reason", "at most 1024 bytes, no control characters", "至多 1024 字节,不含控制字符" },
	{ "transfer suspend", "/reason", "at most 1024 bytes, no control characters", "至多 1024 字节,不含控制字符" },
	{ "transfer terminate", "/reason", "at most 1024 bytes, no control characters", "至多 1024 字节,不含控制字符" },
};

static bool stopped(const struct ht_client *c)
{
	return c->stop && atomic_load(c->stop);
}

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

void ht_client_stoppable(struct ht_client *c)
{
	ht_signals_block();
	watcher = ht_thread_start("signals", watch, NULL);
	c->stop = &interrupted;
}

void ht_client_print(struct ht_text t)
{
	fwrite(t.at, 1, t.len, stdout);
}

void ht_client_print_answer(struct ht_client *c, struct ht_text plain)
{
	if (c->said)
		return;
	c->said = c->line->json;
	ht_client_print(c->line->json ? c->text : plain);
	ht_client_print(HT_TEXT("\n"));
}

/* What a format says, cut to a line that can be read. */
static struct ht_text formatted(struct ht_arena *a, const char *format, va_list args)
{
	char *text = HT_TAKE(a, char, LINE_MAX_BYTES);
	int len = vsnprintf(text, LINE_MAX_BYTES, format, args);

	return (struct ht_text){ text, len < 0 ? 0 : len < LINE_MAX_BYTES ? (size_t)len : LINE_MAX_BYTES - 1 };
}

void ht_client_say(const struct ht_client *c, const char *format, ...)
{
	struct ht_arena room = *c->arena;
	struct ht_text plain;
	va_list args;

	va_start(args, format);
	plain = ht_plain(&room, formatted(&room, format, args));
	va_end(args);
	fprintf(stderr, HT_TEXT_FMT "\n", HT_TEXT_ARG(plain));
}

int ht_client_wrong(struct ht_client *c, int status, const char *code, const char *format, ...)
{
	struct ht_json_out out;
	struct ht_text text;
	va_list args;

	if (c->may_fail && !stopped(c))
		return status;
	va_start(args, format);
	text = formatted(c->arena, format, args);
	va_end(args);
	ht_client_say(c, HT_PICK(c->lang, "hutong %s: " HT_TEXT_FMT, "hutong %s:" HT_TEXT_FMT), c->line->command->words, HT_TEXT_ARG(text));
	if (!c->line->json || c->said)
		return status;
	c->said = true;
	ht_json_begin(&out, c->arena);
	ht_json_open(&out, NULL, '{');
	ht_json_put_z(&out, "code", code);
	ht_json_put(&out, "text", text);
	ht_json_close(&out, '}');
	ht_client_print(ht_json_end(&out));
	ht_client_print(HT_TEXT("\n"));
	return status;
}

int ht_client_usage(struct ht_client *c, const char *place, const char *what)
{
	return ht_client_wrong(c, HT_EXIT_USAGE, "usage",
			       HT_PICK(c->lang, "%s: %s. hutong %s --help says how.", "%s:%s。用法见 hutong %s --help。"), place, what,
			       c->line->command->words);
}

int ht_client_fail(struct ht_client *c, struct ht_text about, enum ht_err err, const char *advice)
{
	return ht_client_wrong(c, HT_EXIT_ENVIRONMENT, ht_err_word(err),
			       HT_PICK(c->lang, HT_TEXT_FMT ": %s%s%s", HT_TEXT_FMT ":%s%s%s"), HT_TEXT_ARG(about),
			       ht_err_text(err, c->lang), advice ? "; " : "", advice ? advice : "");
}

/* The text of a small file below --data, without line end. Empty with HT_E_MISSING: it is not there. */
static enum ht_err read_file(struct ht_client *c, const char *name, struct ht_text *out)
{
	struct ht_bytes bytes = { NULL, 0 };
	struct ht_disk folder;
	enum ht_err err = ht_disk_open(c->line->data, &folder);

	*out = HT_TEXT("");
	if (!err)
		err = folder.read(folder.self, name, FILE_MAX, c->arena, &bytes);
	ht_disk_close(&folder);
	if (err)
		return err;
	*out = ht_text_trim(ht_bytes_text(bytes));
	return out->len ? HT_OK : HT_E_MISSING;
}

static int find_url(struct ht_client *c)
{
	const char *given = c->line->env("HUTONG_URL");
	struct ht_text text = ht_text_of(given);
	struct ht_url url;
	enum ht_err err;

	if (!text.len && !c->line->data)
		return ht_client_usage(c, "HUTONG_URL",
				       HT_PICK(c->lang, "is not set; it is the address of your node (or give --data DIR)",
					       "未设置;应为您的节点地址(或用 --data DIR)"));
	if (!text.len) {
		err = read_file(c, "serve.url", &text);
		if (err)
			return ht_client_fail(c, ht_text_format(c->arena, "%s/serve.url", c->line->data), err,
					      HT_PICK(c->lang, "is `hutong serve` running?", "`hutong serve` 是否在运行?"));
	}
	text = ht_text_no_slash(text);
	if (!ht_url_read(text, &url) || url.query.len)
		return ht_client_usage(c, given && *given ? "HUTONG_URL" : "serve.url",
				       HT_PICK(c->lang, "is not an http or https address", "不是 http 或 https 地址"));
	c->url = ht_text_format(c->arena, HT_TEXT_FMT "/api/v1", HT_TEXT_ARG(text));
	return HT_EXIT_DONE;
}

static int find_token(struct ht_client *c)
{
	struct ht_text token = ht_text_of(c->line->env("HUTONG_TOKEN"));
	enum ht_err err = HT_OK;

	if (!token.len && c->line->data)
		err = read_file(c, "operator.token", &token);
	if (err && err != HT_E_MISSING)
		return ht_client_fail(c, ht_text_format(c->arena, "%s/operator.token", c->line->data), err, NULL);
	for (size_t i = 0; i < token.len; i++) {
		if (token.at[i] <= ' ' || token.at[i] > '~')
			return ht_client_usage(c, "HUTONG_TOKEN", HT_PICK(c->lang, "is not a token", "不是令牌"));
	}
	if (token.len)
		c->token = ht_text_format(c->arena, "Bearer " HT_TEXT_FMT, HT_TEXT_ARG(token));
	return HT_EXIT_DONE;
}

int ht_client_init(struct ht_client *c, const struct ht_line *line)
{
	int status;

	*c = (struct ht_client){ .line = line, .lang = line->lang, .arena = line->arena };
	status = find_url(c);
	return status ? status : find_token(c);
}

int ht_client_init_operator(struct ht_client *c, const struct ht_line *line)
{
	const char *url = line->env("HUTONG_URL");

	*c = (struct ht_client){ .line = line, .lang = line->lang, .arena = line->arena };
	c->offline = line->data && !(url && *url);
	return c->offline ? HT_EXIT_DONE : ht_client_init(c, line);
}

void ht_client_fini(struct ht_client *c)
{
	ht_http_client_free(c->http);
	ht_json_free(c->json);
	c->http = NULL;
	c->json = NULL;
}

struct asked {
	struct ht_client *client;
	bool over;
};

static void answered(struct ht_http_call *call)
{
	struct asked *asked = call->mine;

	asked->client->status = call->status;
	asked->client->text = ht_bytes_text(ht_bytes_copy(asked->client->arena, call->answer));
	asked->over = true;
}

static enum ht_err ask_server(struct ht_client *c, const char *method, struct ht_text path, const struct ht_client_body *body)
{
	struct asked asked = { .client = c };
	struct ht_http_call call = {
		.method = method,
		.url = ht_text_format(c->arena, HT_TEXT_FMT HT_TEXT_FMT, HT_TEXT_ARG(c->url), HT_TEXT_ARG(path)),
		.authorization = c->token,
		.content_type = body->content_type,
		.body = body->bytes,
		.answer_max = ANSWER_MAX,
		.timeout_us = body->timeout_us,
		.done = answered,
		.mine = &asked,
	};

	if (!c->http)
		c->http = ht_http_client_new(&ht_ranges_all, 1);
	ht_http_client_start(c->http, &call);
	while (!asked.over && !stopped(c))
		ht_http_client_run(c->http, LOOK_US);
	if (!asked.over) { /* ends the call */
		ht_http_client_free(c->http);
		c->http = NULL;
	}
	return call.err;
}

/* The folder itself, unless a server has it: then that one, from now on. */
static enum ht_err ask_folder(struct ht_client *c, const char *method, struct ht_text path, const struct ht_client_body *body, int *status)
{
	enum ht_err err = ht_app_offline(c->line->data, method, path, ht_bytes_text(body->bytes), c->lang, c->arena, &c->status, &c->text);

	if (err != HT_E_LOCKED)
		return err;
	c->offline = false;
	*status = find_url(c);
	if (!*status)
		*status = find_token(c);
	return *status ? HT_OK : ask_server(c, method, path, body);
}

/* Which exit status a refusal of the API is: what concerns the network, the disk or the moment is the environment. */
static int status_of_refusal(enum ht_refuse code, int http)
{
	if (code == HT_REFUSE_PEER_REFUSED || code == HT_REFUSE_PARTY_UNKNOWN)
		return HT_EXIT_REFUSED;
	switch (ht_refuse_group(code)) {
	case HT_ABOUT_LATER:
	case HT_ABOUT_FULL:
	case HT_ABOUT_BROKEN:
	case HT_ABOUT_PEER: return HT_EXIT_ENVIRONMENT;
	case HT_ABOUT_NOTHING: return http >= 500 ? HT_EXIT_ENVIRONMENT : HT_EXIT_REFUSED;
	case HT_ABOUT_SHAPE:
	case HT_ABOUT_LARGE:
	case HT_ABOUT_MEDIA:
	case HT_ABOUT_RULE:
	case HT_ABOUT_STATE:
	case HT_ABOUT_WHO:
	case HT_ABOUT_ABSENT:
	case HT_ABOUT_METHOD:
	case HT_ABOUT_ROLE:
	case HT_ABOUT_CONFLICT: break;
	}
	return code == HT_REFUSE_CHECKSUM ? HT_EXIT_UNVERIFIED : HT_EXIT_REFUSED;
}

/* What would be accepted at the place, when the command has a row for it. */
static void put_allowed(struct ht_client *c, struct ht_text place, struct ht_out *out)
{
	for (size_t i = 0; i < HT_COUNT(allowed); i++) {
		struct ht_text at = ht_text_of(allowed[i].place);
		bool here = ht_text_starts(place, at) && (place.len == at.len || place.at[at.len] == '/');

		if (here && !strcmp(c->line->command->words, allowed[i].words))
			ht_out_format(out, HT_PICK(c->lang, "; allowed: %s", ";允许:%s"), HT_PICK(c->lang, allowed[i].en, allowed[i].zh));
	}
}

/* Says a refusal of the API: our words for a code that we know, the node's for another. */
static int refused(struct ht_client *c)
{
	struct ht_text word = ht_client_text(c, "code"), place = ht_client_text(c, "place"), detail = ht_client_text(c, "detail");
	enum ht_refuse code = ht_refuse_of_word(word);
	struct ht_text text = code ? ht_text_of(ht_refuse_text(code, c->lang)) : ht_client_text(c, "text");
	struct ht_out out;

	c->lacks = c->may_lack && code == HT_REFUSE_NOT_FOUND;
	c->late = c->may_be_late && code == HT_REFUSE_STATE;
	if (c->lacks || c->late)
		return HT_EXIT_REFUSED;
	ht_out_init(&out, c->arena);
	ht_out_format(&out, HT_PICK(c->lang, "refused: " HT_TEXT_FMT " (" HT_TEXT_FMT ")", "被拒绝:" HT_TEXT_FMT "(" HT_TEXT_FMT ")"),
		      HT_TEXT_ARG(text), HT_TEXT_ARG(word));
	if (place.len)
		ht_out_format(&out, HT_PICK(c->lang, " at " HT_TEXT_FMT, ",位置 " HT_TEXT_FMT), HT_TEXT_ARG(place));
	if (detail.len)
		ht_out_format(&out, ": " HT_TEXT_FMT, HT_TEXT_ARG(detail));
	put_allowed(c, place, &out);
	for (size_t i = 0; i < HT_COUNT(advices); i++) {
		if (ht_text_is(word, advices[i].word))
			ht_out_format(&out, "; %s", HT_PICK(c->lang, advices[i].en, advices[i].zh));
	}
	if (code == HT_REFUSE_ROLE && c->who)
		ht_out_format(&out, HT_PICK(c->lang, ": %s", ":%s"), c->who);
	if (c->line->json && !c->may_fail) /* the node's own document */
		ht_client_print_answer(c, HT_TEXT(""));
	return ht_client_wrong(c, status_of_refusal(code, c->status), "", "%s", ht_text_z(c->arena, ht_out_done(&out)));
}

int ht_client_judge(struct ht_client *c)
{
	struct ht_refusal why;

	ht_json_free(c->json);
	c->json = ht_json_read(ht_text_bytes(c->text), &limits, &why);
	if (!ht_json_is_object(c->json) || (c->status / 100 != 2 && !ht_client_text(c, "code").len))
		return ht_client_wrong(
			c, HT_EXIT_ENVIRONMENT, "answer",
			HT_PICK(c->lang, HT_TEXT_FMT " answered %d, not as a hutong node does", HT_TEXT_FMT " 应答 %d,不像是 hutong 节点"),
			HT_TEXT_ARG(c->url), c->status);
	return c->status / 100 == 2 ? HT_EXIT_DONE : refused(c);
}

int ht_client_call_body(struct ht_client *c, const char *method, struct ht_text path, const struct ht_client_body *body)
{
	int status = HT_EXIT_DONE;
	enum ht_err err;

	ht_json_free(c->json);
	c->json = NULL;
	c->lacks = c->late = false;
	err = c->offline ? ask_folder(c, method, path, body, &status) : ask_server(c, method, path, body);
	if (status)
		return status;
	if (stopped(c))
		return ht_client_wrong(c, HT_EXIT_ENVIRONMENT, "interrupted", HT_PICK(c->lang, "interrupted", "已中断"));
	if (err && c->offline)
		return ht_client_fail(
			c, ht_text_format(c->arena, "%s%s" HT_TEXT_FMT, c->line->data, c->text.len ? "/" : "", HT_TEXT_ARG(c->text)), err,
			NULL);
	if (err)
		return ht_client_fail(c, c->url, err,
				      HT_PICK(c->lang, "is `hutong serve` running? HUTONG_URL says where",
					      "`hutong serve` 是否在运行?HUTONG_URL 指明地址"));
	return ht_client_judge(c);
}

int ht_client_call(struct ht_client *c, const char *method, struct ht_text path, struct ht_text body)
{
	return ht_client_call_body(c, method, path, &(struct ht_client_body){
		.content_type = body.len ? "application/json" : NULL, .bytes = ht_text_bytes(body), .timeout_us = timeout_us });
}

struct ht_text ht_client_path(struct ht_client *c, const char *of, struct ht_text id, const char *after)
{
	struct ht_text encoded = ht_percent(c->arena, id);

	return ht_text_format(c->arena, "/%s/" HT_TEXT_FMT "%s", of, HT_TEXT_ARG(encoded), after);
}

struct ht_text ht_client_text(struct ht_client *c, const char *member)
{
	return ht_text_copy(c->arena, ht_json_text(ht_json_member(c->json, member)));
}

static bool is_one_of(struct ht_text word, const char *words)
{
	struct ht_text rest = ht_text_of(words), one;

	while (rest.len) {
		ht_text_cut(rest, ' ', &one, &rest);
		if (ht_text_same(word, one))
			return true;
	}
	return false;
}

/* Lets time go by; a stop ends it. */
static void pause_us(struct ht_client *c, int64_t us)
{
	int64_t until_us = ht_monotonic_us() + us;

	for (int64_t left_us = us; left_us > 0 && !stopped(c); left_us = until_us - ht_monotonic_us())
		ht_http_client_run(c->http, left_us < LOOK_US ? left_us : LOOK_US);
}

static bool is_stalled(const struct ht_client *c)
{
	return ht_json_bool(ht_json_member(c->json, "stalled"), false);
}

static bool is_over(const struct ht_client *c)
{
	return is_stalled(c) || is_one_of(ht_json_text(ht_json_member(c->json, "state")), "FINALIZED COMPLETED TERMINATED");
}

/* Nothing of ours is on its way any more. */
static bool is_settled(const struct ht_client *c, const char *good)
{
	(void)good;
	return is_over(c) || !ht_json_text(ht_json_member(c->json, "pending")).len;
}

static bool is_decided(const struct ht_client *c, const char *good)
{
	return is_over(c) || ht_json_bool(ht_json_member(c->json, "person"), false) ||
	       is_one_of(ht_json_text(ht_json_member(c->json, "state")), good);
}

/* The singular of a list, as in `hutong transfer terminate`. */
static const char *noun(const char *of)
{
	return strcmp(of, "transfers") ? "negotiation" : "transfer";
}

/* What is waited for, once it takes long. */
static void say_waiting(const struct ht_client *c, const char *of, struct ht_text id)
{
	struct ht_text state = ht_json_text(ht_json_member(c->json, "state")), pending = ht_json_text(ht_json_member(c->json, "pending"));
	const char *what = HT_PICK(c->lang, "the other side has to decide, which may be by hand", "等待对方处理,可能需要人工");

	if (pending.len)
		what = HT_PICK(c->lang, "the other side has not answered yet, and is asked again", "对方尚未应答,正在重发");
	else if (ht_text_is(state, "STARTED"))
		what = HT_PICK(c->lang, "the other side has not pushed the file yet", "对方尚未推送文件");
	ht_client_say(c,
		      HT_PICK(c->lang,
			      "%s " HT_TEXT_FMT ": " HT_TEXT_FMT ": %s. It goes on after Ctrl-C; hutong %s terminate " HT_TEXT_FMT
			      " ends it",
			      "%s " HT_TEXT_FMT ":" HT_TEXT_FMT ":%s。按 Ctrl-C 后它仍继续;hutong %s terminate " HT_TEXT_FMT " 可终止"),
		      noun(of), HT_TEXT_ARG(id), HT_TEXT_ARG(state), what, noun(of), HT_TEXT_ARG(id));
}

/* The user has stopped waiting. */
static void say_stays(const struct ht_client *c, const char *of, struct ht_text id)
{
	ht_client_say(c,
		      HT_PICK(c->lang, "%s " HT_TEXT_FMT " goes on; hutong %s terminate " HT_TEXT_FMT " ends it",
			      "%s " HT_TEXT_FMT " 仍在继续;hutong %s terminate " HT_TEXT_FMT " 可终止"),
		      noun(of), HT_TEXT_ARG(id), noun(of), HT_TEXT_ARG(id));
	if (!strcmp(of, "transfers"))
		ht_client_say(c,
			      HT_PICK(c->lang, "hutong transfer fetch " HT_TEXT_FMT " gets its data once they are there",
				      "数据就绪后可用 hutong transfer fetch " HT_TEXT_FMT " 取得"),
			      HT_TEXT_ARG(id));
}

/* Asks for the process of the last answer until it is as it should be. */
static int poll_until(struct ht_client *c, const char *of, bool (*is)(const struct ht_client *c, const char *good), const char *good)
{
	struct ht_text id = ht_client_text(c, "id"), path = ht_client_path(c, of, id, "");
	struct ht_arena room = *c->arena;
	int64_t rest_us = poll_first_us, said_us = ht_monotonic_us() + patience_us;
	int status = HT_EXIT_DONE;

	for (; !status && !is(c, good); rest_us = 2 * rest_us < poll_us ? 2 * rest_us : poll_us) {
		if (ht_monotonic_us() >= said_us) {
			said_us = INT64_MAX;
			say_waiting(c, of, id);
		}
		pause_us(c, rest_us);
		*c->arena = room; /* polling for days takes no more memory than once */
		status = ht_client_call(c, "GET", path, HT_TEXT(""));
	}
	if (status && stopped(c))
		say_stays(c, of, id);
	return status;
}

int ht_client_settle(struct ht_client *c, const char *of)
{
	int status = poll_until(c, of, is_settled, "");

	return !status && is_stalled(c) ? HT_EXIT_ENVIRONMENT : status;
}

static bool is_pushed(const struct ht_client *c, const char *good)
{
	return is_over(c) || (ht_json_is_object(ht_json_member(c->json, "pushed")) &&
			      is_one_of(ht_json_text(ht_json_member(c->json, "state")), good));
}

/* What became of the process of the last answer, which was not to be so. */
static int say_end(struct ht_client *c)
{
	struct ht_text id = ht_client_text(c, "id"), state = ht_client_text(c, "state"), reason = ht_client_text(c, "reason");
	bool stalled = is_stalled(c);

	ht_client_say(c, "hutong %s: " HT_TEXT_FMT ": " HT_TEXT_FMT "%s" HT_TEXT_FMT, c->line->command->words, HT_TEXT_ARG(id),
		      HT_TEXT_ARG(state), reason.len ? ": " : "", HT_TEXT_ARG(reason));
	if (stalled)
		ht_client_say(c,
			      HT_PICK(c->lang, "the peer does not answer; hutong letters retry " HT_TEXT_FMT,
				      "对方无应答;可用 hutong letters retry " HT_TEXT_FMT),
			      HT_TEXT_ARG(id));
	else if (ht_json_bool(ht_json_member(c->json, "person"), false))
		ht_client_say(c, HT_PICK(c->lang, "it waits for a person to decide", "等待人工处理"));
	return stalled ? HT_EXIT_ENVIRONMENT : HT_EXIT_REFUSED;
}

int ht_client_wait_pushed(struct ht_client *c)
{
	int status = poll_until(c, "transfers", is_pushed, "STARTED");

	if (status)
		return status;
	if (ht_json_is_object(ht_json_member(c->json, "pushed")) && !ht_text_is(ht_client_text(c, "state"), "TERMINATED"))
		return HT_EXIT_DONE;
	return say_end(c);
}

int ht_client_wait(struct ht_client *c, const char *of, const char *good)
{
	int status = poll_until(c, of, is_decided, good);

	if (status)
		return status;
	return is_one_of(ht_client_text(c, "state"), good) ? HT_EXIT_DONE : say_end(c);
}
