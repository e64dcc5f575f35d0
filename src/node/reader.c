/* node/reader.c - the reader's thread: queries on a store of its own, and the ends of uploads, which wait for the disk. */
#include "node/parts.h"

enum { HT_READS_MAX = 16 };

static void run_job(struct ht_node *n, struct ht_job *job)
{
	enum ht_err err;

	if (job->run) {
		job->run(job);
		return;
	}
	err = ht_desk_read(n->reader, &n->desk_settings, job->step, ht_now_us());
	if (err == HT_E_SYNC)
		ht_node_die(err);
	job->done(job);
}

void ht_reader_run(void *node)
{
	struct ht_node *n = node;
	void *jobs[HT_READS_MAX];
	size_t count;

	while (ht_queue_take(n->reader_queue, jobs, HT_READS_MAX, INT64_MAX, &count)) {
		for (size_t i = 0; i < count; i++)
			run_job(n, jobs[i]);
	}
}
