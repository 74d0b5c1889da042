/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SHARE_H
#define TRUSTCHAIN_CA_SHARE_H

#include <stddef.h>

#include "base/err.h"

/*
 * A keyholder's share of the root's passphrase as it is written on paper:
 * base32 of x, 32 octets and the check, in twelve groups of five.
 */
struct crypto_shamir_share;

enum { CA_SHARE_TEXT_LEN = 71, CA_SHARE_LINE_MAX = 256 };

/**
 * ca_share_format(share, out):
 * Write ${share} as "ABCDE-FGHIJ-..." with its zero.
 */
void ca_share_format(
    const struct crypto_shamir_share *share, char out[CA_SHARE_TEXT_LEN + 1]);

/**
 * ca_share_parse(text, len, ret):
 * Read one, in capitals or small letters; spaces and hyphens do not count,
 * and neither does what stands before a colon ("share 1/5:").
 * ERR_PEER_TRUNCATED, ERR_PEER_TOO_LARGE, ERR_PEER_MALFORMED (a character or
 * x = 0), ERR_PEER_ENCODING, ERR_PEER_MISMATCH when the check says that there
 * is a slip.
 */
MUST_CHECK int ca_share_parse(
    const char *text, size_t len, struct crypto_shamir_share *ret);

#endif
