/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_HTTP_H
#define TRUSTCHAIN_CT_HTTP_H

#include <stdint.h>

#include "base/err.h"

/*
 * The HTTP interface of trustchain-ct: identity spec section 9, first table.
 * Loop thread only.
 */
struct ct_http;
struct ct_log;
struct http_request;
struct ops_web;

/**
 * ct_http_new(l, web, ret):
 * Serve the shards of ${l}, and the health document of ${web} (may be NULL).
 * ERR_SYS_NOMEM, ERR_STATE_CONFIG for tokens that are no hashes.
 */
MUST_CHECK int ct_http_new(
    struct ct_log *l, struct ops_web *web, struct ct_http **ret);

/**
 * ct_http_free(h):
 * NULL is allowed.
 */
void ct_http_free(struct ct_http *h);

/**
 * ct_http_handle(h, r), ct_http_refuse(h, r, status, wait_s):
 * The handler and the refuser of a listener; ${h} is a struct ct_http.
 */
void ct_http_handle(void *h, struct http_request *r);
void ct_http_refuse(
    void *h, struct http_request *r, int status, unsigned wait_s);

#endif
