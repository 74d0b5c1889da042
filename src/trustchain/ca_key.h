/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_KEY_H
#define TRUSTCHAIN_CA_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * The keys that the configuration of trustchain-ca names, for the commands
 * that look after them.
 */
struct ca_config;
struct crypto_pkey;
struct keys_file_new;

enum { CA_KEY_MAX = 512, CA_KEY_PATH_MAX = 4096 };

struct ca_key {
	const char *use; /* "issuer", "ocsp", "seal", "audit" */
	const char *id;	 /* the issuer's, or "" */
	unsigned slot;	 /* in the key process */
	char uri[CA_KEY_PATH_MAX];
	char pass[CA_KEY_PATH_MAX]; /* file of passphrase or PIN */
	const char *module;	    /* of a token; "" for a file */
};

struct ca_key_list {
	size_t n;
	struct ca_key *key;
};

/**
 * ca_key_list(conf, ret), ca_key_list_free(l):
 * List the keys of ${conf}, which outlives the list.  ERR_SYS_NOMEM,
 * ERR_STATE_CONFIG.
 */
MUST_CHECK int ca_key_list(
    const struct ca_config *conf, struct ca_key_list *ret);
void ca_key_list_free(struct ca_key_list *l);

/**
 * ca_key_open(k, ret, f):
 * Open the key with its passphrase, or ask its token for the public half.
 * Errors of keys/file.h and keys/p11_make.h.
 */
MUST_CHECK int ca_key_open(
    const struct ca_key *k, struct crypto_pkey **ret, struct fault *f);

/**
 * ca_key_path(k):
 * Return the path of a key in a file, NULL for one on a token.
 */
const char *ca_key_path(const struct ca_key *k);

/**
 * ca_key_repass(n, pass, len, f):
 * Replace the key file of ${n}, which opens under the passphrase in pass_path,
 * by one that opens under ${pass}; it is tried before the old one goes.
 * Errors of keys_file_open; the file is unchanged then.
 */
MUST_CHECK int ca_key_repass(const struct keys_file_new *n, const uint8_t *pass,
    size_t len, struct fault *f);

#endif
