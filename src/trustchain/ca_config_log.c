/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_config_log.h"

#include <string.h>

#include "merkle/vkey.h"
#include "wire/time.h"

static bool
given(const char *s)
{
	return s != NULL && s[0] != '\0';
}

bool
ca_config_log_foreign(const struct ca_config_log *log)
{
	return given(log->key);
}

/* Main reads token files, and may read no passphrase. */
static int
check_token(const struct ca_config *c, const char *mine, struct fault *f)
{
	const struct ca_config_issuer *issuer = c->issuers.v;
	bool same = strcmp(mine, c->server.seal_pass_file) == 0;

	for (size_t k = 0; k < c->issuers.n; k++)
		same = same || strcmp(mine, issuer[k].pass_file) == 0;
	if (same && mine[0] != '\0')
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[log]] token_file is the file of a passphrase");
	return 0;
}

static int
check_range(const struct ca_config_log *log, struct fault *f)
{
	int64_t start, end;

	if (wire_time_parse(log->start, strlen(log->start), &start) != 0 ||
	    wire_time_parse(log->end, strlen(log->end), &end) != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[log]] %.100s: start and end must be times such as "
		    "\"2026-01-01T00:00:00Z\"",
		    log->url);
	if (start >= end)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[log]] %.100s: end must be later than start", log->url);
	return 0;
}

/* Ours is known by the key of its list, another by its own key and range. */
static int
check_identity(const struct ca_config_log *log, struct fault *f)
{
	bool ranged = given(log->start) || given(log->end);

	if (ca_config_log_foreign(log) == given(log->list_vkey) ||
	    ranged != ca_config_log_foreign(log))
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[log]] %.100s: needs either list_vkey (what "
		    "`trustchain-ct init-log' printed) or, of a foreign log, "
		    "key, start and end",
		    log->url);
	return ranged ? check_range(log, f) : 0;
}

int
ca_config_log_finish(const struct ca_config *c, struct fault *f)
{
	const struct ca_config_log *log = c->logs.v;
	int rc;

	for (size_t i = 0; i < c->logs.n; i++) {
		if ((rc = check_token(c, log[i].token_file, f)) != 0 ||
		    (rc = check_identity(&log[i], f)) != 0)
			return rc;
		/* Two SCTs of one log are worth one. */
		for (size_t k = 0; k < i; k++)
			if (ca_config_log_foreign(&log[i]) &&
			    strcmp(log[i].key, log[k].key) == 0)
				return base_fault_set(f, ERR_STATE_CONFIG,
				    "[[log]] key = \"%.100s\" is there twice",
				    log[i].key);
	}
	return 0;
}

int
ca_config_log_serve(const struct ca_config *c, struct fault *f)
{
	const struct ca_config_log *l = c->logs.v;
	struct merkle_vkey key;

	for (size_t i = 0; i < c->logs.n; i++)
		if (!ca_config_log_foreign(&l[i]) &&
		    merkle_vkey_parse(
			l[i].list_vkey, strlen(l[i].list_vkey), &key) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[log] list_vkey = \"%.60s\" is no verifier key; "
			    "fix: take it from `trustchain-ct init-log'",
			    l[i].list_vkey);
	return 0;
}
