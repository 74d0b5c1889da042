/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_READ_H
#define TRUSTCHAIN_CT_READ_H

#include <stddef.h>

/*
 * Reading one shard: RFC 6962 sections 4.3 to 4.8, answered from the tiles,
 * and the files of static-ct-api.  Files are read on the pool.
 */
struct ct_log;
struct ct_shard;
struct http_request;

/**
 * ct_read_v1(l, shard, verb, r):
 * Answer GET /<shard>/ct/v1/<verb>.  Returns 0 if there is no such verb; then
 * nothing was answered.
 */
int ct_read_v1(struct ct_log *l, struct ct_shard *shard, const char *verb,
    struct http_request *r);

/**
 * ct_read_static(l, shard, path, r):
 * Answer GET /<shard>/<path> for checkpoint, tile/... and issuer/...
 */
void ct_read_static(struct ct_log *l, struct ct_shard *shard, const char *path,
    struct http_request *r);

/**
 * ct_read_sct(l, text, r):
 * Answer GET /api/v1/ct/proof/<text>.
 */
void ct_read_sct(struct ct_log *l, const char *text, struct http_request *r);

#endif
