/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_RELOAD_H
#define TRUSTCHAIN_CA_RELOAD_H

#include "base/err.h"
#include "base/fault.h"
#include "ops/config.h"

/*
 * SIGHUP in main: numbers and switches at once; issuers behind those that are
 * there, the default one, roots and profiles when the key process signs for
 * all of them, so that nobody is told to wait between the two.  What else has
 * changed needs a restart and is named.
 */
struct ca_reload;
struct ca_serve;

/**
 * ca_reload_new(s, ret):
 * ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_reload_new(struct ca_serve *s, struct ca_reload **ret);

/**
 * ca_reload_free(r):
 * After the key client and the store.  NULL is legal.
 */
void ca_reload_free(struct ca_reload *r);

/**
 * ca_reload_config(r, fd, ret, f):
 * Read what the supervisor packed.  Errors of ca_config_reload; nothing is
 * changed then.
 */
MUST_CHECK int ca_reload_config(struct ca_reload *r, int fd,
    struct ops_config_changes *ret, struct fault *f);

/**
 * ca_reload_keys(r):
 * A new key process serves.
 */
void ca_reload_keys(struct ca_reload *r);

#endif
