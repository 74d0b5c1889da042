/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SIGNER_H
#define TRUSTCHAIN_CA_SIGNER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/bytes.h"

/*
 * The delegated OCSP signers (identity.md sections 3 and 4): for each issuer a
 * key that the key process made in memory, or the configured ocsp_key, with a
 * certificate of 7 days from that issuer.  Each is replaced after 5 days, when
 * its key process is, and when its certificate has been swept; a failure is
 * tried again every 5 s.  Loop thread only.
 */
struct ca_authority;
struct ca_config;
struct ca_signer;
struct ca_store;
struct clock;
struct keys_client;
struct loop;
struct ops_log;
struct rng;
struct store_disk;

struct ca_signer_opts {
	struct loop *loop;
	const struct clock *clock;
	const struct rng *rng;
	const struct ca_config *config;
	const struct ca_authority *authority;
	struct ca_store *store;
	struct keys_client *keys;
	struct store_disk *disk;
	struct ops_log *log;
	/* `serve --status-only': no issuing key; ocsp_key and ocsp_cert. */
	bool status_only;
};

/* A signer that can be used now. */
struct ca_signer_ready {
	uint8_t slot; /* of operation OCSP */
	uint8_t key_hash[20];
	struct pki_bytes cert; /* DER */
	int64_t not_after_ms;
	unsigned generation; /* differs from that of every earlier one */
};

/* Below the state folder: ID.pem, the newest certificate for an ocsp_key. */
#define CA_SIGNER_FOLDER "ocsp"

/**
 * ca_signer_new(opts, ret):
 * Begin.  What ${opts} names outlives the result.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_signer_new(
    const struct ca_signer_opts *opts, struct ca_signer **ret);

/**
 * ca_signer_grow(s, config):
 * The authority has more issuers, of ${config}, which outlives ${s}: make
 * their signers, too.
 */
void ca_signer_grow(struct ca_signer *s, const struct ca_config *config);

/**
 * ca_signer_free(s):
 * After key client and store, so that no answer is on its way.  NULL is legal.
 */
void ca_signer_free(struct ca_signer *s);

/**
 * ca_signer_get(s, issuer):
 * Return the signer of issuer number ${issuer} of the authority, valid until
 * the loop's next turn, or NULL when there is none now.
 */
const struct ca_signer_ready *ca_signer_get(
    const struct ca_signer *s, size_t issuer);

/**
 * ca_signer_replaced(s):
 * The key process is another one: what was made in the old one is gone.
 */
void ca_signer_replaced(struct ca_signer *s);

/**
 * ca_signer_look(s):
 * Look now whether a signer is due, as after a sweep.
 */
void ca_signer_look(struct ca_signer *s);

#endif
