/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ops/control.h"
#include "pki/san.h"
#include "trustchain/ca_control_internal.h"
#include "trustchain/ca_issue.h"
#include "trustchain/ca_record.h"

#define CSR_MAX 65536

struct pending {
	struct ca_control *control;
	struct ops_control_call *call;
};

/* The error class an operator's exit code follows from. */
static int
class_of(const struct ca_issue_result *r)
{
	if (r->status == 503)
		return ERR_SYS_UNAVAILABLE;
	if (r->status == 400 || r->status == 422 || r->status == 403 ||
	    r->status == 409)
		return ERR_STATE_REFUSED;
	return r->rc;
}

static void
done(void *ctx, const struct ca_issue_result *r)
{
	struct pending *p = ctx;
	struct ca_control *c = p->control;
	json_t *o;

	if (r->code != NULL) {
		ops_control_error(p->call, class_of(r), "%s: %s%s%s", r->code,
		    r->detail, r->serial[0] != '\0' ? "; serial " : "",
		    r->serial);
	} else {
		o = ca_record_full(
		    c->o.authority, r->row, base_clock_now_ms(c->o.clock));
		if (o == NULL) {
			ops_control_error(
			    p->call, ERR_SYS_NOMEM, "out of memory");
		} else {
			(void)json_object_set_new(o, "ok", json_true());
			ops_control_reply(p->call, o);
		}
	}
	free(p);
}

/* The optional members; names in ${names}. */
static int
parse(const json_t *req, struct ca_issue_request *r, struct pki_san_list *names)
{
	const char *v[PKI_SAN_COUNT_MAX], *csr;
	int64_t hours = 0;
	size_t len, n, i;
	int rc;

	if ((rc = wire_json_string(req, "csr", CSR_MAX, &csr, &len)) != 0)
		return rc;
	r->csr.data = (const uint8_t *)csr;
	r->csr.len = len;
	rc = wire_json_string(req, "profile", 32, &r->profile, &len);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return rc;
	rc = wire_json_string(req, "issuer", 16, &r->issuer, &len);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return rc;
	rc = wire_json_int(req, "hours", 1, 24, &hours);
	if (rc != 0 && rc != ERR_STATE_NOT_FOUND)
		return rc;
	r->validity_s = (uint32_t)hours * 3600;
	if ((rc = wire_json_strings(req, "san", v, PKI_SAN_COUNT_MAX, &n)) != 0)
		return rc;
	for (i = 0; i < n; i++)
		if ((rc = pki_san_add_text(names, v[i])) != 0)
			return rc;
	if (n > 0)
		r->names = names;
	return 0;
}

void
ca_control_issue(
    struct ca_control *c, struct ops_control_call *call, const json_t *req)
{
	struct ca_issue_request r = { .via = CA_ISSUE_CONTROL,
		.owner = "system" };
	struct pki_san_list *names = calloc(1, sizeof(*names));
	struct pending *p = malloc(sizeof(*p));
	int rc = ERR_SYS_NOMEM;

	if (names != NULL && p != NULL) {
		p->control = c;
		p->call = call;
		if ((rc = parse(req, &r, names)) == 0)
			rc = ca_issue_submit(c->o.issue, &r, done, p);
		else
			rc = ERR_STATE_USAGE;
	}
	free(names);
	if (rc != 0) {
		free(p);
		ops_control_error(call, rc,
		    rc == ERR_STATE_USAGE
			? "csr, profile, issuer, hours or san is not usable"
			: "out of memory");
	}
}
