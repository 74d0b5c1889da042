/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_sealed.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/wipe.h"
#include "crypto/pkcs8.h"
#include "crypto/pkey.h"
#include "keys/client.h"
#include "keys/sync.h"
#include "ops/log.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/keyop.h"
#include "wire/pem.h"

#define FILE_MAX 65536
#define UNSEAL_TIMEOUT_MS 5000

/* A key that is being sealed, to be written behind its chain. */
struct saving {
	struct ca_sealed s;
	char chain_pem[];
};

int
ca_sealed_init(struct ca_sealed *s, const char *state_dir)
{
	return base_str_format(s->path, sizeof(s->path),
	    "%s/" CA_SEALED_FOLDER "/tls.sealed", state_dir);
}

static int
unseal(int fd, const struct buf *sealed, struct crypto_pkey **ret)
{
	const struct keys_request req = { .op = KEYOP_UNSEAL,
		.slot = KEYOP_SLOT_SEAL,
		.payload = sealed->data,
		.len = sealed->len };
	uint8_t pkcs8[KEYS_SYNC_ANSWER_MAX];
	size_t len = 0;
	int rc;

	rc = keys_sync_call(fd, &req, UNSEAL_TIMEOUT_MS, pkcs8, &len);
	if (rc == 0)
		rc = crypto_pkcs8_parse(pkcs8, len, ret);
	base_wipe(pkcs8, sizeof(pkcs8));
	return rc;
}

int
ca_sealed_load(const struct ca_sealed *s, int keys_fd, struct buf *ret_leaf,
    struct crypto_pkey **ret_key)
{
	struct buf sealed;
	size_t len, pos = 0;
	uint8_t *text;
	int rc;

	if ((rc = store_file_load(s->path, FILE_MAX, &text, &len)) != 0)
		return rc;
	base_buf_init(&sealed, FILE_MAX);
	rc = wire_pem_next(
	    (const char *)text, len, &pos, "CERTIFICATE", ret_leaf);
	if (rc == 0)
		rc = wire_pem_next(
		    (const char *)text, len, &pos, CA_SEALED_LABEL, &sealed);
	/* The file is there, but not what belongs into it. */
	if (rc == ERR_STATE_NOT_FOUND)
		rc = ERR_PEER_TRUNCATED;
	if (rc == 0)
		rc = unseal(keys_fd, &sealed, ret_key);
	base_buf_free(&sealed);
	free(text);
	return rc;
}

static int
write_file(
    const struct ca_sealed *s, const char *chain, const uint8_t *key, size_t n)
{
	struct buf out;
	int rc;

	base_buf_init(&out, FILE_MAX);
	rc = base_buf_append(&out, chain, strlen(chain));
	if (rc == 0)
		rc = wire_pem_encode(CA_SEALED_LABEL, key, n, &out);
	if (rc == 0)
		rc = store_disk_replace(
		    s->disk, s->path, out.data, out.len, 0600, "ca.sealed");
	base_buf_free(&out);
	return rc;
}

static void
sealed(void *ctx, int rc, const uint8_t *data, size_t len)
{
	struct saving *w = ctx;

	if (rc == 0)
		rc = write_file(&w->s, w->chain_pem, data, len);
	if (rc != 0 && rc != ERR_SYS_CANCELLED)
		OPS_LOG(w->s.log, OPS_LOG_WARN, "tls",
		    "own key not sealed: the next start asks for another "
		    "certificate",
		    OPS_LOG_STR("error", base_err_name(rc)));
	free(w);
}

int
ca_sealed_save(const struct ca_sealed *s, const char *chain_pem,
    const struct crypto_pkey *key)
{
	struct keys_request req = { .op = KEYOP_SEAL, .slot = KEYOP_SLOT_SEAL };
	size_t n = strlen(chain_pem) + 1;
	struct saving *w = malloc(sizeof(*w) + n);
	struct buf pkcs8;
	int rc;

	if (w == NULL)
		return ERR_SYS_NOMEM;
	w->s = *s;
	memcpy(w->chain_pem, chain_pem, n);
	base_buf_init(&pkcs8, KEYOP_SEAL_MAX);
	rc = crypto_pkcs8_encode(key, &pkcs8);
	req.payload = pkcs8.data;
	req.len = pkcs8.len;
	if (rc == 0)
		rc = keys_client_call(s->keys, &req, sealed, w);
	base_buf_free(&pkcs8);
	if (rc != 0)
		free(w);
	return rc;
}
