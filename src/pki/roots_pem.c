/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/roots.h"

#include "base/buf.h"
#include "pki/cert.h"
#include "wire/pem.h"

int
pki_roots_add_pem(struct pki_roots *r, struct pki_bytes pem, size_t *ret_n)
{
	size_t pos = 0, n = 0;
	struct buf der;
	int rc;

	base_buf_init(&der, PKI_CERT_DER_MAX);
	for (;;) {
		base_buf_free(&der);
		base_buf_init(&der, PKI_CERT_DER_MAX);
		rc = wire_pem_next(
		    (const char *)pem.data, pem.len, &pos, "CERTIFICATE", &der);
		if (rc != 0)
			break;
		rc = pki_roots_add(r, (struct pki_bytes){ der.data, der.len });
		if (rc != 0)
			break;
		n++;
	}
	base_buf_free(&der);
	if (rc == ERR_STATE_NOT_FOUND)
		rc = n > 0 ? 0 : ERR_PEER_MALFORMED;
	if (rc == 0 && ret_n != NULL)
		*ret_n = n;
	return rc;
}
