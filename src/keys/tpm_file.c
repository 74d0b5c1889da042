/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm_file.h"

#include <string.h>

#include "base/buf.h"
#include "pki/der.h"
#include "pki/tlv.h"
#include "wire/pem.h"

#define LABEL "TSS2 PRIVATE KEY"
#define DER_MAX (2 * KEYS_TPM_FILE_BLOB_MAX + 64)

/* 2.23.133.10.1.3 and .5 */
static const uint8_t oids[][6] = { { 0x67, 0x81, 0x05, 0x0a, 0x01, 0x03 },
	{ 0x67, 0x81, 0x05, 0x0a, 0x01, 0x05 } };

static int
read_type(struct pki_bytes *in, struct keys_tpm_file *file)
{
	struct pki_tlv oid;
	int rc = pki_tlv_expect(in, PKI_TAG_OID, &oid);

	if (rc != 0)
		return rc;
	for (int i = 0; i < 2; i++)
		if (oid.val.len == sizeof(oids[i]) &&
		    memcmp(oid.val.data, oids[i], sizeof(oids[i])) == 0) {
			file->type = (enum keys_tpm_file_type)i;
			return 0;
		}
	return ERR_PEER_UNSUPPORTED;
}

/* Other writers have 01 for TRUE, which DER has not. */
static int
read_auth(struct pki_bytes *in, struct keys_tpm_file *file)
{
	struct pki_tlv outer, value;
	int rc;

	file->empty_auth = false;
	if (!pki_tlv_optional(in, PKI_TAG_CONTEXT_C | 0, &outer))
		return 0;
	rc = pki_tlv_expect(&outer.val, PKI_TAG_BOOLEAN, &value);
	if (rc != 0)
		return rc;
	if (value.val.len != 1 || outer.val.len != 0)
		return ERR_PEER_MALFORMED;
	file->empty_auth = value.val.data[0] != 0;
	return 0;
}

/* What else may be there, up to the parent, demands what we do not do. */
static int
read_parent(struct pki_bytes *in)
{
	static const uint8_t owner[] = { 0x40, 0, 0, 1 };
	struct pki_tlv parent;
	int rc;

	for (unsigned n = 1; n <= 5; n++)
		if (pki_tlv_optional(in, PKI_TAG_CONTEXT_C | n, &parent))
			return ERR_PEER_UNSUPPORTED;
	rc = pki_tlv_expect(in, PKI_TAG_INTEGER, &parent);
	if (rc != 0)
		return rc;
	return parent.val.len == sizeof(owner) &&
		       memcmp(parent.val.data, owner, sizeof(owner)) == 0
		   ? 0
		   : ERR_PEER_UNSUPPORTED;
}

static int
read_blob(struct pki_bytes *in, uint8_t *out, size_t *ret_len)
{
	struct pki_tlv blob;
	int rc = pki_tlv_expect(in, PKI_TAG_OCTET_STRING, &blob);

	if (rc != 0)
		return rc;
	if (blob.val.len > KEYS_TPM_FILE_BLOB_MAX)
		return ERR_PEER_TOO_LARGE;
	if (blob.val.len > 0)
		memcpy(out, blob.val.data, blob.val.len);
	*ret_len = blob.val.len;
	return 0;
}

static int
parse_der(struct pki_bytes der, struct keys_tpm_file *ret)
{
	struct pki_tlv all;
	int rc;

	rc = pki_tlv_expect(&der, PKI_TAG_SEQUENCE, &all);
	if (rc == 0 && der.len > 0)
		rc = ERR_PEER_TRAILING;
	if (rc == 0)
		rc = read_type(&all.val, ret);
	if (rc == 0)
		rc = read_auth(&all.val, ret);
	if (rc == 0)
		rc = read_parent(&all.val);
	if (rc == 0)
		rc = read_blob(&all.val, ret->public, &ret->public_len);
	if (rc == 0)
		rc = read_blob(&all.val, ret->private, &ret->private_len);
	if (rc == 0 && all.val.len > 0)
		rc = ERR_PEER_TRAILING;
	return rc;
}

int
keys_tpm_file_parse(const uint8_t *pem, size_t len, struct keys_tpm_file *ret)
{
	struct buf der;
	size_t pos = 0;
	int rc;

	if (len > KEYS_TPM_FILE_MAX)
		return ERR_PEER_TOO_LARGE;
	base_buf_init(&der, KEYS_TPM_FILE_MAX);
	rc = wire_pem_next((const char *)pem, len, &pos, LABEL, &der);
	if (rc == 0)
		rc = parse_der((struct pki_bytes){ der.data, der.len }, ret);
	base_buf_free(&der);
	return rc;
}

int
keys_tpm_file_encode(const struct keys_tpm_file *file, struct buf *pem)
{
	uint8_t der[DER_MAX];
	struct pki_der w;
	size_t len;
	int rc;

	pki_der_init(&w, der, sizeof(der));
	pki_der_open(&w, PKI_TAG_SEQUENCE);
	pki_der_put(&w, PKI_TAG_OID, oids[file->type], sizeof(oids[0]));
	if (file->empty_auth) {
		pki_der_open(&w, PKI_TAG_CONTEXT_C | 0);
		pki_der_true(&w);
		pki_der_close(&w);
	}
	pki_der_small(&w, KEYS_TPM_FILE_PARENT);
	pki_der_put(&w, PKI_TAG_OCTET_STRING, file->public, file->public_len);
	pki_der_put(&w, PKI_TAG_OCTET_STRING, file->private, file->private_len);
	pki_der_close(&w);
	rc = pki_der_finish(&w, &len);
	return rc == 0 ? wire_pem_encode(LABEL, der, len, pem) : rc;
}
