/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/tlsalpn01.h"

#include <string.h>

#include "base/str.h"
#include "pki/san.h"

/* RFC 1035 section 3.5. */
static int
reverse4(const uint8_t *a, char out[ACME_TLSALPN01_SNI_MAX + 1])
{
	return base_str_format(out, ACME_TLSALPN01_SNI_MAX + 1,
	    "%u.%u.%u.%u.in-addr.arpa", a[3], a[2], a[1], a[0]);
}

/* RFC 3596 section 2.5. */
static int
reverse6(const uint8_t *a, char out[ACME_TLSALPN01_SNI_MAX + 1])
{
	static const char hex[] = "0123456789abcdef";
	char nibbles[16 * 4 + 1];
	size_t i;

	for (i = 0; i < 16; i++) {
		nibbles[i * 4] = hex[a[15 - i] & 15];
		nibbles[i * 4 + 1] = '.';
		nibbles[i * 4 + 2] = hex[a[15 - i] >> 4];
		nibbles[i * 4 + 3] = '.';
	}
	nibbles[16 * 4] = '\0';
	return base_str_format(
	    out, ACME_TLSALPN01_SNI_MAX + 1, "%sip6.arpa", nibbles);
}

int
acme_tlsalpn01_sni(
    const struct acme_ident *ident, char out[ACME_TLSALPN01_SNI_MAX + 1])
{
	struct pki_san_list list;

	if (strcmp(ident->type, "dns") == 0)
		return base_str_copy(
		    out, ACME_TLSALPN01_SNI_MAX + 1, ident->value);
	list.n = 0;
	if (pki_san_add_text(&list, ident->value) != 0 ||
	    list.item[0].type != PKI_SAN_IP)
		return ERR_SYS_LIMIT;
	return list.item[0].len == 4 ? reverse4(list.item[0].value, out)
				     : reverse6(list.item[0].value, out);
}
