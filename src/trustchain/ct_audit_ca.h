/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_AUDIT_CA_H
#define TRUSTCHAIN_CT_AUDIT_CA_H

#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"
#include "trustchain/ct_watch.h"

/*
 * A monitor's two checks that need the CA (identity.md section 10): each
 * precertificate of its issuers in a log is known to it, and each SCT in its
 * certificates is at its index in the log.
 */
struct ct_audit_ca;

struct ct_audit_ca_opts {
	struct ct_fetch *fetch;
	struct store_disk *disk;
	const char *url;   /* base URL of the CA's API */
	const char *token; /* of an auditor */
	const char *dir;   /* where it keeps how far it came */
};

/**
 * ct_audit_ca_new(opts, ret, f):
 * The strings are copied.  ERR_STATE_CONFIG, ERR_SYS_*.
 */
MUST_CHECK int ct_audit_ca_new(const struct ct_audit_ca_opts *opts,
    struct ct_audit_ca **ret, struct fault *f);

/** ct_audit_ca_free(a): Free; NULL is legal. */
void ct_audit_ca_free(struct ct_audit_ca *a);

/**
 * ct_audit_ca_entry(a, w, leaf):
 * For struct ct_watch_opts.entry: is a precertificate of our issuers known?
 * Alerts through ${w}.  Errors of ct_fetch_get.
 */
MUST_CHECK int ct_audit_ca_entry(
    struct ct_audit_ca *a, struct ct_watch *w, const struct ct_leaf *leaf);

/**
 * ct_audit_ca_round(a, watch, n):
 * Look up the SCTs of certificates that were not looked up yet, in those of
 * the ${n} logs that they are of.  Alerts through them.  0, errors of
 * ct_fetch_get, ERR_PEER_MALFORMED.
 */
MUST_CHECK int ct_audit_ca_round(
    struct ct_audit_ca *a, struct ct_watch *const *watch, size_t n);

#endif
