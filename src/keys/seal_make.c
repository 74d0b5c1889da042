/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/rng.h"
#include "keys/seal.h"
#include "keys/seal_internal.h"

/* Generations are compared with counters of devices; none gets this far. */
#define GENERATION_MAX ((uint64_t)INT64_MAX)

int
keys_seal_make(struct keys_seal *s, struct crypto_bytes content,
    const struct rng *rng, struct buf *image)
{
	size_t len = KEYS_SEAL_HEAD_LEN + content.len + KEYS_SEAL_TAG_LEN;
	uint8_t *out;
	int rc;

	if (content.len > KEYS_SEAL_CONTENT_MAX)
		return ERR_PEER_TOO_LARGE;
	if (s->head.generation >= GENERATION_MAX)
		return ERR_SYS_LIMIT;
	s->head.generation++;
	s->head.body_len = (uint32_t)(content.len + KEYS_SEAL_TAG_LEN);
	rc = base_buf_reserve(image, len + KEYS_SEAL_DIGEST_LEN, &out);
	if (rc == 0)
		rc = base_rng_fill(
		    rng, s->head.image_salt, sizeof(s->head.image_salt));
	if (rc != 0)
		return rc;
	keys_seal_head_encode(&s->head, out);
	rc = keys_seal_encrypt(s, out, content.data, out + KEYS_SEAL_HEAD_LEN);
	if (rc != 0)
		return rc;
	keys_seal_digest(out, len, out + len);
	base_buf_commit(image, len + KEYS_SEAL_DIGEST_LEN);
	return 0;
}
