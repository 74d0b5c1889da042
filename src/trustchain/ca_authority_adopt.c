/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"

int
ca_authority_continues(const struct ca_authority *live,
    const struct ca_authority *fresh, struct fault *f)
{
	const struct ca_authority_issuer *was, *is;
	size_t i;

	for (i = 0; i < live->n_issuers; i++) {
		was = &live->issuer[i];
		is = &fresh->issuer[i];
		if (i >= fresh->n_issuers || strcmp(was->id, is->id) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[issuer]] %s is not where it was: new ones come "
			    "behind it, removing one needs a restart",
			    was->id);
		if (!pki_bytes_equal(
			pki_cert_der(was->cert), pki_cert_der(is->cert)))
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[issuer]] %s has another certificate: that "
			    "needs a restart",
			    was->id);
	}
	return 0;
}

void
ca_authority_adopt(struct ca_authority *live, struct ca_authority *fresh)
{
	struct ca_authority old = *live;
	size_t i, n = fresh->n_issuers;

	/* Others point to the entries that are there, so they stay. */
	for (i = live->n_issuers; i < n; i++) {
		live->issuer[i] = fresh->issuer[i];
		memset(&fresh->issuer[i], 0, sizeof(fresh->issuer[i]));
	}
	fresh->n_issuers = old.n_issuers;
	live->default_issuer = fresh->default_issuer;
	live->roots = fresh->roots;
	live->root_pem = fresh->root_pem;
	live->profile = fresh->profile;
	live->n_profiles = fresh->n_profiles;
	memcpy(live->profile_issuer, fresh->profile_issuer,
	    sizeof(live->profile_issuer));
	live->n_issuers = n;
	/* What it was lives on with it, for requests on their way. */
	fresh->roots = old.roots;
	fresh->root_pem = old.root_pem;
	fresh->profile = old.profile;
	fresh->n_profiles = old.n_profiles;
	fresh->older = old.older;
	live->older = fresh;
}
