/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/san.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pki/cert.h"
#include "pki/tlv.h"

static bool
same(const struct pki_san *a, const struct pki_san *b)
{

	if (a->type != b->type || a->len != b->len)
		return false;
	if (a->type == PKI_SAN_DNS)
		return strncasecmp((const char *)a->value,
			   (const char *)b->value, a->len) == 0;
	return memcmp(a->value, b->value, a->len) == 0;
}

bool
pki_san_has(const struct pki_san_list *list, const struct pki_san *san)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (same(&list->item[i], san))
			return true;
	return false;
}

bool
pki_san_same(const struct pki_san_list *a, const struct pki_san_list *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!pki_san_has(b, &a->item[i]))
			return false;
	return true;
}

static int
fill(struct pki_san *s, unsigned type, struct pki_bytes v)
{

	if (v.len > PKI_SAN_VALUE_MAX)
		return ERR_PEER_TOO_LARGE;
	if (v.len == 0)
		return ERR_PEER_MALFORMED;
	if (type == PKI_SAN_IP) {
		if (v.len != 4 && v.len != 16)
			return ERR_PEER_MALFORMED;
	} else if (memchr(v.data, 0, v.len) != NULL) {
		return ERR_PEER_MALFORMED;
	}
	memset(s, 0, sizeof(*s));
	s->type = (uint8_t)type;
	s->len = (uint8_t)v.len;
	memcpy(s->value, v.data, v.len);
	return 0;
}

int
pki_san_add(
    struct pki_san_list *list, enum pki_san_type type, struct pki_bytes value)
{
	struct pki_san s;
	int rc;

	if ((rc = fill(&s, type, value)) != 0)
		return rc;
	if (pki_san_has(list, &s))
		return 0;
	if (list->n == PKI_SAN_COUNT_MAX)
		return ERR_PEER_TOO_LARGE;
	list->item[list->n++] = s;
	return 0;
}

int
pki_san_parse(struct pki_bytes ext, struct pki_san_list *ret)
{
	struct pki_tlv seq, t;
	int rc;

	ret->n = 0;
	if ((rc = pki_tlv_expect(&ext, PKI_TAG_SEQUENCE, &seq)) != 0)
		return rc;
	if (ext.len != 0)
		return ERR_PEER_TRAILING;
	/* RFC 5280 section 4.2.1.6: at least one name. */
	if (seq.val.len == 0)
		return ERR_PEER_MALFORMED;
	while (seq.val.len > 0) {
		if ((rc = pki_tlv_next(&seq.val, &t)) != 0)
			return rc;
		if (t.tag != (PKI_TAG_CONTEXT | (int)PKI_SAN_DNS) &&
		    t.tag != (PKI_TAG_CONTEXT | (int)PKI_SAN_IP) &&
		    t.tag != (PKI_TAG_CONTEXT | (int)PKI_SAN_URI))
			return ERR_PEER_UNSUPPORTED;
		if (ret->n == PKI_SAN_COUNT_MAX)
			return ERR_PEER_TOO_LARGE;
		/* Duplicates stay visible here: a lint looks for them. */
		rc = fill(&ret->item[ret->n], t.tag & 0x1f, t.val);
		if (rc != 0)
			return rc;
		ret->n++;
	}
	return 0;
}

int
pki_san_add_text(struct pki_san_list *list, const char *text)
{
	struct pki_bytes v = { (const uint8_t *)text, strlen(text) };
	char bare[INET6_ADDRSTRLEN];
	uint8_t addr[16];

	if (v.len > 2 && text[0] == '[' && text[v.len - 1] == ']' &&
	    v.len - 2 < sizeof(bare)) {
		memcpy(bare, text + 1, v.len - 2);
		bare[v.len - 2] = '\0';
		text = bare;
	}
	if (inet_pton(AF_INET6, text, addr) == 1) {
		v = (struct pki_bytes){ addr, 16 };
		return pki_san_add(list, PKI_SAN_IP, v);
	}
	if (inet_pton(AF_INET, text, addr) == 1) {
		v = (struct pki_bytes){ addr, 4 };
		return pki_san_add(list, PKI_SAN_IP, v);
	}
	if (strstr(text, "://") != NULL || strncmp(text, "urn:", 4) == 0)
		return pki_san_add(list, PKI_SAN_URI, v);
	return pki_san_add(list, PKI_SAN_DNS, v);
}

void
pki_san_text(const struct pki_san *san, char *out, size_t cap)
{
	char addr[INET6_ADDRSTRLEN];

	if (san->type != PKI_SAN_IP) {
		snprintf(out, cap, "%s", (const char *)san->value);
		return;
	}
	if (inet_ntop(san->len == 4 ? AF_INET : AF_INET6, san->value, addr,
		sizeof(addr)) == NULL)
		addr[0] = '\0';
	snprintf(out, cap, "%s", addr);
}

int
pki_cert_sans(const struct pki_cert *c, struct pki_san_list *ret)
{
	struct pki_bytes v;

	ret->n = 0;
	if (!pki_cert_extension(c, PKI_OID_SUBJECT_ALT_NAME, &v, NULL))
		return 0;
	return pki_san_parse(v, ret);
}
