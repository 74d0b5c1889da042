/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/cert.h"

#include <stdlib.h>

#include "pki/der.h"
#include "pki/tlv.h"

int
pki_cert_parse_tbs(struct pki_bytes tbs, struct pki_cert **ret)
{
	struct pki_bytes none = { NULL, 0 };
	uint8_t *buf;
	size_t len;
	int rc;

	if (tbs.len > PKI_CERT_DER_MAX - 256)
		return ERR_PEER_TOO_LARGE;
	if ((rc = pki_tlv_check(tbs)) != 0)
		return rc;
	if ((buf = malloc(tbs.len + 256)) == NULL)
		return ERR_SYS_NOMEM;
	rc = pki_cert_assemble(tbs, none, buf, tbs.len + 256, &len);
	if (rc == 0)
		rc = pki_cert_parse_own((struct pki_bytes){ buf, len }, ret);
	free(buf);
	return rc;
}

int
pki_cert_assemble(struct pki_bytes tbs, struct pki_bytes signature,
    uint8_t *out, size_t cap, size_t *ret_len)
{
	struct pki_bytes in = tbs;
	struct pki_tlv seq, version, serial, alg;
	struct pki_der w;

	if (pki_tlv_expect(&in, PKI_TAG_SEQUENCE, &seq) != 0 || in.len != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_CONTEXT_C, &version) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_INTEGER, &serial) != 0 ||
	    pki_tlv_expect(&seq.val, PKI_TAG_SEQUENCE, &alg) != 0)
		return ERR_PEER_MALFORMED;
	pki_der_init(&w, out, cap);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_raw(&w, tbs);
	pki_der_raw(&w, alg.der);
	pki_der_bits(&w, signature, 0);
	pki_der_close(&w);
	return pki_der_finish(&w, ret_len);
}
