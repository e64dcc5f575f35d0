/* app/serve/serve.c - the command that runs a node, and requests to a folder without one. */
#include "app/serve/serve.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "app/command.h"
#include "app/serve/offline.h"
#include "app/serve/settings.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "os/os.h"

enum { HT_SERVE_ARENA = 4 << 20 };

static void log_to_stderr(struct ht_text line)
{
	ssize_t ignored = write(STDERR_FILENO, line.at, line.len);

	(void)ignored; /* nobody reads the log: nothing else to tell it to */
}

static void say_refused(const struct ht_refusal *why, enum ht_lang lang)
{
	fprintf(stderr, "hutong: " HT_TEXT_FMT ": %s%s" HT_TEXT_FMT "\n", HT_TEXT_ARG(why->place), ht_refuse_text(why->code, lang),
		why->detail.len ? ": " : "", HT_TEXT_ARG(why->detail));
}

/* What to do about it, for the errors that a person causes. file: it is about one in the data folder. */
static const char *advice(enum ht_err err, bool file, enum ht_lang lang)
{
	if (err == HT_E_LOCKED)
		return lang == HT_ZH ? ";该目录的节点已在运行,请先停止它或另选 --data" :
				       "; its node is running: stop it, or choose another --data";
	if (err == HT_E_PORT)
		return lang == HT_ZH ? ";请用 --listen HOST:PORT 另选端口" : "; choose another one with --listen HOST:PORT";
	if (err == HT_E_NEWER)
		return lang == HT_ZH ? ";请升级 hutong" : "; upgrade hutong";
	if (file && err == HT_E_DENIED)
		return lang == HT_ZH ? ";应为运行用户可读写的普通文件或目录,不可为链接或管道" :
				       "; it must be a plain file or folder of the user that runs the node, not a link or a pipe";
	if (file && (err == HT_E_MISSING || err == HT_E_DAMAGED))
		return lang == HT_ZH ? ";请从数据目录的备份中恢复它" : "; put it back from a backup of the data folder";
	return "";
}

/* Whether the peers file, which stands outside the data folder, can be read. False: it is said. */
static bool has_peers(const struct ht_node_settings *settings, enum ht_lang lang, struct ht_arena *a)
{
	struct ht_bytes map = { NULL, 0 };
	enum ht_err err = settings->peers_file.len ? ht_file_map(ht_text_z(a, settings->peers_file), &map) : HT_OK;

	ht_file_unmap(map);
	if (err)
		fprintf(stderr, "hutong: --peers: " HT_TEXT_FMT ": %s\n", HT_TEXT_ARG(settings->peers_file), ht_err_text(err, lang));
	return !err;
}

static int run(const struct ht_node_settings *settings, enum ht_lang lang, struct ht_arena *a)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_node *node;
	struct ht_text url;
	enum ht_err err;
	int signal;

	if (!has_peers(settings, lang, a))
		return HT_EXIT_ENVIRONMENT;
	ht_signals_block();
	err = ht_node_start(settings, a, &node, &why);
	if (why.code) {
		say_refused(&why, lang);
		return HT_EXIT_USAGE;
	}
	if (err) {
		fprintf(stderr, "hutong: %s%s" HT_TEXT_FMT ": %s%s\n", settings->data, why.place.len ? "/" : "", HT_TEXT_ARG(why.place),
			ht_err_text(err, lang), advice(err, why.place.len > 0, lang));
		return err == HT_E_SYNC ? HT_NODE_EXIT_SYNC : HT_EXIT_ENVIRONMENT;
	}
	url = ht_node_url(node);
	printf("ready " HT_TEXT_FMT "\n", HT_TEXT_ARG(url));
	fflush(stdout);
	signal = ht_signals_wait();
	HT_LOG(HT_INFO, "stopping", HT_FIELD_N("signal", signal));
	ht_node_stop(node);
	return HT_EXIT_DONE;
}

int ht_app_serve(int argc, char **argv, enum ht_lang lang)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_node_settings settings;
	struct ht_arena a;
	struct ht_text text;
	bool help;
	int status;

	ht_crypto_start();
	ht_log_start(HT_INFO, log_to_stderr, ht_now_us);
	ht_arena_init(&a, HT_SERVE_ARENA);
	if (!ht_serve_settings(argc, argv, &a, &settings, &help, &why)) {
		say_refused(&why, lang);
		fprintf(stderr, "%s\n", lang == HT_ZH ? "用 hutong serve --help 查看全部设置" : "see hutong serve --help");
		status = HT_EXIT_USAGE;
	} else if (help) {
		text = ht_serve_help(lang, &a);
		printf(HT_TEXT_FMT, HT_TEXT_ARG(text));
		status = HT_EXIT_DONE;
	} else {
		status = run(&settings, lang, &a);
	}
	ht_arena_fini(&a);
	return status;
}

enum ht_err ht_app_offline(const char *folder, const char *method, struct ht_text path, struct ht_text body, enum ht_lang lang,
			   struct ht_arena *a, int *status, struct ht_text *answer)
{
	struct ht_refusal why = { .code = HT_REFUSE_NONE };
	struct ht_node_settings settings = { 0 };
	enum ht_err err;

	ht_serve_presets(folder, a, &settings);
	settings.peers_file = HT_TEXT(""); /* no peer is talked to */
	err = ht_node_offline(&settings, method, path, body, lang, a, status, answer, &why);
	if (err)
		*answer = why.place;
	if (err || !why.code)
		return err;
	*status = 400;
	*answer = ht_text_format(
		a, "{\"code\":\"%s\",\"place\":\"" HT_TEXT_FMT "\",\"text\":\"%s\"}", ht_refuse_word(why.code), HT_TEXT_ARG(why.place),
		lang == HT_ZH ? "该目录还没有公开地址：请先用 hutong serve 启动一次,或设置 HUTONG_PUBLIC_URL" :
				"the folder has no public URL yet: start it once with hutong serve, or set HUTONG_PUBLIC_URL");
	return HT_OK;
}
