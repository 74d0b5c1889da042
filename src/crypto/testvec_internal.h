/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRYPTO_TESTVEC_INTERNAL_H
#define CRYPTO_TESTVEC_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a vector, on the heap, exactly as long as they are. */
struct test_bytes {
	uint8_t *data;
	size_t len;
};

/**
 * crypto_testvec_load(name):
 * Return the parsed file tests/vectors/${name}; a test fails without it.
 */
json_t *crypto_testvec_load(const char *name);

/**
 * crypto_testvec_bytes(obj, member):
 * Return the decoded hex string; free its data.
 */
struct test_bytes crypto_testvec_bytes(const json_t *obj, const char *member);

/**
 * crypto_testvec_fill(ctx, buf, len):
 * A struct rng's fill that gives out the struct test_bytes ${ctx}, to whoever
 * asks for exactly as many; -1 otherwise.
 */
int crypto_testvec_fill(void *ctx, uint8_t *buf, size_t len);

/**
 * crypto_testvec_verdict(test):
 * Return the verdict of a Wycheproof case: 1 valid, 0 invalid, -1 acceptable.
 */
int crypto_testvec_verdict(const json_t *test);

#endif
