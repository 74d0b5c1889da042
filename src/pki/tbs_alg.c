/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/tbs_internal.h"

#include "pki/cert.h"
#include "pki/der.h"
#include "pki/signer.h"

int
pki_tbs_put_algorithm(
    struct pki_der *w, const struct pki_cert *issuer, struct pki_bytes spki)
{
	enum pki_oid id;
	int rc;

	if (issuer != NULL)
		spki = pki_cert_spki(issuer);
	rc = pki_signer_algorithm(spki, &id);
	if (rc != 0)
		return rc == ERR_PEER_UNSUPPORTED ? ERR_PEER_KEY : rc;
	/* RFC 5758 section 3.2, RFC 8410 section 3, RFC 9881 section 2: no
	 * parameters. */
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_put_oid(w, id);
	pki_der_close(w);
	return 0;
}
