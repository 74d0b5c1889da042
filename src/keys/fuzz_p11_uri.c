/* SPDX-License-Identifier: Apache-2.0 */

/* PKCS #11 URIs: what parses means the same with every character encoded. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "keys/p11_uri.h"

enum { SCHEME_LEN = 7, TEXT_MAX = 2048 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
append(char *out, size_t at, const char *name, const void *value, size_t len)
{
	const uint8_t *bytes = value;

	if (len == 0)
		return at;
	at += (size_t)snprintf(out + at, TEXT_MAX - at, "%s%s=",
	    at == SCHEME_LEN ? "" : ";", name);
	for (size_t i = 0; i < len; i++)
		at += (size_t)snprintf(
		    out + at, TEXT_MAX - at, "%%%02x", bytes[i]);
	return at;
}

static size_t
encode(const struct keys_p11_uri *u, char *out)
{
	static const char *const types[] = { "", "private", "secret-key",
		"public" };
	const char *type = types[u->type];
	size_t n = SCHEME_LEN;

	memcpy(out, "pkcs11:", SCHEME_LEN);
	n = append(out, n, "id", u->id, u->id_len);
	n = append(out, n, "serial", u->serial, strlen(u->serial));
	n = append(out, n, "object", u->object, strlen(u->object));
	n = append(out, n, "type", type, strlen(type));
	return append(out, n, "token", u->label, strlen(u->label));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keys_p11_uri a, b;
	char text[TEXT_MAX];
	size_t len;
	int rc;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	if (keys_p11_uri_parse((const char *)data, size, &a) != 0)
		return 0;
	TROTH_ASSERT(a.label[0] != '\0');
	len = encode(&a, text);
	rc = keys_p11_uri_parse(text, len, &b);
	/* Three characters for each may be too many. */
	if (rc == ERR_PEER_TOO_LARGE && len > KEYS_P11_URI_MAX)
		return 0;
	TROTH_ASSERT(rc == 0);
	TROTH_ASSERT(memcmp(&a.id, &b.id, a.id_len) == 0);
	TROTH_ASSERT(strcmp(a.label, b.label) == 0);
	TROTH_ASSERT(strcmp(a.object, b.object) == 0);
	TROTH_ASSERT(strcmp(a.serial, b.serial) == 0);
	TROTH_ASSERT(a.type == b.type);
	return 0;
}
