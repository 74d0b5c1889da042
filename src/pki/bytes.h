/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_BYTES_H
#define PKI_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A borrowed range of bytes.  Whoever hands one out says how long it lives;
 * data may be NULL when len is 0.
 */
struct pki_bytes {
	const uint8_t *data;
	size_t len;
};

/**
 * pki_bytes_equal(a, b):
 * Return whether two ranges of public bytes hold the same octets.
 */
bool pki_bytes_equal(struct pki_bytes a, struct pki_bytes b);

#endif
