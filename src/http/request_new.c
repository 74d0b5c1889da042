/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "http/exchange_internal.h"
#include "http/request_internal.h"

#define FIRST_BYTES 4096

struct http_request *
http_request_new(void)
{
	struct http_request *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	base_list_init(&r->timed);
	base_list_init(&r->live);
	r->arena = base_arena_new(HTTP_REQUEST_ARENA_MAX);
	if (r->arena == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void
http_request_free(struct http_request *r)
{
	base_list_remove(&r->timed);
	base_list_remove(&r->live);
	if (r->release != NULL)
		r->release(r->release_ctx);
	base_arena_free(r->arena);
	free(r->peer);
	free(r->body);
	free(r->out_copy);
	free(r);
}

/* Make room for ${len} more bytes and the zero behind them. */
static int
reserve(struct http_request *r, size_t len)
{
	size_t need = r->body_len + len + 1;
	size_t cap = r->body_cap == 0 ? FIRST_BYTES : r->body_cap;
	uint8_t *grown;

	if (need <= r->body_cap)
		return 0;
	while (cap < need)
		cap *= 2;
	grown = realloc(r->body, cap);
	if (grown == NULL)
		return ERR_SYS_NOMEM;
	r->body = grown;
	r->body_cap = cap;
	return 0;
}

int
http_body_add(struct http_request *r, const void *data, size_t len)
{
	int rc;

	if (len > r->body_max - r->body_len)
		return ERR_PEER_TOO_LARGE;
	rc = reserve(r, len);
	if (rc != 0)
		return rc;
	memcpy(r->body + r->body_len, data, len);
	r->body_len += len;
	return 0;
}

int
http_body_end(struct http_request *r)
{
	int rc = reserve(r, 0);

	if (rc != 0)
		return rc;
	r->body[r->body_len] = 0;
	return 0;
}
