/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include <string.h>

#include "http/request_internal.h"

void
http_request_on_gone(struct http_request *r, void (*fn)(void *ctx), void *ctx)
{
	r->on_gone = fn;
	r->on_gone_ctx = ctx;
}

bool
http_request_gone(const struct http_request *r)
{
	return r->wsi == NULL;
}

enum http_method
http_request_method(const struct http_request *r)
{
	return r->method;
}

const char *
http_request_path(const struct http_request *r)
{
	return r->path == NULL ? "/" : r->path;
}

const char *
http_request_param(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->params_count; i++)
		if (strcmp(r->params[i].name, name) == 0)
			return r->params[i].value;
	return NULL;
}

const char *
http_request_param_at(
    const struct http_request *r, size_t i, const char **ret_name)
{
	if (i >= r->params_count)
		return NULL;
	*ret_name = r->params[i].name;
	return r->params[i].value;
}

const char *
http_request_find(const struct http_request *r, const char *name)
{
	for (size_t i = 0; i < r->headers_count; i++)
		if (strcmp(r->headers[i].name, name) == 0)
			return r->headers[i].value;
	return NULL;
}

const char *
http_request_header(const struct http_request *r, const char *name)
{
	return http_request_find(r, name);
}

const uint8_t *
http_request_body(const struct http_request *r, size_t *ret_len)
{
	static const uint8_t nothing[1];

	*ret_len = r->body_len;
	return r->body_len == 0 ? nothing : r->body;
}

const struct net_addr *
http_request_peer(const struct http_request *r)
{
	return r->peer;
}

bool
http_request_is_tls(const struct http_request *r)
{
	return r->is_tls;
}

const uint8_t *
http_request_client_cert(const struct http_request *r, size_t *ret_len)
{
	*ret_len = r->cert_len;
	return r->cert;
}

uint64_t
http_request_started_us(const struct http_request *r)
{
	return r->started_us;
}

void
http_request_set_ctx(struct http_request *r, void *ctx)
{
	r->ctx = ctx;
}

void *
http_request_ctx(const struct http_request *r)
{
	return r->ctx;
}

int
http_request_take(struct http_request *r, unsigned *ret_wait_s)
{
	if (r->charged || r->free_of_charge || r->server == NULL)
		return 0;
	r->charged = true;
	return http_charge_take(r->server, r->peer, ret_wait_s);
}

int
http_request_charge(struct http_request *r, unsigned *ret_wait_s)
{
	return http_request_take(r, ret_wait_s);
}
