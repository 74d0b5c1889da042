/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_share.h"

#include <stdint.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/shamir.h"
#include "wire/base32.h"

enum { GROUP = 5, DIGITS = WIRE_BASE32_ENCODED_MAX(CRYPTO_SHAMIR_SHARE_LEN) };

void
ca_share_format(
    const struct crypto_shamir_share *share, char out[CA_SHARE_TEXT_LEN + 1])
{
	uint8_t raw[CRYPTO_SHAMIR_SHARE_LEN];
	char digits[DIGITS];
	size_t n, i, at = 0;

	crypto_shamir_encode(share, raw);
	n = wire_base32_encode(raw, sizeof(raw), digits);
	for (i = 0; i < n; i++) {
		if (i > 0 && i % GROUP == 0)
			out[at++] = '-';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	base_wipe(raw, sizeof(raw));
	base_wipe(digits, sizeof(digits));
}

int
ca_share_parse(const char *text, size_t len, struct crypto_shamir_share *ret)
{
	const char *colon = len > 0 ? memchr(text, ':', len) : NULL;
	size_t i = colon != NULL ? (size_t)(colon - text) + 1 : 0;
	uint8_t raw[CRYPTO_SHAMIR_SHARE_LEN];
	char digits[DIGITS];
	size_t n = 0;
	int rc = 0;

	for (; i < len && rc == 0; i++) {
		if (text[i] == '-' || text[i] == ' ' || text[i] == '\r' ||
		    text[i] == '\t')
			continue;
		if (n == DIGITS - 1)
			rc = ERR_PEER_TOO_LARGE;
		else
			digits[n++] = text[i];
	}
	if (rc == 0 && n < DIGITS - 1)
		rc = ERR_PEER_TRUNCATED;
	if (rc == 0)
		rc = wire_base32_decode(digits, n, raw, sizeof(raw), &n);
	if (rc == 0)
		rc = crypto_shamir_parse(raw, ret);
	base_wipe(raw, sizeof(raw));
	base_wipe(digits, sizeof(digits));
	return rc;
}
