/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_CEREMONY_INTERNAL_H
#define TRUSTCHAIN_CA_CEREMONY_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "pki/bytes.h"
#include "trustchain/ca_ceremony.h"

struct ca_transcript;
struct crypto_pkey;
struct crypto_shamir_share;
struct pki_cert;
struct store_disk;
struct store_lock;

enum { CA_CEREMONY_PATH_MAX = 4096, CA_CEREMONY_FILE_MAX = 1 << 20 };

/*
 * For the usage text: --root is a flag of every command, and its folder is
 * this one's.
 */
#define CA_CEREMONY_ROOT_OPTION                                                \
	{                                                                      \
		"root", OPS_CLI_VALUE,                                         \
		    offsetof(struct ca_ceremony_opts, root), "DIR",            \
		    "folder of the ceremony"                                   \
	}

#define CA_CEREMONY_KEY "root-ca.key"
#define CA_CEREMONY_PASS "root-ca.pass"
#define CA_CEREMONY_CERT "root-ca.crt"
#define CA_CEREMONY_CRL "root-ca.crl"
#define CA_CEREMONY_TRANSCRIPT "transcript.jsonl"

/* A ceremony at work in its folder. */
struct ca_ceremony {
	const struct ca_ceremony_opts *o;
	const char *dir;
	struct store_disk *disk;
	struct store_lock *lock;
	struct ca_transcript *t;
	struct pki_cert *cert;	 /* the root's */
	struct crypto_pkey *key; /* and its private key */
	int64_t now_ms;
	json_t *inputs, *outputs; /* of the line that is to come */
};

/**
 * ca_ceremony_begin(c, o, dir, f), ca_ceremony_end(c):
 * Lock the folder, which exists; give back all that ${c} holds and wipe the
 * key.  ERR_STATE_CONFLICT when another ceremony is at work there.
 */
MUST_CHECK int ca_ceremony_begin(struct ca_ceremony *c,
    const struct ca_ceremony_opts *o, const char *dir, struct fault *f);
void ca_ceremony_end(struct ca_ceremony *c);

/**
 * ca_ceremony_open(c, path, f):
 * Load and verify the transcript, ${path} or that of the folder, and the
 * root's certificate.
 * ca_ceremony_unlock(c, f):
 * Open the root's key, by its pass file or by the keyholders' shares.
 */
MUST_CHECK int ca_ceremony_open(
    struct ca_ceremony *c, const char *path, struct fault *f);
MUST_CHECK int ca_ceremony_unlock(struct ca_ceremony *c, struct fault *f);

/**
 * ca_ceremony_path(c, name, out, f):
 * Write the path of a file of the folder, CA_CEREMONY_PATH_MAX bytes.
 */
MUST_CHECK int ca_ceremony_path(
    const struct ca_ceremony *c, const char *name, char *out, struct fault *f);

/**
 * ca_ceremony_note(list, name, data):
 * Add a file to the inputs or outputs of the next line.  ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_ceremony_note(
    json_t *list, const char *name, struct pki_bytes data);

/**
 * ca_ceremony_record(c, event, parameters, f):
 * Append the line of ${event} and the root's signature, durably; what was
 * noted goes into it.  ${parameters} is consumed.
 */
MUST_CHECK int ca_ceremony_record(struct ca_ceremony *c, const char *event,
    json_t *parameters, struct fault *f);

/**
 * ca_ceremony_save(c, name, data, mode, f):
 * Make a file of the folder durable.
 */
MUST_CHECK int ca_ceremony_save(struct ca_ceremony *c, const char *name,
    struct pki_bytes data, unsigned mode, struct fault *f);

/**
 * ca_ceremony_pem(cert, out):
 * Append ${cert} as PEM.
 */
MUST_CHECK int ca_ceremony_pem(const struct pki_cert *cert, struct buf *out);

/**
 * ca_ceremony_ask_operators(o):
 * Return the names of who is there, as typed: those of --operator, or asked
 * for on a terminal.  NULL without memory.
 * ca_ceremony_ask_shares(from, n, ret, f):
 * Read ${n} shares from the file ${from} or, when it is NULL, from standard
 * input; on a terminal without echo, and again after a slip.
 */
json_t *ca_ceremony_ask_operators(const struct ca_ceremony_opts *o);
MUST_CHECK int ca_ceremony_ask_shares(const char *from, unsigned n,
    struct crypto_shamir_share *ret, struct fault *f);

/* "sha256:", 64 digits and a zero. */
enum { CA_CEREMONY_DIGEST_MAX = 72 };

/** ca_ceremony_digest_text(data, out): write "sha256:<hex>". */
void ca_ceremony_digest_text(
    struct pki_bytes data, char out[CA_CEREMONY_DIGEST_MAX]);

/**
 * ca_ceremony_fail(f, rc):
 * Say what went wrong; return the exit code.
 */
int ca_ceremony_fail(const struct fault *f, int rc);

#endif
