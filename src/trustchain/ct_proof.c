/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_proof.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fault.h"
#include "merkle/checkpoint.h"
#include "merkle/notekey.h"
#include "merkle/proof.h"
#include "merkle/tlogproof.h"
#include "merkle/tree.h"
#include "pki/cert.h"
#include "pki/ct.h"
#include "store/file.h"
#include "trustchain/ct_promise.h"
#include "wire/pem.h"

#define FILE_MAX 1048576
#define LEAF_MAX CT_PROMISE_LEAF_MAX

const struct ops_cli_option ct_proof_options[] = {
	{ "cert", OPS_CLI_VALUE, offsetof(struct ct_proof_opts, cert), "FILE",
	    "the certificate, then its issuer, PEM" },
	{ "vkey", OPS_CLI_VALUE, offsetof(struct ct_proof_opts, vkey), "KEY",
	    "verifier key of the log's checkpoints, note_vkey in the list" },
	{ .name = NULL },
};

/* What was read from the two files. */
struct input {
	uint8_t *proof_text, *pem;
	size_t proof_len, pem_len;
	struct pki_cert *leaf, *issuer;
	struct merkle_tlogproof proof;
	struct merkle_checkpoint head;
};

static int
next_cert(const struct input *in, size_t *pos, struct pki_cert **ret)
{
	struct buf der;
	int rc;

	base_buf_init(&der, 65536);
	rc = wire_pem_next(
	    (const char *)in->pem, in->pem_len, pos, "CERTIFICATE", &der);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ der.data, der.len }, ret);
	base_buf_free(&der);
	return rc;
}

static int
load(struct input *in, const char *proof, const char *cert, struct fault *f)
{
	size_t pos = 0;
	int rc;

	if ((rc = store_file_load(
		 proof, FILE_MAX, &in->proof_text, &in->proof_len)) != 0)
		return base_fault_set(
		    f, ERR_STATE_USAGE, "%s: %s", proof, base_err_text(rc));
	if ((rc = store_file_load(cert, FILE_MAX, &in->pem, &in->pem_len)) !=
		0 ||
	    (rc = next_cert(in, &pos, &in->leaf)) != 0 ||
	    (rc = next_cert(in, &pos, &in->issuer)) != 0)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "%s: needs the certificate and its issuer: %s", cert,
		    base_err_text(rc));
	return 0;
}

/* The checkpoint in the proof, signed by ${vkey}. */
static int
open_head(struct input *in, const char *vkey, struct fault *f)
{
	struct merkle_note *note = calloc(1, sizeof(*note));
	struct merkle_vkey key;
	int rc;

	if (note == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	if (merkle_vkey_parse(vkey, strlen(vkey), &key) != 0)
		rc = base_fault_set(
		    f, ERR_STATE_USAGE, "--vkey is no verifier key");
	else if ((rc = merkle_tlogproof_parse((const char *)in->proof_text,
		      in->proof_len, &in->proof)) != 0)
		rc = base_fault_set(f, ERR_STATE_INTEGRITY,
		    "not a tlog-proof: %s", base_err_text(rc));
	else if ((rc = merkle_note_parse(in->proof.checkpoint,
		      in->proof.checkpoint_len, note)) != 0 ||
		 (rc = merkle_notekey_verify(note, &key)) != 0 ||
		 (rc = merkle_checkpoint_parse(
		      note->text, note->text_len, &in->head)) != 0)
		rc = base_fault_set(f, ERR_STATE_INTEGRITY,
		    "checkpoint of the proof: %s", base_err_text(rc));
	else if (strcmp(in->head.origin, key.name) != 0)
		rc = base_fault_set(f, ERR_STATE_INTEGRITY,
		    "the checkpoint is of %.100s, the key of %.100s",
		    in->head.origin, key.name);
	free(note);
	return rc;
}

/* Some SCT of the certificate promises the index, and its leaf is there. */
static int
judge(const struct input *in, struct fault *f)
{
	struct pki_ct_sct scts[PKI_CT_LIST_MAX];
	uint8_t octets[LEAF_MAX];
	struct pki_bytes value;
	struct merkle_hash leaf;
	uint64_t index;
	size_t len;
	size_t n, i;
	int rc;

	if (pki_cert_verify(in->leaf, in->issuer) != 0)
		return base_fault_set(f, ERR_STATE_INTEGRITY,
		    "the second certificate did not issue the first");
	if (!pki_cert_extension(in->leaf, PKI_OID_CT_SCT_LIST, &value, NULL) ||
	    pki_ct_list_parse(value, scts, &n) != 0)
		return base_fault_set(
		    f, ERR_STATE_INTEGRITY, "the certificate holds no SCTs");
	for (i = 0; i < n; i++) {
		const struct pki_bytes ext = { scts[i].ext, scts[i].ext_len };

		if (pki_ct_leaf_index_parse(ext, &index) != 0 ||
		    index != in->proof.index)
			continue;
		rc = ct_promise_leaf(in->leaf, in->issuer, &scts[i], octets,
		    sizeof(octets), &len);
		if (rc != 0)
			return base_fault_set(f, rc, "%s", base_err_text(rc));
		merkle_tree_leaf(octets, len, &leaf);
		if (merkle_proof_verify_inclusion(
			&leaf, index, &in->head.head, &in->proof.proof) == 0)
			return 0;
	}
	return base_fault_set(f, ERR_STATE_INTEGRITY,
	    "the certificate is not the leaf that the proof is for");
}

int
ct_proof_verify(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ct_proof_opts *o = opts;
	struct input in = { .proof_text = NULL };
	struct fault f = { 0 };
	int rc;

	(void)cli;
	(void)n;
	if (o->cert == NULL || o->vkey == NULL)
		rc = base_fault_set(
		    &f, ERR_STATE_USAGE, "--cert and --vkey are needed");
	else if ((rc = load(&in, args[0], o->cert, &f)) == 0 &&
		 (rc = open_head(&in, o->vkey, &f)) == 0)
		rc = judge(&in, &f);
	if (rc != 0)
		ops_cli_error("%s", f.msg);
	else
		ops_cli_success("included index=%" PRIu64 " size=%" PRIu64
				" cosigned=0",
		    in.proof.index, in.head.head.size);
	pki_cert_free(in.leaf);
	pki_cert_free(in.issuer);
	free(in.proof_text);
	free(in.pem);
	return ops_cli_exit_of(rc);
}
