/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/blake3.h"

#include <blake3.h>

#include "base/wipe.h"

_Static_assert(sizeof(blake3_hasher) <= sizeof(struct crypto_blake3),
    "state holds a hasher of the library");
_Static_assert(_Alignof(blake3_hasher) <= _Alignof(uint64_t),
    "state is aligned for a hasher of the library");

static blake3_hasher *
hasher(struct crypto_blake3 *h)
{
	return (blake3_hasher *)(void *)h->state;
}

void
crypto_blake3_init(struct crypto_blake3 *h)
{
	blake3_hasher_init(hasher(h));
}

void
crypto_blake3_init_keyed(struct crypto_blake3 *h, const uint8_t key[32])
{
	blake3_hasher_init_keyed(hasher(h), key);
}

void
crypto_blake3_init_derive(struct crypto_blake3 *h, const char *context)
{
	blake3_hasher_init_derive_key(hasher(h), context);
}

void
crypto_blake3_update(struct crypto_blake3 *h, const void *data, size_t len)
{
	if (len > 0)
		blake3_hasher_update(hasher(h), data, len);
}

void
crypto_blake3_final(struct crypto_blake3 *h, uint8_t *out, size_t len)
{
	blake3_hasher_finalize(hasher(h), out, len);
	base_wipe(h, sizeof(*h));
}
