/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/auth.h"

#include "acme/server.h"
#include "acme/turn_internal.h"

int
acme_auth_nonce(struct acme_turn *t, const char *nonce, bool use)
{
	return use ? acme_server_nonce_use(t->srv, nonce)
		   : acme_server_nonce_check(t->srv, nonce);
}
