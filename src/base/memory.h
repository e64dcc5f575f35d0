/* base/memory.h - memory of long-lived objects that is no arena: the one place of realloc and free.
 * A machine without memory stops the process (doc/adr/0002). */
#ifndef HT_BASE_MEMORY_H
#define HT_BASE_MEMORY_H

#include <stddef.h>

/* A piece of size bytes: new and zeroed when piece is NULL, else the old one grown or moved (what is new in it is not zeroed). */
void *ht_memory_take(void *piece, size_t size);
void ht_memory_give(void *piece); /* NULL is accepted */

#endif
