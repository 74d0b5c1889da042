/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_KEYOP_INTERNAL_H
#define TRUSTCHAIN_KEYOP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"
#include "pki/bytes.h"
#include "trustchain/keyop.h"
#include "trustchain/keyop_product.h"

struct keys_bundle_item;
struct keys_call;
struct keys_slot;
struct buf;
struct merkle_checkpoint;
struct merkle_note;
struct pki_cert;

#define KEYOP_LOGS_MAX 1024
#define KEYOP_LOG_SPKI_MAX 160
#define KEYOP_ORIGIN_MAX 256

/* Clocks of CA, log and key process may differ by this. */
#define KEYOP_SKEW_MS 5000

/* A log whose SCTs count, for certificates that end in [start, end). */
struct keyop_log {
	uint8_t id[32];
	uint8_t spki[KEYOP_LOG_SPKI_MAX];
	size_t spki_len;
	int64_t start_ms, end_ms;
	bool foreign; /* SCTs without extensions, not with leaf_index */
};

struct keyop_logs {
	size_t n;
	struct keyop_log log[KEYOP_LOGS_MAX];
};

/* Distribution points that one process remembers for an issuer. */
#define KEYOP_CRLS_MAX 2048
struct keyop_crls;

/* Policy of a ca slot. */
struct keyop_ca {
	struct pki_cert *cert;
	uint8_t key_hash[32]; /* SHA-256 of the SPKI */
	uint8_t min_scts;
	struct keyop_crls *crls; /* what was signed; NULL: nothing yet */
	unsigned generated; /* OCSP keys made for it */
};

/* Policy of an ocsp slot. */
struct keyop_ocsp {
	uint8_t key_hash[20]; /* its name in responses */
};

/*
 * Policy of a log or note slot: what was signed last, or is published.  A log
 * list has its serial in size and no root.
 */
struct keyop_head {
	char origin[KEYOP_ORIGIN_MAX];
	int pair; /* slot of the log key, of a checkpoint's note key */
	/* Or that key, when it is in the process for tokens; else length 0. */
	uint8_t log_spki[KEYOP_LOG_SPKI_MAX];
	size_t log_spki_len;
	uint64_t size;
	uint8_t root[32];
	uint64_t time_ms;
};

/**
 * keyop_sign(call, data, len):
 * Sign with the slot's key and append the signature to the answer.
 * ERR_SYS_KEY.
 */
MUST_CHECK int keyop_sign(
    struct keys_call *call, const uint8_t *data, size_t len);

/**
 * keyop_refuse(call, fmt, ...):
 * Note why and return ERR_STATE_REFUSED.
 */
MUST_CHECK int keyop_refuse(struct keys_call *call, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * keyop_cert_data(slot, item, f), keyop_scts_data(logs, item, f),
 * keyop_head_data(slot, item, f):
 * Take a DATA item for a ca slot, for the logs, for a log or note slot.
 * ERR_STATE_CONFIG, ERR_STATE_INTEGRITY (a published file that the slot's key
 * did not sign), ERR_SYS_NOMEM.
 */
MUST_CHECK int keyop_cert_data(struct keys_slot *slot,
    const struct keys_bundle_item *item, struct fault *f);
MUST_CHECK int keyop_scts_data(struct keyop_logs *logs,
    const struct keys_bundle_item *item, struct fault *f);
MUST_CHECK int keyop_head_data(struct keys_slot *slot,
    const struct keys_bundle_item *item, struct fault *f);

/**
 * keyop_head_follow(head, note, cp, ret_time_ms):
 * Whether the checkpoint ${cp} of the note ${note} has the signature of the
 * log key that ${head} names, and does not fall behind ${head}; its time.
 * ERR_STATE_REFUSED, ERR_STATE_NOT_FOUND (no signature), ERR_PEER_*.
 */
MUST_CHECK int keyop_head_follow(const struct keyop_head *head,
    const struct merkle_note *note, const struct merkle_checkpoint *cp,
    uint64_t *ret_time_ms);

/**
 * keyop_cert_check(slot, f):
 * When all is loaded: the certificate is that of the slot's key.
 */
MUST_CHECK int keyop_cert_check(const struct keys_slot *slot, struct fault *f);

/** keyop_cert_fini(slot): free the policy of a ca slot. */
void keyop_cert_fini(struct keys_slot *slot);

/**
 * keyop_ocsp_check(slot, f):
 * When all is loaded: work out the responder's name of an ocsp slot.
 */
MUST_CHECK int keyop_ocsp_check(struct keys_slot *slot, struct fault *f);

/**
 * keyop_ocsp_owns(call, spki):
 * Whether the key was generated for, or is the configured ocsp_key of, the
 * issuer that is called.
 */
bool keyop_ocsp_owns(const struct keys_call *call, struct pki_bytes spki);

/**
 * keyop_scts_verify(call, logs, ca, cert):
 * Whether the SCT list of the certificate ${cert} holds min_scts good SCTs and
 * no bad one.  ERR_STATE_REFUSED, ERR_PEER_*, ERR_SYS_NOMEM.
 */
MUST_CHECK int keyop_scts_verify(struct keys_call *call,
    const struct keyop_logs *logs, const struct keyop_ca *ca,
    const struct pki_cert *cert);

/**
 * keyop_witness_data(slot, item, f), keyop_witness_fini(slot):
 * The same for a witness's slots.
 */
MUST_CHECK int keyop_witness_data(struct keys_slot *slot,
    const struct keys_bundle_item *item, struct fault *f);
void keyop_witness_fini(struct keys_slot *slot);

/**
 * keyop_witness_save(slot, out), keyop_witness_load(slot, state, len):
 * As keyop_head_save for the heads of all logs, in parts.
 */
MUST_CHECK int keyop_witness_save(struct keys_slot *slot, struct buf *out);
MUST_CHECK int keyop_witness_load(
    struct keys_slot *slot, const uint8_t *state, size_t len);

/**
 * keyop_head_save(slot, out), keyop_head_load(slot, state, len):
 * Pass the last signed head on to the next key process.  A head that
 * contradicts the one already known is ERR_STATE_INTEGRITY.
 */
MUST_CHECK int keyop_head_save(struct keys_slot *slot, struct buf *out);
MUST_CHECK int keyop_head_load(
    struct keys_slot *slot, const uint8_t *state, size_t len);

/**
 * keyop_cert_handle(call), keyop_crl_handle(call),
 * keyop_sct_handle(call), keyop_sth_handle(call),
 * keyop_note_checkpoint(call), keyop_note_list(call), keyop_note_audit(call),
 * keyop_seal_seal(call), keyop_seal_open(call), keyop_public_handle(call),
 * keyop_origin_handle(call), keyop_ocsp_handle(call),
 * keyop_ocsp_generate(call),
 * keyop_witness_cosig(call), keyop_witness_cosig44(call):
 * The operations, as handlers of keys/op.h.
 */
MUST_CHECK int keyop_cert_handle(struct keys_call *call);
MUST_CHECK int keyop_crl_handle(struct keys_call *call);
MUST_CHECK int keyop_sct_handle(struct keys_call *call);
MUST_CHECK int keyop_sth_handle(struct keys_call *call);
MUST_CHECK int keyop_note_checkpoint(struct keys_call *call);
MUST_CHECK int keyop_note_list(struct keys_call *call);
MUST_CHECK int keyop_note_audit(struct keys_call *call);
MUST_CHECK int keyop_seal_seal(struct keys_call *call);
MUST_CHECK int keyop_seal_open(struct keys_call *call);
MUST_CHECK int keyop_public_handle(struct keys_call *call);
MUST_CHECK int keyop_origin_handle(struct keys_call *call);
MUST_CHECK int keyop_ocsp_handle(struct keys_call *call);
MUST_CHECK int keyop_ocsp_generate(struct keys_call *call);
MUST_CHECK int keyop_witness_cosig(struct keys_call *call);
MUST_CHECK int keyop_witness_cosig44(struct keys_call *call);

#endif
