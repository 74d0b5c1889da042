/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_EVIDENCE_H
#define TRUSTCHAIN_CT_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "merkle/types.h"
#include "merkle/vkey.h"
#include "ops/cli.h"
#include "pki/ct.h"

/*
 * Evidence files (identity.md section 10).  Beside the types of
 * merkle/evidence_file.h, in the same members:
 *
 *	broken_promise	a is two lines, base64 of an SCT and of the
 *			MerkleTreeLeaf it is about, b a signed checkpoint.
 *			Either proof holds another leaf hash, that is at the
 *			SCT's index, and its audit path; or it is empty, and b
 *			is from later than SCT + MMD and does not reach the
 *			index.
 *	unauthorised_issuance	a is base64 of a MerkleTreeLeaf, b a signed
 *			checkpoint, proof its audit path; detail says what the
 *			CA said.  Not self-proving.
 */
#define CT_EVIDENCE_ID_MAX 65
#define CT_EVIDENCE_TYPE_MAX 32
#define CT_EVIDENCE_LEAF_MAX 65536
#define CT_EVIDENCE_FILES_MAX 10000 /* looked at in one folder */

struct store_disk;

/* Whose words may be judged: a key that is not there fits nothing. */
struct ct_evidence_keys {
	const struct merkle_vkey *vkey; /* log or witness */
	size_t vkeys;
	const uint8_t *spki; /* the log's P-256 key, or NULL */
	size_t spki_len;
};

/* What both types of our own are about. */
struct ct_evidence_leaf {
	const struct pki_ct_sct *sct; /* NULL: unauthorised_issuance */
	const uint8_t *leaf;	      /* MerkleTreeLeaf, RFC 6962 section 3.4 */
	size_t leaf_len;
	const char *head; /* the signed checkpoint, a string */
	const struct merkle_proof *proof;
};

/**
 * ct_evidence_encode(e, origin, detail, found_at):
 * Return the file as a string, which the caller frees; NULL when memory is
 * short or a text is not UTF-8.
 */
char *ct_evidence_encode(const struct ct_evidence_leaf *e, const char *origin,
    const char *detail, const char *found_at);

/**
 * ct_evidence_verify(text, len, keys, ret_type):
 * Judge a file.  0 if it proves its type; ERR_STATE_PENDING for
 * unauthorised_issuance whose leaf is in the log; ERR_PEER_* if it proves
 * nothing.  The type is stored once it is known.
 */
MUST_CHECK int ct_evidence_verify(const char *text, size_t len,
    const struct ct_evidence_keys *keys, char ret_type[CT_EVIDENCE_TYPE_MAX]);

/**
 * ct_evidence_store(disk, dir, text, ret_id):
 * Make it durable in ${dir}/<id>.json; the same again changes nothing.
 * Errors of the disk.
 */
MUST_CHECK int ct_evidence_store(struct store_disk *disk, const char *dir,
    const char *text, char ret_id[CT_EVIDENCE_ID_MAX]);

/**
 * ct_evidence_each(dir, fn, ctx):
 * Call ${fn} with the id of each file in ${dir}, at most
 * CT_EVIDENCE_FILES_MAX, until it returns non-zero.  No folder, no files.
 */
void ct_evidence_each(
    const char *dir, int (*fn)(void *ctx, const char *id), void *ctx);

struct ct_evidence_opts {
	struct ops_cli_values vkeys;
	const char *log;
};

extern const struct ops_cli_option ct_evidence_options[];

/**
 * ct_evidence_command(cli, opts, args, n):
 * `trustchain-ct evidence verify FILE`.
 */
int ct_evidence_command(
    const struct ops_cli *cli, const void *opts, char **args, int n);

#endif
