/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "pki/ct.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What parses is what encodes, for one SCT and for a list. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pki_ct_sct sct[PKI_CT_LIST_MAX];
	uint8_t out[PKI_CT_LIST_MAX * (PKI_CT_SCT_MAX + 2) + 16];
	struct pki_bytes in = { data, size };
	uint64_t index;
	size_t n, len;
	int rc;

	if (pki_ct_sct_parse(in, &sct[0]) == 0) {
		rc = pki_ct_sct_encode(&sct[0], out, sizeof(out), &len);
		TROTH_ASSERT(rc == 0);
		TROTH_ASSERT(len == size && memcmp(out, data, len) == 0);
		(void)!pki_ct_leaf_index_parse(
		    (struct pki_bytes){ sct[0].ext, sct[0].ext_len }, &index);
	}
	if (pki_ct_list_parse(in, sct, &n) == 0) {
		rc = pki_ct_list_encode(sct, n, out, sizeof(out), &len);
		TROTH_ASSERT(rc == 0);
		TROTH_ASSERT(len == size && memcmp(out, data, len) == 0);
	}
	return 0;
}
