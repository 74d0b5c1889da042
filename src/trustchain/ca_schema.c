/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/ca_schema.h"

/* Spec section 11.  A time of 0 means "not set". */
static const char version_1[] =
    "CREATE TABLE issuer("
    " id TEXT PRIMARY KEY, cert BLOB, state TEXT NOT NULL,"
    " epoch INTEGER NOT NULL, last_crl_number INTEGER NOT NULL,"
    " last_crl_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE sweep("
    " issuer TEXT NOT NULL REFERENCES issuer(id), epoch INTEGER NOT NULL,"
    " at INTEGER NOT NULL, reason INTEGER NOT NULL, operation_id TEXT,"
    " PRIMARY KEY(issuer, epoch)) STRICT;"

    /* AUTOINCREMENT: an id is a cursor, so it is never used twice. */
    "CREATE TABLE cert("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " issuer TEXT NOT NULL REFERENCES issuer(id), serial BLOB NOT NULL,"
    " epoch INTEGER NOT NULL,"
    " state TEXT NOT NULL CHECK(state IN ('P','I','A')),"
    " profile TEXT, not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,"
    " created INTEGER NOT NULL, shard INTEGER NOT NULL,"
    " spki BLOB, fp BLOB, precert BLOB, final BLOB, scts BLOB,"
    " sct_json TEXT, owner TEXT, order_id TEXT,"
    " revoked_at INTEGER NOT NULL, reason INTEGER NOT NULL,"
    /* In this order it also finds a serial of whatever issuer. */
    " UNIQUE(serial, issuer)) STRICT;"
    "CREATE INDEX cert_fp ON cert(fp) WHERE fp IS NOT NULL;"
    "CREATE INDEX cert_spki ON cert(spki);"
    /* Both hold all that a CRL needs: it is made without reading rows,
     * which are a hundred times as long. */
    "CREATE INDEX cert_live ON cert(issuer, not_after, state, revoked_at,"
    " epoch, profile, shard, reason, serial);"
    "CREATE INDEX cert_revoked ON cert(issuer, not_after, revoked_at, epoch,"
    " shard, reason, serial) WHERE revoked_at>0;"
    "CREATE INDEX cert_pending ON cert(created) WHERE state='P';"
    "CREATE INDEX cert_order ON cert(order_id) WHERE order_id IS NOT NULL;"

    "CREATE TABLE name("
    " kind TEXT NOT NULL, value BLOB NOT NULL,"
    " cert_id INTEGER NOT NULL REFERENCES cert(id) ON DELETE CASCADE,"
    " PRIMARY KEY(kind, value, cert_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX name_cert ON name(cert_id);"

    "CREATE TABLE idem("
    " token TEXT NOT NULL, key TEXT NOT NULL, body_hash BLOB,"
    " cert_id INTEGER NOT NULL REFERENCES cert(id) ON DELETE CASCADE,"
    " expires INTEGER NOT NULL,"
    " PRIMARY KEY(token, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX idem_cert ON idem(cert_id);"
    "CREATE INDEX idem_expires ON idem(expires);"

    "CREATE TABLE token("
    " id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, roles TEXT NOT NULL,"
    " name_scopes TEXT, profiles TEXT, rate_per_min INTEGER NOT NULL,"
    " created INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " revoked_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE eab("
    " kid TEXT PRIMARY KEY, hmac_key BLOB, name_scopes TEXT, profiles TEXT,"
    " preauthorized INTEGER NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, account TEXT,"
    " revoked_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE block("
    " kind TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL, by TEXT,"
    " PRIMARY KEY(kind, value)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE emergency("
    " operation_id TEXT PRIMARY KEY, note TEXT NOT NULL, resume_note TEXT,"
    " token_hash BLOB, scope TEXT NOT NULL, reason INTEGER NOT NULL,"
    " state TEXT NOT NULL"
    " CHECK(state IN ('armed','running','done','resumed')),"
    " revoked INTEGER NOT NULL, counts TEXT, armed_at INTEGER NOT NULL,"
    " not_after INTEGER NOT NULL, started_at INTEGER NOT NULL,"
    " done_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE outbox("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
    " event TEXT NOT NULL, fields TEXT) STRICT;"

    "CREATE TABLE acme_account("
    " id TEXT PRIMARY KEY, rev INTEGER NOT NULL, status TEXT NOT NULL,"
    " thumbprint TEXT NOT NULL UNIQUE, jwk TEXT NOT NULL, contact TEXT,"
    " eab_kid TEXT, created INTEGER NOT NULL) STRICT;"
    "CREATE INDEX acme_account_eab ON acme_account(eab_kid)"
    " WHERE eab_kid IS NOT NULL;"

    "CREATE TABLE acme_limit("
    " kind INTEGER NOT NULL, key TEXT NOT NULL, window INTEGER NOT NULL,"
    " now INTEGER NOT NULL, before INTEGER NOT NULL,"
    " until INTEGER NOT NULL, PRIMARY KEY(kind, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX acme_limit_until ON acme_limit(until);"

    "CREATE TABLE acme_order("
    " id TEXT PRIMARY KEY, rev INTEGER NOT NULL,"
    " account TEXT NOT NULL REFERENCES acme_account(id),"
    " status TEXT NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, identifiers TEXT NOT NULL, authzs TEXT,"
    " profile TEXT, replaces TEXT, error TEXT, cert_id TEXT UNIQUE,"
    " csr BLOB, cert INTEGER NOT NULL) STRICT;"
    "CREATE INDEX acme_order_account ON acme_order(account, created, id);"
    "CREATE INDEX acme_order_expires ON acme_order(expires)"
    " WHERE status<>'valid';"
    "CREATE UNIQUE INDEX acme_order_replaces ON acme_order(replaces)"
    " WHERE replaces IS NOT NULL AND status<>'invalid';"

    "CREATE TABLE acme_authz("
    " id TEXT PRIMARY KEY, rev INTEGER NOT NULL,"
    " account TEXT NOT NULL REFERENCES acme_account(id),"
    " status TEXT NOT NULL, created INTEGER NOT NULL,"
    " expires INTEGER NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL,"
    " wildcard INTEGER NOT NULL, validated INTEGER NOT NULL,"
    " caa_checked INTEGER NOT NULL) STRICT;"
    "CREATE INDEX acme_authz_find ON acme_authz"
    "(account, status, type, value, expires);"
    "CREATE INDEX acme_authz_expires ON acme_authz(expires);"

    "CREATE TABLE acme_order_authz("
    " authz TEXT NOT NULL REFERENCES acme_authz(id) ON DELETE CASCADE,"
    " order_id TEXT NOT NULL REFERENCES acme_order(id) ON DELETE CASCADE,"
    " PRIMARY KEY(authz, order_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX acme_order_authz_order ON acme_order_authz(order_id);"

    "CREATE TABLE acme_challenge("
    " id TEXT PRIMARY KEY, rev INTEGER NOT NULL,"
    " authz TEXT NOT NULL REFERENCES acme_authz(id) ON DELETE CASCADE,"
    " type TEXT NOT NULL, status TEXT NOT NULL, token TEXT NOT NULL,"
    " validated INTEGER NOT NULL, error TEXT) STRICT;"
    "CREATE INDEX acme_challenge_authz ON acme_challenge(authz);";

static const char *const steps[] = { version_1 };

const char *const *
ca_schema_steps(size_t *ret_n)
{
	*ret_n = sizeof(steps) / sizeof(steps[0]);
	return steps;
}
