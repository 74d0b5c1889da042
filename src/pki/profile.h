/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_PROFILE_H
#define PKI_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Certificate profiles (identity spec section 4). */
enum pki_status_pointers { PKI_STATUS_BOTH, PKI_STATUS_CRL, PKI_STATUS_NONE };

struct pki_profile {
	char name[33];
	unsigned eku;	     /* set of enum pki_eku */
	unsigned key_types;  /* set of enum pki_key_type */
	uint32_t validity_s; /* 3600..86400 */
	uint32_t backdate_s; /* 0..3600 */
	enum pki_status_pointers status_pointers;
	bool no_rev_avail; /* RFC 9608 */
	bool allow_uri;
	bool service; /* takes the names of environment = "local" */
	bool acme;
	char description[96];
	uint8_t n_policies, policy[8][32]; /* pki/policy.h */
};

/**
 * pki_profile_builtin(i), pki_profile_find(table, n, name):
 * Return built-in profile ${i} (server, client, service, server-norev), or
 * NULL past the end; the profile of that name in ${table}, or NULL.
 */
const struct pki_profile *pki_profile_builtin(size_t i);
const struct pki_profile *pki_profile_find(
    const struct pki_profile *table, size_t n, const char *name);

#endif
