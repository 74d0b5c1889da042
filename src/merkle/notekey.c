/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/notekey.h"

#include <string.h>

#include "base/str.h"
#include "crypto/ed25519.h"
#include "wire/base64.h"

#define DASH "\xe2\x80\x94 "

int
merkle_notekey_is(
    const struct merkle_note_sig *sig, const struct merkle_vkey *key)
{
	return sig->key_id == key->id && sig->name_len == strlen(key->name) &&
	       memcmp(sig->name, key->name, sig->name_len) == 0;
}

const struct merkle_note_sig *
merkle_notekey_find(
    const struct merkle_note *note, const struct merkle_vkey *key)
{
	size_t i;

	for (i = 0; i < note->sig_count; i++)
		if (merkle_notekey_is(&note->sig[i], key))
			return &note->sig[i];
	return NULL;
}

int
merkle_notekey_verify(
    const struct merkle_note *note, const struct merkle_vkey *key)
{
	uint8_t sig[64];
	size_t i, n, good = 0;
	int rc;

	if (key->type != MERKLE_SIG_ED25519)
		return ERR_PEER_UNSUPPORTED;
	for (i = 0; i < note->sig_count; i++) {
		if (!merkle_notekey_is(&note->sig[i], key))
			continue;
		if (merkle_note_sig_decode(
			&note->sig[i], sig, sizeof(sig), &n) != 0 ||
		    n != sizeof(sig))
			return ERR_PEER_SIGNATURE;
		rc = crypto_ed25519_verify(
		    key->key, note->text, note->text_len, sig);
		if (rc != 0)
			return rc;
		good++;
	}
	return good > 0 ? 0 : ERR_STATE_NOT_FOUND;
}

int
merkle_notekey_line(const char *key_name, uint32_t key_id, const uint8_t *sig,
    size_t sig_len, char ret[MERKLE_NOTEKEY_LINE_MAX])
{
	uint8_t raw[MERKLE_NOTEKEY_LINE_MAX / 4 * 3 - 3];
	char b64[WIRE_BASE64_ENCODED_MAX(sizeof(raw))];

	if (sig_len > sizeof(raw) - 4)
		return ERR_SYS_LIMIT;
	raw[0] = (uint8_t)(key_id >> 24);
	raw[1] = (uint8_t)(key_id >> 16);
	raw[2] = (uint8_t)(key_id >> 8);
	raw[3] = (uint8_t)key_id;
	memcpy(raw + 4, sig, sig_len);
	wire_base64_encode(WIRE_BASE64_STD, raw, sig_len + 4, b64);
	return base_str_format(
	    ret, MERKLE_NOTEKEY_LINE_MAX, "%s%s %s\n", DASH, key_name, b64);
}
