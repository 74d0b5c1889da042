/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_pair_internal.h"

#include <string.h>

#include "keys/p11_find_internal.h"
#include "keys/p11_internal.h"
#include "keys/p11_point_internal.h"
#include "keys/p11_token_internal.h"
#include "keys/p11_uri.h"

#define ATTRIBUTES_MAX 8

struct template {
	CK_ATTRIBUTE a[ATTRIBUTES_MAX];
	CK_ULONG n;
};

static void
add(struct template *t, CK_ATTRIBUTE_TYPE type, const void *value, size_t len)
{
	t->a[t->n++] =
	    (CK_ATTRIBUTE){ type, (void *)(uintptr_t)value, (CK_ULONG)len };
}

static CK_RV
generate(const struct keys_p11_token *t, CK_MECHANISM *mechanism,
    struct template *public, struct template *private, CK_OBJECT_HANDLE *ret)
{
	CK_OBJECT_HANDLE hidden;

	return t->m->f->C_GenerateKeyPair(t->session, mechanism, public->a,
	    public->n, private->a, private->n, ret, &hidden);
}

int
keys_p11_pair_make(const struct keys_p11_token *t,
    const struct keys_p11_uri *uri, int type, struct crypto_pkey **ret,
    struct fault *f)
{
	static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	static const uint8_t one = 1;
	CK_MECHANISM mechanism = { 0, NULL, 0 };
	struct keys_p11_bytes params =
	    keys_p11_point_params(type, &mechanism.mechanism);
	struct template public = { .n = 0 }, private = { .n = 0 };
	struct template *both[] = { &public, &private };
	CK_OBJECT_HANDLE handle;
	CK_RV rv;
	int rc;

	if (params.len == 0)
		return base_fault_set(f, ERR_PEER_UNSUPPORTED,
		    "only P-256, P-384 and Ed25519 keys are made on a token");
	rc = keys_p11_token_can(
	    t, mechanism.mechanism, CKF_GENERATE_KEY_PAIR, f);
	if (rc != 0)
		return rc;
	for (int i = 0; i < 2; i++) {
		add(both[i], CKA_TOKEN, &yes, sizeof(yes));
		add(both[i], CKA_LABEL, uri->object, strlen(uri->object));
		if (uri->id_len > 0)
			add(both[i], CKA_ID, uri->id, uri->id_len);
		else
			add(both[i], CKA_ID, &one, sizeof(one));
	}
	add(&public, CKA_EC_PARAMS, params.data, params.len);
	add(&public, CKA_VERIFY, &yes, sizeof(yes));
	add(&private, CKA_PRIVATE, &yes, sizeof(yes));
	add(&private, CKA_SENSITIVE, &yes, sizeof(yes));
	add(&private, CKA_EXTRACTABLE, &no, sizeof(no));
	add(&private, CKA_SIGN, &yes, sizeof(yes));
	rv = generate(t, &mechanism, &public, &private, &handle);
	if (rv != CKR_OK)
		return keys_p11_fault(f, rv, "C_GenerateKeyPair");
	return keys_p11_key_public(t, handle, type, ret, f);
}
