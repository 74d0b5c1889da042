/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_SYSLOG_INTERNAL_H
#define AUDIT_SYSLOG_INTERNAL_H

#include "audit/syslog.h"

/* Where messages go. */
struct audit_syslog_target {
	bool stream, local;
	char host[256], port[8]; /* host is the path of a local one */
};

/** audit_syslog_parse(text, ret): Parse a target.  ERR_STATE_CONFIG. */
MUST_CHECK int audit_syslog_parse(
    const char *text, struct audit_syslog_target *ret);

/**
 * audit_syslog_connect(t, ret_fd):
 * Connect, within seconds.  ERR_SYS_NETWORK.
 */
MUST_CHECK int audit_syslog_connect(
    const struct audit_syslog_target *t, int *ret_fd);

/**
 * audit_syslog_write(t, fd, message, len):
 * Send one message, within seconds.  0; ERR_SYS_LIMIT if it is too long for
 * the target ever to take it; ERR_SYS_TIMEOUT if it takes nothing now;
 * ERR_SYS_NETWORK: connect again.
 */
MUST_CHECK int audit_syslog_write(const struct audit_syslog_target *t, int fd,
    const char *message, size_t len);

#endif
