/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_mtls.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "pki/cert.h"
#include "pki/san.h"
#include "pki/tbs.h"
#include "trustchain/ca_auth.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_store.h"
#include "wire/hex.h"

#define PROFILE "client"
#define ROW_ARENA 262144
#define RATE_PER_MIN 60000

/* In the order of the configuration's choices. */
static const unsigned role_bits[] = { CA_AUTH_ISSUER, CA_AUTH_REVOKER,
	CA_AUTH_OPERATOR, CA_AUTH_AUDITOR, CA_AUTH_REGISTRAR };

static unsigned
roles_of(const struct ca_config *c, const struct pki_san *san)
{
	const struct ca_config_mtls *m = c->mtls_roles.v;
	char text[PKI_SAN_VALUE_MAX + 1];
	unsigned set = 0;
	size_t i;

	pki_san_text(san, text, sizeof(text));
	for (i = 0; i < c->mtls_roles.n; i++)
		if (strcasecmp(m[i].san, text) == 0)
			set |= role_bits[m[i].role];
	return set;
}

bool
ca_mtls_reserved(const struct ca_config *config, const struct pki_san *san)
{
	return roles_of(config, san) != 0;
}

/* Issued by us as it is, under the right profile, and good now. */
static int
judge(const struct ca_mtls *m, const struct pki_cert *cert,
    const struct ca_cert *row)
{
	struct pki_bytes der = pki_cert_der(cert);
	struct ca_status st;
	int rc;

	if (row->state != CA_CERT_ISSUED || row->final.len != der.len ||
	    memcmp(row->final.data, der.data, der.len) != 0 ||
	    strcmp(row->profile, PROFILE) != 0 ||
	    row->not_after <= base_clock_now_ms(m->clock))
		return ERR_STATE_UNAUTHORIZED;
	/* By itself or by a sweep. */
	rc = m->store->ops->get_status(m->store, row->issuer, row->serial, &st);
	if (rc != 0)
		return rc;
	return st.kind == CA_STATUS_GOOD ? 0 : ERR_STATE_UNAUTHORIZED;
}

static int
principal(const struct ca_mtls *m, const struct pki_cert *cert,
    const struct ca_cert *row, struct ca_principal *ret)
{
	struct pki_san_list names;
	char serial[2 * PKI_SERIAL_LEN + 1];
	size_t i;

	if (row->serial.len != PKI_SERIAL_LEN ||
	    pki_cert_sans(cert, &names) != 0)
		return ERR_STATE_UNAUTHORIZED;
	memset(ret, 0, offsetof(struct ca_principal, scope));
	wire_hex_encode(row->serial.data, row->serial.len, serial);
	(void)snprintf(ret->owner, sizeof(ret->owner), "mtls:%s", serial);
	for (i = 0; i < names.n; i++)
		ret->roles |= roles_of(m->config, &names.item[i]);
	return 0;
}

int
ca_mtls_check(const struct ca_mtls *m, const uint8_t *der, size_t len,
    unsigned need, struct ca_principal *ret, unsigned *ret_wait_s)
{
	struct pki_bytes serial;
	struct pki_cert *cert;
	struct arena *arena;
	struct ca_cert row;
	int rc;

	if (m->config->mtls_roles.n == 0 ||
	    pki_cert_parse((struct pki_bytes){ der, len }, &cert) != 0)
		return ERR_STATE_UNAUTHORIZED;
	if ((arena = base_arena_new(ROW_ARENA)) == NULL) {
		pki_cert_free(cert);
		return ERR_SYS_NOMEM;
	}
	serial = pki_cert_serial(cert);
	rc = m->store->ops->get_cert(m->store, NULL,
	    (struct ca_blob){ serial.data, serial.len }, arena, &row);
	if (rc == ERR_STATE_NOT_FOUND)
		rc = ERR_STATE_UNAUTHORIZED;
	if (rc == 0)
		rc = judge(m, cert, &row);
	if (rc == 0)
		rc = principal(m, cert, &row, ret);
	if (rc == 0)
		rc = ca_auth_charge(
		    m->auth, ret->owner, RATE_PER_MIN, ret_wait_s);
	base_arena_free(arena);
	pki_cert_free(cert);
	if (rc == 0 && (need == 0 ? ret->roles : ret->roles & need) == 0)
		rc = ERR_STATE_FORBIDDEN;
	return rc;
}
