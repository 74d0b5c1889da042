/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_AUTHORITY_H
#define TRUSTCHAIN_CA_AUTHORITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "pki/bytes.h"
#include "pki/name.h"
#include "pki/profile.h"

/*
 * What the CA issues with, read once from its configuration: the issuers and
 * their chains, the roots, the profiles, the rules for names.  Immutable
 * after loading; a reload makes a new one.
 */
struct ca_config;
struct pki_cert;
struct pki_roots;

enum {
	CA_AUTHORITY_CHAIN_MAX = 4,
	CA_AUTHORITY_PROFILES_MAX = 64,
	CA_AUTHORITY_ISSUERS_MAX = 16,
};

struct ca_files;

struct ca_authority_issuer {
	const char *id;
	uint8_t slot; /* slot of its key: place in the configuration, from 0 */
	struct pki_cert *cert;
	uint8_t key_hash[32]; /* SHA-256 of its SPKI */
	uint32_t crl_shards;  /* among which new certificates are spread */
	/* chain[0] is cert; no root. */
	size_t chain_len;
	struct pki_cert *chain[CA_AUTHORITY_CHAIN_MAX];
	char *chain_pem; /* issuing first, no root */
	struct pki_cert *root;
};

struct ca_authority {
	size_t n_issuers;
	struct ca_authority_issuer *issuer;
	size_t default_issuer;
	struct pki_roots *roots;
	char *root_pem;
	size_t n_profiles;
	struct pki_profile *profile;
	const char *profile_issuer[CA_AUTHORITY_PROFILES_MAX]; /* or NULL */
	bool local;
	bool allow_ipv4;
	const char *const *single_labels;
	size_t n_single_labels;
	const struct ca_files *files; /* while it is loaded; or NULL */
	struct ca_config *owned;      /* its configuration, if it is its own */
	struct ca_authority *older;   /* what it was before; in use still */
};

/**
 * ca_authority_load(config, ret, f):
 * Read and check the files the configuration names: each issuer is a CA but
 * not self-signed (R4), its chain leads to a root of server.roots and is valid
 * at ${now_ms}.  ${config} outlives the result.  ERR_STATE_CONFIG (exit 2),
 * ERR_STATE_NOT_FOUND, ERR_SYS_*.
 */
MUST_CHECK int ca_authority_load(const struct ca_config *config, int64_t now_ms,
    struct ca_authority **ret, struct fault *f);

/**
 * ca_authority_load_files(config, files, now_ms, ret, f):
 * The same with the files ${files}; ${config} belongs to the result, also on
 * failure.
 */
MUST_CHECK int ca_authority_load_files(struct ca_config *config,
    const struct ca_files *files, int64_t now_ms, struct ca_authority **ret,
    struct fault *f);

/**
 * ca_authority_continues(live, fresh, f):
 * Whether ${fresh} has all issuers of ${live} in the same places, with the
 * same certificates: slots are numbered by place.  ERR_STATE_CONFIG.
 */
MUST_CHECK int ca_authority_continues(const struct ca_authority *live,
    const struct ca_authority *fresh, struct fault *f);

/**
 * ca_authority_adopt(live, fresh):
 * Make ${live}, which others point to and into, have the new issuers behind
 * the old ones, and the default, roots and profiles of ${fresh}, which must
 * continue it and belongs to ${live} from now on.
 */
void ca_authority_adopt(struct ca_authority *live, struct ca_authority *fresh);

/**
 * ca_authority_free(a):
 * Free ${a}; NULL is legal.
 */
void ca_authority_free(struct ca_authority *a);

/**
 * ca_authority_find(a, id), ca_authority_profile(a, name):
 * Return the issuer ${id} (NULL or "": the default one), or the profile; NULL
 * when there is none.
 */
const struct ca_authority_issuer *ca_authority_find(
    const struct ca_authority *a, const char *id);
const struct pki_profile *ca_authority_profile(
    const struct ca_authority *a, const char *name);

/**
 * ca_authority_find_key(a, key_id, len):
 * Return the issuer with this key identifier (RFC 7093 method 1), or NULL.
 */
const struct ca_authority_issuer *ca_authority_find_key(
    const struct ca_authority *a, const uint8_t *key_id, size_t len);

/**
 * ca_authority_names(a, profile, ret):
 * Fill in the rules for names of certificates of ${profile}.
 */
void ca_authority_names(const struct ca_authority *a,
    const struct pki_profile *profile, struct pki_name_policy *ret);

#endif
