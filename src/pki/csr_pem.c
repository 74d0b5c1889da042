/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/csr.h"

#include "base/buf.h"
#include "pki/tag.h"
#include "wire/pem.h"

int
pki_csr_parse_any(struct pki_bytes input, struct pki_csr **ret)
{
	static const char *const labels[] = { "CERTIFICATE REQUEST",
		"NEW CERTIFICATE REQUEST" };
	struct buf der;
	size_t pos, i;
	int rc = ERR_PEER_MALFORMED;

	if (input.len > 0 && input.data[0] == PKI_TAG_SEQUENCE)
		return pki_csr_parse(input, ret);
	base_buf_init(&der, PKI_CSR_DER_MAX);
	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		pos = 0;
		base_buf_free(&der);
		base_buf_init(&der, PKI_CSR_DER_MAX);
		rc = wire_pem_next(
		    (const char *)input.data, input.len, &pos, labels[i], &der);
		if (rc == 0)
			break;
	}
	if (rc == 0)
		rc =
		    pki_csr_parse((struct pki_bytes){ der.data, der.len }, ret);
	else if (base_err_class(rc) != ERR_CLASS_SYS)
		rc = ERR_PEER_MALFORMED;
	base_buf_free(&der);
	return rc;
}
