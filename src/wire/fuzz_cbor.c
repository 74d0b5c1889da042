/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cbor.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "wire/cbor_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/*
 * Reading item by item and skipping the whole agree about what is acceptable;
 * what is accepted has one encoding: written again it gives the same bytes.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct wire_cbor_writer w;
	struct wire_cbor r, skip;
	size_t n, skipped;
	uint8_t *out;
	int rc;

	if ((out = malloc(len + 1)) == NULL)
		return 0;
	wire_cbor_init(&skip, data, len);
	(void)wire_cbor_skip(&skip, &skipped);
	rc = wire_cbor_done(&skip);
	wire_cbor_init(&r, data, len);
	wire_cbor_writer_init(&w, out, len);
	copy_item(&r, &w);
	if (rc == 0)
		TROTH_ASSERT(skipped == len);
	if (wire_cbor_done(&r) == 0) {
		TROTH_ASSERT(rc == 0);
		TROTH_ASSERT(wire_cbor_writer_done(&w, &n) == 0);
		TROTH_ASSERT(n == len);
		TROTH_ASSERT(memcmp(out, data, len) == 0);
	} else if (wire_cbor_done(&r) != ERR_PEER_TOO_LARGE) {
		TROTH_ASSERT(rc == wire_cbor_done(&r));
	}
	free(out);
	return 0;
}
