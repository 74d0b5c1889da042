/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_WAL_H
#define TRUSTCHAIN_CT_WAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * The write-ahead log of a shard: identity spec section 9, tables "WAL part"
 * and "event".  Only the format; files are ct_walfile.h.  A segment is a
 * header and records; a record holds the TileLeafs of one batch.  Each
 * record's trailer hashes the one before, so records cannot be lost, moved or
 * exchanged unnoticed.
 */
#define CT_WAL_HEADER_LEN 44
#define CT_WAL_RECORD_LEN 20 /* record header */
#define CT_WAL_TRAILER_LEN 32
#define CT_WAL_PAYLOAD_MAX (16u << 20)
#define CT_WAL_COUNT_MAX 4096
#define CT_WAL_SEGMENT_MAX (64u << 20)

struct ct_wal_header {
	uint64_t first; /* index of the first entry */
	uint8_t prev[CT_WAL_TRAILER_LEN];
};

/**
 * ct_wal_header_encode(h, ret):
 * Write a segment header.
 */
void ct_wal_header_encode(
    const struct ct_wal_header *h, uint8_t ret[CT_WAL_HEADER_LEN]);

/**
 * ct_wal_header_parse(data, len, ret):
 * Read the header at the start of ${len} octets.  ERR_PEER_TRUNCATED,
 * ERR_PEER_MALFORMED.
 */
MUST_CHECK int ct_wal_header_parse(
    const uint8_t *data, size_t len, struct ct_wal_header *ret);

/**
 * ct_wal_begin(out, first), ct_wal_leaf(out, leaf, len):
 * Start a record in the empty buffer ${out}, then add TileLeafs.
 * ERR_SYS_NOMEM, ERR_SYS_LIMIT beyond the buffer's maximum.
 */
MUST_CHECK int ct_wal_begin(struct buf *out, uint64_t first);
MUST_CHECK int ct_wal_leaf(struct buf *out, const uint8_t *leaf, size_t len);

/**
 * ct_wal_finish(out, count, trailer):
 * Complete the record in ${out} with ${count} leaves (1..4096) after the
 * record whose trailer is in ${trailer}, which becomes this one's.
 * ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ct_wal_finish(
    struct buf *out, unsigned count, uint8_t trailer[CT_WAL_TRAILER_LEN]);

struct ct_wal_record {
	uint64_t first;
	unsigned count;
	const uint8_t *payload;
	size_t payload_len;
};

enum ct_wal_result {
	CT_WAL_RECORD, /* one record; call again */
	CT_WAL_END,    /* the data ends after a good record */
	CT_WAL_TORN,   /* what follows is no record, nor is any after it */
	CT_WAL_CORRUPT /* a bad record, and a good one after it */
};

struct ct_wal_scan {
	const uint8_t *data;
	size_t len, pos;
	uint64_t next; /* index the next record must start at */
	uint8_t trailer[CT_WAL_TRAILER_LEN];
};

/**
 * ct_wal_scan_init(scan, data, len, header):
 * Read the records of a segment, whose header was parsed from the front of
 * ${data}.
 */
void ct_wal_scan_init(struct ct_wal_scan *scan, const uint8_t *data, size_t len,
    const struct ct_wal_header *header);

/**
 * ct_wal_scan_next(scan, ret):
 * Check and store the next record.  On CT_WAL_TORN the octets from
 * ${scan}->pos on are to be cut.
 */
enum ct_wal_result ct_wal_scan_next(
    struct ct_wal_scan *scan, struct ct_wal_record *ret);

/**
 * ct_wal_next_leaf(record, pos, ret, ret_len):
 * Iterate over the leaves of a record: ${pos} starts at 0.  Return 1 and the
 * next leaf, 0 at the end, -1 when the lengths do not add up.
 */
int ct_wal_next_leaf(const struct ct_wal_record *record, size_t *pos,
    const uint8_t **ret, size_t *ret_len);

#endif
