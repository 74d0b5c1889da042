/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SIM_DISK_H
#define SIM_SIM_DISK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sim/sim_world.h"

/*
 * One file of a node, and what would be left of it.  A write is in the file at
 * once and on the disk after a sync that began later has ended.  A power cut
 * keeps, of what was not synced, any 512-byte sectors.
 */
struct sim_disk;

struct sim_disk_rates {
	/* Of a million calls: no space; the sync says it failed, and the disk
	 * has what it had. */
	uint32_t write_fails, sync_fails;
	uint32_t sync_us_min, sync_us_max;
};

/* ${rc} is the sync's, ${data} a copy of what it was given. */
typedef void sim_disk_fn(void *ctx, int rc, const void *data, size_t len);

/**
 * sim_disk_new(w, node, rates, ret):
 * Create an empty file of ${node}.  ERR_SYS_NOMEM.
 */
MUST_CHECK int sim_disk_new(struct sim_world *w, uint32_t node,
    const struct sim_disk_rates *rates, struct sim_disk **ret);

/**
 * sim_disk_free(d), sim_disk_rates(d, rates):
 * Free, NULL is allowed; set other rates.
 */
void sim_disk_free(struct sim_disk *d);
void sim_disk_rates(struct sim_disk *d, const struct sim_disk_rates *rates);

/**
 * sim_disk_write(d, offset, bytes, len), sim_disk_truncate(d, len):
 * Write at ${offset}, at most the file's length; cut the file.
 * ERR_SYS_NOSPACE, ERR_SYS_NOMEM: nothing is written.
 */
MUST_CHECK int sim_disk_write(
    struct sim_disk *d, size_t offset, const void *bytes, size_t len);
void sim_disk_truncate(struct sim_disk *d, size_t len);

/**
 * sim_disk_sync(d, fn, data, len):
 * Make what is written now durable and call ${fn} then, with ERR_SYS_IO if it
 * failed, unless the node has crashed.  ${len} is at most 64.
 */
void sim_disk_sync(
    struct sim_disk *d, sim_disk_fn *fn, const void *data, size_t len);

/**
 * sim_disk_power(d):
 * The power cut; for the crash function of the node.
 */
void sim_disk_power(struct sim_disk *d);

/**
 * sim_disk_bytes(d, ret_len), sim_disk_durable(d, ret_len):
 * Return the file as the node sees it; as it is on the disk for sure.
 */
const uint8_t *sim_disk_bytes(const struct sim_disk *d, size_t *ret_len);
const uint8_t *sim_disk_durable(const struct sim_disk *d, size_t *ret_len);

#endif
