/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/vector_internal.h"

#include <immintrin.h>

__attribute__((target("avx"))) static void
zero_upper(void)
{
	_mm256_zeroupper();
}

void
crypto_vector_reset(void)
{
	if (__builtin_cpu_supports("avx"))
		zero_upper();
}
