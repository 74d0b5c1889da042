/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/lint_internal.h"


#include <stdlib.h>
#include <string.h>

#include "pki/san.h"
#include "pki/tlv.h"

struct pki_san_list *
pki_lint_names(const struct pki_lint_view *v)
{
	const struct pki_cert_ext *e;
	struct pki_san_list *list;

	if ((list = calloc(1, sizeof(*list))) == NULL)
		return NULL;
	e = pki_lint_find(v, PKI_OID_SUBJECT_ALT_NAME);
	if (e != NULL && pki_san_parse(e->value, list) != 0)
		list->n = 0;
	return list;
}

/* The subject is empty or one common name, which is also a name. */
bool
pki_lint_l04(const struct pki_lint_view *v)
{
	struct pki_bytes in = v->subject;
	struct pki_tlv set, attr, id, value;
	struct pki_san s;

	if (in.len == 0)
		return true;
	if (pki_tlv_expect(&in, PKI_TAG_SET, &set) != 0 || in.len != 0 ||
	    pki_tlv_expect(&set.val, PKI_TAG_SEQUENCE, &attr) != 0 ||
	    set.val.len != 0 ||
	    pki_tlv_expect(&attr.val, PKI_TAG_OID, &id) != 0 ||
	    pki_tlv_expect(&attr.val, PKI_TAG_UTF8, &value) != 0 ||
	    !pki_oid_is(id.val, PKI_OID_CN) || value.val.len > 64)
		return false;
	/* L05 speaks when there are no names at all. */
	if (v->names->n == 0)
		return true;
	memset(&s, 0, sizeof(s));
	s.type = PKI_SAN_DNS;
	s.len = (uint8_t)value.val.len;
	memcpy(s.value, value.val.data, s.len);
	return pki_san_has(v->names, &s);
}

static bool
same(const struct pki_san *a, const struct pki_san *b)
{

	return a->type == b->type && a->len == b->len &&
	       memcmp(a->value, b->value, a->len) == 0;
}

/* Present, critical exactly when there is no subject, no name twice. */
bool
pki_lint_l05(const struct pki_lint_view *v)
{
	const struct pki_cert_ext *e;
	size_t i, j;

	e = pki_lint_find(v, PKI_OID_SUBJECT_ALT_NAME);
	if (e == NULL || v->names->n == 0 ||
	    e->critical != (v->subject.len == 0))
		return false;
	for (i = 1; i < v->names->n; i++)
		for (j = 0; j < i; j++)
			if (same(&v->names->item[i], &v->names->item[j]))
				return false;
	return true;
}
