/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUDIT_PSEUDONYM_INTERNAL_H
#define AUDIT_PSEUDONYM_INTERNAL_H

#include "audit/pseudonym.h"

/* The file: magic, number of the period (big-endian), key. */
#define AUDIT_PSEUDONYM_MAGIC "TPSEUDO1"
enum {
	AUDIT_PSEUDONYM_KEY_LEN = 32,
	AUDIT_PSEUDONYM_FILE_LEN = 8 + 8 + AUDIT_PSEUDONYM_KEY_LEN,
};

struct audit_pseudonym {
	struct audit_pseudonym_opts opts;
	uint64_t period; /* since 1970 */
	uint8_t key[AUDIT_PSEUDONYM_KEY_LEN];
	int unsaved; /* the file has an older key */
};

/** audit_pseudonym_load(p): Read the file.  ERR_STATE_NOT_FOUND. */
MUST_CHECK int audit_pseudonym_load(struct audit_pseudonym *p);

/** audit_pseudonym_save(p): Replace it. */
MUST_CHECK int audit_pseudonym_save(struct audit_pseudonym *p);

#endif
