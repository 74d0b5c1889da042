/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_PLACE_H
#define TRUSTCHAIN_BAK_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"
#include "trustchain/bak_tar.h"

/*
 * Where the members of a backup go.  State goes to folders beside its own,
 * with the ending .restoring, which take their places when all is there; so
 * no daemon can start on half of it.  What lies in the folder of the
 * configuration is written where it is missing, and never over anything.
 * Everything else is left out and named.
 */
#define BAK_PLACE_ROOTS_MAX 12
#define BAK_PLACE_STAGED ".restoring"

struct bak_place;
struct store_disk;

/**
 * bak_place_new(disk, root, config, ret):
 * ${root} is what names are below, ${config} the path of ca.toml.
 */
MUST_CHECK int bak_place_new(struct store_disk *disk, const char *root,
    const char *config, struct bak_place **ret);

/**
 * bak_place_free(p):
 * NULL is legal.
 */
void bak_place_free(struct bak_place *p);

/**
 * bak_place_state(p, path, f):
 * Add a place of state, folder or file.  ERR_STATE_EXISTS when something
 * other than a lock is there, or what an earlier attempt left.
 */
MUST_CHECK int bak_place_state(
    struct bak_place *p, const char *path, struct fault *f);

/**
 * bak_place_empty(path):
 * Return whether nothing but a lock is in the folder, if there is one.
 */
bool bak_place_empty(const char *path);

/**
 * bak_place_ignore(p, path, f):
 * Add a place whose members are left out without a word.
 */
MUST_CHECK int bak_place_ignore(
    struct bak_place *p, const char *path, struct fault *f);

/**
 * bak_place_staged(p, path, out, size):
 * Write where ${path} is until bak_place_commit.  ERR_SYS_LIMIT.
 */
MUST_CHECK int bak_place_staged(
    const struct bak_place *p, const char *path, char *out, size_t size);

/**
 * bak_place_hooks(p, config, ret):
 * The hooks that write: the configuration, or all but that.
 */
void bak_place_hooks(
    struct bak_place *p, bool config, struct bak_tar_hooks *ret);

/**
 * bak_place_used(p, path):
 * Return whether the backup had anything for the place ${path}.
 */
bool bak_place_used(const struct bak_place *p, const char *path);

/**
 * bak_place_commit(p, f), bak_place_abort(p):
 * Move all state to its place, durably; or leave a message where the rest
 * lies.
 */
MUST_CHECK int bak_place_commit(struct bak_place *p, struct fault *f);
void bak_place_abort(struct bak_place *p);

#endif
