/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"
#include "ops/log.h"
#include "pki/cert.h"
#include "store/disk.h"
#include "store/file.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_signer_internal.h"
#include "trustchain/keyop.h"
#include "wire/pem.h"

#define RELOAD_MS 60000

enum { PATH_LEN = 4096, FILE_MAX = 65536 };

void
ca_signer_save(struct ca_signer_one *one)
{
	const struct ca_signer_opts *o = &one->s->o;
	char path[PATH_LEN];
	struct buf pem;
	int rc;

	base_buf_init(&pem, FILE_MAX);
	rc = base_str_format(path, sizeof(path), "%s/%s/%s.pem",
	    o->config->server.state_dir, CA_SIGNER_FOLDER, one->issuer->id);
	if (rc == 0)
		rc = wire_pem_encode("CERTIFICATE", one->ready.cert.data,
		    one->ready.cert.len, &pem);
	if (rc == 0)
		rc = store_disk_replace(
		    o->disk, path, pem.data, pem.len, 0644, "ocsp.cert");
	base_buf_free(&pem);
	if (rc != 0)
		OPS_LOG(o->log, OPS_LOG_ERROR, "ocsp",
		    "certificate of ocsp_key not kept",
		    OPS_LOG_STR("path", path),
		    OPS_LOG_STR("error", base_err_text(rc)));
}

static int
read_cert(const char *path, struct pki_cert **ret)
{
	struct buf der;
	uint8_t *pem;
	size_t len, pos = 0;
	int rc;

	if ((rc = store_file_load(path, FILE_MAX, &pem, &len)) != 0)
		return rc;
	base_buf_init(&der, FILE_MAX);
	rc = wire_pem_next((const char *)pem, len, &pos, "CERTIFICATE", &der);
	free(pem);
	if (rc == 0)
		rc = pki_cert_parse(
		    (struct pki_bytes){ der.data, der.len }, ret);
	base_buf_free(&der);
	return rc;
}

/* A signer of this issuer, valid now. */
static int
judge(const struct ca_signer_one *one, const struct pki_cert *c, int64_t now_ms)
{
	int rc = pki_cert_verify(c, one->issuer->cert);

	if (rc != 0)
		return rc;
	if (pki_cert_eku(c) != PKI_EKU_OCSP)
		return ERR_PEER_MISMATCH;
	if (now_ms < pki_cert_not_before_ms(c) ||
	    now_ms > pki_cert_not_after_ms(c))
		return ERR_STATE_EXPIRED;
	return 0;
}

void
ca_signer_load(struct ca_signer_one *one, int64_t now_ms)
{
	struct pki_cert *c = NULL;
	int rc;

	if (one->loaded_ms != 0 && now_ms - one->loaded_ms < RELOAD_MS)
		return;
	one->loaded_ms = now_ms;
	rc = read_cert(one->conf->ocsp_cert, &c);
	if (rc == 0 && one->is_ready &&
	    pki_bytes_equal(pki_cert_der(c), one->ready.cert)) {
		pki_cert_free(c);
		return;
	}
	if (rc == 0)
		rc = judge(one, c, now_ms);
	one->slot = (uint8_t)KEYOP_SLOT_OCSP_KEY(one->issuer->slot);
	if (rc == 0)
		rc = ca_signer_use(one, c);
	pki_cert_free(c);
	if (rc != 0)
		OPS_LOG(one->s->o.log, OPS_LOG_ERROR, "ocsp",
		    "ocsp_cert not used; fix: copy the newest "
		    "state_dir/ocsp/ID.pem of the daemon that issues",
		    OPS_LOG_STR("issuer", one->issuer->id),
		    OPS_LOG_STR("path", one->conf->ocsp_cert),
		    OPS_LOG_STR("error", base_err_text(rc)));
}
