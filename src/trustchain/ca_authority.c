/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_authority.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "pki/cert.h"
#include "pki/chain.h"
#include "pki/ct.h"
#include "pki/policy.h"
#include "pki/pubkey.h"
#include "pki/roots.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_files.h"
#include "wire/pem.h"

enum { FILE_MAX = 1 << 20, BUILTIN_BASES = 3 };

static int
load_file(const struct ca_authority *a, const char *path, struct pki_bytes *ret,
    struct fault *f)
{
	uint8_t *data;
	size_t len;
	int rc;

	if ((rc = ca_files_load(a->files, path, &data, &len)) != 0)
		return base_fault_set(f, rc, "%s: %s", path, base_err_text(rc));
	ret->data = data;
	ret->len = len;
	return 0;
}

/* Parse the next certificate of a PEM text. */
static int
next_cert(struct pki_bytes pem, size_t *pos, struct pki_cert **ret)
{
	struct buf der;
	int rc;

	base_buf_init(&der, PKI_CERT_DER_MAX);
	rc = wire_pem_next(
	    (const char *)pem.data, pem.len, pos, "CERTIFICATE", &der);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ der.data, der.len }, ret);
	base_buf_free(&der);
	return rc;
}

static bool
self_issued(const struct pki_cert *c)
{

	return pki_bytes_equal(pki_cert_issuer(c), pki_cert_subject(c));
}

/* The issuer's own certificate: exactly one, a CA, not a root. */
static int
load_cert(const struct ca_authority *a, struct ca_authority_issuer *is,
    const char *path, struct fault *f)
{
	struct pki_bytes pem;
	size_t pos = 0;
	int rc;

	if ((rc = load_file(a, path, &pem, f)) != 0)
		return rc;
	rc = next_cert(pem, &pos, &is->cert);
	free((void *)(uintptr_t)pem.data);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%s: no acceptable certificate (%s)", path,
		    base_err_text(rc));
	is->chain[is->chain_len++] = is->cert;
	if (!pki_cert_is_ca(is->cert, NULL) ||
	    (pki_cert_key_usage(is->cert) & PKI_KU_CERT_SIGN) == 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "%s: not a CA certificate", path);
	/* Ruling R4: the root stays offline. */
	if (self_issued(is->cert))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%s: a self-signed issuer; the root key stays offline",
		    path);
	return pki_ct_key_hash(pki_cert_spki(is->cert), is->key_hash);
}

/* The rest of the chain: neither the issuer again nor a root. */
static int
load_chain(const struct ca_authority *a, struct ca_authority_issuer *is,
    const char *path, struct fault *f)
{
	struct pki_bytes pem;
	struct pki_cert *c;
	size_t pos = 0;
	int rc;

	if ((rc = load_file(a, path, &pem, f)) != 0)
		return rc;
	while ((rc = next_cert(pem, &pos, &c)) == 0) {
		if (self_issued(c) ||
		    pki_bytes_equal(pki_cert_der(c), pki_cert_der(is->cert))) {
			pki_cert_free(c);
			continue;
		}
		if (is->chain_len == CA_AUTHORITY_CHAIN_MAX) {
			pki_cert_free(c);
			rc = ERR_PEER_TOO_LARGE;
			break;
		}
		is->chain[is->chain_len++] = c;
	}
	free((void *)(uintptr_t)pem.data);
	if (rc == ERR_STATE_NOT_FOUND)
		return 0;
	return base_fault_set(
	    f, ERR_STATE_CONFIG, "%s: %s", path, base_err_text(rc));
}

static int
to_pem(struct pki_cert *const *chain, size_t n, char **ret)
{
	struct pki_bytes d;
	struct buf out;
	size_t i;
	int rc = 0;

	base_buf_init(&out, FILE_MAX);
	for (i = 0; i < n && rc == 0; i++) {
		d = pki_cert_der(chain[i]);
		rc = wire_pem_encode("CERTIFICATE", d.data, d.len, &out);
	}
	if (rc == 0)
		rc = base_buf_append(&out, "", 1);
	if (rc != 0)
		base_buf_free(&out);
	else
		*ret = (char *)out.data;
	return rc;
}

/* The chain holds today and ends at one of our roots. */
static int
verify_chain(const struct ca_authority *a, struct ca_authority_issuer *is,
    const char *path, int64_t now_ms, struct fault *f)
{
	struct pki_path p;
	int rc;

	rc = pki_chain_verify(a->roots,
	    (const struct pki_cert *const *)is->chain, is->chain_len, now_ms,
	    &p);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "%s: does not lead to a root of server.roots: %s", path,
		    base_err_text(rc));
	rc = pki_cert_parse(pki_cert_der(p.cert[p.n - 1]), &is->root);
	pki_path_fini(&p);
	if (rc == 0)
		rc = to_pem(is->chain, is->chain_len, &is->chain_pem);
	return rc;
}

static int
load_issuer(struct ca_authority *a, size_t i, const struct ca_config_issuer *c,
    int64_t now_ms, struct fault *f)
{
	struct ca_authority_issuer *is = &a->issuer[i];
	int rc;

	is->id = c->id;
	is->slot = (uint8_t)i;
	is->crl_shards = (uint32_t)c->crl_shards;
	if (c->is_default)
		a->default_issuer = i;
	if ((rc = load_cert(a, is, c->cert, f)) != 0 ||
	    (rc = load_chain(a, is, c->chain, f)) != 0)
		return rc;
	return verify_chain(a, is, c->cert, now_ms, f);
}

static int
load_roots(struct ca_authority *a, const char *path, struct fault *f)
{
	struct pki_bytes pem;
	size_t n;
	int rc;

	if ((rc = pki_roots_new(&a->roots)) != 0 ||
	    (rc = load_file(a, path, &pem, f)) != 0)
		return rc;
	rc = pki_roots_add_pem(a->roots, pem, &n);
	free((void *)(uintptr_t)pem.data);
	if (rc != 0)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "%s: %s", path, base_err_text(rc));
	return 0;
}

static int
key_types(const struct ops_config_list *list, unsigned *ret, struct fault *f)
{
	static const struct {
		const char *name;
		unsigned type;
	} known[] = { { "p256", PKI_KEY_P256 }, { "p384", PKI_KEY_P384 },
		{ "ed25519", PKI_KEY_ED25519 }, { "rsa", PKI_KEY_RSA },
		{ "mldsa44", PKI_KEY_MLDSA44 }, { "mldsa65", PKI_KEY_MLDSA65 },
		{ "mldsa87", PKI_KEY_MLDSA87 } };
	size_t i, k;

	*ret = list->n == 0 ? PKI_KEY_ANY : 0;
	for (i = 0; i < list->n; i++) {
		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (strcmp(ops_config_string(list, i), known[k].name) ==
			    0)
				break;
		if (k == sizeof(known) / sizeof(known[0]))
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "profile.key_types: unknown key type \"%s\" "
			    "(p256 p384 ed25519 rsa mldsa44 mldsa65 mldsa87)",
			    ops_config_string(list, i));
		*ret |= known[k].type;
	}
	return 0;
}

static int
policies(
    const struct ops_config_list *list, struct pki_profile *p, struct fault *f)
{
	size_t i;
	int rc;

	for (i = 0; i < list->n; i++)
		if ((rc = pki_policy_add(p, ops_config_string(list, i))) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "profile.policy_oids: \"%.100s\": %s; fix: an "
			    "object identifier such as 2.23.140.1.2.1",
			    ops_config_string(list, i), base_err_text(rc));
	return 0;
}

static int
load_profile(
    struct ca_authority *a, const struct ca_config_profile *c, struct fault *f)
{
	struct pki_profile p;
	size_t at = a->n_profiles;
	unsigned types;
	int rc;

	/* The bases server, client, service are the first built-in ones. */
	p = *pki_profile_builtin((size_t)c->base);
	if ((rc = key_types(&c->key_types, &types, f)) != 0)
		return rc;
	if (strlen(c->name) >= sizeof(p.name))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "profile.%s: name longer than 32 characters", c->name);
	memcpy(p.name, c->name, strlen(c->name) + 1);
	/* The configuration bounds it to 95 characters. */
	if (base_str_copy(
		p.description, sizeof(p.description), c->description) != 0)
		p.description[0] = '\0';
	if ((rc = policies(&c->policy_oids, &p, f)) != 0)
		return rc;
	p.key_types = types;
	p.validity_s = (uint32_t)c->validity_s;
	p.backdate_s = (uint32_t)c->backdate_s;
	p.acme = c->acme;
	p.status_pointers = (enum pki_status_pointers)c->status_pointers;
	while (at > 0 && strcmp(a->profile[at - 1].name, p.name) != 0)
		at--;
	if (at > 0)
		at--;
	else if (a->n_profiles == CA_AUTHORITY_PROFILES_MAX)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "more than 64 profiles");
	else
		at = a->n_profiles++;
	a->profile[at] = p;
	a->profile_issuer[at] = c->issuer[0] != '\0' ? c->issuer : NULL;
	return 0;
}

static int
load_profiles(
    struct ca_authority *a, const struct ca_config *config, struct fault *f)
{
	const struct ca_config_profile *c = config->profiles.v;
	size_t i;
	int rc = 0;

	for (i = 0; pki_profile_builtin(i) != NULL; i++)
		a->profile[a->n_profiles++] = *pki_profile_builtin(i);
	for (i = 0; i < config->profiles.n && rc == 0; i++)
		rc = load_profile(a, &c[i], f);
	return rc;
}

static int
load_all(struct ca_authority *a, const struct ca_config *config, int64_t now_ms,
    struct fault *f)
{
	const struct ca_config_issuer *c = config->issuers.v;
	struct pki_cert *root;
	size_t i;
	int rc;

	a->local = config->server.environment == TRUSTCHAIN_LOCAL;
	a->allow_ipv4 = config->issue.allow_ipv4;
	a->single_labels = config->issue.allowed_single_labels.v;
	a->n_single_labels = config->issue.allowed_single_labels.n;
	if (config->issuers.n == 0)
		return base_fault_set(f, ERR_STATE_CONFIG, "no [[issuer]]");
	if (config->issuers.n > CA_AUTHORITY_ISSUERS_MAX)
		return ERR_SYS_LIMIT;
	a->issuer = calloc(CA_AUTHORITY_ISSUERS_MAX, sizeof(*a->issuer));
	if (a->issuer == NULL)
		return ERR_SYS_NOMEM;
	a->n_issuers = config->issuers.n;
	if ((rc = load_roots(a, config->server.roots, f)) != 0 ||
	    (rc = load_profiles(a, config, f)) != 0)
		return rc;
	for (i = 0; i < a->n_issuers; i++)
		if ((rc = load_issuer(a, i, &c[i], now_ms, f)) != 0)
			return rc;
	root = a->issuer[a->default_issuer].root;
	return to_pem(&root, 1, &a->root_pem);
}

static struct ca_authority *
make(void)
{
	struct ca_authority *a = calloc(1, sizeof(*a));

	if (a == NULL || (a->profile = calloc(CA_AUTHORITY_PROFILES_MAX,
			      sizeof(*a->profile))) == NULL) {
		free(a);
		return NULL;
	}
	return a;
}

int
ca_authority_load(const struct ca_config *config, int64_t now_ms,
    struct ca_authority **ret, struct fault *f)
{
	struct ca_authority *a;
	int rc;

	if ((a = make()) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	if (f != NULL)
		f->rc = 0;
	if ((rc = load_all(a, config, now_ms, f)) != 0) {
		ca_authority_free(a);
		if (f != NULL && f->rc == 0)
			(void)base_fault_set(f, rc, "%s", base_err_text(rc));
		return rc;
	}
	*ret = a;
	return 0;
}

int
ca_authority_load_files(struct ca_config *config, const struct ca_files *files,
    int64_t now_ms, struct ca_authority **ret, struct fault *f)
{
	struct ca_authority *a = make();
	int rc;

	if (a == NULL) {
		ca_config_free(config);
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	}
	a->owned = config;
	a->files = files;
	f->rc = 0;
	rc = load_all(a, config, now_ms, f);
	a->files = NULL;
	if (rc != 0) {
		ca_authority_free(a);
		if (f->rc == 0)
			(void)base_fault_set(f, rc, "%s", base_err_text(rc));
		return rc;
	}
	*ret = a;
	return 0;
}

void
ca_authority_free(struct ca_authority *a)
{
	struct ca_authority_issuer *is;
	size_t i, k;

	if (a == NULL)
		return;
	for (i = 0; i < a->n_issuers; i++) {
		is = &a->issuer[i];
		for (k = 0; k < is->chain_len; k++)
			pki_cert_free(is->chain[k]);
		pki_cert_free(is->root);
		free(is->chain_pem);
	}
	free(a->issuer);
	free(a->root_pem);
	free(a->profile);
	pki_roots_free(a->roots);
	ca_config_free(a->owned);
	ca_authority_free(a->older);
	free(a);
}

const struct ca_authority_issuer *
ca_authority_find(const struct ca_authority *a, const char *id)
{
	size_t i;

	if (id == NULL || id[0] == '\0')
		return &a->issuer[a->default_issuer];
	for (i = 0; i < a->n_issuers; i++)
		if (strcmp(a->issuer[i].id, id) == 0)
			return &a->issuer[i];
	return NULL;
}

const struct ca_authority_issuer *
ca_authority_find_key(
    const struct ca_authority *a, const uint8_t *key_id, size_t len)
{
	uint8_t own[20];

	for (size_t i = 0; i < a->n_issuers; i++)
		if (len == sizeof(own) &&
		    pki_pubkey_key_id(pki_cert_spki(a->issuer[i].cert), own) ==
			0 &&
		    memcmp(key_id, own, sizeof(own)) == 0)
			return &a->issuer[i];
	return NULL;
}

const struct pki_profile *
ca_authority_profile(const struct ca_authority *a, const char *name)
{

	return pki_profile_find(a->profile, a->n_profiles, name);
}

void
ca_authority_names(const struct ca_authority *a,
    const struct pki_profile *profile, struct pki_name_policy *ret)
{

	ret->local = a->local && profile->service;
	ret->allow_ipv4 = a->allow_ipv4;
	ret->allow_uri = profile->allow_uri;
	ret->single_labels = a->single_labels;
	ret->n_single_labels = a->n_single_labels;
}
