/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "keys/bundle.h"
#include "ops/config.h"
#include "trustchain/keyop_load_internal.h"

static int
add(struct keyop_loader *l, uint8_t slot, uint8_t type, const char *text)
{
	struct keys_bundle_item item = { type, slot, 0, (const uint8_t *)text,
		strlen(text) };

	return keyop_load_item(l, &item);
}

int
keyop_load_token(struct keyop_loader *l, uint8_t slot,
    const struct keyop_load_token *t)
{
	int rc;

	rc = add(l, slot, KEYS_BUNDLE_URI, t->uri);
	if (rc == 0)
		rc = add(l, slot, KEYS_BUNDLE_DEVICE, t->module);
	for (size_t i = 0; i < t->paths->n && rc == 0; i++)
		rc = add(l, slot, KEYS_BUNDLE_PATH,
		    ops_config_string(t->paths, i));
	if (rc == 0)
		rc = keyop_load_pass(l, slot, t->pin_file);
	return rc;
}
