/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/sha2.h"
#include "keys/guard_internal.h"
#include "wire/builder.h"
#include "wire/cursor.h"

#define MAGIC "TKGUARD1"
#define BODY_LEN 16

void
keys_guard_encode(uint64_t counter, uint8_t *out)
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	struct builder b;

	wire_builder_init(&b, out, KEYS_GUARD_LEN);
	wire_builder_str(&b, MAGIC);
	wire_builder_u64(&b, counter);
	crypto_sha2_256(out, BODY_LEN, digest);
	wire_builder_bytes(&b, digest, KEYS_GUARD_LEN - BODY_LEN);
}

int
keys_guard_parse(const uint8_t *data, size_t len, uint64_t *ret)
{
	uint8_t again[KEYS_GUARD_LEN];
	uint64_t counter;
	struct cursor c;

	wire_cursor_init(&c, data, len);
	(void)wire_cursor_bytes(&c, strlen(MAGIC));
	counter = wire_cursor_u64(&c);
	keys_guard_encode(counter, again);
	if (len != sizeof(again) || memcmp(data, again, sizeof(again)) != 0)
		return ERR_SYS_CORRUPT;
	*ret = counter;
	return 0;
}
