/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, as the core sees them for revocation and renewal. */
#include "trustchain/ca_acme_internal.h"

#include <string.h>

#include "acme/cert.h"
#include "acme/certid.h"
#include "acme/ident_type.h"
#include "acme/store_cert.h"
#include "base/arena.h"
#include "base/str.h"
#include "crypto/sha2.h"
#include "pki/cert.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_name.h"
#include "trustchain/ca_store.h"
#include "wire/hex.h"

#define ACCOUNT "acct:"

enum { NAME_MAX_OCTETS = 256 };

static int
to_idents(struct ca_acme *a, int64_t cert_id, struct arena *arena,
    struct acme_cert *ret)
{
	struct acme_ident *ident;
	struct ca_name *names;
	char text[NAME_MAX_OCTETS];
	size_t i, n;
	int rc =
	    a->o.store->ops->cert_names(a->o.store, cert_id, arena, &names, &n);

	if (rc != 0)
		return rc;
	ident = base_arena_alloc(arena, (n + 1) * sizeof(*ident));
	if (ident == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < n; i++) {
		ca_name_text(&names[i], text, sizeof(text));
		ident[i].type = names[i].kind == CA_NAME_DNS  ? "dns"
				: names[i].kind == CA_NAME_IP ? "ip"
							      : "uri";
		ident[i].value = base_arena_dup(arena, text, strlen(text));
		if (ident[i].value == NULL)
			return ERR_SYS_NOMEM;
	}
	ret->ident = ident;
	ret->n_idents = n;
	return 0;
}

static int
to_status(struct ca_acme *a, const struct ca_cert *row, struct acme_cert *ret)
{
	struct ca_status status;
	int rc = a->o.store->ops->get_status(
	    a->o.store, row->issuer, row->serial, &status);

	if (rc == 0 && status.kind == CA_STATUS_REVOKED)
		ret->revoked_at = status.revoked_at;
	return rc;
}

/* A row in state I; what its owner saw. */
static int
to_cert(struct ca_acme *a, const struct ca_cert *row, struct arena *arena,
    struct acme_cert *ret)
{
	char hex[2 * CRYPTO_SHA256_LEN + 1];
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (row->state != CA_CERT_ISSUED || row->fp.len != CRYPTO_SHA256_LEN)
		return ERR_STATE_NOT_FOUND;
	wire_hex_encode(row->fp.data, row->fp.len, hex);
	ret->fingerprint = base_arena_dup(arena, hex, sizeof(hex) - 1);
	if (ret->fingerprint == NULL)
		return ERR_SYS_NOMEM;
	ret->not_before = row->not_before;
	ret->not_after = row->not_after;
	if (row->owner != NULL && base_str_starts(row->owner, ACCOUNT))
		ret->account = row->owner + strlen(ACCOUNT);
	rc = to_status(a, row, ret);
	return rc != 0 ? rc : to_idents(a, row->id, arena, ret);
}

static int
to_spki(struct pki_bytes der, struct arena *arena, struct acme_cert *ret)
{
	struct pki_cert *c;
	struct pki_bytes spki;
	int rc = pki_cert_parse_own(der, &c);

	if (rc != 0)
		return rc == ERR_SYS_NOMEM ? rc : ERR_SYS_CORRUPT;
	spki = pki_cert_spki(c);
	ret->spki = base_arena_dup(arena, spki.data, spki.len);
	ret->spki_len = spki.len;
	pki_cert_free(c);
	return ret->spki == NULL ? ERR_SYS_NOMEM : 0;
}

static int
read_cert(void *ctx, const uint8_t *der, size_t len, struct arena *arena,
    struct acme_cert *ret)
{
	struct ca_acme *a = ctx;
	uint8_t hash[CRYPTO_SHA256_LEN];
	const struct ca_blob fp = { hash, sizeof(hash) };
	struct ca_cert row;
	int rc;

	crypto_sha2_256(der, len, hash);
	rc = a->o.store->ops->get_cert_fp(a->o.store, fp, arena, &row);
	if (rc == 0)
		rc = to_cert(a, &row, arena, ret);
	/* Only octets that we signed are parsed. */
	if (rc == 0)
		rc = to_spki((struct pki_bytes){ der, len }, arena, ret);
	return rc;
}

static int
read_named(void *ctx, const struct acme_certid *id, struct arena *arena,
    struct acme_cert *ret)
{
	struct ca_acme *a = ctx;
	const struct ca_blob serial = { id->serial, id->serial_len };
	const struct ca_authority_issuer *issuer =
	    ca_authority_find_key(a->o.authority, id->aki, id->aki_len);
	struct ca_cert row;
	int rc;

	if (issuer == NULL)
		return ERR_STATE_NOT_FOUND;
	rc = a->o.store->ops->get_cert(
	    a->o.store, issuer->id, serial, arena, &row);
	return rc != 0 ? rc : to_cert(a, &row, arena, ret);
}

static int
read_replaces(
    void *ctx, const char *certid, struct arena *arena, struct acme_order *ret)
{
	struct ca_acme *a = ctx;
	struct ca_acme_order row;
	int rc = a->o.store->ops->get_order_replaces(
	    a->o.store, certid, arena, &row);

	return rc != 0 ? rc : ca_acme_order_of_row(a, &row, ret);
}

const struct acme_store_certs ca_acme_cert_ops = {
	.cert = read_cert,
	.cert_named = read_named,
	.order_replaces = read_replaces,
};
