/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_FETCH_H
#define TRUSTCHAIN_CT_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trustchain/ct_tiles.h"
#include "trustchain/trustchain_peer.h"

/* GET, one at a time, for commands that have nothing else to do meanwhile. */
struct ct_fetch;

/**
 * ct_fetch_new(roots, ret):
 * Servers must chain to the PEM file ${roots}, which is copied.  ERR_SYS_*.
 */
MUST_CHECK int ct_fetch_new(const char *roots, struct ct_fetch **ret);

/** ct_fetch_free(f): Free; NULL is legal. */
void ct_fetch_free(struct ct_fetch *f);

/* What to get; ${path} begins with a slash. */
struct ct_fetch_what {
	const struct trustchain_peer *peer;
	const char *path;
	const char *bearer; /* NULL: none */
	size_t max;
};

/**
 * ct_fetch_get(f, what, ret, ret_len):
 * Store the body of a 200 answer, with a zero behind it, for the caller to
 * free.  ERR_STATE_NOT_FOUND for 404, and then the body is stored, too;
 * ERR_STATE_UNAUTHORIZED for 401 and 403, ERR_SYS_UNAVAILABLE for other
 * statuses, codes of http_response_rc.
 */
MUST_CHECK int ct_fetch_get(struct ct_fetch *f,
    const struct ct_fetch_what *what, uint8_t **ret, size_t *ret_len);

/* Tiles below a URL, as a ct_tiles_store of the function ct_fetch_tile. */
struct ct_fetch_tiles {
	struct ct_fetch *fetch;
	const struct trustchain_peer *peer;
	const char *prefix; /* before "/tile/" */
};

/**
 * ct_fetch_tile(ctx, tile, ret, ret_len):
 * As load of struct ct_tiles_store, with a struct ct_fetch_tiles.
 */
MUST_CHECK int ct_fetch_tile(
    void *ctx, const struct merkle_tile *tile, uint8_t **ret, size_t *ret_len);

#endif
