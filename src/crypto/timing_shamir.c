/* SPDX-License-Identifier: Apache-2.0 */
/* Splitting a secret and putting it together; writing shares down. */
#include <stdint.h>
#include <string.h>

#include "base/rng.h"
#include "base/timing_test.h"
#include "crypto/shamir.h"
#include "wire/base32.h"

static uint8_t secret[CRYPTO_SHAMIR_LEN], back[CRYPTO_SHAMIR_LEN];
static struct crypto_shamir_share share[CRYPTO_SHAMIR_MAX];

/* Random bytes that count as secret, too. */
static int
fill(void *ctx, uint8_t *buf, size_t len)
{
	(void)ctx;
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(i * 37 + 11);
	timing_secret(buf, len);
	return 0;
}

static void
split(void)
{
	const struct rng rng = { fill, NULL };

	memset(secret, 7, sizeof(secret));
	timing_secret(secret, sizeof(secret));
	(void)!crypto_shamir_split(secret, 3, 5, &rng, share);
}

static void
join(void)
{
	split();
	(void)!crypto_shamir_join(share + 1, 3, back);
}

/* The decisions: whether the text is base32, and whether the check is right. */
static void
text(void)
{
	uint8_t raw[CRYPTO_SHAMIR_SHARE_LEN];
	char out[WIRE_BASE32_ENCODED_MAX(CRYPTO_SHAMIR_SHARE_LEN)];
	size_t n, len;

	split();
	crypto_shamir_encode(&share[0], raw);
	n = wire_base32_encode(raw, sizeof(raw), out);
	(void)timing_public_int(
	    wire_base32_decode(out, n, raw, sizeof(raw), &len));
	(void)timing_public_int(crypto_shamir_parse(raw, &share[1]));
}

/* By a table of logarithms, as it is not done. */
static void
by_table(void)
{
	static const uint8_t table[256] = { 1, 2, 3 };

	split();
	back[0] = table[share[0].y[0]];
}

int
main(void)
{
	static const struct timing_case cases[] = {
		{ "split", split, 0 },
		{ "join", join, 0 },
		{ "text", text, 3 },
		{ "table", by_table, TIMING_LEAKS },
	};

	return timing_run(cases, sizeof(cases) / sizeof(cases[0]));
}
