/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_PAYLOAD_H
#define ACME_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct acme_ident;
struct acme_problem;
struct arena;

/*
 * The JSON payloads of RFC 8555 section 7.  Unknown members are ignored
 * (section 7.1: "Clients and servers ... ignore unrecognized fields"); known
 * ones must have their type.  Each parser returns 0, ERR_STATE_REFUSED with
 * ${problem} filled in, ERR_SYS_NOMEM or ERR_SYS_LIMIT.
 */
enum { ACME_CONTACTS_MAX = 10, ACME_CONTACT_LEN_MAX = 254 };

/* A payload and where its parts are to live. */
struct acme_payload {
	const uint8_t *data;
	size_t len;
	struct arena *arena;
	struct acme_problem *problem;
};

struct acme_payload_account {
	bool terms_agreed, only_existing, has_eab;
	const char *contact; /* JSON array, NULL when absent */
	const char *status;  /* NULL when absent */
};

struct acme_payload_order {
	struct acme_ident *ident; /* types and values as sent */
	size_t n_idents;
	const char *profile; /* NULL when absent */
};

struct acme_payload_finalize {
	const uint8_t *csr;
	size_t csr_len;
};

/**
 * acme_payload_account(in, ret):
 * Read newAccount or an account update (section 7.3): contacts are at most
 * ten mailto: URLs of one address and without header fields.
 */
MUST_CHECK int acme_payload_account(
    const struct acme_payload *in, struct acme_payload_account *ret);

/**
 * acme_payload_order(in, idents_max, ret):
 * Read newOrder (section 7.4); notBefore and notAfter are refused.
 */
MUST_CHECK int acme_payload_order(const struct acme_payload *in,
    size_t idents_max, struct acme_payload_order *ret);

/**
 * acme_payload_finalize(in, ret):
 * Read the finalize request (section 7.4): the base64url DER of a CSR.
 */
MUST_CHECK int acme_payload_finalize(
    const struct acme_payload *in, struct acme_payload_finalize *ret);

/**
 * acme_payload_deactivate(in):
 * Read an authorization update (section 7.5.2); deactivation is the only one.
 */
MUST_CHECK int acme_payload_deactivate(const struct acme_payload *in);

/**
 * acme_payload_object(in):
 * Check a challenge response (section 7.5.1): a JSON object.
 */
MUST_CHECK int acme_payload_object(const struct acme_payload *in);

#endif
