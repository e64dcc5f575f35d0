/* os/os.h - clock, files, folders, threads and signals: the system calls that are no network.
 * Errors  enum ht_err; what cannot be helped (no thread, no memory) stops the process. */
#ifndef HT_OS_OS_H
#define HT_OS_OS_H

#include "base/disk.h"
#include "base/text.h"

int64_t ht_now_us(void);       /* wall clock */
int64_t ht_monotonic_us(void); /* for durations */
void ht_nap(int64_t us);       /* only where a process waits for its own end */

/* The durable file operations below folder; free with ht_disk_close(). HT_E_MISSING, HT_E_DENIED. */
enum ht_err ht_disk_open(const char *folder, struct ht_disk *out);
void ht_disk_close(struct ht_disk *d); /* zeroed memory is accepted */
/* The same as ht_file_open() for a file below a folder that ht_disk_open() gave. */
enum ht_err ht_disk_file(const struct ht_disk *d, const char *path, int *fd, int64_t *size);
/* A folder in it, made when it is not there; what is above it must be. HT_E_DENIED: something else has its name, a link too. Else as create. */
enum ht_err ht_disk_folder(const struct ht_disk *d, const char *path, unsigned mode);

/* Creates the folder and those above it with this mode; an existing one is no error. */
enum ht_err ht_folder_make(const char *path, unsigned mode);
/* Takes the lock file below the folder for this process: HT_E_LOCKED when another has it. Held until the process ends. */
enum ht_err ht_folder_lock(const char *folder, int *fd);
/* Each plain file of the folder, in no order, and when it was last written (wall clock); it may be removed meanwhile. HT_E_MISSING, HT_E_IO. */
enum ht_err ht_folder_each(const char *path, void (*take)(void *self, struct ht_text name, int64_t changed_us), void *self);
/* Bytes that still fit below the folder; others write too, so it may be fewer. HT_E_MISSING, HT_E_DENIED, HT_E_IO. */
enum ht_err ht_folder_room(const char *path, int64_t *bytes);
/* Opens a plain file for reading: descriptor and size. HT_E_MISSING, HT_E_DENIED (also when it is none, or a link to one). */
enum ht_err ht_file_open(const char *path, int *fd, int64_t *size);

/* A whole plain file as memory, read only; give it back with ht_file_unmap(). An empty file is no memory. A file that is cut
 * short meanwhile stops the process that reads it (SIGBUS). HT_E_MISSING, HT_E_DENIED (also when it is no plain file), HT_E_IO. */
enum ht_err ht_file_map(const char *path, struct ht_bytes *out);
void ht_file_unmap(struct ht_bytes map);

/* Threads, one duty each. */
struct ht_thread;
struct ht_thread *ht_thread_start(const char *name, void (*run)(void *self), void *self);
void ht_thread_join(struct ht_thread *t); /* NULL is accepted */

/* A bounded queue of pointers between threads: any number of senders, one receiver. */
struct ht_queue;
struct ht_queue *ht_queue_new(size_t most);
void ht_queue_free(struct ht_queue *q); /* NULL is accepted */
bool ht_queue_put(struct ht_queue *q, void *item); /* false: full or closed */
void ht_queue_close(struct ht_queue *q);           /* nothing goes in any more; what is in can be taken */
/* Takes up to max items. Waits until there is one, or until the monotonic time wake_us, or ht_queue_wake(). *n 0: nothing. False: closed and empty. */
bool ht_queue_take(struct ht_queue *q, void **items, size_t max, int64_t wake_us, size_t *n);
void ht_queue_wake(struct ht_queue *q);

/* A mutex, for the few things that threads share. */
struct ht_lock;
struct ht_lock *ht_lock_new(void);
void ht_lock_free(struct ht_lock *l);
void ht_lock_take(struct ht_lock *l);
void ht_lock_give(struct ht_lock *l);

/* SIGTERM and SIGINT as a wait: blocks them for all threads when called first (before any thread), then waits. SIGPIPE is ignored. */
void ht_signals_block(void);
int ht_signals_wait(void); /* the signal's number */

#endif
