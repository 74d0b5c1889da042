/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/json.h"

#define URN "urn:ietf:params:acme:error:"

static const struct {
	const char *urn;
	int status;
} types[] = { { "none", 500 },
#define ROW(name, urn, status) { urn, status },
	ACME_PROBLEM_TABLE(ROW)
#undef ROW
};

int
acme_problem_set(
    struct acme_problem *p, enum acme_problem_type type, const char *fmt, ...)
{
	va_list ap;

	memset(p, 0, sizeof(*p));
	p->type = type;
	p->status = types[type].status;
	va_start(ap, fmt);
	(void)vsnprintf(p->detail, sizeof(p->detail), fmt, ap);
	va_end(ap);
	return ERR_STATE_REFUSED;
}

const char *
acme_problem_urn(enum acme_problem_type type)
{
	return types[type].urn;
}

static int
add_type(json_t *o, enum acme_problem_type type, const char *detail)
{
	char urn[80];
	json_t *text;

	(void)snprintf(urn, sizeof(urn), URN "%s", types[type].urn);
	/* A detail may quote what the peer sent; keep the document valid. */
	text = json_string(detail);
	if (text == NULL)
		text = json_string("not printable");
	return json_object_set_new(o, "type", json_string(urn)) |
	       json_object_set_new(o, "detail", text);
}

static json_t *
subproblems(const struct acme_problem *p)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < p->n_sub && all != NULL; i++) {
		json_t *one = json_pack("{s:{s:s,s:s}}", "identifier", "type",
		    p->sub[i].ident_type, "value", p->sub[i].ident_value);

		if (one == NULL ||
		    add_type(one, p->sub[i].type, p->sub[i].detail) != 0 ||
		    json_array_append_new(all, one) != 0) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

char *
acme_problem_encode(const struct acme_problem *p)
{
	json_t *o = json_object();
	char *text = NULL;
	int bad;

	if (o == NULL)
		return NULL;
	bad = add_type(o, p->type, p->detail);
	bad |= json_object_set_new(o, "status", json_integer(p->status));
	if (p->algorithms)
		/* RFC 8555 section 6.2: the error lists what is taken. */
		bad |= json_object_set_new(o, "algorithms",
		    json_pack("[ssss]", "ES256", "ES384", "EdDSA", "RS256"));
	if (p->n_sub > 0)
		bad |= json_object_set_new(o, "subproblems", subproblems(p));
	if (bad == 0)
		text = wire_json_dump(o, NULL);
	json_decref(o);
	return text;
}
