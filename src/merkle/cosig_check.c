/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/cosig.h"

#include "crypto/ed25519.h"
#include "merkle/cosig44_internal.h"
#include "merkle/cosigned.h"
#include "merkle/vkey.h"
#include "wire/builder.h"

int
merkle_cosig_check(const struct merkle_cosigned *m,
    const struct merkle_vkey *key, const struct merkle_cosig *cosig)
{
	uint8_t msg[MERKLE_COSIGNED_MAX];
	struct builder b;

	if (key->type != m->type ||
	    cosig->sig_len != merkle_cosig_sig_len(key->type) ||
	    cosig->sig_len == 0)
		return ERR_PEER_UNSUPPORTED;
	if (cosig->timestamp_s != m->timestamp_s)
		return ERR_PEER_MISMATCH;
	wire_builder_init(&b, msg, sizeof(msg));
	merkle_cosigned_encode(m, &b);
	if (b.rc != 0)
		return b.rc;
	if (key->type == MERKLE_SIG_COSIGNATURE44)
		return merkle_cosig44_verify(key->key, msg, b.len, cosig->sig);
	return crypto_ed25519_verify(key->key, msg, b.len, cosig->sig);
}
