/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HTTP_LISTENER_INTERNAL_H
#define HTTP_LISTENER_INTERNAL_H

#include <libwebsockets.h>

#include "base/list.h"

struct http_request;
struct http_server;
struct loop_fd;
struct net_tls;

#define HTTP_SUBPROTOCOLS_MAX 4
#define HTTP_SUBPROTOCOL_BYTES 64

struct http_listener {
	struct list node;
	struct http_server *server;
	struct net_tls *tls;
	void (*handler)(void *ctx, struct http_request *r);
	void (*refuse)(
	    void *ctx, struct http_request *r, int status, unsigned wait_s);
	void *ctx;
	bool not_rate_limited;
	struct lws_vhost *vhost;
	struct lws_protocols protocols[HTTP_SUBPROTOCOLS_MAX + 2];
	char subprotocols[HTTP_SUBPROTOCOLS_MAX][HTTP_SUBPROTOCOL_BYTES];
	size_t subprotocols_count;
	struct loop_fd *watch;
	int fd, client_cert; /* the latter: enum net_tls_client_cert */
	char unix_path[108];
};

#endif
