/* os/errno.c - the system's error numbers as ours. */
#include "os/errno.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"

static const struct {
	int number;
	enum ht_err err;
} rows[] = {
	{ ENOENT, HT_E_MISSING }, { ENOTDIR, HT_E_MISSING }, { ELOOP, HT_E_DENIED },  { EACCES, HT_E_DENIED }, { EPERM, HT_E_DENIED },
	{ EROFS, HT_E_DENIED },   { EEXIST, HT_E_DENIED },   { EISDIR, HT_E_DENIED }, { ENOSPC, HT_E_FULL },   { EDQUOT, HT_E_FULL },
};

enum ht_err ht_errno(int number)
{
	for (size_t i = 0; i < HT_COUNT(rows); i++) {
		if (rows[i].number == number)
			return rows[i].err;
	}
	return HT_E_IO;
}

void ht_must(const char *what, int number)
{
	if (!number)
		return;
	fprintf(stderr, "hutong: %s: %s\n", what, strerrordesc_np(number));
	abort();
}
