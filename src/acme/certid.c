/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/certid.h"

#include <string.h>

#include "wire/base64.h"

int
acme_certid_parse(const char *text, struct acme_certid *ret)
{
	const char *dot = strchr(text, '.');
	struct acme_certid id;

	if (dot == NULL)
		return ERR_PEER_MALFORMED;
	if (wire_base64_decode(WIRE_BASE64_URL, text, (size_t)(dot - text),
		id.aki, sizeof(id.aki), &id.aki_len) != 0 ||
	    wire_base64_decode(WIRE_BASE64_URL, dot + 1, strlen(dot + 1),
		id.serial, sizeof(id.serial), &id.serial_len) != 0 ||
	    id.aki_len == 0 || id.serial_len == 0)
		return ERR_PEER_MALFORMED;
	*ret = id;
	return 0;
}
