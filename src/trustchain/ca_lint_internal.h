/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_LINT_INTERNAL_H
#define TRUSTCHAIN_CA_LINT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/bytes.h"

struct arena;
struct ca_authority;
struct ca_authority_issuer;
struct ca_config;
struct pki_cert;
struct pki_profile;

enum { CA_LINT_CERTS_MAX = 16, CA_LINT_FILE_MAX = 1 << 20 };

struct ca_lint_cert {
	struct pki_bytes tbs, algorithm;
	struct pki_cert *cert;	       /* NULL: no canonical DER */
	const struct pki_cert *issuer; /* NULL: not known */
	const struct ca_authority_issuer *configured; /* the same, if it is */
	const char *profile; /* that it was held against */
	uint32_t hits;
	bool unlogged; /* L18 could not be looked at */
};

struct ca_lint {
	struct arena *arena;
	struct ca_config *conf;
	struct ca_authority *authority;
	const struct pki_profile *profile; /* NULL: any */
	size_t n;
	struct ca_lint_cert cert[CA_LINT_CERTS_MAX];
};

/**
 * ca_lint_logged(l, c):
 * Add L18, by the log lists that the daemon stored, and L17 when the file has
 * the precertificate, too.  ERR_SYS_*.
 */
MUST_CHECK int ca_lint_logged(const struct ca_lint *l, struct ca_lint_cert *c);

#endif
