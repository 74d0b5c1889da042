/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "crypto/pkey.h"
#include "keys/op.h"
#include "keys/slot.h"
#include "pki/ocsp.h"
#include "pki/ocsp_response.h"
#include "trustchain/keyop_internal.h"
#include "trustchain/keyop_load_internal.h"

/*
 * Operations GENERATE and OCSP (identity.md section 3).  A responder's key is
 * made here and dies with this process, unless the operator has configured
 * one; a stranger in main gets answers that are at most a few minutes off and
 * are believed for a week at most.
 */
#define NOW_MS_MAX (300 * INT64_C(1000))
#define LIFE_MS_MAX (7 * 86400 * INT64_C(1000))

static int
name_by_key(const struct crypto_pkey *key, struct keyop_ocsp **ret)
{
	struct keyop_ocsp *o = calloc(1, sizeof(*o));
	uint8_t hash[32];
	struct buf spki;
	size_t len;
	int rc;

	if (o == NULL)
		return ERR_SYS_NOMEM;
	base_buf_init(&spki, CRYPTO_PKEY_DER_MAX);
	rc = crypto_pkey_spki(key, &spki);
	if (rc == 0)
		rc =
		    pki_ocsp_key_hash((struct pki_bytes){ spki.data, spki.len },
			PKI_OCSP_SHA1, hash, &len);
	base_buf_free(&spki);
	if (rc != 0) {
		free(o);
		return rc;
	}
	memcpy(o->key_hash, hash, sizeof(o->key_hash));
	*ret = o;
	return 0;
}

int
keyop_ocsp_check(struct keys_slot *slot, struct fault *f)
{
	struct keyop_ocsp *o;
	int rc = name_by_key(slot->key, &o);

	if (rc != 0)
		return base_fault_set(
		    f, rc, "key of %s: %s", slot->name, base_err_text(rc));
	slot->policy = o;
	return 0;
}

static bool
holds(const struct keys_slot *slot, struct pki_bytes spki)
{
	struct buf own;
	bool same;

	if (slot == NULL || slot->kind != KEYOP_KIND_OCSP)
		return false;
	base_buf_init(&own, CRYPTO_PKEY_DER_MAX);
	same = crypto_pkey_spki(slot->key, &own) == 0 &&
	       pki_bytes_equal(spki, (struct pki_bytes){ own.data, own.len });
	base_buf_free(&own);
	return same;
}

bool
keyop_ocsp_owns(const struct keys_call *call, struct pki_bytes spki)
{
	struct keys_process *p = call->process;
	unsigned n = call->slot->index;

	return n < KEYOP_ISSUERS_MAX &&
	       (holds(keys_slot_get(p, KEYOP_SLOT_OCSP(n, 0U)), spki) ||
		   holds(keys_slot_get(p, KEYOP_SLOT_OCSP(n, 1U)), spki) ||
		   holds(keys_slot_get(p, KEYOP_SLOT_OCSP_KEY(n)), spki));
}

/* Make ${key} a slot, and append the number and the key to the answer. */
static int
adopt(struct keys_call *call, struct keyop_ca *ca, struct crypto_pkey *key)
{
	char name[KEYS_SLOT_NAME_MAX + 1];
	const struct keys_adopt a = {
		.index = (uint8_t)KEYOP_SLOT_OCSP(
		    (unsigned)call->slot->index, ca->generated),
		.kind = KEYOP_KIND_OCSP,
		.rate = KEYOP_RATE_OCSP,
		.name = name,
	};
	struct keyop_ocsp *policy = NULL;
	struct keys_slot *slot;
	int rc;

	(void)snprintf(name, sizeof(name), "ocsp %.40s", call->slot->name);
	rc = base_buf_append(call->out, &a.index, 1);
	if (rc == 0)
		rc = crypto_pkey_spki(key, call->out);
	if (rc == 0)
		rc = name_by_key(key, &policy);
	if (rc == 0)
		rc = keys_slot_adopt(call->process, &a, key, &slot);
	if (rc != 0) {
		call->out->len = 0;
		free(policy);
		return rc;
	}
	slot->policy = policy;
	ca->generated++;
	return 0;
}

int
keyop_ocsp_generate(struct keys_call *call)
{
	static const char kind[] = KEYOP_GENERATE_OCSP;
	struct keyop_ca *ca = call->slot->policy;
	struct crypto_pkey *key = NULL;
	int rc;

	if (call->len != sizeof(kind) - 1 ||
	    memcmp(call->payload, kind, call->len) != 0 ||
	    call->slot->index >= KEYOP_ISSUERS_MAX)
		return ERR_PEER_MALFORMED;
	rc = crypto_pkey_generate(CRYPTO_KEY_P256, &key);
	if (rc == 0)
		rc = adopt(call, ca, key);
	if (rc != 0)
		crypto_pkey_free(key);
	return rc;
}

static bool
near(int64_t t, int64_t now_ms)
{
	return t >= now_ms - NOW_MS_MAX && t <= now_ms + NOW_MS_MAX;
}

int
keyop_ocsp_handle(struct keys_call *call)
{
	const struct keyop_ocsp *own = call->slot->policy;
	struct pki_bytes der = { call->payload, call->len };
	struct pki_ocsp_times t;
	int rc;

	rc = pki_ocsp_data_parse(der, &t);
	if (rc == ERR_PEER_UNSUPPORTED)
		return keyop_refuse(call, "responder is not named by its key");
	if (rc != 0)
		return rc;
	if (memcmp(t.key_hash, own->key_hash, sizeof(t.key_hash)) != 0)
		return keyop_refuse(call, "responder is not that of the slot");
	if (!near(t.produced_ms, call->now_ms))
		return keyop_refuse(call, "producedAt is not now");
	if (!near(t.this_first_ms, call->now_ms) ||
	    !near(t.this_last_ms, call->now_ms))
		return keyop_refuse(call, "thisUpdate is not now");
	if (t.life_max_ms > LIFE_MS_MAX)
		return keyop_refuse(call, "nextUpdate is beyond 7 days");
	return keyop_sign(call, der.data, der.len);
}
