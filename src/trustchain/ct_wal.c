/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_wal.h"

#include <string.h>

#include "base/assert.h"
#include "crypto/sha2.h"
#include "wire/builder.h"
#include "wire/cursor.h"

static const char header_magic[4] = { 'T', 'C', 'S', '1' };
static const char record_magic[4] = { 'T', 'C', 'W', '1' };

void
ct_wal_header_encode(
    const struct ct_wal_header *h, uint8_t ret[CT_WAL_HEADER_LEN])
{
	struct builder b;

	wire_builder_init(&b, ret, CT_WAL_HEADER_LEN);
	wire_builder_bytes(&b, header_magic, 4);
	wire_builder_u64(&b, h->first);
	wire_builder_bytes(&b, h->prev, CT_WAL_TRAILER_LEN);
}

int
ct_wal_header_parse(const uint8_t *data, size_t len, struct ct_wal_header *ret)
{
	struct ct_wal_header h;
	const uint8_t *magic;
	struct cursor c;

	wire_cursor_init(&c, data, len);
	magic = wire_cursor_bytes(&c, 4);
	h.first = wire_cursor_u64(&c);
	wire_cursor_copy(&c, h.prev, CT_WAL_TRAILER_LEN);
	if (c.rc != 0)
		return c.rc;
	if (memcmp(magic, header_magic, 4) != 0)
		return ERR_PEER_MALFORMED;
	*ret = h;
	return 0;
}

static void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

int
ct_wal_begin(struct buf *out, uint64_t first)
{
	uint8_t header[CT_WAL_RECORD_LEN] = { 0 };

	TROTH_ASSERT(out->len == 0);
	memcpy(header, record_magic, 4);
	put32(header + 8, (uint32_t)(first >> 32));
	put32(header + 12, (uint32_t)first);
	return base_buf_append(out, header, sizeof(header));
}

int
ct_wal_leaf(struct buf *out, const uint8_t *leaf, size_t len)
{
	uint8_t *at;
	int rc;

	if (len > CT_WAL_PAYLOAD_MAX - 4)
		return ERR_SYS_LIMIT;
	if ((rc = base_buf_reserve(out, 4 + len, &at)) != 0)
		return rc;
	put32(at, (uint32_t)len);
	memcpy(at + 4, leaf, len);
	base_buf_commit(out, 4 + len);
	return 0;
}

static void
chain(const uint8_t prev[CT_WAL_TRAILER_LEN], const uint8_t *record, size_t len,
    uint8_t ret[CT_WAL_TRAILER_LEN])
{
	struct crypto_sha2 ctx;

	crypto_sha2_init(&ctx, CRYPTO_SHA256);
	crypto_sha2_update(&ctx, prev, CT_WAL_TRAILER_LEN);
	crypto_sha2_update(&ctx, record, len);
	crypto_sha2_final(&ctx, ret);
}

int
ct_wal_finish(
    struct buf *out, unsigned count, uint8_t trailer[CT_WAL_TRAILER_LEN])
{
	uint8_t next[CT_WAL_TRAILER_LEN];
	size_t payload = out->len - CT_WAL_RECORD_LEN;
	int rc;

	TROTH_ASSERT(count >= 1);
	TROTH_ASSERT(count <= CT_WAL_COUNT_MAX);
	if (payload > CT_WAL_PAYLOAD_MAX)
		return ERR_SYS_LIMIT;
	put32(out->data + 4, (uint32_t)payload);
	out->data[16] = (uint8_t)(count >> 8);
	out->data[17] = (uint8_t)count;
	chain(trailer, out->data, out->len, next);
	rc = base_buf_append(out, next, CT_WAL_TRAILER_LEN);
	if (rc != 0)
		return rc;
	memcpy(trailer, next, CT_WAL_TRAILER_LEN);
	return 0;
}

void
ct_wal_scan_init(struct ct_wal_scan *scan, const uint8_t *data, size_t len,
    const struct ct_wal_header *header)
{
	TROTH_ASSERT(len >= CT_WAL_HEADER_LEN);
	scan->data = data;
	scan->len = len;
	scan->pos = CT_WAL_HEADER_LEN;
	scan->next = header->first;
	memcpy(scan->trailer, header->prev, CT_WAL_TRAILER_LEN);
}

/*
 * Read the record at pos whose predecessor's trailer is prev.  Return its
 * length, or 0 if it is no good record.
 */
static size_t
read_record(const struct ct_wal_scan *scan, size_t pos,
    const uint8_t prev[CT_WAL_TRAILER_LEN], struct ct_wal_record *ret)
{
	uint8_t trailer[CT_WAL_TRAILER_LEN];
	const uint8_t *magic, *stored;
	struct cursor c;
	uint32_t len;
	unsigned zero;

	wire_cursor_init(&c, scan->data + pos, scan->len - pos);
	magic = wire_cursor_bytes(&c, 4);
	len = wire_cursor_u32(&c);
	ret->first = wire_cursor_u64(&c);
	ret->count = wire_cursor_u16(&c);
	zero = wire_cursor_u16(&c);
	if (c.rc != 0 || memcmp(magic, record_magic, 4) != 0 ||
	    len > CT_WAL_PAYLOAD_MAX || zero != 0 || ret->count == 0 ||
	    ret->count > CT_WAL_COUNT_MAX)
		return 0;
	ret->payload = wire_cursor_bytes(&c, len);
	ret->payload_len = len;
	stored = wire_cursor_bytes(&c, CT_WAL_TRAILER_LEN);
	if (c.rc != 0)
		return 0;
	chain(prev, scan->data + pos, CT_WAL_RECORD_LEN + len, trailer);
	if (memcmp(trailer, stored, CT_WAL_TRAILER_LEN) != 0)
		return 0;
	return CT_WAL_RECORD_LEN + len + CT_WAL_TRAILER_LEN;
}

/*
 * If only the stored trailer of the record at pos is damaged, the next record
 * chains to what that trailer should be.
 */
static int
good_after_bad_trailer(const struct ct_wal_scan *scan, size_t pos)
{
	uint8_t trailer[CT_WAL_TRAILER_LEN];
	struct ct_wal_record record;
	struct cursor c;
	size_t len;

	wire_cursor_init(&c, scan->data + pos, scan->len - pos);
	(void)wire_cursor_u32(&c);
	len = wire_cursor_u32(&c);
	if (c.rc != 0 || len > CT_WAL_PAYLOAD_MAX)
		return 0;
	len += CT_WAL_RECORD_LEN;
	if (scan->len - pos < len + CT_WAL_TRAILER_LEN)
		return 0;
	chain(scan->trailer, scan->data + pos, len, trailer);
	pos += len + CT_WAL_TRAILER_LEN;
	return read_record(scan, pos, trailer, &record) != 0;
}

/* Is there a good record anywhere after pos?  The 32 octets before it are
 * taken as the trailer it chains to, whatever became of the rest. */
static int
good_record_after(const struct ct_wal_scan *scan, size_t pos)
{
	struct ct_wal_record record;
	const uint8_t *p;

	if (good_after_bad_trailer(scan, pos))
		return 1;
	pos += CT_WAL_TRAILER_LEN;
	while (pos < scan->len) {
		p = memmem(scan->data + pos, scan->len - pos, record_magic, 4);
		if (p == NULL)
			return 0;
		pos = (size_t)(p - scan->data);
		if (read_record(scan, pos, p - CT_WAL_TRAILER_LEN, &record) !=
		    0)
			return 1;
		pos++;
	}
	return 0;
}

enum ct_wal_result
ct_wal_scan_next(struct ct_wal_scan *scan, struct ct_wal_record *ret)
{
	size_t n;

	if (scan->pos == scan->len)
		return CT_WAL_END;
	n = read_record(scan, scan->pos, scan->trailer, ret);
	if (n == 0)
		return good_record_after(scan, scan->pos) ? CT_WAL_CORRUPT
							  : CT_WAL_TORN;
	/* It is authentic, so a wrong index is no accident of the disk. */
	if (ret->first != scan->next)
		return CT_WAL_CORRUPT;
	scan->pos += n;
	scan->next += ret->count;
	memcpy(scan->trailer, scan->data + scan->pos - CT_WAL_TRAILER_LEN,
	    CT_WAL_TRAILER_LEN);
	return CT_WAL_RECORD;
}

int
ct_wal_next_leaf(const struct ct_wal_record *record, size_t *pos,
    const uint8_t **ret, size_t *ret_len)
{
	struct cursor c;
	uint32_t len;

	if (*pos == record->payload_len)
		return 0;
	wire_cursor_init(
	    &c, record->payload + *pos, record->payload_len - *pos);
	len = wire_cursor_u32(&c);
	*ret = wire_cursor_bytes(&c, len);
	if (c.rc != 0)
		return -1;
	*ret_len = len;
	*pos += 4 + (size_t)len;
	return 1;
}
