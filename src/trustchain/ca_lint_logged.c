/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_lint_internal.h"

#include <stdlib.h>

#include "pki/cert.h"
#include "pki/lint.h"
#include "store/file.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_config_log.h"
#include "trustchain/ca_log.h"
#include "trustchain/ca_log_foreign.h"
#include "trustchain/ct_list.h"

enum { LOGS_MAX = 64, PATH_SIZE = 4096 };

/* Every shard of every list: a certificate may be older than its log. */
struct logs {
	size_t n;
	struct pki_lint_log log[LOGS_MAX];
	struct ct_list *list[LOGS_MAX];
	size_t n_lists;
};

static void
add_list(struct logs *logs, struct ct_list *list)
{
	size_t i;

	logs->list[logs->n_lists++] = list;
	for (i = 0; i < list->n && logs->n < LOGS_MAX; i++)
		logs->log[logs->n++] = (struct pki_lint_log){
			.spki = { list->entry[i].key, list->entry[i].key_len },
			.start_ms = list->entry[i].start_ms,
			.end_ms = list->entry[i].end_ms
		};
}

/* The list of one log; *${ret} stays NULL when there is none yet. */
static int
get_list(const char *state_dir, const struct ca_config_log *log,
    struct ct_list **ret)
{
	struct fault f = { 0 };
	char path[PATH_SIZE];
	uint8_t *data;
	size_t len;
	int rc;

	if (ca_config_log_foreign(log))
		return ca_log_foreign_list(log, ret, &f);
	rc = ca_log_list_path(state_dir, log->list_vkey, path, sizeof(path));
	if (rc == 0)
		rc = store_file_load(
		    path, 4 + CT_LIST_NOTE_MAX + CT_LIST_JSON_MAX, &data, &len);
	/* The daemon has not asked the log yet, or it may not be read. */
	if (rc != 0)
		return rc == ERR_SYS_NOMEM ? rc : 0;
	if ((*ret = calloc(1, sizeof(**ret))) == NULL)
		rc = ERR_SYS_NOMEM;
	else
		rc = ct_list_open(data, len, log->list_vkey, *ret);
	free(data);
	return rc;
}

static int
load_list(
    struct logs *logs, const char *state_dir, const struct ca_config_log *log)
{
	struct ct_list *list = NULL;
	int rc = get_list(state_dir, log, &list);

	if (rc == 0 && list != NULL)
		add_list(logs, list);
	else
		free(list);
	return base_err_class(rc) == ERR_CLASS_SYS ? rc : 0;
}

/* L17 against the precertificate of the same serial in the file. */
static int
lint_pair(const struct ca_lint *l, struct ca_lint_cert *c)
{
	const struct pki_cert *pre;
	uint32_t hits;
	size_t i;
	int rc;

	for (i = 0; i < l->n; i++) {
		pre = l->cert[i].cert;
		if (pre == NULL || !pki_cert_is_precert(pre) ||
		    !pki_bytes_equal(
			pki_cert_serial(pre), pki_cert_serial(c->cert)))
			continue;
		rc = pki_lint_pair(pki_cert_tbs(pre), c->tbs, &hits);
		if (rc != 0)
			return rc;
		c->hits |= hits;
	}
	return 0;
}

static int
lint_scts(
    const struct ca_lint *l, struct ca_lint_cert *c, const struct logs *logs)
{
	uint32_t hits;
	int rc;

	c->unlogged = logs->n == 0;
	if (logs->n == 0 || c->issuer == NULL)
		return 0;
	rc = pki_lint_scts(c->cert, pki_cert_spki(c->issuer), logs->log,
	    logs->n, (unsigned)l->conf->issue.min_scts, &hits);
	if (rc != 0)
		return rc;
	c->hits |= hits;
	return 0;
}

int
ca_lint_logged(const struct ca_lint *l, struct ca_lint_cert *c)
{
	const struct ca_config_log *log = l->conf->logs.v;
	struct logs *logs;
	size_t i;
	int rc = 0;

	if (c->cert == NULL || pki_cert_is_precert(c->cert))
		return 0;
	if ((logs = calloc(1, sizeof(*logs))) == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < l->conf->logs.n && i < LOGS_MAX && rc == 0; i++)
		rc = load_list(logs, l->conf->server.state_dir, &log[i]);
	if (rc == 0 && (rc = lint_scts(l, c, logs)) == 0)
		rc = lint_pair(l, c);
	for (i = 0; i < logs->n_lists; i++)
		free(logs->list[i]);
	free(logs);
	return rc;
}
