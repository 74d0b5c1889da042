/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_leaf.h"

#include <string.h>

#include "crypto/sha2.h"
#include "wire/builder.h"
#include "wire/cursor.h"

enum { U24_MAX = 0xffffff, FINGERPRINT_LEN = 32 };

int
ct_leaf_encode(const struct ct_leaf *leaf, struct buf *out)
{
	uint8_t ext[PKI_CT_LEAF_INDEX_LEN], *at;
	struct builder b;
	size_t len, n;
	int rc;

	if (leaf->entry.cert.len > U24_MAX || leaf->precert.len > U24_MAX ||
	    leaf->chain.len > UINT16_MAX)
		return ERR_PEER_TOO_LARGE;
	len = 8 + 2 + 32 + 3 + leaf->entry.cert.len + 2 + sizeof(ext) + 3 +
	      leaf->precert.len + 2 + leaf->chain.len;
	if ((rc = base_buf_reserve(out, len, &at)) != 0)
		return rc;
	wire_builder_init(&b, at, len);
	wire_builder_u64(&b, leaf->timestamp_ms);
	wire_builder_u16(&b, (uint16_t)leaf->entry.type);
	if (leaf->entry.type == PKI_CT_PRECERT)
		wire_builder_bytes(&b, leaf->entry.issuer_key_hash, 32);
	wire_builder_u24(&b, (uint32_t)leaf->entry.cert.len);
	wire_builder_bytes(&b, leaf->entry.cert.data, leaf->entry.cert.len);
	pki_ct_leaf_index_encode(leaf->index, ext);
	wire_builder_u16(&b, sizeof(ext));
	wire_builder_bytes(&b, ext, sizeof(ext));
	if (leaf->entry.type == PKI_CT_PRECERT) {
		wire_builder_u24(&b, (uint32_t)leaf->precert.len);
		wire_builder_bytes(&b, leaf->precert.data, leaf->precert.len);
	}
	wire_builder_u16(&b, (uint16_t)leaf->chain.len);
	wire_builder_bytes(&b, leaf->chain.data, leaf->chain.len);
	if ((rc = wire_builder_done(&b, &n)) != 0)
		return rc;
	base_buf_commit(out, n);
	return 0;
}

static struct pki_bytes
rest(const struct cursor *c)
{
	struct pki_bytes b = { c->pos, wire_cursor_left(c) };

	return b;
}

int
ct_leaf_parse(
    const uint8_t *data, size_t len, struct ct_leaf *ret, size_t *ret_len)
{
	struct cursor c, vec, ext;
	struct ct_leaf leaf;
	uint16_t type;

	memset(&leaf, 0, sizeof(leaf));
	wire_cursor_init(&c, data, len);
	leaf.timestamp_ms = wire_cursor_u64(&c);
	type = wire_cursor_u16(&c);
	if (c.rc == 0 && type > PKI_CT_PRECERT)
		return ERR_PEER_MALFORMED;
	leaf.entry.type = (enum pki_ct_entry_type)type;
	if (type == PKI_CT_PRECERT)
		wire_cursor_copy(&c, leaf.entry.issuer_key_hash, 32);
	vec = wire_cursor_vec(&c, 3, 1, U24_MAX);
	leaf.entry.cert = rest(&vec);
	ext = wire_cursor_vec(&c, 2, 0, UINT16_MAX);
	leaf.timestamped.data = data;
	leaf.timestamped.len = (size_t)(c.pos - data);
	if (type == PKI_CT_PRECERT) {
		vec = wire_cursor_vec(&c, 3, 1, U24_MAX);
		leaf.precert = rest(&vec);
	}
	vec = wire_cursor_vec(&c, 2, 0, UINT16_MAX);
	leaf.chain = rest(&vec);
	if (c.rc != 0)
		return c.rc;
	if (leaf.chain.len % FINGERPRINT_LEN != 0 ||
	    pki_ct_leaf_index_parse(rest(&ext), &leaf.index) != 0)
		return ERR_PEER_MALFORMED;
	*ret = leaf;
	*ret_len = (size_t)(c.pos - data);
	return 0;
}

void
ct_leaf_hash(const struct ct_leaf *leaf, struct merkle_hash *ret)
{
	/* 0x00 of the leaf hash, then version v1 and timestamped_entry. */
	static const uint8_t prefix[3] = { 0, 0, 0 };
	struct crypto_sha2 ctx;

	crypto_sha2_init(&ctx, CRYPTO_SHA256);
	crypto_sha2_update(&ctx, prefix, sizeof(prefix));
	crypto_sha2_update(&ctx, leaf->timestamped.data, leaf->timestamped.len);
	crypto_sha2_final(&ctx, ret->b);
}

void
ct_leaf_dedup(const struct pki_ct_entry *entry, uint8_t ret[CT_LEAF_DEDUP_LEN])
{
	struct crypto_sha2 ctx;
	uint8_t head[2 + 32 + 3], h[CRYPTO_SHA256_LEN];
	struct builder b;

	wire_builder_init(&b, head, sizeof(head));
	wire_builder_u16(&b, (uint16_t)entry->type);
	if (entry->type == PKI_CT_PRECERT)
		wire_builder_bytes(&b, entry->issuer_key_hash, 32);
	wire_builder_u24(&b, (uint32_t)entry->cert.len);
	crypto_sha2_init(&ctx, CRYPTO_SHA256);
	crypto_sha2_update(&ctx, head, b.len);
	crypto_sha2_update(&ctx, entry->cert.data, entry->cert.len);
	crypto_sha2_final(&ctx, h);
	memcpy(ret, h, CT_LEAF_DEDUP_LEN);
}

int
ct_leaf_same(const struct pki_ct_entry *a, const struct pki_ct_entry *b)
{
	return a->type == b->type && a->cert.len == b->cert.len &&
	       memcmp(a->cert.data, b->cert.data, a->cert.len) == 0 &&
	       (a->type != PKI_CT_PRECERT ||
		   memcmp(a->issuer_key_hash, b->issuer_key_hash, 32) == 0);
}
