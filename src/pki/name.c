/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/name.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pki/punycode.h"
#include "pki/san.h"

enum { NAME_LEN_MAX = 253, LABEL_LEN_MAX = 63, LABELS_MAX = 127 };

static int
bad(const char **why, const char *text)
{

	if (why != NULL)
		*why = text;
	return ERR_PEER_NAME;
}

/* An A-label decodes to something that is not ASCII, and encodes back. */
static int
check_alabel(const char *s, size_t len, const char **why)
{
	uint32_t point[PKI_PUNYCODE_POINTS_MAX];
	char back[LABEL_LEN_MAX];
	size_t n, i, back_len, high = 0;

	if (pki_punycode_decode(s + 4, len - 4, point, &n) != 0)
		return bad(why, "label is not punycode");
	for (i = 0; i < n; i++) {
		/* RFC 5892: no control character, no no-break space. */
		if (point[i] >= 0x80 && point[i] <= 0xa0)
			return bad(why, "label decodes to control characters");
		if (point[i] > 0xa0)
			high++;
	}
	if (high == 0)
		return bad(why, "A-label of ASCII only");
	if (pki_punycode_encode(point, n, back, sizeof(back), &back_len) != 0 ||
	    back_len != len - 4 || memcmp(back, s + 4, back_len) != 0)
		return bad(why, "label is not canonical punycode");
	return 0;
}

static int
check_label(const char *s, size_t len, const char **why)
{
	size_t i;

	if (len == 0)
		return bad(why, "empty label");
	if (len > LABEL_LEN_MAX)
		return bad(why, "label longer than 63 octets");
	for (i = 0; i < len; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') ||
			(s[i] >= '0' && s[i] <= '9') || s[i] == '-'))
			return bad(
			    why, "label has other than a-z, 0-9 and hyphen");
	if (s[0] == '-' || s[len - 1] == '-')
		return bad(why, "label starts or ends with a hyphen");
	if (len >= 4 && s[2] == '-' && s[3] == '-') {
		/* RFC 5890 section 2.3.1: the others are reserved. */
		if (s[0] != 'x' || s[1] != 'n')
			return bad(why, "reserved label");
		return check_alabel(s, len, why);
	}
	return 0;
}

static bool
single_label_ok(const char *name, const struct pki_name_policy *p)
{
	size_t i;

	if (p->local && strcmp(name, "localhost") == 0)
		return true;
	for (i = 0; i < p->n_single_labels; i++)
		if (strcmp(name, p->single_labels[i]) == 0)
			return true;
	return false;
}

int
pki_name_check_dns(
    const char *name, const struct pki_name_policy *policy, const char **why)
{
	const char *s = name, *dot = NULL;
	size_t labels = 0, len;
	bool wild = false;
	int rc;

	if (strlen(name) > NAME_LEN_MAX)
		return bad(why, "name longer than 253 octets");
	if (s[0] == '*') {
		if (s[1] != '.')
			return bad(why, "wildcard is not a whole label");
		wild = true;
		s += 2;
	}
	for (;; s = dot + 1) {
		dot = strchr(s, '.');
		len = dot != NULL ? (size_t)(dot - s) : strlen(s);
		if ((rc = check_label(s, len, why)) != 0)
			return rc;
		labels++;
		if (dot == NULL)
			break;
	}
	if (strspn(s, "0123456789") == strlen(s))
		return bad(why, "last label is a number");
	if (wild && labels < 2)
		return bad(why, "wildcard needs two labels below it");
	if (labels == 1 && !single_label_ok(name, policy))
		return bad(why, "single label");
	return 0;
}

static int
check_ipv6(
    const uint8_t a[16], const struct pki_name_policy *policy, const char **why)
{
	static const uint8_t zero[15];

	if (policy->local && memcmp(a, zero, 15) == 0 && a[15] == 1)
		return 0;
	if (memcmp(a, zero, 12) == 0)
		return bad(why, "address in ::/96");
	if (memcmp(a, zero, 10) == 0 && a[10] == 0xff && a[11] == 0xff)
		return bad(why, "address in ::ffff:0:0/96");
	if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)
		return bad(why, "address in fe80::/10");
	if (a[0] == 0xff)
		return bad(why, "address in ff00::/8");
	return 0;
}

static int
check_ipv4(
    const uint8_t a[4], const struct pki_name_policy *policy, const char **why)
{

	if (!policy->allow_ipv4)
		return bad(why, "IPv4 address (allow_ipv4 is off)");
	if (a[0] == 0 || a[0] >= 224 || (a[0] == 127 && !policy->local))
		return bad(why, "IPv4 address that is not unicast");
	return 0;
}

static int
check_uri(
    const char *uri, const struct pki_name_policy *policy, const char **why)
{
	static const char prefix[] = "urn:troth:node:";
	const char *hex = uri + sizeof(prefix) - 1;

	if (!policy->allow_uri)
		return bad(why, "URI in a profile without URIs");
	if (strncmp(uri, prefix, sizeof(prefix) - 1) != 0)
		return bad(why, "URI other than urn:troth:node:");
	if (*hex == '\0' || strlen(hex) % 2 != 0 ||
	    strspn(hex, "0123456789abcdef") != strlen(hex))
		return bad(why, "node key id is not lower-case hex");
	return 0;
}

int
pki_name_check(const struct pki_san *san, const struct pki_name_policy *policy,
    const char **why)
{

	switch (san->type) {
	case PKI_SAN_DNS:
		if (strlen((const char *)san->value) != san->len)
			return bad(why, "zero octet in name");
		return pki_name_check_dns(
		    (const char *)san->value, policy, why);
	case PKI_SAN_IP:
		if (san->len == 4)
			return check_ipv4(san->value, policy, why);
		return check_ipv6(san->value, policy, why);
	case PKI_SAN_URI:
		if (strlen((const char *)san->value) != san->len)
			return bad(why, "zero octet in name");
		return check_uri((const char *)san->value, policy, why);
	default:
		return bad(why, "name form not supported");
	}
}

int
pki_name_check_all(const struct pki_san_list *list,
    const struct pki_name_policy *policy, size_t *ret_bad, const char **why)
{
	size_t i;
	int rc;

	if (list->n == 0) {
		*ret_bad = 0;
		return bad(why, "no name");
	}
	for (i = 0; i < list->n; i++)
		if ((rc = pki_name_check(&list->item[i], policy, why)) != 0) {
			*ret_bad = i;
			return rc;
		}
	return 0;
}

static bool
dns_in_scope(const char *name, const char *scope)
{
	size_t n, s = strlen(scope);

	if (name[0] == '*' && name[1] == '.')
		name += 2;
	n = strlen(name);
	if (s == 0 || n < s || strcmp(name + n - s, scope) != 0)
		return false;
	return n == s || name[n - s - 1] == '.';
}

/* Parse "ADDR" or "ADDR/LEN"; returns the address length or 0. */
static size_t
parse_prefix(const char *scope, uint8_t addr[16], unsigned *ret_bits)
{
	char text[INET6_ADDRSTRLEN];
	const char *slash = strchr(scope, '/');
	size_t n = slash != NULL ? (size_t)(slash - scope) : strlen(scope);
	size_t len;
	unsigned bits = 0;
	const char *d;

	if (n == 0 || n >= sizeof(text))
		return 0;
	memcpy(text, scope, n);
	text[n] = '\0';
	if (inet_pton(AF_INET6, text, addr) == 1)
		len = 16;
	else if (inet_pton(AF_INET, text, addr) == 1)
		len = 4;
	else
		return 0;
	*ret_bits = (unsigned)len * 8;
	if (slash == NULL)
		return len;
	for (d = slash + 1; *d >= '0' && *d <= '9' && bits <= 128; d++)
		bits = bits * 10 + (unsigned)(*d - '0');
	if (d == slash + 1 || *d != '\0' || bits > len * 8)
		return 0;
	*ret_bits = bits;
	return len;
}

static bool
ip_in_scope(const struct pki_san *san, const char *scope)
{
	uint8_t addr[16];
	unsigned bits, left;
	size_t len = parse_prefix(scope, addr, &bits);

	if (len == 0 || len != san->len ||
	    memcmp(addr, san->value, bits / 8) != 0)
		return false;
	left = bits % 8;
	return left == 0 ||
	       ((addr[bits / 8] ^ san->value[bits / 8]) >> (8 - left)) == 0;
}

bool
pki_name_in_scope(const struct pki_san *san, const char *scope)
{
	const char *text = (const char *)san->value;
	uint8_t addr[16];
	unsigned bits;

	if (san->type == PKI_SAN_IP)
		return ip_in_scope(san, scope);
	if (san->type == PKI_SAN_DNS)
		return dns_in_scope(text, scope);
	if (strchr(scope, ':') == NULL || parse_prefix(scope, addr, &bits) != 0)
		return false;
	return strncmp(text, scope, strlen(scope)) == 0;
}
