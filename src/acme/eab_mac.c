/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/eab_mac.h"

#include "acme/eab.h"
#include "acme/eab_load.h"
#include "acme/jws.h"
#include "acme/turn_internal.h"
#include "crypto/hmac.h"

/* One answer for all that can be wrong: which kids exist is not told. */
int
acme_eab_mac(struct acme_turn *t, const struct acme_jws *jws)
{
	struct crypto_hmac_key key = { .alg = CRYPTO_SHA256 };
	struct acme_eab eab;
	int rc = acme_eab_load(t, jws->kid, &eab);

	if (rc == 0 && !eab.usable)
		rc = ERR_STATE_NOT_FOUND;
	if (rc == 0) {
		key.key = eab.key;
		key.len = eab.key_len;
		rc = crypto_hmac_verify(&key, jws->signing, jws->signing_len,
		    jws->sig, jws->sig_len);
	}
	if (rc != ERR_STATE_NOT_FOUND && rc != ERR_PEER_SIGNATURE)
		return rc;
	return acme_turn_refuse(t, 0, ACME_PROBLEM_UNAUTHORIZED,
	    "RFC 8555 section 7.3.4: the binding's key is unknown, used, "
	    "expired or revoked, or its MAC does not verify");
}
