/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_CONTEXT_INTERNAL_H
#define HTTP_CONTEXT_INTERNAL_H

struct lws_vhost;

/** http_context_tls(vhost, ssl_ctx): apply the listener's TLS rules. */
int http_context_tls(struct lws_vhost *vhost, void *ssl_ctx);

#endif
