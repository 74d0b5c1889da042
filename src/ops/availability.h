/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_AVAILABILITY_H
#define OPS_AVAILABILITY_H

#include <stdint.h>

#include "base/err.h"

/*
 * Availability as it is measured: for each component the share of probes and
 * requests that went well, over the last hour and the last 30 days, though not
 * from before the start of the process.  Loop thread only.
 */
#define OPS_AVAILABILITY_COMPONENTS_MAX 16

enum ops_availability_window {
	OPS_AVAILABILITY_HOUR,	/* kept by the minute */
	OPS_AVAILABILITY_MONTH, /* 30 days, kept by the hour */
	OPS_AVAILABILITY_WINDOWS
};

struct ops_availability;
struct ops_metrics;

/**
 * ops_availability_new(void):
 * Return an empty record; NULL when out of memory.
 */
struct ops_availability *ops_availability_new(void);

/**
 * ops_availability_free(a):
 * Free ${a}; NULL is legal.
 */
void ops_availability_free(struct ops_availability *a);

/**
 * ops_availability_add(a, component, now_ms, good, bad):
 * Count results of ${component}, a name that outlives ${a}; the names beyond
 * the maximum are left out.
 */
void ops_availability_add(struct ops_availability *a, const char *component,
    int64_t now_ms, uint64_t good, uint64_t bad);

/**
 * ops_availability_ratio(a, component, window, now_ms):
 * Return the share of good results, or -1 when there are none.
 */
double ops_availability_ratio(const struct ops_availability *a,
    const char *component, enum ops_availability_window window, int64_t now_ms);

/**
 * ops_availability_publish(a, now_ms, m, id):
 * Set gauge ${id}, with labels component and window ("1h", "30d"), for all
 * that has results.
 */
void ops_availability_publish(const struct ops_availability *a, int64_t now_ms,
    struct ops_metrics *m, unsigned id);

#endif
