/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/assert.h"
#include "trustchain/ct_evidence.h"
#include "trustchain/ct_evidence_test.h"

/*
 * Evidence against the log whose keys these are; the corpus holds some that
 * proves what it says.  Whatever is judged has a type of ours.
 */
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ct_evidence_keys keys = { .vkeys = 1,
		.spki = evidence_test_spki,
		.spki_len = sizeof(evidence_test_spki) };
	char type[CT_EVIDENCE_TYPE_MAX];
	struct merkle_vkey key;
	int rc;

	TROTH_ASSERT(merkle_vkey_parse(evidence_test_vkey,
			 sizeof(evidence_test_vkey) - 1, &key) == 0);
	keys.vkey = &key;
	rc = ct_evidence_verify((const char *)data, len, &keys, type);
	TROTH_ASSERT(rc != 0 || type[0] != '\0');
	TROTH_ASSERT(rc != ERR_STATE_PENDING ||
		     strcmp(type, "unauthorised_issuance") == 0);
	return 0;
}
