/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ct.h"

#include <string.h>

#include "pki/ct_internal.h"
#include "wire/builder.h"
#include "wire/cursor.h"

enum { SCT_V1 = 0, ENTRY_MAX = (1 << 24) - 1 };

int
pki_ct_sct_parse(struct pki_bytes in, struct pki_ct_sct *ret)
{
	struct pki_ct_sct s;
	struct cursor c, part;
	uint8_t version;

	memset(&s, 0, sizeof(s));
	wire_cursor_init(&c, in.data, in.len);
	version = wire_cursor_u8(&c);
	if (c.rc == 0 && version != SCT_V1)
		return ERR_PEER_UNSUPPORTED;
	wire_cursor_copy(&c, s.log_id, sizeof(s.log_id));
	s.timestamp_ms = wire_cursor_u64(&c);
	part = wire_cursor_vec(&c, 2, 0, PKI_CT_EXT_MAX);
	s.ext_len = (uint16_t)wire_cursor_left(&part);
	wire_cursor_copy(&part, s.ext, s.ext_len);
	s.hash_alg = wire_cursor_u8(&c);
	s.sig_alg = wire_cursor_u8(&c);
	part = wire_cursor_vec(&c, 2, 1, PKI_CT_SIG_MAX);
	s.sig_len = (uint16_t)wire_cursor_left(&part);
	wire_cursor_copy(&part, s.sig, s.sig_len);
	if (wire_cursor_done(&c) != 0)
		return c.rc != 0 ? c.rc : ERR_PEER_TRAILING;
	*ret = s;
	return 0;
}

static void
encode(struct builder *b, const struct pki_ct_sct *s)
{

	wire_builder_u8(b, SCT_V1);
	wire_builder_bytes(b, s->log_id, sizeof(s->log_id));
	wire_builder_u64(b, s->timestamp_ms);
	wire_builder_u16(b, s->ext_len);
	wire_builder_bytes(b, s->ext, s->ext_len);
	wire_builder_u8(b, s->hash_alg);
	wire_builder_u8(b, s->sig_alg);
	wire_builder_u16(b, s->sig_len);
	wire_builder_bytes(b, s->sig, s->sig_len);
}

int
pki_ct_sct_encode(
    const struct pki_ct_sct *sct, uint8_t *out, size_t cap, size_t *ret_len)
{
	struct builder b;

	wire_builder_init(&b, out, cap);
	encode(&b, sct);
	return wire_builder_done(&b, ret_len);
}

void
pki_ct_leaf_index_encode(uint64_t index, uint8_t out[PKI_CT_LEAF_INDEX_LEN])
{
	int i;

	out[0] = 0;
	out[1] = 0;
	out[2] = 5;
	for (i = 0; i < 5; i++)
		out[3 + i] = (uint8_t)(index >> (8 * (4 - i)));
}

int
pki_ct_leaf_index_parse(struct pki_bytes ext, uint64_t *ret)
{
	uint64_t index = 0;
	int i;

	if (ext.len != PKI_CT_LEAF_INDEX_LEN || ext.data[0] != 0 ||
	    ext.data[1] != 0 || ext.data[2] != 5)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < 5; i++)
		index = index << 8 | ext.data[3 + i];
	*ret = index;
	return 0;
}

int
pki_ct_signed_input(const struct pki_ct_entry *entry, uint64_t timestamp_ms,
    struct pki_bytes ext, uint8_t *out, size_t cap, size_t *ret_len)
{
	struct builder b;

	if (entry->cert.len == 0 || entry->cert.len > ENTRY_MAX ||
	    ext.len > UINT16_MAX)
		return ERR_PEER_TOO_LARGE;
	wire_builder_init(&b, out, cap);
	wire_builder_u8(&b, SCT_V1);
	/* certificate_timestamp = timestamped_entry = 0 */
	wire_builder_u8(&b, 0);
	wire_builder_u64(&b, timestamp_ms);
	wire_builder_u16(&b, (uint16_t)entry->type);
	if (entry->type == PKI_CT_PRECERT)
		wire_builder_bytes(&b, entry->issuer_key_hash, 32);
	wire_builder_u24(&b, (uint32_t)entry->cert.len);
	wire_builder_bytes(&b, entry->cert.data, entry->cert.len);
	wire_builder_u16(&b, (uint16_t)ext.len);
	wire_builder_bytes(&b, ext.data, ext.len);
	return wire_builder_done(&b, ret_len);
}

int
pki_ct_tls_parse(struct pki_bytes tls, struct pki_ct_sct *ret, size_t *ret_n)
{
	struct cursor c, list, one;
	struct pki_bytes sct;
	size_t n = 0;
	int rc;

	wire_cursor_init(&c, tls.data, tls.len);
	list = wire_cursor_vec(&c, 2, 1, UINT16_MAX);
	if (wire_cursor_done(&c) != 0)
		return ERR_PEER_MALFORMED;
	while (wire_cursor_left(&list) > 0) {
		if (n == PKI_CT_LIST_MAX)
			return ERR_PEER_TOO_LARGE;
		one = wire_cursor_vec(&list, 2, 1, UINT16_MAX);
		if (list.rc != 0)
			return ERR_PEER_MALFORMED;
		sct.data = one.pos;
		sct.len = wire_cursor_left(&one);
		if ((rc = pki_ct_sct_parse(sct, &ret[n])) != 0)
			return rc;
		n++;
	}
	*ret_n = n;
	return 0;
}

int
pki_ct_tls_encode(const struct pki_ct_sct *scts, size_t n, uint8_t *out,
    size_t cap, size_t *ret_len)
{
	size_t list, one, i;
	struct builder b;

	if (n == 0 || n > PKI_CT_LIST_MAX)
		return ERR_SYS_LIMIT;
	wire_builder_init(&b, out, cap);
	list = wire_builder_vec_begin(&b, 2);
	for (i = 0; i < n; i++) {
		one = wire_builder_vec_begin(&b, 2);
		encode(&b, &scts[i]);
		wire_builder_vec_end(&b, one, 2);
	}
	wire_builder_vec_end(&b, list, 2);
	return wire_builder_done(&b, ret_len);
}
