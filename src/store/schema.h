/* store/schema.h - the text of schema.sql, which the build puts into the program. It is terminated. */
#ifndef HT_STORE_SCHEMA_H
#define HT_STORE_SCHEMA_H

#include <stddef.h>

extern const char ht_schema_sql[];
extern const size_t ht_schema_sql_len; /* without the NUL */

#endif
