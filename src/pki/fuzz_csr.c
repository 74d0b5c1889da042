/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/assert.h"
#include "pki/csr.h"
#include "pki/name.h"
#include "pki/pubkey.h"
#include "pki/san.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* A request as the CA takes it: parse, names, key. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pki_name_policy policy;
	struct pki_bytes in = { data, size };
	struct pki_san_list *names;
	struct pki_csr *c = NULL;
	const char *why;
	size_t at;

	if (pki_csr_parse_any(in, &c) != 0)
		return 0;
	names = malloc(sizeof(*names));
	TROTH_ASSERT(names != NULL);
	if (pki_csr_names(c, names) == 0) {
		TROTH_ASSERT(names->n <= PKI_SAN_COUNT_MAX);
		(void)!pki_name_check_all(names, &policy, &at, &why);
	}
	(void)!pki_pubkey_check(pki_csr_spki(c), PKI_KEY_ANY, NULL, &why);
	free(names);
	pki_csr_free(c);
	return 0;
}
