/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_STORE_H
#define TRUSTCHAIN_BAK_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/* A restored database before its daemon starts on it. */
struct ca_store;
struct store_disk;

/**
 * bak_store_settle(path, audit_dir, f):
 * Void the idempotency keys, whose certificates may be forgotten; never use a
 * certificate's id again; number events above those that the restored audit
 * log holds, or it would take new ones for old.
 */
MUST_CHECK int bak_store_settle(
    const char *path, const char *audit_dir, struct fault *f);

/**
 * bak_store_done(store, id, recovered, now_ms, ret_certs, f):
 * Put the event restore.done into the outbox; count the certificates.
 */
MUST_CHECK int bak_store_done(struct ca_store *store, const char *id,
    size_t recovered, int64_t now_ms, struct fault *f);

/**
 * bak_store_count(path, ret):
 * Count the rows of certificates.  ERR_SYS_DATABASE.
 */
MUST_CHECK int bak_store_count(const char *path, int64_t *ret);

#endif
