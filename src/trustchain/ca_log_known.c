/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "pki/lint.h"
#include "trustchain/ca_log_internal.h"

/* Logs a certificate may carry SCTs of, as pki_lint_scts takes them. */
enum { KNOWN_MAX = 64 };

/* The shards that take certificates, or did so until a moment ago. */
static int
add(const struct ct_list_entry *e, struct arena *a, struct pki_lint_log *out)
{
	uint8_t *key = base_arena_dup(a, e->key, e->key_len);

	if (key == NULL)
		return ERR_SYS_NOMEM;
	out->spki.data = key;
	out->spki.len = e->key_len;
	out->start_ms = e->start_ms;
	out->end_ms = e->end_ms;
	return 0;
}

int
ca_log_known(const struct ca_log *l, struct arena *a, struct pki_lint_log **ret,
    size_t *ret_n)
{
	struct pki_lint_log *v;
	const struct ct_list *list;
	size_t i, k, n = 0;
	int rc = 0;

	if ((v = base_arena_alloc(a, KNOWN_MAX * sizeof(*v))) == NULL)
		return ERR_SYS_NOMEM;
	for (i = 0; i < l->n; i++) {
		list = l->server[i].list;
		for (k = 0; list != NULL && k < list->n && n < KNOWN_MAX; k++) {
			if (list->entry[k].state != CT_LIST_OPEN &&
			    list->entry[k].state != CT_LIST_PENDING)
				continue;
			if ((rc = add(&list->entry[k], a, &v[n])) != 0)
				return rc;
			n++;
		}
	}
	*ret = v;
	*ret_n = n;
	return 0;
}
