/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/mman.h>
#include <unistd.h>

#include "audit/check.h"
#include "audit/export.h"
#include "audit/source.h"
#include "base/assert.h"
#include "base/fault.h"
#include "crypto/ed25519.h"
#include "merkle/vkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* The key that signed the corpus: a seed of 7 and zeroes, as in the tests. */
static void
key_of(struct merkle_vkey *key)
{
	static const uint8_t seed[32] = { 7 };
	uint8_t pub[32];

	TROTH_ASSERT(crypto_ed25519_public(seed, pub) == 0);
	TROTH_ASSERT(merkle_vkey_init(key, "example.test/audit",
			 MERKLE_SIG_ED25519, pub) == 0);
}

/* A bundle that verifies has its records under the checkpoint. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct audit_source *source;
	struct audit_check_opts o = { NULL, NULL, NULL };
	struct audit_check_result r;
	struct fault f = { 0, "" };
	struct merkle_vkey key;
	int fd = memfd_create("bundle", MFD_CLOEXEC);

	TROTH_ASSERT(fd >= 0);
	TROTH_ASSERT(write(fd, data, len) == (ssize_t)len);
	if (audit_source_tar(fd, &source) == 0) {
		key_of(&key);
		o.source = source;
		o.vkey = &key;
		if (audit_check(&o, &f, &r) == 0) {
			TROTH_ASSERT(r.first <= r.end);
			TROTH_ASSERT(!r.partial || r.end <= r.head.size);
		} else {
			TROTH_ASSERT(f.msg[0] != '\0');
		}
		audit_source_free(source);
	}
	close(fd);
	return 0;
}
