/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_CERT_H
#define ACME_CERT_H

#include <stddef.h>
#include <stdint.h>

/* A certificate of ours, as revocation and renewal see it. */
struct acme_cert {
	const char *fingerprint; /* SHA-256, hex */
	const char *account;	 /* that it was issued to, or NULL */
	const struct acme_ident *ident;
	size_t n_idents;
	const uint8_t *spki;
	size_t spki_len;
	int64_t not_before, not_after;
	int64_t revoked_at; /* also by a sweep of its issuer; 0: it is good */
};

/* A revocation that was found to be allowed. */
struct acme_revocation {
	const char *fingerprint;
	int64_t reason;
	const char *by; /* "acct:ID", or "key" for the certificate's */
};

#endif
