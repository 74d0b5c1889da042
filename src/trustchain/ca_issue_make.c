/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_issue_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "pki/cert.h"
#include "pki/csr.h"
#include "pki/lint.h"
#include "pki/name.h"
#include "pki/pubkey.h"
#include "pki/signer.h"
#include "pki/san.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_serial.h"
#include "wire/hex.h"

static void
refuse(struct ca_issue_job *j, enum ca_problem p, const char *detail)
{
	ca_issue_fail(j, PKI_ISSUE_EV_REFUSED, p, "%s", detail);
}

static void
broken(struct ca_issue_job *j, int rc)
{
	ca_issue_fail(j, PKI_ISSUE_EV_ERROR, CA_PROBLEM_INTERNAL, "%s",
	    base_err_text(rc));
}

/* Merge the names of the request's body into those of the CSR. */
static int
merge(const struct ca_issue_job *j, struct pki_san_list *sans)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < j->extra->n && rc == 0; i++)
		rc =
		    pki_san_add(sans, (enum pki_san_type)j->extra->item[i].type,
			(struct pki_bytes){
			    j->extra->item[i].value, j->extra->item[i].len });
	return rc;
}

static void
reject_name(struct ca_issue_job *j, size_t i, const char *why)
{
	char text[80];

	/* Names of the peer go back to the peer, not into our log. */
	pki_san_text(&j->sans->item[i], text, sizeof(text));
	ca_issue_fail(j, PKI_ISSUE_EV_REFUSED, CA_PROBLEM_REJECTED_NAME,
	    "%s: %s", text, why);
}

static void
check_names(struct ca_issue_job *j)
{
	struct pki_name_policy policy;
	const char *why = "";
	size_t i;

	if (j->sans->n == 0) {
		refuse(j, CA_PROBLEM_REJECTED_NAME, "no name asked for");
		return;
	}
	ca_authority_names(j->ci->o.authority, j->profile, &policy);
	if (pki_name_check_all(j->sans, &policy, &i, &why) != 0) {
		reject_name(j, i, why);
		return;
	}
	if (j->via == CA_ISSUE_ACME) {
		/* Spec section 7: the names equal the order's. */
		if (j->extra == NULL || !pki_san_same(j->sans, j->extra))
			refuse(j, CA_PROBLEM_BAD_CSR,
			    "the names differ from the order's");
		return;
	}
	for (i = 0; j->who != NULL && i < j->sans->n; i++)
		if (!ca_auth_allows_name(j->who, &j->sans->item[i])) {
			ca_issue_fail(j, PKI_ISSUE_EV_REFUSED,
			    CA_PROBLEM_FORBIDDEN,
			    "name %zu is outside the token's scopes", i);
			return;
		}
}

static void
bad_csr(struct ca_issue_job *j, int rc)
{
	if (base_err_class(rc) == ERR_CLASS_SYS)
		broken(j, rc);
	else if (rc == ERR_PEER_KEY)
		refuse(j, CA_PROBLEM_BAD_KEY, "the key cannot be used");
	else if (rc == ERR_PEER_NAME)
		refuse(j, CA_PROBLEM_REJECTED_NAME,
		    "the common name is not a name");
	else if (rc == ERR_PEER_SIGNATURE)
		refuse(j, CA_PROBLEM_BAD_CSR,
		    "csr: the signature does not verify");
	else
		/* Spec section 14: malformed DER and PEM are 400. */
		ca_issue_fail(j, PKI_ISSUE_EV_REFUSED,
		    rc == ERR_PEER_UNSUPPORTED || j->via == CA_ISSUE_ACME
			? CA_PROBLEM_BAD_CSR
			: CA_PROBLEM_MALFORMED,
		    "csr: %s", base_err_text(rc));
}

static void
use_csr(struct ca_issue_job *j, const struct pki_csr *csr)
{
	struct pki_bytes spki = pki_csr_spki(csr);
	struct pki_san_list sans;
	const char *why = "";
	int rc;

	j->spki.data = base_arena_dup(j->arena, spki.data, spki.len);
	j->spki.len = spki.len;
	if (j->spki.data == NULL) {
		broken(j, ERR_SYS_NOMEM);
		return;
	}
	rc = pki_pubkey_check(spki,
	    pki_signer_allows(
		pki_cert_spki(j->issuer->cert), j->profile->key_types),
	    NULL, &why);
	if (rc == ERR_PEER_KEY) {
		refuse(j, CA_PROBLEM_BAD_KEY, why);
		return;
	}
	if (rc != 0 || (rc = pki_pubkey_sha256(spki, j->spki_hash)) != 0) {
		broken(j, rc);
		return;
	}
	if ((rc = pki_csr_names(csr, &sans)) == 0 && j->extra != NULL &&
	    j->via != CA_ISSUE_ACME)
		rc = merge(j, &sans);
	if (rc == 0 && (j->sans = base_arena_dup(
			    j->arena, &sans, PKI_SAN_LIST_LEN(&sans))) == NULL)
		rc = ERR_SYS_NOMEM;
	if (rc != 0)
		bad_csr(j, rc);
	else
		check_names(j);
}

void
ca_issue_validate(struct ca_issue_job *j)
{
	struct pki_csr *csr;
	int rc;

	if ((rc = pki_csr_parse_any(j->csr, &csr)) != 0) {
		bad_csr(j, rc);
		return;
	}
	use_csr(j, csr);
	pki_csr_free(csr);
}

static int
make_serial(struct ca_issue_job *j)
{
	int rc = ca_serial_draw(
	    j->ci->o.rng, j->issuer->crl_shards, j->serial, &j->crl_shard);

	if (rc == 0)
		wire_hex_encode(j->serial, PKI_SERIAL_LEN, j->serial_hex);
	return rc;
}

static int
build(struct ca_issue_job *j)
{
	uint8_t tbs[2 * CA_ISSUE_DER_MAX];
	struct pki_tbs_leaf in;
	size_t len;
	int rc;

	memset(&in, 0, sizeof(in));
	if ((rc = make_serial(j)) != 0)
		return rc;
	j->created_ms = base_clock_now_ms(j->ci->o.clock);
	in.profile = j->profile;
	in.issuer = j->issuer->cert;
	if ((rc = pki_tbs_leaf_times(&in, j->created_ms, j->validity_s)) != 0)
		return rc;
	j->not_before_ms = in.not_before_ms;
	j->not_after_ms = in.not_after_ms;
	memcpy(in.serial, j->serial, sizeof(in.serial));
	in.sans = j->sans;
	in.spki = j->spki;
	in.status_url = j->ci->o.config->server.status_url;
	in.issuer_id = j->issuer->id;
	in.crl_shard = j->crl_shard;
	rc = pki_tbs_leaf(&in, PKI_TBS_PRECERT, tbs, sizeof(tbs), &len);
	if (rc != 0)
		return rc;
	j->precert_tbs.data = base_arena_dup(j->arena, tbs, len);
	j->precert_tbs.len = len;
	return j->precert_tbs.data != NULL ? 0 : ERR_SYS_NOMEM;
}

/* Lint a TBS as this job's, perhaps that of a parsed certificate; a hit is an
 * error of our own peer or ours. */
static int
lint(struct ca_issue_job *j, struct pki_bytes tbs, const struct pki_cert *cert,
    uint32_t *ret_hits)
{
	struct pki_name_policy policy;
	struct pki_lint_input in;

	memset(&in, 0, sizeof(in));
	ca_authority_names(j->ci->o.authority, j->profile, &policy);
	in.tbs = tbs;
	in.profile = j->profile;
	in.issuer = j->issuer->cert;
	in.names = &policy;
	in.status_url = j->ci->o.config->server.status_url;
	in.issuer_id = j->issuer->id;
	in.crl_shard = j->crl_shard;
	in.cert = cert;
	in.checked_key = j->spki; /* by use_csr, for this profile */
	if (cert != NULL)
		in.outer_algorithm = pki_cert_algorithm(cert);
	return pki_lint_tbs(&in, ret_hits);
}

void
ca_issue_lint(struct ca_issue_job *j)
{
	struct pki_bytes tbs;
	char ids[PKI_LINT_TEXT_MAX];
	uint32_t hits;
	int rc;

	rc = build(j);
	if (rc == ERR_STATE_EXPIRED) {
		refuse(j, CA_PROBLEM_ISSUER_EXPIRING,
		    "the issuer ends within the hour");
		return;
	}
	if (rc == 0) {
		tbs = (struct pki_bytes){ j->precert_tbs.data,
			j->precert_tbs.len };
		rc = lint(j, tbs, NULL, &hits);
	}
	if (rc != 0) {
		broken(j, rc);
	} else if (hits != 0) {
		pki_lint_ids(hits, ids);
		refuse(j, CA_PROBLEM_LINT_FAILED, ids);
	}
}

/*
 * The finished certificate leads to our root at this moment.  The path from
 * the issuer up was verified when the authority was loaded and cannot have
 * changed; doing it again for each certificate would be most of its cost,
 * for the root's P-384.  What is left is the last link, and the time.
 */
static int
check_path(struct ca_issue_job *j, const struct pki_cert *leaf)
{
	int64_t now = base_clock_now_ms(j->ci->o.clock);
	const struct pki_cert *c;
	size_t i;

	if (!pki_bytes_equal(
		pki_cert_issuer(leaf), pki_cert_subject(j->issuer->cert)))
		return ERR_PEER_MISMATCH;
	for (i = 0; i <= j->issuer->chain_len; i++) {
		c = i < j->issuer->chain_len ? j->issuer->chain[i]
					     : j->issuer->root;
		if (now < pki_cert_not_before_ms(c) ||
		    now > pki_cert_not_after_ms(c))
			return ERR_STATE_EXPIRED;
	}
	if (now < pki_cert_not_before_ms(leaf) ||
	    now > pki_cert_not_after_ms(leaf))
		return ERR_STATE_EXPIRED;
	return pki_cert_verify(leaf, j->issuer->cert);
}

/* L17: what the log saw is what we sign. L18: every SCT verifies. */
static int
check_logged(
    struct ca_issue_job *j, const struct pki_cert *leaf, uint32_t *hits)
{
	struct pki_bytes pre = { j->precert_tbs.data, j->precert_tbs.len };
	uint32_t more;
	int rc;

	if ((rc = pki_lint_pair(pre, pki_cert_tbs(leaf), &more)) != 0)
		return rc;
	*hits |= more;
	rc = pki_lint_scts(leaf, pki_cert_spki(j->issuer->cert), j->logs,
	    j->n_logs, (unsigned)j->ci->o.config->issue.min_scts, &more);
	*hits |= more;
	return rc;
}

void
ca_issue_check(struct ca_issue_job *j)
{
	struct pki_bytes der = { j->final.data, j->final.len };
	char ids[PKI_LINT_TEXT_MAX];
	struct pki_cert *leaf;
	uint32_t hits = 0;
	int rc;

	if ((rc = pki_cert_parse_own(der, &leaf)) == 0) {
		rc = lint(j, pki_cert_tbs(leaf), leaf, &hits);
		if (rc == 0)
			rc = check_logged(j, leaf, &hits);
		if (rc == 0)
			rc = check_path(j, leaf);
		pki_cert_free(leaf);
	}
	if (rc == 0)
		rc = pki_pubkey_sha256(der, j->fp);
	pki_lint_ids(hits, ids);
	if (base_err_class(rc) == ERR_CLASS_SYS)
		broken(j, rc);
	else if (rc != 0 || hits != 0)
		ca_issue_fail(j, PKI_ISSUE_EV_REFUSED, CA_PROBLEM_INTERNAL,
		    "self-check: %s %s", base_err_name(rc), ids);
}
