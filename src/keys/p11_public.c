/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_find_internal.h"
#include "keys/p11_internal.h"
#include "keys/p11_point_internal.h"
#include "keys/p11_token_internal.h"

#define PARAMS_MAX 64
#define POINT_MAX 256

int
keys_p11_key_public(const struct keys_p11_token *t, CK_OBJECT_HANDLE handle,
    int type, struct crypto_pkey **ret, struct fault *f)
{
	uint8_t params[PARAMS_MAX], point[POINT_MAX];
	CK_ATTRIBUTE want[2] = { { CKA_EC_PARAMS, params, sizeof(params) },
		{ CKA_EC_POINT, point, sizeof(point) } };
	int rc = ERR_STATE_CONFIG;
	CK_RV rv;

	rv = t->m->f->C_GetAttributeValue(t->session, handle, want, 2);
	if (rv == CKR_OK)
		rc = keys_p11_point_parse(type,
		    (struct keys_p11_bytes){ params, want[0].ulValueLen },
		    (struct keys_p11_bytes){ point, want[1].ulValueLen }, ret);
	if (rv != CKR_OK && rv != CKR_ATTRIBUTE_TYPE_INVALID)
		return keys_p11_fault(f, rv, "C_GetAttributeValue");
	if (base_err_class(rc) == ERR_CLASS_SYS)
		return base_fault_set(f, rc, "%s", base_err_text(rc));
	if (rc != 0)
		return base_fault_set(f, rc,
		    "the key on token %s is not of the type that is needed",
		    t->label);
	return 0;
}
