/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/constraints.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "pki/der.h"
#include "pki/name.h"
#include "wire/cursor.h"

enum { ADDRESS_LEN = 16, WORD_MAX = 256 };

/* One line, its words terminated. */
struct line {
	char kind[8], value[WORD_MAX];
};

static int
add_dns(struct pki_constraints *c, const char *name)
{
	const char *const single[] = { name };
	const struct pki_name_policy policy = { .single_labels = single,
		.n_single_labels = 1 };
	size_t i;
	int rc;

	/* A suffix holds for all below it, so that a wildcard says nothing. */
	if (name[0] == '*')
		return ERR_PEER_NAME;
	if ((rc = pki_name_check_dns(name, &policy, NULL)) != 0)
		return rc;
	for (i = 0; i < c->n_dns; i++)
		if (strcmp(c->dns[i], name) == 0)
			return ERR_PEER_DUPLICATE;
	if (c->n_dns == PKI_CONSTRAINTS_MAX)
		return ERR_PEER_TOO_LARGE;
	if (base_str_copy(c->dns[c->n_dns], sizeof(c->dns[0]), name) != 0)
		return ERR_PEER_NAME;
	c->n_dns++;
	return 0;
}

static int
add_ip6(struct pki_constraints *c, char *text)
{
	uint8_t both[2 * ADDRESS_LEN] = { 0 };
	char *slash = strchr(text, '/');
	uint64_t bits;
	size_t i;

	if (slash == NULL ||
	    base_str_u64(slash + 1, strlen(slash + 1), &bits) != 0 ||
	    bits > 8 * ADDRESS_LEN)
		return ERR_PEER_MALFORMED;
	*slash = '\0';
	if (inet_pton(AF_INET6, text, both) != 1)
		return ERR_PEER_MALFORMED;
	for (i = 0; i < bits; i++)
		both[ADDRESS_LEN + i / 8] |= (uint8_t)(0x80 >> i % 8);
	/* RFC 4632 section 3.1: bits behind the prefix are zero. */
	for (i = 0; i < ADDRESS_LEN; i++)
		if ((both[i] & (uint8_t)~both[ADDRESS_LEN + i]) != 0)
			return ERR_PEER_MALFORMED;
	for (i = 0; i < c->n_ip6; i++)
		if (memcmp(c->ip6[i], both, sizeof(both)) == 0)
			return ERR_PEER_DUPLICATE;
	if (c->n_ip6 == PKI_CONSTRAINTS_MAX)
		return ERR_PEER_TOO_LARGE;
	memcpy(c->ip6[c->n_ip6++], both, sizeof(both));
	return 0;
}

static bool
is_space(uint8_t c)
{

	return c == ' ' || c == '\t' || c == '\r';
}

/* Take the next word, if there is one; whether it fits. */
static bool
word(const uint8_t **p, const uint8_t *end, char *out, size_t cap)
{
	size_t n = 0;

	while (*p < end && is_space(**p))
		(*p)++;
	for (; *p < end && !is_space(**p); (*p)++) {
		if (n + 1 == cap || **p < 0x21 || **p > 0x7e)
			return false;
		out[n++] = (char)**p;
	}
	out[n] = '\0';
	return true;
}

static int
parse_line(struct pki_constraints *c, const uint8_t *p, size_t len)
{
	const uint8_t *hash = len > 0 ? memchr(p, '#', len) : NULL;
	const uint8_t *end = hash != NULL ? hash : p + len;
	char more[2];
	struct line l;

	if (!word(&p, end, l.kind, sizeof(l.kind)) ||
	    !word(&p, end, l.value, sizeof(l.value)) ||
	    !word(&p, end, more, sizeof(more)) || more[0] != '\0')
		return ERR_PEER_MALFORMED;
	if (l.kind[0] == '\0')
		return 0;
	if (strcmp(l.kind, "dns") == 0)
		return add_dns(c, l.value);
	if (strcmp(l.kind, "ipv6") == 0)
		return add_ip6(c, l.value);
	return ERR_PEER_MALFORMED;
}

int
pki_constraints_parse(
    const char *text, size_t len, struct pki_constraints *ret, size_t *ret_line)
{
	const uint8_t *p;
	struct cursor c;
	size_t n;
	int rc;

	memset(ret, 0, sizeof(*ret));
	*ret_line = 1;
	if (len > PKI_CONSTRAINTS_TEXT_MAX)
		return ERR_PEER_TOO_LARGE;
	wire_cursor_init(&c, text, len);
	for (; (n = wire_cursor_left(&c)) > 0; (*ret_line)++) {
		/* The last line may end without a newline. */
		if (memchr(c.pos, '\n', n) != NULL)
			p = wire_cursor_line(&c, &n);
		else
			p = wire_cursor_bytes(&c, n);
		if ((rc = parse_line(ret, p, n)) != 0)
			return rc;
	}
	return ret->n_dns + ret->n_ip6 > 0 ? 0 : ERR_STATE_NOT_FOUND;
}

/* One GeneralSubtree: minimum 0 is the default, maximum absent. */
static void
subtree(struct pki_der *w, unsigned form, const void *data, size_t len)
{

	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_put(w, PKI_TAG_CONTEXT | form, data, len);
	pki_der_close(w);
}

void
pki_constraints_put(struct pki_der *w, const struct pki_constraints *c)
{
	static const uint8_t all[2 * ADDRESS_LEN];
	size_t i;

	pki_der_open(w, PKI_TAG_SEQUENCE);
	pki_der_open(w, PKI_TAG_CONTEXT_C | 0);
	for (i = 0; i < c->n_dns; i++)
		subtree(w, 2, c->dns[i], strlen(c->dns[i]));
	for (i = 0; i < c->n_ip6; i++)
		subtree(w, 7, c->ip6[i], sizeof(c->ip6[i]));
	pki_der_close(w);
	pki_der_open(w, PKI_TAG_CONTEXT_C | 1);
	if (c->n_dns == 0)
		subtree(w, 2, "", 0);
	subtree(w, 7, all, 8); /* IPv4: 0.0.0.0/0 */
	if (c->n_ip6 == 0)
		subtree(w, 7, all, sizeof(all));
	pki_der_close(w);
	pki_der_close(w);
}
