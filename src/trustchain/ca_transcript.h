/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TRUSTCHAIN_CA_TRANSCRIPT_H
#define TRUSTCHAIN_CA_TRANSCRIPT_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fault.h"
#include "pki/bytes.h"

/*
 * The transcript of a ceremony (identity.md section 4): JSON lines, each with
 * its number and the SHA-256 of the line before it, without its newline.  What
 * was done is followed by a line with the root's signature, so that the last
 * line is signed and signs all before it.  No files here.
 */
struct ca_transcript;
struct crypto_pkey;

enum {
	CA_TRANSCRIPT_MAX = 4 << 20, /* octets */
	CA_TRANSCRIPT_LINES_MAX = 4096
};

/* Values of "event". */
#define CA_TRANSCRIPT_ROOT "ceremony.root"
#define CA_TRANSCRIPT_SIGNED "ceremony.signed"
#define CA_TRANSCRIPT_CRL "ceremony.crl"
#define CA_TRANSCRIPT_SEAL "transcript.signed"

/**
 * ca_transcript_new(ret), ca_transcript_free(t):
 * Make an empty one, ERR_SYS_NOMEM; free one, NULL is legal.
 */
MUST_CHECK int ca_transcript_new(struct ca_transcript **ret);
void ca_transcript_free(struct ca_transcript *t);

/**
 * ca_transcript_parse(text, len, ret, f):
 * Read a transcript; the chain must hold, and the last line be a signature.
 * ERR_STATE_INTEGRITY with the number of the line that is wrong, or before
 * which one is missing, in ${f}'s message; ERR_SYS_NOMEM.
 */
MUST_CHECK int ca_transcript_parse(
    const char *text, size_t len, struct ca_transcript **ret, struct fault *f);

/**
 * ca_transcript_verify(t, root, f):
 * Verify each signature of ${t} by the key ${root}.  ERR_STATE_INTEGRITY with
 * the line in ${f}'s message.
 */
MUST_CHECK int ca_transcript_verify(const struct ca_transcript *t,
    const struct crypto_pkey *root, struct fault *f);

/**
 * ca_transcript_add(t, event, body):
 * Append what was done: the members of the object ${body}, which is consumed,
 * behind number, link and event.  ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ca_transcript_add(
    struct ca_transcript *t, const char *event, json_t *body);

/**
 * ca_transcript_sign(t, root):
 * Append the signature of the private key ${root} over all lines.
 * ERR_SYS_CRYPTO, ERR_SYS_NOMEM, ERR_SYS_LIMIT.
 */
MUST_CHECK int ca_transcript_sign(
    struct ca_transcript *t, const struct crypto_pkey *root);

/**
 * ca_transcript_count(t), ca_transcript_line(t, i), ca_transcript_text(t):
 * Return the number of lines; line ${i}, from 0; all of them as text.
 */
size_t ca_transcript_count(const struct ca_transcript *t);
const json_t *ca_transcript_line(const struct ca_transcript *t, size_t i);
struct pki_bytes ca_transcript_text(const struct ca_transcript *t);

#endif
