/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_chain.h"

#include <string.h>

#include "base/arena.h"
#include "crypto/sha2.h"
#include "pki/cert.h"
#include "pki/roots.h"

const char *
ct_chain_word(enum ct_chain_result result)
{
	static const char *const words[] = {
		[CT_CHAIN_OK] = "ok",
		[CT_CHAIN_MALFORMED] = "malformed",
		[CT_CHAIN_UNKNOWN_ROOT] = "chain_unknown_root",
		[CT_CHAIN_BAD_SIGNATURE] = "chain_bad_signature",
		[CT_CHAIN_TOO_LONG] = "chain_too_long",
		[CT_CHAIN_NOT_AFTER] = "not_after_outside_shard",
		[CT_CHAIN_PRECERT_REQUIRED] = "precert_required",
		[CT_CHAIN_NOT_PRECERT] = "not_precert",
		[CT_CHAIN_TOO_LARGE] = "too_large",
		[CT_CHAIN_NOMEM] = "queue_full",
	};

	return words[result];
}

enum ct_chain_result
ct_chain_parse(const struct ct_chain_rules *rules, const struct pki_bytes *der,
    size_t n, struct ct_chain *ret)
{
	size_t i;
	int rc;

	memset(ret, 0, sizeof(*ret));
	if (n == 0)
		return CT_CHAIN_MALFORMED;
	if (n > rules->chain_max || n > PKI_CHAIN_LEN_MAX)
		return CT_CHAIN_TOO_LONG;
	if (der[0].len > rules->entry_max)
		return CT_CHAIN_TOO_LARGE;
	for (i = 0; i < n; i++) {
		rc = i == 0
			 ? pki_cert_parse(der[i], &ret->cert[i])
			 : pki_roots_parse(rules->roots, der[i], &ret->cert[i]);
		if (rc == ERR_SYS_NOMEM)
			return CT_CHAIN_NOMEM;
		if (rc == ERR_PEER_TOO_LARGE)
			return CT_CHAIN_TOO_LARGE;
		if (rc != 0)
			return CT_CHAIN_MALFORMED;
		ret->n++;
	}
	ret->not_after_ms = pki_cert_not_after_ms(ret->cert[0]);
	return CT_CHAIN_OK;
}

void
ct_chain_fini(struct ct_chain *chain)
{
	size_t i;

	for (i = 0; i < chain->n; i++)
		pki_cert_free(chain->cert[i]);
	pki_path_fini(&chain->path);
	memset(chain, 0, sizeof(*chain));
}

/* RFC 6962 section 3.2: the TBS without the poison, under the key hash of the
 * issuer. */
static enum ct_chain_result
precert_entry(
    struct ct_chain *chain, struct arena *arena, struct ct_shard_entry *ret)
{
	struct pki_bytes tbs = pki_cert_tbs(chain->path.cert[0]), spki;
	uint8_t *out;
	size_t len;

	if ((out = base_arena_alloc(arena, tbs.len)) == NULL)
		return CT_CHAIN_NOMEM;
	if (pki_ct_strip(tbs, PKI_OID_CT_POISON, out, tbs.len, &len) != 0)
		return CT_CHAIN_MALFORMED;
	spki = pki_cert_spki(chain->path.cert[1]);
	ret->entry.type = PKI_CT_PRECERT;
	crypto_sha2_256(spki.data, spki.len, ret->entry.issuer_key_hash);
	ret->entry.cert.data = out;
	ret->entry.cert.len = len;
	ret->precert = pki_cert_der(chain->path.cert[0]);
	return CT_CHAIN_OK;
}

static enum ct_chain_result
verify(const struct ct_chain_rules *rules, struct ct_chain *chain)
{
	/* A log does not look at the clock: RFC 6962 section 3.1 lets it take
	 * expired certificates. */
	int rc = pki_chain_verify(rules->roots,
	    (const struct pki_cert *const *)chain->cert, chain->n, -1,
	    &chain->path);

	switch (rc) {
	case 0:
		return CT_CHAIN_OK;
	case ERR_PEER_UNTRUSTED:
		return CT_CHAIN_UNKNOWN_ROOT;
	case ERR_SYS_NOMEM:
		return CT_CHAIN_NOMEM;
	case ERR_PEER_TOO_LARGE:
		return CT_CHAIN_TOO_LONG;
	default:
		return CT_CHAIN_BAD_SIGNATURE;
	}
}

enum ct_chain_result
ct_chain_entry(const struct ct_chain_rules *rules, struct ct_chain *chain,
    enum ct_chain_want want, struct arena *arena, struct ct_shard_entry *ret)
{
	bool precert = pki_cert_is_precert(chain->cert[0]);
	enum ct_chain_result result;
	size_t i;

	if (want == CT_CHAIN_PRECERT && !precert)
		return CT_CHAIN_PRECERT_REQUIRED;
	if (want == CT_CHAIN_X509 && precert)
		return CT_CHAIN_NOT_PRECERT;
	if ((result = verify(rules, chain)) != CT_CHAIN_OK)
		return result;
	/* A root itself has no issuer to be logged with. */
	if (chain->path.n < 2 || chain->path.n - 1 > CT_LEAF_CHAIN_MAX)
		return CT_CHAIN_MALFORMED;
	if (precert) {
		result = precert_entry(chain, arena, ret);
		if (result != CT_CHAIN_OK)
			return result;
	} else {
		ret->entry.type = PKI_CT_X509;
		ret->entry.cert = pki_cert_der(chain->path.cert[0]);
	}
	ret->issuers = chain->path.n - 1;
	for (i = 0; i < ret->issuers; i++) {
		ret->issuer[i].der = pki_cert_der(chain->path.cert[i + 1]);
		crypto_sha2_256(ret->issuer[i].der.data, ret->issuer[i].der.len,
		    ret->issuer[i].fingerprint);
	}
	ct_leaf_dedup(&ret->entry, ret->dedup);
	return CT_CHAIN_OK;
}
