/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator permits an intermediate, and the extension of it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "pki/constraints.h"
#include "pki/der.h"
#include "pki/tlv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pki_constraints *c = malloc(sizeof(*c));
	static uint8_t out[65536];
	struct pki_der w;
	size_t line, len;

	if (c != NULL &&
	    pki_constraints_parse((const char *)data, size, c, &line) == 0) {
		pki_der_init(&w, out, sizeof(out));
		pki_constraints_put(&w, c);
		if (pki_der_finish(&w, &len) != 0 ||
		    pki_tlv_check((struct pki_bytes){ out, len }) != 0)
			abort();
	}
	free(c);
	return 0;
}
