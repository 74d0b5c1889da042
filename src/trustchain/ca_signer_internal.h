/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_SIGNER_INTERNAL_H
#define TRUSTCHAIN_CA_SIGNER_INTERNAL_H

#include <stdbool.h>

#include "pki/tbs.h"
#include "trustchain/ca_signer.h"

struct ca_authority_issuer;
struct ca_config_issuer;
struct loop_timer;
struct pki_cert;

#define CA_SIGNER_PROFILE "ocsp-signer"

enum ca_signer_step { CA_SIGNER_IDLE, CA_SIGNER_BUSY };

/* The signer of one issuer, and the one that is being made. */
struct ca_signer_one {
	struct ca_signer *s;
	const struct ca_authority_issuer *issuer;
	const struct ca_config_issuer *conf;
	bool configured; /* it is the ocsp_key */
	bool is_ready;
	struct ca_signer_ready ready;
	int64_t since_ms; /* when it became ready */
	/* being made */
	enum ca_signer_step step;
	unsigned attempt; /* answers to an earlier one are ignored */
	int64_t not_until_ms;
	int64_t epoch; /* of the one that is ready or being made */
	uint8_t slot;
	uint8_t serial[PKI_SERIAL_LEN];
	uint32_t shard;
	uint8_t tbs[4096];
	size_t tbs_len;
	uint8_t der[16384];
	size_t der_len;
	int64_t loaded_ms; /* status-only: when ocsp_cert was looked at */
};

/* What a callback gets; it is freed there. */
struct ca_signer_call {
	struct ca_signer_one *one;
	unsigned attempt;
};

struct ca_signer {
	struct ca_signer_opts o;
	size_t n;
	struct ca_signer_one *one;
	struct loop_timer *timer;
	unsigned generations;
};

/**
 * ca_signer_failed(one, what, rc):
 * Give the attempt up, say so, and try again later.
 */
void ca_signer_failed(struct ca_signer_one *one, const char *what, int rc);

/**
 * ca_signer_use(one, cert):
 * From now on answer with ${cert} and the key in one->slot.  ERR_SYS_NOMEM,
 * ERR_SYS_CRYPTO; the old one stays then.
 */
MUST_CHECK int ca_signer_use(
    struct ca_signer_one *one, const struct pki_cert *cert);

/**
 * ca_signer_save(one):
 * Keep the certificate of a configured key for `serve --status-only'; a
 * failure is logged.
 */
void ca_signer_save(struct ca_signer_one *one);

/**
 * ca_signer_load(one, now_ms):
 * For `serve --status-only': read ocsp_cert, again every minute, and use it if
 * it is another one than before and good.
 */
void ca_signer_load(struct ca_signer_one *one, int64_t now_ms);

#endif
