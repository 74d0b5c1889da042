/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_log_foreign.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "merkle/sth.h"
#include "pki/pubkey.h"
#include "store/file.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_log_internal.h"
#include "trustchain/ct_list.h"
#include "wire/json.h"
#include "wire/pem.h"
#include "wire/time.h"

enum {
	KEY_FILE_MAX = 16384,
	PACKED_MAX = KEY_FILE_MAX + 128,
	SIG_MAX = 4 + 128,
	HASH_SHA256 = 4, /* RFC 5246 section 7.4.1.4.1 */
	SIG_ECDSA = 3
};

int
ca_log_foreign_pack(
    const struct ca_config_log *conf, struct buf *out, struct fault *f)
{
	uint8_t *data;
	size_t len;
	int rc;

	rc = store_file_load(conf->key, KEY_FILE_MAX, &data, &len);
	if (rc != 0)
		return base_fault_set(f,
		    rc == ERR_STATE_NOT_FOUND ? ERR_STATE_CONFIG : rc,
		    "[[log]] key %.200s: %s", conf->key, base_err_text(rc));
	if ((rc = base_buf_append(
		 out, conf->start, strlen(conf->start) + 1)) == 0 &&
	    (rc = base_buf_append(out, conf->end, strlen(conf->end) + 1)) == 0)
		rc = base_buf_append(out, data, len);
	free(data);
	return rc == 0 ? 0
		       : base_fault_set(f, rc, "[[log]] key %.200s: %s",
			     conf->key, base_err_text(rc));
}

/* Step over a time and its NUL. */
static int
take_time(const char **at, size_t *left, int64_t *ret)
{
	size_t n = strnlen(*at, *left);

	if (n == *left || wire_time_parse(*at, n, ret) != 0)
		return ERR_STATE_CONFIG;
	*at += n + 1;
	*left -= n + 1;
	return 0;
}

static int
take_key(const char *text, size_t len, struct ct_list_entry *ret)
{
	enum pki_key_type type;
	struct pki_bytes spki;
	struct buf der;
	size_t pos = 0;
	int rc;

	base_buf_init(&der, sizeof(ret->key));
	rc = wire_pem_next(text, len, &pos, "PUBLIC KEY", &der);
	spki = (struct pki_bytes){ der.data, der.len };
	if (rc == 0)
		rc = pki_pubkey_type(spki, &type);
	if (rc == 0 && type != PKI_KEY_P256)
		rc = ERR_STATE_CONFIG;
	if (rc == 0)
		rc = pki_pubkey_sha256(spki, ret->log_id);
	if (rc == 0) {
		memcpy(ret->key, der.data, der.len);
		ret->key_len = der.len;
	}
	base_buf_free(&der);
	if (rc == 0 || rc == ERR_SYS_NOMEM)
		return rc;
	return ERR_STATE_CONFIG;
}

int
ca_log_foreign_open(
    const uint8_t *packed, size_t len, struct ct_list_entry *ret)
{
	const char *at = (const char *)packed;
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->state = CT_LIST_OPEN;
	if ((rc = take_time(&at, &len, &ret->start_ms)) != 0 ||
	    (rc = take_time(&at, &len, &ret->end_ms)) != 0)
		return rc;
	return ret->start_ms < ret->end_ms ? take_key(at, len, ret)
					   : ERR_STATE_CONFIG;
}

int
ca_log_foreign_list(
    const struct ca_config_log *conf, struct ct_list **ret, struct fault *f)
{
	struct ct_list *list = calloc(1, sizeof(*list));
	struct buf packed;
	int rc;

	if (list == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	base_buf_init(&packed, PACKED_MAX);
	rc = ca_log_foreign_pack(conf, &packed, f);
	if (rc == 0) {
		list->n = 1;
		rc = ca_log_foreign_open(
		    packed.data, packed.len, &list->entry[0]);
		if (rc != 0)
			(void)base_fault_set(f, rc,
			    "[[log]] key %.200s: no P-256 key in PEM (PUBLIC "
			    "KEY)",
			    conf->key);
	}
	base_buf_free(&packed);
	if (rc != 0) {
		free(list);
		return rc;
	}
	*ret = list;
	return 0;
}

static int
judge_head(const struct ct_list_entry *log, const json_t *o)
{
	uint8_t root[32], sig[SIG_MAX], input[MERKLE_STH_INPUT_LEN];
	size_t root_len, sig_len;
	int64_t size, at;

	if (!json_is_object(o) ||
	    wire_json_int(o, "tree_size", 0, INT64_MAX, &size) != 0 ||
	    wire_json_int(o, "timestamp", 0, INT64_MAX, &at) != 0 ||
	    ca_log_octets(o, "sha256_root_hash", root, 32, &root_len) != 0 ||
	    ca_log_octets(o, "tree_head_signature", sig, sizeof(sig),
		&sig_len) != 0 ||
	    root_len != sizeof(root) || sig_len < 4 ||
	    sig_len - 4 != ((size_t)sig[2] << 8 | sig[3]))
		return ERR_PEER_MALFORMED;
	if (sig[0] != HASH_SHA256 || sig[1] != SIG_ECDSA)
		return ERR_PEER_UNSUPPORTED;
	merkle_sth_input((uint64_t)at, (uint64_t)size, root, input);
	return pki_pubkey_verify((struct pki_bytes){ log->key, log->key_len },
	    (struct pki_bytes){ input, sizeof(input) },
	    (struct pki_bytes){ sig + 4, sig_len - 4 });
}

int
ca_log_foreign_head(
    const struct ct_list_entry *log, const uint8_t *json, size_t len)
{
	json_t *o = NULL;
	int rc = wire_json_parse((const char *)json, len, &o, NULL);

	if (rc == 0)
		rc = judge_head(log, o);
	json_decref(o);
	return rc;
}
