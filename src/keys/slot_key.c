/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/slot_key.h"

#include "crypto/pkey_sign.h"
#include "keys/backend.h"
#include "keys/op.h"

const struct crypto_pkey *
keys_slot_key_public(const struct keys_slot *slot)
{
	return slot->key;
}

int
keys_slot_key_sign(struct keys_slot *slot, const void *msg, size_t len,
    uint8_t *sig, size_t *ret_len)
{
	struct keys_backend *b = slot->backend;

	if (slot->key == NULL)
		return ERR_SYS_KEY;
	if (b != NULL)
		return b->ops->sign(b, msg, len, sig, ret_len);
	return crypto_pkey_sign(slot->key, msg, len, sig, ret_len);
}

int
keys_slot_key_check(struct keys_slot *slot, struct fault *f)
{
	if (slot->key == NULL)
		return base_fault_set(f, ERR_SYS_KEY, "no key");
	if (slot->backend == NULL)
		return 0;
	return slot->backend->ops->check(slot->backend, f);
}
