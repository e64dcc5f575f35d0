/* node/reader.c - threads for what is no step: queries, on a store of their own; the ends of uploads, which wait for the disk; messages between
 * parties of this process, which are taken through the door beside the courier that signs them. */
#include "node/parts.h"

enum { HT_READS_MAX = 16 };

static void run_job(struct ht_reader *r, struct ht_job *job)
{
	enum ht_err err;

	if (job->run) {
		job->run(job);
		return;
	}
	err = ht_desk_read(r->node->reader, &r->node->desk_settings, job->step, ht_now_us());
	if (err == HT_E_SYNC)
		ht_node_die(err);
	job->done(job);
}

static void run(void *self)
{
	struct ht_reader *r = self;
	void *jobs[HT_READS_MAX];
	size_t count;

	while (ht_queue_take(r->queue, jobs, HT_READS_MAX, INT64_MAX, &count)) {
		for (size_t i = 0; i < count; i++)
			run_job(r, jobs[i]);
	}
}

void ht_reader_start(struct ht_reader *r, struct ht_node *n, const char *name)
{
	r->node = n;
	r->queue = ht_queue_new(n->settings->queue_max);
	r->thread = ht_thread_start(name, run, r);
}

void ht_reader_stop(struct ht_reader *r)
{
	ht_queue_close(r->queue);
	ht_thread_join(r->thread);
}
