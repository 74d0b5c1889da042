/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/revoke.h"

#include "acme/cert.h"
#include "acme/jwk.h"
#include "acme/turn_internal.h"

int
acme_revoke_key(struct acme_turn *t, const struct acme_cert *cert)
{
	if (acme_jwk_is_spki(t->key, cert->spki, cert->spki_len))
		return 0;
	return acme_turn_refuse(t, 0, ACME_PROBLEM_UNAUTHORIZED,
	    "RFC 8555 section 7.6: jwk is not the certificate's key");
}
