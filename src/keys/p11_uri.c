/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_uri.h"

#include <stdbool.h>
#include <string.h>

#include "wire/cursor.h"
#include "wire/hex.h"

#define NAME_MAX 16
#define VALUE_MAX 255

enum attribute { TOKEN, SERIAL, OBJECT, ID, TYPE, ATTRIBUTES };

static const char *const names[ATTRIBUTES] = { "token", "serial", "object",
	"id", "type" };

struct value {
	uint8_t data[VALUE_MAX];
	size_t len;
};

/* pk11-pchar without pct-encoded, of the path: RFC 7512 section 2.3. */
static bool
allowed(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~:[]@!$'()*+,=&", c) != NULL);
}

static uint8_t
pct_decode(struct cursor *c)
{
	const uint8_t *hex = wire_cursor_bytes(c, 2);
	uint8_t out = 0;
	size_t len;

	if (hex != NULL &&
	    wire_hex_decode((const char *)hex, 2, &out, 1, &len) != 0)
		wire_cursor_fail(c, ERR_PEER_MALFORMED);
	return out;
}

static enum attribute
read_name(struct cursor *c)
{
	char name[NAME_MAX + 1] = "";
	size_t len = 0;
	uint8_t byte;
	int i = 0;

	while ((byte = wire_cursor_u8(c)) != '=' && c->rc == 0) {
		if (byte == '?')
			wire_cursor_fail(c, ERR_PEER_UNSUPPORTED);
		else if (len == NAME_MAX || byte == ';' || !allowed(byte))
			wire_cursor_fail(c, ERR_PEER_MALFORMED);
		else
			name[len++] = (char)byte;
	}
	while (i < ATTRIBUTES && strcmp(name, names[i]) != 0)
		i++;
	if (i == ATTRIBUTES)
		wire_cursor_fail(c, ERR_PEER_UNSUPPORTED);
	return (enum attribute)i;
}

/* Read to the next ';', which is taken, or to the end.  Returns whether
 * another attribute has to follow. */
static bool
read_value(struct cursor *c, struct value *v)
{
	uint8_t byte;

	v->len = 0;
	while (c->rc == 0 && wire_cursor_left(c) > 0) {
		byte = wire_cursor_u8(c);
		if (byte == ';')
			return true;
		if (byte == '%')
			byte = pct_decode(c);
		else if (byte == '?')
			wire_cursor_fail(c, ERR_PEER_UNSUPPORTED);
		else if (!allowed(byte))
			wire_cursor_fail(c, ERR_PEER_MALFORMED);
		if (v->len == VALUE_MAX)
			wire_cursor_fail(c, ERR_PEER_TOO_LARGE);
		else
			v->data[v->len++] = byte;
	}
	return false;
}

static int
take_text(const struct value *v, char *out, size_t max)
{
	if (v->len > max)
		return ERR_PEER_TOO_LARGE;
	if (memchr(v->data, '\0', v->len) != NULL)
		return ERR_PEER_ENCODING;
	memcpy(out, v->data, v->len);
	out[v->len] = '\0';
	return 0;
}

static int
take_type(const struct value *v, enum keys_p11_type *ret)
{
	static const char *const types[] = { "", "private", "secret-key",
		"public" };

	for (int i = KEYS_P11_PRIVATE; i <= KEYS_P11_PUBLIC; i++)
		if (v->len == strlen(types[i]) &&
		    memcmp(v->data, types[i], v->len) == 0) {
			*ret = (enum keys_p11_type)i;
			return 0;
		}
	return ERR_PEER_UNSUPPORTED;
}

static int
take(struct keys_p11_uri *u, enum attribute a, const struct value *v)
{
	switch (a) {
	case TOKEN:
		return take_text(v, u->label, KEYS_P11_LABEL_MAX);
	case SERIAL:
		return take_text(v, u->serial, KEYS_P11_SERIAL_MAX);
	case OBJECT:
		return take_text(v, u->object, KEYS_P11_OBJECT_MAX);
	case TYPE:
		return take_type(v, &u->type);
	default:
		if (v->len > KEYS_P11_ID_MAX)
			return ERR_PEER_TOO_LARGE;
		memcpy(u->id, v->data, v->len);
		u->id_len = v->len;
		return 0;
	}
}

static int
read_attribute(struct cursor *c, struct keys_p11_uri *u, bool *ret_more)
{
	static const struct keys_p11_uri none;
	enum attribute a;
	struct value v;
	const bool given[ATTRIBUTES] = { u->label[0] != '\0',
		u->serial[0] != '\0', u->object[0] != '\0', u->id_len != 0,
		u->type != none.type };

	a = read_name(c);
	if (c->rc != 0)
		return c->rc;
	*ret_more = read_value(c, &v);
	if (c->rc != 0)
		return c->rc;
	if (v.len == 0)
		return ERR_PEER_MALFORMED;
	if (given[a])
		return ERR_PEER_DUPLICATE;
	return take(u, a, &v);
}

int
keys_p11_uri_parse(const char *text, size_t len, struct keys_p11_uri *ret)
{
	struct keys_p11_uri u = { .type = KEYS_P11_ANY };
	const uint8_t *scheme;
	bool more = true;
	struct cursor c;
	int rc = 0;

	if (len > KEYS_P11_URI_MAX)
		return ERR_PEER_TOO_LARGE;
	wire_cursor_init(&c, text, len);
	scheme = wire_cursor_bytes(&c, strlen(KEYS_P11_SCHEME));
	if (scheme == NULL || memcmp(scheme, KEYS_P11_SCHEME, strlen(KEYS_P11_SCHEME)) != 0)
		return ERR_PEER_UNSUPPORTED;
	while (rc == 0 && more)
		rc = read_attribute(&c, &u, &more);
	if (rc != 0)
		return rc;
	if (u.label[0] == '\0')
		return ERR_PEER_MALFORMED;
	*ret = u;
	return 0;
}
