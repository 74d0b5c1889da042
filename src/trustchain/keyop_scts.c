/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "keys/bundle.h"
#include "keys/op.h"
#include "pki/cert.h"
#include "pki/ct.h"
#include "trustchain/ca_log_foreign.h"
#include "trustchain/ct_list.h"
#include "trustchain/keyop_internal.h"

_Static_assert(
    KEYOP_LOG_SPKI_MAX >= CT_LIST_KEY_MAX, "a listed key fits the table");

static int
add(struct keyop_logs *logs, const struct ct_list_entry *e, bool foreign)
{
	struct keyop_log *log;

	if (logs->n == KEYOP_LOGS_MAX)
		return ERR_SYS_LIMIT;
	log = &logs->log[logs->n++];
	memcpy(log->id, e->log_id, sizeof(log->id));
	memcpy(log->spki, e->key, e->key_len);
	log->spki_len = e->key_len;
	log->start_ms = e->start_ms;
	log->end_ms = e->end_ms;
	log->foreign = foreign;
	return 0;
}

static int
add_all(struct keyop_logs *logs, const struct ct_list *list)
{
	int rc = 0;

	/* A retired shard may have lost what it promised. */
	for (size_t i = 0; i < list->n && rc == 0; i++)
		if (list->entry[i].state != CT_LIST_RETIRED)
			rc = add(logs, &list->entry[i], false);
	return rc;
}

static int
add_foreign(struct keyop_logs *logs, const struct keys_bundle_item *item,
    struct fault *f)
{
	struct ct_list_entry e;
	int rc = ca_log_foreign_open(item->data, item->len, &e);

	if (rc == 0)
		rc = add(logs, &e, true);
	return rc == 0 ? 0
		       : base_fault_set(f, rc,
			     "[[log]] key: no P-256 key in PEM (PUBLIC KEY): "
			     "%s",
			     base_err_text(rc));
}

int
keyop_scts_data(struct keyop_logs *logs, const struct keys_bundle_item *item,
    struct fault *f)
{
	const char *vkey = (const char *)item->data;
	size_t vkey_len = strnlen(vkey, item->len);
	struct ct_list *list;
	int rc;

	if (item->tag == KEYOP_TAG_FOREIGN)
		return add_foreign(logs, item, f);
	if (item->tag != KEYOP_TAG_LIST || vkey_len == item->len)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "log list: unexpected data");
	list = malloc(sizeof(*list));
	if (list == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "no memory");
	rc = ct_list_open(
	    item->data + vkey_len + 1, item->len - vkey_len - 1, vkey, list);
	if (rc == 0)
		rc = add_all(logs, list);
	free(list);
	if (rc != 0)
		return base_fault_set(f, ERR_STATE_INTEGRITY,
		    "stored log list of %.100s: %s", vkey, base_err_text(rc));
	return 0;
}

static const struct keyop_log *
find(const struct keyop_logs *logs, const uint8_t id[32])
{
	for (size_t i = 0; i < logs->n; i++)
		if (memcmp(logs->log[i].id, id, 32) == 0)
			return &logs->log[i];
	return NULL;
}

static int
verify_one(struct keys_call *call, const struct keyop_logs *logs,
    const struct pki_ct_sct *sct, const struct pki_ct_entry *entry,
    int64_t not_after_ms)
{
	const struct keyop_log *log = find(logs, sct->log_id);
	uint64_t index;
	int rc;

	if (log == NULL)
		return keyop_refuse(call, "SCT of an unknown log");
	if (not_after_ms < log->start_ms || not_after_ms >= log->end_ms)
		return keyop_refuse(call, "SCT of another shard");
	if (sct->timestamp_ms > (uint64_t)(call->now_ms + KEYOP_SKEW_MS))
		return keyop_refuse(call, "SCT from the future");
	if (log->foreign && sct->ext_len != 0)
		return keyop_refuse(call, "SCT of a foreign log with extensions");
	if (!log->foreign &&
	    pki_ct_leaf_index_parse(
		(struct pki_bytes){ sct->ext, sct->ext_len }, &index) != 0)
		return keyop_refuse(call, "SCT without leaf_index");
	rc = pki_ct_sct_verify(
	    sct, entry, (struct pki_bytes){ log->spki, log->spki_len });
	if (rc == ERR_SYS_NOMEM)
		return rc;
	if (rc != 0)
		return keyop_refuse(call, "SCT does not verify");
	return 0;
}

static int
verify_list(struct keys_call *call, const struct keyop_logs *logs,
    const struct pki_cert *cert, const struct pki_ct_entry *entry,
    unsigned min_scts)
{
	struct pki_ct_sct scts[PKI_CT_LIST_MAX];
	struct pki_bytes value;
	size_t n = 0;
	int rc;

	(void)pki_cert_extension(cert, PKI_OID_CT_SCT_LIST, &value, NULL);
	rc = pki_ct_list_parse(value, scts, &n);
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < n && rc == 0; i++) {
		for (size_t j = 0; j < i; j++)
			if (memcmp(scts[i].log_id, scts[j].log_id, 32) == 0)
				return keyop_refuse(
				    call, "two SCTs of one log");
		rc = verify_one(
		    call, logs, &scts[i], entry, pki_cert_not_after_ms(cert));
	}
	if (rc == 0 && n < min_scts)
		return keyop_refuse(call, "fewer than min_scts SCTs");
	return rc;
}

int
keyop_scts_verify(struct keys_call *call, const struct keyop_logs *logs,
    const struct keyop_ca *ca, const struct pki_cert *cert)
{
	struct pki_ct_entry entry = { .type = PKI_CT_PRECERT };
	struct pki_bytes tbs = pki_cert_tbs(cert);
	uint8_t *stripped = malloc(tbs.len);
	int rc;

	if (stripped == NULL)
		return ERR_SYS_NOMEM;
	rc = pki_ct_strip(
	    tbs, PKI_OID_CT_SCT_LIST, stripped, tbs.len, &entry.cert.len);
	if (rc == 0) {
		entry.cert.data = stripped;
		memcpy(entry.issuer_key_hash, ca->key_hash, 32);
		rc = verify_list(call, logs, cert, &entry, ca->min_scts);
	}
	free(stripped);
	return rc;
}
