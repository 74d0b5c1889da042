/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_BANK_INTERNAL_H
#define KEYS_BANK_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The tokens of a key process. */
struct keys_p11_bank;
struct keys_process;

/**
 * keys_process_pin(p, digest, len):
 * What a predecessor had to tell.  ERR_PEER_MALFORMED, ERR_SYS_NOMEM.
 */
MUST_CHECK int keys_process_pin(
    struct keys_process *p, const uint8_t *digest, size_t len);

/** keys_process_bank(p, ret): the bank, made at need.  ERR_SYS_NOMEM. */
MUST_CHECK int keys_process_bank(
    struct keys_process *p, struct keys_p11_bank **ret);

/** keys_process_bank_free(p): log out of all tokens. */
void keys_process_bank_free(struct keys_process *p);

#endif
