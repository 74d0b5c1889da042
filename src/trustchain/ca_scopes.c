/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_scopes.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "net/prefix.h"
#include "pki/name.h"
#include "pki/san.h"
#include "wire/json.h"

bool
ca_scopes_has(const char *list, const char *name)
{
	size_t n, len = strlen(name);

	for (; *list != '\0'; list += n + (list[n] == ',' ? 1 : 0)) {
		n = strcspn(list, ",");
		if (n == len && memcmp(list, name, n) == 0)
			return true;
	}
	return false;
}

int
ca_scopes_join(const char *const *v, size_t n, char *out, size_t cap)
{
	size_t i, len = 0;

	out[0] = '\0';
	for (i = 0; i < n; i++) {
		if (v[i][0] == '\0' || strchr(v[i], ',') != NULL ||
		    len + strlen(v[i]) + 2 > cap)
			return ERR_STATE_USAGE;
		len += (size_t)snprintf(
		    out + len, cap - len, "%s%s", i > 0 ? "," : "", v[i]);
	}
	return 0;
}

char *
ca_scopes_json(const char *const *v, size_t n)
{
	json_t *a = json_array();
	char *text;
	size_t i;

	for (i = 0; i < n; i++)
		(void)json_array_append_new(a, json_string(v[i]));
	text = json_array_size(a) == n ? wire_json_dump(a, NULL) : NULL;
	json_decref(a);
	return text;
}

int
ca_scopes_check(const char *const *v, size_t n)
{
	size_t i;

	if (n > CA_SCOPES_MAX)
		return ERR_STATE_USAGE;
	for (i = 0; i < n; i++)
		if (v[i][0] == '\0' || strlen(v[i]) > CA_SCOPES_BYTES_MAX)
			return ERR_STATE_USAGE;
	return 0;
}

static bool
prefix_within(const struct net_prefix *p, const struct net_prefix *of)
{
	struct net_addr first;

	return p->bits >= of->bits &&
	       net_addr_from_bytes(p->bytes,
		   p->family == NET_FAMILY_IP4 ? 4 : 16, 0, &first) == 0 &&
	       net_prefix_match(of, &first);
}

bool
ca_scopes_within(const char *scope, const char *of)
{
	struct net_prefix a, b;
	struct pki_san_list names;
	bool ip = net_prefix_parse(scope, &a) == 0;

	if (strcmp(scope, of) == 0)
		return true;
	if (ip || net_prefix_parse(of, &b) == 0)
		return ip && net_prefix_parse(of, &b) == 0 &&
		       prefix_within(&a, &b);
	if (strchr(scope, ':') != NULL)
		return strchr(of, ':') != NULL && base_str_starts(scope, of);
	names.n = 0;
	return pki_san_add_text(&names, scope) == 0 &&
	       pki_name_in_scope(&names.item[0], of);
}
