/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "keys/bundle.h"
#include "keys/key_internal.h"
#include "keys/load_internal.h"
#include "keys/place_internal.h"
#include "keys/process_internal.h"

static struct keys_slot *
slot_at(struct keys_process *p, unsigned index)
{
	return p->place[index] == NULL ? NULL : &p->place[index]->slot;
}

static int
declare(struct keys_process *p, const struct keys_bundle_item *item)
{
	char name[KEYS_SLOT_NAME_MAX + 1];
	struct keys_slot *slot;
	uint32_t rate;
	int rc;

	rc = keys_bundle_slot_parse(item, &rate, name);
	if (rc == 0)
		rc = keys_slot_add(p, item->slot, &slot);
	if (rc != 0)
		return rc;
	slot->kind = item->tag;
	memcpy(slot->name, name, sizeof(name));
	keys_limit_init(&p->place[item->slot]->limit, rate);
	return 0;
}

static void
note(struct keys_found *found, const struct keys_bundle_item *item)
{
	switch (item->type) {
	case KEYS_BUNDLE_KEY:
		found->key = item->data;
		found->key_len = item->len;
		break;
	case KEYS_BUNDLE_PASS:
		found->pass = item->data;
		found->pass_len = item->len;
		break;
	case KEYS_BUNDLE_URI:
		found->uri = item->data;
		found->uri_len = item->len;
		break;
	case KEYS_BUNDLE_DEVICE:
		found->device = item->data;
		found->device_len = item->len;
		break;
	case KEYS_BUNDLE_MAKE:
		found->make = true;
		found->make_type = item->tag;
		break;
	default:
		break;
	}
}

/* Declare the slots and note where each one's key material is. */
static int
scan(struct keys_process *p, const struct keys_bytes *b,
    struct keys_found *found)
{
	struct keys_bundle_item item;
	size_t pos = 0;
	int rc;

	for (;;) {
		rc = keys_bundle_next(b->data, b->len, &pos, &item);
		if (rc != 0 || item.type == KEYS_BUNDLE_END)
			return rc;
		if (item.type == KEYS_BUNDLE_SLOT) {
			rc = declare(p, &item);
			if (rc != 0)
				return rc;
			continue;
		}
		if (slot_at(p, item.slot) == NULL)
			return ERR_PEER_MALFORMED;
		note(&found[item.slot], &item);
	}
}

static int
hand_over(
    struct keys_process *p, const struct keys_bytes *b, struct fault *f)
{
	const struct keys_product *product = p->product;
	struct keys_bundle_item item;
	struct keys_slot *slot;
	size_t pos = 0;
	int rc;

	for (;;) {
		rc = keys_bundle_next(b->data, b->len, &pos, &item);
		if (rc != 0 || item.type == KEYS_BUNDLE_END)
			break;
		if (item.type != KEYS_BUNDLE_DATA)
			continue;
		slot = slot_at(p, item.slot);
		if (product->data == NULL || slot == NULL)
			return base_fault_set(
			    f, ERR_PEER_MALFORMED, "data for nobody");
		rc = product->data(p, slot, &item, f);
		if (rc != 0)
			return rc;
	}
	if (rc == 0 && product->ready != NULL)
		rc = product->ready(p, f);
	return rc;
}

int
keys_process_load(
    struct keys_process *p, const struct keys_bytes *bundle, struct fault *f)
{
	struct keys_found *found = calloc(KEYS_SLOTS_MAX, sizeof(*found));
	int rc;

	if (found == NULL)
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	rc = scan(p, bundle, found);
	if (rc != 0)
		base_fault_set(f, rc, "bad bundle: %s", base_err_text(rc));
	if (rc == 0)
		rc = keys_process_open(p, found, f);
	if (rc == 0)
		rc = hand_over(p, bundle, f);
	free(found);
	return rc;
}
