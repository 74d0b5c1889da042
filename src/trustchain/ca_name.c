/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "pki/san.h"

int
ca_name_key(
    const struct ca_name *name, struct arena *a, struct ca_blob *ret_key)
{
	const uint8_t *from = name->value.data;
	size_t end = name->value.len, at = 0, start;
	uint8_t *key;

	if ((key = base_arena_alloc(a, end + 1)) == NULL)
		return ERR_SYS_LIMIT;
	ret_key->data = key;
	ret_key->len = end;
	if (name->kind != CA_NAME_DNS) {
		memcpy(key, from, end);
		return 0;
	}
	for (;;) {
		for (start = end; start > 0 && from[start - 1] != '.';)
			start--;
		memcpy(key + at, from + start, end - start);
		at += end - start;
		if (start == 0)
			return 0;
		key[at++] = '.';
		end = start - 1;
	}
}

/* RFC 4291 section 2.5.5.2: an IPv4 address among the others. */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* The store's form of ${san}. */
static void
take(const struct pki_san *san, struct ca_name_octets *ret)
{
	size_t at = 0, i;

	ret->name.kind = san->type == PKI_SAN_DNS  ? CA_NAME_DNS
			 : san->type == PKI_SAN_IP ? CA_NAME_IP
						   : CA_NAME_URI;
	if (san->type == PKI_SAN_IP && san->len == 4) {
		at = sizeof(mapped);
		memcpy(ret->octets, mapped, at);
	}
	for (i = 0; i < san->len; i++)
		ret->octets[at + i] = san->type == PKI_SAN_DNS
					  ? (uint8_t)tolower(san->value[i])
					  : san->value[i];
	ret->name.value = (struct ca_blob){ ret->octets, at + san->len };
}

int
ca_name_parse(const char *text, struct ca_name_octets *ret)
{
	struct pki_san_list *list = malloc(sizeof(*list));
	int rc;

	if (list == NULL)
		return ERR_SYS_NOMEM;
	list->n = 0;
	if (text[0] == '\0')
		rc = ERR_PEER_MALFORMED;
	else if ((rc = pki_san_add_text(list, text)) == 0)
		take(&list->item[0], ret);
	free(list);
	return rc;
}

void
ca_name_text(const struct ca_name *name, char *out, size_t cap)
{
	struct pki_san san = { .type = name->kind == CA_NAME_DNS ? PKI_SAN_DNS
				       : name->kind == CA_NAME_IP
					   ? PKI_SAN_IP
					   : PKI_SAN_URI };
	const uint8_t *from = name->value.data;
	size_t len = name->value.len;

	if (len > PKI_SAN_VALUE_MAX)
		len = PKI_SAN_VALUE_MAX;
	if (san.type == PKI_SAN_IP && len == 16 &&
	    memcmp(from, mapped, sizeof(mapped)) == 0) {
		from += sizeof(mapped);
		len -= sizeof(mapped);
	}
	memcpy(san.value, from, len);
	san.value[len] = 0;
	san.len = (uint8_t)len;
	pki_san_text(&san, out, cap);
}
