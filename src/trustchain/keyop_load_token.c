/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "crypto/pkey.h"
#include "keys/bundle.h"
#include "keys/file.h"
#include "keys/p11_make.h"
#include "ops/config.h"
#include "trustchain/ct_config.h"
#include "trustchain/keyop_load.h"
#include "trustchain/keyop_load_internal.h"

int
keyop_load_token_ensure(const struct ct_config_log *c, const char *uri,
    struct crypto_pkey **ret, struct fault *f)
{
	struct keys_p11_new n = { .module = c->pkcs11_module,
		.uri = uri,
		.type = CRYPTO_KEY_P256,
		.make = true };
	struct buf pin;
	int rc;

	base_buf_init(&pin, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_pass_load(c->pin_file, &pin, f);
	n.pin = pin.data;
	n.pin_len = pin.len;
	if (rc == 0)
		rc = keys_p11_make_ensure(&n, ret, NULL, f);
	base_buf_free(&pin);
	return rc;
}

static int
add(struct keyop_loader *l, uint8_t slot, uint8_t type, const char *text)
{
	struct keys_bundle_item item = { type, slot, 0, (const uint8_t *)text,
		strlen(text) };

	return keyop_load_item(l, &item);
}

int
keyop_load_token(
    struct keyop_loader *l, uint8_t slot, const struct keyop_load_token *t)
{
	int rc;

	rc = add(l, slot, KEYS_BUNDLE_URI, t->uri);
	if (rc == 0)
		rc = add(l, slot, KEYS_BUNDLE_DEVICE, t->module);
	for (size_t i = 0; i < t->paths->n && rc == 0; i++)
		rc = add(
		    l, slot, KEYS_BUNDLE_PATH, ops_config_string(t->paths, i));
	if (rc == 0)
		rc = keyop_load_pass(l, slot, t->pin_file);
	return rc;
}
