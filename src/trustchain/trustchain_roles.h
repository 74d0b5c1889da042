/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_ROLES_H
#define TRUSTCHAIN_ROLES_H

#include <stdbool.h>

#include "base/err.h"
#include "keys/supervisor.h"

/*
 * The other two processes of trustchain-ca and trustchain-ct: the supervisor
 * and the key process.  Each returns the exit code of its process.
 */
struct ops_cli;
struct trustchain_audit;
struct trustchain_server;

struct trustchain_roles_opts {
	/* As in keys/supervisor.h, with ctx; NULL: the file itself. */
	int (*open_config)(void *ctx);
	const struct keys_job *job; /* of the supervisor; NULL: none */
	const struct ops_cli *cli;
	char **argv; /* the program's own, for the children */
	const struct trustchain_server *server;
	const struct trustchain_audit *audit; /* NULL: no audit log */
	/* As in keys/supervisor.h, with ctx. */
	int (*load)(void *ctx, struct buf *bundle, struct fault *f);
	int (*store_key)(void *ctx, uint8_t slot, const uint8_t *pem,
	    size_t len, struct fault *f);
	void *ctx;
	/* It reads the state of another daemon: it neither locks nor owns
	 * the state folder. */
	bool status_only;
};

/**
 * trustchain_roles_supervise(o):
 * Make the folders, take the lock of the state folder (exit 2 when another
 * daemon has it) and run the supervisor.
 */
int trustchain_roles_supervise(const struct trustchain_roles_opts *o);

/**
 * trustchain_roles_openssl(f):
 * Check that this program runs with the OpenSSL it was built for; see
 * crypto/init.h.  The first thing in each of the three processes.
 */
MUST_CHECK int trustchain_roles_openssl(struct fault *f);

/**
 * trustchain_roles_keys():
 * Be the key process.
 */
int trustchain_roles_keys(void);

#endif
