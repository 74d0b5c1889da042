/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_DER_H
#define PKI_DER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/bytes.h"

/*
 * DER writer (ITU-T X.690) into the caller's array.  Constructed values are
 * opened and closed; their lengths are filled in at the close.  The first
 * error sticks: later calls write nothing and pki_der_finish reports it.
 */
enum { PKI_DER_DEPTH_MAX = 16 };

enum pki_tag {
	PKI_TAG_BOOLEAN = 0x01,
	PKI_TAG_INTEGER = 0x02,
	PKI_TAG_BIT_STRING = 0x03,
	PKI_TAG_OCTET_STRING = 0x04,
	PKI_TAG_NULL = 0x05,
	PKI_TAG_OID = 0x06,
	PKI_TAG_UTF8 = 0x0c,
	PKI_TAG_PRINTABLE = 0x13,
	PKI_TAG_IA5 = 0x16,
	PKI_TAG_UTC_TIME = 0x17,
	PKI_TAG_GENERALIZED_TIME = 0x18,
	PKI_TAG_SEQUENCE = 0x30,
	PKI_TAG_SET = 0x31,
	PKI_TAG_CONTEXT = 0x80,	 /* | number, primitive */
	PKI_TAG_CONTEXT_C = 0xa0 /* | number, constructed */
};

struct pki_der {
	uint8_t *buf;
	size_t cap;
	size_t len;
	int rc;
	unsigned depth;
	size_t mark[PKI_DER_DEPTH_MAX];
};

/**
 * pki_der_init(w, buf, cap):
 * Start writing at ${buf}, which holds ${cap} bytes.
 */
void pki_der_init(struct pki_der *w, uint8_t *buf, size_t cap);

/**
 * pki_der_open(w, tag):
 * Start a value with identifier octet ${tag}; what is written until the
 * matching pki_der_close is its content.
 */
void pki_der_open(struct pki_der *w, unsigned tag);

/**
 * pki_der_close(w):
 * End the value opened last.
 */
void pki_der_close(struct pki_der *w);

/**
 * pki_der_put(w, tag, data, len):
 * Write a complete value with the given content octets.
 */
void pki_der_put(struct pki_der *w, unsigned tag, const void *data, size_t len);

/**
 * pki_der_raw(w, der):
 * Copy octets that are already encoded.
 */
void pki_der_raw(struct pki_der *w, struct pki_bytes der);

/**
 * pki_der_uint(w, magnitude):
 * Write a non-negative INTEGER from big-endian octets; leading zeros are
 * dropped and the sign octet added as DER wants it.
 */
void pki_der_uint(struct pki_der *w, struct pki_bytes magnitude);

/**
 * pki_der_small(w, value):
 * Write a non-negative INTEGER.
 */
void pki_der_small(struct pki_der *w, uint32_t value);

/**
 * pki_der_bits(w, data, len, unused):
 * Write a BIT STRING of ${len} octets whose last ${unused} bits do not count.
 */
void pki_der_bits(
    struct pki_der *w, const uint8_t *data, size_t len, unsigned unused);

/**
 * pki_der_true(w):
 * Write BOOLEAN TRUE.
 */
void pki_der_true(struct pki_der *w);

/**
 * pki_der_time(w, unix_ms):
 * Write a Time as RFC 5280 section 4.1.2.5 wants it: UTCTime through 2049,
 * GeneralizedTime from 2050, whole seconds, Z.  ERR_STATE_REFUSED sticks for
 * years outside 1950..9999.
 */
void pki_der_time(struct pki_der *w, int64_t unix_ms);

/**
 * pki_der_finish(w, ret_len):
 * Store the number of octets written.  ERR_SYS_LIMIT when the array was too
 * small, or the first error; ${ret_len} is untouched on failure.
 */
MUST_CHECK int pki_der_finish(const struct pki_der *w, size_t *ret_len);

#endif
