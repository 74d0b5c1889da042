/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/vector_internal.h"

void
crypto_vector_reset(void)
{
}
