/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_CERTID_H
#define ACME_CERTID_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The name of a certificate (RFC 9773 section 4.1). */
enum { ACME_CERTID_AKI_MAX = 32, ACME_CERTID_SERIAL_MAX = 20 };

struct acme_certid {
	uint8_t aki[ACME_CERTID_AKI_MAX]; /* key id of the issuer */
	size_t aki_len;
	uint8_t serial[ACME_CERTID_SERIAL_MAX]; /* content octets */
	size_t serial_len;
};

/**
 * acme_certid_parse(text, ret):
 * Parse base64url(key id) "." base64url(serial), without padding.
 * ERR_PEER_MALFORMED.
 */
MUST_CHECK int acme_certid_parse(const char *text, struct acme_certid *ret);

#endif
