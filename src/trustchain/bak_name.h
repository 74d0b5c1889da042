/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_NAME_H
#define TRUSTCHAIN_BAK_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * Backups by their names: <id>.tar.age and <id>.json in one folder, the id
 * YYYYMMDDTHHMMSSZ-<8 hex>.
 */
#define BAK_NAME_ID_MAX 26
#define BAK_NAME_PATH_MAX 4096
#define BAK_NAME_COUNT_MAX 100000

struct rng;
struct store_disk;

/**
 * bak_name_make(now_ms, rng, id):
 * Make an id.  ERR_SYS_RNG.
 */
MUST_CHECK int bak_name_make(
    int64_t now_ms, const struct rng *rng, char id[BAK_NAME_ID_MAX]);

/**
 * bak_name_parse(id, ret_ms):
 * Return whether ${id} is one, and its time.
 */
bool bak_name_parse(const char *id, int64_t *ret_ms);

/**
 * bak_name_newest(dir, ret_ms):
 * The time of the newest whole backup (one with its .json) of ${dir}.
 * ERR_STATE_NOT_FOUND, ERR_SYS_*.
 */
MUST_CHECK int bak_name_newest(const char *dir, int64_t *ret_ms);

/**
 * bak_name_retain(disk, dir, before_ms, ret_n):
 * Delete the backups of ${dir} made before ${before_ms} and what broken off
 * ones left; count them.  Nothing else in the folder is touched.  ERR_SYS_*.
 */
MUST_CHECK int bak_name_retain(
    struct store_disk *disk, const char *dir, int64_t before_ms, size_t *ret_n);

#endif
