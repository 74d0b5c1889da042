/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CT_PARAMS_H
#define TRUSTCHAIN_CT_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "merkle/vkey.h"
#include "trustchain/ct_period.h"

/*
 * What a shard is, for ever: its file log.json, written once when the shard
 * is made.  The first segment of the write-ahead log is bound to the digest
 * of that file.
 */
struct store_disk;

#define CT_PARAMS_SPKI_MAX 256
#define CT_PARAMS_FILE_MAX 8192
#define CT_PARAMS_MMD_S 60

struct ct_params {
	struct ct_period period;
	char origin[MERKLE_VKEY_NAME_MAX]; /* <base>/<shard>, also the URL */
	uint8_t spki[CT_PARAMS_SPKI_MAX];  /* P-256 log key */
	size_t spki_len;
	uint8_t log_id[32];	 /* SHA-256 of spki */
	struct merkle_vkey note; /* Ed25519 note key */
	uint8_t digest[32];	 /* SHA-256 of log.json; set by parse */
};

/* The keys of a new shard. */
struct ct_params_keys {
	const uint8_t *spki;
	size_t spki_len;
	const uint8_t *note_public; /* 32 octets */
};

/**
 * ct_params_init(ret, base, period, keys):
 * Fill in a new shard of the log server ${base}.  ERR_STATE_CONFIG when base
 * or key do not fit or base is no key name.
 */
MUST_CHECK int ct_params_init(struct ct_params *ret, const char *base,
    const struct ct_period *period, const struct ct_params_keys *keys);

/**
 * ct_params_encode(p, out):
 * Append the content of log.json.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ct_params_encode(const struct ct_params *p, struct buf *out);

/**
 * ct_params_create(disk, dir, p):
 * Make the folder ${dir} of a new shard with all it needs; log.json comes
 * last, so that a shard is there whole or not at all.  ERR_STATE_EXISTS when
 * there is a log.json, errors of the disk.
 */
MUST_CHECK int ct_params_create(
    struct store_disk *disk, const char *dir, const struct ct_params *p);

/**
 * ct_params_parse(data, len, ret):
 * Read log.json and check that name, origin, key and ids belong together.
 * ERR_PEER_MALFORMED, ERR_PEER_MISMATCH.
 */
MUST_CHECK int ct_params_parse(
    const char *data, size_t len, struct ct_params *ret);

/**
 * ct_params_time(unix_ms, ret):
 * Write a time as RFC 3339 with seconds, UTC.
 */
void ct_params_time(int64_t unix_ms, char ret[32]);

#endif
