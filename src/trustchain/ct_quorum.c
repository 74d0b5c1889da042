/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ct_quorum.h"

#include <stdlib.h>
#include <string.h>

#include "http/client.h"
#include "ops/log.h"
#include "trustchain/ct_config.h"
#include "trustchain/ct_metrics.h"
#include "trustchain/ct_quorum_internal.h"

int
ct_quorum_config(const struct ct_config *c, struct fault *f)
{
	const struct ct_config_witness *conf = c->witnesses.v;
	struct merkle_quorum_witness w[CT_CONFIG_WITNESSES_MAX];
	struct merkle_quorum q = { (unsigned)c->quorum.k, c->witnesses.n, w };
	long long k = c->quorum.k;
	size_t n = c->witnesses.n;

	if ((k != 0 || n != 0) && 2 * (size_t)k <= n)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[quorum] k = %lld of %zu witnesses: two such quorums may "
		    "have no witness in common; k must be more than half",
		    k, n);
	if ((size_t)k > n)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[quorum] k = %lld, but there are %zu [[witness_peer]]", k,
		    n);
	for (size_t i = 0; i < n; i++) {
		w[i].key_count = 1;
		if (merkle_vkey_parse(
			conf[i].vkey, strlen(conf[i].vkey), &w[i].key[0]) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[witness_peer]] %.100s: vkey is no verifier key",
			    conf[i].name);
	}
	if (n > 0 && merkle_quorum_ok(&q) != 0)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "[[witness_peer]]: one key is there twice, or is none for "
		    "cosignatures");
	return 0;
}

void
ct_quorum_figures(const struct ct_config *c, struct ct_quorum_figures *ret)
{
	ret->n = (unsigned)c->witnesses.n;
	ret->k = (unsigned)c->quorum.k;
	ret->f = ret->n == 0 ? -1 : merkle_quorum_faults(ret->k, ret->n);
}

static int
add_witnesses(struct ct_quorum *q, struct fault *f)
{
	const struct ct_config_witness *conf = q->o.config->witnesses.v;
	struct ct_quorum_witness *w;

	q->witness = calloc(q->figures.n, sizeof(*q->witness));
	if (q->witness == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	for (unsigned i = 0; i < q->figures.n; i++) {
		w = &q->witness[i];
		w->name = conf[i].name;
		if (merkle_vkey_parse(
			conf[i].vkey, strlen(conf[i].vkey), &w->key) != 0 ||
		    trustchain_peer_parse(conf[i].url, &w->peer) != 0)
			return base_fault_set(f, ERR_STATE_CONFIG,
			    "[[witness_peer]] %.100s: url or vkey", w->name);
	}
	return 0;
}

int
ct_quorum_new(
    const struct ct_quorum_opts *opts, struct ct_quorum **ret, struct fault *f)
{
	struct ct_quorum *q;
	int rc;

	*ret = NULL;
	if (opts->config->witnesses.n == 0)
		return 0;
	if ((q = calloc(1, sizeof(*q))) == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	q->o = *opts;
	ct_quorum_figures(opts->config, &q->figures);
	rc = add_witnesses(q, f);
	if (rc == 0 &&
	    (rc = http_client_new(opts->loop, NULL, &q->client)) != 0)
		(void)base_fault_set(f, rc, "witnesses: %s", base_err_text(rc));
	if (rc != 0) {
		ct_quorum_free(q);
		return rc;
	}
	*ret = q;
	return 0;
}

void
ct_quorum_free(struct ct_quorum *q)
{
	if (q == NULL)
		return;
	http_client_free(q->client);
	free(q->witness);
	free(q);
}

const struct ct_quorum_witness *
ct_quorum_witnesses(const struct ct_quorum *q, size_t *ret_n)
{
	*ret_n = q == NULL ? 0 : q->figures.n;
	return q == NULL ? NULL : q->witness;
}

struct http_client *
ct_quorum_client(const struct ct_quorum *q)
{
	return q->client;
}

const char *
ct_quorum_roots(const struct ct_quorum *q)
{
	return q->o.config->server.roots;
}

void
ct_quorum_error(struct ct_quorum *q, const struct ct_quorum_witness *witness,
    const char *status)
{
	ops_metrics_add(q->o.metrics, CT_METRIC_WITNESS_ERRORS,
	    OPS_LABELS(witness->name, status), 1);
}
