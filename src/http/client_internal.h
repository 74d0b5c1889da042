/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_CLIENT_INTERNAL_H
#define HTTP_CLIENT_INTERNAL_H

#include <curl/curl.h>
#include <stdint.h>

#include "base/err.h"

struct http_client_request;
struct http_response;

#define HTTP_CLIENT_TIMEOUT_MS 30000 /* of a call that names none */
/* One transfer: libcurl's handle with all it refers to, and the response. */
struct http_transfer;

/**
 * http_client_transfer_new(req, user_agent, ret):
 * Set up a transfer that is not running yet.  Errors as http_client_send.
 */
MUST_CHECK int http_client_transfer_new(const struct http_client_request *req,
    const char *user_agent, struct http_transfer **ret);

/**
 * http_client_transfer_free(t):
 * Free a transfer that is not in a multi handle; NULL is allowed.
 */
void http_client_transfer_free(struct http_transfer *t);

/**
 * http_client_transfer_easy(t):
 * Return libcurl's handle.
 */
CURL *http_client_transfer_easy(const struct http_transfer *t);

/**
 * http_client_transfer_finish(t, result):
 * Note that the transfer ended with ${result}; return the response, valid
 * while ${t} is.
 */
const struct http_response *http_client_transfer_finish(
    struct http_transfer *t, CURLcode result);

/** http_clock_now_us(): the monotonic time, of clock.c. */
uint64_t http_clock_now_us(void);
#endif
