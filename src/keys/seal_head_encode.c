/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "crypto/sha2.h"
#include "keys/seal_head_internal.h"
#include "wire/builder.h"

void
keys_seal_head_encode(const struct keys_seal_head *h, uint8_t *out)
{
	struct builder b;

	wire_builder_init(&b, out, KEYS_SEAL_HEAD_LEN);
	wire_builder_bytes(&b, h->magic, sizeof(h->magic));
	wire_builder_u8(&b, KEYS_SEAL_VERSION);
	wire_builder_u8(&b, h->source);
	wire_builder_u8(&b, h->aead);
	wire_builder_u8(&b, 0);
	wire_builder_u32(&b, h->cost.memory_kib);
	wire_builder_u32(&b, h->cost.passes);
	wire_builder_u32(&b, h->cost.lanes);
	wire_builder_u64(&b, h->generation);
	wire_builder_bytes(&b, h->pass_salt, sizeof(h->pass_salt));
	wire_builder_bytes(&b, h->image_salt, sizeof(h->image_salt));
	wire_builder_bytes(&b, h->check, sizeof(h->check));
	wire_builder_u32(&b, h->body_len);
	TROTH_ASSERT(b.rc == 0);
	TROTH_ASSERT(b.len == KEYS_SEAL_HEAD_LEN);
}

void
keys_seal_digest(const uint8_t *data, size_t len, uint8_t *out)
{
	crypto_sha2_256(data, len, out);
}
