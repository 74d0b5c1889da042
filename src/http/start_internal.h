/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_START_INTERNAL_H
#define HTTP_START_INTERNAL_H

#include "http/server_internal.h"

struct net_tls;

/**
 * http_context_open(s), http_context_vhost(l), http_context_close(s): the
 * library's context, one virtual host for a listener, and their end.
 * http_context_ref_tls(l, tls), http_context_unref_tls(l): l's reference.
 */
int http_context_open(struct http_server *s);
int http_context_vhost(struct http_listener *l);
void http_context_ref_tls(struct http_listener *l, struct net_tls *tls);
void http_context_unref_tls(struct http_listener *l);
void http_context_close(struct http_server *s);
/**
 * http_conn_tables_new(s), http_conn_tables_free(s): the table of peers.
 * http_charge_new(s, rate_per_min), http_charge_free(s): their budgets.
 * http_forwarded_copy(list, count, ret): a heap copy of prefixes.
 */
int http_conn_tables_new(struct http_server *s);
void http_conn_tables_free(struct http_server *s);
int http_charge_new(struct http_server *s, unsigned rate_per_min);
void http_charge_free(struct http_server *s);
int http_forwarded_copy(
    const struct net_prefix *list, size_t count, struct net_prefix **ret);
/**
 * http_sweep_start(s), http_sweep_often(s), http_sweep_stop(s): the timers;
 * often while draining.
 * http_expire_all(s): close what is idle, end WebSockets and streams.
 * http_expire_orphan(s): let the requests that are left survive the server.
 */
int http_sweep_start(struct http_server *s);
void http_sweep_often(struct http_server *s);
void http_sweep_stop(struct http_server *s);
void http_expire_all(struct http_server *s);
void http_expire_orphan(struct http_server *s);

#endif
