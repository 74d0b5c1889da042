/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_MEASURE_H
#define TRUSTCHAIN_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * What every daemon of the plane measures about itself (identity.md section
 * 15): operations of the key process, what the process uses of the machine, and
 * availability: the health document's probes by component, and requests that
 * were not answered 5xx for the component that is the service.  Availability
 * is kept over a restart, in <state>/measure/availability.
 */
struct clock;
struct http_server;
struct keys_client;
struct ops_health;
struct ops_log;
struct ops_metrics;
struct trustchain_measure;

#define TRUSTCHAIN_MEASURE_FOLDER "measure"

/* The rows that every program's table of metrics has; P is its prefix. */
#define TRUSTCHAIN_MEASURE_METRICS(P)                                          \
	P##_METRIC_AVAILABILITY, P##_METRIC_KEY_OPERATIONS, P##_METRIC_CPU,    \
	    P##_METRIC_MEMORY, P##_METRIC_DISK

#define TRUSTCHAIN_MEASURE_DEFS(P)                                             \
	[P##_METRIC_AVAILABILITY] = { "trustchain_availability_ratio",         \
		OPS_GAUGE, "Share of probes, and of requests without 5xx.",    \
		"component,window" },                                          \
	[P##_METRIC_KEY_OPERATIONS] = { "trustchain_key_operations_total",     \
		OPS_COUNTER, "Operations asked of the key process.",           \
		"slot,status" },                                               \
	[P##_METRIC_CPU] = { "process_cpu_seconds_total", OPS_TOTAL,           \
		"Processor time of the main process.", NULL },                 \
	[P##_METRIC_MEMORY] = { "process_resident_memory_bytes", OPS_GAUGE,    \
		"Resident memory of the main process.", NULL },                \
	[P##_METRIC_DISK] = { "trustchain_disk_free_ratio", OPS_GAUGE,         \
		"Free share of the disk that holds the state folder.", NULL }

/* Indexes of these rows, in the order of TRUSTCHAIN_MEASURE_METRICS. */
struct trustchain_measure_ids {
	unsigned availability, key_operations, cpu, memory, disk;
};

struct trustchain_measure_opts {
	struct ops_metrics *metrics;
	struct ops_health *health;
	struct http_server *http;
	struct keys_client *keys;
	const struct clock *clock;
	struct ops_log *log;
	struct trustchain_measure_ids ids;
	const char *service; /* component: "ca", "ct" */
	const char *state_dir;
	bool foreign_state; /* state_dir is another daemon's: keep nothing */
	/* The label of a slot of the key process. */
	const char *(*slot_name)(void *ctx, uint8_t slot);
	void *ctx;
};

/**
 * trustchain_measure_new(opts, ret):
 * Watch key client and health, and make the folder, for which main must not
 * be confined yet.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int trustchain_measure_new(
    const struct trustchain_measure_opts *opts,
    struct trustchain_measure **ret);

/**
 * trustchain_measure_free(m):
 * Write down what was counted and free it, when key client and health call it
 * no more.  NULL is legal.
 */
void trustchain_measure_free(struct trustchain_measure *m);

/**
 * trustchain_measure_tick(m):
 * Count the requests since the last tick and set the gauges; once a minute
 * write down what was counted.
 */
void trustchain_measure_tick(struct trustchain_measure *m);

#endif
