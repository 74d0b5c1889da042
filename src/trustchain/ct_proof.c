/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_proof.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/str.h"
#include "merkle/quorum.h"
#include "merkle/signed.h"
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
	{ "witness", OPS_CLI_VALUES, offsetof(struct ct_proof_opts, witnesses),
	    "KEY", "verifier key of a witness whose cosignature counts" },
	{ "min", OPS_CLI_VALUE, offsetof(struct ct_proof_opts, min), "K",
	    "cosignatures that there must be; default 0" },
	{ .name = NULL },
};

/* What was read from the two files. */
struct input {
	uint8_t *proof_text, *pem;
	size_t proof_len, pem_len;
	struct pki_cert *leaf, *issuer;
	struct merkle_tlogproof proof;
	struct merkle_vkey key;
	struct merkle_quorum_witness witness[MERKLE_QUORUM_WITNESSES_MAX];
	struct merkle_quorum quorum;
	struct merkle_signed_policy policy;
	struct merkle_head head;
	struct merkle_quorum_result cosigned;
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

/* Whose signatures count. */
static int
load_policy(struct input *in, const struct ct_proof_opts *o, struct fault *f)
{
	uint64_t k = 0;

	in->quorum.witness = in->witness;
	in->policy.log = &in->key;
	in->policy.quorum = &in->quorum;
	if (merkle_vkey_parse(o->vkey, strlen(o->vkey), &in->key) != 0)
		return base_fault_set(
		    f, ERR_STATE_USAGE, "--vkey is no verifier key");
	if (o->witnesses.n > MERKLE_QUORUM_WITNESSES_MAX)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "more than %d --witness", MERKLE_QUORUM_WITNESSES_MAX);
	for (; in->quorum.n < o->witnesses.n; in->quorum.n++) {
		const char *text = o->witnesses.v[in->quorum.n];

		in->witness[in->quorum.n].key_count = 1;
		if (merkle_vkey_parse(text, strlen(text),
			&in->witness[in->quorum.n].key[0]) != 0)
			return base_fault_set(f, ERR_STATE_USAGE,
			    "--witness %.100s: no verifier key", text);
	}
	if (o->min != NULL &&
	    (base_str_u64(o->min, strlen(o->min), &k) != 0 || k > in->quorum.n))
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--min is not a number up to that of --witness");
	in->quorum.k = (unsigned)k;
	if (merkle_quorum_ok(&in->quorum) != 0)
		return base_fault_set(f, ERR_STATE_USAGE,
		    "--witness: one key is there twice, or is none for "
		    "cosignatures");
	return 0;
}

static int
parse_proof(struct input *in, struct fault *f)
{
	int rc = merkle_tlogproof_parse(
	    (const char *)in->proof_text, in->proof_len, &in->proof);

	return rc == 0 ? 0
		       : base_fault_set(f, ERR_STATE_INTEGRITY,
			     "not a tlog-proof: %s", base_err_text(rc));
}

/* The leaf is in a tree whose head was signed and cosigned. */
static int
verify(struct input *in, const struct merkle_hash *leaf, struct fault *f)
{
	int rc = merkle_tlogproof_verify(
	    &in->proof, leaf, &in->policy, &in->head, &in->cosigned);

	if (rc == ERR_STATE_REFUSED)
		return base_fault_set(f, ERR_STATE_INTEGRITY,
		    "%u witnesses cosigned the head, %u are needed",
		    in->cosigned.count, in->quorum.k);
	if (rc == ERR_PEER_PROOF)
		return ERR_PEER_PROOF;
	return rc == 0 ? 0
		       : base_fault_set(f, ERR_STATE_INTEGRITY,
			     "checkpoint of the proof: %s", base_err_text(rc));
}

/* Some SCT of the certificate promises the index, and its leaf is there. */
static int
judge(struct input *in, struct fault *f)
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
		if ((rc = verify(in, &leaf, f)) != ERR_PEER_PROOF)
			return rc;
	}
	return base_fault_set(f, ERR_STATE_INTEGRITY,
	    "the certificate is not the leaf that the proof is for");
}

int
ct_proof_verify(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	const struct ct_proof_opts *o = opts;
	struct input *in = calloc(1, sizeof(*in));
	struct fault f = { 0 };
	int rc;

	(void)cli;
	(void)n;
	if (in == NULL)
		return OPS_EXIT_FAILED;
	if (o->cert == NULL || o->vkey == NULL)
		rc = base_fault_set(
		    &f, ERR_STATE_USAGE, "--cert and --vkey are needed");
	else if ((rc = load_policy(in, o, &f)) == 0 &&
		 (rc = load(in, args[0], o->cert, &f)) == 0 &&
		 (rc = parse_proof(in, &f)) == 0)
		rc = judge(in, &f);
	if (rc != 0)
		ops_cli_error("%s", f.msg);
	else
		ops_cli_success("included index=%" PRIu64 " size=%" PRIu64
				" cosigned=%u",
		    in->proof.index, in->head.size, in->cosigned.count);
	pki_cert_free(in->leaf);
	pki_cert_free(in->issuer);
	free(in->proof_text);
	free(in->pem);
	free(in);
	return ops_cli_exit_of(rc);
}
