/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/keyop_product.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "crypto/pkey.h"
#include "crypto/pkey_sign.h"
#include "keys/bundle.h"
#include "keys/op.h"
#include "keys/slot.h"
#include "keys/slot_key.h"
#include "trustchain/keyop_internal.h"

/* The allow-list: everything else is refused. */
static const struct keys_op ops[] = {
	{ KEYOP_CERT, KEYOP_KIND_CA, keyop_cert_handle },
	{ KEYOP_CRL, KEYOP_KIND_CA, keyop_crl_handle },
	{ KEYOP_OCSP, KEYOP_KIND_OCSP, keyop_ocsp_handle },
	{ KEYOP_GENERATE, KEYOP_KIND_CA, keyop_ocsp_generate },
	{ KEYOP_SCT, KEYOP_KIND_LOG, keyop_sct_handle },
	{ KEYOP_STH, KEYOP_KIND_LOG, keyop_sth_handle },
	{ KEYOP_NOTE, KEYOP_KIND_NOTE_CHECKPOINT, keyop_note_checkpoint },
	{ KEYOP_NOTE, KEYOP_KIND_NOTE_LIST, keyop_note_list },
	{ KEYOP_NOTE, KEYOP_KIND_NOTE_AUDIT, keyop_note_audit },
	{ KEYOP_COSIG, KEYOP_KIND_WITNESS, keyop_witness_cosig },
	{ KEYOP_COSIG44, KEYOP_KIND_WITNESS44, keyop_witness_cosig44 },
	{ KEYOP_PUBLIC, KEYOP_KIND_WITNESS, keyop_public_handle },
	{ KEYOP_PUBLIC, KEYOP_KIND_WITNESS44, keyop_public_handle },
	{ KEYOP_SEAL, KEYOP_KIND_SEAL, keyop_seal_seal },
	{ KEYOP_UNSEAL, KEYOP_KIND_SEAL, keyop_seal_open },
	{ KEYOP_PUBLIC, KEYOP_KIND_CA, keyop_public_handle },
	{ KEYOP_PUBLIC, KEYOP_KIND_OCSP, keyop_public_handle },
	{ KEYOP_PUBLIC, KEYOP_KIND_LOG, keyop_public_handle },
	{ KEYOP_ORIGIN, KEYOP_KIND_LOG, keyop_origin_handle },
	{ KEYOP_PUBLIC, KEYOP_KIND_NOTE_CHECKPOINT, keyop_public_handle },
	{ KEYOP_PUBLIC, KEYOP_KIND_NOTE_LIST, keyop_public_handle },
	{ KEYOP_PUBLIC, KEYOP_KIND_NOTE_AUDIT, keyop_public_handle },
};

/* These compare with nothing that was signed before. */
static bool
overlaps(uint8_t op)
{
	return op == KEYOP_CERT || op == KEYOP_SCT;
}

int
keyop_sign(struct keys_call *call, const uint8_t *data, size_t len)
{
	uint8_t sig[CRYPTO_PKEY_SIG_MAX];
	size_t sig_len;

	if (keys_slot_key_sign(call->slot, data, len, sig, &sig_len) != 0)
		return ERR_SYS_KEY;
	return base_buf_append(call->out, sig, sig_len);
}

int
keyop_refuse(struct keys_call *call, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(call->reason.msg, sizeof(call->reason.msg), fmt, ap);
	va_end(ap);
	call->reason.rc = ERR_STATE_REFUSED;
	return ERR_STATE_REFUSED;
}

int
keyop_public_handle(struct keys_call *call)
{
	if (call->len != 0)
		return ERR_PEER_MALFORMED;
	if (keys_slot_key_check(call->slot, &call->reason) != 0)
		return ERR_SYS_KEY;
	return crypto_pkey_spki(call->slot->key, call->out);
}

static int
take_data(struct keys_process *p, struct keys_slot *slot,
    const struct keys_bundle_item *item, struct fault *f)
{
	switch (slot->kind) {
	case KEYOP_KIND_CA:
		return keyop_cert_data(slot, item, f);
	case KEYOP_KIND_LOGS:
		return keyop_scts_data(keys_slot_ctx(p), item, f);
	case KEYOP_KIND_LOG:
	case KEYOP_KIND_NOTE_CHECKPOINT:
	case KEYOP_KIND_NOTE_LIST:
	case KEYOP_KIND_NOTE_AUDIT:
		return keyop_head_data(slot, item, f);
	case KEYOP_KIND_WITNESS:
	case KEYOP_KIND_WITNESS44:
		return keyop_witness_data(slot, item, f);
	default:
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "slot %s takes no data", slot->name);
	}
}

/* Which keys a slot of each kind may have. */
static bool
key_fits(const struct keys_slot *slot)
{
	enum crypto_key_type type;

	if (slot->kind == KEYOP_KIND_LOGS)
		return slot->key == NULL;
	if (slot->key == NULL)
		return false;
	type = crypto_pkey_type(slot->key);
	switch (slot->kind) {
	case KEYOP_KIND_CA:
		return type == CRYPTO_KEY_P256 || type == CRYPTO_KEY_P384 ||
		       type == CRYPTO_KEY_MLDSA65 || type == CRYPTO_KEY_MLDSA87;
	case KEYOP_KIND_LOG:
	case KEYOP_KIND_OCSP:
		return type == CRYPTO_KEY_P256;
	case KEYOP_KIND_SEAL:
		return type == CRYPTO_KEY_X25519;
	case KEYOP_KIND_WITNESS44:
		return type == CRYPTO_KEY_MLDSA44;
	default:
		return type == CRYPTO_KEY_ED25519;
	}
}

/* Its policy is a struct keyop_head. */
static bool
is_head(const struct keys_slot *slot)
{
	return slot->kind >= KEYOP_KIND_LOG &&
	       slot->kind <= KEYOP_KIND_NOTE_AUDIT;
}

static bool
is_witness(const struct keys_slot *slot)
{
	return slot->kind == KEYOP_KIND_WITNESS ||
	       slot->kind == KEYOP_KIND_WITNESS44;
}

/* Everything is there that the policies rely on. */
static int
check_all(struct keys_process *p, struct fault *f)
{
	struct keys_slot *slot;
	int rc;

	for (unsigned i = 0; i < KEYS_SLOTS_MAX; i++) {
		slot = keys_slot_get(p, i);
		if (slot == NULL)
			continue;
		if (!key_fits(slot))
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "key of %s: wrong type", slot->name);
		if (slot->kind == KEYOP_KIND_CA) {
			rc = keyop_cert_check(slot, f);
			if (rc != 0)
				return rc;
		} else if (slot->kind == KEYOP_KIND_OCSP) {
			rc = keyop_ocsp_check(slot, f);
			if (rc != 0)
				return rc;
		} else if ((is_head(slot) || is_witness(slot)) &&
			   slot->policy == NULL) {
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "slot %s has no origin", slot->name);
		}
	}
	return 0;
}

static int
save(struct keys_slot *slot, struct buf *out)
{
	if (is_witness(slot))
		return keyop_witness_save(slot, out);
	return is_head(slot) ? keyop_head_save(slot, out) : 0;
}

static int
load(struct keys_slot *slot, const uint8_t *state, size_t len)
{
	if (is_witness(slot))
		return keyop_witness_load(slot, state, len);
	return is_head(slot) ? keyop_head_load(slot, state, len) : 0;
}

static void
fini(struct keys_slot *slot)
{
	if (slot->kind == KEYOP_KIND_CA)
		keyop_cert_fini(slot);
	else if (is_witness(slot))
		keyop_witness_fini(slot);
	else
		free(slot->policy);
	slot->policy = NULL;
}

int
keyop_product_new(struct keys_product **ret)
{
	struct keys_product *p = calloc(1, sizeof(*p));
	struct keyop_logs *logs = calloc(1, sizeof(*logs));

	if (p == NULL || logs == NULL) {
		free(p);
		free(logs);
		return ERR_SYS_NOMEM;
	}
	p->ops = ops;
	p->ops_len = sizeof(ops) / sizeof(ops[0]);
	p->overlaps = overlaps;
	p->data = take_data;
	p->ready = check_all;
	p->state_save = save;
	p->state_load = load;
	p->fini = fini;
	p->ctx = logs;
	*ret = p;
	return 0;
}

void
keyop_product_free(struct keys_product *p)
{
	if (p == NULL)
		return;
	free(p->ctx);
	free(p);
}
