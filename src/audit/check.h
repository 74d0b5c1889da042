/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_CHECK_H
#define AUDIT_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "merkle/types.h"

/*
 * The verification of an audit log or of a bundle taken from one, by nothing
 * but its files and the verifier key.  The signed checkpoint vouches for the
 * tree's hashes, and these for each record, so what is wrong is found at the
 * record where it is, and named.
 */
struct audit_source;
struct fault;
struct merkle_vkey;

struct audit_check_opts {
	const struct audit_source *source;
	const struct merkle_vkey *vkey;
	const char *event_id; /* also find this event; NULL: none */
};

struct audit_check_result {
	struct merkle_head head; /* of the checkpoint */
	uint64_t first, end;	 /* the records that are there: [first, end) */
	bool partial;		 /* a bundle that does not hold the whole log */
	uint64_t index;		 /* of the event */
};

/**
 * audit_check(opts, fault, ret):
 * Check the checkpoint's signature and origin, that the hash tiles lead to
 * its root, and each record.  A log may begin later than with record 0 if a
 * record under the checkpoint says so (action audit.pruned with
 * "through=N"); a bundle, if its "range" does.  Records beyond the checkpoint
 * need only be well-formed.  ERR_STATE_INTEGRITY with ${fault} naming the
 * record and what is wrong with it; ERR_STATE_NOT_FOUND for a missing file or
 * event; ERR_STATE_PENDING for an event not under the checkpoint; ERR_SYS
 * codes.
 */
MUST_CHECK int audit_check(const struct audit_check_opts *opts,
    struct fault *fault, struct audit_check_result *ret);

#endif
