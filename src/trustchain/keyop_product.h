/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_KEYOP_PRODUCT_H
#define TRUSTCHAIN_KEYOP_PRODUCT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/fault.h"

/*
 * The identity plane's part of a key process: slot kinds, the data that the
 * supervisor hands over for them, and the table for keys/process.h.
 */
struct keys_product;
struct keyop_logs;

/* Kinds of slots; what a note slot signs is fixed by its kind. */
enum keyop_kind {
	KEYOP_KIND_CA = 1,
	KEYOP_KIND_LOG = 2,
	KEYOP_KIND_NOTE_CHECKPOINT = 3,
	KEYOP_KIND_NOTE_LIST = 4,
	KEYOP_KIND_NOTE_AUDIT = 5,
	KEYOP_KIND_SEAL = 6,
	KEYOP_KIND_LOGS = 7,
	KEYOP_KIND_OCSP = 10,
	KEYOP_KIND_WITNESS = 20,
	KEYOP_KIND_WITNESS44 = 21,
};

/* Tags of DATA items. */
enum keyop_tag {
	KEYOP_TAG_CERT = 1,	  /* ca: certificate of the issuer, PEM */
	KEYOP_TAG_MIN_SCTS = 2,	  /* ca: one octet */
	KEYOP_TAG_LIST = 3,	  /* logs: vkey text, NUL, ct_list_pack form */
	KEYOP_TAG_ORIGIN = 4,	  /* log, note: origin */
	KEYOP_TAG_CHECKPOINT = 5, /* log, note audit: published note; after
				   * the origin */
	KEYOP_TAG_PAIR = 6, /* note checkpoint: slot number of the log key */
	KEYOP_TAG_OWN_LIST = 7,	 /* note list: published, ct_list_pack form */
	KEYOP_TAG_NAME = 20,	 /* witness: its name */
	KEYOP_TAG_STOOD_BY = 21, /* witness: a signed checkpoint it stands by */
	/* log on a token, and its note checkpoint: whose key, before all else;
	 * the log.json of the shard, or a SubjectPublicKeyInfo */
	KEYOP_TAG_PARAMS = 22,
	KEYOP_TAG_SPKI = 23,
	KEYOP_TAG_FOREIGN = 24, /* logs: one of ca_log_foreign.h, packed */
};

/**
 * keyop_product_new(ret):
 * Make the table.  ERR_SYS_NOMEM.
 */
MUST_CHECK int keyop_product_new(struct keys_product **ret);

/**
 * keyop_product_free(p):
 * Free it, after the process has ended; NULL is allowed.
 */
void keyop_product_free(struct keys_product *p);

#endif
