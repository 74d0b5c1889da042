/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_wal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

enum { RECORDS = 4 };

/* A segment of four records with 1, 2, 3 and 4 leaves, and where they end. */
static struct buf segment;
static size_t end_of[RECORDS + 1];
static struct ct_wal_header header = { 7, { 0xaa } };

static int
setup(void **state)
{
	uint8_t raw[CT_WAL_HEADER_LEN], trailer[CT_WAL_TRAILER_LEN];
	struct buf record;
	uint64_t first = header.first;
	unsigned i, j;

	(void)state;
	base_buf_init(&segment, 1 << 20);
	base_buf_init(&record, 1 << 20);
	ct_wal_header_encode(&header, raw);
	assert_int_equal(base_buf_append(&segment, raw, sizeof(raw)), 0);
	memcpy(trailer, header.prev, sizeof(trailer));
	end_of[0] = segment.len;
	for (i = 1; i <= RECORDS; i++) {
		record.len = 0;
		assert_int_equal(ct_wal_begin(&record, first), 0);
		for (j = 0; j < i; j++)
			assert_int_equal(ct_wal_leaf(&record,
					     (const uint8_t *)"TCW1leaf", 8),
			    0);
		assert_int_equal(ct_wal_finish(&record, i, trailer), 0);
		assert_int_equal(
		    base_buf_append(&segment, record.data, record.len), 0);
		end_of[i] = segment.len;
		first += i;
	}
	base_buf_free(&record);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	base_buf_free(&segment);
	return 0;
}

/* Read all records; how many there were and how it ended. */
static enum ct_wal_result
scan_all(const uint8_t *data, size_t len, unsigned *ret_n)
{
	struct ct_wal_record record;
	struct ct_wal_header h;
	struct ct_wal_scan scan;
	enum ct_wal_result r;

	*ret_n = 0;
	if (ct_wal_header_parse(data, len, &h) != 0)
		return CT_WAL_TORN;
	ct_wal_scan_init(&scan, data, len, &h);
	while ((r = ct_wal_scan_next(&scan, &record)) == CT_WAL_RECORD)
		(*ret_n)++;
	return r;
}

/* The layout of the specification's table, written out octet by octet. */
static void
test_layout(void **state)
{
	const uint8_t *p = segment.data;
	uint8_t in[32 + 20 + 12], want[32];

	(void)state;
	assert_memory_equal(p, "TCS1\0\0\0\0\0\0\0\7\xaa\0", 14);
	assert_memory_equal(p + 44,
	    "TCW1\0\0\0\x0c\0\0\0\0\0\0\0\7\0\1\0\0\0\0\0\x08TCW1leaf", 32);
	memset(in, 0, 32);
	in[0] = 0xaa;
	memcpy(in + 32, p + 44, 32);
	(void)EVP_Digest(in, 64, want, NULL, EVP_sha256(), NULL);
	assert_memory_equal(p + 44 + 32, want, 32);
}

static void
test_scan(void **state)
{
	struct ct_wal_record record;
	struct ct_wal_scan scan;
	const uint8_t *leaf;
	size_t pos, len;
	unsigned i, n;

	(void)state;
	assert_int_equal(scan_all(segment.data, segment.len, &n), CT_WAL_END);
	assert_int_equal(n, RECORDS);
	ct_wal_scan_init(&scan, segment.data, segment.len, &header);
	for (i = 1; i <= RECORDS; i++) {
		assert_int_equal(
		    ct_wal_scan_next(&scan, &record), CT_WAL_RECORD);
		assert_int_equal(record.count, i);
		pos = 0;
		for (n = 0; ct_wal_next_leaf(&record, &pos, &leaf, &len) == 1;
		     n++)
			assert_memory_equal(leaf, "TCW1leaf", 8);
		assert_int_equal(n, i);
		assert_int_equal(pos, record.payload_len);
	}
	assert_int_equal(scan.next, header.first + 10);
}

/* Cut anywhere: everything complete is read, the rest is torn. */
static void
test_cut(void **state)
{
	size_t len;
	unsigned n, whole;

	(void)state;
	for (len = end_of[0]; len < segment.len; len++) {
		enum ct_wal_result r = scan_all(segment.data, len, &n);

		for (whole = 0; end_of[whole + 1] <= len; whole++)
			;
		assert_int_equal(n, whole);
		assert_int_equal(
		    r, end_of[whole] == len ? CT_WAL_END : CT_WAL_TORN);
	}
}

/* Flip any bit: in the last record it is torn, before that it is corruption,
 * because a good record follows. */
static void
test_flip(void **state)
{
	uint8_t *copy = malloc(segment.len);
	unsigned n, bit, hit;
	enum ct_wal_result r;
	size_t i;

	(void)state;
	for (i = end_of[0]; i < segment.len; i++) {
		bit = 1u << (i % 8);
		memcpy(copy, segment.data, segment.len);
		copy[i] = (uint8_t)(copy[i] ^ bit);
		r = scan_all(copy, segment.len, &n);
		for (hit = 0; end_of[hit + 1] <= i; hit++)
			;
		assert_int_equal(n, hit);
		if (hit == RECORDS - 1)
			assert_int_equal(r, CT_WAL_TORN);
		else
			assert_int_equal(r, CT_WAL_CORRUPT);
	}
	free(copy);
}

/* Records left out, repeated or exchanged are not a log. */
static void
test_order(void **state)
{
	uint8_t *copy = malloc(2 * segment.len);
	size_t one = end_of[1] - end_of[0], two = end_of[2] - end_of[1];
	unsigned n;

	(void)state;
	memcpy(copy, segment.data, end_of[0]);
	memcpy(copy + end_of[0], segment.data + end_of[1],
	    segment.len - end_of[1]);
	assert_int_equal(scan_all(copy, segment.len - one, &n), CT_WAL_CORRUPT);
	assert_int_equal(n, 0);
	memcpy(copy, segment.data, end_of[0]);
	memcpy(copy + end_of[0], segment.data + end_of[1], two);
	memcpy(copy + end_of[0] + two, segment.data + end_of[0], one);
	memcpy(copy + end_of[2], segment.data + end_of[2],
	    segment.len - end_of[2]);
	assert_int_equal(scan_all(copy, segment.len, &n), CT_WAL_CORRUPT);
	free(copy);
}

static void
test_limits(void **state)
{
	uint8_t trailer[CT_WAL_TRAILER_LEN] = { 0 };
	struct buf b;

	(void)state;
	base_buf_init(&b, CT_WAL_RECORD_LEN + 8);
	assert_int_equal(ct_wal_begin(&b, 0), 0);
	assert_int_equal(
	    ct_wal_leaf(&b, (const uint8_t *)"12345", 5), ERR_SYS_LIMIT);
	assert_int_equal(ct_wal_leaf(&b, (const uint8_t *)"1234", 4), 0);
	assert_int_equal(ct_wal_finish(&b, 1, trailer), ERR_SYS_LIMIT);
	base_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_scan),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_flip),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
