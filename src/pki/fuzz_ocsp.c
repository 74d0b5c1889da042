/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "pki/ocsp.h"
#include "pki/ocsp_response.h"
#include "pki/tlv.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What a request is answered with is well-formed, and signed as it says. */
static void
answer(const struct pki_ocsp_request *r)
{
	struct pki_ocsp_single s[PKI_OCSP_CERTS_MAX];
	struct pki_ocsp_data data = {
		.produced_ms = 1000, .n = r->n, .single = s, .nonce = r->nonce
	};
	uint8_t out[2 * PKI_OCSP_REQUEST_MAX];
	struct pki_ocsp_times times;
	size_t len, i;
	int rc;

	for (i = 0; i < r->n; i++)
		s[i] = (struct pki_ocsp_single){ .id = r->id[i].der,
			.status = (enum pki_ocsp_status)(i % 3),
			.revoked_ms = 1000,
			.reason = (unsigned)i % 2,
			.this_ms = 1000,
			.next_ms = 3000 };
	rc = pki_ocsp_data_encode(&data, out, sizeof(out), &len);
	TROTH_ASSERT(rc == 0);
	rc = pki_tlv_check((struct pki_bytes){ out, len });
	TROTH_ASSERT(rc == 0);
	rc = pki_ocsp_data_parse((struct pki_bytes){ out, len }, &times);
	TROTH_ASSERT(rc == 0 || len > PKI_OCSP_DATA_MAX);
	if (rc == 0)
		TROTH_ASSERT(times.life_max_ms == 2000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pki_bytes in = { data, size };
	struct pki_ocsp_request r;
	struct pki_ocsp_times times;

	if (pki_ocsp_request_parse(in, &r) == 0) {
		TROTH_ASSERT(r.n > 0);
		TROTH_ASSERT(r.n <= PKI_OCSP_CERTS_MAX);
		TROTH_ASSERT(r.nonce.len <= PKI_OCSP_NONCE_MAX);
		answer(&r);
	}
	if (pki_ocsp_data_parse(in, &times) == 0)
		TROTH_ASSERT(times.life_max_ms >= 0);
	return 0;
}
