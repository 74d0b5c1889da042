/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_BUNDLE_H
#define KEYS_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "keys/max.h"

struct buf;

/*
 * What the supervisor hands to a fresh key process over a pipe: encrypted key
 * files, passphrases, and the product's own data (issuer certificates, log
 * lists, checkpoints), unparsed.  Slots are numbered from 0 in the order of
 * keys_bundle_slot.
 *
 *   "TKB1", then items: 0/1 type, 1/1 slot, 2/1 tag, 3/4 length, 7 data
 */
#define KEYS_BUNDLE_MAX ((size_t)64 << 20)
#define KEYS_BUNDLE_EMPTY 4 /* bytes, when nothing was added */
enum keys_bundle_type {
	KEYS_BUNDLE_END = 0,
	KEYS_BUNDLE_SLOT = 1, /* tag = kind; u32 rate per second, then name */
	KEYS_BUNDLE_KEY = 2,  /* encrypted PKCS #8, PEM or DER */
	KEYS_BUNDLE_PASS = 3, /* its passphrase */
	KEYS_BUNDLE_MAKE = 4, /* tag = enum crypto_key_type: no file yet */
	KEYS_BUNDLE_DATA = 5, /* tag and content are the product's */
	KEYS_BUNDLE_URI = 6,	/* not KEY: the device's; PASS is its PIN */
	KEYS_BUNDLE_DEVICE = 7, /* PKCS #11 module, or the TPM's TCTI */
	KEYS_BUNDLE_PATH = 8,	/* a path that the device needs, writable */
};

struct keys_bundle_item {
	uint8_t type;
	uint8_t slot;
	uint8_t tag;
	const uint8_t *data;
	size_t len;
};

/**
 * keys_bundle_begin(b):
 * Make ${b} an empty bundle.  Free it with base_buf_free, which wipes it.
 * This and the functions below fail with ERR_SYS_NOMEM or ERR_SYS_LIMIT.
 */
MUST_CHECK int keys_bundle_begin(struct buf *b);

/**
 * keys_bundle_slot(b, slot, kind, rate, name):
 * Declare slot ${slot}, of the product's ${kind}, limited to ${rate}
 * operations a second (0: no limit), under ${name} for logs.
 */
MUST_CHECK int keys_bundle_slot(
    struct buf *b, uint8_t slot, uint8_t kind, uint32_t rate, const char *name);

/**
 * keys_bundle_slot_parse(item, ret_rate, ret_name):
 * Read what keys_bundle_slot wrote.  ERR_PEER_MALFORMED.
 */
MUST_CHECK int keys_bundle_slot_parse(
    const struct keys_bundle_item *item, uint32_t *ret_rate, char *ret_name);

/**
 * keys_bundle_add(b, item):
 * Append an item of a slot.
 */
MUST_CHECK int keys_bundle_add(
    struct buf *b, const struct keys_bundle_item *item);

/**
 * keys_bundle_end(b):
 * Append the end mark.
 */
MUST_CHECK int keys_bundle_end(struct buf *b);

/**
 * keys_bundle_next(data, len, pos, ret):
 * Read the item at offset *${pos} (0 at first) and advance.  At the end mark
 * ${ret}->type is KEYS_BUNDLE_END.  ERR_PEER_MALFORMED, ERR_PEER_TRUNCATED,
 * ERR_PEER_TRAILING.
 */
MUST_CHECK int keys_bundle_next(
    const uint8_t *data, size_t len, size_t *pos, struct keys_bundle_item *ret);

#endif
