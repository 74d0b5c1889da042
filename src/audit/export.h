/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include <stdint.h>

#include "base/err.h"

/*
 * A bundle: what of an audit log is needed to verify some of its records
 * anywhere, as a ustar archive with the names that they have in the log's
 * directory.
 *
 *	checkpoint	the signed head
 *	range		"FIRST END\n", unless the whole log is in it
 *	tile/...	the hash tiles over the records and of the right edge
 *	audit.log.N	the records, the first of which is number N
 */
struct audit_source;
struct fault;
struct merkle_vkey;

struct audit_export_opts {
	const struct audit_source *source;
	const struct merkle_vkey *vkey;
	uint64_t from, to; /* records [from, to); to 0: up to the checkpoint */
	int fd;		   /* written from where it stands */
};

/**
 * audit_export(opts, fault, ret_count):
 * Write a bundle and store how many records are in it.  Nothing but the
 * checkpoint is verified: check the bundle.  ERR_STATE_NOT_FOUND if records
 * are not there or a tile vanished under us (try again), ERR_STATE_USAGE for
 * a range beyond the checkpoint, ERR_STATE_INTEGRITY, ERR_SYS codes.
 */
MUST_CHECK int audit_export(const struct audit_export_opts *opts,
    struct fault *fault, uint64_t *ret_count);

#endif
