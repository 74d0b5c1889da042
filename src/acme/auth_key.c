/* SPDX-License-Identifier: Apache-2.0 */
/* By which key a request is signed. */
#include "acme/auth.h"

#include <string.h>

#include "acme/jwk.h"
#include "acme/jws.h"
#include "acme/load_account.h"
#include "acme/turn_internal.h"

int
acme_auth_verify(struct acme_turn *t, const struct acme_jws *jws,
    const char *key, struct acme_jwk **ret)
{
	struct acme_jwk *k = NULL;
	int rc = acme_jwk_parse(key, strlen(key), &k);

	if (rc == ERR_PEER_MALFORMED || rc == ERR_PEER_KEY)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_BAD_PUBLIC_KEY,
		    "RFC 8555 section 6.2: keys are P-256, P-384, Ed25519, or "
		    "RSA of 2048 to 4096 bits with e = 65537");
	if (rc == 0 && acme_jwk_alg(k) != jws->alg)
		rc = acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 6.2: alg does not fit the key");
	if (rc == 0)
		rc = acme_jwk_verify(
		    k, jws->signing, jws->signing_len, jws->sig, jws->sig_len);
	if (rc == ERR_PEER_SIGNATURE)
		rc = acme_turn_refuse(t, 0, ACME_PROBLEM_MALFORMED,
		    "RFC 8555 section 6.2: the signature does not verify");
	if (rc == 0)
		*ret = k;
	else
		acme_jwk_free(k);
	return rc;
}

int
acme_auth_again(struct acme_turn *t)
{
	const char *jwk;
	int rc = acme_load_account_jwk(t, t->account, &jwk);

	if (rc == 0 && strcmp(jwk, acme_jwk_canonical(t->key)) != 0)
		return acme_turn_refuse(t, 0, ACME_PROBLEM_UNAUTHORIZED,
		    "RFC 8555 section 7.3.5: the account has another key now");
	return rc;
}
