/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_PEER_H
#define TRUSTCHAIN_PEER_H

#include "base/err.h"

/*
 * Another daemon as the configuration names it: an http(s) URL, or
 * unix:/path for HTTP over a socket.
 */
#define TRUSTCHAIN_PEER_URL_MAX 640
#define TRUSTCHAIN_PEER_UNIX_MAX 108

struct trustchain_peer {
	char unix_path[TRUSTCHAIN_PEER_UNIX_MAX]; /* "" for http(s) */
	char base[TRUSTCHAIN_PEER_URL_MAX];
};

/**
 * trustchain_peer_parse(url, ret):
 * Take it apart.  ERR_SYS_LIMIT if it is too long.
 */
MUST_CHECK int trustchain_peer_parse(
    const char *url, struct trustchain_peer *ret);

/**
 * trustchain_peer_socket(p):
 * Return the path for http_client_request.unix_path, or NULL.
 */
const char *trustchain_peer_socket(const struct trustchain_peer *p);

/**
 * trustchain_peer_check_url(v):
 * Rule for ops_config_key.check.
 */
const char *trustchain_peer_check_url(const char *v);

#endif
