/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ossl_internal.h"

#include <openssl/err.h>

#include "base/err.h"

int
crypto_ossl_rc(int otherwise)
{
	unsigned long e;

	while ((e = ERR_get_error()) != 0)
		if (otherwise != 0 && ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
			otherwise = ERR_SYS_NOMEM;
	return otherwise;
}
