/* os/wait.h - a mutex and a condition that waits by the monotonic clock: the inside of the queue and of the HTTP server. */
#ifndef HT_OS_WAIT_H
#define HT_OS_WAIT_H

#include <pthread.h>
#include <stdint.h>

struct ht_wait {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
};

void ht_wait_init(struct ht_wait *w);
void ht_wait_fini(struct ht_wait *w);
void ht_wait_take(struct ht_wait *w);
void ht_wait_give(struct ht_wait *w);
/* With the mutex taken: gives it, waits for ht_wait_tell() or until the monotonic time, takes it again. May also return without a reason. */
void ht_wait_until(struct ht_wait *w, int64_t until_us);
void ht_wait_tell(struct ht_wait *w); /* wakes all that wait */

#endif
