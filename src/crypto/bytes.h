/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_BYTES_H
#define CRYPTO_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that are not NUL-terminated; they belong to the caller. */
struct crypto_bytes {
	const uint8_t *data;
	size_t len;
};

#endif
