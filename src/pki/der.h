/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_DER_H
#define PKI_DER_H

#include "base/err.h"
#include "pki/bytes.h"
#include "pki/tag.h"

/*
 * DER writer (ITU-T X.690) into the caller's array.  Constructed values are
 * opened and closed; their lengths are filled in at the close.  The first
 * error sticks: later calls write nothing and pki_der_finish reports it.
 */
struct pki_der {
	uint8_t *buf;
	size_t cap;
	size_t len;
	int rc;
	unsigned depth;
	size_t mark[PKI_TAG_DEPTH_MAX];
};

/** pki_der_init(w, buf, cap): start writing at ${buf} of ${cap} bytes. */
void pki_der_init(struct pki_der *w, uint8_t *buf, size_t cap);

/**
 * pki_der_open(w, tag), pki_der_close(w):
 * Start a value with identifier octet ${tag}; what is written until the
 * matching pki_der_close is its content.
 */
void pki_der_open(struct pki_der *w, unsigned tag);
void pki_der_close(struct pki_der *w);

/** pki_der_put(w, tag, data, len), pki_der_raw(w, der): write a complete value
 * with the given content; copy encoded octets. */
void pki_der_put(struct pki_der *w, unsigned tag, const void *data, size_t len);
void pki_der_raw(struct pki_der *w, struct pki_bytes der);

/**
 * pki_der_uint(w, magnitude), pki_der_small(w, value):
 * Write a non-negative INTEGER from big-endian octets, leading zeros dropped
 * and the sign octet added as DER wants it, or from a number.
 */
void pki_der_uint(struct pki_der *w, struct pki_bytes magnitude);
void pki_der_small(struct pki_der *w, uint32_t value);

/**
 * pki_der_bits(w, bits, unused), pki_der_true(w):
 * Write a BIT STRING whose last ${unused} bits do not count; BOOLEAN TRUE.
 */
void pki_der_bits(struct pki_der *w, struct pki_bytes bits, unsigned unused);
void pki_der_true(struct pki_der *w);

/**
 * pki_der_time(w, unix_ms), pki_der_generalized(w, unix_ms):
 * Write a Time as RFC 5280 section 4.1.2.5 wants it, UTCTime through 2049,
 * GeneralizedTime from 2050; always the latter (RFC 6960).  Whole seconds, Z.
 * ERR_STATE_REFUSED sticks for years outside 1950..9999.
 */
void pki_der_time(struct pki_der *w, int64_t unix_ms);
void pki_der_generalized(struct pki_der *w, int64_t unix_ms);

/**
 * pki_der_finish(w, ret_len):
 * Store the number of octets written.  ERR_SYS_LIMIT when the array was too
 * small, or the first error; ${ret_len} is untouched on failure.
 */
MUST_CHECK int pki_der_finish(const struct pki_der *w, size_t *ret_len);

#endif
