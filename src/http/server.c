/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <stdlib.h>

#include "base/fault.h"
#include "http/accept_internal.h"
#include "http/clock_internal.h"
#include "http/start_internal.h"

static unsigned
or_default(unsigned value, unsigned normal)
{
	return value == 0 ? normal : value;
}

static void
set_limits(struct http_server *s, const struct http_server_opts *o)
{
	s->connections_max = or_default(o->connections_max, 4096);
	s->connections_per_address_max =
	    or_default(o->connections_per_address_max, 256);
	s->header_timeout_s = or_default(o->header_timeout_s, 10);
	s->body_timeout_s = or_default(o->body_timeout_s, 30);
	s->idle_timeout_s = or_default(o->idle_timeout_s, 60);
	s->handshakes_per_s = or_default(o->handshakes_per_s, 500);
	s->body_max = o->body_max == 0 ? 1048576 : o->body_max;
	s->handshake_at_ms = http_clock_now_ms(s);
	s->handshake_units = 1000ULL * s->handshakes_per_s;
}

int
http_server_new(struct loop *l, const struct http_server_opts *opts,
    struct http_server **ret, struct fault *f)
{
	struct http_server *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	base_list_init(&s->listeners);
	base_list_init(&s->conns);
	base_list_init(&s->receiving);
	base_list_init(&s->sending);
	base_list_init(&s->live);
	s->loop = l;
	set_limits(s, opts);
	rc = http_conn_tables_new(s);
	if (rc == 0)
		rc = http_charge_new(s, opts->rate_per_min);
	if (rc == 0)
		rc = http_forwarded_copy(opts->trusted_proxies,
		    opts->trusted_proxies_count, &s->proxies);
	s->proxies_count = rc == 0 ? opts->trusted_proxies_count : 0;
	if (rc == 0)
		rc = http_sweep_start(s);
	if (rc == 0)
		rc = http_context_open(s);
	if (rc != 0) {
		http_server_free(s);
		return base_fault_set(f, rc, "cannot start the HTTP server");
	}
	*ret = s;
	return 0;
}

static void
stop_accepting(struct http_server *s)
{
	s->draining = true;
	http_accept_stop_all(s);
}

void
http_server_drain(struct http_server *s, uint64_t timeout_ms,
    void (*done)(void *ctx), void *ctx)
{
	stop_accepting(s);
	s->drained = done;
	s->drained_ctx = ctx;
	s->drain_until_ms = http_clock_now_ms(s) + timeout_ms;
	http_expire_all(s);
	http_sweep_often(s);
}

void
http_server_free(struct http_server *s)
{
	if (s == NULL)
		return;
	stop_accepting(s);
	http_sweep_stop(s);
	http_context_close(s);
	http_expire_orphan(s);
	http_listener_free_all(s);
	http_conn_tables_free(s);
	http_charge_free(s);
	free(s->proxies);
	free(s);
}

void
http_server_stats_get(
    const struct http_server *s, struct http_server_stats *ret)
{
	ret->connections_total = s->connections_total;
	ret->connections_refused = s->connections_refused;
	ret->requests_total = s->requests_total;
	ret->requests_refused = s->requests_refused;
	ret->requests_gone = s->requests_gone;
	ret->answers_total = s->answers_total;
	ret->answers_5xx = s->answers_5xx;
	ret->connections_now = s->connections_now;
	ret->requests_now = s->requests_now;
}
