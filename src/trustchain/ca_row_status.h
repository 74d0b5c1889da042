/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ROW_STATUS_H
#define TRUSTCHAIN_CA_ROW_STATUS_H

#include <stdbool.h>

#include "trustchain/ca_row.h"

/*
 * Rows and answers of the CA's store about revocation (spec sections 8, 11);
 * for times, strings and blobs see ca_row.h.
 */

/* What is known of a serial (spec section 8). */
enum ca_status_kind {
	CA_STATUS_UNKNOWN, /* the issuer never used it, or it is forgotten */
	CA_STATUS_GOOD,
	CA_STATUS_REVOKED,
};

struct ca_status {
	enum ca_status_kind kind;
	int64_t not_after;	    /* unless unknown */
	int64_t revoked_at, reason; /* 0 unless revoked */
};

/* Which certificates a revocation is for: those that have not expired at
 * ${now} and hold the name, or belong to the account of the EAB key. */
struct ca_revoke_match {
	const struct ca_name *name; /* NULL: by eab_kid */
	const char *eab_kid;
	int64_t now;
};

/* One of them, in short. */
struct ca_revoked {
	const char *issuer;
	struct ca_blob serial;
	int64_t revoked_at, reason;
};

/* A revoke-all that two operators have armed (spec section 8). */
struct ca_emergency {
	const char *operation_id; /* 32 hex */
	const char *note;	  /* as signed by both */
	const char *resume_note;  /* NULL: nobody may resume yet */
	struct ca_blob token_hash;
	const char *scope; /* "all" or "issuer:ID" */
	int64_t reason;
	const char *state;  /* armed running done resumed */
	int64_t revoked;    /* certificates swept, once counted */
	const char *counts; /* the same by issuer and profile, JSON */
	int64_t armed_at, not_after, started_at;
	int64_t done_at; /* when the CRLs were published */
};

/* How many certificates of an issuer and profile a sweep is for. */
struct ca_tally {
	const char *issuer, *profile;
	int64_t n;
};

/* Those of epochs above ${above} up to ${epoch}, unexpired at ${now}. */
struct ca_tally_scope {
	const char *issuer;
	int64_t above, epoch, now;
};

/*
 * What belongs on the CRLs of one issuer: all that is revoked, by itself or by
 * a sweep, and had not expired at ${since}.
 */
struct ca_revoked_scan {
	const char *issuer;
	int64_t since;
	/* Called for each, in no order; not 0 ends the scan with that code.
	 * The serial is valid during the call. */
	int (*fn)(void *ctx, int64_t shard, const struct ca_revoked *row);
	void *ctx;
};

/* What is left of a certificate that has expired, strings valid during the
 * call. */
struct ca_expired {
	int64_t id, not_before, not_after;
	bool has_der;
	const char *issuer, *serial /* hex */, *profile, *owner;
	int64_t revoked_at, reason; /* by itself or by a sweep; 0: not */
};

/* A page of an issuer's, by not_after and id; not those that wait (P). */
struct ca_expired_page {
	const char *issuer;
	int64_t after, after_id; /* the last one seen */
	int64_t before;
	int64_t limit;
	void (*fn)(void *ctx, const struct ca_expired *row);
	void *ctx;
};

#endif
