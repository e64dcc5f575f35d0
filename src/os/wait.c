/* os/wait.c - a mutex and a condition that waits by the monotonic clock. */
#include "os/wait.h"

#include <errno.h>

#include "os/errno.h"

void ht_wait_init(struct ht_wait *w)
{
	pthread_condattr_t how;

	ht_must("no mutex", pthread_mutex_init(&w->mutex, NULL));
	ht_must("no condition", pthread_condattr_init(&how));
	ht_must("no condition", pthread_condattr_setclock(&how, CLOCK_MONOTONIC));
	ht_must("no condition", pthread_cond_init(&w->changed, &how));
	(void)pthread_condattr_destroy(&how);
}

void ht_wait_fini(struct ht_wait *w)
{
	ht_must("a condition in use", pthread_cond_destroy(&w->changed));
	ht_must("a mutex in use", pthread_mutex_destroy(&w->mutex));
}

void ht_wait_take(struct ht_wait *w)
{
	ht_must("mutex", pthread_mutex_lock(&w->mutex));
}

void ht_wait_give(struct ht_wait *w)
{
	ht_must("mutex", pthread_mutex_unlock(&w->mutex));
}

void ht_wait_until(struct ht_wait *w, int64_t until_us)
{
	struct timespec until = { .tv_sec = until_us / 1000000, .tv_nsec = until_us % 1000000 * 1000 };
	int why;

	if (until_us <= 0)
		return;
	if (until_us == INT64_MAX)
		why = pthread_cond_wait(&w->changed, &w->mutex);
	else
		why = pthread_cond_timedwait(&w->changed, &w->mutex, &until);
	ht_must("condition", why == ETIMEDOUT ? 0 : why);
}

void ht_wait_tell(struct ht_wait *w)
{
	ht_must("condition", pthread_cond_broadcast(&w->changed));
}
