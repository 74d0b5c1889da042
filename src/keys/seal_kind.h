/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_SEAL_KIND_H
#define KEYS_SEAL_KIND_H

#include "crypto/bytes.h"
#include "crypto/pwhash.h"

/* How the files of one user are sealed; see keys/seal.h. */
#define KEYS_SEAL_MAGIC_LEN 8
#define KEYS_SEAL_KEY_LEN 32
#define KEYS_SEAL_CONTENT_MAX 65536

/* What a file may ask us to spend, and the least that protects it. */
#define KEYS_SEAL_MEMORY_KIB_MIN 8192
#define KEYS_SEAL_MEMORY_KIB_MAX 262144
#define KEYS_SEAL_PASSES_MAX 16
#define KEYS_SEAL_LANES_MAX 16

/* The second recommended option of RFC 9106 section 4 with four lanes. */
#define KEYS_SEAL_COST                                                         \
	{                                                                      \
		65536, 3, 4                                                    \
	}

enum keys_seal_source { KEYS_SEAL_PASS = 1, KEYS_SEAL_KEY = 2 };
enum keys_seal_aead { KEYS_SEAL_CHACHA20_POLY1305 = 1, KEYS_SEAL_AES_GCM = 2 };

/* What opens a file: a passphrase, or a key of KEYS_SEAL_KEY_LEN bytes. */
struct keys_seal_secret {
	enum keys_seal_source source;
	struct crypto_bytes bytes;
};

struct keys_seal_kind {
	const char *magic; /* KEYS_SEAL_MAGIC_LEN characters */
	enum keys_seal_aead aead;
	struct crypto_pwhash_cost cost; /* for a passphrase */
};

#endif
