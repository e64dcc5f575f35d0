/* store/migrate.h - from an older schema to the present one. Private to the store. */
#ifndef HT_STORE_MIGRATE_H
#define HT_STORE_MIGRATE_H

#include "store/store.h"

/* A row leads from version `from` to the next. The last row has no sql. */
struct ht_migration {
	int from;
	const char *sql;
};

/* Runs the rows that lead from one version to another, and sets the version, in one transaction. A missing row is a bug.
 * Errors as ht_store_open(); the file is then as it was. */
enum ht_err ht_store_migrate(struct ht_store *s, const struct ht_migration *rows, int from, int to);

#endif
