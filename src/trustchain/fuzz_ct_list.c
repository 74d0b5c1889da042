/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/assert.h"
#include "trustchain/ct_list.h"

/*
 * A list that parses encodes to a text that parses to the same list; and the
 * packed form is opened under a fixed key, which no input can sign for.
 */
static const char vkey[] =
    "log+959c93b5+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ct_list *l = calloc(2, sizeof(*l));
	uint8_t hash[32];
	uint64_t serial;
	struct buf b;

	if (l == NULL)
		return 0;
	base_buf_init(&b, 2 * CT_LIST_JSON_MAX);
	TROTH_ASSERT(ct_list_open(data, len, vkey, &l[0]) != 0);
	(void)!ct_list_note_serial((const char *)data, len, &serial, hash);
	if (ct_list_parse((const char *)data, len, &l[0]) == 0 &&
	    ct_list_encode(&l[0], &b) == 0) {
		TROTH_ASSERT(
		    ct_list_parse((const char *)b.data, b.len, &l[1]) == 0);
		TROTH_ASSERT(l[0].n == l[1].n);
	}
	base_buf_free(&b);
	free(l);
	return 0;
}
