/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/file.h"

#include <unistd.h>

#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "keys/file_internal.h"

int
keys_file_open(const char *path, const char *pass_path,
    struct crypto_pkey **ret, struct fault *f)
{
	struct buf text, pass;
	int rc;

	base_buf_init(&text, CRYPTO_PKCS8_FILE_MAX);
	base_buf_init(&pass, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_load(path, &text, f);
	if (rc == 0)
		rc = keys_file_pass_load(pass_path, &pass, f);
	if (rc == 0) {
		rc = crypto_pkcs8_decrypt(text.data, text.len,
		    (struct crypto_pass){ pass.data, pass.len }, ret);
		if (rc != 0)
			base_fault_set(
			    f, rc, "%s: %s", path, base_err_text(rc));
	}
	base_buf_free(&text);
	base_buf_free(&pass);
	return rc;
}

int
keys_file_save(const struct keys_file_new *n, const struct crypto_pkey *key,
    struct fault *f)
{
	struct buf text, pass;
	int rc;

	base_buf_init(&text, CRYPTO_PKCS8_FILE_MAX);
	base_buf_init(&pass, KEYS_FILE_PASS_MAX + 1);
	rc = keys_file_pass_load(n->pass_path, &pass, f);
	if (rc == 0) {
		rc = crypto_pkcs8_encrypt(key,
		    (struct crypto_pass){ pass.data, pass.len }, n->rng, &text);
		if (rc != 0)
			base_fault_set(
			    f, rc, "%s: %s", n->path, base_err_text(rc));
	}
	if (rc == 0)
		rc = keys_file_write_new(
		    n->disk, n->path, text.data, text.len, f);
	base_buf_free(&text);
	base_buf_free(&pass);
	return rc;
}

static int
make(const struct keys_file_new *n, int type, struct crypto_pkey **ret,
    struct fault *f)
{
	struct crypto_pkey *key = NULL;
	int rc;

	rc = keys_file_pass_ensure(n->disk, n->pass_path, n->rng, f);
	if (rc != 0)
		return rc;
	rc = crypto_pkey_generate((enum crypto_key_type)type, &key);
	if (rc != 0)
		return base_fault_set(f, rc, "%s: cannot make a key", n->path);
	rc = keys_file_save(n, key, f);
	if (rc != 0) {
		crypto_pkey_free(key);
		return rc;
	}
	*ret = key;
	return 0;
}

int
keys_file_ensure(const struct keys_file_new *n, int type,
    struct crypto_pkey **ret, bool *ret_made, struct fault *f)
{
	struct crypto_pkey *key = NULL;
	bool made = access(n->path, F_OK) != 0;
	int rc;

	if (made)
		rc = make(n, type, &key, f);
	else
		rc = keys_file_open(n->path, n->pass_path, &key, f);
	if (rc == 0 && (int)crypto_pkey_type(key) != type)
		rc = base_fault_set(
		    f, ERR_STATE_CONFIG, "%s: a key of another type", n->path);
	if (rc != 0) {
		crypto_pkey_free(key);
		return rc;
	}
	if (ret_made != NULL)
		*ret_made = made;
	if (ret != NULL)
		*ret = key;
	else
		crypto_pkey_free(key);
	return 0;
}
