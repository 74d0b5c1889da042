/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_MEASURE_H
#define TRUSTCHAIN_MEASURE_H

#include <stdint.h>

#include "base/err.h"

/*
 * What every daemon of the plane measures about itself (identity.md section
 * 15): operations of the key process, and availability: the health document's
 * probes by component, and requests that were not answered 5xx for the
 * component that is the service.
 */
struct clock;
struct http_server;
struct keys_client;
struct ops_health;
struct ops_metrics;
struct trustchain_measure;

struct trustchain_measure_opts {
	struct ops_metrics *metrics;
	struct ops_health *health;
	struct http_server *http;
	struct keys_client *keys;
	const struct clock *clock;
	unsigned key_operations, availability; /* indexes of metrics */
	const char *service;		       /* component: "ca", "ct" */
	/* The label of a slot of the key process. */
	const char *(*slot_name)(void *ctx, uint8_t slot);
	void *ctx;
};

/**
 * trustchain_measure_new(opts, ret):
 * Watch key client and health.  ERR_SYS_NOMEM.
 */
MUST_CHECK int trustchain_measure_new(
    const struct trustchain_measure_opts *opts,
    struct trustchain_measure **ret);

/**
 * trustchain_measure_free(m):
 * Free it, when key client and health call it no more.  NULL is legal.
 */
void trustchain_measure_free(struct trustchain_measure *m);

/**
 * trustchain_measure_tick(m):
 * Count the requests since the last tick and set the gauges.
 */
void trustchain_measure_tick(struct trustchain_measure *m);

#endif
