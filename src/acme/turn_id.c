/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/turn_internal.h"

#include "acme/server_internal.h"
#include "base/rng.h"
#include "wire/base64.h"

int
acme_turn_id(struct acme_turn *t, size_t octets, const char **ret)
{
	uint8_t raw[32];
	char text[WIRE_BASE64_ENCODED_MAX(sizeof(raw))];
	int rc = base_rng_fill(t->srv->rng, raw, octets);

	if (rc != 0)
		return rc;
	*ret = acme_turn_dup(
	    t, text, wire_base64_encode(WIRE_BASE64_URL, raw, octets, text));
	return *ret == NULL ? ERR_SYS_NOMEM : 0;
}
