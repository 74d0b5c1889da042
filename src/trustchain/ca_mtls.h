/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_MTLS_H
#define TRUSTCHAIN_CA_MTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Roles by client certificate (identity.md section 6).  The handshake proves
 * that the client has the key; who it is the store says: the certificate must
 * be one that this CA issued under profile client, byte for byte, unexpired
 * and unrevoked, and hold a name of [auth] mtls_roles.  These names are
 * reserved: nobody gets a certificate for them but over the control socket.
 */
struct ca_auth;
struct ca_config;
struct ca_principal;
struct ca_store;
struct clock;
struct pki_san;

struct ca_mtls {
	const struct ca_config *config;
	struct ca_store *store;
	struct ca_auth *auth; /* charges the certificate */
	const struct clock *clock;
};

/**
 * ca_mtls_check(m, der, len, need, ret, ret_wait_s):
 * Judge a client's certificate against the roles ${need}, of which one
 * suffices (0: any).  ERR_STATE_UNAUTHORIZED, ERR_STATE_FORBIDDEN (one of ours
 * without such a role), ERR_PEER_RATE, ERR_SYS_*.
 */
MUST_CHECK int ca_mtls_check(const struct ca_mtls *m, const uint8_t *der,
    size_t len, unsigned need, struct ca_principal *ret, unsigned *ret_wait_s);

/**
 * ca_mtls_reserved(config, san):
 * Return whether a name is one of mtls_roles.
 */
bool ca_mtls_reserved(
    const struct ca_config *config, const struct pki_san *san);

#endif
