/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/ident_address.h"

#include <string.h>

#include "pki/san.h"

bool
acme_ident_address(const char *value)
{
	struct pki_san_list list;
	char text[PKI_SAN_VALUE_MAX + 1];

	list.n = 0;
	if (pki_san_add_text(&list, value) != 0 ||
	    list.item[0].type != PKI_SAN_IP)
		return false;
	pki_san_text(&list.item[0], text, sizeof(text));
	return strcmp(text, value) == 0;
}
