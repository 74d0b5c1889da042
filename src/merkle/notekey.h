/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_NOTEKEY_H
#define MERKLE_NOTEKEY_H

#include "merkle/note.h"
#include "merkle/vkey.h"

/* What keys have to do with notes: whose line is it, is it right, write one.
 */
#define MERKLE_NOTEKEY_LINE_MAX 4096

/**
 * merkle_notekey_is(sig, key):
 * Return 1 if ${sig} claims to be by ${key}: its name and its id.
 */
int merkle_notekey_is(
    const struct merkle_note_sig *sig, const struct merkle_vkey *key);

/**
 * merkle_notekey_find(note, key):
 * Return the first signature line by ${key} (name and id), or NULL.
 */
const struct merkle_note_sig *merkle_notekey_find(
    const struct merkle_note *note, const struct merkle_vkey *key);

/**
 * merkle_notekey_verify(note, key):
 * Check the note's Ed25519 (type 0x01) signature by ${key}; every line with
 * its name and id must verify.  ERR_STATE_NOT_FOUND if there is none,
 * ERR_PEER_SIGNATURE if one does not verify, ERR_PEER_UNSUPPORTED if ${key} is
 * of another type, ERR_SYS_CRYPTO.
 */
MUST_CHECK int merkle_notekey_verify(
    const struct merkle_note *note, const struct merkle_vkey *key);

/**
 * merkle_notekey_line(key_name, key_id, sig, sig_len, ret):
 * Write a signature line with its newline and zero.  ERR_SYS_LIMIT if it is
 * longer than MERKLE_NOTEKEY_LINE_MAX.
 */
MUST_CHECK int merkle_notekey_line(const char *key_name, uint32_t key_id,
    const uint8_t *sig, size_t sig_len, char ret[MERKLE_NOTEKEY_LINE_MAX]);

#endif
