/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_ACCEPT_INTERNAL_H
#define HTTP_ACCEPT_INTERNAL_H

#include "http/server_internal.h"

struct fault;

/**
 * http_accept_open(l, addr, ret_bound, f), http_accept_start(l),
 * http_accept_stop(l), http_accept_stop_all(s): open l's socket, accept from
 * it, close it.  http_listener_free_all(s): stop and free them.
 */
int http_accept_open(struct http_listener *l, const struct net_addr *addr,
    struct net_addr *ret_bound, struct fault *f);
int http_accept_start(struct http_listener *l);
void http_accept_stop(struct http_listener *l);
void http_accept_stop_all(struct http_server *s);
void http_listener_free_all(struct http_server *s);
/**
 * http_conn_new(s, l, peer, is_unix): a connection that owns ${peer}; NULL, and
 * ${peer} is freed, when the address has too many or memory is short.
 */
struct http_conn *http_conn_new(struct http_server *s, struct http_listener *l,
    struct net_addr *peer, bool is_unix);

#endif
