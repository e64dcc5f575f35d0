/* os/errno.h - the system's error numbers as ours. */
#ifndef HT_OS_ERRNO_H
#define HT_OS_ERRNO_H

#include "base/err.h"

/* MISSING, DENIED (something of this name is there or may not be touched), FULL; IO for all others. */
enum ht_err ht_errno(int number);

/* "What cannot be helped": says what failed and ends the process, unless number is 0. */
void ht_must(const char *what, int number);

#endif
