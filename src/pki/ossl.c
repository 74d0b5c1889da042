/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ossl_internal.h"

#include <openssl/err.h>

#include "base/err.h"

int
pki_ossl_rc(int otherwise)
{
	unsigned long e;

	while ((e = ERR_get_error()) != 0)
		if (otherwise != 0 && ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
			otherwise = ERR_SYS_NOMEM;
	return otherwise;
}

int
pki_ossl_parse_rc(void)
{

	/* Malformed input is always given a reason. */
	if (ERR_peek_error() == 0)
		return ERR_SYS_NOMEM;
	return pki_ossl_rc(ERR_PEER_MALFORMED);
}
