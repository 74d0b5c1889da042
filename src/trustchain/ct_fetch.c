/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "http/client.h"
#include "loop/loop.h"

enum { TIMEOUT_MS = 10000, PATH_BYTES = 1024 };

struct ct_fetch {
	struct loop *loop;
	struct http_client *client;
	char *roots;
	int rc;
	uint8_t *body;
	size_t len;
};

int
ct_fetch_new(const char *roots, struct ct_fetch **ret)
{
	struct ct_fetch *f = calloc(1, sizeof(*f));
	int rc = ERR_SYS_NOMEM;

	if (f != NULL && (f->roots = strdup(roots)) != NULL)
		rc = loop_new(&f->loop);
	if (rc == 0)
		rc = http_client_new(f->loop, NULL, &f->client);
	if (rc != 0) {
		ct_fetch_free(f);
		return rc;
	}
	*ret = f;
	return 0;
}

void
ct_fetch_free(struct ct_fetch *f)
{
	if (f == NULL)
		return;
	http_client_free(f->client);
	loop_free(f->loop);
	free(f->roots);
	free(f);
}

static int
rc_of(int status)
{
	switch (status) {
	case 200:
		return 0;
	case 404:
		return ERR_STATE_NOT_FOUND;
	case 401:
	case 403:
		return ERR_STATE_UNAUTHORIZED;
	default:
		return ERR_SYS_UNAVAILABLE;
	}
}

static void
on_response(void *ctx, const struct http_response *r)
{
	struct ct_fetch *f = ctx;
	const uint8_t *body;

	f->rc = http_response_rc(r);
	if (f->rc == 0) {
		f->rc = rc_of(http_response_status(r));
		body = http_response_body(r, &f->len);
		if ((f->body = malloc(f->len + 1)) == NULL)
			f->rc = ERR_SYS_NOMEM;
		else
			memcpy(f->body, body, f->len + 1);
	}
	loop_stop(f->loop);
}

int
ct_fetch_get(struct ct_fetch *f, const struct ct_fetch_what *what,
    uint8_t **ret, size_t *ret_len)
{
	char url[TRUSTCHAIN_PEER_URL_MAX + PATH_BYTES], bearer[512];
	const struct http_header header = { "authorization", bearer };
	struct http_client_request req = {
		.method = HTTP_METHOD_GET,
		.url = url,
		.unix_path = trustchain_peer_socket(what->peer),
		.timeout_ms = TIMEOUT_MS,
		.response_max = what->max,
		.roots_file = f->roots,
	};
	int rc;

	rc = base_str_format(
	    url, sizeof(url), "%s%s", what->peer->base, what->path);
	if (rc == 0 && what->bearer != NULL) {
		rc = base_str_format(
		    bearer, sizeof(bearer), "Bearer %s", what->bearer);
		req.headers = &header;
		req.headers_count = 1;
	}
	f->body = NULL;
	if (rc == 0)
		rc = http_client_send(f->client, &req, on_response, f, NULL);
	if (rc != 0)
		return rc;
	loop_run(f->loop);
	if (f->rc != 0 && f->rc != ERR_STATE_NOT_FOUND) {
		free(f->body);
		return f->rc;
	}
	*ret = f->body;
	*ret_len = f->len;
	return f->rc;
}

int
ct_fetch_tile(
    void *ctx, const struct merkle_tile *tile, uint8_t **ret, size_t *ret_len)
{
	char rel[MERKLE_TILE_PATH_MAX], path[PATH_BYTES];
	const struct ct_fetch_tiles *t = ctx;
	const struct ct_fetch_what what = { t->peer, path, NULL,
		tile->level == MERKLE_TILE_LEVEL_DATA ? CT_TILES_DATA_MAX
						      : MERKLE_TILE_BYTES };
	uint8_t *data = NULL;
	size_t len;
	int rc;

	merkle_tile_path(tile, rel);
	rc = base_str_format(path, sizeof(path), "%s/%s", t->prefix, rel);
	if (rc == 0)
		rc = ct_fetch_get(t->fetch, &what, &data, &len);
	if (rc != 0) {
		free(data);
		return rc;
	}
	*ret = data;
	*ret_len = len;
	return 0;
}
