/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/caa.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wire/cursor.h"

enum { FLAG_CRITICAL = 0x80, TAG_MAX = 15, VALUE_MAX = 1024 };

/* One record; value is text without control characters. */
struct record {
	bool critical;
	char tag[TAG_MAX + 1];
	char value[VALUE_MAX + 1];
};

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* RFC 8659 section 4.1: flags, tag length, tag, value. */
static int
parse(const struct acme_caa_rdata *in, struct record *ret)
{
	struct cursor c;
	size_t i, tag_len, value_len;

	wire_cursor_init(&c, in->data, in->len);
	ret->critical = (wire_cursor_u8(&c) & FLAG_CRITICAL) != 0;
	tag_len = wire_cursor_u8(&c);
	if (c.rc != 0 || tag_len == 0 || tag_len > TAG_MAX)
		return ERR_PEER_MALFORMED;
	memset(ret->tag, 0, sizeof(ret->tag));
	wire_cursor_copy(&c, ret->tag, tag_len);
	value_len = wire_cursor_left(&c);
	if (c.rc != 0 || value_len > VALUE_MAX)
		return ERR_PEER_MALFORMED;
	wire_cursor_copy(&c, ret->value, value_len);
	ret->value[value_len] = '\0';
	for (i = 0; i < tag_len; i++)
		if (!is_alnum(ret->tag[i]))
			return ERR_PEER_MALFORMED;
	for (i = 0; i < value_len; i++)
		if (ret->value[i] == '\0')
			return ERR_PEER_MALFORMED;
	return 0;
}

/* Cut white space at both ends of s, in place. */
static char *
trim(char *s)
{
	size_t len;

	while (*s == ' ' || *s == '\t')
		s++;
	len = strlen(s);
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
		s[--len] = '\0';
	return s;
}

/* Cut s at the first sep; return what follows, or NULL. */
static char *
cut(char *s, char sep)
{
	char *at = strchr(s, sep);

	if (at == NULL)
		return NULL;
	*at = '\0';
	return at + 1;
}

static bool
is_identity(const struct acme_caa_query *q, char *name)
{
	size_t i, len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		name[len - 1] = '\0';
	for (i = 0; i < q->n_identities; i++)
		if (strcasecmp(q->identities[i], name) == 0)
			return true;
	return false;
}

/* RFC 8657 section 4: a comma separated list of method labels. */
static bool
has_method(char *list, const char *method)
{
	char *next;

	for (; list != NULL; list = next) {
		next = cut(list, ',');
		if (method != NULL && strcmp(trim(list), method) == 0)
			return true;
	}
	return false;
}

/* RFC 8659 section 4.2: does this issue or issuewild value name us? */
static bool
authorises(struct record *r, const struct acme_caa_query *q)
{
	char *params = cut(r->value, ';'), *next, *value;
	unsigned uris = 0, methods = 0;

	if (!is_identity(q, trim(r->value)))
		return false;
	for (; params != NULL; params = next) {
		next = cut(params, ';');
		params = trim(params);
		if (*params == '\0')
			continue;
		value = cut(params, '=');
		if (value == NULL)
			return false;
		value = trim(value);
		params = trim(params);
		if (strcasecmp(params, "accounturi") == 0) {
			/* RFC 8657 section 3: more than one never matches. */
			if (uris++ > 0 || q->account_uri == NULL ||
			    strcmp(value, q->account_uri) != 0)
				return false;
		} else if (strcasecmp(params, "validationmethods") == 0) {
			if (methods++ > 0 || !has_method(value, q->method))
				return false;
		}
	}
	return true;
}

static bool
known_tag(const char *tag)
{
	static const char *const known[] = { "issue", "issuewild", "iodef",
		"contactemail", "contactphone" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(tag, known[i]) == 0)
			return true;
	return false;
}

static int
refuse(char *why, size_t cap, const char *text)
{
	(void)snprintf(why, cap, "%s", text);
	return ERR_STATE_REFUSED;
}

int
acme_caa_evaluate(const struct acme_caa_rdata *set, size_t n,
    const struct acme_caa_query *query, char *why, size_t why_cap)
{
	/* [0] issue, [1] issuewild */
	bool any[2] = { false, false }, good[2] = { false, false };
	struct record r;
	size_t i, w;

	for (i = 0; i < n; i++) {
		if (parse(&set[i], &r) != 0)
			return refuse(why, why_cap,
			    "RFC 8659 section 4.1: a CAA record is malformed");
		if (r.critical && !known_tag(r.tag))
			return refuse(why, why_cap,
			    "RFC 8659 section 4.1: a critical CAA property is "
			    "not known");
		if (strcasecmp(r.tag, "issue") == 0)
			w = 0;
		else if (strcasecmp(r.tag, "issuewild") == 0)
			w = 1;
		else
			continue;
		any[w] = true;
		if (authorises(&r, query))
			good[w] = true;
	}
	/* Section 4.3: issuewild stands before issue, for wildcards only. */
	w = query->wildcard && any[1] ? 1 : 0;
	if (any[w] && !good[w])
		return refuse(why, why_cap,
		    "RFC 8659 section 4.2: no CAA record authorises this CA, "
		    "account and method");
	return 0;
}

const char *
acme_caa_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot == NULL || dot[1] == '\0' ? NULL : dot + 1;
}
