/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/seal.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "crypto/sha2.h"
#include "keys/seal_head_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/*
 * An image under a key, the input as it is and with its digest made right.
 * What is accepted has a header within its bounds, which is written as it was
 * read.
 */
static void
attempt(const uint8_t *data, size_t len)
{
	static const uint8_t key[KEYS_SEAL_KEY_LEN] = { 1, 2, 3 };
	static const struct keys_seal_secret secret = { KEYS_SEAL_KEY,
		{ key, sizeof(key) } };
	static const struct keys_seal_kind kind = { "FUZZSEAL",
		KEYS_SEAL_AES_GCM, { 0, 0, 0 } };
	struct crypto_bytes image = { data, len };
	uint8_t again[KEYS_SEAL_HEAD_LEN];
	struct keys_seal_head head;
	const uint8_t *body;
	struct buf content;

	base_buf_init(&content, KEYS_SEAL_IMAGE_MAX);
	if (keys_seal_open(&kind, &secret, image, &content, NULL) == 0)
		TROTH_ASSERT(content.len + 132 == len);
	base_buf_free(&content);
	if (keys_seal_head_parse("FUZZSEAL", image, &head, &body) != 0)
		return;
	TROTH_ASSERT(head.cost.memory_kib <= KEYS_SEAL_MEMORY_KIB_MAX);
	TROTH_ASSERT(body == data + KEYS_SEAL_HEAD_LEN);
	TROTH_ASSERT(
	    head.body_len + KEYS_SEAL_HEAD_LEN + KEYS_SEAL_DIGEST_LEN == len);
	keys_seal_head_encode(&head, again);
	TROTH_ASSERT(memcmp(again, data, sizeof(again)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy;

	attempt(data, len);
	if (len < KEYS_SEAL_DIGEST_LEN || (copy = malloc(len)) == NULL)
		return 0;
	memcpy(copy, data, len);
	crypto_sha2_256(copy, len - KEYS_SEAL_DIGEST_LEN,
	    copy + len - KEYS_SEAL_DIGEST_LEN);
	attempt(copy, len);
	free(copy);
	return 0;
}
