/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "keys/seal_head_internal.h"
#include "wire/cursor.h"

#define TAG_LEN 16

static int
cost_ok(const struct crypto_pwhash_cost *c)
{
	if (c->memory_kib > KEYS_SEAL_MEMORY_KIB_MAX ||
	    c->passes > KEYS_SEAL_PASSES_MAX || c->lanes > KEYS_SEAL_LANES_MAX)
		return ERR_PEER_TOO_LARGE;
	if (c->memory_kib < KEYS_SEAL_MEMORY_KIB_MIN || c->passes < 1 ||
	    c->lanes < 1)
		return ERR_PEER_MALFORMED;
	return 0;
}

int
keys_seal_head_ok(const struct keys_seal_head *h)
{
	static const uint8_t none[KEYS_SEAL_SALT_LEN];

	if (h->aead != KEYS_SEAL_CHACHA20_POLY1305 &&
	    h->aead != KEYS_SEAL_AES_GCM)
		return ERR_PEER_MALFORMED;
	if (h->source == KEYS_SEAL_PASS)
		return cost_ok(&h->cost);
	if (h->source != KEYS_SEAL_KEY || h->cost.memory_kib != 0 ||
	    h->cost.passes != 0 || h->cost.lanes != 0 ||
	    memcmp(h->pass_salt, none, sizeof(none)) != 0)
		return ERR_PEER_MALFORMED;
	return 0;
}

/* The fields after the version; the cursor is left behind the head. */
static uint8_t
fields(struct cursor *c, struct keys_seal_head *h)
{
	uint8_t zero;

	h->source = wire_cursor_u8(c);
	h->aead = wire_cursor_u8(c);
	zero = wire_cursor_u8(c);
	h->cost.memory_kib = wire_cursor_u32(c);
	h->cost.passes = wire_cursor_u32(c);
	h->cost.lanes = wire_cursor_u32(c);
	h->generation = wire_cursor_u64(c);
	wire_cursor_copy(c, h->pass_salt, sizeof(h->pass_salt));
	wire_cursor_copy(c, h->image_salt, sizeof(h->image_salt));
	wire_cursor_copy(c, h->check, sizeof(h->check));
	h->body_len = wire_cursor_u32(c);
	return zero;
}

int
keys_seal_head_parse(const char *magic, struct crypto_bytes image,
    struct keys_seal_head *ret, const uint8_t **ret_body)
{
	struct keys_seal_head h = { { 0 }, 0, 0, { 0, 0, 0 }, 0, { 0 }, { 0 },
		{ 0 }, 0 };
	const uint8_t *body, *stored;
	uint8_t digest[KEYS_SEAL_DIGEST_LEN], version, zero;
	struct cursor c;

	wire_cursor_init(&c, image.data, image.len);
	wire_cursor_copy(&c, h.magic, sizeof(h.magic));
	version = wire_cursor_u8(&c);
	if (c.rc != 0)
		return ERR_SYS_CORRUPT;
	if (memcmp(h.magic, magic, sizeof(h.magic)) != 0)
		return ERR_PEER_MISMATCH;
	if (version != KEYS_SEAL_VERSION)
		return ERR_SYS_VERSION;
	zero = fields(&c, &h);
	body = wire_cursor_bytes(&c, h.body_len);
	stored = wire_cursor_bytes(&c, sizeof(digest));
	if (wire_cursor_done(&c) != 0)
		return ERR_SYS_CORRUPT;
	keys_seal_digest(image.data, image.len - sizeof(digest), digest);
	if (memcmp(digest, stored, sizeof(digest)) != 0)
		return ERR_SYS_CORRUPT;
	if (zero != 0 || h.body_len < TAG_LEN ||
	    h.body_len > KEYS_SEAL_CONTENT_MAX + TAG_LEN)
		return ERR_PEER_MALFORMED;
	*ret = h;
	*ret_body = body;
	return keys_seal_head_ok(&h);
}
