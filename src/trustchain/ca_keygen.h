/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_KEYGEN_H
#define TRUSTCHAIN_CA_KEYGEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Keys made for who cannot make their own (ruling R3).  They are in memory
 * from the making to the answer and nowhere else.
 */
struct ca_keygen {
	/* what is asked for: ca_keygen_init */
	int type; /* enum crypto_key_type */
	unsigned bits;
	/* what was made: ca_keygen_work */
	int rc;
	char *pem; /* PKCS#8 */
	uint8_t *csr;
	size_t csr_len;
};

/**
 * ca_keygen_init(g, type, bits):
 * Ask for "ecdsa" (256, 384), "ed25519" (256) or "rsa" (2048, 3072, 4096)
 * keys; ${bits} 0 is the smallest.  ERR_PEER_UNSUPPORTED.
 */
MUST_CHECK int ca_keygen_init(
    struct ca_keygen *g, const char *type, int64_t bits);

/**
 * ca_keygen_work(ctx):
 * Make the key and a request for it; a loop_work_fn over a struct ca_keygen.
 * How it went is in rc.
 */
void ca_keygen_work(void *ctx);

/**
 * ca_keygen_fini(g):
 * Wipe and free what was made.
 */
void ca_keygen_fini(struct ca_keygen *g);

/**
 * ca_keygen_answer(g, record, ret_len):
 * Return the JSON object ${record} with a member private_key; the caller
 * wipes and frees it.  NULL when memory is short.
 */
char *ca_keygen_answer(
    const struct ca_keygen *g, const char *record, size_t *ret_len);

#endif
