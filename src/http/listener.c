/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "http/accept_internal.h"
#include "http/listener_internal.h"
#include "http/server.h"
#include "http/start_internal.h"

static void
listener_free(struct http_listener *l)
{
	base_list_remove(&l->node);
	http_accept_stop(l);
	http_context_unref_tls(l);
	free(l);
}

void
http_listener_free_all(struct http_server *s)
{
	while (!base_list_empty(&s->listeners))
		listener_free(
		    LIST_ENTRY(s->listeners.next, struct http_listener, node));
}

static int
copy_subprotocols(
    struct http_listener *l, const struct http_listener_opts *opts)
{
	if (opts->subprotocols_count > HTTP_SUBPROTOCOLS_MAX)
		return ERR_STATE_USAGE;
	for (size_t i = 0; i < opts->subprotocols_count; i++) {
		if (strlen(opts->subprotocols[i]) >= HTTP_SUBPROTOCOL_BYTES)
			return ERR_STATE_USAGE;
		snprintf(l->subprotocols[i], HTTP_SUBPROTOCOL_BYTES, "%s",
		    opts->subprotocols[i]);
	}
	l->subprotocols_count = opts->subprotocols_count;
	return 0;
}

int
http_server_listen(struct http_server *s, const struct http_listener_opts *opts,
    struct net_addr *ret_bound, struct fault *f)
{
	struct http_listener *l = calloc(1, sizeof(*l));
	int rc;

	if (l == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	base_list_init(&l->node);
	l->server = s;
	l->handler = opts->handler;
	l->refuse = opts->refuse;
	l->ctx = opts->ctx;
	l->not_rate_limited = opts->not_rate_limited;
	l->fd = -1;
	http_context_ref_tls(l, opts->tls);
	l->client_cert = opts->client_cert;
	rc = copy_subprotocols(l, opts);
	if (rc == 0)
		rc = http_accept_open(l, opts->addr, ret_bound, f);
	if (rc != 0) {
		listener_free(l);
		return rc;
	}
	rc = http_context_vhost(l);
	if (rc == 0)
		rc = http_accept_start(l);
	if (rc != 0) {
		/* The library may know the listener: it goes with the server.
		 */
		http_accept_stop(l);
		base_list_push_back(&s->listeners, &l->node);
		return base_fault_set(f, rc, "cannot set up a listener");
	}
	base_list_push_back(&s->listeners, &l->node);
	return 0;
}
