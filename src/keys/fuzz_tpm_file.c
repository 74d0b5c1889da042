/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm_file.h"

#include <string.h>

#include "base/assert.h"
#include "base/buf.h"
#include "keys/tpm.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What is read is written and read again the same; and whatever the TPM
 * structures inside are, looking for a signing key in them is safe. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct keys_tpm_file file, again;
	struct keys_tpm_key *key;
	struct crypto_bytes pem = { data, len }, none = { NULL, 0 };
	struct buf out;

	memset(&file, 0, sizeof(file));
	memset(&again, 0, sizeof(again));
	if (keys_tpm_key_new(pem, none, &key, NULL) == 0)
		keys_tpm_key_free(key);
	if (keys_tpm_file_parse(data, len, &file) != 0)
		return 0;
	base_buf_init(&out, KEYS_TPM_FILE_MAX);
	TROTH_ASSERT(keys_tpm_file_encode(&file, &out) == 0);
	TROTH_ASSERT(keys_tpm_file_parse(out.data, out.len, &again) == 0);
	TROTH_ASSERT(memcmp(&file, &again, sizeof(file)) == 0);
	base_buf_free(&out);
	return 0;
}
