/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_HEAD_H
#define AUDIT_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * The signed head of an audit log: a C2SP tlog-checkpoint whose origin is the
 * name of the key that signs it.
 */
struct merkle_head;
struct merkle_vkey;

enum { AUDIT_HEAD_TEXT_MAX = 1024, AUDIT_HEAD_NOTE_MAX = 2048 };

/**
 * audit_head_load(dir, key, ret):
 * Read "${dir}/checkpoint".  ERR_STATE_NOT_FOUND if there is none, a PEER
 * code if it is malformed or not ${key}'s, ERR_SYS codes.
 */
MUST_CHECK int audit_head_load(
    const char *dir, const struct merkle_vkey *key, struct merkle_head *ret);

/** audit_head_text(key, head, text): Write the text to be signed. */
MUST_CHECK int audit_head_text(const struct merkle_vkey *key,
    const struct merkle_head *head, char text[AUDIT_HEAD_TEXT_MAX]);

/**
 * audit_head_note(key, text, sig, sig_len, note):
 * Write the text with its signature.  ERR_PEER_SIGNATURE if that does not
 * verify.
 */
MUST_CHECK int audit_head_note(const struct merkle_vkey *key, const char *text,
    const uint8_t *sig, size_t sig_len, char note[AUDIT_HEAD_NOTE_MAX]);

#endif
