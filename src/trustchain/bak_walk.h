/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_WALK_H
#define TRUSTCHAIN_BAK_WALK_H

#include "base/err.h"
#include "base/fault.h"

/*
 * Which files of a running plane a backup takes, and in which order: a folder
 * is listed only when all before it is copied.  Of a log shard that is the
 * write-ahead log, then the checkpoint, then the tiles, so that what one no
 * longer has the next one does; of an audit log the checkpoint, the tiles, the
 * lines.  Locks, databases and their indexes, temporary files, the sealed TLS
 * key and offline-root are not taken.
 */
#define BAK_WALK_ENTRIES_MAX 1048576 /* of one folder */
#define BAK_WALK_DEPTH_MAX 12

struct bak_out;

struct bak_walk {
	struct bak_out *out;
	const char *root; /* the prefix that names are without; "" */
	/* A log head was copied; may be NULL. */
	void (*head)(void *ctx, const char *shard, const char *path);
	void *ctx;
};

/**
 * bak_walk_folder(w, path, f):
 * Take everything below ${path}; a folder that is not there is empty.
 */
MUST_CHECK int bak_walk_folder(
    const struct bak_walk *w, const char *path, struct fault *f);

/**
 * bak_walk_file(w, path, f):
 * Take one file, unless the backup has it; ERR_STATE_NOT_FOUND with a message.
 */
MUST_CHECK int bak_walk_file(
    const struct bak_walk *w, const char *path, struct fault *f);

/**
 * bak_walk_keys(w, folder, f):
 * Take the encrypted private keys of ${folder}, and no passphrases.
 */
MUST_CHECK int bak_walk_keys(
    const struct bak_walk *w, const char *folder, struct fault *f);

#endif
