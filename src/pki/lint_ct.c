/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/lint.h"

#include <stdbool.h>
#include <stdlib.h>

#include "pki/cert.h"
#include "pki/ct.h"

enum { LOGS_MAX = 64 };

int
pki_lint_pair(struct pki_bytes precert_tbs, struct pki_bytes final_tbs,
    uint32_t *ret_hits)
{
	struct pki_bytes a, b;
	uint8_t *buf;
	bool same = false;

	if (precert_tbs.len > PKI_CERT_DER_MAX ||
	    final_tbs.len > PKI_CERT_DER_MAX) {
		*ret_hits = PKI_LINT_BIT(17);
		return 0;
	}
	if ((buf = malloc(precert_tbs.len + final_tbs.len)) == NULL)
		return ERR_SYS_NOMEM;
	a.data = buf;
	b.data = buf + precert_tbs.len;
	if (pki_ct_strip(precert_tbs, PKI_OID_CT_POISON, buf, precert_tbs.len,
		&a.len) == 0 &&
	    pki_ct_strip(final_tbs, PKI_OID_CT_SCT_LIST, buf + precert_tbs.len,
		final_tbs.len, &b.len) == 0)
		same = pki_bytes_equal(a, b);
	free(buf);
	*ret_hits = same ? 0 : PKI_LINT_BIT(17);
	return 0;
}

/* Check one SCT; ${seen} marks the logs that have signed already. */
static bool
sct_ok(const struct pki_ct_sct *sct, const struct pki_ct_entry *entry,
    int64_t not_after_ms, const struct pki_lint_log *logs, size_t n, bool *seen)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (pki_ct_sct_verify(sct, entry, logs[i].spki) != 0)
			continue;
		if (seen[i] || not_after_ms < logs[i].start_ms ||
		    not_after_ms >= logs[i].end_ms)
			return false;
		seen[i] = true;
		return true;
	}
	return false;
}

static bool
scts_ok(const struct pki_cert *c, const struct pki_ct_entry *entry,
    const struct pki_lint_log *logs, size_t n, unsigned min_scts)
{
	struct pki_ct_sct sct[PKI_CT_LIST_MAX];
	bool seen[LOGS_MAX] = { false };
	struct pki_bytes list;
	size_t count, i;

	if (!pki_cert_extension(c, PKI_OID_CT_SCT_LIST, &list, NULL) ||
	    pki_ct_list_parse(list, sct, &count) != 0 || count < min_scts)
		return false;
	for (i = 0; i < count; i++)
		if (!sct_ok(&sct[i], entry, pki_cert_not_after_ms(c), logs, n,
			seen))
			return false;
	return true;
}

int
pki_lint_scts(const struct pki_cert *final, struct pki_bytes issuer_spki,
    const struct pki_lint_log *logs, size_t n, unsigned min_scts,
    uint32_t *ret_hits)
{
	struct pki_ct_entry entry = { .type = PKI_CT_PRECERT };
	struct pki_bytes tbs = pki_cert_tbs(final);
	uint8_t *buf;
	int rc;

	if (n > LOGS_MAX)
		return ERR_SYS_LIMIT;
	if ((buf = malloc(tbs.len)) == NULL)
		return ERR_SYS_NOMEM;
	entry.cert.data = buf;
	*ret_hits = PKI_LINT_BIT(18);
	rc = pki_ct_strip(
	    tbs, PKI_OID_CT_SCT_LIST, buf, tbs.len, &entry.cert.len);
	if (rc == 0)
		rc = pki_ct_key_hash(issuer_spki, entry.issuer_key_hash);
	if (rc == 0 && scts_ok(final, &entry, logs, n, min_scts))
		*ret_hits = 0;
	free(buf);
	return rc != 0 && rc != ERR_SYS_LIMIT &&
		       base_err_class(rc) == ERR_CLASS_SYS
		   ? rc
		   : 0;
}
