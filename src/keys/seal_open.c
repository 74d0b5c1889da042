/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/ct.h"
#include "keys/seal.h"
#include "keys/seal_internal.h"

/* Decrypt ${body} to the end of ${content}. */
static int
open_body(const struct keys_seal *s, const uint8_t *body, struct buf *content)
{
	uint8_t head[KEYS_SEAL_HEAD_LEN], *out;
	int rc;

	if ((rc = base_buf_reserve(content, s->head.body_len, &out)) != 0)
		return rc;
	keys_seal_head_encode(&s->head, head);
	rc = keys_seal_decrypt(s, head, body, out);
	if (rc == 0)
		base_buf_commit(content, s->head.body_len - KEYS_SEAL_TAG_LEN);
	return rc == ERR_PEER_DECRYPT ? ERR_STATE_INTEGRITY : rc;
}

int
keys_seal_open(const struct keys_seal_kind *kind,
    const struct keys_seal_secret *secret, struct crypto_bytes image,
    struct buf *content, struct keys_seal **ret)
{
	uint8_t check[KEYS_SEAL_CHECK_LEN];
	const uint8_t *body = NULL;
	struct keys_seal *s;
	int rc;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ERR_SYS_NOMEM;
	rc = keys_seal_head_parse(kind->magic, image, &s->head, &body);
	if (rc == 0)
		rc = keys_seal_unlock(s, secret, check);
	if (rc == 0 && !base_ct_equal(check, s->head.check, sizeof(check)))
		rc = ERR_PEER_DECRYPT;
	if (rc == 0)
		rc = open_body(s, body, content);
	if (rc != 0 || ret == NULL) {
		keys_seal_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}
