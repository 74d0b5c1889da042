/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_ROW_H
#define TRUSTCHAIN_CA_ROW_H

#include <stddef.h>
#include <stdint.h>

/*
 * The rows of the CA's store (spec section 11).  All times are unix
 * milliseconds, 0 meaning "not set".  Strings and blobs of a row given to the
 * store are copied by it; those of a row read from it live in the caller's
 * arena.  An absent string is NULL, an absent blob has len 0.
 */
struct ca_blob {
	const uint8_t *data;
	size_t len;
};

/* One issuing CA.  epoch grows with every revoke-all (spec section 8). */
struct ca_issuer {
	const char *id;
	struct ca_blob cert; /* DER */
	const char *state;   /* "open" or "halted" */
	int64_t epoch;
	int64_t last_crl_number;
	int64_t last_crl_at; /* thisUpdate of what was published last */
};

/* State of a certificate row: the value stored is the letter. */
enum ca_cert_state {
	CA_CERT_PRECERT = 'P', /* precertificate signed, not yet logged */
	CA_CERT_ISSUED = 'I',
	CA_CERT_ABANDONED = 'A',
};

/* One name of a certificate. */
enum ca_name_kind { CA_NAME_DNS = 'd', CA_NAME_IP = 'i', CA_NAME_URI = 'u' };

struct ca_name {
	int64_t kind; /* enum ca_name_kind */
	/* DNS: text, as in the SAN; IP: 16 octets; URI: text. */
	struct ca_blob value;
};

/* One certificate, from C1 (spec section 5 step 5) on. */
struct ca_cert {
	int64_t id; /* set by the store */
	const char *issuer;
	struct ca_blob serial; /* content octets */
	int64_t epoch;	       /* that of the issuer at admission */
	int64_t state;	       /* enum ca_cert_state */
	const char *profile;
	int64_t not_before, not_after;
	int64_t created;	/* when C1 was asked for */
	int64_t shard;		/* CRL shard */
	struct ca_blob spki;	/* SHA-256 of the SubjectPublicKeyInfo */
	struct ca_blob fp;	/* SHA-256 of the final certificate */
	struct ca_blob precert; /* DER */
	struct ca_blob final;	/* DER */
	struct ca_blob scts;	/* the SCT list as embedded */
	const char *sct_json;	/* the "scts" array of the 201 body */
	const char *owner;    /* "token:ID", "acct:ID", "mtls:SAN", "system" */
	const char *order_id; /* ACME order, or NULL */
	/* When read: the earlier of its own revocation and of a sweep. */
	int64_t revoked_at, reason;
};

/* What an Idempotency-Key stands for; kept per token. */
struct ca_idem {
	const char *token; /* owner as in struct ca_cert */
	const char *key;
	struct ca_blob body_hash;
	int64_t cert_id; /* 0: the certificate put by the same batch */
	int64_t expires;
	int64_t now; /* not stored: replaces an entry expired by then */
};

/* A REST bearer token: only its hash is kept. */
struct ca_token {
	const char *id;
	struct ca_blob hash;	 /* SHA-256 of the 32 octets */
	const char *roles;	 /* comma separated */
	const char *name_scopes; /* JSON array */
	const char *profiles;	 /* comma separated, empty = all */
	int64_t rate_per_min;
	int64_t created, expires, revoked_at;
};

/* An external account binding key (RFC 8555 section 7.3.4). */
struct ca_eab {
	const char *kid;
	struct ca_blob hmac_key; /* wiped when bound or revoked */
	const char *name_scopes; /* JSON array */
	const char *profiles;	 /* comma separated, empty = all */
	int64_t preauthorized;
	int64_t created, expires;
	const char *account; /* that it is bound to, or NULL */
	int64_t revoked_at;
};

/* How often something was charged to a key of an ACME limit (acme/limit.h). */
struct ca_limit {
	int64_t kind; /* enum acme_limit_kind */
	const char *key;
	int64_t window; /* number of the window that now counts */
	int64_t now, before;
	int64_t until; /* of no use from then on */
};

/* A refused name, key (SPKI hash in hex) or EAB key id. */
struct ca_block {
	const char *kind; /* "name", "spki", "eab" */
	const char *value;
	int64_t at;
	const char *by;
};

/* One audit event waiting to be in the audit log. */
struct ca_outbox {
	int64_t seq; /* set by the store; strictly increasing, never reused */
	int64_t at;
	const char *event;  /* e.g. "cert.issued" */
	const char *fields; /* JSON object */
};

/*
 * ACME objects (RFC 8555 section 7.1).  rev is for optimistic locking: a row
 * put with rev 0 is new and stored as rev 1; otherwise it replaces the stored
 * row of that rev, and the stored rev grows by one.  If another writer was
 * faster the batch fails with ERR_STATE_CONFLICT: read again and decide again.
 */
struct ca_acme_account {
	const char *id;
	int64_t rev;
	const char *status;	/* valid deactivated revoked */
	const char *thumbprint; /* RFC 7638, base64url; unique */
	const char *jwk;	/* JSON */
	const char *contact;	/* JSON array */
	const char *eab_kid;
	int64_t created;
};

struct ca_acme_order {
	const char *id;
	int64_t rev;
	const char *account;
	const char *status; /* pending ready processing valid invalid */
	int64_t created, expires;
	const char *identifiers; /* JSON array of {type, value} */
	const char *authzs;	 /* comma separated ids, in order */
	const char *profile;
	const char *replaces; /* ARI certid, unique among living orders */
	const char *error;    /* problem JSON */
	const char *cert_id;  /* id in /cert/{id}: chosen with the order */
	struct ca_blob csr;   /* DER, set by finalize */
	int64_t cert;	      /* row id, set by C2 */
};

struct ca_acme_authz {
	const char *id;
	int64_t rev;
	const char *account;
	const char
	    *status; /* pending valid invalid deactivated expired revoked */
	int64_t created, expires;
	const char *type, *value; /* identifier */
	int64_t wildcard;
	int64_t validated;
	int64_t caa_checked;
};

struct ca_acme_challenge {
	const char *id;
	int64_t rev;
	const char *authz;
	const char *type;   /* http-01 ... */
	const char *status; /* pending processing valid invalid */
	const char *token;
	int64_t validated;
	const char *error; /* problem JSON */
};

#endif
