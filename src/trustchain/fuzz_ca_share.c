/* SPDX-License-Identifier: Apache-2.0 */
/* A share as somebody typed it; one that is taken is written and read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/shamir.h"
#include "trustchain/ca_share.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crypto_shamir_share s, again;
	char text[CA_SHARE_TEXT_LEN + 1];

	if (ca_share_parse((const char *)data, size, &s) != 0)
		return 0;
	ca_share_format(&s, text);
	if (strlen(text) != CA_SHARE_TEXT_LEN ||
	    ca_share_parse(text, strlen(text), &again) != 0 ||
	    memcmp(&s, &again, sizeof(s)) != 0)
		abort();
	return 0;
}
