/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/age.h"
#include "wire/bech32.h"

int
crypto_age_recipient(const char *text, uint8_t pub[32])
{
	return wire_bech32_decode("age", text, pub, 32);
}

int
crypto_age_identity(const char *text, uint8_t secret[32])
{
	return wire_bech32_decode("age-secret-key-", text, secret, 32);
}

void
crypto_age_recipient_text(
    const uint8_t pub[32], char out[CRYPTO_AGE_RECIPIENT_TEXT_MAX])
{
	(void)wire_bech32_encode("age", pub, 32, out);
}
