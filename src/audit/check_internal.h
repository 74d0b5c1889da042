/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_CHECK_INTERNAL_H
#define AUDIT_CHECK_INTERNAL_H

#include "audit/check.h"

/**
 * audit_check_head(opts, fault, ret):
 * Read the checkpoint and check its signature and origin.
 */
MUST_CHECK int audit_check_head(const struct audit_check_opts *opts,
    struct fault *fault, struct merkle_head *ret);

/**
 * audit_check_range(opts, fault, first, end):
 * Read the "range" of a bundle, "FIRST END\n", into ${first} and ${end}, which
 * hold the whole log and stay so without one.
 */
MUST_CHECK int audit_check_range(const struct audit_check_opts *opts,
    struct fault *fault, uint64_t *first, uint64_t *end);

/**
 * audit_check_line_ok(line, len):
 * Whether the line is one of a log: audit_line_ok.
 */
bool audit_check_line_ok(const char *line, size_t len);

/**
 * audit_check_pruned(line, len, through):
 * If the line is an audit.pruned event, raise ${through} to its number.
 */
void audit_check_pruned(const char *line, size_t len, uint64_t *through);

#endif
