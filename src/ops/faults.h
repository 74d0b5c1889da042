/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_FAULTS_H
#define OPS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * Named points at which a test can make the program die, wait or fail.  They
 * are compiled in always and armed only by the environment variable
 * <PREFIX>_FAULT, and only where the configuration says environment =
 * "local".  An unarmed point costs one pointer comparison.
 *
 *     TRUSTCHAIN_FAULT="ca.c1.before=kill:3"    kill -9 at the 3rd passing
 *     TRUSTCHAIN_FAULT="ct.wal.sync=delay:50"   50 ms at each passing
 *     TRUSTCHAIN_FAULT="ca.c2.before=error:2,ct.tile.write=kill"
 *                                  ERR_SYS_IO at the 2nd passing, ...
 */
struct ops_faults;

/**
 * ops_faults_new(spec, points, npoints, ret, f):
 * Parse ${spec} against the registered point names.  A NULL or empty ${spec}
 * gives a NULL object, which ops_fault_point accepts.  ERR_STATE_CONFIG for
 * an unknown point or action, ERR_SYS_NOMEM.
 */
MUST_CHECK int ops_faults_new(const char *spec, const char *const *points,
    size_t npoints, struct ops_faults **ret, struct fault *f);

/**
 * ops_faults_free(fs):
 * Free ${fs}; NULL is legal.
 */
void ops_faults_free(struct ops_faults *fs);

/**
 * ops_fault_point(fs, point):
 * Pass ${point}, a registered name: return 0, or after the armed delay, or
 * ERR_SYS_IO when armed with error, or not at all (SIGKILL).  Any thread.
 */
int ops_fault_point(struct ops_faults *fs, const char *point);

#endif
