/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_LINT_H
#define PKI_LINT_H

#include "base/err.h"
#include "pki/bytes.h"

struct pki_cert;
struct pki_name_policy;
struct pki_profile;

/*
 * The lints L01..L20 of identity spec section 4, on the TBS before any
 * signature.  A result is a set: bit n - 1 stands for Lnn.
 */
#define PKI_LINT_BIT(n) (UINT32_C(1) << ((n)-1))
enum { PKI_LINT_COUNT = 20, PKI_LINT_TEXT_MAX = 120 };

struct pki_lint_input {
	struct pki_bytes tbs;
	const struct pki_profile *profile;
	const struct pki_cert *issuer;
	const struct pki_name_policy *names;
	const char *status_url;
	const char *issuer_id;
	uint32_t crl_shard;
	struct pki_bytes outer_algorithm; /* of the certificate; empty = none */
	const struct pki_cert *cert;	  /* its parsed form; NULL = none yet */
	struct pki_bytes checked_key;	  /* passed L15 before; empty = none */
};

/* A log whose SCTs count (L18). */
struct pki_lint_log {
	struct pki_bytes spki;
	int64_t start_ms, end_ms; /* notAfter in [start, end) */
};

/**
 * pki_lint_tbs(in, ret_hits), pki_lint_pair(precert, final, ret_hits):
 * Run L01..L16, L19 and L20 on a precertificate's or final TBS; run L17 on
 * the two TBS of one certificate.  Store the set of lints that fire; fail
 * only with SYS errors.
 */
MUST_CHECK int pki_lint_tbs(
    const struct pki_lint_input *in, uint32_t *ret_hits);
MUST_CHECK int pki_lint_pair(struct pki_bytes precert_tbs,
    struct pki_bytes final_tbs, uint32_t *ret_hits);

/**
 * pki_lint_scts(final, issuer_spki, logs, n, min_scts, ret_hits):
 * Run L18: at least ${min_scts} SCTs, each of a different one of ${logs},
 * whose range holds notAfter, and each verifying.
 */
MUST_CHECK int pki_lint_scts(const struct pki_cert *final,
    struct pki_bytes issuer_spki, const struct pki_lint_log *logs, size_t n,
    unsigned min_scts, uint32_t *ret_hits);

/**
 * pki_lint_ids(hits, out), pki_lint_text(n):
 * Write a set as "L01 L05"; return what lint ${n} (1..20) says, static.
 */
void pki_lint_ids(uint32_t hits, char out[PKI_LINT_TEXT_MAX]);
const char *pki_lint_text(unsigned n);

#endif
