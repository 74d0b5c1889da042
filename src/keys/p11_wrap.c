/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_wrap.h"

#include <string.h>

#include "keys/p11_find_internal.h"
#include "keys/p11_internal.h"
#include "keys/p11_make.h"
#include "keys/p11_token_internal.h"
#include "keys/p11_uri.h"

/* Of PKCS #11 v3.0; v2.40 has the same under another name. */
#define AES_KEY_WRAP_KWP 0x210bUL
#define AES_KEY_LEN 32
#define BLOCK 8
#define ATTRIBUTES_MAX 8

/* What is done with the key in an open session. */
struct work {
	struct keys_p11_token t;
	struct keys_p11_uri uri;
	struct keys_p11_secret in;
	uint8_t *out;
	size_t len;
};

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static const CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
static const CK_KEY_TYPE generic = CKK_GENERIC_SECRET;

#define ATTRIBUTE(type, value)                                                 \
	{                                                                      \
		type, (void *)(uintptr_t)&(value), sizeof(value)               \
	}

static int
mechanism_of(const struct work *w, CK_FLAGS flag, CK_MECHANISM *ret,
    struct fault *f)
{
	*ret = (CK_MECHANISM){ AES_KEY_WRAP_KWP, NULL, 0 };
	if (keys_p11_token_can(&w->t, ret->mechanism, flag, f) == 0)
		return 0;
	ret->mechanism = CKM_AES_KEY_WRAP_PAD;
	return keys_p11_token_can(&w->t, ret->mechanism, flag, f);
}

static int
make(struct work *w, struct fault *f)
{
	static const CK_ULONG len = AES_KEY_LEN;
	CK_MECHANISM mechanism = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_ATTRIBUTE a[ATTRIBUTES_MAX] = { ATTRIBUTE(CKA_TOKEN, yes),
		ATTRIBUTE(CKA_PRIVATE, yes), ATTRIBUTE(CKA_SENSITIVE, yes),
		ATTRIBUTE(CKA_EXTRACTABLE, no), ATTRIBUTE(CKA_WRAP, yes),
		ATTRIBUTE(CKA_UNWRAP, yes), ATTRIBUTE(CKA_VALUE_LEN, len),
		{ CKA_LABEL, w->uri.object, strlen(w->uri.object) } };
	CK_OBJECT_HANDLE key;
	CK_RV rv;
	int rc;

	rc = keys_p11_key_find(&w->t, &w->uri, CKO_SECRET_KEY, &key, f);
	if (rc != ERR_STATE_NOT_FOUND)
		return rc;
	rv = w->t.m->f->C_GenerateKey(
	    w->t.session, &mechanism, a, ATTRIBUTES_MAX, &key);
	return rv == CKR_OK ? 0 : keys_p11_fault(f, rv, "C_GenerateKey");
}

static int
seal(struct work *w, struct fault *f)
{
	CK_ATTRIBUTE a[] = { ATTRIBUTE(CKA_CLASS, secret_class),
		ATTRIBUTE(CKA_KEY_TYPE, generic), ATTRIBUTE(CKA_TOKEN, no),
		ATTRIBUTE(CKA_EXTRACTABLE, yes),
		{ CKA_VALUE, (void *)(uintptr_t)w->in.data, w->in.len } };
	CK_FUNCTION_LIST *p = w->t.m->f;
	CK_ULONG len = w->in.len + KEYS_P11_WRAP_MORE;
	CK_OBJECT_HANDLE key, secret;
	CK_MECHANISM mechanism;
	CK_RV rv;
	int rc;

	rc = keys_p11_key_find(&w->t, &w->uri, CKO_SECRET_KEY, &key, f);
	if (rc == 0)
		rc = mechanism_of(w, CKF_WRAP, &mechanism, f);
	if (rc != 0)
		return rc;
	rv = p->C_CreateObject(
	    w->t.session, a, sizeof(a) / sizeof(a[0]), &secret);
	if (rv != CKR_OK)
		return keys_p11_fault(f, rv, "C_CreateObject");
	rv = p->C_WrapKey(
	    w->t.session, &mechanism, key, secret, w->out, &len);
	(void)p->C_DestroyObject(w->t.session, secret);
	w->len = len;
	return rv == CKR_OK ? 0 : keys_p11_fault(f, rv, "C_WrapKey");
}

static int
open_sealed(struct work *w, struct fault *f)
{
	CK_ATTRIBUTE a[] = { ATTRIBUTE(CKA_CLASS, secret_class),
		ATTRIBUTE(CKA_KEY_TYPE, generic), ATTRIBUTE(CKA_TOKEN, no),
		ATTRIBUTE(CKA_SENSITIVE, no), ATTRIBUTE(CKA_EXTRACTABLE, yes) };
	CK_ATTRIBUTE value = { CKA_VALUE, w->out, w->in.len };
	CK_FUNCTION_LIST *p = w->t.m->f;
	CK_OBJECT_HANDLE key, secret;
	CK_MECHANISM mechanism;
	CK_RV rv;
	int rc;

	rc = keys_p11_key_find(&w->t, &w->uri, CKO_SECRET_KEY, &key, f);
	if (rc == 0)
		rc = mechanism_of(w, CKF_UNWRAP, &mechanism, f);
	if (rc != 0)
		return rc;
	rv = p->C_UnwrapKey(w->t.session, &mechanism, key,
	    (CK_BYTE *)(uintptr_t)w->in.data, w->in.len, a,
	    sizeof(a) / sizeof(a[0]), &secret);
	if (rv != CKR_OK)
		return keys_p11_fault(f, rv, "C_UnwrapKey");
	rv = p->C_GetAttributeValue(w->t.session, secret, &value, 1);
	(void)p->C_DestroyObject(w->t.session, secret);
	w->len = value.ulValueLen;
	return rv == CKR_OK ? 0 : keys_p11_fault(f, rv, "C_GetAttributeValue");
}

/* Log in, once, and do it. */
static int
run(const struct keys_p11_new *n, bool write, struct work *w,
    int (*work)(struct work *w, struct fault *f), struct fault *f)
{
	struct keys_p11 *m;
	int rc;

	if (w->in.len > KEYS_P11_WRAP_MAX + KEYS_P11_WRAP_MORE)
		return base_fault_set(f, ERR_SYS_LIMIT, "secret too long");
	rc = keys_p11_uri_parse(n->uri, strlen(n->uri), &w->uri);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG, "%.150s: %s", n->uri,
		    base_err_text(rc));
	rc = keys_p11_load(n->module, &m, f);
	if (rc != 0)
		return rc;
	rc = keys_p11_token_open(m, &w->uri, write, &w->t, f);
	if (rc == 0) {
		rc = keys_p11_token_login(&w->t, n->pin, n->pin_len, f);
		if (rc == 0)
			rc = work(w, f);
		keys_p11_token_close(&w->t);
	}
	keys_p11_unload(m);
	return rc;
}

int
keys_p11_wrap_ensure(const struct keys_p11_new *n, struct fault *f)
{
	struct work w = { .len = 0 };

	return run(n, true, &w, make, f);
}

int
keys_p11_wrap_seal(const struct keys_p11_new *n, struct keys_p11_secret in,
    uint8_t *out, size_t *ret_len, struct fault *f)
{
	struct work w = { .in = in, .out = out };
	int rc;

	if (in.len < 2 * BLOCK || in.len % BLOCK != 0)
		return base_fault_set(f, ERR_PEER_MALFORMED,
		    "a secret of %zu bytes cannot be wrapped", in.len);
	rc = run(n, false, &w, seal, f);
	if (rc == 0)
		*ret_len = w.len;
	return rc;
}

int
keys_p11_wrap_open(const struct keys_p11_new *n, struct keys_p11_secret in,
    uint8_t *out, size_t *ret_len, struct fault *f)
{
	struct work w = { .in = in, .out = out };
	int rc = run(n, false, &w, open_sealed, f);

	if (rc == 0)
		*ret_len = w.len;
	return rc;
}
