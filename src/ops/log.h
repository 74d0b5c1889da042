/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OPS_LOG_H
#define OPS_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

/*
 * Structured log: one JSON object per line, written with a single write(2).
 * Fields hold our own words and numbers; bytes a peer sent never go into a
 * log, only their length and digest.
 */
enum ops_log_level { OPS_LOG_DEBUG, OPS_LOG_INFO, OPS_LOG_WARN, OPS_LOG_ERROR };

enum ops_log_kind {
	OPS_LOG_KIND_NONE,
	OPS_LOG_KIND_STRING,
	OPS_LOG_KIND_INT,
	OPS_LOG_KIND_DOUBLE
};

struct ops_log_field {
	const char *key;
	enum ops_log_kind kind;
	const void *ptr;
	int64_t num;
	double dbl;
};

#define OPS_LOG_STR(k, v)                                                      \
	{                                                                      \
		(k), OPS_LOG_KIND_STRING, (v), 0, 0                            \
	}
#define OPS_LOG_INT(k, v)                                                      \
	{                                                                      \
		(k), OPS_LOG_KIND_INT, NULL, (int64_t)(v), 0                   \
	}
#define OPS_LOG_DBL(k, v)                                                      \
	{                                                                      \
		(k), OPS_LOG_KIND_DOUBLE, NULL, 0, (v)                         \
	}

struct ops_log;

#define OPS_LOG_LINE_MAX 4096

/**
 * ops_log_new(fd, level, program):
 * Return a log that writes lines of at least ${level} to ${fd}; NULL when out
 * of memory.  Usable from any thread.
 */
struct ops_log *ops_log_new(
    int fd, enum ops_log_level level, const char *program);

/**
 * ops_log_free(log):
 * Free ${log}; the descriptor stays open.  NULL is legal.
 */
void ops_log_free(struct ops_log *log);

/**
 * ops_log_tag(log, key, value):
 * Add the pair to every later line (instance, node, role); the strings must
 * outlive ${log}.  At most 8; more are dropped.  Before threads start.
 */
void ops_log_tag(struct ops_log *log, const char *key, const char *value);

/**
 * ops_log_write(log, level, component, event, fields, n):
 * Write one line.  Strings are cut and escaped; a line never exceeds
 * OPS_LOG_LINE_MAX: fields that do not fit are dropped and "cut":true is
 * added.  ${log} may be NULL: nothing is written.
 */
void ops_log_write(struct ops_log *log, enum ops_log_level level,
    const char *component, const char *event,
    const struct ops_log_field *fields, size_t n);

/**
 * ops_log_keep(log, lines):
 * Keep the last ${lines} lines in memory too, for ops_log_recent.  Once, before
 * threads start.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ops_log_keep(struct ops_log *log, size_t lines);

/**
 * ops_log_recent(log, max, out):
 * Append the last lines that were kept, at most ${max}, the oldest first.
 * ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ops_log_recent(struct ops_log *log, size_t max, struct buf *out);

/*
 * OPS_LOG(log, OPS_LOG_INFO, "ca", "order ready", OPS_LOG_STR("id", id)):
 * ops_log_write with any number of fields.
 */
#define OPS_LOG(log, level, component, event, ...)                             \
	ops_log_write((log), (level), (component), (event),                    \
	    (const struct ops_log_field[]){                                    \
		{ NULL, OPS_LOG_KIND_NONE, NULL, 0, 0 }, ##__VA_ARGS__ },      \
	    sizeof((const struct ops_log_field[]){                             \
		{ NULL, OPS_LOG_KIND_NONE, NULL, 0, 0 }, ##__VA_ARGS__ }) /    \
		sizeof(struct ops_log_field))

#endif
