/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/bak_tar.h"

#include <stdbool.h>
#include <string.h>

void
bak_tar_init(struct bak_tar *t, const struct bak_tar_hooks *hooks)
{
	memset(t, 0, sizeof(*t));
	t->hooks = *hooks;
}

/* Whoever knows a recipient can write a backup: names stay below a folder. */
static bool
safe_name(const char *name)
{
	size_t n;

	for (;; name += n + 1) {
		n = strcspn(name, "/");
		if (n == 0 || (n == 1 && name[0] == '.') ||
		    (n == 2 && name[0] == '.' && name[1] == '.'))
			return false;
		if (name[n] == '\0')
			return true;
	}
}

/* The content is complete, and so is the padding, if there is none. */
static int
content_end(struct bak_tar *t)
{
	t->part = t->pad > 0 ? BAK_TAR_PAD : BAK_TAR_HEADER;
	t->left = t->pad;
	return t->hooks.end(t->hooks.ctx);
}

static int
take_header(struct bak_tar *t)
{
	struct wire_ustar m;
	int rc = wire_ustar_parse(t->block, &m);

	if (rc == ERR_STATE_NOT_FOUND) {
		t->part = BAK_TAR_END;
		return 0;
	}
	if (rc != 0)
		return rc;
	if (!safe_name(m.name))
		return ERR_PEER_NAME;
	t->left = m.size;
	t->pad = wire_ustar_padding(m.size);
	t->part = BAK_TAR_CONTENT;
	if ((rc = t->hooks.begin(t->hooks.ctx, &m)) != 0 || m.size > 0)
		return rc;
	return content_end(t);
}

static int
push_header(struct bak_tar *t, const uint8_t *data, size_t len, size_t *used)
{
	size_t n = WIRE_USTAR_BLOCK - t->have;

	*used = n < len ? n : len;
	memcpy(t->block + t->have, data, *used);
	t->have += *used;
	if (t->have < WIRE_USTAR_BLOCK)
		return 0;
	t->have = 0;
	return take_header(t);
}

static int
push_content(struct bak_tar *t, const uint8_t *data, size_t len, size_t *used)
{
	int rc;

	*used = t->left < len ? (size_t)t->left : len;
	if ((rc = t->hooks.data(t->hooks.ctx, data, *used)) != 0)
		return rc;
	t->left -= *used;
	return t->left == 0 ? content_end(t) : 0;
}

/* Zeroes between members and after the last. */
static int
push_zeroes(struct bak_tar *t, const uint8_t *data, size_t len, size_t *used)
{
	bool pad = t->part == BAK_TAR_PAD;
	size_t i;

	*used = pad && t->left < len ? (size_t)t->left : len;
	for (i = 0; i < *used; i++)
		if (data[i] != 0)
			return ERR_PEER_MALFORMED;
	if (!pad)
		return 0;
	t->left -= *used;
	if (t->left == 0)
		t->part = BAK_TAR_HEADER;
	return 0;
}

int
bak_tar_push(struct bak_tar *t, const uint8_t *data, size_t len)
{
	size_t used;
	int rc = 0;

	while (rc == 0 && len > 0) {
		if (t->part == BAK_TAR_HEADER)
			rc = push_header(t, data, len, &used);
		else if (t->part == BAK_TAR_CONTENT)
			rc = push_content(t, data, len, &used);
		else
			rc = push_zeroes(t, data, len, &used);
		data += used;
		len -= used;
	}
	return rc;
}

int
bak_tar_end(const struct bak_tar *t)
{
	return t->part == BAK_TAR_END ? 0 : ERR_PEER_TRUNCATED;
}
