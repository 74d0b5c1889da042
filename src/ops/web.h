/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_WEB_H
#define OPS_WEB_H

#include <stdbool.h>

struct http_request;
struct ops_health;
struct ops_metrics;

/* What the operating endpoints show; both outlive their listeners. */
struct ops_web {
	struct ops_health *health;
	struct ops_metrics *metrics;
};

/**
 * ops_web_handle(w, r):
 * Answer ${r} if its path is /metrics, /health, /ready or /startup and return
 * true; else return false and leave it alone.  /health is 200 when Healthy or
 * Degraded, else 503; the same holds for /ready and /startup by their rules.
 */
bool ops_web_handle(const struct ops_web *w, struct http_request *r);

/**
 * ops_web_health(w, r):
 * Answer ${r} with the health document, whatever its path.
 */
void ops_web_health(const struct ops_web *w, struct http_request *r);

/**
 * ops_web_listener(ctx, r):
 * An http_handler_fn for a metrics listener: ${ctx} is a struct ops_web, all
 * other paths are 404.
 */
void ops_web_listener(void *ctx, struct http_request *r);

#endif
