/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SCHEMA_H
#define TRUSTCHAIN_CA_SCHEMA_H

#include <stddef.h>

/**
 * ca_schema_steps(ret_n):
 * Return the SQL that takes the CA's database from each schema version to the
 * next, for store_sqlite_migrate().  Steps are only ever added.
 */
const char *const *ca_schema_steps(size_t *ret_n);

#endif
