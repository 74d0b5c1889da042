/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ocsp_response.h"

#include <string.h>

#include "pki/der.h"
#include "pki/tbs_internal.h"

static void
status(struct pki_der *w, const struct pki_ocsp_single *s)
{
	uint8_t reason = (uint8_t)s->reason;

	switch (s->status) {
	case PKI_OCSP_GOOD:
		pki_der_put(w, PKI_TAG_CONTEXT | 0, NULL, 0);
		return;
	case PKI_OCSP_UNKNOWN:
		pki_der_put(w, PKI_TAG_CONTEXT | 2, NULL, 0);
		return;
	case PKI_OCSP_REVOKED:
		break;
	}
	pki_der_open(w, PKI_TAG_CONTEXT_C | 1);
	pki_der_generalized(w, s->revoked_ms);
	if (s->reason != 0) {
		pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
		pki_der_put(w, PKI_TAG_ENUMERATED, &reason, 1);
		pki_der_close(w);
	}
	pki_der_close(w);
}

static void
single(struct pki_der *w, const struct pki_ocsp_single *s)
{
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_raw(w, s->id);
	status(w, s);
	pki_der_generalized(w, s->this_ms);
	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	pki_der_generalized(w, s->next_ms);
	pki_der_close(w);
	pki_der_close(w);
}

static void
put_nonce(struct pki_der *w, struct pki_bytes nonce)
{
	pki_der_open(w, PKI_TAG_CONTEXT_C | 1);
	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_tbs_ext_begin(w, PKI_OID_OCSP_NONCE, false);
	pki_der_put(w, PKI_TAG_OCTET_STRING, nonce.data, nonce.len);
	pki_tbs_ext_end(w);
	pki_der_close(w);
	pki_der_close(w);
}

int
pki_ocsp_data_encode(
    const struct pki_ocsp_data *in, uint8_t *out, size_t cap, size_t *ret_len)
{
	struct pki_der w;

	pki_der_init(&w, out, cap);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_open(&w, PKI_TAG_CONTEXT_C | 2);
	pki_der_put(
	    &w, PKI_TAG_OCTET_STRING, in->key_hash, sizeof(in->key_hash));
	pki_der_close(&w);
	pki_der_generalized(&w, in->produced_ms);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	for (size_t i = 0; i < in->n; i++)
		single(&w, &in->single[i]);
	pki_der_close(&w);
	if (in->nonce.len > 0)
		put_nonce(&w, in->nonce);
	pki_der_close(&w);
	return pki_der_finish(&w, ret_len);
}

int
pki_ocsp_response_encode(
    const struct pki_ocsp_signed *in, uint8_t *out, size_t cap, size_t *ret_len)
{
	static const uint8_t successful = 0;
	struct pki_der w;

	pki_der_init(&w, out, cap);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_put(&w, PKI_TAG_ENUMERATED, &successful, 1);
	pki_der_open(&w, PKI_TAG_CONTEXT_C | 0);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_tbs_put_oid(&w, PKI_OID_OCSP_BASIC);
	pki_der_open(&w, PKI_TAG_OCTET_STRING);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_raw(&w, in->data);
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_tbs_put_oid(&w, PKI_OID_ECDSA_SHA256);
	pki_der_close(&w);
	pki_der_bits(&w, in->signature, 0);
	if (in->cert.len > 0) {
		pki_der_open(&w, PKI_TAG_CONTEXT_C | 0);
		pki_der_open(&w, PKI_TAG_SEQUENCE);
		pki_der_raw(&w, in->cert);
		pki_der_close(&w);
		pki_der_close(&w);
	}
	for (int i = 0; i < 5; i++)
		pki_der_close(&w);
	return pki_der_finish(&w, ret_len);
}

void
pki_ocsp_error_encode(enum pki_ocsp_error e, uint8_t out[PKI_OCSP_ERROR_LEN])
{
	static const uint8_t head[] = { 0x30, 0x03, 0x0a, 0x01 };

	memcpy(out, head, sizeof(head));
	out[4] = (uint8_t)e;
}
