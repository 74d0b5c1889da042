/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/cbor.h"

#include "wire/utf8.h"

/* Major types (RFC 8949 section 3.1). */
enum { UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };

/* Simple values (section 3.3) and tags (section 3.4.3). */
enum { FALSE = 20, TRUE = 21, NIL = 22, BIGNUM = 2, BIGNUM_NEGATIVE = 3 };

/* The initial byte of an item, and the integer that it has for argument. */
struct head {
	int major;
	unsigned info;
	uint64_t value;
	size_t start;
};

void
wire_cbor_init(struct wire_cbor *r, const void *data, size_t len)
{
	wire_cursor_init(&r->c, data, len);
	r->data = r->c.pos;
	wire_cbor_levels_init(&r->levels);
	if (len > WIRE_CBOR_LEN_MAX)
		wire_cursor_fail(&r->c, ERR_PEER_TOO_LARGE);
}

static size_t
offset(const struct wire_cbor *r)
{
	return (size_t)(r->c.pos - r->data);
}

/* The error of an initial byte that no document of ours has, or 0. */
static int
unwanted(int major, unsigned info)
{
	if (info == 31)
		/* A lone break, or an indefinite length, which integers and
		 * tags cannot have (sections 3.2, 4.2.1). */
		return major >= BYTES && major <= MAP ? ERR_PEER_ENCODING
						      : ERR_PEER_MALFORMED;
	if (info > 27)
		return ERR_PEER_MALFORMED;
	if (major == SIMPLE && (info < FALSE || info > NIL))
		return ERR_PEER_UNSUPPORTED;
	return 0;
}

static uint64_t
argument(struct cursor *c, unsigned info)
{
	/* What the shorter forms can hold (section 4.2.1). */
	static const uint64_t least[] = { 24, 0x100, 0x10000, 0x100000000 };
	uint64_t v;

	if (info < 24)
		return info;
	if (info == 24)
		v = wire_cursor_u8(c);
	else if (info == 25)
		v = wire_cursor_u16(c);
	else if (info == 26)
		v = wire_cursor_u32(c);
	else
		v = wire_cursor_u64(c);
	if (c->rc == 0 && v < least[info - 24])
		wire_cursor_fail(c, ERR_PEER_ENCODING);
	return v;
}

/* Read the next item's head.  After an error its major type is none. */
static struct head
head(struct wire_cbor *r)
{
	static const struct head none = { -1, 0, 0, 0 };
	struct head h = { 0, 0, 0, offset(r) };
	uint8_t initial;
	int rc;

	if (r->c.rc == 0 && wire_cbor_levels_left(&r->levels) == 0)
		/* The schema wants more than the container has. */
		wire_cursor_fail(&r->c, ERR_PEER_MALFORMED);
	initial = wire_cursor_u8(&r->c);
	if (r->c.rc != 0)
		return none;
	h.major = initial >> 5;
	h.info = initial & 31;
	rc = unwanted(h.major, h.info);
	if (rc == 0 && h.major >= ARRAY && wire_cbor_levels_key(&r->levels))
		rc = ERR_PEER_UNSUPPORTED;
	if (rc != 0)
		wire_cursor_fail(&r->c, rc);
	else
		h.value = argument(&r->c, h.info);
	return r->c.rc != 0 ? none : h;
}

/* Read the head of an item that the schema wants to be of ${major}. */
static struct head
expect(struct wire_cbor *r, int major)
{
	struct head h = head(r);

	if (h.major != major)
		wire_cursor_fail(&r->c, ERR_PEER_MALFORMED);
	return h;
}

/* An item that began with ${h} has been read. */
static void
passed(struct wire_cbor *r, const struct head *h)
{
	int rc;

	if (r->c.rc == 0 && (rc = wire_cbor_levels_item(&r->levels, r->data,
				 h->start, offset(r))) != 0)
		wire_cursor_fail(&r->c, rc);
}

static enum wire_cbor_type
type_of(const struct head *h)
{
	static const enum wire_cbor_type types[] = { WIRE_CBOR_UINT,
		WIRE_CBOR_NINT, WIRE_CBOR_BYTES, WIRE_CBOR_TEXT,
		WIRE_CBOR_ARRAY, WIRE_CBOR_MAP, WIRE_CBOR_TAG };

	if (h->major < 0)
		return WIRE_CBOR_END;
	if (h->major < SIMPLE)
		return types[h->major];
	return h->value == NIL ? WIRE_CBOR_NULL : WIRE_CBOR_BOOL;
}

enum wire_cbor_type
wire_cbor_peek(struct wire_cbor *r)
{
	const uint8_t *pos = r->c.pos;
	struct head h;

	if (r->c.rc != 0 || wire_cbor_levels_left(&r->levels) == 0)
		return WIRE_CBOR_END;
	h = head(r);
	if (r->c.rc == 0)
		r->c.pos = pos;
	return type_of(&h);
}

uint64_t
wire_cbor_uint(struct wire_cbor *r)
{
	struct head h = expect(r, UINT);

	passed(r, &h);
	return r->c.rc == 0 ? h.value : 0;
}

int64_t
wire_cbor_int(struct wire_cbor *r, int64_t min, int64_t max)
{
	struct head h = head(r);
	int64_t v;

	if (h.major != UINT && h.major != NINT)
		wire_cursor_fail(&r->c, ERR_PEER_MALFORMED);
	if (h.value > INT64_MAX)
		wire_cursor_fail(&r->c, ERR_PEER_TOO_LARGE);
	if (r->c.rc != 0)
		return 0;
	v = h.major == UINT ? (int64_t)h.value : -1 - (int64_t)h.value;
	if (v < min || v > max)
		wire_cursor_fail(&r->c, ERR_PEER_TOO_LARGE);
	passed(r, &h);
	return r->c.rc == 0 ? v : 0;
}

/* The content of a string whose head was read. */
static const uint8_t *
string(struct wire_cbor *r, const struct head *h, size_t *ret_len)
{
	const uint8_t *p;

	/* The value fits: it is compared with what remains. */
	if (h->value > wire_cursor_left(&r->c))
		wire_cursor_fail(&r->c, ERR_PEER_TRUNCATED);
	p = wire_cursor_bytes(&r->c, (size_t)h->value);
	if (p != NULL && h->major == TEXT &&
	    !wire_utf8_valid(p, (size_t)h->value))
		wire_cursor_fail(&r->c, ERR_PEER_MALFORMED);
	passed(r, h);
	*ret_len = r->c.rc == 0 ? (size_t)h->value : 0;
	return r->c.rc == 0 ? p : NULL;
}

const uint8_t *
wire_cbor_bytes(struct wire_cbor *r, size_t *ret_len)
{
	struct head h = expect(r, BYTES);

	return string(r, &h, ret_len);
}

const uint8_t *
wire_cbor_fixed(struct wire_cbor *r, size_t len)
{
	const uint8_t *p;
	size_t n;

	p = wire_cbor_bytes(r, &n);
	if (p != NULL && n != len)
		wire_cursor_fail(&r->c, ERR_PEER_MALFORMED);
	return r->c.rc == 0 ? p : NULL;
}

const char *
wire_cbor_text(struct wire_cbor *r, size_t *ret_len)
{
	struct head h = expect(r, TEXT);

	return (const char *)string(r, &h, ret_len);
}

bool
wire_cbor_bool(struct wire_cbor *r)
{
	struct head h = expect(r, SIMPLE);

	if (h.value == NIL)
		wire_cursor_fail(&r->c, ERR_PEER_MALFORMED);
	passed(r, &h);
	return r->c.rc == 0 && h.value == TRUE;
}

bool
wire_cbor_null(struct wire_cbor *r)
{
	struct head h;

	if (wire_cbor_peek(r) != WIRE_CBOR_NULL)
		return false;
	h = head(r);
	passed(r, &h);
	return r->c.rc == 0;
}

/* A bignum that a shorter encoding holds (section 3.4.3). */
static bool
bignum_is_long(const struct wire_cbor *r)
{
	struct wire_cbor ahead = *r;
	const uint8_t *p;
	size_t len;

	p = wire_cbor_bytes(&ahead, &len);
	return p != NULL && (len <= sizeof(uint64_t) || p[0] == 0);
}

uint64_t
wire_cbor_tag(struct wire_cbor *r)
{
	struct head h = expect(r, TAG);

	if (r->c.rc != 0)
		return 0;
	if ((h.value == BIGNUM || h.value == BIGNUM_NEGATIVE) &&
	    bignum_is_long(r))
		wire_cursor_fail(&r->c, ERR_PEER_ENCODING);
	return r->c.rc == 0 ? h.value : 0;
}

static size_t
enter(struct wire_cbor *r, const struct head *h)
{
	bool map = h->major == MAP;
	int rc = r->c.rc;

	/* An element has a byte at least, a pair two. */
	if (rc == 0 && h->value > wire_cursor_left(&r->c) / (map ? 2 : 1))
		rc = ERR_PEER_TRUNCATED;
	if (rc == 0)
		rc = wire_cbor_levels_enter(&r->levels, map, h->value);
	if (rc != 0) {
		wire_cursor_fail(&r->c, rc);
		return 0;
	}
	return (size_t)h->value;
}

size_t
wire_cbor_array(struct wire_cbor *r)
{
	struct head h = expect(r, ARRAY);

	return enter(r, &h);
}

size_t
wire_cbor_map(struct wire_cbor *r)
{
	struct head h = expect(r, MAP);

	return enter(r, &h);
}

bool
wire_cbor_key(struct wire_cbor *r, int64_t key)
{
	struct wire_cbor ahead = *r;

	if (r->c.rc != 0 || !wire_cbor_levels_key(&r->levels))
		return false;
	(void)wire_cbor_int(&ahead, key, key);
	if (ahead.c.rc != 0)
		return false;
	*r = ahead;
	return true;
}

/* Read one item, of a container or a tag only the beginning; return whether
 * it was a tag. */
static bool
step(struct wire_cbor *r)
{
	struct head h;
	size_t len;

	if (wire_cbor_peek(r) == WIRE_CBOR_TAG) {
		(void)wire_cbor_tag(r);
		return true;
	}
	h = head(r);
	if (h.major == BYTES || h.major == TEXT)
		(void)string(r, &h, &len);
	else if (h.major == ARRAY || h.major == MAP)
		(void)enter(r, &h);
	else
		passed(r, &h);
	return false;
}

const uint8_t *
wire_cbor_skip(struct wire_cbor *r, size_t *ret_len)
{
	unsigned depth = r->levels.depth;
	const uint8_t *start = r->c.pos;
	bool tagged;

	do {
		tagged = step(r);
		while (r->c.rc == 0 && r->levels.depth > depth &&
		       wire_cbor_levels_left(&r->levels) == 0)
			wire_cbor_leave(r);
	} while (r->c.rc == 0 && (tagged || r->levels.depth > depth));
	*ret_len = r->c.rc == 0 ? (size_t)(r->c.pos - start) : 0;
	return r->c.rc == 0 ? start : NULL;
}

void
wire_cbor_leave(struct wire_cbor *r)
{
	struct wire_cbor ahead = *r;
	size_t len;
	int rc;

	if (r->c.rc != 0 || (rc = wire_cbor_levels_leave(&r->levels)) == 0)
		return;
	/* What the schema does not want may be bad in itself: a key that
	 * occurs twice, say. */
	(void)wire_cbor_skip(&ahead, &len);
	wire_cursor_fail(&r->c, ahead.c.rc != 0 ? ahead.c.rc : rc);
}

int
wire_cbor_done(const struct wire_cbor *r)
{
	if (r->c.rc != 0)
		return r->c.rc;
	if (r->levels.depth > 0 || wire_cbor_levels_left(&r->levels) > 0)
		return ERR_PEER_TRUNCATED;
	return wire_cursor_done(&r->c);
}
