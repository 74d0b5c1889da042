/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "keys/op.h"
#include "pki/ct.h"
#include "trustchain/keyop_internal.h"
#include "wire/cursor.h"

/*
 * Operations SCT and STH (identity.md section 3): RFC 6962 sections 3.2 and
 * 3.5.  Version 0; signature_type 0 is certificate_timestamp, 1 tree_hash.
 */
enum { CERTIFICATE_TIMESTAMP = 0, TREE_HASH = 1 };

int
keyop_sct_handle(struct keys_call *call)
{
	struct cursor c, cert, ext;
	uint64_t index;
	uint16_t type;

	wire_cursor_init(&c, call->payload, call->len);
	if (wire_cursor_u8(&c) != 0 ||
	    wire_cursor_u8(&c) != CERTIFICATE_TIMESTAMP)
		return ERR_PEER_MALFORMED;
	(void)wire_cursor_u64(&c);
	type = wire_cursor_u16(&c);
	if (type == PKI_CT_PRECERT)
		(void)wire_cursor_bytes(&c, 32);
	else if (type != PKI_CT_X509)
		return ERR_PEER_MALFORMED;
	cert = wire_cursor_vec(&c, 3, 1, 0xffffff);
	ext = wire_cursor_vec(&c, 2, 0, 0xffff);
	if (cert.rc != 0 || wire_cursor_done(&c) != 0)
		return ERR_PEER_MALFORMED;
	if (pki_ct_leaf_index_parse(
		(struct pki_bytes){ ext.pos, wire_cursor_left(&ext) },
		&index) != 0)
		return keyop_refuse(call, "extensions are not one leaf_index");
	return keyop_sign(call, call->payload, call->len);
}

int
keyop_origin_handle(struct keys_call *call)
{
	const struct keyop_head *head = call->slot->policy;

	if (call->len != 0)
		return ERR_PEER_MALFORMED;
	return base_buf_append(call->out, head->origin, strlen(head->origin));
}

int
keyop_sth_handle(struct keys_call *call)
{
	struct keyop_head *head = call->slot->policy;
	uint64_t time_ms, size;
	uint8_t root[32];
	struct cursor c;
	int rc;

	wire_cursor_init(&c, call->payload, call->len);
	if (wire_cursor_u8(&c) != 0 || wire_cursor_u8(&c) != TREE_HASH)
		return ERR_PEER_MALFORMED;
	time_ms = wire_cursor_u64(&c);
	size = wire_cursor_u64(&c);
	wire_cursor_copy(&c, root, sizeof(root));
	if (wire_cursor_done(&c) != 0)
		return ERR_PEER_MALFORMED;
	if (size < head->size)
		return keyop_refuse(call, "tree size %llu below %llu",
		    (unsigned long long)size, (unsigned long long)head->size);
	if (size == head->size && head->time_ms != 0 &&
	    memcmp(root, head->root, sizeof(root)) != 0)
		return keyop_refuse(call, "another root at tree size %llu",
		    (unsigned long long)size);
	if (time_ms < head->time_ms)
		return keyop_refuse(call, "time goes backwards");
	if (time_ms > (uint64_t)(call->now_ms + KEYOP_SKEW_MS))
		return keyop_refuse(call, "time is in the future");
	rc = keyop_sign(call, call->payload, call->len);
	if (rc != 0)
		return rc;
	head->size = size;
	head->time_ms = time_ms;
	memcpy(head->root, root, sizeof(root));
	return 0;
}
