/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_DASH_H
#define TRUSTCHAIN_DASH_H

#include <stdbool.h>

#include "base/err.h"

/*
 * The dashboard (identity.md section 15): it asks its targets for their
 * metrics every scrape_s, judges the alerts, and shows all of it to browsers
 * and programs.  Loop thread only.
 */
struct clock;
struct dash;
struct dash_config;
struct http_request;
struct loop;
struct ops_log;

struct dash_opts {
	struct loop *loop;
	const struct clock *clock;
	const struct dash_config *config;
	struct ops_log *log; /* which keeps its last lines */
};

/**
 * dash_new(opts, ret):
 * Make it and begin to ask.  ERR_SYS_*.
 */
MUST_CHECK int dash_new(const struct dash_opts *opts, struct dash **ret);

/**
 * dash_free(d):
 * The listeners must be gone.  NULL is legal.
 */
void dash_free(struct dash *d);

/**
 * dash_handle(ctx, r):
 * An http_handler_fn: ${ctx} is the struct dash.
 */
void dash_handle(void *ctx, struct http_request *r);

/**
 * dash_ready(d):
 * Return whether each target was asked once.
 */
bool dash_ready(const struct dash *d);

#endif
