/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "base/err.h"

struct fault;
struct store_disk;

/**
 * store_backup_sqlite(disk, from, to, fault):
 * Copy the SQLite database ${from}, as of one moment and while others read and
 * write it, to the new file ${to}: one file of mode 0600 without WAL, checked
 * (PRAGMA quick_check) and durable, in whose place nothing stands on failure.
 * It blocks for as long as that takes, so it is called on a thread that may.
 * ERR_STATE_NOT_FOUND without ${from}; ERR_STATE_EXISTS for a ${to} that is
 * there; codes of store/sqlite.h.
 */
MUST_CHECK int store_backup_sqlite(struct store_disk *disk, const char *from,
    const char *to, struct fault *fault);

#endif
