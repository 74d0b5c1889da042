/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_SYSLOG_H
#define AUDIT_SYSLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A copy of each event to a syslog server (RFC 5424), by a thread of its own.
 * The log on disk is the truth: nothing waits for the server, and what does
 * not fit into the queue is lost and counted.
 */
struct audit_syslog;

enum { AUDIT_SYSLOG_MESSAGE_MAX = 5120, AUDIT_SYSLOG_QUEUE_MAX = 65536 };

struct audit_syslog_opts {
	/* "unix:PATH" (datagrams), "udp://HOST:PORT", or "tcp://HOST:PORT"
	 * (octet counting, RFC 6587 section 3.4.1); a HOST with a colon is in
	 * brackets. */
	const char *target;
	const char *hostname, *app; /* RFC 5424: printable, no space */
	size_t queue_max;	    /* 1 to AUDIT_SYSLOG_QUEUE_MAX messages */
};

struct audit_syslog_stats {
	uint64_t sent, lost;
	size_t waiting;
};

/** audit_syslog_target_ok(target): Return whether it can be one. */
bool audit_syslog_target_ok(const char *target);

/**
 * audit_syslog_new(opts, ret):
 * Start the thread, which keeps trying to reach the target.
 * ERR_STATE_CONFIG for an unusable option, ERR_SYS_NOMEM, ERR_SYS_OS.
 */
MUST_CHECK int audit_syslog_new(
    const struct audit_syslog_opts *opts, struct audit_syslog **ret);

/**
 * audit_syslog_free(s):
 * Send what can be sent at once and stop; NULL is allowed.
 */
void audit_syslog_free(struct audit_syslog *s);

/**
 * audit_syslog_put(s, line, len):
 * Queue a line of the log, from any thread: the mirror of struct audit_opts.
 * Never blocks; counts it as lost if the queue is full or memory short.
 */
void audit_syslog_put(void *s, const char *line, size_t len);

/** audit_syslog_get_stats(s, ret): For metrics, from any thread. */
void audit_syslog_get_stats(
    struct audit_syslog *s, struct audit_syslog_stats *ret);

/**
 * audit_syslog_format(opts, line, len, ret, ret_len):
 * Write the message: facility 13 (log audit), severity 6, the line's time and
 * action, no structured data, the line.  ERR_SYS_LIMIT.
 */
MUST_CHECK int audit_syslog_format(const struct audit_syslog_opts *opts,
    const char *line, size_t len, char ret[AUDIT_SYSLOG_MESSAGE_MAX],
    size_t *ret_len);

#endif
