/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pkey_raw.h"
#include "keys/tpm.h"

int
keys_tpm_key_public(const struct keys_tpm_key *k, struct crypto_pkey **ret)
{
	return crypto_pkey_from_point(
	    CRYPTO_KEY_P256, keys_tpm_key_point(k), KEYS_TPM_POINT_LEN, ret);
}
