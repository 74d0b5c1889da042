/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_PROBLEM_TYPE_H
#define ACME_PROBLEM_TYPE_H

#include "base/err.h"

struct acme_problem;

/* Error types of RFC 8555 section 6.7: name, end of the URN, HTTP status. */
#define ACME_PROBLEM_TABLE(X)                                                  \
	X(ACCOUNT_DOES_NOT_EXIST, "accountDoesNotExist", 400)                  \
	X(ALREADY_REPLACED, "alreadyReplaced", 409)                            \
	X(ALREADY_REVOKED, "alreadyRevoked", 400)                              \
	X(BAD_CSR, "badCSR", 400)                                              \
	X(BAD_NONCE, "badNonce", 400)                                          \
	X(BAD_PUBLIC_KEY, "badPublicKey", 400)                                 \
	X(BAD_REVOCATION_REASON, "badRevocationReason", 400)                   \
	X(BAD_SIGNATURE_ALGORITHM, "badSignatureAlgorithm", 400)               \
	X(CAA, "caa", 403)                                                     \
	X(COMPOUND, "compound", 400)                                           \
	X(CONNECTION, "connection", 400)                                       \
	X(DNS, "dns", 400)                                                     \
	X(EXTERNAL_ACCOUNT_REQUIRED, "externalAccountRequired", 403)           \
	X(INCORRECT_RESPONSE, "incorrectResponse", 403)                        \
	X(INVALID_CONTACT, "invalidContact", 400)                              \
	X(INVALID_PROFILE, "invalidProfile", 400)                              \
	X(MALFORMED, "malformed", 400)                                         \
	X(ORDER_NOT_READY, "orderNotReady", 403)                               \
	X(RATE_LIMITED, "rateLimited", 429)                                    \
	X(REJECTED_IDENTIFIER, "rejectedIdentifier", 400)                      \
	X(SERVER_INTERNAL, "serverInternal", 500)                              \
	X(TLS, "tls", 400)                                                     \
	X(UNAUTHORIZED, "unauthorized", 403)                                   \
	X(UNSUPPORTED_CONTACT, "unsupportedContact", 400)                      \
	X(UNSUPPORTED_IDENTIFIER, "unsupportedIdentifier", 400)                \
	X(USER_ACTION_REQUIRED, "userActionRequired", 403)

enum acme_problem_type {
	ACME_PROBLEM_NONE,
#define ACME_PROBLEM_ENUM(name, urn, status) ACME_PROBLEM_##name,
	ACME_PROBLEM_TABLE(ACME_PROBLEM_ENUM)
#undef ACME_PROBLEM_ENUM
};

/**
 * acme_problem_set(p, type, fmt, ...):
 * Fill ${p} and return ERR_STATE_REFUSED, so that a handler can return this.
 */
int acme_problem_set(struct acme_problem *p, enum acme_problem_type type,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
