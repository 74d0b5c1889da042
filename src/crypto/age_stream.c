/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/wipe.h"
#include "crypto/aead.h"
#include "crypto/age_key_internal.h"
#include "crypto/age_stream_internal.h"

int
crypto_age_stream_init(struct crypto_age_stream *s, const uint8_t *file_key,
    const uint8_t nonce[CRYPTO_AGE_NONCE_LEN])
{
	uint8_t key[CRYPTO_AEAD_KEY_LEN];
	int rc;

	rc = crypto_age_derive(
	    (struct crypto_bytes){ file_key, CRYPTO_AGE_FILE_KEY_LEN },
	    (struct crypto_bytes){ nonce, CRYPTO_AGE_NONCE_LEN }, "payload",
	    key);
	if (rc == 0)
		rc = crypto_aead_new(CRYPTO_CHACHA20_POLY1305, key, &s->aead);
	s->chunk = 0;
	base_wipe(key, sizeof(key));
	return rc;
}

void
crypto_age_stream_fini(struct crypto_age_stream *s)
{
	crypto_aead_free(s->aead);
	s->aead = NULL;
}

/* The nonce: the chunk's number in 11 octets, then whether it is the last. */
static void
next_nonce(struct crypto_age_stream *s, bool last, uint8_t nonce[12])
{
	unsigned i;

	memset(nonce, 0, 12);
	for (i = 0; i < 8; i++)
		nonce[10 - i] = (uint8_t)(s->chunk >> 8 * i);
	nonce[11] = last ? 1 : 0;
	s->chunk++;
}

int
crypto_age_stream_seal(struct crypto_age_stream *s, const uint8_t *data,
    size_t len, bool last, uint8_t *out)
{
	uint8_t nonce[CRYPTO_AEAD_NONCE_LEN];
	const struct crypto_aead_text t = {
		.nonce = nonce, .in = data, .in_len = len
	};

	next_nonce(s, last, nonce);
	return crypto_aead_seal(s->aead, &t, out);
}

int
crypto_age_stream_open(struct crypto_age_stream *s, const uint8_t *data,
    size_t len, bool last, uint8_t *out)
{
	uint8_t nonce[CRYPTO_AEAD_NONCE_LEN];
	const struct crypto_aead_text t = {
		.nonce = nonce, .in = data, .in_len = len
	};

	next_nonce(s, last, nonce);
	return crypto_aead_open(s->aead, &t, out);
}
