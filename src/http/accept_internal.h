/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_ACCEPT_INTERNAL_H
#define HTTP_ACCEPT_INTERNAL_H

#include "http/server_internal.h"

struct fault;

/**
 * http_accept_open(l, addr, ret_bound, f), http_accept_start(l),
 * http_accept_stop(l): open l's socket, accept from it, close it.
 */
int http_accept_open(struct http_listener *l, const struct net_addr *addr,
    struct net_addr *ret_bound, struct fault *f);
int http_accept_start(struct http_listener *l);
void http_accept_stop(struct http_listener *l);
/**
 * http_conn_new(l, peer, is_unix): a connection that owns ${peer}; NULL, and
 * ${peer} is freed, when the address has too many or memory is short.
 */
struct http_conn *http_conn_new(
    struct http_listener *l, struct net_addr *peer, bool is_unix);

#endif
