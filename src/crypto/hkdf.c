/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hkdf.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/hmac_internal.h"

void
crypto_hkdf_extract(enum crypto_hash alg, struct crypto_bytes salt,
    struct crypto_bytes ikm, uint8_t *out)
{
	struct hmac m;

	crypto_hmac_begin(&m, alg, salt.data, salt.len);
	crypto_sha2_update(&m.inner, ikm.data, ikm.len);
	crypto_hmac_end(&m, out);
}

int
crypto_hkdf_expand(enum crypto_hash alg, struct crypto_bytes prk,
    struct crypto_bytes info, uint8_t *out, size_t len)
{
	size_t step = crypto_sha2_len(alg), take;
	uint8_t t[CRYPTO_HASH_LEN_MAX], count = 0;
	struct hmac keyed, m;

	if (len > 255 * step)
		return ERR_SYS_LIMIT;
	crypto_hmac_begin(&keyed, alg, prk.data, prk.len);
	while (len > 0) {
		m = keyed;
		if (count > 0)
			crypto_sha2_update(&m.inner, t, step);
		crypto_sha2_update(&m.inner, info.data, info.len);
		count++;
		crypto_sha2_update(&m.inner, &count, 1);
		crypto_hmac_end(&m, t);
		take = len < step ? len : step;
		memcpy(out, t, take);
		out += take;
		len -= take;
	}
	base_wipe(&keyed, sizeof(keyed));
	base_wipe(t, sizeof(t));
	return 0;
}
