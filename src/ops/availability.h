/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_AVAILABILITY_H
#define OPS_AVAILABILITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Availability as it is measured: for each component the share of probes and
 * requests that went well, over the last hour and the last 30 days.  What was
 * counted can be written down and taken up again after a restart.  Loop thread
 * only.
 */
#define OPS_AVAILABILITY_COMPONENTS_MAX 16
#define OPS_AVAILABILITY_NAME_MAX 31
#define OPS_AVAILABILITY_TEXT_MAX ((size_t)2 << 20)

enum ops_availability_window {
	OPS_AVAILABILITY_HOUR,	/* kept by the minute */
	OPS_AVAILABILITY_MONTH, /* 30 days, kept by the hour */
	OPS_AVAILABILITY_WINDOWS
};

struct buf;
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
 * Count results of ${component}, at most OPS_AVAILABILITY_NAME_MAX
 * of a-z, 0-9, _ and -; the names beyond the maximum are left out.
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

/**
 * ops_availability_save(a, out):
 * Append what was counted as lines of text: a heading, then "<component> m|h
 * <slot> <good> <bad>" for each minute or hour with results, then "end".
 */
MUST_CHECK int ops_availability_save(
    const struct ops_availability *a, struct buf *out);

/**
 * ops_availability_load(a, text, len):
 * Take up what an earlier process saved; ${a} is new.  ERR_PEER_* for a text
 * that is damaged or cut off: nothing of it counts then.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ops_availability_load(
    struct ops_availability *a, const void *text, size_t len);

#endif
