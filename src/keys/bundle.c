/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/bundle.h"

#include <string.h>

#include "base/buf.h"
#include "wire/builder.h"
#include "wire/cursor.h"

#define MAGIC "TKB1"
#define MAGIC_LEN 4
#define HEAD_LEN 7

int
keys_bundle_begin(struct buf *b)
{
	base_buf_init(b, KEYS_BUNDLE_MAX);
	return base_buf_append(b, MAGIC, MAGIC_LEN);
}

int
keys_bundle_add(struct buf *b, const struct keys_bundle_item *item)
{
	uint8_t head[HEAD_LEN];
	struct builder w;
	int rc;

	if (item->len > KEYS_BUNDLE_MAX)
		return ERR_SYS_LIMIT;
	wire_builder_init(&w, head, sizeof(head));
	wire_builder_u8(&w, item->type);
	wire_builder_u8(&w, item->slot);
	wire_builder_u8(&w, item->tag);
	wire_builder_u32(&w, (uint32_t)item->len);
	rc = base_buf_append(b, head, sizeof(head));
	if (rc == 0)
		rc = base_buf_append(b, item->data, item->len);
	return rc;
}

int
keys_bundle_slot(
    struct buf *b, uint8_t slot, uint8_t kind, uint32_t rate, const char *name)
{
	uint8_t data[4 + KEYS_SLOT_NAME_MAX];
	struct keys_bundle_item item = { KEYS_BUNDLE_SLOT, slot, kind, data,
		0 };
	struct builder w;
	int rc;

	wire_builder_init(&w, data, sizeof(data));
	wire_builder_u32(&w, rate);
	wire_builder_str(&w, name);
	rc = wire_builder_done(&w, &item.len);
	if (rc != 0)
		return rc;
	return keys_bundle_add(b, &item);
}

int
keys_bundle_slot_parse(
    const struct keys_bundle_item *item, uint32_t *ret_rate, char *ret_name)
{
	const uint8_t *name;
	struct cursor c;
	uint32_t rate;
	size_t len;

	wire_cursor_init(&c, item->data, item->len);
	rate = wire_cursor_u32(&c);
	len = wire_cursor_left(&c);
	name = wire_cursor_bytes(&c, len);
	if (c.rc != 0 || len > KEYS_SLOT_NAME_MAX)
		return ERR_PEER_MALFORMED;
	memcpy(ret_name, name, len);
	ret_name[len] = '\0';
	*ret_rate = rate;
	return 0;
}

int
keys_bundle_end(struct buf *b)
{
	struct keys_bundle_item item = { KEYS_BUNDLE_END, 0, 0, NULL, 0 };

	return keys_bundle_add(b, &item);
}

int
keys_bundle_next(
    const uint8_t *data, size_t len, size_t *pos, struct keys_bundle_item *ret)
{
	struct keys_bundle_item item;
	struct cursor c;
	const uint8_t *magic;

	if (*pos > len)
		return ERR_PEER_TRUNCATED;
	wire_cursor_init(&c, data + *pos, len - *pos);
	if (*pos == 0) {
		magic = wire_cursor_bytes(&c, MAGIC_LEN);
		if (magic != NULL && memcmp(magic, MAGIC, MAGIC_LEN) != 0)
			return ERR_PEER_MALFORMED;
	}
	item.type = wire_cursor_u8(&c);
	item.slot = wire_cursor_u8(&c);
	item.tag = wire_cursor_u8(&c);
	item.len = wire_cursor_u32(&c);
	item.data = wire_cursor_bytes(&c, item.len);
	if (c.rc != 0)
		return c.rc;
	if (item.type > KEYS_BUNDLE_PATH || item.slot >= KEYS_SLOTS_MAX)
		return ERR_PEER_MALFORMED;
	if (item.type == KEYS_BUNDLE_END) {
		if (item.len != 0)
			return ERR_PEER_MALFORMED;
		if (wire_cursor_left(&c) != 0)
			return ERR_PEER_TRAILING;
	}
	*pos = len - wire_cursor_left(&c);
	*ret = item;
	return 0;
}
