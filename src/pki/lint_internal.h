/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_LINT_INTERNAL_H
#define PKI_LINT_INTERNAL_H

#include "pki/cert_internal.h"
#include "pki/lint.h"

struct pki_san_list;

/* A TBSCertificate taken apart without any opinion on its content. */
struct pki_lint_view {
	const struct pki_lint_input *in;
	struct pki_bytes issuer_name, issuer_spki; /* what should be there */
	int64_t issuer_end_ms;
	bool v3;
	bool times_ok; /* from_ms and to_ms are set */
	int64_t from_ms, to_ms;
	struct pki_bytes serial, algorithm, algorithm_oid, issuer, subject,
	    spki;
	size_t n;
	struct pki_cert_ext ext[PKI_CERT_EXT_MAX];
	struct pki_san_list *names; /* empty if absent or broken */
};

/**
 * pki_lint_take(in, ret):
 * Take the TBS apart.  Any error: it cannot be.
 */
MUST_CHECK int pki_lint_take(
    const struct pki_lint_input *in, struct pki_lint_view *ret);

/**
 * pki_lint_find(v, id):
 * Return the first extension of that type, or NULL.
 */
const struct pki_cert_ext *pki_lint_find(
    const struct pki_lint_view *v, enum pki_oid id);

/**
 * pki_lint_names(v):
 * Return the names of the TBS, to be given to free(), or NULL without memory.
 */
struct pki_san_list *pki_lint_names(const struct pki_lint_view *v);

/**
 * pki_lint_l04(v), pki_lint_l05(v), pki_lint_l06(v), pki_lint_l07(v),
 * pki_lint_l08(v), pki_lint_l09(v), pki_lint_l10(v), pki_lint_l11(v),
 * pki_lint_l12(v), pki_lint_l14(v), pki_lint_l15(v):
 * Return whether the TBS passes the lint.
 */
bool pki_lint_l04(const struct pki_lint_view *v);
bool pki_lint_l05(const struct pki_lint_view *v);
bool pki_lint_l06(const struct pki_lint_view *v);
bool pki_lint_l07(const struct pki_lint_view *v);
bool pki_lint_l08(const struct pki_lint_view *v);
bool pki_lint_l09(const struct pki_lint_view *v);
bool pki_lint_l10(const struct pki_lint_view *v);
bool pki_lint_l11(const struct pki_lint_view *v);
bool pki_lint_l12(const struct pki_lint_view *v);
bool pki_lint_l14(const struct pki_lint_view *v);
bool pki_lint_l15(const struct pki_lint_view *v);

#endif
