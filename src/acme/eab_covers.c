/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/eab_covers.h"

#include <stdlib.h>

#include "acme/eab.h"
#include "acme/ident_list.h"
#include "pki/name.h"
#include "pki/san.h"

bool
acme_eab_covers(const struct acme_eab *eab, const struct acme_ident *ident)
{
	struct pki_san_list *list;
	bool covered = false;
	size_t i;

	if (eab == NULL)
		return true;
	list = calloc(1, sizeof(*list));
	if (list == NULL)
		return false;
	if (acme_ident_list_sans(ident, 1, list) == 0)
		for (i = 0; i < eab->n_scopes && !covered; i++)
			covered =
			    pki_name_in_scope(&list->item[0], eab->scopes[i]);
	free(list);
	return covered;
}
