/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_key.h"

#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "keys/file.h"
#include "store/disk.h"

int
ca_key_repass(const struct keys_file_new *n, const uint8_t *pass, size_t len,
    struct fault *f)
{
	const struct crypto_pass fresh = { pass, len };
	struct crypto_pkey *key = NULL, *again = NULL;
	struct buf text;
	int rc;

	base_buf_init(&text, CRYPTO_PKCS8_FILE_MAX);
	rc = keys_file_open(n->path, n->pass_path, &key, f);
	if (rc == 0) {
		rc = crypto_pkcs8_encrypt(key, fresh, n->rng, &text);
		if (rc == 0)
			rc = crypto_pkcs8_decrypt(
			    text.data, text.len, fresh, &again);
		if (rc == 0 && !crypto_pkey_equal(key, again))
			rc = ERR_SYS_CRYPTO;
	}
	if (rc == 0)
		rc = store_disk_replace(
		    n->disk, n->path, text.data, text.len, 0600, "keys.file");
	if (rc != 0 && f != NULL && f->msg[0] == '\0')
		base_fault_set(f, rc, "%s: %s", n->path, base_err_text(rc));
	crypto_pkey_free(key);
	crypto_pkey_free(again);
	base_buf_free(&text);
	return rc;
}
