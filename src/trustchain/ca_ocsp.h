/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_OCSP_H
#define TRUSTCHAIN_CA_OCSP_H

#include <stddef.h>

#include "base/err.h"

/*
 * The OCSP responder (identity.md section 8; RFC 6960, nonces RFC 9654, HTTP
 * caching RFC 9919).  Each answer says what the store says now; of an answer
 * about one certificate, asked for without a nonce, the signature is kept for
 * half the answer's life and used again while the store says the same.
 * Loop thread only.
 */
struct ca_authority;
struct ca_config;
struct ca_ocsp;
struct ca_signer;
struct ca_store;
struct clock;
struct http_request;
struct keys_client;
struct ops_log;
struct rng;

struct ca_ocsp_opts {
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_store *store;
	const struct ca_signer *signer;
	struct keys_client *keys;
	const struct clock *clock;
	const struct rng *rng;
	struct ops_log *log;
	/* For metrics: good, revoked, unknown, or the name of an error. */
	void (*answered)(void *ctx, const char *status);
	void *ctx;
};

/**
 * ca_ocsp_new(opts, ret):
 * What ${opts} names outlives the result.  ERR_SYS_NOMEM, ERR_SYS_RNG.
 */
MUST_CHECK int ca_ocsp_new(
    const struct ca_ocsp_opts *opts, struct ca_ocsp **ret);

/**
 * ca_ocsp_grow(o):
 * The authority has more issuers: answer for them, too.  ERR_SYS_CRYPTO.
 */
MUST_CHECK int ca_ocsp_grow(struct ca_ocsp *o);

/**
 * ca_ocsp_free(o):
 * After the key client, which answers what is still being signed.  NULL is
 * legal.
 */
void ca_ocsp_free(struct ca_ocsp *o);

/**
 * ca_ocsp_handle(o, req, text):
 * Answer ${req}: by its body if it is a POST, else by the base64 in ${text},
 * the rest of the path.  It is replied to at once or later.
 */
void ca_ocsp_handle(
    struct ca_ocsp *o, struct http_request *req, const char *text);

#endif
