/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/str.h"
#include "http/request.h"
#include "trustchain/ca_authority.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_crl.h"
#include "trustchain/ca_points.h"
#include "trustchain/ca_rest_internal.h"

/* GET /api/v1/ca/crl[?issuer&shard&format=der] (identity spec section 6). */

/* NULL, or what is wrong with the parameters. */
static const char *
parse(const struct http_request *req, unsigned *ret_shard)
{
	const char *shard = http_request_param(req, "shard");
	const char *format = http_request_param(req, "format");
	uint64_t v;

	*ret_shard = CA_CRL_WHOLE;
	if (format != NULL && strcmp(format, "der") != 0)
		return "format: only der";
	if (shard == NULL)
		return NULL;
	if (base_str_u64(shard, strlen(shard), &v) != 0 ||
	    v >= CA_CRL_SHARDS_MAX)
		return "shard: not a number of 0 to 1023";
	*ret_shard = (unsigned)v;
	return NULL;
}

void
ca_rest_crl(struct ca_rest *r, struct http_request *req)
{
	const struct ca_authority_issuer *is = ca_authority_find(
	    r->o.authority, http_request_param(req, "issuer"));
	const char *wrong;
	char path[4096];
	unsigned shard;
	int rc;

	if ((wrong = parse(req, &shard)) != NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_MALFORMED, wrong);
		return;
	}
	if (is == NULL) {
		ca_rest_problem(r, req, CA_PROBLEM_NOT_FOUND, "no such issuer");
		return;
	}
	rc = ca_crl_path(
	    r->o.config->server.state_dir, is->id, shard, path, sizeof(path));
	if (rc == 0)
		rc = ca_points_crl(r->o.points, req, path,
		    http_request_param(req, "format") == NULL);
	if (rc == 0)
		return;
	if (rc == ERR_STATE_NOT_FOUND && shard >= is->crl_shards &&
	    shard != CA_CRL_WHOLE)
		ca_rest_problem(r, req, CA_PROBLEM_NOT_FOUND, "no such shard");
	else
		ca_rest_problem(r, req, CA_PROBLEM_NOT_YET_PUBLISHED,
		    "the CRL has not been published yet");
}
