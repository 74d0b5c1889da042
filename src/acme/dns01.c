/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/dns01.h"

#include <string.h>

#include "base/ct.h"
#include "base/str.h"
#include "crypto/sha2.h"
#include "wire/base64.h"
#include "wire/cursor.h"

int
acme_dns01_name(const char *base, char out[ACME_DNS01_NAME_MAX + 1])
{
	return base_str_format(
	    out, ACME_DNS01_NAME_MAX + 1, "_acme-challenge.%s", base);
}

void
acme_dns01_digest(const char *keyauth, char out[ACME_DNS01_DIGEST_LEN + 1])
{
	char text[WIRE_BASE64_ENCODED_MAX(32)];
	uint8_t hash[32];

	crypto_sha2_256(keyauth, strlen(keyauth), hash);
	(void)wire_base64_encode(WIRE_BASE64_URL, hash, sizeof(hash), text);
	memcpy(out, text, ACME_DNS01_DIGEST_LEN);
	out[ACME_DNS01_DIGEST_LEN] = '\0';
}

bool
acme_dns01_match(const uint8_t *rdata, size_t len, const char *digest)
{
	char text[ACME_DNS01_DIGEST_LEN];
	struct cursor c;
	size_t at = 0, part;

	wire_cursor_init(&c, rdata, len);
	while (wire_cursor_left(&c) > 0) {
		part = wire_cursor_u8(&c);
		if (part > sizeof(text) - at)
			return false;
		wire_cursor_copy(&c, text + at, part);
		at += part;
	}
	return c.rc == 0 && at == sizeof(text) &&
	       base_ct_equal(text, digest, sizeof(text));
}
