/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_TRACK_H
#define STORE_TRACK_H

#include <stddef.h>
#include <stdint.h>

/*
 * What a power cut would discard: for each file the bytes to put back since
 * its last sync, for each directory the names to put back since its last
 * sync.  The caller locks.  Functions return 0 or an errno value.
 */
struct store_track;

/**
 * store_track_new():
 * Return an empty record, or NULL when memory is short.
 */
struct store_track *store_track_new(void);

/**
 * store_track_free(t):
 * Free the record and close its descriptors; NULL is allowed.
 */
void store_track_free(struct store_track *t);

/**
 * store_track_data(t, fd, offset, len):
 * Remember the bytes of ${fd} in [offset, offset + len) and the file's size,
 * before a write there.  A truncation is remembered as a write from the new
 * to the old end.
 */
int store_track_data(
    struct store_track *t, int fd, uint64_t offset, uint64_t len);

/**
 * store_track_name(t, path):
 * Remember what the name ${path} stands for, before it is created, replaced
 * or removed.
 */
int store_track_name(struct store_track *t, const char *path);

/**
 * store_track_synced(t, fd):
 * The data of ${fd} is durable: forget what to put back.
 */
void store_track_synced(struct store_track *t, int fd);

/**
 * store_track_dir_synced(t, dir):
 * The names in directory ${dir} are durable.
 */
void store_track_dir_synced(struct store_track *t, const char *dir);

/**
 * store_track_cut(t, seed):
 * Put everything remembered back and forget it.  With a ${seed} other than 0
 * each file keeps some of its unsynced writes, the oldest ones first.
 */
int store_track_cut(struct store_track *t, uint64_t seed);

#endif
