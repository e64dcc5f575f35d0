/* app/trade/download.c - one GET into a file. */
#include "app/trade/download.h"

#include <unistd.h>

#include "base/time.h"
#include "os/http_client.h"
#include "os/os.h"

enum { ANSWER_MAX = 64 << 10, LOOK_US = 100000, PROGRESS_US = 250000 };

struct run {
	struct ht_client *client;
	struct ht_download *download;
	struct ht_file *file;
	struct ht_sha256_run *hash;
	enum ht_err disk; /* of a write */
	bool over, excess, terminal;
	int64_t began_us, shown_us;
};

static bool stopped(const struct ht_client *c)
{
	return c->stop && atomic_load(c->stop);
}

/* One line that is written over, on a terminal. */
static void progress(struct run *run, int64_t total, bool last)
{
	int64_t now_us = ht_monotonic_us(), got = run->download->got, took_us = now_us - run->began_us;
	double mib = (double)got / (1 << 20), speed = took_us > 0 ? mib * (double)HT_SECOND_US / (double)took_us : 0;

	if (!run->terminal || (!last && now_us - run->shown_us < PROGRESS_US))
		return;
	run->shown_us = now_us;
	if (total > 0)
		fprintf(stderr, "\r%5.1f %%  %.1f / %.1f MiB  %.1f MiB/s   ", 100.0 * (double)got / (double)total, mib,
			(double)total / (1 << 20), speed);
	else
		fprintf(stderr, "\r%.1f MiB  %.1f MiB/s   ", mib, speed);
	if (last)
		fputc('\n', stderr);
	fflush(stderr);
}

static bool piece(struct ht_http_call *call, struct ht_bytes bytes, int64_t total)
{
	struct run *run = call->mine;
	struct ht_download *d = run->download;

	d->got += (int64_t)bytes.len;
	run->excess = d->size >= 0 && d->got > d->size;
	if (run->excess || stopped(run->client))
		return false;
	run->disk = d->disk->write(d->disk->self, run->file, bytes);
	if (run->disk)
		return false;
	ht_sha256_add(run->hash, bytes);
	progress(run, total >= 0 ? total : d->size, false);
	return true;
}

static void done(struct ht_http_call *call)
{
	struct run *run = call->mine;

	run->over = true;
}

static void fetch(struct run *run, struct ht_http_call *call)
{
	struct ht_http_client *http = ht_http_client_new(run->download->allow, 1);

	run->began_us = run->shown_us = ht_monotonic_us();
	ht_http_client_start(http, call);
	while (!run->over && !stopped(run->client))
		ht_http_client_run(http, LOOK_US);
	ht_http_client_free(http);
	if (run->download->got)
		progress(run, run->download->size, true);
}

/* Why the bytes are not all there; HT_EXIT_DONE: they are, or there were too many. */
static int judge(struct run *run, const struct ht_http_call *call)
{
	struct ht_client *c = run->client;
	struct ht_text path = ht_text_of(run->download->path);

	if (stopped(c))
		return ht_client_wrong(c, HT_EXIT_ENVIRONMENT, "interrupted",
				       HT_PICK(c->lang, "interrupted; the same command again uses the same agreement",
					       "已中断;再次执行同一命令将使用同一协议"));
	if (run->disk)
		return ht_client_fail(c, path, run->disk, NULL);
	if (run->excess)
		return HT_EXIT_DONE;
	if (call->err == HT_E_FORBIDDEN) {
		ht_client_fail(c, run->download->url, call->err, HT_PICK(c->lang, "your node decides it", "由您的节点决定"));
		return HT_EXIT_REFUSED;
	}
	if (call->err)
		return ht_client_fail(c, run->download->url, call->err,
				      HT_PICK(c->lang, "the same command again uses the same agreement", "再次执行同一命令将使用同一协议"));
	if (call->status == 200)
		return HT_EXIT_DONE;
	return ht_client_wrong(c, call->status >= 500 || call->status == 429 ? HT_EXIT_ENVIRONMENT : HT_EXIT_REFUSED, "peer_answer",
			       HT_PICK(c->lang, "the provider answered %d: " HT_TEXT_FMT, "提供方应答 %d:" HT_TEXT_FMT), call->status,
			       HT_TEXT_ARG(run->download->url));
}

int ht_download(struct ht_client *c, struct ht_download *d)
{
	const struct ht_disk *disk = d->disk;
	struct run run = { .client = c, .download = d, .terminal = isatty(STDERR_FILENO) };
	struct ht_http_call call = {
		.method = "GET", .url = d->url, .authorization = d->authorization, .answer_max = ANSWER_MAX,
		.done = done, .piece = piece, .mine = &run,
	};
	enum ht_err err = disk->create(disk->self, d->name, d->mode, &run.file);
	int status;

	d->got = 0;
	if (err)
		return ht_client_fail(c, ht_text_of(d->path), err, NULL);
	run.hash = ht_sha256_new();
	fetch(&run, &call);
	status = judge(&run, &call);
	ht_sha256_end(run.hash, d->sha256);
	ht_sha256_free(run.hash);
	err = status ? HT_OK : disk->sync(disk->self, run.file);
	disk->close(disk->self, run.file);
	if (err)
		status = ht_client_fail(c, ht_text_of(d->path), err, NULL);
	if (status)
		err = disk->remove(disk->self, d->name);
	return status;
}
