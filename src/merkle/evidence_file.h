/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MERKLE_EVIDENCE_FILE_H
#define MERKLE_EVIDENCE_FILE_H

#include "merkle/evidence.h"

/*
 * Evidence as a file: one JSON object {type, origin, a, b, proof[], detail,
 * found_at}, where type is "equivocation", "fork" or "bad_cosignature", proof
 * a list of base64 hashes and detail and found_at are for people.  Its id is
 * the SHA-256 of the file.
 */
#define MERKLE_EVIDENCE_FILE_MAX 262144
#define MERKLE_EVIDENCE_DETAIL_MAX 1024

struct merkle_evidence_file;

/**
 * merkle_evidence_file_parse(text, len, ret, ret_evidence):
 * Parse a file; ${ret_evidence} points into ${ret} and lives as long.
 * ERR_PEER_MALFORMED, ERR_PEER_UNSUPPORTED for another type,
 * ERR_PEER_TOO_LARGE, ERR_SYS_NOMEM.
 */
MUST_CHECK int merkle_evidence_file_parse(const char *text, size_t len,
    struct merkle_evidence_file **ret, struct merkle_evidence *ret_evidence);

/** merkle_evidence_file_free(file): Free; NULL is allowed. */
void merkle_evidence_file_free(struct merkle_evidence_file *file);

/**
 * merkle_evidence_file_encode(e, origin, detail, found_at):
 * Return the file as a string, which the caller frees; NULL when memory is
 * short or a text is not UTF-8.
 */
char *merkle_evidence_file_encode(const struct merkle_evidence *e,
    const char *origin, const char *detail, const char *found_at);

/**
 * merkle_evidence_type_name(type):
 * Return "equivocation", "fork" or "bad_cosignature".
 */
const char *merkle_evidence_type_name(enum merkle_evidence_type type);

#endif
