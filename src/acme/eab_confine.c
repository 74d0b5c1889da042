/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/eab_confine.h"

#include <string.h>

#include "acme/account.h"
#include "acme/eab.h"
#include "acme/eab_load.h"
#include "acme/load_account.h"
#include "acme/turn_internal.h"

int
acme_eab_of(struct acme_turn *t, const struct acme_eab **ret)
{
	struct acme_eab *eab = acme_turn_alloc(t, sizeof(*eab));
	struct acme_account a;
	int rc = acme_load_account(t, t->account, &a);

	if (rc != 0)
		return rc;
	if (eab == NULL)
		return ERR_SYS_NOMEM;
	*ret = NULL;
	if (a.eab_kid == NULL)
		return 0;
	rc = acme_eab_load(t, a.eab_kid, eab);
	if (rc == 0)
		*ret = eab;
	/* Never without its confinement. */
	return rc != ERR_STATE_NOT_FOUND
		   ? rc
		   : acme_turn_refuse(t, 0, ACME_PROBLEM_UNAUTHORIZED,
			 "the key that bound this account is gone");
}

bool
acme_eab_profile(const struct acme_eab *eab, const char *name)
{
	size_t i;

	if (eab == NULL || eab->n_profiles == 0)
		return true;
	for (i = 0; i < eab->n_profiles; i++)
		if (strcmp(eab->profiles[i], name) == 0)
			return true;
	return false;
}
