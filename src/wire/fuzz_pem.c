/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/pem.h"

#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf out;
	size_t pos = 0, before;

	base_buf_init(&out, 1 << 20);
	do {
		before = pos;
		if (wire_pem_next((const char *)data, len, &pos, "CERTIFICATE",
			&out) != 0)
			break;
		TROTH_ASSERT(pos > before);
		TROTH_ASSERT(pos <= len);
	} while (out.len < 1 << 16);
	base_buf_free(&out);
	return 0;
}
