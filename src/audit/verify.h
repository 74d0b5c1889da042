/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include <stdint.h>

#include "base/err.h"
#include "merkle/types.h"

struct fault;
struct merkle_vkey;

/* What is verified: a log of any plane, while its daemon runs or not. */
struct audit_verify_opts {
	const char *log;   /* audit.log */
	const char *tiles; /* directory with checkpoint and tile/ */
	const struct merkle_vkey *vkey;
	const char *event_id; /* also prove this event; NULL: none */
};

struct audit_verify_result {
	struct merkle_head head; /* of the checkpoint */
	uint64_t lines; /* whole lines in the log; more than size is normal */
	uint64_t index; /* of the event */
};

/**
 * audit_verify_log(opts, fault, ret):
 * Check the checkpoint's signature and origin, that the first lines of the
 * log give its root, that every tile under it is what the lines give, that
 * each line is well-formed; with event_id, that this line is included, by a
 * proof taken from the tiles.  ERR_STATE_INTEGRITY with ${fault} saying what
 * is wrong; ERR_STATE_NOT_FOUND for a missing file or event;
 * ERR_STATE_PENDING for an event not under the checkpoint; ERR_SYS codes.
 */
MUST_CHECK int audit_verify_log(const struct audit_verify_opts *opts,
    struct fault *fault, struct audit_verify_result *ret);

#endif
