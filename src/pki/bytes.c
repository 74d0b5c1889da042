/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/bytes.h"

#include <string.h>

bool
pki_bytes_equal(struct pki_bytes a, struct pki_bytes b)
{

	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
