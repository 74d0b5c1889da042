/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "crypto/age_internal.h"
#include "crypto/age_key_internal.h"
#include "wire/base64.h"

static int
put(const struct crypto_age_stanza *s, struct buf *out)
{
	char a[WIRE_BASE64_ENCODED_MAX(sizeof(s->share))];
	char b[WIRE_BASE64_ENCODED_MAX(sizeof(s->body))];

	(void)wire_base64_encode(
	    WIRE_BASE64_RAW, s->share, sizeof(s->share), a);
	(void)wire_base64_encode(WIRE_BASE64_RAW, s->body, sizeof(s->body), b);
	return base_buf_printf(out, "-> " CRYPTO_AGE_TYPE " %s\n%s\n", a, b);
}

int
crypto_age_header_make(struct crypto_age_keys to, const struct rng *rng,
    const uint8_t *file_key, struct buf *out)
{
	char text[WIRE_BASE64_ENCODED_MAX(CRYPTO_AGE_MAC_LEN)];
	uint8_t mac[CRYPTO_AGE_MAC_LEN];
	struct crypto_age_stanza s;
	size_t i;
	int rc;

	rc = base_buf_printf(out, CRYPTO_AGE_VERSION "\n");
	for (i = 0; rc == 0 && i < to.n; i++) {
		rc = crypto_age_wrap(to.v[i], rng, file_key, &s);
		if (rc == 0)
			rc = put(&s, out);
	}
	if (rc == 0)
		rc = base_buf_printf(out, "---");
	if (rc == 0)
		rc = crypto_age_mac(file_key,
		    (struct crypto_bytes){ out->data, out->len }, mac);
	if (rc != 0)
		return rc;
	(void)wire_base64_encode(WIRE_BASE64_RAW, mac, sizeof(mac), text);
	return base_buf_printf(out, " %s\n", text);
}
