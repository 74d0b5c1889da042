/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_sth.h"

#include <string.h>

#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "crypto/sha2.h"
#include "merkle/notekey.h"

static int
verify_p256(const struct ct_sth_key *key, const uint8_t *input,
    const struct merkle_sth *sth)
{
	struct crypto_signed s = { CRYPTO_SIG_ECDSA_SHA256, input,
		MERKLE_STH_INPUT_LEN, sth->sig + 4, sth->sig_len - 4 };
	struct crypto_pkey *pkey;
	int rc;

	/* TLS SHA-256 (4), ECDSA (3). */
	if (sth->sig[0] != 4 || sth->sig[1] != 3)
		return ERR_PEER_SIGNATURE;
	rc = crypto_pkey_from_spki(key->spki, key->spki_len, &pkey);
	if (rc != 0)
		return rc;
	rc = crypto_pkey_type(pkey) == CRYPTO_KEY_P256
		 ? crypto_pkey_verify(pkey, &s)
		 : ERR_PEER_KEY;
	crypto_pkey_free(pkey);
	return rc;
}

static int
verify_sth(const struct ct_sth_key *key, const struct merkle_note *note,
    const struct merkle_checkpoint *cp, struct merkle_sth *ret)
{
	uint8_t log_id[32], input[MERKLE_STH_INPUT_LEN];
	const struct merkle_note_sig *line;
	struct merkle_vkey vkey;
	int rc;

	crypto_sha2_256(key->spki, key->spki_len, log_id);
	rc = merkle_vkey_init(&vkey, key->origin, MERKLE_SIG_RFC6962, log_id);
	if (rc != 0)
		return rc;
	if ((line = merkle_notekey_find(note, &vkey)) == NULL)
		return ERR_STATE_NOT_FOUND;
	if ((rc = merkle_sth_decode(line, ret)) != 0)
		return rc;
	merkle_sth_input(
	    ret->timestamp_ms, cp->head.size, cp->head.root.b, input);
	return verify_p256(key, input, ret);
}

int
ct_sth_open(const struct ct_sth_key *key, const char *note, size_t len,
    struct merkle_checkpoint *ret, struct merkle_sth *ret_sth)
{
	struct merkle_checkpoint cp;
	struct merkle_note parsed;
	struct merkle_sth sth;
	int rc;

	if ((rc = merkle_note_parse(note, len, &parsed)) != 0 ||
	    (rc = merkle_checkpoint_parse(parsed.text, parsed.text_len, &cp)) !=
		0)
		return rc;
	if (strcmp(cp.origin, key->origin) != 0)
		return ERR_PEER_MISMATCH;
	/* static-ct-api: no extension lines. */
	if (cp.extension != NULL)
		return ERR_PEER_MALFORMED;
	if ((rc = verify_sth(key, &parsed, &cp, &sth)) != 0)
		return rc;
	if (key->note != NULL &&
	    (rc = merkle_notekey_verify(&parsed, key->note)) != 0)
		return rc;
	*ret = cp;
	if (ret_sth != NULL)
		*ret_sth = sth;
	return 0;
}
