/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_BAK_NOTE_H
#define TRUSTCHAIN_BAK_NOTE_H

#include "base/err.h"
#include "base/fault.h"
#include "trustchain/bak_out.h"
#include "wire/json.h"

/*
 * <id>.json, beside the backup and readable without its key:
 *
 *	{"id", "created", "version", "size", "sha256", "members", "schema",
 *	 "crl_numbers": {issuer: number}, "log_heads": {shard: checkpoint}}
 */
#define BAK_NOTE_MAX (4U << 20)

struct store_disk;

/**
 * bak_note_database(path, o, f):
 * Add schema and crl_numbers of the database copy ${path} to ${o}.
 */
MUST_CHECK int bak_note_database(const char *path, json_t *o, struct fault *f);

/**
 * bak_note_head(heads, shard, path):
 * Add the checkpoint of the file ${path} to ${heads}; one that cannot be read
 * is left out.
 */
void bak_note_head(json_t *heads, const char *shard, const char *path);

/**
 * bak_note_load(path, ret, f):
 * Read one and check its members that a restore depends on.
 * ERR_STATE_NOT_FOUND, ERR_PEER_*.
 */
MUST_CHECK int bak_note_load(const char *path, json_t **ret, struct fault *f);

#endif
