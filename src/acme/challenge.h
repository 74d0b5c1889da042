/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_CHALLENGE_H
#define ACME_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct acme_problem;

/* The http-01 challenge (RFC 8555 section 8.3). */
enum {
	ACME_CHALLENGE_KEYAUTH_LEN = 43 + 1 + 43,
	ACME_CHALLENGE_BODY_MAX = 512,
	ACME_CHALLENGE_REDIRECTS_MAX = 10,
	ACME_CHALLENGE_URL_MAX = 2048
};

/* Where to fetch; strings are in the struct. */
struct acme_challenge_target {
	bool tls;
	uint16_t port;
	char host[254]; /* name or address, without brackets */
	char path[ACME_CHALLENGE_URL_MAX + 1]; /* with query */
};

/**
 * acme_challenge_keyauth(token, thumbprint, out):
 * Write token "." thumbprint (section 8.1) and a zero.  ERR_SYS_LIMIT when
 * they are not of their lengths.
 */
MUST_CHECK int acme_challenge_keyauth(const char *token, const char *thumbprint,
    char out[ACME_CHALLENGE_KEYAUTH_LEN + 1]);

/**
 * acme_challenge_http(host, port, token, ret):
 * Set the first URL to fetch.  ERR_SYS_LIMIT.
 */
MUST_CHECK int acme_challenge_http(const char *host, uint16_t port,
    const char *token, struct acme_challenge_target *ret);

/**
 * acme_challenge_response(status, body, len, keyauth, problem):
 * Judge a response.  0 if it is 200 and its body, less white space at its
 * end, is the key authorization; else ERR_STATE_REFUSED with ${problem}
 * (incorrectResponse for another status, unauthorized for another body).
 */
MUST_CHECK int acme_challenge_response(int status, const char *body, size_t len,
    const char *keyauth, struct acme_problem *problem);

/**
 * acme_challenge_redirect(from, location, ports, ret, problem):
 * Resolve the Location of a redirect against ${from}: http or https, no user
 * information, only to port ports[0] (http) or ports[1] (https).
 * ERR_STATE_REFUSED with ${problem}.
 */
MUST_CHECK int acme_challenge_redirect(const struct acme_challenge_target *from,
    const char *location, const uint16_t ports[2],
    struct acme_challenge_target *ret, struct acme_problem *problem);

#endif
