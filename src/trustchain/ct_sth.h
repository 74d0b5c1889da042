/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_STH_H
#define TRUSTCHAIN_CT_STH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "merkle/checkpoint.h"
#include "merkle/sth.h"

struct merkle_vkey;

/* The public keys of one log. */
struct ct_sth_key {
	const char *origin;
	const uint8_t *spki; /* P-256 */
	size_t spki_len;
	const struct merkle_vkey *note; /* Ed25519; NULL: not looked at */
};

/**
 * ct_sth_open(key, note, len, ret, ret_sth):
 * Parse the signed checkpoint of ${len} octets and check its origin, the RFC
 * 6962 signature (type 0x05) and, with key->note, the Ed25519 signature.
 * ${ret}->extension is always NULL, as static-ct-api wants.  ${ret_sth} may
 * be NULL.  ERR_PEER_MALFORMED, ERR_PEER_MISMATCH (origin),
 * ERR_STATE_NOT_FOUND (not signed by it), ERR_PEER_SIGNATURE, ERR_PEER_KEY.
 */
MUST_CHECK int ct_sth_open(const struct ct_sth_key *key, const char *note,
    size_t len, struct merkle_checkpoint *ret, struct merkle_sth *ret_sth);

#endif
