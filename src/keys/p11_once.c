/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_once.h"

#include <string.h>

#include "keys/p11_internal.h"
#include "keys/p11_make.h"
#include "keys/p11_token_internal.h"
#include "keys/p11_uri.h"
#include "keys/p11_use_internal.h"

int
keys_p11_once_sign(const struct keys_p11_new *n, struct crypto_bytes msg,
    uint8_t *sig, size_t *ret_len, struct fault *f)
{
	struct keys_p11_token t;
	struct keys_p11_uri uri;
	const struct keys_p11_use use = { &t, &uri, n->type };
	struct keys_p11 *module;
	int rc;

	rc = keys_p11_uri_parse(n->uri, strlen(n->uri), &uri);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG, "%.150s: %s", n->uri,
		    base_err_text(rc));
	if ((rc = keys_p11_load(n->module, &module, f)) != 0)
		return rc;
	if ((rc = keys_p11_token_open(module, &uri, false, &t, f)) == 0) {
		rc = keys_p11_token_login(&t, n->pin, n->pin_len, f);
		if (rc == 0)
			rc = keys_p11_use_sign(&use, msg, sig, ret_len, f);
		keys_p11_token_close(&t);
	}
	keys_p11_unload(module);
	return rc;
}
