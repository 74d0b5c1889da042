/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/cosigned.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "merkle/checkpoint.h"
#include "wire/builder.h"
#include "wire/cursor.h"

_Static_assert(MERKLE_COSIGNED_NAME_MAX == MERKLE_CHECKPOINT_ORIGIN_MAX,
    "an origin is a name");

static const char v1_header[] = "cosignature/v1\ntime ";
static const char subtree_label[12] = "subtree/v1\n";

int
merkle_cosigned_init(struct merkle_cosigned *m, enum merkle_sig_type type,
    const char *cosigner, const char *text, size_t len)
{
	struct merkle_checkpoint cp;
	int rc;

	if (type != MERKLE_SIG_COSIGNATURE && type != MERKLE_SIG_COSIGNATURE44)
		return ERR_PEER_UNSUPPORTED;
	if (len > MERKLE_COSIGNED_TEXT_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((rc = merkle_checkpoint_parse(text, len, &cp)) != 0)
		return rc;
	memset(m, 0, sizeof(*m));
	if (base_str_copy(m->cosigner, sizeof(m->cosigner), cosigner) != 0)
		return ERR_PEER_NAME;
	m->type = type;
	m->text = text;
	m->text_len = len;
	m->head = cp.head;
	memcpy(m->origin, cp.origin, sizeof(m->origin));
	return 0;
}

/* opaque<1..2^8-1> */
static void
put_name(struct builder *b, const char *name)
{
	wire_builder_u8(b, (uint8_t)strlen(name));
	wire_builder_str(b, name);
}

void
merkle_cosigned_encode(const struct merkle_cosigned *m, struct builder *b)
{
	char time[24];

	if (m->type == MERKLE_SIG_COSIGNATURE) {
		(void)snprintf(time, sizeof(time), "%llu\n",
		    (unsigned long long)m->timestamp_s);
		wire_builder_str(b, v1_header);
		wire_builder_str(b, time);
		wire_builder_bytes(b, m->text, m->text_len);
		return;
	}
	wire_builder_bytes(b, subtree_label, sizeof(subtree_label));
	put_name(b, m->cosigner);
	wire_builder_u64(b, m->timestamp_s);
	put_name(b, m->origin);
	wire_builder_u64(b, m->start);
	wire_builder_u64(b, m->head.size);
	wire_builder_bytes(b, m->head.root.b, MERKLE_HASH_LEN);
}

static int
parse_v1(const void *data, size_t len, struct merkle_cosigned *m)
{
	const size_t header = sizeof(v1_header) - 1;
	struct merkle_checkpoint cp;
	const char *line;
	struct cursor c;
	size_t n;
	int rc;

	if (len > MERKLE_COSIGNED_MAX)
		return ERR_PEER_TOO_LARGE;
	wire_cursor_init(&c, data, len);
	line = (const char *)wire_cursor_bytes(&c, header);
	if (line == NULL || memcmp(line, v1_header, header) != 0)
		return ERR_PEER_MALFORMED;
	line = (const char *)wire_cursor_line(&c, &n);
	if (line == NULL || base_str_u64(line, n, &m->timestamp_s) != 0)
		return ERR_PEER_MALFORMED;
	m->text = (const char *)c.pos;
	m->text_len = wire_cursor_left(&c);
	if (m->text_len > MERKLE_COSIGNED_TEXT_MAX)
		return ERR_PEER_TOO_LARGE;
	if ((rc = merkle_checkpoint_parse(m->text, m->text_len, &cp)) != 0)
		return rc;
	m->head = cp.head;
	memcpy(m->origin, cp.origin, sizeof(m->origin));
	return 0;
}

static void
take_name(struct cursor *c, char *ret)
{
	struct cursor name = wire_cursor_vec(c, 1, 1, 255);
	size_t n = wire_cursor_left(&name);
	const uint8_t *s = wire_cursor_bytes(&name, n);

	if (s == NULL || n == 0)
		return;
	if (memchr(s, '\0', n) != NULL || memchr(s, '\n', n) != NULL)
		wire_cursor_fail(c, ERR_PEER_MALFORMED);
	memcpy(ret, s, n);
	ret[n] = '\0';
}

static int
parse_subtree(const void *data, size_t len, struct merkle_cosigned *m)
{
	const uint8_t *label;
	struct cursor c;

	wire_cursor_init(&c, data, len);
	label = wire_cursor_bytes(&c, sizeof(subtree_label));
	if (label == NULL || memcmp(label, subtree_label, 12) != 0)
		return ERR_PEER_MALFORMED;
	take_name(&c, m->cosigner);
	m->timestamp_s = wire_cursor_u64(&c);
	take_name(&c, m->origin);
	m->start = wire_cursor_u64(&c);
	m->head.size = wire_cursor_u64(&c);
	wire_cursor_copy(&c, m->head.root.b, MERKLE_HASH_LEN);
	if (wire_cursor_done(&c) != 0 || m->start > m->head.size ||
	    (m->start != 0 && m->timestamp_s != 0))
		return ERR_PEER_MALFORMED;
	return 0;
}

int
merkle_cosigned_parse(enum merkle_sig_type type, const void *data, size_t len,
    struct merkle_cosigned *ret)
{
	struct merkle_cosigned m;
	int rc = ERR_PEER_UNSUPPORTED;

	memset(&m, 0, sizeof(m));
	m.type = type;
	if (type == MERKLE_SIG_COSIGNATURE)
		rc = parse_v1(data, len, &m);
	else if (type == MERKLE_SIG_COSIGNATURE44)
		rc = parse_subtree(data, len, &m);
	if (rc == 0 && m.timestamp_s > INT64_MAX)
		rc = ERR_PEER_MALFORMED;
	if (rc == 0)
		*ret = m;
	return rc;
}
