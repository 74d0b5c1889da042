/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "keys/p11_find_internal.h"
#include "keys/p11_internal.h"
#include "keys/p11_token_internal.h"
#include "keys/p11_uri.h"

static int
search(const struct keys_p11_token *t, CK_ATTRIBUTE *want, CK_ULONG n,
    CK_OBJECT_HANDLE found[2], CK_ULONG *ret, struct fault *f)
{
	CK_FUNCTION_LIST *p = t->m->f;
	CK_RV rv;

	rv = p->C_FindObjectsInit(t->session, want, n);
	if (rv != CKR_OK)
		return keys_p11_fault(f, rv, "C_FindObjectsInit");
	rv = p->C_FindObjects(t->session, found, 2, ret);
	if (rv == CKR_OK)
		rv = p->C_FindObjectsFinal(t->session);
	else
		(void)p->C_FindObjectsFinal(t->session);
	return rv == CKR_OK ? 0 : keys_p11_fault(f, rv, "C_FindObjects");
}

int
keys_p11_key_find(const struct keys_p11_token *t,
    const struct keys_p11_uri *uri, CK_OBJECT_CLASS class,
    CK_OBJECT_HANDLE *ret, struct fault *f)
{
	CK_ATTRIBUTE want[3] = { { CKA_CLASS, &class, sizeof(class) } };
	CK_OBJECT_HANDLE found[2] = { CK_INVALID_HANDLE, CK_INVALID_HANDLE };
	CK_ULONG n = 1, hits = 0;
	int rc;

	if (uri->object[0] != '\0')
		want[n++] = (CK_ATTRIBUTE){ CKA_LABEL,
			(void *)(uintptr_t)uri->object, strlen(uri->object) };
	if (uri->id_len > 0)
		want[n++] = (CK_ATTRIBUTE){ CKA_ID, (void *)(uintptr_t)uri->id,
			uri->id_len };
	if (n == 1)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "the key's URI names no object; fix: add ;object=");
	rc = search(t, want, n, found, &hits, f);
	if (rc != 0)
		return rc;
	if (hits == 0)
		return base_fault_set(f, ERR_STATE_NOT_FOUND,
		    "no key %.80s on token %s; fix: make it, or correct the "
		    "URI",
		    uri->object, t->label);
	if (hits > 1)
		return base_fault_set(f, ERR_STATE_CONFLICT,
		    "several keys %.80s on token %s; fix: add ;id= to the URI",
		    uri->object, t->label);
	*ret = found[0];
	return 0;
}
