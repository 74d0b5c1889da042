/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CONNECTIONS_INTERNAL_H
#define STORE_CONNECTIONS_INTERNAL_H

#include "base/err.h"

/* The connections of one database; they are closed together. */
struct fault;
struct sqlite3;
struct store_connections;
struct store_database_opts;
struct store_sql;

/**
 * store_connections_new(opts, fault, ret), store_connections_free(c):
 * Begin with none, if opts->path is on a disk of this machine; close all.
 */
MUST_CHECK int store_connections_new(const struct store_database_opts *opts,
    struct fault *fault, struct store_connections **ret);
void store_connections_free(struct store_connections *c);

/**
 * store_connections_writer(c, opts, fault, ret_db, ret_sql):
 * Open the database, check it and bring its schema up to date; with a loop it
 * leaves checkpoints to others.
 */
MUST_CHECK int store_connections_writer(struct store_connections *c,
    const struct store_database_opts *opts, struct fault *fault,
    struct sqlite3 **ret_db, struct store_sql **ret_sql);

/**
 * store_connections_check(c, opts, fault):
 * The same for opts->read_only: check the schema's version.
 */
MUST_CHECK int store_connections_check(struct store_connections *c,
    const struct store_database_opts *opts, struct fault *fault);

/**
 * store_connections_reader(c, fault, ret_sql), _other(c, fault, ret_db):
 * One more that cannot write; one more that can.
 */
MUST_CHECK int store_connections_reader(struct store_connections *c,
    struct fault *fault, struct store_sql **ret_sql);
/** store_connections_other: see store_connections_reader. */
MUST_CHECK int store_connections_other(
    struct store_connections *c, struct fault *fault, struct sqlite3 **ret_db);

#endif
