/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkey.h"
#include "keys/op.h"
#include "keys/slot_key.h"

int
keys_slot_key_expect(struct keys_slot *slot, const uint8_t *spki, size_t len)
{
	struct crypto_pkey *key = NULL;
	int rc;

	rc = crypto_pkey_from_spki(spki, len, &key);
	if (rc != 0)
		return rc;
	if (slot->key == NULL && slot->backend != NULL) {
		slot->key = key;
		return 0;
	}
	if (slot->key == NULL || !crypto_pkey_equal(slot->key, key))
		rc = ERR_STATE_CONFIG;
	crypto_pkey_free(key);
	return rc;
}
