/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACME_SERVER_INTERNAL_H
#define ACME_SERVER_INTERNAL_H

#include "acme/server.h"

struct acme_server {
	struct acme_server_config config;
	const struct rng *rng;
	struct acme_nonce *nonce;
	struct acme_limit *limit[ACME_LIMIT_KINDS];
};

#endif
