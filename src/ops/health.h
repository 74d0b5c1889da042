/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_HEALTH_H
#define OPS_HEALTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * The health document (identity.md section 15): each component checks itself
 * every OPS_HEALTH_INTERVAL_MS; failures in a row 0 = Healthy, 1-2 Degraded,
 * 3-5 Unhealthy, more Critical; the whole is as bad as its worst component.
 * Loop thread only.
 */
#define OPS_HEALTH_INTERVAL_MS 5000
#define OPS_HEALTH_COMPONENTS_MAX 16
#define OPS_HEALTH_ISSUE_BYTES_MAX 160

enum ops_health_state {
	OPS_HEALTHY,
	OPS_DEGRADED,
	OPS_UNHEALTHY,
	OPS_CRITICAL
};

/* A self-check: 0 when fine, else non-zero with the reason in ${issue}. */
typedef int ops_health_check(void *ctx, char *issue, size_t issuelen);

struct ops_health;

/**
 * ops_health_new(version, instance):
 * Return an empty document; the strings must outlive it.  NULL: no memory.
 */
struct ops_health *ops_health_new(const char *version, const char *instance);

/**
 * ops_health_free(h):
 * Free ${h}; NULL is legal.
 */
void ops_health_free(struct ops_health *h);

/**
 * ops_health_add(h, name, check, ctx):
 * Add the component ${name} (must outlive ${h}).  ${check} may be NULL for a
 * component that reports through ops_health_report.  ERR_SYS_LIMIT.
 */
MUST_CHECK int ops_health_add(
    struct ops_health *h, const char *name, ops_health_check *check, void *ctx);

/**
 * ops_health_at_worst(h, name, state):
 * Let component ${name} never be worse than ${state}: for what wants looking
 * after but takes no service away.
 */
void ops_health_at_worst(
    struct ops_health *h, const char *name, enum ops_health_state state);

/**
 * ops_health_report(h, name, ok, issue):
 * Enter one result of component ${name}; unknown names are ignored.
 */
void ops_health_report(
    struct ops_health *h, const char *name, bool ok, const char *issue);

/**
 * ops_health_on_probe(h, fn, ctx):
 * Call ${fn}(${ctx}, component, ok) for each result of a check.
 */
void ops_health_on_probe(struct ops_health *h,
    void (*fn)(void *ctx, const char *component, bool ok), void *ctx);

/**
 * ops_health_tick(h):
 * Run every check once.
 */
void ops_health_tick(struct ops_health *h);

/**
 * ops_health_state(h):
 * Return the state of the worst component.
 */
enum ops_health_state ops_health_state(const struct ops_health *h);

/**
 * ops_health_ready(h, fn, ctx):
 * Let ${fn} decide /ready; without it /ready follows ops_health_started.
 * ${fn} returns true when the daemon can do its job now, else puts the
 * reason into ${why}.
 */
void ops_health_ready(struct ops_health *h,
    bool (*fn)(void *ctx, char *why, size_t whylen), void *ctx);

/**
 * ops_health_started(h):
 * Recovery is over: /startup answers 200 from now on.
 */
void ops_health_started(struct ops_health *h);

/**
 * ops_health_is_ready(h, why, whylen):
 * Return whether /ready is 200; else the reason is in ${why}.
 */
bool ops_health_is_ready(struct ops_health *h, char *why, size_t whylen);

/**
 * ops_health_is_started(h):
 * Return whether /startup is 200.
 */
bool ops_health_is_started(const struct ops_health *h);

/**
 * ops_health_render(h, out):
 * Append the JSON document.
 */
MUST_CHECK int ops_health_render(const struct ops_health *h, struct buf *out);

#endif
