/* node/clerk.c - the desk's thread: takes what has queued, commits it as one batch, hands out what is to be sent, answers, and keeps those
 * who wait until their process has settled. */
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/time.h"
#include "node/exchange.h"

enum { HT_CHECKPOINT_PAGES = 4000, HT_BATCH_ARENA = 64 << 20, HT_NAP_MAX_S = 60, HT_FULL_PAUSE_S = 1, HT_CLOCK_AHEAD_S = 60 };

/* Everything of this thread. */
struct clerk {
	struct ht_node *node;
	struct ht_arena arena;                      /* of one batch */
	struct ht_job *waiting[HT_WAIT_BUCKETS];    /* by process */
	size_t waiting_count;
	struct ht_step due;
	int64_t due_from_us;                        /* monotonic: not before it, after a disk that was full */
	int64_t offset_us;                          /* of the wall clock to the monotonic one */
};

void ht_node_die(enum ht_err err)
{
	HT_LOG(HT_ERROR, "disk_failed", HT_FIELD_Z("why", ht_err_word(err)));
	_exit(HT_NODE_EXIT_SYNC);
}

/* A full disk passes, and so does another program that holds the store (a backup): the batch fails, the node goes on. */
static bool is_fatal(enum ht_err err)
{
	return err && err != HT_E_FULL && err != HT_E_LOCKED;
}

static struct ht_job **bucket(struct clerk *c, int64_t process)
{
	return &c->waiting[(size_t)process % HT_WAIT_BUCKETS];
}

/* True: the job waits on. */
static bool park(struct clerk *c, struct ht_job *job)
{
	const struct ht_step *s = job->step;
	struct ht_job **at;

	if (!job->wait_us || s->err || s->why.code || !s->out.process.row || ht_desk_settled(&s->out.process))
		return false;
	at = bucket(c, s->out.process.row);
	job->until_us = ht_monotonic_us() + job->wait_us;
	job->next = *at;
	*at = job;
	c->waiting_count++;
	return true;
}

/* The process as it is now, in memory of the job's own. */
static void copy_process(struct ht_process *to, const struct ht_process *from, struct ht_arena *a)
{
	struct ht_text *const texts[] = {
		&to->pid, &to->peer_pid, &to->peer, &to->base, &to->product, &to->offer, &to->agreement, &to->format, &to->address, &to->reason,
	};

	*to = *from;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = ht_text_copy(a, *texts[i]);
}

static void wake(struct clerk *c, const struct ht_process *moved)
{
	struct ht_job **at = bucket(c, moved->row);

	if (!ht_desk_settled(moved))
		return;
	while (*at) {
		struct ht_job *job = *at;

		if (job->step->out.process.row != moved->row) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		c->waiting_count--;
		copy_process(&job->step->out.process, moved, job->step->arena);
		job->done(job);
	}
}

/* Who waited long enough gets the process as it is now. */
static void let_go(struct clerk *c, struct ht_job *job)
{
	struct ht_process now;
	bool found;
	enum ht_err err = ht_store_process(c->node->writer, job->step->out.process.row, job->step->arena, &now, &found);

	if (err)
		ht_node_die(err);
	if (found)
		job->step->out.process = now;
	job->done(job);
}

/* Those who waited long enough get what there is. Returns when the next one has. */
static int64_t expire(struct clerk *c, bool all)
{
	int64_t now_us = ht_monotonic_us(), next_us = INT64_MAX;

	for (size_t i = 0; c->waiting_count && i < HT_WAIT_BUCKETS; i++) {
		struct ht_job **at = &c->waiting[i];

		while (*at) {
			struct ht_job *job = *at;

			if (!all && job->until_us > now_us) {
				next_us = job->until_us < next_us ? job->until_us : next_us;
				at = &job->next;
				continue;
			}
			*at = job->next;
			c->waiting_count--;
			let_go(c, job);
		}
	}
	return next_us;
}

/* Not in this thread's way: a file that cannot be removed now goes with the sweep of a later start. */
static void drop(struct clerk *c, const struct ht_drop *file)
{
	struct ht_disk *disk = &c->node->disk;
	struct ht_text path = ht_upload_path(file->party, file->sha256, &c->arena);
	enum ht_err err = disk->remove(disk->self, ht_text_z(&c->arena, path));

	if (err)
		HT_LOG(HT_WARN, "file_not_removed", HT_FIELD("path", path), HT_FIELD_Z("why", ht_err_word(err)));
}

static void hand_out(struct clerk *c, const struct ht_effects *e, int64_t now_us)
{
	struct ht_node *n = c->node;

	for (size_t i = 0; i < e->posts_count; i++) {
		int64_t again_us = ht_courier_post(n->courier, &e->posts[i]);

		if (again_us)
			ht_desk_postpone(n->desk, e->posts[i].process, now_us + again_us);
	}
	for (size_t i = 0; i < e->drops_count; i++)
		drop(c, &e->drops[i]);
	for (size_t i = 0; i < e->looks_count; i++) {
		const struct ht_look *look = &e->looks[i];
		bool turn = look->mark == HT_MARK_REFUSED || look->mark == HT_MARK_REFUSED_AGAIN; /* else its letter goes on without it */

		int64_t again_us = ht_courier_look(n->courier, look);

		if (again_us && turn)
			ht_desk_postpone(n->desk, look->process, now_us + again_us);
	}
}

/* When somebody has set the wall clock back, what is due by it would wait too long. A jump ahead is said only: it may end tokens and agreements early. */
static void watch_clock(struct clerk *c)
{
	int64_t now_us = ht_now_us(), offset_us = now_us - ht_monotonic_us();

	if (c->offset_us && offset_us < c->offset_us - HT_SECOND_US) {
		HT_LOG(HT_WARN, "clock_set_back", HT_FIELD_N("seconds", (c->offset_us - offset_us) / HT_SECOND_US));
		ht_desk_clock_back(c->node->desk, now_us);
	} else if (c->offset_us && offset_us > c->offset_us + HT_CLOCK_AHEAD_S * HT_SECOND_US) {
		HT_LOG(HT_WARN, "clock_set_ahead", HT_FIELD_N("seconds", (offset_us - c->offset_us) / HT_SECOND_US));
	}
	c->offset_us = offset_us;
}

static void batch(struct clerk *c, struct ht_job *const *jobs, size_t n)
{
	struct ht_node *node = c->node;
	struct ht_effects effects = { .arena = &c->arena };
	struct ht_step *steps[HT_BATCH_MAX + 1];
	int64_t now_us = ht_now_us();
	size_t count = 0;
	enum ht_err err;

	for (size_t i = 0; i < n; i++)
		steps[count++] = jobs[i]->step;
	if (ht_desk_due_us(node->desk) <= now_us && c->due_from_us <= ht_monotonic_us()) {
		c->due = (struct ht_step){ .kind = HT_STEP_DUE, .arena = &c->arena };
		steps[count++] = &c->due;
	}
	if (!count)
		return;
	err = ht_desk_batch(node->desk, steps, count, now_us, &effects);
	if (is_fatal(err))
		ht_node_die(err);
	if (err)
		c->due_from_us = ht_monotonic_us() + HT_FULL_PAUSE_S * HT_SECOND_US;
	atomic_fetch_add(err ? &node->metrics.failed_commits : &node->metrics.commits, 1);
	atomic_fetch_add(&node->metrics.steps, err ? 0 : (long long)count);
	hand_out(c, &effects, now_us);
	ht_publisher_tell(node->publisher, effects.parties, effects.parties_count);
	for (size_t i = 0; i < effects.moved_count && c->waiting_count; i++)
		wake(c, &effects.moved[i]);
	for (size_t i = 0; i < n; i++) {
		if (!park(c, jobs[i]))
			jobs[i]->done(jobs[i]);
	}
	ht_arena_reset(&c->arena);
	err = err ? HT_OK : ht_store_checkpoint(node->writer, HT_CHECKPOINT_PAGES);
	if (is_fatal(err))
		ht_node_die(err);
}

/* Monotonic time of the next thing to do by itself. */
static int64_t wake_us(const struct clerk *c, int64_t expires_us)
{
	int64_t due_us = ht_desk_due_us(c->node->desk), now_us = ht_now_us(), nap_us = HT_NAP_MAX_S * HT_SECOND_US;

	if (due_us < now_us + nap_us)
		nap_us = due_us > now_us ? due_us - now_us : 0;
	nap_us += ht_monotonic_us();
	if (nap_us < c->due_from_us)
		nap_us = c->due_from_us;
	return nap_us < expires_us ? nap_us : expires_us;
}

void ht_clerk_run(void *node)
{
	struct clerk *c = ht_memory_take(NULL, sizeof(*c));
	void *taken[HT_BATCH_MAX];
	struct ht_job *jobs[HT_BATCH_MAX];
	int64_t expires_us = INT64_MAX;
	size_t n;

	c->node = node;
	ht_arena_init(&c->arena, HT_BATCH_ARENA);
	while (ht_queue_take(c->node->desk_queue, taken, HT_BATCH_MAX, wake_us(c, expires_us), &n)) {
		for (size_t i = 0; i < n; i++)
			jobs[i] = taken[i];
		watch_clock(c);
		batch(c, jobs, n);
		expires_us = expire(c, atomic_load(&c->node->stopping));
	}
	expire(c, true);
	ht_arena_fini(&c->arena);
	ht_memory_give(c);
}
