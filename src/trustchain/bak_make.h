/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_MAKE_H
#define TRUSTCHAIN_BAK_MAKE_H

#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * What a full backup holds: of the CA, and of the log and the witness whose
 * configuration lies in the same folder, the configuration, certificates,
 * encrypted keys, audit log and state.  Passphrases are not in it, nor keys on
 * tokens, nor offline-root.
 */
struct bak_walk;
struct ca_config;

struct bak_make {
	const struct bak_walk *walk;
	const struct ca_config *ca;
	const char *config;   /* path of ca.toml */
	const char *root;     /* of the command line */
	const char *database; /* the copy that was made of store.path */
};

/**
 * bak_make_all(m, f):
 * Add everything.  ERR_STATE_CONFIG for a configuration that does not load,
 * ERR_STATE_NOT_FOUND for a file that it names, errors of bak_out.
 */
MUST_CHECK int bak_make_all(const struct bak_make *m, struct fault *f);

/**
 * bak_make_beside(config, name, out, size):
 * Write the path of the file ${name} in the folder of ${config}.
 * ERR_SYS_LIMIT.
 */
MUST_CHECK int bak_make_beside(
    const char *config, const char *name, char *out, size_t size);

#endif
