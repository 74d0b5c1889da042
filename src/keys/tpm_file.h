/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_TPM_FILE_H
#define KEYS_TPM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A key or secret that only one TPM can open, as the file that other tools
 * read, too: PEM "TSS2 PRIVATE KEY" (draft-bottomley-tpm2-keys; tpm2-openssl,
 * tpm2-tools' tpm2_encodeobject).
 *
 *   SEQUENCE { OID  2.23.133.10.1.3 loadable key, .5 sealed data
 *              [0] BOOLEAN  TRUE: no authorization value
 *              INTEGER parent, OCTET STRING TPM2B_PUBLIC,
 *              OCTET STRING TPM2B_PRIVATE }
 *
 * Policies are not supported, nor is another parent than the primary storage
 * key of the owner hierarchy, which the TPM derives from its seed.
 */
struct buf;

#define KEYS_TPM_FILE_BLOB_MAX 2048
#define KEYS_TPM_FILE_MAX 16384
#define KEYS_TPM_FILE_PARENT 0x40000001 /* TPM_RH_OWNER */

enum keys_tpm_file_type { KEYS_TPM_FILE_KEY, KEYS_TPM_FILE_SEALED };

struct keys_tpm_file {
	enum keys_tpm_file_type type;
	bool empty_auth;
	size_t public_len, private_len;
	uint8_t public[KEYS_TPM_FILE_BLOB_MAX];
	uint8_t private[KEYS_TPM_FILE_BLOB_MAX];
};

/**
 * keys_tpm_file_parse(pem, len, ret):
 * Read the first such block of ${len} bytes.  The two TPM structures are not
 * looked into.  ERR_STATE_NOT_FOUND without a block, ERR_PEER_TOO_LARGE,
 * ERR_PEER_MALFORMED, ERR_PEER_TRUNCATED, ERR_PEER_TRAILING,
 * ERR_PEER_ENCODING; ERR_PEER_UNSUPPORTED for importable keys, policies and
 * other parents.
 */
MUST_CHECK int keys_tpm_file_parse(
    const uint8_t *pem, size_t len, struct keys_tpm_file *ret);

/**
 * keys_tpm_file_encode(file, pem):
 * Append the PEM block.  Errors as base_buf_append.
 */
MUST_CHECK int keys_tpm_file_encode(
    const struct keys_tpm_file *file, struct buf *pem);

#endif
