/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/wit_paths.h"

#include <string.h>

#include "base/str.h"
#include "crypto/sha2.h"
#include "wire/hex.h"

void
wit_paths_hash(const char *origin, char ret[WIT_PATHS_HASH_MAX])
{
	uint8_t digest[CRYPTO_SHA256_LEN];

	crypto_sha2_256(origin, strlen(origin), digest);
	wire_hex_encode(digest, sizeof(digest), ret);
}

int
wit_paths_head(
    const char *state_dir, const char *origin, char ret[WIT_PATHS_MAX])
{
	char hash[WIT_PATHS_HASH_MAX];

	wit_paths_hash(origin, hash);
	return base_str_format(
	    ret, WIT_PATHS_MAX, "%s/logs/%s", state_dir, hash);
}
