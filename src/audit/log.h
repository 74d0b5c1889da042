/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_LOG_H
#define AUDIT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * An audit log on disk, in one directory:
 *
 *   audit.log.N     older lines, from line N on
 *   audit.log       the newest; the data of leaf n is line n without newline
 *   tile/...        hash tiles (C2SP tlog-tiles)
 *   checkpoint      the newest published head (C2SP tlog-checkpoint)
 *
 * Lines are durable before they count, tiles before the checkpoint that
 * covers them is signed.  At open the two newest segments must reproduce the
 * head of the checkpoint, from the tiles at the first of their lines on: a log
 * that is shorter or different there has been rolled back or edited and is
 * refused, at a cost that does not grow with the log.  What was done to older
 * segments, audit_check() finds.  For one thread at a time.
 */
struct audit_log;
struct fault;
struct merkle_head;
struct merkle_vkey;
struct store_disk;

enum { AUDIT_LOG_TEXT_MAX = 1024 }; /* of a checkpoint */

struct audit_log_opts {
	struct store_disk *disk;
	const char *dir;
	/* Who signs checkpoints; its name is the origin.  NULL: nobody, and
	 * no checkpoint is read or written.  Both must outlive the log. */
	const struct merkle_vkey *vkey;
	/* Set by another thread to end audit_log_open early, with
	 * ERR_SYS_CANCELLED; NULL: it is not wanted. */
	const _Atomic bool *cancel;
	/* When a segment is full, or old enough, to be closed; 0: never. */
	uint64_t segment_bytes, segment_ms;
};

/**
 * audit_log_open(opts, fault, ret_log):
 * Open or create the log and check it.  A torn tail (see audit/scan.h) is
 * moved to audit.log.torn-<offset>.  ERR_STATE_INTEGRITY if the log does not
 * reproduce its checkpoint, the checkpoint is not signed by the key of
 * ${opts}, or the log is damaged in its middle; ERR_SYS codes.
 */
MUST_CHECK int audit_log_open(const struct audit_log_opts *opts,
    struct fault *fault, struct audit_log **ret_log);

/** audit_log_close(log): Close and free; NULL is allowed. */
void audit_log_close(struct audit_log *log);

/** audit_log_head(log, ret): Store size and root of the durable lines. */
void audit_log_head(const struct audit_log *log, struct merkle_head *ret);

/** audit_log_size(log): Return the number of durable lines. */
uint64_t audit_log_size(const struct audit_log *log);

/** audit_log_published(log): Return the size of the newest checkpoint. */
uint64_t audit_log_published(const struct audit_log *log);

/** audit_log_source(log): Return the highest outbox number in the log. */
int64_t audit_log_source(const struct audit_log *log);

/**
 * audit_log_append(log, lines, len):
 * Append ${len} bytes of whole lines, each with its newline, and sync once.
 * On ERR_SYS_NOSPACE nothing was appended and it may be tried again; any
 * other error ends the use of this log.
 */
MUST_CHECK int audit_log_append(
    struct audit_log *log, const char *lines, size_t len);

/**
 * audit_log_prepare(log, text):
 * Write the tiles of the current tree durably, and the text of its
 * checkpoint, with a zero, to ${text}.
 */
MUST_CHECK int audit_log_prepare(
    struct audit_log *log, char text[AUDIT_LOG_TEXT_MAX]);

/**
 * audit_log_publish(log, text, sig, sig_len):
 * Write the checkpoint ${text} with the Ed25519 signature ${sig} by the key
 * of opts.  ERR_PEER_SIGNATURE if it does not verify; ERR_STATE_CONFLICT if
 * the text is not that of the last audit_log_prepare.
 */
MUST_CHECK int audit_log_publish(struct audit_log *log, const char *text,
    const uint8_t *sig, size_t sig_len);

#endif
