/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/profile.h"

#include <string.h>

#include "pki/cert.h"
#include "pki/pubkey.h"

#define DAY_S 86400
#define BACKDATE_S 60

static const struct pki_profile builtin[] = {
	{ .name = "server",
	    .eku = PKI_EKU_SERVER,
	    .key_types = PKI_KEY_ANY,
	    .validity_s = DAY_S,
	    .backdate_s = BACKDATE_S,
	    .status_pointers = PKI_STATUS_BOTH,
	    .acme = true,
	    .description = "TLS servers" },
	{ .name = "client",
	    .eku = PKI_EKU_CLIENT,
	    .key_types = PKI_KEY_ANY,
	    .validity_s = DAY_S,
	    .backdate_s = BACKDATE_S,
	    .status_pointers = PKI_STATUS_BOTH,
	    .allow_uri = true,
	    .description = "TLS clients" },
	{ .name = "service",
	    .eku = PKI_EKU_SERVER | PKI_EKU_CLIENT,
	    .key_types = PKI_KEY_ANY,
	    .validity_s = DAY_S,
	    .backdate_s = BACKDATE_S,
	    .status_pointers = PKI_STATUS_BOTH,
	    .service = true,
	    .acme = true,
	    .description = "TLS servers that are also clients" },
	{ .name = "server-norev",
	    .eku = PKI_EKU_SERVER,
	    .key_types = PKI_KEY_ANY,
	    .validity_s = DAY_S,
	    .backdate_s = BACKDATE_S,
	    .status_pointers = PKI_STATUS_BOTH,
	    .no_rev_avail = true,
	    .acme = true,
	    .description = "TLS servers, no revocation (RFC 9608)" },
};

const struct pki_profile *
pki_profile_builtin(size_t i)
{

	return i < sizeof(builtin) / sizeof(builtin[0]) ? &builtin[i] : NULL;
}

const struct pki_profile *
pki_profile_find(const struct pki_profile *table, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}
