/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_URI_H
#define KEYS_P11_URI_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * PKCS #11 URIs (RFC 7512), the part that names a key on a token:
 *
 *   pkcs11:token=T;object=O        and optionally ;id=%01 ;serial=S
 *                                  ;type=private|secret-key|public
 *
 * Which module and which PIN are the configuration's to say, so a query
 * (?module-path=, ?pin-value=) is refused, as is every attribute that would
 * have to be ignored.
 */
#define KEYS_P11_SCHEME "pkcs11:"
#define KEYS_P11_URI_MAX 1024
#define KEYS_P11_LABEL_MAX 32 /* of a token: CK_TOKEN_INFO */
#define KEYS_P11_SERIAL_MAX 16
#define KEYS_P11_OBJECT_MAX 255
#define KEYS_P11_ID_MAX 64

enum keys_p11_type {
	KEYS_P11_ANY,
	KEYS_P11_PRIVATE,
	KEYS_P11_SECRET,
	KEYS_P11_PUBLIC
};

/* label is the token's; texts are NUL-terminated, "" and id_len 0 mean that
 * it was not given. */
struct keys_p11_uri {
	char label[KEYS_P11_LABEL_MAX + 1];
	char serial[KEYS_P11_SERIAL_MAX + 1];
	char object[KEYS_P11_OBJECT_MAX + 1];
	uint8_t id[KEYS_P11_ID_MAX];
	size_t id_len;
	enum keys_p11_type type;
};

/**
 * keys_p11_uri_parse(text, len, ret):
 * Parse ${len} characters.  The token is required, an attribute is given once
 * and is not empty; characters that RFC 7512 section 2.3 wants encoded must
 * be.  ERR_PEER_MALFORMED, ERR_PEER_TRUNCATED, ERR_PEER_DUPLICATE,
 * ERR_PEER_TOO_LARGE, ERR_PEER_ENCODING (NUL in a text),
 * ERR_PEER_UNSUPPORTED for other schemes, attributes and for queries.
 */
MUST_CHECK int keys_p11_uri_parse(
    const char *text, size_t len, struct keys_p11_uri *ret);

#endif
