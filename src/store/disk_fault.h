/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DISK_FAULT_H
#define STORE_DISK_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Faults for tests and benchmarks.  "Operation" means create, write,
 * truncate, sync, rename, unlink or mkdir; they are numbered from 1 in the
 * order in which they start.
 *
 * The power cut is simulated on a real directory: while tracking is on, the
 * disk remembers for each file what it held at its last sync, and for each
 * directory which names it had at its last sync.  store_disk_fault_cut()
 * puts exactly that back, so that the normal code then starts from what a
 * disk without any write-back luck would hold.
 */
struct store_disk;

/**
 * store_disk_fault_ops(disk):
 * Return the number of operations started so far.
 */
uint64_t store_disk_fault_ops(const struct store_disk *);

/**
 * store_disk_fault_sync_delay(disk, ms):
 * Make every sync last ${ms} milliseconds longer.
 */
void store_disk_fault_sync_delay(struct store_disk *, unsigned int);

/**
 * store_disk_fault_fail(disk, op, err):
 * Let operation number ${op} fail with errno ${err} (EIO, ENOSPC, ...); 0
 * turns this off.  A write that fails so leaves its first half; everything
 * else leaves the disk untouched.
 */
void store_disk_fault_fail(struct store_disk *, uint64_t, int);

/**
 * store_disk_fault_stop(disk, op):
 * Let operation number ${op} and all later ones fail with EIO without
 * touching the disk, as if the power had gone; 0 turns this off.
 */
void store_disk_fault_stop(struct store_disk *, uint64_t);

/**
 * store_disk_fault_skip(disk, name):
 * Let syncs named ${name} report success without doing anything, or stop
 * doing so if ${name} is NULL.  Only the last ${name} given is skipped.
 */
void store_disk_fault_skip(struct store_disk *, const char *);

/**
 * store_disk_fault_track(disk):
 * Begin to remember what is not yet synced; what exists now counts as
 * durable.  Return 0 or ERR_SYS_NOMEM.
 */
MUST_CHECK int store_disk_fault_track(struct store_disk *);

/**
 * store_disk_fault_cut(disk):
 * Discard everything written, created, renamed or removed and not synced
 * since tracking began; tracking goes on from there and a stop is lifted.
 * Files opened before the cut must not be used again, only closed.
 */
MUST_CHECK int store_disk_fault_cut(struct store_disk *);

/**
 * store_disk_fault_cut_some(disk, seed):
 * As store_disk_fault_cut(), but the kernel had written some data back on its
 * own: each file keeps as many of its unsynced writes, the oldest first, as
 * chance says for this ${seed}.  Seed 0 keeps none.
 */
MUST_CHECK int store_disk_fault_cut_some(
    struct store_disk *disk, uint64_t seed);

/**
 * store_disk_fault_names(disk, fn, ctx):
 * Call ${fn}(${ctx}, name) for each distinct sync name seen so far, at most
 * 64 of them.
 */
void store_disk_fault_names(
    struct store_disk *, void (*)(void *, const char *), void *);

#endif /* STORE_DISK_FAULT_H */
