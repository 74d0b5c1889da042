/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "merkle/evidence_file.h"
#include "merkle/vkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define KEY                                                                    \
	"PeterNeumann+c74f20a3+"                                               \
	"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

/* Evidence that parses can be written and read back, and proves nothing
 * against a key whose secret nobody has. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct merkle_evidence_file *file, *again;
	struct merkle_evidence e, f;
	struct merkle_vkey key;
	char *text;

	if (merkle_evidence_file_parse((const char *)data, len, &file, &e) != 0)
		return 0;
	TROTH_ASSERT(merkle_vkey_parse(KEY, sizeof(KEY) - 1, &key) == 0);
	TROTH_ASSERT(merkle_evidence_verify(&e, &key) != 0);
	text = merkle_evidence_file_encode(&e, "o", "d", "t");
	if (text != NULL && strlen(text) <= MERKLE_EVIDENCE_FILE_MAX) {
		TROTH_ASSERT(merkle_evidence_file_parse(
				 text, strlen(text), &again, &f) == 0);
		TROTH_ASSERT(f.type == e.type && f.a_len == e.a_len);
		TROTH_ASSERT(memcmp(f.a, e.a, e.a_len) == 0);
		TROTH_ASSERT(memcmp(&f.proof.hash, &e.proof.hash,
				 e.proof.count * MERKLE_HASH_LEN) == 0);
		merkle_evidence_file_free(again);
	}
	free(text);
	merkle_evidence_file_free(file);
	return 0;
}
