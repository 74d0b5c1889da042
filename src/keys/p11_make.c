/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_make.h"

#include <string.h>

#include "keys/p11_find_internal.h"
#include "keys/p11_internal.h"
#include "keys/p11_pair_internal.h"
#include "keys/p11_token_internal.h"
#include "keys/p11_uri.h"

static int
find_or_make(const struct keys_p11_token *t, const struct keys_p11_uri *uri,
    const struct keys_p11_new *n, struct crypto_pkey **ret, bool *ret_made,
    struct fault *f)
{
	CK_OBJECT_HANDLE private, public;
	int rc;

	rc = keys_p11_key_find(t, uri, CKO_PRIVATE_KEY, &private, f);
	*ret_made = rc == ERR_STATE_NOT_FOUND && n->make;
	if (*ret_made)
		return keys_p11_pair_make(t, uri, n->type, ret, f);
	if (rc == 0)
		rc = keys_p11_key_find(t, uri, CKO_PUBLIC_KEY, &public, f);
	if (rc == 0)
		rc = keys_p11_key_public(t, public, n->type, ret, f);
	return rc;
}

static int
work(struct keys_p11 *m, const struct keys_p11_uri *uri,
    const struct keys_p11_new *n, struct crypto_pkey **ret, bool *ret_made,
    struct fault *f)
{
	struct keys_p11_token t;
	int rc;

	rc = keys_p11_token_open(m, uri, n->make, &t, f);
	if (rc != 0)
		return rc;
	rc = keys_p11_token_login(&t, n->pin, n->pin_len, f);
	if (rc == 0)
		rc = find_or_make(&t, uri, n, ret, ret_made, f);
	keys_p11_token_close(&t);
	return rc;
}

int
keys_p11_make_ensure(const struct keys_p11_new *n, struct crypto_pkey **ret,
    bool *ret_made, struct fault *f)
{
	struct keys_p11_uri uri;
	struct keys_p11 *m;
	bool made = false;
	int rc;

	rc = keys_p11_uri_parse(n->uri, strlen(n->uri), &uri);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG, "%.150s: %s", n->uri,
		    base_err_text(rc));
	rc = keys_p11_load(n->module, &m, f);
	if (rc != 0)
		return rc;
	rc = work(m, &uri, n, ret, &made, f);
	keys_p11_unload(m);
	if (rc == 0 && ret_made != NULL)
		*ret_made = made;
	return rc;
}
