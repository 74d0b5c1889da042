/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/certid.h"

#include <string.h>

#include "base/assert.h"
#include "wire/base64.h"

enum { TEXT_MAX = 512 };

/* What is accepted is the only way to write it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[TEXT_MAX + 1], again[TEXT_MAX];
	struct acme_certid id;
	size_t n;

	if (len > TEXT_MAX)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (acme_certid_parse(text, &id) != 0)
		return 0;
	TROTH_ASSERT(id.aki_len > 0 && id.aki_len <= sizeof(id.aki));
	TROTH_ASSERT(id.serial_len > 0 && id.serial_len <= sizeof(id.serial));
	n = wire_base64_encode(WIRE_BASE64_URL, id.aki, id.aki_len, again);
	again[n++] = '.';
	n += wire_base64_encode(
	    WIRE_BASE64_URL, id.serial, id.serial_len, again + n);
	TROTH_ASSERT(strlen(text) == n && memcmp(text, again, n) == 0);
	return 0;
}
