/* os/thread.c - threads and mutexes of POSIX. */
#include <pthread.h>
#include <stdio.h>

#include "base/memory.h"
#include "os/errno.h"
#include "os/os.h"

enum { NAME = 16 }; /* what the kernel keeps of a thread's name, with NUL */

struct ht_thread {
	pthread_t id;
	char name[NAME];
	void (*run)(void *self);
	void *self;
};

struct ht_lock {
	pthread_mutex_t mutex;
};

static void *begin(void *of)
{
	const struct ht_thread *t = of;

	(void)pthread_setname_np(pthread_self(), t->name);
	t->run(t->self);
	return NULL;
}

struct ht_thread *ht_thread_start(const char *name, void (*run)(void *self), void *self)
{
	struct ht_thread *t = ht_memory_take(NULL, sizeof(*t));

	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	t->run = run;
	t->self = self;
	ht_must("no thread", pthread_create(&t->id, NULL, begin, t));
	return t;
}

void ht_thread_join(struct ht_thread *t)
{
	if (!t)
		return;
	ht_must("join", pthread_join(t->id, NULL));
	ht_memory_give(t);
}

struct ht_lock *ht_lock_new(void)
{
	struct ht_lock *l = ht_memory_take(NULL, sizeof(*l));

	ht_must("no mutex", pthread_mutex_init(&l->mutex, NULL));
	return l;
}

void ht_lock_free(struct ht_lock *l)
{
	if (!l)
		return;
	ht_must("a mutex in use", pthread_mutex_destroy(&l->mutex));
	ht_memory_give(l);
}

void ht_lock_take(struct ht_lock *l)
{
	ht_must("mutex", pthread_mutex_lock(&l->mutex));
}

void ht_lock_give(struct ht_lock *l)
{
	ht_must("mutex", pthread_mutex_unlock(&l->mutex));
}
